#!/usr/bin/env bash
# ./run.sh [PYTHON]: on a machine with PyTorch (its Python is python3 unless named) and g++, builds the shim against PyTorch's libtorch, then runs doctor, the GPU tests
# and the step benchmark, and prints a Markdown table. Without a GPU the same goes over the CPU, at sizes that a CPU bears, to try the kit itself.
set -euo pipefail
kit=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
cd -- "$kit"
python=$(command -v -- "${1:-python3}") || { echo "no ${1:-python3} here: name the Python that has PyTorch, ./run.sh PYTHON" >&2; exit 2; }

facts=$("$python" - <<'PY'
import os, re, torch
from torch.utils import cpp_extension
folder = os.path.dirname(torch.__file__)
version = tuple(int(n) for n in re.match(r'(\d+)\.(\d+)', torch.__version__).groups())
print('version=%s' % torch.__version__)
print('standard=%d' % (20 if version >= (2, 9) else 17))
print('abi=%d' % torch._C._GLIBCXX_USE_CXX11_ABI)
print('includes=(%s)' % ' '.join("'%s'" % path for path in cpp_extension.include_paths()))
print("libraries='%s/lib'" % folder)
print('cuda=%d' % torch.cuda.is_available())
print("device='%s'" % (torch.cuda.get_device_name() if torch.cuda.is_available() else 'no GPU'))
PY
) || { echo "$python has no PyTorch that imports" >&2; exit 2; }
eval "$facts"

echo "Building the shim against PyTorch $version ..." >&2
links=(-ltorch -ltorch_cpu -lc10)
# torch_cuda registers its kernels when it is loaded, though the shim names none of its symbols.
[[ -e $libraries/libtorch_cuda.so ]] && links+=(-ltorch_cuda)
g++ -std=c++"$standard" -O2 -shared -fPIC -fopenmp -fvisibility=hidden -D_GLIBCXX_USE_CXX11_ABI="$abi" "${includes[@]/#/-isystem}" native/*.cpp \
  -L"$libraries" -Wl,--no-as-needed "${links[@]}" -ldl -Wl,-rpath,"$libraries" -o bin/libdatassl_torch.so

export DATASSL_PYTHON=$python
# Both programs are published for a machine without .NET; ICU may be missing too.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
bin/datassl doctor >&2
if ((cuda)); then
  bin/datassl-gpu-tests >&2
  target=cuda works=('DataResNet 224 32' 'DataResNet 224 128' 'Small32 32 512')
else
  DATASSL_TEST_DEVICE=cpu bin/datassl-gpu-tests >&2
  target=cpu works=('Small32 32 32')
fi

echo "$device, PyTorch $version, $(date +%F), commit $(<commit); median of ${STEPS:-11} training steps, bfloat16; times as fast as each:"
echo
echo "| space, size, batch | released | best effort | static |"
echo "|---|---|---|---|"
for work in "${works[@]}"; do
  read -r space size batch <<<"$work"
  json=$(bin/datassl bench step --device "$target" --space "$space" --size "$size" --batch "$batch" --steps "${STEPS:-11}" --json)
  "$python" - "$work" "$json" <<'PY'
import json, sys
ratios = json.loads(sys.argv[2])['ratios']
print('| %s | %s |' % (', '.join(sys.argv[1].split()), ' | '.join('%.2f' % ratios[name] for name in ('released', 'bestEffort', 'static'))))
PY
done
