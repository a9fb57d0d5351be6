"""A server under load: started on a free port or already running; its processor time and memory from /proc. Linux."""
import os
import resource
import shlex
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.path.join(HERE, "../../build/release/bin")
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def pin(cpus, pid=0):
    """Keeps a process, by default this one, on these processors: "0" or "0,2"; an empty text changes nothing."""
    if cpus:
        os.sched_setaffinity(pid, {int(cpu) for cpu in cpus.split(",")})


def _stat(pid):
    with open(f"/proc/{pid}/stat") as f:
        return f.read().rpartition(")")[2].split()


def _tree(pid):
    """The process and those that it started: a server may stand behind a script."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            parents.setdefault(int(_stat(name)[1]), []).append(int(name))
        except OSError:
            pass
    tree = [pid]
    for one in tree:
        tree += parents.get(one, [])
    return tree


class Server:
    """`command` may name its port as {port}; ours reads HUBBUB_PORT. With `pid` it runs already and is left running."""

    def __init__(self, command=None, port=None, pid=None, threads=1, cpus=""):
        self.port, self.pid, self._process = port, pid, None
        if pid is not None:
            return
        self.port = port or free_port()
        environment = {**os.environ, "HUBBUB_PORT": str(self.port), "HUBBUB_THREADS": str(threads), "ASPNETCORE_ENVIRONMENT": "Production"}
        try:
            self._process = subprocess.Popen(shlex.split(command.replace("{port}", str(self.port))), env=environment, stdout=subprocess.DEVNULL)
        except OSError as error:
            sys.exit(f"the server cannot be started: {error}; README.md says how ours are built")
        self.pid = self._process.pid
        pin(cpus, self.pid)
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self._process.poll() is not None:
                    sys.exit("the server ended at once")
                time.sleep(0.05)
        sys.exit("the server does not answer")

    def cpu(self):
        """Seconds of processor time so far, user and system."""
        return sum(int(x) for one in _tree(self.pid) for x in _stat(one)[11:13]) / TICK

    def resident(self):
        """Bytes of resident memory."""
        return sum(int(_stat(one)[21]) for one in _tree(self.pid)) * PAGE

    def descriptors(self):
        return sum(len(os.listdir(f"/proc/{one}/fd")) for one in _tree(self.pid))

    def stop(self):
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def program(name):
    """A program of the release build."""
    return os.path.join(PROGRAMS, name)


def add_server_options(parser, default="conformance_server"):
    """`default`: the program that is started when no other is named; None when the script chooses."""
    parser.add_argument("--start", metavar="COMMAND", default=default and program(default), help="how a server is started; {port} is its port")
    parser.add_argument("--threads", type=int, default=1, help="threads of the server (HUBBUB_THREADS)")
    parser.add_argument("--server-cpus", default="", help="processors for the server, like 0")
    parser.add_argument("--load-cpus", default="", help="processors for the load, like 1")
