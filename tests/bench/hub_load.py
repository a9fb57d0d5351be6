#!/usr/bin/env python3
"""Two figures of a running hub that need more than one kind of client at a time. Linux, Python's standard library.

    hub_load.py idle    [--server build/release/bin/conformance_server] [--headers 1500]
        resident memory per idle connection: slope between two sizes, each in a fresh process, once with small requests
        and once with the headers of a browser
    hub_load.py beside  [--listeners 10000] [--seconds 10]
        latency of echoes on one hub while broadcasts go to many listeners of another, both on the same shard
"""
import argparse
import os
import resource
import select
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

HANDSHAKE = b'{"protocol":"json","version":1}\x1e'


def frame(payload):
    """A masked text frame; the mask is zero, which is legal and quick."""
    size = len(payload)
    head = bytes([0x81, 0x80 | size]) if size < 126 else bytes([0x81, 0xFE]) + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self, program, threads=1):
        self.port = free_port()
        self.process = subprocess.Popen([program], env={**os.environ, "HUBBUB_PORT": str(self.port), "HUBBUB_THREADS": str(threads)})
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    sys.exit("hub_load: the server ended at once")
                time.sleep(0.02)
        sys.exit("hub_load: the server does not answer")

    def resident(self):
        with open(f"/proc/{self.process.pid}/status") as f:
            return next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmRSS"))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


def connect(port, path, source, headers=b""):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((source, 0))
    s.connect(("127.0.0.1", port))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    s.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1:" + str(port).encode() + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + headers + b"\r\n" + frame(HANDSHAKE))
    return s


def opened(s):
    """Waits for the upgrade and the handshake's answer."""
    got = b""
    while b"{}\x1e" not in got:
        piece = s.recv(65536)
        if not piece:
            sys.exit(f"hub_load: connection refused: {got[:200]!r}")
        got += piece


def browser_headers(size):
    text = (b"Origin: http://127.0.0.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36\r\n"
            b"Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9,de;q=0.8\r\nCache-Control: no-cache\r\nPragma: no-cache\r\n")
    token = b"Authorization: Bearer " + b"eyJhbGciOiJIUzI1NiJ9" * 20 + b"\r\n"
    text += token
    if len(text) + 12 < size:
        text += b"Cookie: s=" + b"c" * (size - len(text) - 12) + b"\r\n"
    return text


def hold(program, count, headers):
    server = Server(program)
    sockets = []
    try:
        for i in range(count):
            sockets.append(connect(server.port, b"/bench", f"127.0.{1 + i // 4000}.1", headers))
            if len(sockets) % 64 == 0:
                for s in sockets[-64:]:
                    opened(s)
        for s in sockets[count - count % 64:]:
            opened(s)
        time.sleep(1.5)  # one round of sweeps
        return server.resident()
    finally:
        for s in sockets:
            s.close()
        server.stop()


def idle(options):
    small, large = options.sizes
    for name, headers in (("small requests", b""), (f"{options.headers} bytes of browser headers", browser_headers(options.headers))):
        slopes = [(hold(options.server, large, headers) - hold(options.server, small, headers)) / (large - small) for _ in range(options.rounds)]
        print(f"idle, {name}: {statistics.median(slopes):.0f} B per connection "
              f"(slope {small}..{large}, median of {[round(s) for s in slopes]}, 1 shard)", flush=True)


def beside(options):
    server = Server(options.server)
    try:
        listeners = []
        for i in range(options.listeners):
            listeners.append(connect(server.port, b"/bench", f"127.0.{1 + i // 4000}.1"))
            if len(listeners) % 64 == 0:
                for s in listeners[-64:]:
                    opened(s)
        for s in listeners[options.listeners - options.listeners % 64:]:
            opened(s)
        received, ending = [0], threading.Event()

        def drain():
            poll = select.epoll()
            by_fd = {s.fileno(): s for s in listeners}
            for fd in by_fd:
                poll.register(fd, select.EPOLLIN)
            while not ending.is_set():
                for fd, _ in poll.poll(0.2, 1024):
                    received[0] += by_fd[fd].recv(65536).count(b"Receive")

        reader = threading.Thread(target=drain)
        reader.start()
        publisher = connect(server.port, b"/bench", "127.0.0.1")
        opened(publisher)
        # The echoing client is a process of its own: the listeners' thread must not hold it up.
        child = subprocess.Popen([sys.executable, os.path.abspath(__file__), "echo", "--port", str(server.port), "--seconds", str(options.seconds)],
                                 stdout=subprocess.PIPE, text=True)
        sent, end = 0, time.time() + options.seconds
        while time.time() < end:
            publisher.sendall(frame(b'{"type":1,"target":"Broadcast","arguments":["' + b"x" * 100 + b'"]}\x1e'))
            sent += 1
            time.sleep(1 / options.rate)
        latencies = [float(x) for x in child.communicate()[0].split()]
        want, until = sent * options.listeners, time.time() + 10
        while received[0] < want and time.time() < until:
            time.sleep(0.1)
        ending.set()
        reader.join()
        latencies.sort()
        print(f"echo beside {sent} broadcasts to {options.listeners}: p50 {latencies[len(latencies) // 2]:.2f} ms, "
              f"p99 {latencies[int(len(latencies) * 0.99)]:.2f} ms, max {latencies[-1]:.2f} ms over {len(latencies)} echoes; "
              f"{received[0]} of {want} deliveries, 1 shard")
        if received[0] != want:
            sys.exit(1)
    finally:
        server.stop()


def echo(options):
    s = connect(options.port, b"/test", "127.0.0.1")
    opened(s)
    s.settimeout(10)
    call = frame(b'{"type":1,"invocationId":"1","target":"Echo","arguments":["' + b"y" * 40 + b'"]}\x1e')
    end = time.time() + options.seconds
    while time.time() < end:
        begin = time.perf_counter()
        s.sendall(call)
        got = b""
        while b'"type":3' not in got:
            got += s.recv(4096)
        print((time.perf_counter() - begin) * 1000)
        time.sleep(0.002)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["idle", "beside", "echo"])
    parser.add_argument("--server", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/release/bin/conformance_server"))
    parser.add_argument("--headers", type=int, default=1500)
    parser.add_argument("--sizes", type=int, nargs=2, default=[4000, 18000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--listeners", type=int, default=10000)
    parser.add_argument("--rate", type=float, default=2, help="broadcasts per second")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    {"idle": idle, "beside": beside, "echo": echo}[options.what](options)


if __name__ == "__main__":
    main()
