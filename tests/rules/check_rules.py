"""Reads all sources of the project and names every broken rule: include arrows between rooms and folders, third-party
headers out of place, files that are too long, paths of somebody's machine, lock files that name a registry.

    check_rules.py [FOLDER]     exit status 0: all rules kept
"""
import os
import re
import subprocess
import sys

LONGEST_FILE = 600

# A room may include itself and these. "deps" are the first parts of third-party includes a room may use at all.
ROOMS = {
    "hub": {"rooms": set(), "deps": {"boost/asio", "boost/system", "nlohmann"}},
    "transports": {"rooms": {"hub"}, "deps": {"nlohmann", "boost", "openssl"}},
    "scaleout": {"rooms": {"hub"}, "deps": {"boost/asio", "boost/system", "openssl", "hiredis"}},
    "client-sdk": {"rooms": {"hub"}, "deps": {"boost", "openssl", "nlohmann", "cpprest", "pplx"}},
}
THIRD_PARTY = ("boost", "nlohmann", "openssl", "hiredis", "cpprest", "pplx")

# Inside hub/: a folder may include itself and what stands below it.
BELOW = {
    "core": set(),
    "protocol": {"core"},
    "backplane": {"core"},
    "connection": {"core", "protocol"},
    "hub": {"core", "protocol", "connection", "backplane"},
    "testing": {"core", "protocol", "connection", "backplane", "hub"},
}

# Public headers that may hold Boost: the adapter for users, and the Asio side of a shard, for the adapter and .cpp files.
ASIO_ADAPTER = "hub/include/hubbub/asio.hpp"
ASIO_SIDE = "hub/include/hubbub/core/shard_loop.hpp"
# Headers directly in include/hubbub that belong to the lowest folder, not to the users' doors on top.
LOWEST = {"hub/include/hubbub/version.hpp"}

CPP = (".cpp", ".hpp", ".cc", ".h")
SOURCES = CPP + (".cs", ".py", ".js", ".mjs", ".ts", ".sh")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', re.MULTILINE)
PERSONAL = ("home", "Users", "work", "farm")
MACHINE_PATH = re.compile(r"(?<![\w.:/\-}])/(?:" + "|".join(PERSONAL) + r")/\w")
REGISTRY = re.compile(r'"resolved":\s*"https?:')


def project_files(root):
    """All files git knows or would take; without git, all files outside of build trees and downloaded packages."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, check=False) if os.path.exists(os.path.join(root, ".git")) else None
    if listed and listed.returncode == 0:
        names = sorted(set(listed.stdout.decode().split("\0")) - {""})
        return [name for name in names if os.path.isfile(os.path.join(root, name))]
    names = []
    for folder, below, files in os.walk(root):
        below[:] = [name for name in below if name not in ("build", "node_modules", ".git", "__pycache__")]
        names += [os.path.relpath(os.path.join(folder, name), root) for name in files]
    return sorted(names)


def room_of(path):
    return path.split("/", 1)[0] if "/" in path else ""


def is_public(path):
    return "/include/hubbub/" in path and room_of(path) in ROOMS


def folder_in_hub(path):
    """core, protocol, ... of a file in hub/; None for headers directly in include/hubbub, the users' doors on top."""
    if path in LOWEST:
        return "core"
    for base in ("hub/include/hubbub/", "hub/src/"):
        if path.startswith(base) and "/" in path[len(base):]:
            return path[len(base):].split("/", 1)[0]
    return None


