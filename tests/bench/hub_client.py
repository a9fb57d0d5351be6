"""Clients of a hub with as little to do as possible: bytes that were made before, sockets without objects around them."""
import json
import socket
import ssl

HANDSHAKE = b'{"protocol":"json","version":1}\x1e'
ACCEPTED = b"{}\x1e"


def frame(payload, opcode=1):
    """A masked frame, of text by default; the mask is zero, which is legal and quick."""
    size, first = len(payload), 0x80 | opcode
    if size < 126:
        head = bytes([first, 0x80 | size])
    elif size < 65536:
        head = bytes([first, 0xFE]) + size.to_bytes(2, "big")
    else:
        head = bytes([first, 0xFF]) + size.to_bytes(8, "big")
    return head + b"\0\0\0\0" + payload


class JSON:
    """Messages of the JSON hub protocol, each in a frame of its own."""

    name = b"json"

    @staticmethod
    def invocation(target, *arguments, id=None, streams=()):
        message = {"type": 1, "target": target, "arguments": list(arguments)}
        if id is not None:
            message["invocationId"] = id
        if streams:
            message["streamIds"] = list(streams)
        return JSON._framed(message)

    @staticmethod
    def item(id, value):
        return JSON._framed({"type": 2, "invocationId": id, "item": value})

    @staticmethod
    def end(id):
        return JSON._framed({"type": 3, "invocationId": id})

    @staticmethod
    def ack(received):
        return JSON._framed({"type": 8, "sequenceId": received})

    @staticmethod
    def _framed(message):
        return frame(json.dumps(message, separators=(",", ":")).encode() + b"\x1e")


class MESSAGEPACK:
    """The same in the MessagePack hub protocol."""

    name = b"messagepack"

    @staticmethod
    def invocation(target, *arguments, id=None, streams=()):
        return MESSAGEPACK._framed([1, {}, id, target, list(arguments), list(streams)])

    @staticmethod
    def item(id, value):
        return MESSAGEPACK._framed([2, {}, id, value])

    @staticmethod
    def end(id):
        return MESSAGEPACK._framed([3, {}, id, 2])

    @staticmethod
    def _framed(message):
        body, prefix = MESSAGEPACK._packed(message), b""
        size = len(body)
        while size > 0x7F:
            prefix += bytes([0x80 | size & 0x7F])
            size >>= 7
        return frame(prefix + bytes([size]) + body, opcode=2)

    @staticmethod
    def _packed(value):
        """What these messages are made of, and no more."""
        if value is None:
            return b"\xc0"
        if isinstance(value, int) and 0 <= value < 2**31:
            return bytes([value]) if value < 0x80 else b"\xce" + value.to_bytes(4, "big")
        if isinstance(value, str):
            text = value.encode()
            return b"\xda" + len(text).to_bytes(2, "big") + text if len(text) > 31 else bytes([0xA0 | len(text)]) + text
        if isinstance(value, list) and len(value) < 16:
            return bytes([0x90 | len(value)]) + b"".join(map(MESSAGEPACK._packed, value))
        if value == {}:
            return b"\x80"
        raise ValueError(f"no MessagePack for {value!r}")


def handshake(protocol, version=1):
    return frame(b'{"protocol":"' + protocol.name + b'","version":' + str(version).encode() + b"}\x1e")


def source_address(i):
    """4,000 connections from each address of this machine: with more the kernel's search for a free port gets slow."""
    return f"127.0.{1 + i // 4000}.1"


def open_socket(port, source="127.0.0.1", tls=None, receive_buffer=0):
    """`receive_buffer`: bytes that the kernel takes for a client that does not read; 0: what it likes."""
    s = socket.socket()
    if receive_buffer:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((source, 0))
    s.settimeout(30)
    s.connect(("127.0.0.1", port))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s if tls is None else tls.wrap_socket(s, server_hostname="localhost")


def tls_client(authority=None):
    """Settings of clients that trust this certificate, or any when none is named: the handshake is not what is measured."""
    settings = ssl.create_default_context(cafile=authority)
    if authority is None:
        settings.check_hostname = False
        settings.verify_mode = ssl.CERT_NONE
    return settings


def upgrade(port, path, headers=b""):
    return (b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1:" + str(port).encode() + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + headers + b"\r\n")


def request(method, target, headers=b"", body=b""):
    length = b"Content-Length: " + str(len(body)).encode() + b"\r\n" if method == b"POST" else b""
    return method + b" " + target + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n" + length + headers + b"\r\n" + body


def read_until(s, text):
    got = b""
    while text not in got:
        piece = s.recv(65536)
        if not piece:
            raise ConnectionError(f"the connection ended: {got[:200]!r}")
        got += piece
    return got


def ask(s, method, target, headers=b"", body=b""):
    """One request on a kept-alive connection; the answer's body."""
    s.sendall(request(method, target, headers, body))
    head, _, rest = read_until(s, b"\r\n\r\n").partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 2"):
        raise ConnectionError(f"{method} {target} was answered {head[:200]!r}")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    while len(rest) < length:
        rest += s.recv(65536)
    return rest


def negotiated(asker, path, headers=b"", stateful=False):
    """The target of a new connection."""
    question = b"/negotiate?negotiateVersion=1" + (b"&useStatefulReconnect=true" if stateful else b"")
    answer = json.loads(ask(asker, b"POST", path + question, headers))
    if stateful and not answer.get("useStatefulReconnect"):
        raise ConnectionError("the server does not offer stateful reconnect")
    return path + b"?id=" + answer["connectionToken"].encode()


def connect(port, path, source="127.0.0.1", headers=b"", tls=None, protocol=JSON):
    """A WebSocket that has asked for everything and waited for nothing; see `opened`."""
    s = open_socket(port, source, tls)
    s.sendall(upgrade(port, path, headers) + handshake(protocol))
    return s


def connect_stateful(port, path, source="127.0.0.1"):
    """The same with stateful reconnect, in JSON."""
    with open_socket(port, source) as asker:
        target = negotiated(asker, path, stateful=True)
    s = open_socket(port, source)
    s.sendall(upgrade(port, target) + handshake(JSON, version=2))
    return s


def connect_poll(port, path, source, asker, headers=b""):
    """A connection of long polling whose handshake is done: the socket for its polls, none of them open, and its target."""
    target = negotiated(asker, path, headers)
    s = open_socket(port, source)
    ask(s, b"GET", target, headers)
    ask(asker, b"POST", target, headers, HANDSHAKE)
    if ask(s, b"GET", target, headers) != ACCEPTED:
        raise ConnectionError("the handshake was refused")
    return s, target


def opened(s):
    """Waits for the upgrade and the handshake's answer."""
    read_until(s, ACCEPTED)


def browser_headers(size):
    """What a browser sends along, with a token, and a cookie that fills it up to about `size` bytes."""
    text = (b"Origin: http://127.0.0.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36\r\n"
            b"Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9,de;q=0.8\r\nCache-Control: no-cache\r\nPragma: no-cache\r\n")
    text += b"Authorization: Bearer " + b"eyJhbGciOiJIUzI1NiJ9" * 20 + b"\r\n"
    if len(text) + 12 < size:
        text += b"Cookie: s=" + b"c" * (size - len(text) - 12) + b"\r\n"
    return text
