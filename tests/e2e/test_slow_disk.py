"""A ledger on a slow disk: who waits for it, and who does not."""

import statistics
import threading
import time

import pytest

from harness.errors import refusal_of
from harness.ledger import kept, sums
from harness.node import Node, default_config, merged
from harness.process import SLOWDOWN, wait_until
from harness.slow_disk import SlowDisk
from harness.upstream import finish, text, usage


@pytest.fixture
def disk(tmp_path):
    return SlowDisk(tmp_path)


@pytest.fixture
def start(api, upstream, tmp_path, disk):
    """Starts services one after another, with one ledger on the slow disk."""
    upstream.answer = lambda request, reply: reply.stream(text("yes"), finish(), usage(1001, 77))
    started = []

    def start(**limits):
        home = tmp_path / f"{len(started)}"
        home.mkdir()
        started.append(Node(api, home, merged(default_config(upstream.url), {
            "ledger": {"path": str(tmp_path / "ledger")},
            "limits": {"requests_per_minute": 0} | limits}), env=disk.env))
        return started[-1]

    yield start
    for node in started:
        node.process.kill()


def timed(stream):
    """Of a stream: the seconds to the first piece and to the end, and the answer."""
    begun = time.perf_counter()
    first = None
    for event in stream:
        if event.WhichOneof("event") == "text" and first is None:
            first = time.perf_counter() - begun
    return first, time.perf_counter() - begun, event.final


def test_a_slow_sync_delays_no_streamed_hit(start, chat, messages, disk):
    node = start()
    request = chat.InvokeRequest(query="x")
    answers = [node.llm.Invoke(request)]
    disk.slow("sync")
    whole = []
    while disk.held("sync") < 2:  # The ledger has begun to have the disk take its log.
        _, seconds, answer = timed(node.llm.InvokeStream(request))
        answers.append(answer)
        whole.append(seconds)
        assert len(whole) < 20_000, "nothing was held up"
    assert statistics.quantiles(whole, n=100)[-1] < 0.02 * SLOWDOWN
    assert max(whole) < 1.4, "one waited for the disk"
    node.process.kill()
    disk.quick("sync")
    assert kept(start(), messages) == sums(answers)


def test_an_answer_waits_until_its_row_is_written_and_nothing_else_does(start, chat, messages, disk):
    node = start()
    hit = chat.InvokeRequest(query="hit")
    node.llm.Invoke(hit)
    disk.slow("write")
    begun = time.perf_counter()
    miss = node.llm.Invoke.future(chat.InvokeRequest(query="miss"))
    wait_until(lambda: disk.held("write") > 0)
    firsts = []
    threads = [threading.Thread(target=lambda: firsts.append(timed(node.llm.InvokeStream(hit))[0]))
               for _ in range(5)]
    for thread in threads:
        thread.start()
    asked = time.perf_counter()
    node.llm.ListModels(messages.ListModelsRequest())
    assert kept(node, messages)[0] >= 2, "read without waiting for the write"
    assert time.perf_counter() - asked < 0.3 * SLOWDOWN
    assert not miss.done()
    miss.result()
    assert time.perf_counter() - begun >= 0.5
    for thread in threads:
        thread.join()
    assert statistics.median(firsts) < 0.1 * SLOWDOWN, "pieces wait for nothing"


def test_cached_answers_that_wait_for_the_disk_count_as_held(start, chat, upstream, disk):
    node = start(max_memory=4 << 20)
    upstream.answer = lambda request, reply: reply.stream(text("x" * 500_000), finish(), usage(1, 9))
    request = chat.InvokeRequest(query="long")
    node.llm.Invoke(request)
    disk.slow("write")
    calls = [node.llm.Invoke.future(request) for _ in range(40)]
    errors = [refusal_of(call.exception()) for call in calls if call.exception() is not None]
    assert 0 < len(errors) < 40
    assert {(error.reason, *error.quota[0]) for error in errors} == {
        ("QUEUE_FULL", "service", "limits.max_memory")}


def test_what_a_slow_disk_has_not_taken_is_written_at_the_end(start, chat, messages, disk):
    node = start()
    disk.slow("write")
    calls = [node.llm.Invoke.future(chat.InvokeRequest(query=f"{number}")) for number in range(20)]
    wait_until(lambda: disk.held("write") > 0)
    assert node.process.stop() == 0
    disk.quick("write")
    answers = [call.result() for call in calls if call.exception() is None]
    assert answers
    assert kept(start(), messages) >= sums(answers)
