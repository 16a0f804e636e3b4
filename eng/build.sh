# shellcheck shell=bash
# What ./datassl and ./test.sh share: a build in Release, where anything changed since the last one. Sourced, with $root set to the checkout. Only the .NET SDK is needed.
: "${root:?}"

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$@"
  exit 1
}

# What a build depends on besides the sources: outputs name the folder that they were made in, so a moved or copied checkout is built anew.
built_for="$root ${TorchBackend:-TorchSharp-cpu}"

# build WHAT PATH ARGUMENT...: builds PATH (in the checkout) and notes it as WHAT, which is command or all; all holds the command.
build() {
  local what=$1 path=$2
  shift 2
  fresh "$what" && return 0
  { mkdir -p "$root/artifacts/built" 2>/dev/null && [[ -w $root/artifacts && -w $root/artifacts/built ]]; } ||
    fail "$root/artifacts: cannot be written to, and what is built there is missing or older than its sources; give write permission, or have the checkout's owner run this once."
  require_dotnet
  (
    # One build at a time; who waited finds it done. Notes are only written here, each by one rename: whoever looks without the lock finds the old one or the new one.
    exec 9>"$root/artifacts/build.lock"
    ! command -v flock >/dev/null || flock 9
    fresh "$what" && exit 0
    say "Building ${path} (only when something changed) ..."
    local folder="$root/artifacts/built" note="$root/artifacts/built/new.$BASHPID"
    if moved; then
      say "The checkout was moved or copied: building anew."
      rm -rf -- "$root/artifacts/bin" "$root/artifacts/obj" "$folder"
      mkdir -p "$folder"
    fi
    # Dated before the build: what is edited while it runs counts as changed.
    printf '%s' "$built_for" >"$note"
    dotnet_environment
    cd -- "$root" || exit
    # A compiler kept alive by an earlier build would go on using the generator it once loaded. 9>&- : nothing may outlive us holding the lock.
    quietly dotnet build "$path" -c Release --disable-build-servers -v quiet "$@" 9>&- || { rm -f -- "$note"; fail "The build failed."; }
    [[ $what != all ]] || { cp -p -- "$note" "$note.all" && mv -f -- "$note.all" "$folder/all"; }
    mv -f -- "$note" "$folder/command"
  )
}

# moved: whether outputs are of another place. A build without this script leaves no note, but restored projects name their place too.
moved() {
  local note="$root/artifacts/built/command" restored="$root/artifacts/obj/Cli/project.assets.json"
  if [[ -f $note ]]; then [[ "$(<"$note")" != "$root "* ]]; else [[ -f $restored ]] && ! grep -qF -- "\"$root/" "$restored"; fi
}

# fresh WHAT: whether nothing that the build reads is newer. Folders count too, so that a deletion is seen.
fresh() {
  local folder="$root/artifacts/built" note
  local -a inputs=("$root"/{src,spaces,eng,Directory.*,global.json,.editorconfig})
  [[ $1 == command ]] || inputs+=("$root"/{tests,samples,benchmarks,recipes,*.sln})
  [[ -x $root/artifacts/bin/Cli/release/datassl ]] || return 1
  # The command is of the last build, whichever that was.
  note=$(cat -- "$folder/command" 2>/dev/null) && [[ $note == "$built_for" ]] || return 1
  note=$(cat -- "$folder/$1" 2>/dev/null) && [[ $note == "$built_for" ]] || return 1
  [[ -z $(find "${inputs[@]}" \( -name bin -o -name obj -o -name out \) -prune -o -newer "$folder/$1" -print -quit 2>/dev/null) ]]
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
