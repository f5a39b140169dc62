"""One retry layer, the breaker and the fallback: promise 8 of the contract."""

import email.utils
import hashlib
import threading
import time

import grpc
import pytest

from harness.errors import Refusal, refused
from harness.process import SLOWDOWN, wait_until
from harness.upstream import echo, text


def ask(node, chat, query="Hallo", **fields):
    return node.llm.Invoke(chat.InvokeRequest(query=query, **fields), timeout=60)


def fails(status, **headers):
    return lambda request, reply: reply.error(status, **headers)


def first(count, answer, then=echo):
    """`answer` for the first requests, `then` for all others."""
    left = [count]

    def chosen(request, reply):
        left[0] -= 1
        (answer if left[0] >= 0 else then)(request, reply)

    return chosen


def gaps(upstream):
    times = [request.started for request in upstream.chats]
    return [later - earlier for earlier, later in zip(times, times[1:])]


def test_promise_08_attempts_have_a_cap(node, chat, upstream):
    upstream.answer = fails(500)
    with refused("UNAVAILABLE", "UPSTREAM_5XX"):
        ask(node, chat)
    assert len(upstream.chats) == 3
    with refused("UNAVAILABLE", "UPSTREAM_5XX"):
        ask(node, chat, "another", max_attempts=1)
    assert len(upstream.chats) == 4


def test_promise_08_back_offs_grow_from_the_initial_one(start_node, chat, upstream):
    node = start_node(upstream.url, retry={"initial_backoff": "200ms", "max_backoff": "10s"})
    upstream.answer = fails(500)
    with refused("UNAVAILABLE", "UPSTREAM_5XX"):
        ask(node, chat)
    one, two = gaps(upstream)
    # With jitter each is a part of its full length, the second's the double.
    assert 0 < one < 0.3 + 0.2 * SLOWDOWN
    assert 0 < two < 0.5 + 0.2 * SLOWDOWN


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_promise_08_retry_after_is_honoured_beyond_the_longest_back_off(node, chat, upstream, form):
    header = "2" if form == "seconds" else email.utils.formatdate(time.time() + 3, usegmt=True)
    upstream.answer = first(1, fails(429, Retry_After=header))
    assert ask(node, chat).attempts == 2
    assert 1.9 < gaps(upstream)[0] < 3.5 + SLOWDOWN


def test_promise_08_a_retry_after_beyond_the_deadline_ends_the_call_at_once(node, chat, upstream):
    upstream.answer = fails(429, Retry_After="30")
    start = time.monotonic()
    with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_UPSTREAM") as refusal:
        ask(node, chat, timeouts={"total_ms": 5000})
    assert time.monotonic() - start < 1 * SLOWDOWN
    assert refusal.retry.total_seconds() == 30
    assert len(upstream.chats) == 1


def test_promise_08_retries_have_a_budget(start_node, chat, upstream):
    """10 are always allowed, beyond them a fifth of the traffic."""
    node = start_node(upstream.url, breaker={"failures": 100_000},
                      limits={"requests_per_minute": 0},
                      retry={"initial_backoff": "1ms", "max_backoff": "1ms"})
    upstream.answer = fails(500)
    calls = 60
    for i in range(calls):
        with refused("UNAVAILABLE", "UPSTREAM_5XX"):
            ask(node, chat, f"{i}")
    retries = len(upstream.chats) - calls
    assert 10 <= retries <= 10 + calls / 5


