"""gRPC calls over bare HTTP/2, as no gRPC client would make them."""

import contextlib
import re
import socket
import struct
import types

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, WINDOW_UPDATE = 0, 1, 4, 8
INITIAL_WINDOW_SIZE = 4
LARGE = 1 << 30
END_STREAM, END_HEADERS, ACK = 1, 4, 1


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(name, value):
    """A header in HPACK: literal, not indexed, not Huffman-coded."""

    def string(text):
        data = text.encode("latin-1")
        assert len(data) < 127
        return bytes([len(data)]) + data

    return b"\x00" + string(name) + string(value)


def call(address, path, message, extra=()):
    """The bytes of a call after a connection's first settings."""
    headers = {":method": "POST", ":scheme": "http", ":path": path, ":authority": address,
               "te": "trailers", "content-type": "application/grpc", **dict(extra)}
    block = b"".join(literal(*header) for header in headers.items())
    body = b"\x00" + struct.pack(">I", len(message)) + message
    return frame(HEADERS, END_HEADERS, 1, block) + frame(DATA, END_STREAM, 1, body)


def call_with_header(address, path, message, name, value, seconds=10):
    """Calls a unary method; the result has grpc_status, None if there was none."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), seconds) as connection:
        connection.sendall(PREFACE + frame(SETTINGS, 0, 0) + call(address, path, message, {name: value}))
        return types.SimpleNamespace(grpc_status=read_status(connection))


@contextlib.contextmanager
def unread(address, path, message):
    """A connection whose client has made a call and takes any amount of HTTP/2, but of
    which it has read no byte yet; small buffers of the kernel fill at once."""
    host, port = address.rsplit(":", 1)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(20)
        connection.connect((host, int(port)))
        window = struct.pack(">HI", INITIAL_WINDOW_SIZE, LARGE)
        connection.sendall(PREFACE + frame(SETTINGS, 0, 0, window)
                           + frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", LARGE)) + call(address, path, message))
        yield connection


def read_status(connection):
    """gRPC writes `grpc-status` and its value without Huffman coding."""
    received = b""
    while True:
        found = re.search(rb"grpc-status[\x01\x02](\d{1,2})", received)
        if found:
            return int(found[1])
        try:
            piece = connection.recv(65536)
        except TimeoutError:
            return None
        if not piece:
            return None
        received += piece
