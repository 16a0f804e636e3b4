#!/usr/bin/env bash
# Prints the folder of onnxruntime-node, the ONNX Runtime that tests and 'bench infer' run models with; installs it under artifacts/ at the first time.
set -euo pipefail
version=1.30.0
folder=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../artifacts/onnxruntime-node-$version

if [[ ! -d $folder ]]; then
  command -v npm >/dev/null || { echo "npm is not installed" >&2; exit 1; }
  mkdir -p "$(dirname -- "$folder")"
  fresh=$(mktemp -d "$folder.XXXXXX")
  trap 'rm -rf -- "$fresh"' EXIT
  # Its install script would fetch CUDA's libraries; the CPU's are in the package, with those of other systems, which would take 250 MB.
  (cd -- "$fresh" && npm install --ignore-scripts --no-audit --no-fund --no-save --loglevel=error --fetch-retries=1 "onnxruntime-node@$version" >&2)
  for other in darwin win32; do rm -rf -- "$fresh"/node_modules/onnxruntime-node/bin/napi-v*/"$other"; done
  # Of two that install at once the first wins.
  mv -T -- "$fresh" "$folder" 2>/dev/null || [[ -d $folder ]]
fi
readlink -f -- "$folder"
