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

passed=0 failed=0 skipped=0 broken=()
numeric=(Torch.Tests Kernels.Tests Families.Tests)
# Of two runs at once each has its own.
results=$(mktemp -d)
trap 'rm -rf -- "$results"' EXIT

# run PROJECT WHAT ARGUMENT...: runs a test project and adds to the counts; WHAT names this run of it.
run() {
  local project=$1 name=$2 status=0 counts total executed good bad
  shift 2
  dotnet test "$project" -c Release --no-build --nologo -v quiet --results-directory "$results" --logger "console;verbosity=minimal" --logger "trx;LogFileName=$name.trx" "$@" || status=$?

  # <Counters total="9" executed="8" passed="7" failed="1" ...: what was not executed was skipped.
  counts=$(sed -n 's/.*<Counters total="\([0-9]*\)" executed="\([0-9]*\)" passed="\([0-9]*\)" failed="\([0-9]*\)".*/\1 \2 \3 \4/p' "$results/$name.trx" 2>/dev/null || true)
  read -r total executed good bad <<<"${counts:-0 0 0 0}"
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + total - executed))
  # A crashed host exits non-zero without a failed test to show for it.
  ((status == 0 || bad > 0)) || broken+=("$name")
}

# What ships stands on no package with a known hole; where the registry gives no advisories, or does not answer, none is known.
if [[ -n ${CI:-} ]] && known=$(dotnet list src/Cli/Cli.csproj package --vulnerable --include-transitive 2>&1) && grep -q '^ *> ' <<<"$known"; then
  say "$known"
  broken+=("the check of packages")
fi

# One at a time: the threads of libtorch spin while they wait, and two projects beside each other took longer than one after the other.
for project in tests/*/*.csproj; do run "$project" "$(basename -- "$project" .csproj)" "$@"; done

# With CI set what computes runs a second time, as a processor without AVX-512 and bfloat16 does.
if [[ -n ${CI:-} ]]; then
  export ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2
  for name in "${numeric[@]}"; do run "tests/$name/$name.csproj" "$name.avx2" "$@"; done
fi

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
