#!/usr/bin/env python3
"""A foreign WebSocket peer (python3-websockets, 10 and newer) against the plain echo at /raw.

What that library refuses to send (bad masks, lengths, reserved bits, UTF-8) goes out through a bare socket. Usage:

    raw_websocket.py --start build/release/bin/conformance_server     starts the server on a free port, and stops it
    raw_websocket.py --url ws://127.0.0.1:9200/raw                    uses a running one

HUBBUB_REFERENCE=1 says that the server is ASP.NET Core: what hubbub alone does is then left out.
"""
import argparse
import asyncio
import os
import random
import shlex
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback
from urllib.parse import urlsplit

try:
    import websockets
except ImportError:
    # The distribution's package is seen by the distribution's Python only; another one may come first in the path.
    if os.path.realpath(sys.executable) != os.path.realpath("/usr/bin/python3") and "HUBBUB_PYTHON_TRIED" not in os.environ:
        os.environ["HUBBUB_PYTHON_TRIED"] = "1"
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    sys.exit("raw_websocket.py needs the package python3-websockets")

AGAINST_REFERENCE = os.environ.get("HUBBUB_REFERENCE") == "1"
LARGEST_MESSAGE = 2 * 1024 * 1024
DEADLINE = 10

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
tests = []


def test(function):
    tests.append((function.__name__.replace("_", " "), function))
    return function


def hubbub_only(function):
    return function if AGAINST_REFERENCE else test(function)


# --- the library's side -------------------------------------------------------------------------------------------

def client(url, **options):
    settings = {"max_size": None, "ping_interval": None, "compression": None, "open_timeout": DEADLINE, "close_timeout": DEADLINE}
    return websockets.connect(url, **{**settings, **options})


async def soon(what):
    return await asyncio.wait_for(what, DEADLINE)


async def echo(peer, message):
    await soon(peer.send(message))
    expected = message if isinstance(message, (str, bytes)) else type(message[0])().join(message)
    got = await soon(peer.recv())
    assert type(got) is type(expected), f"sent {type(expected).__name__}, got {type(got).__name__}"
    assert got == expected, f"the echo of {len(expected)} differs, {len(got)} came back"


@test
async def text_and_binary_come_back_as_what_they_were(url):
    async with client(url) as peer:
        for message in ["", "hello", "Grüße, Ωμέγα, 漢字, 👩‍👩‍👧 \0", b"", b"\x00\xff\xfe", bytes(range(256)) * 3]:
            await echo(peer, message)


@test
async def every_length_form_comes_back(url):
    async with client(url) as peer:
        for length in [1, 124, 125, 126, 127, 128, 4096, 65534, 65535, 65536, 65537, 300_000]:
            await echo(peer, "x" * length)
            await echo(peer, random.Random(length).randbytes(length))


@test
async def the_largest_message_comes_back(url):
    async with client(url) as peer:
        await echo(peer, b"m" * LARGEST_MESSAGE)
        await echo(peer, "still here")


@test
async def fragments_come_back_as_one_message(url):
    async with client(url) as peer:
        await echo(peer, ["one", "", "two", "", "", "three"])
        await echo(peer, [b"\x01"] * 100)
        text = "€äöü" * 50
        await echo(peer, [text[i:i + 7] for i in range(0, len(text), 7)])


@test
async def messages_keep_their_order(url):
    async with client(url) as peer:
        for i in range(500):
            await soon(peer.send(str(i)))
        assert [await soon(peer.recv()) for _ in range(500)] == [str(i) for i in range(500)]


@test
async def pings_are_answered(url):
    async with client(url) as peer:
        for payload in [b"", b"payload", b"p" * 125]:
            await soon(await peer.ping(payload))
        await peer.pong(b"unasked")
        await echo(peer, "after pings")


@test
async def an_offered_compression_is_not_needed(url):
    async with client(url, compression="deflate") as peer:
        await echo(peer, "compress me " * 100)


@test
async def close_codes_are_echoed(url):
    for code, reason in [(1000, ""), (1000, "bye"), (1001, ""), (1003, "x"), (1011, ""), (3000, ""), (4999, "r" * 123)]:
        peer = await client(url)
        await soon(peer.close(code, reason))
        assert peer.close_code == code, f"closed with {code}, answered {peer.close_code}"


@test
async def many_peers_are_served_at_once(url):
    async def one(i):
        async with client(url) as peer:
            for round_trip in range(5):
                await echo(peer, f"peer {i} round {round_trip} " * 50)
    await soon(asyncio.gather(*(one(i) for i in range(50))))


# --- the bare side ------------------------------------------------------------------------------------------------

