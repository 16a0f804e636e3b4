#!/usr/bin/env bash
# ./run.sh [PYTHON]: on a machine with PyTorch 2.10 or later (its Python is python3 unless named), runs our program on PyTorch's own libtorch: doctor, the GPU tests and the step benchmark
# against PyTorch, and prints a Markdown table. Without a GPU the same goes over the CPU, at sizes that a CPU bears, to try the kit itself.
set -euo pipefail
kit=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
cd -- "$kit"
python=$(command -v -- "${1:-python3}") || { echo "no ${1:-python3} here: name the Python that has PyTorch, ./run.sh PYTHON" >&2; exit 2; }

facts=$("$python" - <<'PY'
import os, torch
print('version=%s' % torch.__version__)
print("libraries='%s/lib'" % os.path.dirname(torch.__file__))
print('cuda=%d' % torch.cuda.is_available())
print("device='%s'" % (torch.cuda.get_device_name() if torch.cuda.is_available() else 'no GPU'))
PY
) || { echo "$python has no PyTorch that imports" >&2; exit 2; }
eval "$facts"

# TorchSharp's native library was built against libtorch 2.10: what it calls must still be there.
"$python" undefined.py bin/libLibTorchSharp.so "$libraries" >&2 || { echo "PyTorch $version has not all that TorchSharp 0.107 calls; PyTorch 2.10 has" >&2; exit 2; }

# Ours, on PyTorch's libtorch. That of CUDA registers its kernels when it is loaded, and nothing else would load it before TorchSharp asks whether there is a GPU.
ours() {
  local program=bin/$1
  shift
  (
    export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    [[ ! -e $libraries/libtorch_cuda.so ]] || export LD_PRELOAD="$libraries/libtorch_cuda.so${LD_PRELOAD:+:$LD_PRELOAD}"
    exec "$program" "$@"
  )
}

export DATASSL_PYTHON=$python
# Both programs are published for a machine without .NET; ICU may be missing too.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
ours datassl doctor >&2
if ((cuda)); then
  ours datassl-gpu-tests >&2
  target=cuda works=('DataResNet 224 32' 'DataResNet 224 128' 'Small32 32 512')
else
  DATASSL_TEST_DEVICE=cpu ours datassl-gpu-tests >&2
  target=cpu works=('Small32 32 32')
fi

echo "$device, PyTorch $version, $(date +%F), commit $(<commit); median of ${STEPS:-11} training steps, bfloat16; times as fast as each:"
echo
echo "| space, size, batch | TorchSharp | static | released | PyTorch | static | released |"
echo "|---|---|---|---|---|---|---|"
for work in "${works[@]}"; do
  read -r space size batch <<<"$work"
  json=$(ours datassl bench step --device "$target" --space "$space" --size "$size" --batch "$batch" --steps "${STEPS:-11}" --json)
  "$python" - "$work" "$json" <<'PY'
import json, sys
ratios = json.loads(sys.argv[2])['ratios']
print('| %s | %s |' % (', '.join(sys.argv[1].split()), ' | '.join('%.2f' % ratios[name] for name in ('torchsharp', 'torchsharp-static', 'torchsharp-released', 'pytorch', 'pytorch-static', 'pytorch-released'))))
PY
done
