"""What one impatient caller may not take from everybody: the breaker and the retries."""

import gzip
import json

import grpc
import pytest

from harness.errors import refusal_of, refused
from harness.process import wait_until
from harness.upstream import echo, text


def ask(node, chat, query, timeout=20, **fields):
    return node.llm.Invoke(chat.InvokeRequest(query=query, **fields), timeout=timeout)


def fail(node, chat, query, **fields):
    """What became of a call that is expected to end badly."""
    with pytest.raises(grpc.RpcError) as caught:
        ask(node, chat, query, **fields)
    return caught.value


@pytest.fixture
def silent_at_first(upstream):
    """An upstream that says nothing to queries that begin with `wait`."""

    def answer(request, reply):
        if request.body["messages"][-1]["content"].startswith("wait"):
            request.wait_for_close(20)
        else:
            echo(request, reply)

    upstream.answer = answer
    return upstream


@pytest.fixture
def node(start_node, silent_at_first):
    return start_node(silent_at_first.url, breaker={"failures": 2, "open_for": "1s"},
                      timeouts={"first_token": "2s", "idle": "2s"},
                      limits={"requests_per_minute": 0})


@pytest.mark.parametrize("timeouts", [
    {"first_token_ms": 1}, {"first_token_ms": 300}, {"total_ms": 200}])
def test_two_impatient_calls_leave_the_model_to_the_others(node, chat, timeouts):
    for i in range(2):
        error = fail(node, chat, f"wait {i}", timeouts=timeouts, max_attempts=1)
        assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert ask(node, chat, "well").result == "well"


def stats(node, messages):
    return node.admin.GetStats(messages.GetStatsRequest())


def test_nor_does_a_deadline_of_grpcs(node, chat, messages, silent_at_first):
    for i in range(2):
        fail(node, chat, f"wait {i}", timeout=0.3)
    wait_until(lambda: len(silent_at_first.chats) == 2)
    wait_until(lambda: stats(node, messages).in_flight == 0)
    assert ask(node, chat, "well").result == "well"


@pytest.mark.parametrize("compressed", [False, True])
def test_nor_do_answers_beyond_the_bound(start_node, chat, upstream, compressed):
    node = start_node(upstream.url, upstream={"max_response_bytes": 4096}, breaker={"failures": 1})

    def answer(request, reply):
        if request.body["messages"][-1]["content"] == "well":
            return echo(request, reply)
        event = b"data: " + json.dumps(text("a" * 9000)).encode() + b"\n\n"
        reply.open(**({"Content-Encoding": "gzip"} if compressed else {}))
        reply.raw(gzip.compress(event) if compressed else event)

    upstream.answer = answer
    assert refusal_of(fail(node, chat, "long")).reason == "UPSTREAM_MALFORMED"
    assert len(upstream.chats) == 1, "no other try would be shorter"
    assert ask(node, chat, "well").result == "well"


def test_nor_an_impatient_reader_between_two_pieces(start_node, chat, upstream):
    node = start_node(upstream.url, breaker={"failures": 2})

    def answer(request, reply):
        if request.body["messages"][-1]["content"] == "well":
            return echo(request, reply)
        reply.open()
        reply.send({"choices": [{"index": 0, "delta": {"content": "a"}}]})
        request.wait_for_close(20)

    upstream.answer = answer
    for i in range(2):
        error = fail(node, chat, f"{i}", timeouts={"idle_ms": 100})
        assert refusal_of(error).reason == "IDLE_TIMEOUT"
    assert ask(node, chat, "well").result == "well"


@pytest.mark.parametrize("ends_by", ["total_ms", "gRPC"])
def test_a_deadline_that_long_silence_has_used_up_counts(node, chat, ends_by):
    """Longer than a quarter of timeouts.first_token."""
    for i in range(2):
        if ends_by == "gRPC":
            fail(node, chat, f"wait {i}", timeout=1.0)
        else:
            fail(node, chat, f"wait {i}", timeouts={"total_ms": 1000})
    wait_until(lambda: refusal_of(fail(node, chat, "wait", timeouts={"total_ms": 100})).reason
               == "CIRCUIT_OPEN", 3)


def test_the_configured_deadline_counts(node, chat):
    for i in range(2):
        error = fail(node, chat, f"wait {i}", max_attempts=1)
        assert refusal_of(error).reason == "FIRST_TOKEN_TIMEOUT"
    with refused("UNAVAILABLE", "CIRCUIT_OPEN") as refusal:
        ask(node, chat, "well")
    assert refusal.retry.total_seconds() > 0


def test_whoever_meets_a_probe_is_told_when_to_come_again(
        start_node, chat, messages, silent_at_first):
    node = start_node(silent_at_first.url, breaker={"failures": 1, "open_for": "300ms"},
                      timeouts={"first_token": "1s"})
    fail(node, chat, "wait 1", max_attempts=1)
    before = len(silent_at_first.chats)
    wait_until(lambda: stats(node, messages).breakers[0].state == messages.Breaker.HALF_OPEN)
    probe = node.llm.Invoke.future(chat.InvokeRequest(query="wait 2", max_attempts=1), timeout=20)
    wait_until(lambda: len(silent_at_first.chats) > before)
    with refused("UNAVAILABLE", "CIRCUIT_OPEN") as refusal:
        ask(node, chat, "well")
    assert refusal.retry.total_seconds() >= 0.1
    probe.cancel()

    def answered():
        try:
            return ask(node, chat, "well").result
        except grpc.RpcError:
            return None

    # Whoever probed has left without a word, so the next one probes.
    assert wait_until(answered, 5) == "well"


def test_impatient_retries_are_none_of_the_others(start_node, chat, silent_at_first):
    upstream = silent_at_first
    node = start_node(upstream.url, breaker={"failures": 0}, limits={"requests_per_minute": 0})
    for i in range(6):
        fail(node, chat, f"wait {i}", timeouts={"first_token_ms": 20})
    upstream.answer = lambda request, reply: reply.error(500)
    before = len(upstream.chats)
    for i in range(4):
        fail(node, chat, f"broken {i}")
    assert len(upstream.chats) - before == 12
