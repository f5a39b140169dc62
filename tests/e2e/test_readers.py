"""Those who wait for one answer, each with a patience of its own: promises 4 and 9."""

import threading

import pytest

from harness.errors import refused
from harness.process import wait_until
from harness.upstream import echo

FIRST, SECOND = "gpt-4.1", "gemini-2.5-flash"


@pytest.fixture
def silent(upstream):
    """`FIRST` answers when it is let go."""
    gate = threading.Event()

    def answer(request, reply):
        if request.body["model"] == FIRST:
            gate.wait(30)
        echo(request, reply)

    upstream.answer = answer
    yield gate
    gate.set()


def begin(node, chat, **fields):
    return node.llm.Invoke.future(chat.InvokeRequest(query="Hallo", model=FIRST, **fields), timeout=30)


def joins(node, messages):
    return node.admin.GetStats(messages.GetStatsRequest()).joins


def asked_models(upstream):
    return [request.body["model"] for request in upstream.chats]


def test_a_reader_whose_first_token_is_late_leaves_to_its_fallback_model(node, chat, messages, upstream, silent):
    patient = begin(node, chat)
    wait_until(lambda: upstream.chats)
    hasty = begin(node, chat, fallback_models=[SECOND], timeouts={"first_token_ms": 300}).result()
    assert (hasty.result, hasty.model_used, hasty.fallback_used) == ("Hallo", SECOND, True)
    assert joins(node, messages) == 1
    assert asked_models(upstream) == [FIRST, SECOND]
    assert not patient.done()
    silent.set()
    assert patient.result().model_used == FIRST
    assert len(upstream.chats) == 2


def test_a_reader_without_a_fallback_hears_of_its_own_deadline(node, chat, messages, upstream, silent):
    patient = begin(node, chat)
    wait_until(lambda: upstream.chats)
    with refused("DEADLINE_EXCEEDED", "FIRST_TOKEN_TIMEOUT"):
        begin(node, chat, timeouts={"first_token_ms": 300}).result()
    silent.set()
    assert patient.result().result == "Hallo"
    assert len(upstream.chats) == 1


def test_a_patient_reader_prolongs_what_a_hasty_one_has_begun(node, chat, messages, upstream, silent):
    hasty = begin(node, chat, timeouts={"first_token_ms": 500})
    wait_until(lambda: upstream.chats)
    patient = begin(node, chat)
    with refused("DEADLINE_EXCEEDED", "FIRST_TOKEN_TIMEOUT"):
        hasty.result()
    silent.set()
    assert patient.result().result == "Hallo"
    assert len(upstream.chats) == 1


def test_a_call_that_joins_an_item_of_a_batch_raises_it(start_node, chat, messages, upstream, silent):
    node = start_node(upstream.url, limits={"max_concurrent": 1, "requests_per_minute": 0})
    busy = begin(node, chat)
    wait_until(lambda: upstream.chats)
    items = (messages.BatchItem(id=f"{i}", request=chat.InvokeRequest(query=f"item {i}", model=SECOND))
             for i in range(10))
    batch = node.llm.InvokeBatch(items, timeout=30)

    def queue():
        return node.admin.GetStats(messages.GetStatsRequest()).queue

    wait_until(lambda: queue() == 10)
    person = node.llm.Invoke.future(chat.InvokeRequest(query="item 9", model=SECOND), timeout=30)
    wait_until(lambda: joins(node, messages) == 1)
    silent.set()
    assert person.result().result == "item 9"
    assert len(list(batch)) == 10
    assert busy.result().result == "Hallo"
    asked = [request.body["messages"][-1]["content"] for request in upstream.chats]
    assert asked == ["Hallo", "item 9", *(f"item {i}" for i in range(9))]
