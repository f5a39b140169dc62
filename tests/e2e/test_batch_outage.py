"""Items of a batch wait out an open circuit and an outage, for `batch.patience` at most."""

import time

import pytest

from harness.process import SLOWDOWN, wait_until

FREE = {"limits": {"requests_per_minute": 0}, "retry": {"max_attempts": 1}}


def run(node, chat, messages, count, **fields):
    items = [messages.BatchItem(id=f"{i}", request=chat.InvokeRequest(query=f"{i}", **fields)) for i in range(count)]
    return list(node.llm.InvokeBatch(iter(items), timeout=120))


def reasons(results):
    return {result.error.reason for result in results}


def breaker(node, messages):
    breakers = node.admin.GetStats(messages.GetStatsRequest()).breakers
    return next(messages.Breaker.State.Name(b.state) for b in breakers if b.model == "deepseek-v3.2")


def test_a_batch_waits_out_an_open_circuit(start_node, chat, messages, sim):
    node = start_node(sim.url, breaker={"failures": 2, "open_for": "300ms"}, **FREE)
    sim.control(script=[{"fault": "unavailable"}] * 3)
    results = run(node, chat, messages, 12)
    assert reasons(results) == {""}
    assert sorted(result.response.result for result in results) == sorted(f"You said: {i}" for i in range(12))
    assert breaker(node, messages) == "CLOSED"


def test_a_batch_that_begins_with_an_open_circuit_waits_for_it(start_node, chat, messages, sim):
    node = start_node(sim.url, breaker={"failures": 1, "open_for": "500ms"}, **FREE)
    sim.control(script=[{"fault": "unavailable"}])
    assert reasons(run(node, chat, messages, 1, timeouts={"total_ms": 60000})) == {"UPSTREAM_5XX"}
    assert breaker(node, messages) == "OPEN"
    assert reasons(run(node, chat, messages, 5)) == {""}


@pytest.mark.parametrize("fault", ["reset", "server_error"])
def test_a_batch_waits_out_an_outage_without_a_breaker(start_node, chat, messages, sim, fault):
    node = start_node(sim.url, breaker={"failures": 0}, **FREE)
    sim.control(script=[{"fault": fault}] * 4)
    assert reasons(run(node, chat, messages, 4)) == {""}


def test_patience_ends_once_for_the_whole_batch(start_node, chat, messages, sim):
    node = start_node(sim.url, batch={"patience": "1500ms"}, breaker={"failures": 0},
                      retry={"max_attempts": 1}, limits={"requests_per_minute": 0, "batch_in_flight": 2})
    sim.fault("unavailable")
    start = time.monotonic()
    assert reasons(run(node, chat, messages, 20)) == {"UPSTREAM_5XX"}
    assert 1 < time.monotonic() - start < 4 * SLOWDOWN


def test_an_item_with_a_time_of_its_own_does_not_wait_for_an_outage(start_node, chat, messages, sim):
    node = start_node(sim.url, breaker={"failures": 0}, **FREE)
    sim.fault("unavailable")
    assert reasons(run(node, chat, messages, 2, timeouts={"queue_ms": 1000})) == {"UPSTREAM_5XX"}
    wait_until(lambda: sim.state()["in_flight"] == 0)
