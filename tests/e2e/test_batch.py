"""InvokeBatch: bounded in both directions, an item's failure its own, and second to others."""

import concurrent.futures
import queue
import signal
import threading
import time

import grpc
import pytest

from harness.errors import refused, refusal_of
from harness.process import SLOWDOWN, rss_mb, wait_until
from harness.upstream import echo


def stats(node, messages):
    return node.admin.GetStats(messages.GetStatsRequest())


def item(messages, chat, name, query=None, **fields):
    return messages.BatchItem(id=name, request=chat.InvokeRequest(query=query or name, **fields))


class Input:
    """Items that the test gives one by one."""

    def __init__(self):
        self._items = queue.Queue()

    def give(self, *items):
        for each in items:
            self._items.put(each)

    def end(self):
        self._items.put(None)

    def __iter__(self):
        return iter(self._items.get, None)


class Gate:
    """Answers wait for the gate."""

    def __init__(self, upstream):
        self.open = threading.Event()
        upstream.answer = self._answer

    def _answer(self, request, reply):
        self.open.wait(30)
        echo(request, reply)


@pytest.fixture
def gate(upstream):
    gate = Gate(upstream)
    yield gate
    gate.open.set()


@pytest.fixture
def free(start_node, upstream):
    """A service without a limit on requests."""
    return start_node(upstream.url, limits={"requests_per_minute": 0})


def test_every_item_has_its_result(free, chat, messages):
    items = [item(messages, chat, f"item {i}") for i in range(200)]
    results = list(free.llm.InvokeBatch(iter(items), timeout=60))
    assert sorted(result.index for result in results) == list(range(200))
    for result in results:
        assert result.id == result.response.result == f"item {result.index}"
        assert result.response.tokens_used > 0
        assert result.response.latency_ms > 0


def test_an_empty_batch_is_none(free):
    assert list(free.llm.InvokeBatch(iter(()), timeout=10)) == []


def test_results_come_while_items_go(free, chat, messages):
    source = Input()
    results = free.llm.InvokeBatch(iter(source), timeout=60)
    for i in range(5):
        source.give(item(messages, chat, f"{i}"))
        assert next(results).index == i
    source.end()
    assert list(results) == []


def test_an_items_failure_is_its_own(free, chat, messages, upstream):
    def answer(request, reply):
        bad = request.body["messages"][-1]["content"] == "bad luck"
        reply.error(400, "content_filter") if bad else echo(request, reply)

    upstream.answer = answer
    items = [item(messages, chat, "good"), item(messages, chat, "hot", temperature=7),
             messages.BatchItem(id="empty"), item(messages, chat, "bad luck"),
             item(messages, chat, "good again")]
    results = {result.id: result for result in free.llm.InvokeBatch(iter(items), timeout=60)}
    assert results["good"].response.result == "good"
    assert results["good again"].response.result == "good again"
    for name, text in (("hot", "temperature"), ("empty", "query")):
        assert results[name].error.reason == results[name].error.code == "INVALID_ARGUMENT"
        assert text in results[name].error.message
    assert results["bad luck"].error.reason == "CONTENT_FILTER"
    assert results["bad luck"].error.code == "FAILED_PRECONDITION"


def test_an_item_that_cannot_be_read_is_no_end_of_the_batch(free, chat, messages):
    call = free.channel.stream_stream("/holysheep.node.v1.LlmNode/InvokeBatch", bytes,
                                      messages.BatchResult.FromString)
    good = item(messages, chat, "good", "query").SerializeToString()
    items = [b"\xff\xff\xff", good.replace(b"query", b"\xffuery"), good]
    results = {result.index: result for result in call(iter(items), timeout=20)}
    assert results[2].response.result == "query"
    assert results[1].id == "good"
    for broken in (results[0].error, results[1].error):
        assert broken.reason == "INVALID_ARGUMENT"
        assert "UTF-8" in broken.message


