# shellcheck shell=bash
# What ./datassl and ./test.sh share: the machine's packages and the build. Sourced, with $root set to the checkout.
: "${root:?}"

# shellcheck disable=SC2034  # The two commands read these.
product_packages=(libtorch-dev libopenblas0-pthread libgloo-dev libdnnl-dev g++ cmake libjpeg62-turbo-dev libpng-dev libtiff-dev libwebp-dev)
# The peers that parity tests compare with; npm brings ONNX Runtime.
# shellcheck disable=SC2034
test_packages=(python3-torch python3-torchvision python3-onnx nodejs npm)
# The browser that the report is tested in; its tests are skipped where it cannot be had.
# shellcheck disable=SC2034
browser_packages=(chromium)

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$@"
  exit 1
}

# require_packages NAME...: installs the Debian packages that are missing, or says how to.
require_packages() {
  # Other systems bring the libraries their own way; the build names what it does not find.
  command -v dpkg-query >/dev/null || return 0

  local -A installed=()
  local name state
  while read -r name state; do
    [[ $state == installed ]] && installed[$name]=1
  done < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null)

  local -a missing=()
  for name in "$@"; do
    # Whoever points at another libtorch does not need Debian's.
    [[ -n ${LIBTORCH:-} && $name == @(libtorch-dev|libgloo-dev|libdnnl-dev) ]] && continue
    # Node.js from elsewhere brings its npm along.
    [[ $name == @(nodejs|npm) ]] && command -v npm >/dev/null && continue
    [[ -n ${installed[$name]:-} ]] || missing+=("$name")
  done
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

install_packages() {
  local -a apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
      say "Some system packages are missing, and installing them takes root. Run this once, then start again:"
      fail "  su -c 'apt-get update && apt-get install -y --no-install-recommends $*'"
    fi
    apt=(sudo -n "${apt[@]}")
  fi
  say "Installing $* (once) ..."
  # A stale or partly unreachable list may still do for what is needed; the install has the last word.
  quietly "${apt[@]}" update || say "apt-get update failed; trying with the lists at hand."
  quietly "${apt[@]}" install --no-install-recommends "$@" || fail "apt-get could not install: $*"
}

# build STAMP PATH ARGUMENT...: builds PATH (in the checkout) in Release, if anything changed since the last time.
build() {
  local stamp="$root/artifacts/$1.stamp" path=$2
  shift 2
  fresh "$stamp" && return 0
  require_dotnet
  mkdir -p "$root/artifacts"
  (
    # Two starts at once must not build into each other; the second finds the work done.
    exec 9>"$root/artifacts/build.lock"
    ! command -v flock >/dev/null || flock 9
    fresh "$stamp" && exit 0
    say "Building ${path} (only when something changed) ..."
    # Both commands build into one place: what the other one noted no longer holds.
    rm -f -- "$root"/artifacts/*.stamp
    # Dated before the build: what is edited while it runs counts as changed.
    printf '%s' "${LIBTORCH:-}" >"$stamp.new"
    dotnet_environment
    cd -- "$root" || exit
    # A compiler kept alive by an earlier build would go on using the generator it once loaded. 9>&- : nothing may outlive us holding the lock.
    quietly dotnet build "$path" -c Release --disable-build-servers -v quiet "$@" 9>&- || fail "The build failed."
    mv -f -- "$stamp.new" "$stamp"
  )
}

# fresh STAMP: whether nothing that the build reads is newer. Folders count too, so that a deletion is seen.
fresh() {
  [[ -f $1 && -x $root/artifacts/bin/Cli/release/datassl && "$(<"$1")" == "${LIBTORCH:-}" ]] || return 1
  local -a inputs=("$root"/{src,spaces,Directory.*,global.json,.editorconfig})
  [[ $1 == */tests.stamp ]] && inputs+=("$root"/{tests,samples,benchmarks,recipes,*.sln})
  [[ -z $(find "${inputs[@]}" \( -name bin -o -name obj -o -name out \) -prune -o -newer "$1" -print -quit 2>/dev/null) ]]
}

require_dotnet() {
  command -v dotnet >/dev/null || fail "The .NET SDK 10 is missing: install dotnet-sdk-10.0 and have 'dotnet' on the PATH."
  local version
  # Asked inside the checkout, where global.json says what is new enough.
  version=$(cd -- "$root" && dotnet_environment && dotnet --version 2>/dev/null) ||
    fail "The .NET SDK here is too old or incomplete (found: $(dotnet --list-sdks 2>/dev/null | cut -d' ' -f1 | paste -sd' ')); .NET SDK 10 is needed."
  [[ -n $version ]] || fail "'dotnet --version' answers nothing; is $(command -v dotnet) a .NET SDK?"
}

# For builds and tests only: the product itself runs in the caller's environment.
dotnet_environment() {
  export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
  if [[ ! -w ${HOME:-} ]]; then
    # Containers and services often have no home; restored packages then live with the build.
    mkdir -p "$root/artifacts/home"
    export HOME=$root/artifacts/home
  fi
}

# quietly COMMAND...: shows the command's output only if it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || status=$?
  ((status == 0)) || cat -- "$log" >&2
  rm -f -- "$log"
  return "$status"
}
