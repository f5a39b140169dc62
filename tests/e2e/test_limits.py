"""Limits: promises 6 and 7 of the contract."""

import concurrent.futures
import random
import threading
import time

import grpc
import pytest

from harness.errors import refused
from harness.process import SLOWDOWN, wait_until
from harness.upstream import echo, finish, text, usage


def ask(node, chat, query, **fields):
    return node.llm.Invoke(chat.InvokeRequest(query=query, **fields), timeout=60)


def start(node, chat, query, **fields):
    return node.llm.Invoke.future(chat.InvokeRequest(query=query, **fields))


def stats(node, messages):
    return node.admin.GetStats(messages.GetStatsRequest())


class Gate:
    """Answers wait for the gate; how many waited at once is counted."""

    def __init__(self, upstream):
        self.open = threading.Event()
        self.now = self.most = 0
        self._lock = threading.Lock()
        upstream.answer = self._answer

    def _answer(self, request, reply):
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.open.wait(30)
        with self._lock:
            self.now -= 1
        echo(request, reply)


@pytest.fixture
def gate(upstream):
    gate = Gate(upstream)
    yield gate
    gate.open.set()


def test_promise_06_requests_a_minute_are_never_exceeded(start_node, chat, upstream):
    node = start_node(upstream.url, limits={"requests_per_minute": 5})
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        calls = [pool.submit(ask, node, chat, f"{i}", timeouts={"queue_ms": 300})
                 for i in range(20)]
        done = [call.exception() is None for call in calls]
    assert sum(done) == 5
    assert len(upstream.chats) == 5


def test_promise_06_a_call_that_cannot_make_it_is_refused_at_once(start_node, chat, upstream):
    """The next slot comes in a minute; this caller only has five seconds."""
    node = start_node(upstream.url, limits={"requests_per_minute": 1})
    ask(node, chat, "first")
    start_time = time.monotonic()
    with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_LOCAL") as refusal:
        ask(node, chat, "second", timeouts={"total_ms": 5000})
    assert time.monotonic() - start_time < 0.5 * SLOWDOWN
    assert 50 < refusal.retry.total_seconds() <= 60
    subject, description = refusal.quota[0]
    assert "service" in subject
    assert "requests_per_minute" in description


def test_promise_06_the_callers_grpc_deadline_counts_too(start_node, chat, upstream):
    node = start_node(upstream.url, limits={"requests_per_minute": 1})
    ask(node, chat, "first")
    start_time = time.monotonic()
    with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_LOCAL"):
        node.llm.Invoke(chat.InvokeRequest(query="second"), timeout=5)
    assert time.monotonic() - start_time < 0.5 * SLOWDOWN


def test_promise_06_tokens_are_reserved_then_settled(start_node, chat, upstream):
    """Three calls reserve 600 of 1,000 tokens each, but take about 11."""
    node = start_node(upstream.url, limits={"tokens_per_minute": 1000})
    for query in ("a", "b", "c"):
        ask(node, chat, query, max_tokens=600, timeouts={"queue_ms": 500})


def test_promise_06_reserved_tokens_keep_others_out(start_node, chat, upstream, gate):
    node = start_node(upstream.url, limits={"tokens_per_minute": 1000})
    first = start(node, chat, "a", max_tokens=600)
    wait_until(lambda: gate.now == 1)
    with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_LOCAL") as refusal:
        ask(node, chat, "b", max_tokens=600, timeouts={"queue_ms": 300})
    assert "tokens_per_minute" in refusal.quota[0][1]
    gate.open.set()
    assert first.result(20).result == "a"
    ask(node, chat, "b", max_tokens=600, timeouts={"queue_ms": 500})


def test_promise_06_what_was_used_counts_against_the_tokens(start_node, chat, upstream):
    node = start_node(upstream.url, limits={"tokens_per_minute": 1000})
    upstream.answer = lambda request, reply: reply.stream(text("a"), finish(), usage(500, 450))
    ask(node, chat, "a", max_tokens=450)
    with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_LOCAL"):
        ask(node, chat, "b", max_tokens=100, timeouts={"queue_ms": 500})


