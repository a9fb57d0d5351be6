# The steps of scripts/test: what each one does, and how its tests are counted. Sourced; runs in the project's folder.
# A step prints what it likes (it goes to its log) and returns 0 or not. It may call `count PASSED FAILED [SKIPPED]`, which
# replaces the default of one test per step, and `skip WHY`, which is shown in the summary.

all_steps=(setup rules format release dev tsan fuzz interop browser)
jobs=$(nproc)
passed=0 failed=0 skipped=0
lines=()

count() { echo "$1 $2 ${3:-0}" >>"$counts"; }
skip() { echo "$*" >>"$reasons"; }

run_step() {
  local step=$1 log="build/logs/$1.log" from=$SECONDS status=passed
  counts=build/logs/$step.counts reasons=build/logs/$step.skipped
  rm -f "$counts" "$reasons"
  say "== $step: $(describe "$step")"
  if "step_$step" >"$log" 2>&1; then :; else status=FAILED; fi
  local p=0 f=0 s=0 a b c
  if [ -f "$counts" ]; then
    while read -r a b c; do p=$((p + a)) f=$((f + b)) s=$((s + c)); done <"$counts"
  elif [ "$status" = passed ] && [ ! -f "$reasons" ]; then
    p=1
  fi
  if [ "$f" -gt 0 ]; then status=FAILED; fi
  if [ "$status" = FAILED ] && [ "$f" -eq 0 ]; then f=1; fi
  if [ -f "$reasons" ] && [ "$s" -eq 0 ]; then s=1; fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  if [ "$status" = FAILED ]; then
    say "---- the end of $log:"
    tail -n 80 "$log"
    say "----"
  fi
  local line
  line=$(printf '%-8s %s: %d passed, %d failed' "$step" "$status" "$p" "$f")
  if [ "$s" -gt 0 ]; then line+=", $s skipped${reasons:+$( [ -f "$reasons" ] && sed 's/^/; /' "$reasons" | tr -d '\n')}"; fi
  line+=" ($((SECONDS - from)) s)"
  lines+=("$line")
  say "   $line"
}

summary() {
  say ""
  say "Summary after $1 s:"
  printf '   %s\n' "${lines[@]}"
  say ""
  # The last line, alone, in these words: machines read it too.
  if [ "$skipped" -gt 0 ]; then
    say "$passed passed, $failed failed, $skipped skipped"
  else
    say "$passed passed, $failed failed"
  fi
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

describe() {
  case $1 in
    setup) say "installing what is missing" ;;
    rules) say "includes, file sizes, paths: the rules the sources keep" ;;
    format) say "is every C++ file as clang-format $clang_format_version would write it?" ;;
    release) say "the optimised build, all its tests, the installed package" ;;
    quick) say "the optimised build, its unit tests and rules" ;;
    dev) say "all tests under the address and undefined behaviour sanitizers" ;;
    tsan) say "the tests with several shards under the thread sanitizer" ;;
    fuzz) say "the parsers: the stored corpus, then $fuzz_seconds seconds of new inputs each (clang)" ;;
    interop) say "clients and peers that were not written here" ;;
    browser) say "the pages of the samples in a real browser" ;;
  esac
}

step_setup() { scripts/setup test; }

step_rules() { python3 tests/rules/test_check_rules.py && python3 tests/rules/check_rules.py; }

step_format() {
  local tool
  if ! tool=$(find_clang_format); then
    skip "clang-format $clang_format_version is not to be had on this system, and other versions write some lines differently"
    return 0
  fi
  git ls-files -z '*.cpp' '*.hpp' | xargs -0 -r "$tool" --dry-run --Werror
}

# Counts what ctest's closing lines say; a skipped test is counted as skipped and named.
counted_ctest() {
  local output=build/logs/ctest.$1.txt status
  ctest --preset "$@" 2>&1 | tee "$output"
  status=${PIPESTATUS[0]}
  local total failures skips
  read -r failures total < <(sed -nE 's/^.* tests passed, ([0-9]+) tests? failed out of ([0-9]+)$/\1 \2/p' "$output") || return 1
  skips=$(grep -cE '^ *[0-9]+/[0-9]+ Test .*\*\*\*(Skipped|Not Run)' "$output")
  if [ "$skips" -gt 0 ]; then skip "ctest skipped $skips tests (see $output)"; fi
  count "$((total - failures - skips))" "$failures" "$skips"
  return "$status"
}

build_and_test() { cmake --preset "$1" && cmake --build --preset "$1" -j "$jobs" && counted_ctest "$1"; }
step_release() { build_and_test release; }
step_dev() { build_and_test dev; }
step_tsan() { build_and_test tsan; }
step_quick() { cmake --preset release && cmake --build --preset release -j "$jobs" && counted_ctest quick; }

