"""The one call that tries whether a model is back: it holds nothing, and its first piece is enough."""

import threading

import grpc
import pytest

from harness.errors import refusal_of, refused
from harness.process import wait_until
from harness.upstream import echo, finish, text

DOWN, UP = "gpt-4.1", "deepseek-v3.2"


def ask(node, chat, query, model=DOWN, **fields):
    return node.llm.Invoke(chat.InvokeRequest(query=query, model=model, **fields), timeout=30)


def state(node, messages):
    breakers = node.admin.GetStats(messages.GetStatsRequest()).breakers
    return next(messages.Breaker.State.Name(b.state) for b in breakers if b.model == DOWN)


class Upstream:
    """`DOWN` fails until it is mended, and then answers as `good`; `UP` waits for `gate`."""

    def __init__(self, upstream):
        self.mended, self.gate, self.good = False, threading.Event(), echo
        upstream.answer = self._answer

    def _answer(self, request, reply):
        if request.body["model"] != DOWN:
            self.gate.wait(30)
            echo(request, reply)
        elif self.mended:
            self.good(request, reply)
        else:
            reply.error(500)


@pytest.fixture
def flaky(upstream):
    flaky = Upstream(upstream)
    yield flaky
    flaky.gate.set()


@pytest.fixture
def node(start_node, chat, messages, upstream, flaky):
    """With an open circuit that soon lets a probe through."""
    node = start_node(upstream.url, breaker={"failures": 1, "open_for": "200ms"}, retry={"max_attempts": 1},
                      limits={"max_concurrent": 1, "requests_per_minute": 0})
    with refused("UNAVAILABLE", "UPSTREAM_5XX"):
        ask(node, chat, "opens it")
    with refused("UNAVAILABLE", "CIRCUIT_OPEN") as refusal:
        ask(node, chat, "refused")
    assert 0 < refusal.retry.total_seconds() <= 0.2
    wait_until(lambda: state(node, messages) == "HALF_OPEN")
    return node


def queue(node, messages):
    return node.admin.GetStats(messages.GetStatsRequest()).queue


def test_a_call_that_waits_for_a_slot_does_not_hold_the_probe(node, chat, messages, flaky):
    busy = node.llm.Invoke.future(chat.InvokeRequest(query="slow", model=UP), timeout=30)
    wait_until(lambda: node.admin.GetStats(messages.GetStatsRequest()).in_flight == 1)
    leaving = node.llm.Invoke.future(chat.InvokeRequest(query="leaves", model=DOWN), timeout=30)
    staying = node.llm.Invoke.future(chat.InvokeRequest(query="stays", model=DOWN), timeout=30)
    wait_until(lambda: queue(node, messages) == 2)
    leaving.cancel()
    wait_until(lambda: queue(node, messages) == 1)
    flaky.mended = True
    flaky.gate.set()
    assert (busy.result().result, staying.result().result) == ("slow", "stays")
    assert state(node, messages) == "CLOSED"


def test_of_those_who_wait_one_is_the_probe_and_the_others_are_told_when_to_come_back(
        node, chat, messages, flaky):
    busy = node.llm.Invoke.future(chat.InvokeRequest(query="slow", model=UP), timeout=30)
    wait_until(lambda: node.admin.GetStats(messages.GetStatsRequest()).in_flight == 1)
    waiting = [node.llm.Invoke.future(chat.InvokeRequest(query=f"{i}", model=DOWN), timeout=30) for i in range(3)]
    wait_until(lambda: queue(node, messages) == 3)
    flaky.gate.set()
    assert busy.result().result == "slow"
    refusals = sorted((refusal_of(call.exception()) for call in waiting), key=lambda r: r.reason)
    assert [r.reason for r in refusals] == ["CIRCUIT_OPEN", "CIRCUIT_OPEN", "UPSTREAM_5XX"]
    assert all(r.retry.total_seconds() > 0 for r in refusals[:2])


def test_the_first_piece_of_the_probe_closes_the_circuit(node, chat, messages, flaky):
    rest = threading.Event()

    def good(request, reply):
        reply.open()
        reply.send(text("one"))
        rest.wait(30)
        reply.send(finish())
        reply.close()

    flaky.mended, flaky.good = True, good
    try:
        probe = node.llm.InvokeStream(chat.InvokeRequest(query="probe", model=DOWN), timeout=30)
        while next(probe).WhichOneof("event") != "text":
            pass
        assert state(node, messages) == "CLOSED"
    except grpc.RpcError as error:
        raise AssertionError(error.details()) from error
    finally:
        rest.set()
    assert list(probe)[-1].final.result == "one"
