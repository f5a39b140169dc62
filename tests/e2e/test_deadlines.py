"""Deadlines, clients that leave, slow readers: promises 9 to 11 of the contract."""

import socket
import statistics
import threading
import time

import grpc
import pytest

from harness.errors import refused
from harness.process import SLOWDOWN, rss_mb, wait_until
from harness.upstream import echo, finish, text, usage


def stats(node, messages):
    return node.admin.GetStats(messages.GetStatsRequest())


def collect(stream, events):
    for event in stream:
        events.append(event)


@pytest.fixture
def unreachable():
    """An address whose connections are never accepted nor refused."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            fillers.append(filler)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        for filler in fillers:
            filler.close()


def test_promise_09_connecting_has_a_deadline(start_node, chat, unreachable):
    node = start_node(unreachable, timeouts={"connect": "300ms"}, retry={"max_attempts": 1})
    start = time.monotonic()
    with refused("DEADLINE_EXCEEDED", "CONNECT_TIMEOUT"):
        node.llm.Invoke(chat.InvokeRequest(query="Hallo"), timeout=30)
    assert 0.25 < time.monotonic() - start < 2 * SLOWDOWN


def test_promise_09_the_first_token_has_a_deadline(node, chat, upstream):
    upstream.answer = lambda request, reply: request.wait_for_close(10)
    with refused("DEADLINE_EXCEEDED", "FIRST_TOKEN_TIMEOUT"):
        node.llm.Invoke(chat.InvokeRequest(query="Hallo", max_attempts=1,
                                           timeouts={"first_token_ms": 200}), timeout=30)


def test_the_wait_for_a_connection_is_no_first_token_time(start_node, chat, upstream):
    """Three answers of 0.3 s, one after the other, on the only connection."""
    release = [threading.Event() for _ in range(3)]

    def answer(request, reply):
        release[len(upstream.chats) - 1].wait(10)
        echo(request, reply)

    upstream.answer = answer
    node = start_node(upstream.url, upstream={"max_connections": 1}, retry={"max_attempts": 1},
                      timeouts={"first_token": f"{0.5 * SLOWDOWN}s"}, breaker={"failures": 1})
    calls = [node.llm.Invoke.future(chat.InvokeRequest(query=str(i))) for i in range(3)]
    for i, event in enumerate(release):
        wait_until(lambda: len(upstream.chats) == i + 1)
        threading.Timer(0.3 * SLOWDOWN, event.set).start()
    answers = [call.result(20) for call in calls]
    assert max(answer.queue_ms for answer in answers) > 500 * SLOWDOWN
    assert max(answer.upstream_ms for answer in answers) < 1000 * SLOWDOWN


def test_promise_09_a_head_is_no_first_token(node, chat, upstream):
    def answer(request, reply):
        reply.open()
        reply.raw(b": ping\n\n")
        request.wait_for_close(10)

    upstream.answer = answer
    with refused("DEADLINE_EXCEEDED", "FIRST_TOKEN_TIMEOUT"):
        node.llm.Invoke(chat.InvokeRequest(query="Hallo", max_attempts=1,
                                           timeouts={"first_token_ms": 200}), timeout=30)


def test_promise_09_silence_between_tokens_has_a_deadline_and_heartbeats_do_not_count(
        node, chat, upstream):
    def answer(request, reply):
        reply.open()
        reply.send(text("one"))
        while not request.wait_for_close(0.05):
            reply.raw(b": ping\n\n")

    upstream.answer = answer
    events = []
    with refused("DEADLINE_EXCEEDED", "IDLE_TIMEOUT"):
        collect(node.llm.InvokeStream(
            chat.InvokeRequest(query="Hallo", timeouts={"idle_ms": 300}), timeout=30), events)
    assert [e.WhichOneof("event") for e in events] == ["started", "text"]


def trickle(request, reply):
    """A token every 30 ms, without end."""
    reply.open()
    while not request.wait_for_close(0.03):
        reply.send(text("a"))


def test_promise_09_the_whole_call_has_a_deadline(node, chat, upstream):
    upstream.answer = trickle
    start = time.monotonic()
    with refused("DEADLINE_EXCEEDED", "TOTAL_TIMEOUT"):
        node.llm.Invoke(chat.InvokeRequest(query="Hallo", timeouts={"total_ms": 400}), timeout=30)
    assert 0.35 < time.monotonic() - start < 1.5 * SLOWDOWN


def test_promise_09_the_callers_deadline_ends_the_upstream_call(node, chat, messages, upstream):
    closed = threading.Event()

    def answer(request, reply):
        if request.wait_for_close(10):
            closed.set()

    upstream.answer = answer
    with pytest.raises(grpc.RpcError) as caught:
        node.llm.Invoke(chat.InvokeRequest(query="Hallo"), timeout=0.3)
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert closed.wait(2)
    wait_until(lambda: stats(node, messages).in_flight == 0)


def test_promise_09_a_retry_does_not_outlive_the_deadline(start_node, chat, upstream):
    node = start_node(upstream.url, retry={"initial_backoff": "5s", "max_backoff": "10s"})
    upstream.answer = lambda request, reply: reply.error(500)
    start = time.monotonic()
    with pytest.raises(grpc.RpcError):
        node.llm.Invoke(chat.InvokeRequest(query="Hallo", timeouts={"total_ms": 600}), timeout=30)
    assert time.monotonic() - start < 1.2 * SLOWDOWN


@pytest.mark.parametrize("rpc", ["Invoke", "InvokeStream"])
@pytest.mark.parametrize("moment", ["before the first token", "between tokens"])
def test_promise_10_a_client_that_goes_away_frees_its_upstream_call(
        start_node, chat, messages, upstream, rpc, moment):
    node = start_node(upstream.url, limits={"max_concurrent": 1})
    closed = threading.Event()

    def answer(request, reply):
        if moment == "between tokens":
            reply.open()
            reply.send(text("one"))
        reached.set()
        if request.wait_for_close(10):
            upstream.closed_at = request.closed_at
            closed.set()

    reached = threading.Event()
    upstream.answer = answer
    request = chat.InvokeRequest(query="Hallo")
    call = node.llm.Invoke.future(request) if rpc == "Invoke" else node.llm.InvokeStream(request)
    assert reached.wait(10)
    if rpc == "InvokeStream" and moment == "between tokens":
        next(call)
    wait_until(lambda: stats(node, messages).in_flight == 1)
    left = time.monotonic()
    call.cancel()
    assert closed.wait(5)
    assert upstream.closed_at - left < 0.05 * SLOWDOWN
    upstream.answer = echo
    after = node.llm.Invoke(chat.InvokeRequest(query="next", timeouts={"queue_ms": 1000}))
    assert after.result == "next"


def test_promise_10_a_client_that_leaves_the_queue_frees_its_place(
        start_node, chat, messages, upstream):
    node = start_node(upstream.url, limits={"max_concurrent": 1})
    release = threading.Event()

    def answer(request, reply):
        release.wait(20)
        echo(request, reply)

    upstream.answer = answer
    first = node.llm.Invoke.future(chat.InvokeRequest(query="first"))
    wait_until(lambda: len(upstream.chats) == 1)
    second = node.llm.Invoke.future(chat.InvokeRequest(query="second"))
    wait_until(lambda: stats(node, messages).queue == 1)
    second.cancel()
    wait_until(lambda: stats(node, messages).queue == 0)
    release.set()
    assert first.result(20).result == "first"
    assert [r.body["messages"][-1]["content"] for r in upstream.chats] == ["first"]


def unread(node, chat, query):
    """A stream on a connection of its own, of which only the start is read."""
    call = node.connect().unary_stream("/holysheep.node.v1.LlmNode/InvokeStream",
                                       chat.InvokeRequest.SerializeToString,
                                       chat.InvokeEvent.FromString)
    stream = call(chat.InvokeRequest(query=query, model="gpt-4.1", cache={"mode": "BYPASS"}))
    assert next(stream).WhichOneof("event") == "started"
    return stream


def test_promise_11_slow_readers_cost_bounded_memory_and_stop_nobody(start_node, sim, chat):
    """Ten readers that read nothing of 3 MB each, while others are served."""
    node = start_node(sim.url, limits={"requests_per_minute": 0})
    sim.control(faults=[{"fault": "huge", "megabytes": 3, "model": "gpt-4.1"}])
    streams = [unread(node, chat, f"{number}") for number in range(10)]
    times, memory = [], []
    for number in range(100):
        start = time.monotonic()
        node.llm.Invoke(chat.InvokeRequest(query=f"other {number}"), timeout=20)
        times.append(time.monotonic() - start)
        memory.append(rss_mb(node.process.pid))
    for stream in streams:
        stream.cancel()
    assert statistics.median(times) < 0.1 * SLOWDOWN
    assert max(memory) < 150 * SLOWDOWN, "30 MB are waiting"


def test_promise_11_a_reader_that_never_reads_does_not_stop_the_drain(start_node, sim, chat):
    node = start_node(sim.url, drain_timeout="500ms")
    sim.control(faults=[{"fault": "huge", "megabytes": 3, "model": "gpt-4.1"}])
    streams = [unread(node, chat, f"{number}") for number in range(3)]
    assert node.stop(seconds=10) == 0
    assert len(streams) == 3


def test_promise_11_a_slow_reader_does_not_hold_up_one_that_joined(node, chat, messages, upstream):
    read = threading.Event()

    def answer(request, reply):
        reply.open()
        for _ in range(200):
            reply.send(text("x" * 1000))
        reply.send(finish(), usage(1, 200))
        reply.close()
        read.set()

    upstream.answer = answer
    request = chat.InvokeRequest(query="Hallo")
    slow = node.llm.InvokeStream(request)
    quick = node.llm.Invoke(request, timeout=20)
    assert len(quick.result) == 200_000
    assert list(slow)[-1].final.result == quick.result


def test_promise_11_what_waited_for_a_slow_reader_comes_in_fewer_messages(
        node, api, chat, upstream):
    words = [f"word{number} " for number in range(20_000)]
    upstream.answer = lambda request, reply: reply.stream(
        *map(text, words), finish(), usage(1, 20_000))
    request = chat.InvokeRequest(query="Hallo")
    # A reader whose window of 64 KiB does not grow.
    options = [("grpc.http2.bdp_probe", 0), ("grpc.use_local_subchannel_pool", 1),
               ("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(node.address, options) as channel:
        slow = api.node_pb2_grpc.LlmNodeStub(channel).InvokeStream(request)
        node.llm.Invoke(request, timeout=20 * SLOWDOWN)
        events = list(slow)
    assert "".join(event.text for event in events) == "".join(words) == events[-1].final.result
    assert len(events) < 10_000
