#!/usr/bin/env python3
"""What clients notice of crowds that are slow, mute or gone, and what a server keeps of them. Linux.

    crowd_load.py                                      all crowds, one after the other, two rounds against one server
    crowd_load.py slow-headers mute                    some of them
    crowd_load.py --server-cpus 0 --load-cpus 1 --threads 1

50 WebSockets make 1,000 echoes a second meanwhile (bystanders.py). Each crowd is told in three lines: what became of its members; the
bystanders' latency while it was there, and afterwards until the server was rid of it; descriptors and resident memory of the server
and the buffers of all TCP sockets of this machine before, at most, and then. Fails when the bystanders' p99 is above --limit, when one
of them fails, when descriptors or connections stay, or when the last round ends with more memory than the first.
"""
import argparse
import collections
import json
import os
import select
import socket
import struct
import sys
import threading
import time

from bystanders import Bystanders
from hub_client import (HANDSHAKE, JSON, ask, connect, connect_poll, frame, handshake, negotiated, open_socket, opened, read_until, request, source_address,
                        upgrade)
from server_process import PAGE, Server, add_server_options, pin, raise_descriptor_limit

PATH = b"/bench"  # the bystanders are at another hub: broadcasts to a crowd do not reach them
UNREAD = 4096     # bytes of an answer that the kernel takes for a client that does not read
RESET = struct.pack("ii", 1, 0)
MIB = 1024 * 1024


class Member:
    def __init__(self, s, reads, again):
        self.socket, self.reads, self.again, self.answer = s, reads, again, None


class Members:
    """Sockets of a crowd that stay, and what became of them: counted in `outcomes`, with `name` before it."""

    def __init__(self, outcomes, name=""):
        self.by_fd, self._poll, self._outcomes, self._name = {}, select.epoll(), outcomes, name

    def add(self, s, reads=True, again=None):
        """`again`: what is asked anew whenever it has been answered."""
        s.setblocking(False)
        self.by_fd[s.fileno()] = Member(s, reads, again)
        self._poll.register(s.fileno(), (select.EPOLLIN if reads else 0) | select.EPOLLRDHUP)

    def look(self, seconds):
        """Takes what the server sends, and notes whom it has ended."""
        for fd, _ in self._poll.poll(seconds, 1024):
            member = self.by_fd[fd]
            try:
                got = member.socket.recv(65536) if member.reads else b""
                if got and member.again is not None and got.startswith(b"HTTP/1.1 200"):
                    member.socket.send(member.again)
                    continue
            except OSError:
                got = b""
            if got:
                member.answer = member.answer or got[9:12].decode()
            else:
                self._ended(fd, f"ended with {member.answer}" if member.answer else "ended by the server")

    def send(self, fd, text):
        """As much as the socket takes; how much that was. None: the connection has ended."""
        if fd not in self.by_fd:
            return None
        try:
            return self.by_fd[fd].socket.send(text)
        except BlockingIOError:
            return 0
        except OSError:
            self.look(0)
            return None

    def leave(self):
        for fd in list(self.by_fd):
            self._ended(fd, "stayed until the crowd left")

    def _ended(self, fd, outcome):
        self._poll.unregister(fd)
        self.by_fd.pop(fd).socket.close()
        self._outcomes[self._name + outcome] += 1