@pytest.mark.parametrize(("status", "code", "reason"), [
    (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"), (401, "FAILED_PRECONDITION", "UPSTREAM_AUTH"),
    (403, "FAILED_PRECONDITION", "UPSTREAM_AUTH"), (404, "NOT_FOUND", "MODEL_NOT_FOUND"),
    (422, "INVALID_ARGUMENT", "INVALID_ARGUMENT")])
def test_promise_08_what_cannot_succeed_is_not_retried(node, chat, upstream, status, code, reason):
    upstream.answer = fails(status)
    with refused(code, reason):
        ask(node, chat)
    assert len(upstream.chats) == 1


def test_promise_08_nothing_is_retried_after_the_first_delta(node, chat, upstream):
    def half(request, reply):
        reply.open()
        reply.send(text("half"))
        reply.close(done=False)

    upstream.answer = half
    with refused("DATA_LOSS", "STREAM_TRUNCATED"):
        list(node.llm.InvokeStream(chat.InvokeRequest(query="Hallo")))
    assert len(upstream.chats) == 1


def test_promise_08_before_the_first_delta_a_truncated_stream_is_retried(node, chat, upstream):
    def nothing(request, reply):
        reply.open()
        reply.close(done=False)

    upstream.answer = first(1, nothing)
    assert ask(node, chat).attempts == 2


def model(node, messages, name):
    models = node.llm.ListModels(messages.ListModelsRequest()).models
    return next(m for m in models if m.id == name)


def test_the_breaker_opens_probes_once_and_closes(start_node, chat, messages, upstream):
    node = start_node(upstream.url, breaker={"failures": 3, "open_for": "500ms"},
                      retry={"max_attempts": 1})
    upstream.answer = fails(500)
    for i in range(3):
        with refused("UNAVAILABLE", "UPSTREAM_5XX"):
            ask(node, chat, f"{i}")
    with refused("UNAVAILABLE", "CIRCUIT_OPEN") as refusal:
        ask(node, chat, "refused")
    assert 0 < refusal.retry.total_seconds() <= 0.5
    assert len(upstream.chats) == 3
    down = model(node, messages, "deepseek-v3.2")
    assert not down.available and down.unavailable_reason
    breakers = node.admin.GetStats(messages.GetStatsRequest()).breakers
    assert [(b.model, b.state) for b in breakers if b.state != messages.Breaker.CLOSED] == [
        ("deepseek-v3.2", messages.Breaker.OPEN)]
    upstream.answer = echo

    def probed():
        try:
            return ask(node, chat, "probe").result
        except grpc.RpcError:
            return None

    wait_until(probed, 5, "the probe")
    assert model(node, messages, "deepseek-v3.2").available


def test_those_who_wait_for_a_slot_are_refused_when_the_circuit_opens(
        start_node, chat, messages, upstream):
    node = start_node(upstream.url, breaker={"failures": 1}, retry={"max_attempts": 1},
                      limits={"max_concurrent": 1})
    release = threading.Event()

    def answer(request, reply):
        release.wait(20)
        reply.error(500)

    upstream.answer = answer
    calls = [node.llm.Invoke.future(chat.InvokeRequest(query=f"{number}")) for number in range(10)]
    wait_until(lambda: node.admin.GetStats(messages.GetStatsRequest()).queue == 9)
    release.set()
    reasons = sorted(Refusal().read(call.exception(20)).reason for call in calls)
    assert reasons == ["CIRCUIT_OPEN"] * 9 + ["UPSTREAM_5XX"]
    assert len(upstream.chats) == 1


def test_the_breaker_is_one_for_each_model(start_node, chat, upstream):
    node = start_node(upstream.url, breaker={"failures": 1}, retry={"max_attempts": 1})

    def answer(request, reply):
        (fails(500) if request.body["model"] == "gpt-4.1" else echo)(request, reply)

    upstream.answer = answer
    with refused("UNAVAILABLE", "UPSTREAM_5XX"):
        ask(node, chat, model="gpt-4.1")
    with refused("UNAVAILABLE", "CIRCUIT_OPEN"):
        ask(node, chat, model="gpt-4.1")
    assert ask(node, chat).result == "Hallo"


@pytest.mark.parametrize("status", [429, 400, 401, 404])
def test_4xx_neither_counts_for_the_breaker_nor_resets_it(start_node, chat, upstream, status):
    node = start_node(upstream.url, breaker={"failures": 2}, retry={"max_attempts": 1})
    for number, code in enumerate([500, status, status, 500]):
        upstream.answer = fails(code)
        with pytest.raises(grpc.RpcError):
            ask(node, chat, f"{number}")
    with refused("UNAVAILABLE", "CIRCUIT_OPEN"):
        ask(node, chat, "after two failures")


@pytest.mark.parametrize("status", [429, 500, 404])
def test_a_fallback_answers_where_the_first_model_cannot(node, chat, upstream, status):
    def answer(request, reply):
        (fails(status) if request.body["model"] == "gpt-4.1" else echo)(request, reply)

    upstream.answer = answer
    got = ask(node, chat, model="gpt-4.1", fallback_models=["gemini-2.5-flash"], max_attempts=1)
    assert got.fallback_used
    assert got.model_used == "gemini-2.5-flash"
    assert got.attempts == 2


def test_an_open_circuit_falls_back_without_an_attempt(start_node, chat, upstream):
    node = start_node(upstream.url, breaker={"failures": 1}, retry={"max_attempts": 1})

    def answer(request, reply):
        (fails(500) if request.body["model"] == "gpt-4.1" else echo)(request, reply)

    upstream.answer = answer
    with refused("UNAVAILABLE", "UPSTREAM_5XX"):
        ask(node, chat, model="gpt-4.1")
    got = ask(node, chat, "next", model="gpt-4.1", fallback_models=["gemini-2.5-flash"])
    assert (got.fallback_used, got.attempts) == (True, 1)
    assert [r.body["model"] for r in upstream.chats] == ["gpt-4.1", "gemini-2.5-flash"]


@pytest.mark.parametrize("status", [400, 422])
def test_the_callers_own_errors_do_not_fall_back(node, chat, upstream, status):
    upstream.answer = fails(status)
    with pytest.raises(grpc.RpcError):
        ask(node, chat, model="gpt-4.1", fallback_models=["gemini-2.5-flash"])
    assert [r.body["model"] for r in upstream.chats] == ["gpt-4.1"]


def test_a_refused_key_is_no_error_of_the_callers_and_falls_back(node, chat, upstream):
    def answer(request, reply):
        (fails(401) if request.body["model"] == "gpt-4.1" else echo)(request, reply)

    upstream.answer = answer
    assert ask(node, chat, model="gpt-4.1", fallback_models=["gemini-2.5-flash"]).fallback_used


def test_a_stream_falls_back_only_before_its_first_delta(node, chat, upstream):
    def answer(request, reply):
        if request.body["model"] != "gpt-4.1":
            return echo(request, reply)
        reply.open()
        reply.send(text("half"))
        return reply.close(done=False)

    upstream.answer = answer
    request = chat.InvokeRequest(query="Hallo", model="gpt-4.1",
                                 fallback_models=["gemini-2.5-flash"])
    with refused("DATA_LOSS", "STREAM_TRUNCATED"):
        list(node.llm.InvokeStream(request))
    assert len(upstream.chats) == 1


def test_the_last_error_is_told_when_no_model_can(node, chat, upstream):
    upstream.answer = fails(500)
    with refused("UNAVAILABLE", "UPSTREAM_5XX"):
        ask(node, chat, model="gpt-4.1", fallback_models=["gemini-2.5-flash"], max_attempts=1)
    assert len(upstream.chats) == 2


def test_promise_08_the_retries_of_one_caller_leave_another_its_own(start_node, chat, upstream):
    tokens = {name: f"token-of-{name}-0123456789abcdef" for name in ("greedy", "other")}
    node = start_node(upstream.url, breaker={"failures": 0}, limits={"requests_per_minute": 0},
                      auth={"tokens": [{"name": name, "sha256": hashlib.sha256(token.encode()).hexdigest(),
                                        "roles": ["invoke"]} for name, token in tokens.items()]})

    def ask_as(name, query):
        metadata = [("authorization", f"Bearer {tokens[name]}")]
        return node.llm.Invoke(chat.InvokeRequest(query=query), metadata=metadata, timeout=60)

    upstream.answer = fails(500)
    for number in range(40):
        with refused("UNAVAILABLE", "UPSTREAM_5XX"):
            ask_as("greedy", f"{number}")
    before = len(upstream.chats)
    with refused("UNAVAILABLE", "UPSTREAM_5XX"):
        ask_as("greedy", "no more")
    assert len(upstream.chats) == before + 1
    upstream.answer = first(1, fails(500))
    assert ask_as("other", "one more").attempts == 2
