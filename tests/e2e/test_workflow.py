"""RunWorkflow: steps that see the conversation so far, their failures, and the totals."""

import decimal
import signal
import time

import grpc
import pytest

from harness.errors import refused
from harness.process import wait_until
from harness.upstream import delta, echo, finish, plain, text, usage


@pytest.fixture
def node(start_node, upstream):
    return start_node(upstream.url, limits={"requests_per_minute": 0},
                      breaker={"failures": 1000})


def run(node, messages, *steps, query="the query", **fields):
    request = messages.RunWorkflowRequest(query=query, steps=steps, **fields)
    return node.llm.RunWorkflow(request, timeout=30)


def kinds(events):
    return [event.WhichOneof("event") for event in events]


def joined(events):
    """Kind, step and words of the events; deltas in a row, which may be merged, as one."""
    result = []
    for event in events:
        said = (event.WhichOneof("event"), event.delta.index, event.delta.text)
        if result and said[0] == "delta" and result[-1][:2] == said[:2]:
            result[-1] = (*said[:2], result[-1][2] + said[2])
        else:
            result.append(said)
    return result


def finished_steps(events):
    return [event.step_finished for event in events if event.HasField("step_finished")]


def shown(request):
    return [(m["role"], plain(m["content"])) for m in request.body["messages"]]


def stats(node, messages):
    return node.admin.GetStats(messages.GetStatsRequest())


def test_events_come_in_order(node, messages):
    events = list(run(node, messages, {"name": "one"}, {"prompt": "and {{steps.one.output}}"}))
    assert joined(events) == [
        ("step_started", 0, ""), ("delta", 0, "the query"), ("step_finished", 0, ""),
        ("step_started", 0, ""), ("delta", 1, "and the query"), ("step_finished", 0, ""),
        ("finished", 0, "")]
    steps = [event.step_started for event in events if event.HasField("step_started")]
    assert [step.name for step in steps] == ["one", "step1"]
    assert steps[1].model == "deepseek-v3.2"
    assert finished_steps(events)[1].response.result == "and the query"
    assert events[-1].finished.result == "and the query"


def test_a_cached_step_is_a_few_events(node, messages, upstream):
    words = [f"word{i} " for i in range(200)]
    upstream.answer = lambda request, reply: reply.stream(
        *map(text, words), finish(), usage(1, 200))
    list(run(node, messages, {}))
    events = list(run(node, messages, {}))
    assert joined(events)[1] == ("delta", 0, "".join(words))
    assert len(events) <= 8


def test_every_step_sees_the_conversation_so_far(node, messages, upstream):
    list(run(node, messages, {}, {"prompt": "two"}, {"prompt": "three"}))
    assert shown(upstream.chats[0]) == [("user", "the query")]
    assert shown(upstream.chats[2]) == [
        ("user", "the query"), ("assistant", "the query"),
        ("user", "two"), ("assistant", "two"), ("user", "three")]


def test_a_query_that_no_prompt_refers_to_stands_before_the_first_prompt(node, messages, upstream):
    list(run(node, messages, {"prompt": "one"}, {"prompt": "two"}))
    assert shown(upstream.chats[1]) == [
        ("user", "the query\n\none"), ("assistant", "the query\n\none"), ("user", "two")]


def test_a_query_that_a_later_prompt_refers_to_stands_only_there(node, messages, upstream):
    list(run(node, messages, {"prompt": "one"}, {"prompt": "two {{ query }}"}))
    assert shown(upstream.chats[1]) == [
        ("user", "one"), ("assistant", "one"), ("user", "two the query")]


@pytest.mark.parametrize("prompt, sent", [
    ('Return {{"n": 1}} for {{query}}', 'Return {{"n": 1}} for the query'),
    ("{{user.name | upper}} {{ query }}", "{{user.name | upper}} the query"),
    ("\\frac{{{query}}}{{2}}", "\\frac{the query}{{2}}"),
    ("{{{{query}} stands for {{query}}", "{{query}} stands for the query"),
    ("{{steps}} {{ {{query}}", "{{steps}} {{ the query"),
])
def test_braces_that_are_no_reference_reach_the_model_as_they_are(node, messages, upstream, prompt,
                                                                   sent):
    list(run(node, messages, {"prompt": prompt}))
    assert shown(upstream.last) == [("user", sent)]