class Crowds:
    """A method for each kind; it returns when the crowd has left, or the server has ended all of it."""

    def __init__(self, port, options):
        self.port, self._size, self._hold = port, options.size, options.hold
        self.outcomes = collections.Counter()

    def nobody(self):
        time.sleep(min(10, self._hold))

    def slow_headers(self):
        members = Members(self.outcomes)
        for i in range(self._count(1000)):
            members.add(open_socket(self.port, source_address(i)))
        self._byte_a_second(members, b"GET " + PATH + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + b"s" * 1000)

    def slow_bodies(self):
        """POSTs of living connections of long polling, whose polls go on meanwhile."""
        polls, posts = Members(self.outcomes, "polls "), Members(self.outcomes, "posts ")
        with open_socket(self.port) as asker:
            for i in range(self._count(1000)):
                s, target = connect_poll(self.port, PATH, source_address(i), asker)
                poll = request(b"GET", target)
                s.sendall(poll)
                polls.add(s, again=poll)
                poster = open_socket(self.port, source_address(i))
                poster.sendall(request(b"POST", target, b"", b"s" * 1000)[:-1000])
                posts.add(poster)
                polls.look(0)
        self._byte_a_second(posts, b"s" * 999, polls)
        polls.leave()

    def unread_websockets(self):
        """A third each: an endless stream; messages to a group; answers of 256 KiB, which the kernel takes, so that these may stay."""
        members = Members(self.outcomes)
        calls = [frame(b'{"type":4,"invocationId":"1","target":"Stream","arguments":[100000000]}\x1e'),
                 b"".join(JSON.invocation("Echo", "e" * 16384, id=str(i)) for i in range(16)), JSON.invocation("Join", "unread")]
        for i in range(self._count(500)):
            s = open_socket(self.port, source_address(i), receive_buffer=UNREAD)
            s.sendall(upgrade(self.port, PATH) + handshake(JSON))
            opened(s)
            members.add(s, reads=False)
            members.send(s.fileno(), calls[i % 3])
        with connect(self.port, PATH) as publisher:
            opened(publisher)
            publisher.sendall(calls[2])
            message = JSON.invocation("SendGroup", "unread", "m" * 16384)
            for _ in self._ticks(members, 0.05):
                publisher.sendall(message)
                read_until(publisher, b"mmm\"]}\x1e")

    def unread_answers(self):
        """Requests in a pipeline, of which nobody reads the answers."""
        members = Members(self.outcomes)
        for i in range(self._count(500)):
            members.add(open_socket(self.port, source_address(i), receive_buffer=UNREAD), reads=False)
        one = request(b"GET", b"/not-there")
        many, at = one * (32768 // len(one)), dict.fromkeys(members.by_fd, 0)
        for _ in self._ticks(members, 0.1):
            for fd in list(members.by_fd):
                at[fd] = (at[fd] + (members.send(fd, many[at[fd]:]) or 0)) % len(many)

    def mute(self):
        members = Members(self.outcomes)
        for i in range(self._count(2000)):
            members.add(open_socket(self.port, source_address(i)))
        for _ in self._ticks(members, 0.2):
            pass

    def negotiations(self):
        """Finished by nobody. One request at a time on each of 64 connections, from 4 addresses."""
        asking, left = request(b"POST", PATH + b"/negotiate?negotiateVersion=1"), self._count(10_000)
        chooser, by_fd = select.epoll(), {}
        for i in range(min(64, left)):
            s = open_socket(self.port, f"127.0.{1 + i % 4}.1")
            by_fd[s.fileno()] = s
            chooser.register(s.fileno(), select.EPOLLIN)
            s.sendall(asking)
        left -= len(by_fd)
        while by_fd:
            for fd, _ in chooser.poll(30):
                self.outcomes[f"answered {by_fd[fd].recv(4096)[9:12].decode()}"] += 1
                if left > 0:
                    left -= 1
                    by_fd[fd].sendall(asking)
                else:
                    chooser.unregister(fd)
                    by_fd.pop(fd).close()

    def aborted_polls(self):
        """200 connections abort 25 polls each, one half by a reset; then each of them must still be served."""
        clients, rounds = self._count(200), 25
        with open_socket(self.port) as asker:
            targets = []
            for i in range(clients):
                s, target = connect_poll(self.port, PATH, source_address(i), asker)
                s.close()
                targets.append(target)
            for number in range(rounds):
                polls = []
                for i, target in enumerate(targets):
                    polls.append(open_socket(self.port, source_address(i)))
                    polls[-1].sendall(request(b"GET", target))
                time.sleep(0.05)  # so that the server has most of them
                for i, s in enumerate(polls):
                    self._drop(s, reset=(i + number) % 2 == 0)
                self.outcomes["polls aborted"] += clients
            for target in targets:
                with open_socket(self.port) as s:
                    s.sendall(request(b"GET", target))
                    ask(asker, b"POST", target, b"", b'{"type":1,"invocationId":"1","target":"Echo","arguments":["here"]}\x1e')
                    served = b'"result":"here"' in read_until(s, b"\x1e")
                self.outcomes["served afterwards" if served else "LOST"] += 1

    def websocket_drops(self):
        """A third each is dropped when it has asked, when it is open, and with a call under way."""
        for first in range(0, self._count(1000), 50):
            batch = [connect(self.port, PATH, source_address(i)) for i in range(first, min(first + 50, self._count(1000)))]
            for i, s in enumerate(batch):
                if i % 3 != 0:
                    opened(s)
                if i % 3 == 2:
                    s.sendall(JSON.invocation("Delay", 30_000, id="1"))
            for i, s in enumerate(batch):
                self._drop(s, reset=i % 2 == 0)
            self.outcomes["dropped"] += len(batch)

    def poll_drops(self):
        """A third each is dropped when it has negotiated, with its first poll under way, and with its handshake done."""
        with open_socket(self.port) as asker:
            for i in range(self._count(1000)):
                if i % 3 == 2:
                    s, target = connect_poll(self.port, PATH, source_address(i), asker)
                else:
                    target = negotiated(asker, PATH)
                    s = open_socket(self.port, source_address(i))
                    if i % 3 == 1:
                        ask(s, b"GET", target)
                if i % 3 != 0:
                    s.sendall(request(b"GET", target))
                self._drop(s, reset=i % 2 == 0)
                self.outcomes["dropped"] += 1

    def _count(self, all):
        return max(3, int(all * self._size))

    def _ticks(self, members, seconds):
        """Comes back every so many seconds, until the server has ended all or the crowd has had enough."""
        end = time.monotonic() + self._hold
        due = time.monotonic()
        while members.by_fd and time.monotonic() < end:
            yield
            due += seconds
            while members.by_fd and time.monotonic() < due:
                members.look(due - time.monotonic())
        members.leave()

    def _byte_a_second(self, members, text, others=None):
        """Each in its own hundredth of a second."""
        turns = [list(members.by_fd)[turn::100] for turn in range(100)]
        number = 0
        for _ in self._ticks(members, 0.01):
            at = number // 100
            for fd in turns[number % 100]:
                members.send(fd, text[at:at + 1])
            if others is not None:
                others.look(0)
            number += 1

    @staticmethod
    def _drop(s, reset):
        if reset:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        s.close()


KINDS = [name.replace("_", "-") for name in vars(Crowds) if not name.startswith("_")]


def socket_buffers():
    """Bytes that the kernel has in the buffers of all TCP sockets."""
    with open("/proc/net/sockstat") as f:
        return int(f.read().partition("TCP: ")[2].partition("\n")[0].split()[-1]) * PAGE


class Height:
    """The most that a server has had, looked at five times a second."""

    def __init__(self, server):
        self._server, self._ending, self._thread = server, threading.Event(), threading.Thread(target=self._look)
        self.descriptors, self.resident, self.buffers = 0, 0, 0

    def _look(self):
        while True:
            self.descriptors = max(self.descriptors, self._server.descriptors())
            self.resident = max(self.resident, self._server.resident())
            self.buffers = max(self.buffers, socket_buffers())
            if self._ending.wait(0.2):
                return

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        self._thread.join()


def connections_left(port):
    """Connections that the crowds' hub still has."""
    with connect(port, PATH) as s:
        opened(s)
        s.sendall(JSON.invocation("ConnectedCount", id="1"))
        answer = b""
        while b'"type":3' not in answer:
            answer += read_until(s, b"\x1e")
    return json.loads(answer[answer.rindex(b'{"type":3'):].partition(b"\x1e")[0])["result"] - 1


def one_crowd(kind, server, bystanders, options):
    """What was wrong with it."""
    crowds = Crowds(server.port, options)
    bystanders.report()
    descriptors, resident, buffers = server.descriptors(), server.resident(), socket_buffers()
    cpu, begin = server.cpu(), time.monotonic()
    with Height(server) as height:
        getattr(crowds, kind.replace("-", "_"))()
        lasted = time.monotonic() - begin
        cpu = server.cpu() - cpu
        during = bystanders.report()
    left = time.monotonic()
    while True:  # what a crowd leaves behind is forgotten after the server's times, all below --patience
        time.sleep(0.25)
        gone = time.monotonic() - left
        still = server.descriptors() - descriptors, connections_left(server.port)
        if max(still) <= 0 or gone > options.patience:
            break
    time.sleep(max(0, options.rest - gone))
    afterwards = bystanders.report()
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(crowds.outcomes.items())) or "as a measure for the others"
    print(f"{kind}: {outcomes}; {lasted:.1f} s, server busy {cpu / lasted:.2f} cores\n"
          f"    echoes: {latency(during)}; afterwards {latency(afterwards)}\n"
          f"    descriptors {descriptors}, {height.descriptors}, {server.descriptors()}; resident MiB {resident / MIB:.1f}, {height.resident / MIB:.1f}, "
          f"{server.resident() / MIB:.1f}; socket buffers MiB {buffers / MIB:.0f}, {height.buffers / MIB:.0f}, {socket_buffers() / MIB:.0f}; "
          + (f"rid of it after {gone:.1f} s" if max(still) <= 0 else "NOT rid of it"), flush=True)
    wrong = [f"p99 of {report['p99']} ms {when}" for report, when in ((during, "beside it"), (afterwards, "after it")) if report["p99"] > options.limit]
    wrong += [f"{report['overdue']} echoes were not answered {when}" for report, when in ((during, "beside it"), (afterwards, "after it")) if report["overdue"]]
    if crowds.outcomes["LOST"]:
        wrong.append("connections were lost")
    if max(still) > 0:
        wrong.append(f"{still[0]} descriptors and {still[1]} connections stay")
    return [f"{kind}: {what}" for what in wrong]


