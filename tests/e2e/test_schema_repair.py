"""A repair of what does not keep to its schema, delayed by the service's own limits."""

import collections
import time
from decimal import Decimal

import pytest

from harness.errors import refused
from harness.upstream import answer_text, plain

SCHEMA = {"type": "JSON_SCHEMA", "name": "s", "schema_json": '{"required": ["a"]}'}
RIGHT = '{"a": 1}'


class Asked:
    """How often each question was asked for the first time, and how often repaired."""

    def __init__(self, upstream):
        self.first, self.repaired = collections.Counter(), collections.Counter()
        upstream.answer = self._answer

    def _answer(self, request, reply):
        said = [plain(m["content"]) for m in request.body["messages"]]
        question = next(text for text in said if text.startswith("question"))
        repairs = "does not keep to the JSON Schema" in said[-1]
        (self.repaired if repairs else self.first)[question] += 1
        time.sleep(0.06)
        reply.stream(*answer_text(RIGHT if repairs else "{}"))


@pytest.fixture
def asked(upstream):
    return Asked(upstream)


def usage(node, messages):
    return node.admin.GetUsage(messages.GetUsageRequest()).total


def run_batch(node, chat, messages, questions):
    items = [messages.BatchItem(id=f"{i}", request=chat.InvokeRequest(
        query=question, response_format=SCHEMA)) for i, question in enumerate(questions)]
    return list(node.llm.InvokeBatch(iter(items), timeout=60))


@pytest.mark.parametrize("limits", [
    {"max_queue": 2},  # half of it for items: QUEUE_FULL
    {"max_queue_wait": "40ms"},  # RATE_LIMITED_LOCAL
])
def test_a_batch_buys_each_first_answer_once(start_node, chat, messages, upstream, asked, limits):
    node = start_node(upstream.url, limits={"requests_per_minute": 0, "max_concurrent": 1} | limits)
    questions = [f"question {i}" for i in range(12)]
    results = run_batch(node, chat, messages, questions)
    assert [r.error.message for r in results if r.HasField("error")] == []
    assert {r.response.result for r in results} == {RIGHT}
    once = dict.fromkeys(questions, 1)
    assert (asked.first, asked.repaired) == (once, once)
    assert {r.response.attempts for r in results} == {2}
    assert {r.response.usage.total_tokens for r in results} == {30}
    total = usage(node, messages)
    assert total.unreported == "0"
    assert Decimal(total.cost.total) == sum(Decimal(r.response.cost.total) for r in results)


def test_equal_items_of_a_batch_share_a_first_answer(start_node, chat, messages, upstream, asked):
    node = start_node(upstream.url, limits={"requests_per_minute": 0, "max_concurrent": 1,
                                            "max_queue": 2})
    questions = ["question 0", "question 1", "question 2"]
    results = run_batch(node, chat, messages, questions * 4)
    assert {r.response.result for r in results} == {RIGHT}
    once = dict.fromkeys(questions, 1)
    assert (asked.first, asked.repaired) == (once, once)
    spent = sum(Decimal(r.response.cost.total) for r in results)
    total = usage(node, messages)
    assert Decimal(total.cost.total) == spent
    assert Decimal(total.unreported) >= 0


def test_a_call_whose_repair_finds_no_room_says_what_was_paid(start_node, chat, messages,
                                                              upstream, asked):
    node = start_node(upstream.url, limits={"requests_per_minute": 1})
    with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_LOCAL") as refusal:
        node.llm.Invoke(chat.InvokeRequest(query="question", response_format=SCHEMA,
                                           timeouts={"queue_ms": 200, "total_ms": 5000}))
    assert "cost 0.0000" in refusal.message and "schema_json" in refusal.message
    assert refusal.retry is not None
    assert (asked.first, asked.repaired) == ({"question": 1}, {})
    assert Decimal(usage(node, messages).unreported) > 0