class Rules:
    def __init__(self, root):
        self.root = root
        self.files = project_files(root)
        self.known = set(self.files)
        self.broken = []

    def complain(self, path, text):
        self.broken.append(f"{path}: {text}")

    def check(self):
        for path in self.files:
            if path.endswith(("package-lock.json", *SOURCES)) or os.path.basename(path) in ("CMakeLists.txt", "run") \
                    or path.endswith((".md", ".json", ".cmake", ".in", ".yml", ".html", ".css")) \
                    or path.startswith("scripts/"):
                self.check_text(path)
        return self.broken

    def check_text(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
            text = file.read()
        if path.endswith("package-lock.json"):
            if REGISTRY.search(text):
                self.complain(path, "names a registry; write it again with omit-lockfile-registry-resolved=true set")
            return
        for number, line in enumerate(text.splitlines(), 1):
            if MACHINE_PATH.search(line):
                self.complain(f"{path}:{number}", "holds a path of somebody's machine")
        if path.endswith(SOURCES):
            length = text.count("\n")
            if length > LONGEST_FILE:
                self.complain(path, f"has {length} lines, more than {LONGEST_FILE}: look for the second subject")
        if path.endswith(CPP):
            self.check_cpp(path, text)

    def check_cpp(self, path, text):
        if path.endswith(".hpp") and "#pragma once" not in text:
            self.complain(path, "lacks #pragma once")
        if not re.match(r"\s*(?:#pragma once\s*)?//", text):
            self.complain(path, "does not begin with a sentence that says its subject")
        for match in INCLUDE.finditer(text):
            self.check_include(path, match.group(1))

    def resolve(self, path, name):
        """The file of this project that an include means, or None."""
        here = os.path.normpath(os.path.join(os.path.dirname(path), name))
        if here in self.known:
            return here
        own = room_of(path)
        for room in sorted(ROOMS, key=lambda other: other != own):
            for base in ((room, room + "/cpp") if room == "client-sdk" else (room,)):
                for inside in ("/src/", "/include/"):
                    target = os.path.normpath(base + inside + name)
                    if target in self.known:
                        return target
        return None

    def check_include(self, path, name):
        room = room_of(path)
        target = self.resolve(path, name)
        if target is not None:
            self.check_arrow(path, room, name, target)
        elif name.startswith("hubbub/") and room in (*ROOMS, "samples", "tests"):
            self.complain(path, f"includes <{name}>, which is in no room")
        if target is None and name.startswith(tuple(part + "/" for part in THIRD_PARTY)):
            self.check_third_party(path, room, name)

    def check_arrow(self, path, room, name, target):
        other = room_of(target)
        if room == "samples" and other in ROOMS and not is_public(target):
            self.complain(path, f'includes "{name}": samples use public headers only')
        if room not in ROOMS:
            return
        if other != room:
            if other not in ROOMS[room]["rooms"]:
                self.complain(path, f'includes "{name}": {room} must not know {other}')
            elif not is_public(target):
                self.complain(path, f'includes "{name}", which is private to {other}')
            return
        if is_public(path) and not is_public(target):
            self.complain(path, f'includes "{name}": a public header must not need a private one')
        if target == ASIO_SIDE and path.endswith(".hpp") and path != ASIO_ADAPTER:
            self.complain(path, f'includes "{name}", which brings Asio along: for .cpp files and hubbub/asio.hpp only')
        if room == "hub":
            self.check_folder_arrow(path, name, target)

    def check_folder_arrow(self, path, name, target):
        mine, theirs = folder_in_hub(path), folder_in_hub(target)
        if mine not in BELOW or mine == theirs:
            return
        if theirs is None and mine != "hub":
            self.complain(path, f'includes "{name}", which stands above {mine}/')
        elif theirs is not None and theirs not in BELOW[mine]:
            self.complain(path, f'includes "{name}": {mine}/ must not know {theirs}/')

    def check_third_party(self, path, room, name):
        if room == "samples" or room not in ROOMS:
            return
        allowed = ROOMS[room]["deps"]
        if not any(name == part or name.startswith((part + "/", part + ".")) for part in allowed):
            self.complain(path, f"includes <{name}>, which {room} must not use")
            return
        library = name.split("/", 1)[0]
        if is_public(path):
            if library == "nlohmann" and not path.endswith("/include/hubbub/json.hpp"):
                self.complain(path, f"includes <{name}>: among public headers only hubbub/json.hpp may")
            elif library == "boost" and path not in (ASIO_ADAPTER, ASIO_SIDE):
                self.complain(path, f"includes <{name}>: among public headers only hubbub/asio.hpp may")
            elif library not in ("nlohmann", "boost"):
                self.complain(path, f"includes <{name}>: a public header must not need {library}")


def main(arguments):
    root = os.path.abspath(arguments[0] if arguments else os.path.join(os.path.dirname(__file__), "..", ".."))
    rules = Rules(root)
    broken = rules.check()
    for line in broken:
        print(line)
    print(f"{len(rules.files)} files read, {len(broken)} broken rules")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