def test_every_step_has_its_own_parameters(node, messages, upstream):
    list(run(node, messages, {"model": "gpt-4.1", "temperature": 0, "max_tokens": 5},
             {"prompt": "x", "model": "gemini-2.5-flash"}))
    first, second = (request.body for request in upstream.chats)
    assert (first["model"], first["temperature"], first["max_tokens"]) == ("gpt-4.1", 0, 5)
    assert (second["model"], second["temperature"]) == ("gemini-2.5-flash", 0.7)


def test_reasoning_comes_as_it_is_thought(node, messages, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        delta(reasoning_content="hm"), text("ok"), finish(), usage(1, 2))
    events = list(run(node, messages, {}))
    assert [e.delta.reasoning for e in events if e.HasField("delta")] == ["hm", ""]
    assert finished_steps(events)[0].response.reasoning == "hm"


def moody(request, reply):
    if shown(request)[-1][1] == "fail":
        return reply.error(400, "invalid_request")
    return echo(request, reply)


def test_a_failed_step_is_recorded_and_the_next_goes_on(node, messages, upstream):
    upstream.answer = moody
    events = list(run(node, messages, {}, {"name": "bad", "prompt": "fail"},
                      {"prompt": "after [{{steps.bad.output}}]"}))
    steps = finished_steps(events)
    assert steps[1].name == "bad"
    assert steps[1].error.reason == "INVALID_ARGUMENT"
    assert steps[1].error.code == "INVALID_ARGUMENT"
    assert steps[1].error.message
    assert shown(upstream.last) == [("user", "the query"), ("assistant", "the query"),
                                    ("user", "after []")]
    totals = events[-1].finished
    assert (totals.steps_succeeded, totals.steps_failed) == (2, 1)
    assert totals.result == "after []"


def test_stop_on_error_ends_with_the_totals(node, messages, upstream):
    upstream.answer = moody
    events = list(run(node, messages, {}, {"prompt": "fail"}, {"prompt": "never"},
                      stop_on_error=True))
    assert len(upstream.chats) == 2
    totals = events[-1].finished
    assert (totals.steps_succeeded, totals.steps_failed) == (1, 1)
    assert totals.result == "the query"


def test_the_totals_are_the_sums_of_the_steps(node, messages):
    started = time.monotonic()
    events = list(run(node, messages, {"model": "gpt-4.1"}, {"prompt": "two words"},
                      {"prompt": "x", "model": "claude-sonnet-4.5"}))
    responses = [step.response for step in finished_steps(events)]
    totals = events[-1].finished
    for field in ("total", "prompt", "completion", "official", "saved"):
        total = sum(decimal.Decimal(getattr(r.cost, field)) for r in responses)
        assert decimal.Decimal(getattr(totals.cost, field)) == total
    assert totals.cost.currency == "USD"
    assert totals.usage.total_tokens == sum(r.tokens_used for r in responses) > 0
    assert 0 < totals.latency_ms <= (time.monotonic() - started) * 1000


def test_steps_are_cached_as_single_calls_are(node, chat, messages, upstream):
    node.llm.Invoke(chat.InvokeRequest(query="the query"), timeout=10)
    list(run(node, messages, {}, {"prompt": "two"}))
    assert len(upstream.chats) == 2
    events = list(run(node, messages, {}, {"prompt": "two"}))
    assert len(upstream.chats) == 2
    assert [step.response.cached for step in finished_steps(events)] == [True, True]
    assert events[-1].finished.cost.total == "0"
    assert events[-1].finished.usage.total_tokens > 0


def test_steps_are_retried_and_limited_as_single_calls_are(node, messages, upstream):
    def answer(request, reply):
        reply.error(500) if len(upstream.chats) == 1 else echo(request, reply)

    upstream.answer = answer
    events = list(run(node, messages, {}))
    assert finished_steps(events)[0].response.attempts == 2


