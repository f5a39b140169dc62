"""What an operator does: look at usage, reload, and know what needs a restart."""

import datetime
import hashlib
import signal
import threading
from decimal import Decimal

import pytest

from harness.errors import refused
from harness.node import default_config, merged
from harness.process import wait_until
from harness.upstream import echo, finish, text, usage


def entry(name, **more):
    return {"name": name, "sha256": hashlib.sha256(name.encode()).hexdigest()} | more


def token(name):
    return [("authorization", f"Bearer {name}")]


def today():
    return datetime.datetime.now(datetime.timezone.utc).date().isoformat()


def answer_with_usage(request, reply):
    reply.open()
    reply.send(text("yes"), finish(), usage(1001, 77))
    reply.close()


def sums(answers):
    return (len(answers),
            sum(a.usage.total_tokens for a in answers),
            sum(a.usage.prompt_tokens for a in answers),
            sum(Decimal(a.cost.total) for a in answers),
            sum(Decimal(a.cost.saved) for a in answers))


def sums_of(row):
    return (row.calls, row.usage.total_tokens, row.usage.prompt_tokens,
            Decimal(row.cost.total), Decimal(row.cost.saved))


@pytest.fixture
def node(start_node, upstream):
    upstream.answer = answer_with_usage
    return start_node(upstream.url, limits={"requests_per_minute": 0}, auth={"tokens": [
        entry("a"), entry("b"), entry("ops", roles=["admin"])]})


@pytest.fixture
def usage_of(node, messages):
    def ask(**fields):
        return node.admin.GetUsage(messages.GetUsageRequest(**fields), metadata=token("ops"))
    return ask


def test_promise_12_usage_is_the_sum_of_the_responses(node, chat, usage_of):
    answers = {}
    for i in range(24):
        who, model = "ab"[i % 2], ("deepseek-v3.2", "gpt-4.1")[i // 2 % 2]
        # Every question twice: a miss and a hit.
        request = chat.InvokeRequest(query=f"q{i % 12}", model=model)
        if i % 3:
            answer = node.llm.Invoke(request, metadata=token(who))
        else:
            answer = list(node.llm.InvokeStream(request, metadata=token(who)))[-1].final
        answers.setdefault((who, model), []).append(answer)
    assert any(a.cached for a in sum(answers.values(), []))
    report = usage_of()
    assert {(r.day, r.caller, r.model) for r in report.rows} == {
        (today(), *key) for key in answers}
    for row in report.rows:
        assert sums_of(row) == sums(answers[row.caller, row.model])
        assert row.unreported == "0"
    assert sums_of(report.total) == sums(sum(answers.values(), []))
    assert report.total.attempts == 12
    assert report.total.cost.currency == "USD"


def test_joined_calls_count_at_no_cost(node, chat, usage_of, upstream):
    gate = threading.Event()

    def answer(request, reply):
        gate.wait(20)
        answer_with_usage(request, reply)

    upstream.answer = answer
    calls = [node.llm.Invoke.future(chat.InvokeRequest(query="x"), metadata=token("a"))
             for _ in range(5)]
    wait_until(lambda: upstream.chats)
    gate.set()
    answers = [call.result(20) for call in calls]
    assert sums_of(usage_of().total) == sums(answers)
    assert usage_of().total.attempts == 1


def test_what_no_response_reports_is_shown_apart(node, chat, usage_of, upstream):
    def broken(request, reply):
        reply.open()
        reply.send(text("a piece of an answer, and then nothing"))
        reply.close(done=False)

    upstream.answer = broken
    with refused("DATA_LOSS", "STREAM_TRUNCATED"):
        list(node.llm.InvokeStream(chat.InvokeRequest(query="x"), metadata=token("a")))
    total = usage_of().total
    assert (total.calls, total.cost.total, total.attempts) == (0, "0", 1)
    assert Decimal(total.unreported) > 0


def test_a_caller_who_leaves_is_shown_apart(node, chat, usage_of, upstream):
    gate = threading.Event()

    def slow(request, reply):
        reply.open()
        reply.send(text("one piece"))
        gate.wait(20)

    upstream.answer = slow
    stream = node.llm.InvokeStream(chat.InvokeRequest(query="x"), metadata=token("a"))
    next(stream), next(stream)
    stream.cancel()
    total = wait_until(lambda: (t := usage_of().total).attempts and t, 5, "the charge")
    gate.set()
    assert total.calls == 0 and Decimal(total.unreported) > 0


def test_the_fallbacks_use_is_the_fallback_models(node, chat, usage_of, upstream):
    def answer(request, reply):
        if request.body["model"] == "gpt-4.1":
            return reply.json({"error": {"message": "no"}}, 503)
        return answer_with_usage(request, reply)

    upstream.answer = answer
    got = node.llm.Invoke(chat.InvokeRequest(query="x", model="gpt-4.1", max_attempts=1,
                                             fallback_models=["deepseek-v3.2"]),
                          metadata=token("a"))
    assert got.fallback_used
    row, = usage_of().rows
    assert row.model == "deepseek-v3.2"
    assert sums_of(row) == sums([got])
    assert row.unreported == "0"


def test_usage_is_filtered(node, chat, usage_of):
    for who in "ab":
        for model in ("deepseek-v3.2", "gpt-4.1"):
            node.llm.Invoke(chat.InvokeRequest(query="x", model=model), metadata=token(who))
    assert len(usage_of(caller="a").rows) == 2
    assert len(usage_of(model="gpt-4.1").rows) == 2
    assert usage_of(caller="a", model="gpt-4.1").total.calls == 1
    assert len(usage_of(from_day=today(), to_day=today()).rows) == 4
    assert not usage_of(to_day="2020-01-01").rows
    assert not usage_of(from_day="2999-12-31").rows
    assert usage_of(from_day="2999-12-31").total.cost.total == "0"


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "2026-1-1", "2026-02-30", "2026-01-01x"])
def test_a_day_that_is_none_is_refused(usage_of, day):
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", "from_day"):
        usage_of(from_day=day)