def latency(report):
    return (f"p50 {report['p50']:.2f} ms, p99 {report['p99']:.2f}, max {report['max']:.2f} of {report['echoes']} "
            f"(sent late by p99 {report['late_p99']:.2f}, max {report['late_max']:.2f})")


def load_average():
    return "load average " + " ".join(f"{one:.1f}" for one in os.getloadavg())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS) + "; all when none is named")
    add_server_options(parser)
    parser.add_argument("--rounds", type=int, default=2, help="what a second one adds is lost memory, not a first use of pools")
    parser.add_argument("--size", type=float, default=1, help="of the crowds, as a share of what is usual")
    parser.add_argument("--hold", type=float, default=45, help="seconds that a crowd stays when the server does not end it")
    parser.add_argument("--rest", type=float, default=8, help="seconds after a crowd, at least: until negotiations are forgotten")
    parser.add_argument("--patience", type=float, default=60, help="seconds until a server must be rid of a crowd")
    parser.add_argument("--limit", type=float, default=50, help="ms that the bystanders' p99 may be")
    parser.add_argument("--slack", type=float, default=8, help="MiB that the last round may end with above the first")
    options = parser.parse_args()
    if unknown := set(options.kinds) - set(KINDS):
        parser.error(f"no such crowd: {', '.join(sorted(unknown))}")
    raise_descriptor_limit()
    pin(options.load_cpus)
    wrong, ends = [], []
    print(f"HUBBUB_THREADS={options.threads}, {load_average()}", flush=True)
    with Server(options.start, threads=options.threads, cpus=options.server_cpus) as server, Bystanders(server.port, 50, 1000, max(1, options.limit / 1000)) as bystanders:
        os.nice(10)  # the bystanders may share a processor with the crowds, and come first
        for _ in range(options.rounds):
            for kind in options.kinds or KINDS:
                wrong += one_crowd(kind, server, bystanders, options)
            ends.append(server.resident() / MIB)
            print(f"resident at the end of the round: {ends[-1]:.1f} MiB; {load_average()}", flush=True)
        wrong += bystanders.report()["failures"]
    if ends[-1] > ends[0] + options.slack:
        wrong.append(f"the last round ended with {ends[-1] - ends[0]:.1f} MiB more than the first")
    if wrong:
        sys.exit("crowd_load: " + "\ncrowd_load: ".join(wrong))


if __name__ == "__main__":
    main()
