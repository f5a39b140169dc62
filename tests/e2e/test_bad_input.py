"""What strangers and broken clients send to both ports, and what it costs others."""

import contextlib
import hashlib
import os
import pathlib
import re
import socket
import statistics
import struct
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from harness.certificates import Authority
from harness.errors import refusal_of
from harness.http import Metrics, get, http_address
from harness.process import SLOWDOWN, rss_mb, wait_until
from harness.raw_http2 import DATA, END_HEADERS, HEADERS, SETTINGS, frame, literal

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
GREETING = PREFACE + frame(SETTINGS, 0, 0)
PING, GOAWAY = 6, 7

# What a client says before it falls silent.
BEGINNINGS = {
    "nothing": b"",
    "zeros": bytes(4096),
    "noise": bytes(i * 89 % 251 for i in range(4096)),
    "http 1": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "half a line": b"GET /met",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100),
    "half a preface": PREFACE[:10],
    "a greeting": GREETING,
    "half a header": GREETING + struct.pack(">I", 100)[1:] + bytes([HEADERS, 0, 0, 0, 0, 1, 0]),
    "a frame of 16 MB": GREETING + b"\xff\xff\xff" + bytes([DATA, 0, 0, 0, 0, 1]) + bytes(1000),
}


def connect(address):
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), 5)


@contextlib.contextmanager
def connections(address, count, beginning=b""):
    """So many clients who begin like this, until the end of the block."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(address)) for _ in range(count)]
        for client in clients:
            with contextlib.suppress(ConnectionError):
                client.sendall(beginning)
        yield clients


def closed(client):
    """Whether the other side has closed this connection, without waiting."""
    client.setblocking(False)
    try:
        while client.recv(65536):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        pass
    return True


def p95_ms(call, times=100):
    """Of calls one after the other."""

    def once(_):
        start = time.perf_counter()
        call()
        return (time.perf_counter() - start) * 1000

    return statistics.quantiles(map(once, range(times)), n=20)[-1]


@pytest.fixture
def watched(start_node, upstream):
    return start_node(upstream.url, http={"listen": "127.0.0.1:0"})


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
@pytest.mark.parametrize("port", ["grpc", "http"])
def test_bad_beginnings_do_not_slow_others_down(watched, chat, port, beginning):
    address = watched.address if port == "grpc" else http_address(watched)

    def hit():
        watched.llm.Invoke(chat.InvokeRequest(query="Hallo"))

    hit()
    with connections(address, 60, beginning):
        assert p95_ms(hit) < 20 * SLOWDOWN
        assert p95_ms(lambda: get(http_address(watched), "/healthz"), 20) < 20 * SLOWDOWN
        # And newcomers get in.
        with watched.connect() as channel:
            grpc.channel_ready_future(channel).result(5)
    said = [line for line in watched.log().splitlines() if "listening on" not in line]
    assert all(line.startswith("{") for line in said)
    assert len(said) < 150


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def peak_mb(pid):
    """The most memory that a process has had."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def accepted(address):
    """Connections to the address that a program has accepted and not yet closed."""
    port = f":{int(address.rpartition(':')[2]):04X}"
    lines = [line.split() for kind in ("tcp", "tcp6")
             for line in pathlib.Path(f"/proc/net/{kind}").read_text().splitlines()[1:]]
    listens = "0A"
    return sum(line[1].endswith(port) and line[3] != listens and line[9] != "0"
               for line in lines)


@pytest.mark.parametrize("beginning", [b"", GREETING], ids=["silent", "greeted"])
def test_500_idle_connections_cost_little(watched, chat, beginning):
    pid = watched.process.pid
    watched.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    before, busy = rss_mb(pid), threads(pid)
    with connections(watched.address, 500, beginning):
        wait_until(lambda: accepted(watched.address) > 500, 5, "the connections")
        watched.llm.Invoke(chat.InvokeRequest(query="Hallo"))
        assert threads(pid) <= busy + 1
        if SLOWDOWN == 1:
            assert rss_mb(pid) - before < 25
    wait_until(lambda: accepted(watched.address) < 100, 5, "their end")


def test_more_connections_than_configured_are_ended_and_counted(start_node, chat, upstream):
    node = start_node(upstream.url, http={"listen": "127.0.0.1:0"}, limits={"max_connections": 10})
    node.llm.Invoke(chat.InvokeRequest(query="before"))

    def cut():
        return Metrics(node).sum("holysheep_dropped_connections_total", cause="no_room")

    assert cut() == 0
    with connections(node.address, 30) as clients:
        wait_until(lambda: sum(map(closed, clients)) >= 20, 5, "the end of most")
        assert cut() >= 20
        assert node.llm.Invoke(chat.InvokeRequest(query="meanwhile")).result == "meanwhile"