def test_items_share_answers_with_each_other_and_with_calls(free, chat, messages, upstream):
    free.llm.Invoke(chat.InvokeRequest(query="known"), timeout=10)
    items = [item(messages, chat, f"{i}", "known" if i % 2 else "new") for i in range(40)]
    results = list(free.llm.InvokeBatch(iter(items), timeout=60))
    assert len(upstream.chats) == 2
    assert sum(result.response.attempts for result in results) == 1
    assert all(result.response.cached for result in results if result.index % 2)


def test_items_are_retried(free, chat, messages, upstream):
    seen = set()

    def answer(request, reply):
        content = request.body["messages"][-1]["content"]
        if content in seen:
            return echo(request, reply)
        seen.add(content)
        return reply.error(500)

    upstream.answer = answer
    items = [item(messages, chat, f"{i}") for i in range(3)]
    results = list(free.llm.InvokeBatch(iter(items), timeout=60))
    assert [result.response.attempts for result in results] == [2, 2, 2]


def test_items_are_not_read_before_there_is_room(start_node, chat, messages, upstream, gate):
    node = start_node(upstream.url, limits={"requests_per_minute": 0, "batch_in_flight": 7,
                                            "max_concurrent": 3})
    given = []

    def source():
        for i in range(100_000):
            given.append(i)
            yield item(messages, chat, f"{i}", "x" * 2000 + str(i))

    call = node.llm.InvokeBatch(source(), timeout=60)
    wait_until(lambda: stats(node, messages).queue == 4)
    assert stats(node, messages).in_flight == 3
    time.sleep(0.5)
    assert stats(node, messages).queue == 4
    # What else has gone is in the windows of HTTP/2.
    assert len(given) < 5000
    call.cancel()


def test_cancelling_ends_what_runs(free, chat, messages, upstream):
    closed = []

    def answer(request, reply):
        closed.append(request.wait_for_close(20))

    upstream.answer = answer
    source = Input()
    source.give(*(item(messages, chat, f"{i}") for i in range(10)))
    call = free.llm.InvokeBatch(iter(source))
    wait_until(lambda: len(upstream.chats) == 10)
    call.cancel()
    source.end()
    wait_until(lambda: stats(free, messages).in_flight == 0, 1)
    wait_until(lambda: closed == [True] * 10)


def test_a_running_batch_adds_at_most_one_slots_wait_to_a_call(start_node, chat, messages,
                                                                upstream):
    def answer(request, reply):
        time.sleep(0.2)
        echo(request, reply)

    upstream.answer = answer
    node = start_node(upstream.url, limits={"requests_per_minute": 0, "max_concurrent": 2})
    items = (item(messages, chat, f"{i}") for i in range(60))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        batch = pool.submit(lambda: list(node.llm.InvokeBatch(items, timeout=60)))
        wait_until(lambda: stats(node, messages).queue > 10)
        for i in range(5):
            answer = node.llm.Invoke(chat.InvokeRequest(query=f"now {i}"), timeout=30)
            assert answer.queue_ms < 300 * SLOWDOWN
        assert not batch.done()
        assert len(batch.result()) == 60


def test_a_batch_leaves_room_in_the_queue(start_node, chat, messages, upstream, gate):
    node = start_node(upstream.url, limits={"requests_per_minute": 0, "max_concurrent": 1,
                                            "max_queue": 4})
    source = Input()
    source.give(*(item(messages, chat, f"{i}") for i in range(20)))
    source.end()
    batch = node.llm.InvokeBatch(iter(source), timeout=60)
    wait_until(lambda: stats(node, messages).queue == 2)
    calls = [node.llm.Invoke.future(chat.InvokeRequest(query=f"now {i}")) for i in range(2)]
    wait_until(lambda: stats(node, messages).queue == 4)
    gate.open.set()
    assert all(call.result(20).result for call in calls)
    assert all(result.HasField("response") for result in batch)


