"""Does what docs/getting-started.md says: takes its files out of the page, builds them against the installed package and
lets the page's Node script call the hub.

    try_getting_started.py ROOT BUILT FOLDER CMAKE_ARGUMENT...

BUILT is the build tree to install from. Exit status 77: Node or the client's package is not here (skipped).
"""
import os
import re
import shutil
import signal
import subprocess
import sys

SKIPPED = 77
EXPECTED = "Hello, world (12 characters)\n3\n2\n1\nlift-off\n"
FILES = {"CMakeLists.txt": "cmake", "main.cpp": "cpp", "index.html": "html", "call.mjs": "js"}


def file_of(page, name):
    """The first block of the right language behind the file's name."""
    found = re.search(r"`(?:web/)?" + re.escape(name) + r"`.*?^```" + FILES[name] + r"\n(.*?)^```$", page,
                      re.DOTALL | re.MULTILINE)
    if not found:
        sys.exit(f"docs/getting-started.md has no {name}")
    return found.group(1)


def run(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed with {done.returncode}:\n{done.stdout}")
    return done.stdout


def write(folder, name, text):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def url_of(server):
    """What the server says when it listens; its port is chosen by the system."""
    said = ""
    for line in server.stderr:
        said += line
        if found := re.search(r"listening on (http://127\.0\.0\.1:\d+)", line):
            return found.group(1)
    sys.exit(f"the server ended before it listened:\n{said}")


def main(arguments):
    root, built, folder, *cmake_arguments = arguments
    client = os.path.join(root, "samples", "chat", "node_modules")
    if not shutil.which("node") or not os.path.isdir(os.path.join(client, "@microsoft", "signalr")):
        print("node, or @microsoft/signalr in samples/chat, is not here: scripts/setup chat installs both")
        return SKIPPED

    with open(os.path.join(root, "docs", "getting-started.md"), encoding="utf-8") as file:
        page = file.read()
    shutil.rmtree(folder, ignore_errors=True)
    project = os.path.join(folder, "project")
    program = file_of(page, "main.cpp")
    assert ".port = 5000" in program, "the page's server has another port now; this test looks for 5000"
    write(project, "main.cpp", program.replace(".port = 5000", ".port = 0"))
    write(project, "CMakeLists.txt", file_of(page, "CMakeLists.txt"))
    write(os.path.join(project, "web"), "index.html", file_of(page, "index.html"))
    write(project, "call.mjs", file_of(page, "call.mjs"))
    os.symlink(client, os.path.join(project, "node_modules"))

    prefix = os.path.join(folder, "prefix")
    run("cmake", "--install", built, "--prefix", prefix)
    run("cmake", "-S", project, "-B", os.path.join(project, "build"), "-DCMAKE_PREFIX_PATH=" + prefix, *cmake_arguments)
    run("cmake", "--build", os.path.join(project, "build"))

    server = subprocess.Popen([os.path.join(project, "build", "first_hub")], cwd=project, stderr=subprocess.PIPE, text=True)
    try:
        url = url_of(server)
        said = run("node", "call.mjs", url + "/first", cwd=project, timeout=60)
        # The client tells of its connection on the same streams: only the page's lines count.
        lines = [line for line in said.splitlines() if not line.startswith("[20")]
        if "\n".join(lines) + "\n" != EXPECTED:
            sys.exit(f"the script printed\n{said}instead of\n{EXPECTED}")
        page_served = run("node", "-e", f"fetch('{url}/').then(r => r.text()).then(t => process.stdout.write(t))", timeout=60)
        if page_served != file_of(page, "index.html"):
            sys.exit(f"the page was not served:\n{page_served}")
        server.send_signal(signal.SIGTERM)
        if server.wait(timeout=30) != 0:
            sys.exit(f"the server ended with {server.returncode}")
    finally:
        if server.poll() is None:
            server.kill()
        server.wait()
        server.stderr.close()
    print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