@pytest.mark.parametrize("steps, field", [
    ([], "steps"),
    ([{"prompt": "x"}] * 65, "steps"),
    ([{}, {"prompt": "x"}, {"prompt": "{{steps.nobody.output}}"}], "steps[2].prompt"),
    ([{}, {"prompt": "{{steps.step2.output}}"}, {"prompt": "x"}], "steps[1].prompt"),
    ([{"prompt": "{{query.home}}"}], "steps[0].prompt"),
    ([{"prompt": "a {{query"}], "steps[0].prompt"),
    ([{}, {}], "steps[1].prompt"),
    ([{"name": "a"}, {"name": "a", "prompt": "x"}], "steps[1].name"),
    ([{}, {"prompt": "x", "temperature": 2.5}], "steps[1].temperature"),
    ([{"max_tokens": 0}], "steps[0].max_tokens"),
    ([{"model": " "}], "steps[0].model"),
])
def test_what_is_wrong_is_said_before_the_first_call(node, messages, upstream, steps, field):
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", field):
        list(run(node, messages, *steps))
    assert not upstream.chats


def test_a_query_that_is_referred_to_is_required(node, messages):
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", "query"):
        list(run(node, messages, {}, query=""))


def test_sixty_four_steps_are_fine(node, messages, upstream):
    events = list(run(node, messages, *[{"prompt": f"{i}"} for i in range(64)]))
    assert events[-1].finished.steps_succeeded == 64
    assert len(shown(upstream.last)) == 2 * 63 + 1


def test_cancelling_ends_the_step_under_way(node, messages, upstream):
    def answer(request, reply):
        reply.open()
        reply.send(text("a"))
        request.wait_for_close(20)

    upstream.answer = answer
    call = run(node, messages, {}, {"prompt": "x"})
    while next(call).WhichOneof("event") != "delta":
        pass
    call.cancel()
    wait_until(lambda: upstream.last.closed_at)
    wait_until(lambda: stats(node, messages).in_flight == 0)
    assert len(upstream.chats) == 1


def test_promise_13_a_running_workflow_ends_well(node, messages, upstream):
    def answer(request, reply):
        time.sleep(0.3)
        echo(request, reply)

    upstream.answer = answer
    call = run(node, messages, {}, {"prompt": "x"})
    assert next(call).HasField("step_started")
    node.process.send(signal.SIGTERM)
    assert list(call)[-1].finished.steps_succeeded == 2
    assert node.process.wait() == 0


def test_a_workflow_needs_a_callers_token(start_node, messages, upstream):
    node = start_node(upstream.url, auth={"tokens": [{"name": "a", "sha256": "0" * 64}]})
    with refused("UNAUTHENTICATED", "UNAUTHENTICATED"):
        list(run(node, messages, {}))


def test_the_deadline_of_the_call_is_that_of_the_workflow(node, messages, upstream):
    upstream.answer = lambda request, reply: request.wait_for_close(20)
    request = messages.RunWorkflowRequest(query="q", steps=[{}, {"prompt": "x"}])
    with pytest.raises(grpc.RpcError) as caught:
        list(node.llm.RunWorkflow(request, timeout=0.5))
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    wait_until(lambda: stats(node, messages).in_flight == 0)


def test_promise_11_a_slow_reader_misses_nothing(node, messages, upstream):
    pieces = [f"{i} " for i in range(20_000)]

    def answer(request, reply):
        reply.stream(*map(text, pieces), finish(), usage(1, 20_000))

    upstream.answer = answer
    call = run(node, messages, {}, {"prompt": "x"}, query="q")
    assert next(call).HasField("step_started")
    wait_until(lambda: stats(node, messages).entries == 1, 20)
    events = list(call)
    said = "".join(e.delta.text for e in events if e.delta.index == 0)
    assert said == "".join(pieces) == finished_steps(events)[0].response.result
    assert events[-1].finished.steps_succeeded == 2