class Bare:
    """An upgraded socket: bytes out as given, frames cut by hand."""

    def __init__(self, url):
        where = urlsplit(url)
        self.socket = socket.create_connection((where.hostname, where.port), timeout=DEADLINE)
        self.socket.sendall((f"GET {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101"), head
        assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head, head

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def fill(self):
        received = self.socket.recv(65536)
        if not received:
            raise EOFError(f"the server ended the connection; left over: {self.buffer!r}")
        self.buffer += received

    def take(self, count):
        while len(self.buffer) < count:
            self.fill()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def send(self, *pieces):
        self.socket.sendall(b"".join(pieces))

    def frame(self):
        first, second = self.take(2)
        assert not second & 0x80, "the server masked a frame"
        assert not first & 0x70, "the server set a reserved bit"
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack(">H", self.take(2))
            assert length > 125, "not the shortest length form"
        elif length == 127:
            (length,) = struct.unpack(">Q", self.take(8))
            assert length > 65535, "not the shortest length form"
        return first & 0x0F, bool(first & 0x80), self.take(length)

    def expect_close(self, code):
        opcode, _, payload = self.frame()
        assert opcode == CLOSE, f"expected close {code}, got opcode {opcode} {payload[:50]!r}"
        got = struct.unpack(">H", payload[:2])[0] if payload else None
        assert got == code, f"expected close {code}, got {got}"

    def expect_end(self):
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass


def frame(payload, opcode=TEXT, fin=True, reserved=0, masked=True, form=None, length=None):
    """One client frame. `form` forces 0, 2 or 8 bytes of length, `length` lies about it."""
    length = len(payload) if length is None else length
    form = (0 if length < 126 else 2 if length < 65536 else 8) if form is None else form
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    mark = 0x80 if masked else 0
    head += bytes([mark | length]) if form == 0 else bytes([mark | 126]) + struct.pack(">H", length) if form == 2 else bytes([mark | 127]) + struct.pack(">Q", length)
    if not masked:
        return head + payload
    mask = b"\x37\xfa\x21\x3d"
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def close_payload(code, reason=b""):
    return struct.pack(">H", code) + reason


def refuses(name, code, *pieces):
    """After these bytes comes a close frame with the code and the end, and nothing of the bytes comes back."""
    def run(url):
        with Bare(url) as peer:
            peer.send(*pieces)
            peer.expect_close(code)
            peer.send(frame(close_payload(code), CLOSE))
            peer.expect_end()
        with Bare(url) as fresh:
            fresh.send(frame(b"fresh"))
            assert fresh.frame() == (TEXT, True, b"fresh")
    run.__name__ = f"{code} after {name}"
    return hubbub_only(run)  # the reference's echo lets its exception cut the connection; at its hubs the same bytes are tested


refuses("an unmasked frame", 1002, frame(b"x", masked=False))
for bits in (1, 2, 4, 7):
    refuses(f"the reserved bits {bits}", 1002, frame(b"x", reserved=bits))
    refuses(f"the reserved bits {bits} on a ping", 1002, frame(b"x", PING, reserved=bits))
for unknown in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
    refuses(f"the opcode {unknown}", 1002, frame(b"x", unknown))
refuses("a length of 16 bits that fits in 7", 1002, frame(b"x" * 125, form=2))
refuses("a length of 64 bits that fits in 7", 1002, frame(b"x" * 125, form=8))
refuses("a length of 64 bits that fits in 16", 1002, frame(b"x" * 65535, BINARY, form=8))
refuses("a length with the highest bit set", 1002, frame(b"", BINARY, form=8, length=1 << 63))
refuses("a ping of 126 bytes", 1002, frame(b"x" * 126, PING))
refuses("a pong of 126 bytes", 1002, frame(b"x" * 126, PONG))
refuses("a close frame of 126 bytes", 1002, frame(close_payload(1000, b"x" * 124), CLOSE))
for control in (CLOSE, PING, PONG):
    refuses(f"a fragmented control frame {control}", 1002, frame(b"", control, fin=False))
refuses("a continuation of nothing", 1002, frame(b"x", 0))
refuses("a continuation after a whole message of nothing", 1002, frame(b"", 0, fin=False))
refuses("text inside fragmented text", 1002, frame(b"x", fin=False), frame(b"y"))
refuses("binary inside fragmented text", 1002, frame(b"x", fin=False), frame(b"y", BINARY, fin=False))
refuses("a close frame of one byte", 1002, frame(b"\x03", CLOSE))
for bad_code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535):
    refuses(f"the close code {bad_code}", 1002, frame(close_payload(bad_code), CLOSE))
for name, invalid in {
        "a stray continuation byte": b"\x80", "an impossible byte": b"ok\xff", "an overlong slash": b"\xc0\xaf", "a longer overlong slash": b"\xe0\x80\xaf",
        "a surrogate": b"\xed\xa0\x80", "a character above U+10FFFF": b"\xf4\x90\x80\x80", "a character cut by the end": b"\xe2\x82", "five bytes for one": b"\xf8\x88\x80\x80\x80",
}.items():
    refuses(name, 1007, frame(invalid))
    refuses(f"{name} in fragments", 1007, *[frame(invalid[i:i + 1], TEXT if i == 0 else 0, fin=i == len(invalid) - 1) for i in range(len(invalid))])
