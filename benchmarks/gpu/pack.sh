#!/usr/bin/env bash
# benchmarks/gpu/pack.sh [FILE]: makes the GPU kit, one archive (default: artifacts/gpu-kit.tar.xz) for a machine that has PyTorch with CUDA but neither .NET nor this checkout.
# Unpack it there and start ./run.sh.
set -euo pipefail
root=$(readlink -f -- "$(dirname -- "${BASH_SOURCE[0]}")/../..")
# shellcheck source=eng/build.sh
source "$root/eng/build.sh"
file=$(realpath -m -- "${1:-$root/artifacts/gpu-kit.tar.xz}")
require_dotnet
dotnet_environment

kit=$(mktemp -d)
trap 'rm -rf -- "$kit"' EXIT
cd -- "$root"
# One folder for all programs: they share the runtime, which is most of what there is. No libtorch: that is PyTorch's, over there.
for project in src/Cli benchmarks/Peers tests/Gpu.Tests; do
  say "Publishing $project ..."
  quietly dotnet publish "$project" -c Release -r linux-x64 --self-contained --disable-build-servers -p:TorchBackend=none -p:DebugType=none -p:SatelliteResourceLanguages=en -o "$kit/bin" ||
    fail "$project does not publish."
done
# The benches are a library that the command loads: what it stands on is there already.
quietly dotnet build benchmarks/Bench -c Release --disable-build-servers || fail "benchmarks/Bench does not build."
cp -- artifacts/bin/Bench/release/datassl-bench.dll "$kit/bin/"
# Nor OpenCV and the weights of ImageNet, which are half of the rest: nothing there reads a picture.
rm -- "$kit/bin/libOpenCvSharpExtern.so" "$kit/bin/imagenet-resnet18.onnx"
mkdir -p -- "$kit/benchmarks/Peers" "$(dirname -- "$file")"
cp -r -- benchmarks/Peers/PyTorch "$kit/benchmarks/Peers/PyTorch"
cp -- benchmarks/gpu/run.sh benchmarks/gpu/undefined.py "$kit/"
git rev-parse --short HEAD >"$kit/commit" 2>/dev/null || echo unknown >"$kit/commit"
tar -C "$kit" -c . | xz -T0 --x86 --lzma2=preset=6,dict=64MiB >"$file.partial"
mv -f -- "$file.partial" "$file"

mebibytes=$(($(stat -c %s -- "$file") / 1048576))
echo "$file: $mebibytes MiB"
((mebibytes < 60)) || fail "The kit is to stay under 60 MiB."
