#!/usr/bin/env bash
# eng/pack.sh FOLDER [ARGUMENT ...]: the packages, and beside them datassl.cdx.json, which names all that they stand on, with hashes (CycloneDX). Arguments go to 'dotnet pack'.
set -euo pipefail
root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
(($# > 0)) || { echo "usage: eng/pack.sh FOLDER [ARGUMENT ...]" >&2; exit 2; }
mkdir -p -- "$1"
folder=$(readlink -f -- "$1")
shift
cd -- "$root"
for folder_of in src/{Spaces,Generator,Torch,Runtime,Dense,Search,Cli} samples/Demo; do dotnet pack "$folder_of" -c Release -o "$folder" "$@"; done
version=$(dotnet msbuild src/Cli -getProperty:Version)
dotnet tool restore
dotnet CycloneDX src/Cli/Cli.csproj -o "$folder" -fn datassl.cdx.json -F Json --disable-package-restore --set-name DataSsl --set-version "$version" --set-type Library
