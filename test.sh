#!/usr/bin/env bash
# ./test.sh [ARGUMENT ...]: builds with warnings as errors and runs every test; arguments go to 'dotnet test', e.g. --filter NAME, and the environment to the tests:
# ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 ./test.sh tries them as an older processor would.
# Ends with one line: "N passed, N failed".
set -euo pipefail
root=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=eng/build.sh
source "$root/eng/build.sh"

build all DataSsl.Gen.sln -warnaserror
dotnet_environment
cd -- "$root"

broken=()
numeric=(Torch.Tests Kernels.Tests Families.Tests)
# Of two runs at once each has its own.
results=$(mktemp -d)
# Each run is a group of processes, of which none stays where this one is stopped.
set -m
trap 'for job in $(jobs -p); do kill -- "-$job" 2>/dev/null || true; done; rm -rf -- "$results"' EXIT

# A thread of libtorch that waits sleeps: one that spins takes the processor from those that work, and two projects beside each other then take longer than one after the other.
export OMP_WAIT_POLICY=PASSIVE

# Tests that hide what is on the PATH start programs by it; a test run by its project is told so by the SDK.
DOTNET_HOST_PATH=$(readlink -f -- "$(command -v dotnet)")
export DOTNET_HOST_PATH

# run PROJECT NAME ARGUMENT...: runs the tests of a built project; what it says comes in one piece. NAME names this run of it.
run() {
  local project=$1 name=$2 status=0 assembly
  shift 2
  assembly=$(sed -n 's:.*<AssemblyName>\(.*\)</AssemblyName>.*:\1:p' "tests/$project/$project.csproj")
  # Not by the project: to find out again what was built takes two seconds a run.
  dotnet test "artifacts/bin/$project/release/${assembly:-$project}.dll" --nologo --results-directory "$results" --logger "console;verbosity=minimal" --logger "trx;LogFileName=$name.trx" "$@" >"$results/$name.log" 2>&1 </dev/null || status=$?
  cat -- "$results/$name.log"
  echo "$status" >"$results/$name.status"
}

# begin PROJECT NAME ARGUMENT...: the same as soon as fewer than two run, each of which leaves a processor idle now and then.
names=()
begin() {
  while (($(jobs -rp | wc -l) >= 2)); do wait -n || true; done
  names+=("$2")
  run "$@" &
}

# What ships stands on no package with a known hole; where the registry gives no advisories, or does not answer, none is known.
if [[ -n ${CI:-} ]] && known=$(dotnet list src/Cli/Cli.csproj package --vulnerable --include-transitive 2>&1) && grep -q '^ *> ' <<<"$known"; then
  say "$known"
  broken+=("the check of packages")
fi

# The longest first, so that it is not what all wait for in the end.
for project in EndToEnd $(basename -s .csproj -- tests/*/*.csproj); do
  [[ " ${names[*]} " == *" $project "* ]] || begin "$project" "$project" "$@"
done

# With CI set what computes runs a second time, as a processor without AVX-512 and bfloat16 does.
if [[ -n ${CI:-} ]]; then
  export ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2
  for name in "${numeric[@]}"; do begin "$name" "$name.avx2" "$@"; done
fi
wait

passed=0 failed=0 skipped=0
for name in "${names[@]}"; do
  # <Counters total="9" executed="8" passed="7" failed="1" ...: what was not executed was skipped.
  counts=$(sed -n 's/.*<Counters total="\([0-9]*\)" executed="\([0-9]*\)" passed="\([0-9]*\)" failed="\([0-9]*\)".*/\1 \2 \3 \4/p' "$results/$name.trx" 2>/dev/null || true)
  read -r total executed good bad <<<"${counts:-0 0 0 0}"
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + total - executed))
  # A crashed host exits non-zero without a failed test to show for it.
  (($(cat -- "$results/$name.status" 2>/dev/null || echo 1) == 0 || bad > 0)) || broken+=("$name")
done

# Where only the end of the output is kept, what failed is still told.
for file in "$results"/*.trx; do
  awk '/<UnitTestResult /{failed = /outcome="Failed"/; if (failed) { match($0, /testName="[^"]*"/); print "FAILED " substr($0, RSTART + 10, RLENGTH - 11) } }
    failed && /<Message>/ { told = 1 } failed && told { print "  " $0 } /<\/Message>/ { told = 0 }' "$file" >&2
done
((${#broken[@]} == 0)) || say "Crashed or did not finish: ${broken[*]}"
((passed + failed > 0)) || say "No test ran."
line="$passed passed, $failed failed"
((skipped == 0)) || line+=", $skipped skipped"
echo "$line"
((failed == 0 && ${#broken[@]} == 0 && passed > 0))