def test_strangers_who_fill_all_connections_keep_nobody_out(
        start_node, api, chat, upstream):
    token = hashlib.sha256(b"secret").hexdigest()
    node = start_node(upstream.url, http={"listen": "127.0.0.1:0"}, limits={"max_connections": 40},
                      auth={"tokens": [{"name": "a", "sha256": token}]})
    known = {"metadata": [("authorization", "Bearer secret")]}
    node.llm.Invoke(chat.InvokeRequest(query="before"), **known)
    with connections(node.address, 60, GREETING) as strangers:
        wait_until(lambda: sum(map(closed, strangers)) >= 20, 5, "the end of some")

        def gets_in(query):
            with node.connect() as channel, contextlib.suppress(grpc.RpcError):
                llm = api.node_pb2_grpc.LlmNodeStub(channel)
                return llm.Invoke(chat.InvokeRequest(query=query), timeout=1,
                                  **known).result == query

        # Strangers have two seconds to say who they are.
        wait_until(lambda: gets_in("meanwhile"), 5, "room for another")
        assert Metrics(node).sum("holysheep_dropped_connections_total", cause="crowded_out") >= 1
        # Who is known has stayed.
        assert node.llm.Invoke(chat.InvokeRequest(query="still"), **known).result == "still"


def test_a_lack_of_descriptors_passes(start_node, chat, upstream):
    node = start_node(upstream.url, before=["bash", "-c", 'ulimit -n 128; exec "$@"', "bash"])
    node.llm.Invoke(chat.InvokeRequest(query="before"))
    with connections(node.address, 300) as clients:
        wait_until(lambda: sum(map(closed, clients)) >= 200, 5, "the end of most")
        # There are enough left for who is in, and for the upstream.
        assert node.llm.Invoke(chat.InvokeRequest(query="meanwhile")).result == "meanwhile"

    def gets_in():
        with node.connect() as channel, contextlib.suppress(grpc.FutureTimeoutError):
            grpc.channel_ready_future(channel).result(1)
            return True

    wait_until(gets_in, 10, "room for newcomers")


def test_large_messages_of_strangers_cost_bounded_memory(start_node, upstream):
    node = start_node(upstream.url, auth={"tokens": [{"name": "a", "sha256": "a" * 64}]})
    message = b"\x0a" + b"\x80\x80\x80\x0f" + bytes(30 << 20)

    def call(_):
        with node.connect() as channel, pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary("/holysheep.node.v1.LlmNode/Invoke")(message, timeout=60)
        return caught.value.code()

    with ThreadPoolExecutor(40) as pool:
        codes = set(pool.map(call, range(40)))
    assert codes <= {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.RESOURCE_EXHAUSTED,
                     grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL}
    if SLOWDOWN == 1:
        assert peak_mb(node.process.pid) < 700
    assert node.health() == b"\x08\x01"


CONTINUATION = 9
# What a block of headers is made of that does not end.
ENDLESS = {
    "many headers": (b"", literal("a", "b") * 3000),
    # Its length says 2 GiB.
    "one header": (b"\x00\x01a\x7f\x80\xff\xff\xff\x07", bytes(16_000)),
}


@pytest.mark.parametrize(("start", "piece"), ENDLESS.values(), ids=ENDLESS)
def test_headers_that_never_end_are_cut_off(watched, chat, start, piece):
    pid = watched.process.pid
    watched.llm.Invoke(chat.InvokeRequest(query="Hallo"))

    def flood(_):
        sent = 0
        with connect(watched.address) as client, contextlib.suppress(ConnectionError):
            client.settimeout(50)
            client.sendall(GREETING + frame(HEADERS, 0, 1, start))
            while sent < 256 << 20:
                client.sendall(frame(CONTINUATION, 0, 1, piece))
                sent += len(piece)
        return sent

    with ThreadPoolExecutor(4) as pool:
        assert max(pool.map(flood, range(4))) < 256 << 20
    # gRPC gives up a connection by itself where its memory runs short first.
    wait_until(lambda: 1 <= Metrics(watched).sum("holysheep_dropped_connections_total", cause="flood") <= 4)
    if SLOWDOWN == 1:
        assert peak_mb(pid) < 1500
    assert watched.llm.Invoke(chat.InvokeRequest(query="Hallo")).result == "Hallo"


def test_clients_who_never_pause_do_not_keep_it_from_ending(node, chat):
    """Each of their frames is answered, so nobody cuts them off before."""
    sent = []

    def flood(client):
        client.settimeout(50)
        with contextlib.suppress(ConnectionError):
            while True:
                client.sendall(frame(SETTINGS, 0, 0) * 2000)
                sent.append(client)

    def read(client):
        with contextlib.suppress(ConnectionError):
            while client.recv(65536):
                pass

    with connections(node.address, 4, GREETING) as clients, ThreadPoolExecutor(8) as pool:
        for client in clients:
            pool.submit(read, client)
            pool.submit(flood, client)
        wait_until(lambda: len(sent) > 100)
        assert node.stop() == 0


