#!/usr/bin/env bash
# eng/pack.sh FOLDER [ARGUMENT ...]: every package, and beside them datassl.cdx.json, which names all that they stand on, with hashes (CycloneDX). Arguments go to 'dotnet pack':
# -p:ToolSystems=linux-x64%3Bwin-x64 where the command is packed on more systems than this one.
set -euo pipefail
root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
(($# > 0)) || { echo "usage: eng/pack.sh FOLDER [ARGUMENT ...]" >&2; exit 2; }
mkdir -p -- "$1"
folder=$(readlink -f -- "$1")
shift
cd -- "$root"
dotnet pack eng/Packages.proj -c Release -o "$folder" "$@"
version=$(dotnet msbuild src/Cli -getProperty:Version)
dotnet tool restore
dotnet CycloneDX src/Cli/Cli.csproj -o "$folder" -fn datassl.cdx.json -F Json --disable-package-restore --set-name DataSsl --set-version "$version" --set-type Library