def test_items_wait_for_the_limits(start_node, chat, messages, upstream):
    """A single call would be refused at once: a call may not wait at all here."""
    node = start_node(upstream.url, limits={"max_concurrent": 1, "max_queue_wait": "1ms",
                                            "requests_per_minute": 0})
    items = [item(messages, chat, f"{i}") for i in range(6)]
    results = list(node.llm.InvokeBatch(iter(items), timeout=60))
    assert [result.error.message for result in results] == [""] * 6


def test_an_item_that_cannot_make_it_says_when_to_come_again(start_node, chat, messages,
                                                             upstream):
    node = start_node(upstream.url, limits={"requests_per_minute": 2})
    items = [item(messages, chat, f"{i}") for i in range(4)]
    results = list(node.llm.InvokeBatch(iter(items), timeout=10))
    failed = [result.error for result in results if result.HasField("error")]
    assert [(error.reason, error.code) for error in failed] == \
        [("RATE_LIMITED_LOCAL", "RESOURCE_EXHAUSTED")] * 2
    assert all(30_000 < error.retry_after_ms <= 60_000 for error in failed)


def test_an_item_with_a_time_of_its_own_does_not_wait_longer(start_node, chat, messages,
                                                             upstream):
    node = start_node(upstream.url, limits={"requests_per_minute": 1})
    items = [item(messages, chat, "a"), item(messages, chat, "b", timeouts={"queue_ms": 100})]
    results = {result.id: result for result in node.llm.InvokeBatch(iter(items), timeout=300)}
    assert results["a"].response.result == "a"
    assert results["b"].error.reason == "RATE_LIMITED_LOCAL"


def test_a_batch_needs_a_callers_token(start_node, chat, messages, upstream):
    node = start_node(upstream.url, auth={"tokens": [{"name": "a", "sha256": "0" * 64}]})
    with refused("UNAUTHENTICATED", "UNAUTHENTICATED"):
        list(node.llm.InvokeBatch(iter([item(messages, chat, "a")]), timeout=10))


def test_promise_13_a_running_batch_ends_and_a_new_one_is_refused(start_node, chat, messages,
                                                                  upstream, gate):
    node = start_node(upstream.url)
    source = Input()
    source.give(*(item(messages, chat, f"{i}") for i in range(3)))
    batch = node.llm.InvokeBatch(iter(source), timeout=60)
    wait_until(lambda: stats(node, messages).in_flight == 3)
    node.process.send(signal.SIGTERM)
    wait_until(lambda: refused_as_draining(node))
    gate.open.set()
    source.give(item(messages, chat, "3"))
    source.end()
    assert sorted(result.index for result in batch) == [0, 1, 2, 3]
    assert node.process.wait() == 0


def refused_as_draining(node):
    try:
        list(node.llm.InvokeBatch(iter(()), timeout=5))
    except grpc.RpcError as error:
        return refusal_of(error).reason == "DRAINING"
    return False


def test_promise_13_a_batch_ends_at_the_drain_deadline(start_node, chat, messages, upstream):
    node = start_node(upstream.url, drain_timeout="300ms")
    source = Input()
    source.give(item(messages, chat, "a"))
    batch = node.llm.InvokeBatch(iter(source), timeout=60)
    assert next(batch).response.result == "a"
    node.process.send(signal.SIGTERM)
    with pytest.raises(grpc.RpcError):
        next(batch)
    source.end()
    assert node.process.wait() == 0


def test_many_items_take_no_more_memory_than_few(start_node, chat, messages, sim):
    node = start_node(sim.url, cache={"max_entries": 100},
                      limits={"requests_per_minute": 0, "max_concurrent": 64})

    def run(count, prefix):
        items = (item(messages, chat, str(i), f"{prefix} {i % 5000}") for i in range(count))
        for result in node.llm.InvokeBatch(items, timeout=300):
            assert result.HasField("response"), result

    run(2000, "warm")
    before = rss_mb(node.process.pid)
    run(15_000, "many")
    # A sanitizer keeps freed memory for a while.
    # The address sanitizer keeps 256 MB of what was freed.
    assert rss_mb(node.process.pid) - before < 15 + 256 * (SLOWDOWN > 1)