def reload(node, config):
    before = len(node.log())
    node.write_config(config)
    node.process.send(signal.SIGHUP)
    wait_until(lambda: "reload" in node.log()[before:], 5, "a word about the reload")
    return node.log()[before:]


def test_reload_names_what_needs_a_restart(start_node, upstream):
    node = start_node(upstream.url)
    config = merged(default_config(upstream.url), {
        "listen": "127.0.0.1:1", "upstream": {"max_connections": 7}, "cache": {"ttl": "9s"},
        "limits": {"max_connections": 7}})
    said = reload(node, config)
    assert "listen: the change needs a restart" in said
    assert "upstream.max_connections: the change needs a restart" in said
    assert "limits.max_connections: the change needs a restart" in said
    assert "ttl" not in said
    assert "configuration reloaded" in said


def test_reload_counts_earlier_spending_under_a_new_budget(start_node, chat, upstream):
    upstream.answer = answer_with_usage
    node = start_node(upstream.url)
    node.llm.Invoke(chat.InvokeRequest(query="1", max_tokens=1000))
    budgets = [{"caller": "*", "model": "*", "usd": "0.0008", "period": "month"}]
    reload(node, merged(default_config(upstream.url), {"budgets": budgets}))
    with refused("RESOURCE_EXHAUSTED", "BUDGET_EXCEEDED"):
        node.llm.Invoke(chat.InvokeRequest(query="2", max_tokens=1000))


def test_reload_takes_up_new_tokens_and_the_level_of_the_log(start_node, chat, upstream):
    node = start_node(upstream.url, auth={"tokens": [entry("old")]})
    node.llm.Invoke(chat.InvokeRequest(query="x"), metadata=token("old"))
    reload(node, merged(default_config(upstream.url), {"auth": {"tokens": [entry("new")]}}))
    node.llm.Invoke(chat.InvokeRequest(query="x"), metadata=token("new"))
    with refused("UNAUTHENTICATED", "UNAUTHENTICATED"):
        node.llm.Invoke(chat.InvokeRequest(query="x"), metadata=token("old"))


def test_a_refused_reload_is_one_line_and_changes_nothing(start_node, chat, upstream):
    node = start_node(upstream.url, auth={"tokens": [entry("old")]})
    said = reload(node, {"cache": {"tll": "5s"}, "listn": ""})
    refusals = [line for line in said.splitlines() if '"error"' in line]
    assert len(refusals) == 1
    assert "the old configuration stays" in said and "tll" in said and "listn" in said
    upstream.answer = echo
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo"),
                           metadata=token("old")).result == "Hallo"
