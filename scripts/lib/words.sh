# What the scripts share: how they speak, how they fail, and how they find programs that may stand in several places.
# Sourced, with $root set to the project's folder.

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# The first part of a program's version: major_version node -> 18. Prints 0 when the program is not there.
major_version() {
  local text
  text=$("$1" --version 2>/dev/null | head -n 1) || text=
  [[ $text =~ ([0-9]+)\.[0-9]+ ]] && echo "${BASH_REMATCH[1]}" || echo 0
}

# The clang-format whose opinion counts. Versions disagree about details, so only this one is asked.
clang_format_version=14
find_clang_format() {
  local name
  for name in "clang-format-$clang_format_version" clang-format; do
    if have "$name" && [ "$(major_version "$name")" = "$clang_format_version" ]; then
      command -v "$name"
      return
    fi
  done
  return 1
}

# The SDK that builds the tests of Microsoft's .NET client. Not everybody has one, and Debian has no package of it.
dotnet_sdk_version=10
have_dotnet_sdk() { have dotnet && [ "$(major_version dotnet)" -ge "$dotnet_sdk_version" ]; }
# The lines of that client which the tests build, one program each: 6.0, 8.0 and so on.
dotnet_client_lines() { (cd "$root/tests/interop/dotnet/clients" && ls -1 ./*.props) | sed 's#^\./##; s#\.props$##' | sort -V; }
# The framework whose frames are recorded: newer ones may send others.
have_aspnetcore() { have_dotnet_sdk && dotnet --list-runtimes | grep -q "^Microsoft.AspNetCore.App $dotnet_sdk_version\."; }
quiet_dotnet() { DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 timeout 600 dotnet "$@"; }

# A Chrome or Chromium that starts. Ubuntu's chromium package is a stub that only knows how to fetch a snap: not counted.
find_chrome() {
  local name path
  for name in ${CHROME_PATH:+"$CHROME_PATH"} chromium google-chrome google-chrome-stable chrome chromium-browser; do
    path=$(command -v "$name" 2>/dev/null) || continue
    if [ "$(head -c 2 "$path")" = '#!' ] && grep -qs 'snap' "$path" && [ ! -x /snap/bin/chromium ]; then
      continue
    fi
    if "$path" --version >/dev/null 2>&1; then
      echo "$path"
      return
    fi
  done
  return 1
}

# A python3 that has the websockets package: a python of one's own often stands in front of the distribution's.
find_python_with_websockets() {
  local path
  for path in "$(command -v python3 2>/dev/null)" /usr/bin/python3; do
    if [ -x "$path" ] && "$path" -c 'import websockets' 2>/dev/null; then
      echo "$path"
      return
    fi
  done
  return 1
}
