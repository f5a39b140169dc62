"""Streams that nobody has to say who they are for, and the end of the service
whatever its clients and its own threads do."""

import contextlib
import ctypes
import os
import signal
import socket
import struct
import threading
import time

import grpc
import pytest

from harness.errors import refused
from harness.node import Node, default_config, merged
from harness.process import SLOWDOWN, wait_until
from harness.raw_http2 import DATA, END_HEADERS, END_STREAM, HEADERS, SETTINGS, frame, literal

WATCH = "/grpc.health.v1.Health/Watch"
REFLECT = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
OLD_REFLECT = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
LIST_SERVICES = b"\x3a\x01*"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def threads(node):
    return len(os.listdir(f"/proc/{node.process.pid}/task"))


class Streams:
    """Streams that stay open until the end of the block, each with its first answer."""

    def __init__(self):
        self._over = threading.Event()
        self.open = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._over.set()
        for stream in self.open:
            stream.cancel()

    def begin(self, channel, path):
        """Begins one, and returns what it first says."""

        def requests():
            yield b"" if path == WATCH else LIST_SERVICES
            self._over.wait()

        stream = channel.stream_stream(path)(requests(), timeout=60 * SLOWDOWN)
        self.open.append(stream)
        return next(stream)


def test_reflection_takes_no_thread_and_is_bounded_in_all(node):
    busy = threads(node)
    with Streams() as streams, contextlib.ExitStack() as stack:
        for _ in range(64):
            channel = stack.enter_context(node.connect())
            for _ in range(16):
                assert b"holysheep.node.v1.LlmNode" in streams.begin(channel, OLD_REFLECT)
        assert threads(node) <= busy + 4
        late = stack.enter_context(node.connect())
        for path in (REFLECT, OLD_REFLECT, WATCH):
            with refused("RESOURCE_EXHAUSTED", "QUEUE_FULL"):
                streams.begin(late, path)
        # Nobody else notices.
        assert node.health() == b"\x08\x01"

    def has_room():
        with Streams() as again, node.connect() as channel, contextlib.suppress(grpc.RpcError):
            return again.begin(channel, REFLECT)

    wait_until(has_room, 10, "the places of those who left")


@pytest.mark.parametrize("paths", [[WATCH], [REFLECT], [WATCH, OLD_REFLECT, REFLECT]])
def test_one_connection_has_sixteen_streams_of_health_and_reflection(node, paths):
    with Streams() as streams, node.connect() as channel:
        for i in range(16):
            streams.begin(channel, paths[i % len(paths)])
        for path in (WATCH, REFLECT, OLD_REFLECT):
            with refused("RESOURCE_EXHAUSTED", "QUEUE_FULL") as refusal:
                streams.begin(channel, path)
            assert refusal.retry.total_seconds() > 0
        streams.open[3].cancel()

        def has_room():
            with contextlib.suppress(grpc.RpcError):
                return streams.begin(channel, WATCH)

        wait_until(has_room, 10, "the place of the one that left")


def test_reflection_can_be_turned_off(start_node, chat, upstream):
    node = start_node(upstream.url, reflection=False)
    for path in (REFLECT, OLD_REFLECT):
        with Streams() as streams, pytest.raises(grpc.RpcError) as caught:
            streams.begin(node.channel, path)
        assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert node.health() == b"\x08\x01"
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result == "Hallo"


def seconds_to_end(node):
    start = time.monotonic()
    node.process.send(signal.SIGTERM)
    assert node.process.wait(40) == 0, node.log()
    return time.monotonic() - start


@contextlib.contextmanager
def half_open(node):
    """A call whose message never comes whole, and one whose answer nobody reads."""
    headers = {":method": "POST", ":scheme": "http", ":authority": "a", "te": "trailers",
               "content-type": "application/grpc"}

    def begin(path):
        return frame(HEADERS, END_HEADERS, 1, b"".join(
            literal(*header) for header in (headers | {":path": path}).items()))

    host, port = node.address.rsplit(":", 1)
    with contextlib.ExitStack() as stack:
        for said in (begin("/holysheep.node.v1.LlmNode/Invoke") + frame(DATA, 0, 1, b"\x00\x00"),
                     begin(WATCH) + frame(DATA, END_STREAM, 1, bytes(5)),
                     begin(REFLECT) + frame(DATA, 0, 1, b"\x00" + struct.pack(">I", 3)
                                            + LIST_SERVICES) * 200,
                     b""):
            client = stack.enter_context(socket.create_connection((host, int(port)), 5))
            client.sendall(PREFACE + frame(SETTINGS, 0, 0) + said)
        yield


def test_promise_13_open_streams_do_not_keep_it_from_ending(start_node, upstream):
    node = start_node(upstream.url, drain_timeout="1s")
    with Streams() as streams, half_open(node), contextlib.ExitStack() as stack:
        for path in (WATCH, REFLECT, OLD_REFLECT) * 8:
            streams.begin(stack.enter_context(node.connect()), path)
        assert seconds_to_end(node) < 6 * SLOWDOWN


class Frozen:
    """Stops a thread of a process until the end of the block, as a disk or a lock would."""

    SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
    WALL = 0x40000000

    def __init__(self, tids):
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._tids = tids

    def _trace(self, request, tid):
        no = ctypes.c_void_p(0)
        return self._libc.ptrace(ctypes.c_long(request), ctypes.c_long(tid), no, no)

    def __enter__(self):
        for tid in self._tids:
            if self._trace(self.SEIZE, tid) != 0:
                pytest.skip("this user may not stop threads")
            self._trace(self.INTERRUPT, tid)
        return self

    def __exit__(self, *_):
        for tid in self._tids:
            self._trace(self.DETACH, tid)

    def bury(self):
        """Those that are dead: until then their process is not over for its parent."""
        for tid in self._tids:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(tid, self.WALL | os.WNOHANG)


@contextlib.contextmanager
def started(api, folder, config):
    """A service that need not end well."""
    folder.mkdir()
    node = Node(api, folder, config)
    try:
        yield node
    finally:
        node.channel.close()
        node.process.kill()


def test_promise_13_a_blocked_thread_does_not_keep_it_from_ending(
        api, tmp_path, chat, messages, upstream):
    config = merged(default_config(upstream.url), {
        "ledger": {"path": str(tmp_path / "ledger.db")}, "drain_timeout": "500ms"})
    with started(api, tmp_path / "a", config) as node:
        answer = node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
        # All but the one that takes the signal.
        with Frozen([int(tid) for tid in os.listdir(f"/proc/{node.process.pid}/task")
                     if int(tid) != node.process.pid]) as frozen:
            start = time.monotonic()
            node.process.send(signal.SIGTERM)

            def ended():
                frozen.bury()
                return node.process.process.poll() is not None

            wait_until(ended, 20 * SLOWDOWN, "its end")
            assert time.monotonic() - start < 5.5 * SLOWDOWN
        assert node.process.process.returncode == 1
        assert "did not end in time" in node.log()
    # Nothing that was told is lost.
    with started(api, tmp_path / "b", config) as node:
        total = node.admin.GetUsage(messages.GetUsageRequest()).total
        assert (total.calls, total.cost.total) == (1, answer.cost.total)