def test_promise_06_no_more_calls_at_once_than_allowed(start_node, chat, messages, upstream, gate):
    node = start_node(upstream.url, limits={"max_concurrent": 3})
    calls = [start(node, chat, f"{i}") for i in range(10)]
    wait_until(lambda: gate.now == 3)
    wait_until(lambda: stats(node, messages).queue == 7)
    assert stats(node, messages).in_flight == 3
    gate.open.set()
    answers = [call.result(30) for call in calls]
    assert gate.most == 3
    assert sum(answer.queue_ms > 0 for answer in answers) >= 7


def test_promise_06_waiting_is_fair(start_node, chat, messages, upstream, gate):
    node = start_node(upstream.url, limits={"max_concurrent": 1})
    calls = []
    for i in range(6):
        calls.append(start(node, chat, f"{i}"))
        wait_until(lambda: stats(node, messages).queue + gate.now == i + 1)
    gate.open.set()
    for call in calls:
        call.result(30)
    assert [r.body["messages"][-1]["content"] for r in upstream.chats] == list("012345")


def test_promise_06_a_full_queue_refuses(start_node, chat, messages, upstream, gate):
    node = start_node(upstream.url, limits={"max_concurrent": 1, "max_queue": 2})
    calls = [start(node, chat, f"{i}") for i in range(3)]
    wait_until(lambda: stats(node, messages).queue == 2)
    with refused("RESOURCE_EXHAUSTED", "QUEUE_FULL"):
        ask(node, chat, "one too many")
    gate.open.set()
    assert all(call.result(30) for call in calls)


def test_a_call_that_shall_not_wait_is_refused_at_once(start_node, chat, upstream, gate):
    node = start_node(upstream.url, limits={"max_concurrent": 1})
    first = start(node, chat, "first")
    wait_until(lambda: gate.now == 1)
    with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_LOCAL"):
        ask(node, chat, "second", timeouts={"queue_ms": 0})
    gate.open.set()
    first.result(20)


def test_a_queue_wait_of_0_is_no_limit(start_node, chat, messages, upstream, gate):
    node = start_node(upstream.url, limits={"max_concurrent": 1, "max_queue_wait": "0s"})
    calls = [start(node, chat, f"{i}") for i in range(3)]
    wait_until(lambda: stats(node, messages).queue == 2)
    gate.open.set()
    assert all(call.result(30) for call in calls)


def test_promise_06_waiting_ends_at_the_queue_timeout(start_node, chat, messages, upstream, gate):
    node = start_node(upstream.url, limits={"max_concurrent": 1})
    first = start(node, chat, "first")
    wait_until(lambda: gate.now == 1)
    start_time = time.monotonic()
    with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_LOCAL") as refusal:
        ask(node, chat, "second", timeouts={"queue_ms": 200})
    assert 0.18 < time.monotonic() - start_time < 1 * SLOWDOWN
    assert "max_concurrent" in refusal.quota[0][1]
    assert stats(node, messages).queue == 0
    gate.open.set()
    first.result(20)


def catalog(**limits):
    prices = {"prompt_price": "1", "completion_price": "1", "official_price": "2"}
    return [{"id": "slow", "label": "Slow", "context_size": 1000, "max_output_tokens": 1000}
            | prices | limits,
            {"id": "free", "label": "Free", "context_size": 1000, "max_output_tokens": 1000}
            | prices]


def test_promise_06_a_model_has_limits_of_its_own(start_node, chat, upstream):
    node = start_node(upstream.url, default_model="free",
                      models=catalog(requests_per_minute=1))
    ask(node, chat, "a", model="slow", max_tokens=10)
    with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_LOCAL") as refusal:
        ask(node, chat, "b", model="slow", max_tokens=10, timeouts={"queue_ms": 300})
    assert "slow" in refusal.quota[0][0]
    ask(node, chat, "b", model="free", max_tokens=10)


def test_promise_06_a_refusal_by_one_limit_takes_nothing_from_another(start_node, chat, upstream):
    node = start_node(upstream.url, default_model="free", limits={"requests_per_minute": 3},
                      models=catalog(requests_per_minute=1))
    ask(node, chat, "a", model="slow", max_tokens=10)
    for query in "bcd":
        with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_LOCAL"):
            ask(node, chat, query, model="slow", max_tokens=10, timeouts={"queue_ms": 100})
    for query in "ef":
        ask(node, chat, query, max_tokens=10, timeouts={"queue_ms": 300})