refuses("a close reason that is no text", 1007, frame(close_payload(1000, b"\xff"), CLOSE))
refuses("an impossible byte in the first fragment already", 1007, frame(b"\xff", fin=False))
# Far above: test suites for WebSockets use messages of 16 MiB, which an echo for them may well take.
refuses("a message far above the limit", 1009, frame(b"", BINARY, form=8, length=17 * 1024 * 1024))
refuses("fragments far above the limit", 1009, frame(b"", BINARY, fin=False), frame(b"x" * 65536, 0, fin=False) * (17 * 16))


@test
def a_close_frame_without_a_code_is_answered(url):
    with Bare(url) as peer:
        peer.send(frame(b"", CLOSE))
        opcode, _, payload = peer.frame()
        assert opcode == CLOSE and payload in (b"", close_payload(1000)), payload
        peer.expect_end()


@test
def nothing_after_a_close_frame_is_answered(url):
    with Bare(url) as peer:
        peer.send(frame(b"before"), frame(close_payload(1000), CLOSE), frame(b"after"), frame(b"ping", PING))
        assert peer.frame()[2] == b"before"
        peer.expect_close(1000)
        assert peer.buffer == b""
        peer.expect_end()


@test
def control_frames_may_stand_between_fragments(url):
    with Bare(url) as peer:
        peer.send(frame(b"frag", fin=False), frame(b"ping", PING), frame(b"", PONG), frame(b"ment", 0, fin=False), frame(b"", PING), frame(b"ed", 0))
        pongs, text = [], b""
        while True:
            opcode, fin, payload = peer.frame()
            if opcode == PONG:
                pongs.append(payload)
                continue
            text += payload
            if fin:
                break
        assert (pongs, text) == ([b"ping", b""], b"fragmented")


@test
def frames_may_arrive_byte_by_byte(url):
    with Bare(url) as peer:
        peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in frame(b"slow", PING) + frame("träge".encode()) + frame(b"y" * 200, BINARY):
            peer.send(bytes([byte]))
        assert peer.frame() == (PONG, True, b"slow")
        assert peer.frame() == (TEXT, True, "träge".encode())
        assert peer.frame() == (BINARY, True, b"y" * 200)


@test
def many_messages_may_share_a_packet(url):
    with Bare(url) as peer:
        peer.send(*[frame(str(i).encode()) for i in range(1000)])
        assert [peer.frame()[2] for _ in range(1000)] == [str(i).encode() for i in range(1000)]


@hubbub_only
def a_huge_announced_length_is_refused_at_once(url):
    with Bare(url) as peer:
        peer.send(frame(b"", BINARY, form=8, length=(1 << 63) - 1))
        peer.expect_close(1009)


@test
def peers_that_vanish_leave_the_server_well(url):
    for piece in [b"", b"\x81", b"\x81\xfe\x00", frame(b"x" * 1000)[:500], frame(b"x", fin=False)]:
        with Bare(url) as peer:
            peer.send(piece)
            peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # RST
    with Bare(url) as fresh:
        fresh.send(frame(b"fresh"))
        assert fresh.frame()[2] == b"fresh"


# --- running ------------------------------------------------------------------------------------------------------

def free_port():
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def start(command):
    port = free_port()
    process = subprocess.Popen(shlex.split(command), env={**os.environ, "HUBBUB_PORT": str(port)}, stdout=subprocess.DEVNULL)
    for _ in range(1000):
        if process.poll() is not None:
            sys.exit(f"{command} ended with status {process.returncode} while starting")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return process, f"ws://127.0.0.1:{port}/raw"
        except OSError:
            time.sleep(0.02)
    process.kill()
    sys.exit(f"{command} does not accept connections on port {port}")


def run_all(url):
    failed = 0
    for name, function in tests:
        try:
            outcome = function(url)
            if asyncio.iscoroutine(outcome):
                asyncio.run(outcome)
            print(f"ok      {name}")
        except Exception:  # whatever it is, it is this test's failure
            failed += 1
            print(f"FAILED  {name}")
            traceback.print_exc(file=sys.stdout)
    return failed


def main():
    parser = argparse.ArgumentParser(description="python3-websockets and bare sockets against a WebSocket echo")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--start", metavar="COMMAND", help="command line of a conformance server to start")
    what.add_argument("--url", help="address of a running echo, such as ws://127.0.0.1:9200/raw")
    arguments = parser.parse_args()

    process, url = start(arguments.start) if arguments.start else (None, arguments.url)
    try:
        failed = run_all(url)
    finally:
        if process:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                print("FAILED  the server did not end within 15 s after SIGTERM")
                failed = 1
    print(f"raw_websocket: {len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