fuzz_seconds=${HUBBUB_FUZZ_SECONDS:-20}
step_fuzz() {
  cmake --preset fuzz && cmake --build --preset fuzz -j "$jobs" || return 1
  local target name output failures=()
  for target in build/fuzz/bin/*; do
    [ -x "$target" ] || { echo "there is no fuzz target in build/fuzz/bin"; return 1; }
    name=$(basename "$target") output=build/logs/fuzz.$name.txt
    mkdir -p "build/fuzz/found/$name"
    echo "== $name"
    # New inputs go to the first folder; the stored corpus, tests/fuzz/corpus/NAME, is only read.
    if "$target" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
      -artifact_prefix="build/fuzz/found/$name-" "build/fuzz/found/$name" "tests/fuzz/corpus/$name" >"$output" 2>&1; then
      count 1 0
      tail -n 6 "$output"
    else
      count 0 1
      failures+=("$name")
    fi
  done
  # At the end, where the one who reads sees it: what was found, and the input that shows it.
  for name in ${failures[@]+"${failures[@]}"}; do
    echo "== $name failed:"
    grep -v -E '^#[0-9]+\s' "build/logs/fuzz.$name.txt" | tail -n 70
  done
  [ ${#failures[@]} -eq 0 ]
}

# The servers these two talk to.
build_servers() { cmake --preset release && cmake --build --preset release -j "$jobs" --target "$@"; }

# counted_tests WHERE COMMAND...: runs a program that says at its end what Node's test runner says, and counts that.
counted_tests() {
  local where=$1 output=build/logs/tests.${1//\//-}.txt status
  shift
  "$@" 2>&1 | tee "$output"
  status=${PIPESTATUS[0]}
  total_of() { sed -nE "s/^(#|ℹ) $1 ([0-9]+)\$/\2/p" "$output" | awk '{ sum += $1 } END { print sum + 0 }'; }
  local skips=$(($(total_of skipped) + $(total_of todo)))
  if [ "$skips" -gt 0 ]; then skip "$where skipped $skips tests (see $output)"; fi
  count "$(total_of pass)" "$(($(total_of fail) + $(total_of cancelled)))" "$skips"
  if [ "$status" -eq 0 ] && [ "$(total_of pass)" -eq 0 ]; then echo "no test ran in $where"; return 1; fi
  return "$status"
}
npm_test() { (cd "$1" && npm test); }

# Prints what a program has said that ended with this status.
said() { cat "$2"; return "$1"; }

# Microsoft's .NET client, line by line: one runs, which is mostly waiting, while the next is built. No build server is left
# behind: it would outlive the run.
dotnet_client_tests() {
  local folder=tests/interop/dotnet line status=0 ended
  local -A running=()
  if ! have_dotnet_sdk; then
    local why="the .NET client was not tried: no dotnet SDK $dotnet_sdk_version or newer is on the PATH"
    if [ -n "${CI:-}" ]; then why+=", and this system has no package of it"; fi
    echo "SKIPPED: $why"
    skip "$why"
    count 0 0 1
    return 0
  fi
  for line in $(dotnet_client_lines); do
    if quiet_dotnet build "$folder" -c Release -p:ClientLine="$line" -nodeReuse:false -p:UseSharedCompilation=false; then
      quiet_dotnet "build/interop-dotnet/$line/bin/hubbub_interop.dll" >"build/logs/dotnet-$line.txt" 2>&1 &
      running[$line]=$!
    else
      count 0 1
      status=1
    fi
  done
  for line in "${!running[@]}"; do
    ended=0
    wait "${running[$line]}" || ended=$?
    counted_tests "$folder-$line" said "$ended" "build/logs/dotnet-$line.txt" || status=1
  done
  return $status
}

# Does ASP.NET Core still send what tests/interop/frames has recorded of it?
recorded_frames_confirmed() {
  local folder=tests/interop/frames
  if ! have_aspnetcore; then
    local why="the recorded frames were not confirmed: no SDK with the runtime of ASP.NET Core $dotnet_sdk_version is on the PATH"
    echo "SKIPPED: $why"
    skip "$why"
    count 0 0 1
    return 0
  fi
  quiet_dotnet build "$folder/reference" -c Release -nodeReuse:false -p:UseSharedCompilation=false || { count 0 1; return 1; }
  counted_tests "$folder" node "$folder/frames.mjs" confirm "dotnet $PWD/build/interop-reference/bin/hubbub_reference.dll"
}

step_interop() {
  build_servers conformance_server || return 1
  HUBBUB_PYTHON=$(find_python_with_websockets) || { echo "no python3 here has the package websockets"; return 1; }
  export HUBBUB_PYTHON
  local status=0
  counted_tests tests/interop npm_test tests/interop || status=1
  recorded_frames_confirmed || status=1
  dotnet_client_tests || status=1
  return $status
}

step_browser() {
  build_servers chat_sample stock_ticker_sample || return 1
  CHROME_PATH=$(find_chrome) || { echo "no Chrome or Chromium here; scripts/setup test says what to do"; return 1; }
  export CHROME_PATH
  counted_tests tests/browser npm_test tests/browser
}
