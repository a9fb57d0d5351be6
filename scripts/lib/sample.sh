# run_sample SCRIPT SETUP PRESET PROGRAM WHAT ADVICE [--port N]: builds a sample and runs it in place of this shell.
#   SCRIPT   how the user called it           PRESET   of CMake, which builds the program
#   SETUP    what scripts/setup is to install PROGRAM  in build/release/bin
#   WHAT     the sample in words              ADVICE   what to open, after the address
run_sample() {
  local script=$1 setup=$2 preset=$3 program=$4 what=$5 advice=$6 port=5000
  shift 6
  while [ $# -gt 0 ]; do
    case $1 in
      --port) port=${2:?--port needs a number} && shift 2 ;;
      --port=*) port=${1#*=} && shift ;;
      *) fail "unknown argument '$1'; usage: $script [--port N]" ;;
    esac
  done
  [[ $port =~ ^[0-9]+$ ]] && [ "$port" -ge 1 ] && [ "$port" -le 65535 ] || fail "--port takes a number from 1 to 65535, not '$port'"
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    fail "port $port is taken by another program; choose another one: $script --port $((port < 65535 ? port + 1 : 5000))"
  fi

  "$root/scripts/setup" "$setup"
  cd "$root"
  mkdir -p build
  local log=build/run-$setup.log
  if [ ! -f build/release/build.ninja ]; then
    say "Configuring the release build"
    cmake --preset sample >"$log" 2>&1 || { tail -n 20 "$log" >&2; fail "configuring failed; all of it is in $log"; }
  fi
  say "Building $what (the first time takes a few minutes)"
  build_sample "$preset" "$log" || { tail -n 40 "$log" >&2; fail "the build failed; all of it is in $log"; }

  say "Open http://localhost:$port/ $advice. Ctrl+C stops the server."
  exec "build/release/bin/$program" --port "$port"
}

# build_sample PRESET LOG: builds into LOG; on a terminal one line counts what has been compiled.
build_sample() {
  if [ ! -t 1 ]; then
    cmake --build --preset "$1" >"$2" 2>&1
    return
  fi
  local line status=0
  cmake --build --preset "$1" 2>&1 | tee "$2" | while IFS= read -r line; do
    case $line in "["*/*"]"*) printf '\r   %s ' "${line%%]*}]" ;; esac
  done || status=$?
  printf '\r                    \r'
  return "$status"
}
