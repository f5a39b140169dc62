"""What a purge and cache mode REFRESH leave behind although it is under way: promise 4."""

import threading

import pytest

from harness.process import wait_until
from harness.upstream import answer_text


class Numbered:
    """Answers the first request `answer 1` and so on, each when it is let go."""

    def __init__(self, upstream):
        self._gates = []
        upstream.answer = self._answer

    def _answer(self, request, reply):
        gate = threading.Event()
        self._gates.append(gate)
        number = len(self._gates)
        gate.wait(30)
        reply.stream(*answer_text(f"answer {number}"))

    def wait_for(self, count):
        wait_until(lambda: len(self._gates) == count, what=f"{count} requests")

    def let_go(self, number):
        self._gates[number - 1].set()

    def close(self):
        for gate in self._gates:
            gate.set()


@pytest.fixture
def numbered(upstream):
    numbered = Numbered(upstream)
    yield numbered
    numbered.close()


def begin(node, chat, **fields):
    return node.llm.Invoke.future(chat.InvokeRequest(query="Hallo", **fields), timeout=30)


def refresh(node, chat):
    return begin(node, chat, cache={"mode": chat.CacheControl.REFRESH})


def cached(chat, answer):
    return chat.CacheInfo.Outcome.Name(answer.cache_info.outcome)


def joins(node, messages):
    return node.admin.GetStats(messages.GetStatsRequest()).joins


def test_a_purge_reaches_what_is_under_way(node, chat, messages, numbered):
    before = begin(node, chat)
    numbered.wait_for(1)
    node.admin.PurgeCache(messages.PurgeCacheRequest(all=True))
    after = begin(node, chat)
    numbered.wait_for(2)
    later = begin(node, chat)
    wait_until(lambda: joins(node, messages) == 1)
    numbered.let_go(1)
    assert before.result().result == "answer 1"
    numbered.let_go(2)
    assert (after.result().result, later.result().result) == ("answer 2", "answer 2")
    hit = begin(node, chat).result()
    assert (hit.result, cached(chat, hit)) == ("answer 2", "HIT")


def test_what_was_under_way_at_a_purge_is_not_kept(node, chat, messages, numbered):
    before = begin(node, chat)
    numbered.wait_for(1)
    node.admin.PurgeCache(messages.PurgeCacheRequest(model="deepseek-v3.2"))
    numbered.let_go(1)
    assert before.result().result == "answer 1"
    after = begin(node, chat)
    numbered.wait_for(2)
    numbered.let_go(2)
    assert cached(chat, after.result()) == "MISS"


def test_who_comes_after_a_refresh_joins_it_and_not_the_older_one(node, chat, messages, numbered):
    older = begin(node, chat)
    numbered.wait_for(1)
    refreshing = refresh(node, chat)
    numbered.wait_for(2)
    later = begin(node, chat)
    wait_until(lambda: joins(node, messages) == 1)
    numbered.let_go(2)
    assert refreshing.result().result == later.result().result == "answer 2"
    numbered.let_go(1)
    assert older.result().result == "answer 1"
    hit = begin(node, chat).result()
    assert (hit.result, cached(chat, hit)) == ("answer 2", "HIT")


def test_each_refresh_asks_anew(node, chat, numbered):
    first = refresh(node, chat)
    numbered.wait_for(1)
    second = refresh(node, chat)
    numbered.wait_for(2)
    numbered.let_go(2)
    numbered.let_go(1)
    assert (first.result().result, second.result().result) == ("answer 1", "answer 2")
    assert begin(node, chat).result().result == "answer 2"