def test_metadata_that_is_too_long_is_refused_and_its_client_may_go_on(node, chat):
    """Over a new connection if need be: gRPC 1.51 closes some of these."""
    call = chat.InvokeRequest(query="Hallo")
    with pytest.raises(grpc.RpcError) as caught:
        node.llm.Invoke(call, metadata=[("x-long", "x" * 50_000)], timeout=10)
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED

    def answer():
        try:
            return node.llm.Invoke(call).result
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE
            return None

    assert wait_until(answer) == "Hallo"


def test_a_message_byte_by_byte_is_answered_all_the_same(node, chat):
    """Slow is not wrong, as long as something comes."""
    message = chat.InvokeRequest(query="slow").SerializeToString()
    headers = {":method": "POST", ":scheme": "http", ":authority": "a", "te": "trailers",
               ":path": "/holysheep.node.v1.LlmNode/Invoke", "content-type": "application/grpc"}
    block = b"".join(literal(*header) for header in headers.items())
    body = b"\x00" + struct.pack(">I", len(message)) + message
    with connect(node.address) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in GREETING + frame(HEADERS, END_HEADERS, 1, block) + frame(DATA, 1, 1, body):
            client.sendall(bytes([byte]))
        received = b""
        while b"grpc-status" not in received:
            received += client.recv(65536)
    assert b"slow" in received


def test_clients_that_keep_alive_by_pings_are_not_turned_away(node):
    with connect(node.address) as client:
        client.sendall(GREETING)
        client.settimeout(1.05)
        received = b""
        for i in range(5):
            client.sendall(frame(PING, 0, 0, b"still %02d" % i))
            with contextlib.suppress(TimeoutError):
                while True:
                    received += client.recv(4096)
    for i in range(5):
        assert frame(PING, 1, 0, b"still %02d" % i) in received
    assert struct.pack(">I", 8)[1:] + bytes([GOAWAY]) not in received


def test_tls_to_a_port_without_gets_no_answer(node, api, chat, tmp_path):
    credentials = grpc.ssl_channel_credentials(Authority(tmp_path / "tls").ca.read_bytes())
    with grpc.secure_channel(node.address, credentials) as channel:
        with pytest.raises(grpc.RpcError) as caught:
            api.node_pb2_grpc.LlmNodeStub(channel).Invoke(chat.InvokeRequest(query="Hallo"),
                                                          timeout=5)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result == "Hallo"


def test_who_does_not_come_to_the_point_is_left_after_ten_seconds(
        start_node, chat, upstream, tmp_path):
    authority = Authority(tmp_path / "tls")
    certificate, key = authority.sign("service")
    node = start_node(upstream.url, tls={"cert_file": str(certificate), "key_file": str(key)},
                      credentials=grpc.ssl_channel_credentials(authority.ca.read_bytes()))
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)
    start = time.monotonic()
    with connections(node.address, 5) as silent, connections(node.address, 5, hello[:200]) as half, \
            connections(node.address, 5) as slow:
        bytes_left = iter(hello)

        def all_left():
            # Every one of these looks is another byte of the slow.
            byte = bytes([next(bytes_left, 0)])
            for client in slow:
                with contextlib.suppress(OSError):
                    client.send(byte)
            assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result == "Hallo"
            return all(map(closed, silent + half + slow))

        wait_until(all_left, 15, "their end")
    assert time.monotonic() - start < 13 * SLOWDOWN


@pytest.mark.parametrize("path", ["/holysheep.node.v1.LlmNode/Invoke", "/grpc.health.v1.Health/Check"])
def test_a_call_without_a_message_is_refused_like_one_that_cannot_be_read(node, path):
    call = node.channel.stream_unary(path)
    with pytest.raises(grpc.RpcError) as caught:
        call(iter(()), timeout=5)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert refusal_of(caught.value).reason == "INVALID_ARGUMENT"


def test_a_large_message_does_not_keep_others_from_their_hits(node, chat):
    node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    numbers = ",".join(f'"k{i}":{i}' for i in range(1_500_000))
    large = chat.InvokeRequest(query="a", extra_params_json="{" + numbers + "}")
    waits = []
    with node.connect() as channel:
        invoke = channel.unary_unary("/holysheep.node.v1.LlmNode/Invoke")
        hit = chat.InvokeRequest(query="Hallo").SerializeToString()
        invoke(hit)
        begin = time.perf_counter()
        checked = node.llm.Invoke.future(large, timeout=60)
        while not checked.done():
            start = time.perf_counter()
            invoke(hit, timeout=60)
            waits.append(time.perf_counter() - start)
        took = time.perf_counter() - begin
    # Most of it is its check, for which nobody waits.
    assert max(waits) < took / 4
