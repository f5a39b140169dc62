"""One gRPC call over bare HTTP/2, with a header that no gRPC client would send."""

import re
import socket
import struct
import types

DATA, HEADERS, SETTINGS = 0, 1, 4
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


def call_with_header(address, path, message, name, value, seconds=10):
    """Calls a unary method; the result has grpc_status, None if there was none."""
    headers = {":method": "POST", ":scheme": "http", ":path": path, ":authority": address,
               "te": "trailers", "content-type": "application/grpc", name: value}
    block = b"".join(literal(*header) for header in headers.items())
    body = b"\x00" + struct.pack(">I", len(message)) + message
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), seconds) as connection:
        connection.sendall(
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0)
            + frame(HEADERS, END_HEADERS, 1, block) + frame(DATA, END_STREAM, 1, body))
        return types.SimpleNamespace(grpc_status=read_status(connection))


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
