#!/usr/bin/env python3
"""What a running hub does for several kinds of clients at a time. Linux, Python's standard library.

    hub_load.py beside  [--listeners 10000] [--seconds 10]
        latency of echoes on one hub while broadcasts go to many listeners of another, both on the same shard
"""
import argparse
import os
import select
import subprocess
import sys
import threading
import time

from hub_client import connect, frame, opened, source_address
from server_process import PROGRAMS, Server, raise_descriptor_limit


def beside(options):
    server = Server(options.server)
    try:
        listeners = []
        for i in range(options.listeners):
            listeners.append(connect(server.port, b"/bench", source_address(i)))
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
    parser.add_argument("what", choices=["beside", "echo"])
    parser.add_argument("--server", default=os.path.join(PROGRAMS, "conformance_server"))
    parser.add_argument("--listeners", type=int, default=10000)
    parser.add_argument("--rate", type=float, default=2, help="broadcasts per second")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    raise_descriptor_limit()
    {"beside": beside, "echo": echo}[options.what](options)


if __name__ == "__main__":
    main()
