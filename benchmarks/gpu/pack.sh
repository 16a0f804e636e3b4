#!/usr/bin/env bash
# benchmarks/gpu/pack.sh [FILE]: makes the GPU kit, one archive (default: artifacts/gpu-kit.tar.xz) for a machine that has PyTorch and g++ but neither .NET nor this checkout.
# Unpack it there and start ./run.sh.
set -euo pipefail
root=$(readlink -f -- "$(dirname -- "${BASH_SOURCE[0]}")/../..")
# shellcheck source=eng/setup.sh
source "$root/eng/setup.sh"
file=$(realpath -m -- "${1:-$root/artifacts/gpu-kit.tar.xz}")
require_packages "${product_packages[@]}" xz-utils
require_dotnet
dotnet_environment

kit=$(mktemp -d)
trap 'rm -rf -- "$kit"' EXIT
cd -- "$root"
# One folder for both programs: they share the runtime, which is most of what there is.
for project in src/Cli tests/Gpu.Tests; do
  say "Publishing $project ..."
  quietly dotnet publish "$project" -c Release -r linux-x64 --self-contained --disable-build-servers -p:DebugType=none -p:SatelliteResourceLanguages=en -o "$kit/bin"
done
# It is of this machine's libtorch; the other machine builds its own.
rm -f -- "$kit/bin/libdatassl_torch.so"
cp -r -- src/Torch/native "$kit/native"
mkdir -p -- "$kit/benchmarks" "$(dirname -- "$file")"
cp -r -- benchmarks/peers "$kit/benchmarks/peers"
cp -- benchmarks/gpu/run.sh "$kit/run.sh"
git rev-parse --short HEAD >"$kit/commit" 2>/dev/null || echo unknown >"$kit/commit"
tar -C "$kit" -c . | xz -T0 -6 >"$file.partial"
mv -f -- "$file.partial" "$file"

mebibytes=$(($(stat -c %s -- "$file") / 1048576))
echo "$file: $mebibytes MiB"
((mebibytes < 60)) || fail "The kit is to stay under 60 MiB."