def test_promise_06_hits_and_joined_calls_take_no_limit(start_node, chat, upstream, gate):
    node = start_node(upstream.url, limits={"requests_per_minute": 1, "max_concurrent": 1})
    calls = [start(node, chat, "same") for _ in range(10)]
    wait_until(lambda: gate.now == 1)
    gate.open.set()
    assert {call.result(20).result for call in calls} == {"same"}
    assert ask(node, chat, "same").cached
    assert len(upstream.chats) == 1


def test_promise_06_every_attempt_counts(start_node, chat, upstream):
    """Two of the three requests a minute go on the first call's two attempts."""
    node = start_node(upstream.url, limits={"requests_per_minute": 3})

    def answer(request, reply):
        reply.error(500) if len(upstream.chats) == 1 else echo(request, reply)

    upstream.answer = answer
    assert ask(node, chat, "a").attempts == 2
    ask(node, chat, "b", timeouts={"queue_ms": 300})
    with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_LOCAL"):
        ask(node, chat, "c", timeouts={"queue_ms": 300})


def moody(request, reply):
    """Well, badly, slowly, cut, by the request's number."""
    mood = int(request.body["messages"][-1]["content"]) % 5
    if mood == 0:
        return reply.error(500)
    reply.open()
    reply.send(text("a"))
    if mood == 1:
        request.wait_for_close(0.3)
    elif mood == 2:
        return reply.close(done=False)
    reply.send(finish(), usage(1, 1))
    return reply.close()


def test_promise_07_after_a_storm_every_gauge_is_zero(start_node, chat, messages, upstream):
    node = start_node(upstream.url, breaker={"failures": 100_000}, retry={"max_attempts": 2},
                      limits={"requests_per_minute": 0, "max_concurrent": 5, "max_queue": 50})
    upstream.answer = moody
    dice = random.Random(7)

    def one(number):
        request = chat.InvokeRequest(query=str(number % 60), timeouts={"queue_ms": 500})
        deadline = dice.choice([0.01, 0.05, 0.3, 5])
        try:
            if number % 2:
                return node.llm.Invoke(request, timeout=deadline)
            stream = node.llm.InvokeStream(request, timeout=deadline)
            for count, _ in enumerate(stream):
                if number % 6 == 0 and count == 1:
                    stream.cancel()
            return stream
        except grpc.RpcError as error:
            return error

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(one, range(400)))
    wait_until(lambda: stats(node, messages).in_flight == 0, 10, "no call at the upstream")
    assert stats(node, messages).queue == 0
    # Every slot is there again.
    gate = Gate(upstream)
    calls = [start(node, chat, f"after {i}") for i in range(5)]
    wait_until(lambda: gate.now == 5)
    gate.open.set()
    assert all(call.result(20) for call in calls)


def test_promise_07_a_slot_comes_back_after_each_kind_of_end(start_node, chat, messages, upstream):
    """With one slot, a lost one would be noticed by the next call."""
    node = start_node(upstream.url, limits={"max_concurrent": 1, "requests_per_minute": 0},
                      timeouts={"first_token": "200ms", "idle": "200ms"},
                      breaker={"failures": 1000}, retry={"max_attempts": 1})

    def silent(request, reply):
        request.wait_for_close(5)

    def stalls(request, reply):
        reply.open()
        reply.send(text("a"))
        request.wait_for_close(5)

    def fails(request, reply):
        reply.error(500)

    for number, answer in enumerate([silent, stalls, fails, silent]):
        upstream.answer = answer
        call = start(node, chat, f"{number}")
        if number == 3:
            wait_until(lambda: stats(node, messages).in_flight == 1)
            call.cancel()
        else:
            assert call.exception(20) is not None
        upstream.answer = echo
        assert ask(node, chat, f"after {number}", timeouts={"queue_ms": 2000}).result
    assert stats(node, messages).in_flight == 0
