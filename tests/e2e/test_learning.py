"""Parameters that a model refuses although no caller has set them: the service leaves them out, and learns."""

import json
import signal

import grpc
import pytest

from harness.errors import refusal_of
from harness.process import wait_until
from harness.upstream import echo, finish, text, usage

NAMES = "temperature top_p max_tokens max_completion_tokens stream_options response_format".split()


def refuses(*rules):
    """An upstream that takes what no rule finds fault with."""
    def answer(request, reply):
        for rule in rules:
            error = rule(request.body)
            if error:
                status, body = error
                return reply.json(body, status)
        if request.body.get("stream"):
            return echo(request, reply)
        return reply.json({"choices": [{"index": 0, "finish_reason": "stop", "message": {
            "role": "assistant", "content": "plain"}}], "usage": usage(10, 1)["usage"]})
    return answer


def unsupported(name, hint=""):
    body = {"error": {
        "message": f"Unsupported parameter: '{name}' is not supported with this model.{hint}",
        "type": "invalid_request_error", "param": name, "code": "unsupported_parameter"}}
    return lambda sent: (400, body) if name in sent else None


def only_one(sent):
    value = sent.get("temperature", 1)
    return None if value == 1 else (400, {"error": {
        "message": f"Unsupported value: 'temperature' does not support {value} with this model. "
                   "Only the default (1) value is supported.",
        "type": "invalid_request_error", "param": "temperature", "code": "unsupported_value"}})


def no_stream_options(sent):
    return (422, {"error": {"message": "Extra inputs are not permitted: stream_options"}}) \
        if "stream_options" in sent else None


def not_both(sent):
    return (400, {"error": {
        "message": "`temperature` and `top_p` cannot both be specified for this model. "
                   "Please use only one."}}) if {"temperature", "top_p"} <= set(sent) else None


GPT5 = [unsupported("max_tokens", " Use 'max_completion_tokens' instead."),
        only_one, unsupported("top_p")]


@pytest.fixture
def node(start_node, upstream):
    return start_node(upstream.url, limits={"requests_per_minute": 0})


@pytest.fixture(params=["Invoke", "InvokeStream"])
def ask(request, node, chat):
    def call(query="Hallo", model="acme-1", **fields):
        asked = chat.InvokeRequest(query=query, model=model, **fields)
        if request.param == "Invoke":
            return node.llm.Invoke(asked, timeout=20)
        return list(node.llm.InvokeStream(asked, timeout=20))[-1].final
    return call


def sent(request):
    return {name: request.body[name] for name in NAMES if name in request.body}


def learned(node, messages):
    stats = node.admin.GetStats(messages.GetStatsRequest())
    return [(one.model, one.parameter) for one in stats.learned]


def about(answer, name):
    return [warning for warning in answer.warnings if warning.startswith(f"{name}:")]


def test_what_was_refused_is_left_out_at_once_and_from_then_on(ask, node, messages, upstream):
    upstream.answer = refuses(no_stream_options)
    answer = ask()
    assert answer.result == "Hallo" and answer.attempts == 2
    assert len(about(answer, "stream_options")) == 1
    assert "stream_options" in sent(upstream.chats[0])
    assert "stream_options" not in sent(upstream.chats[1])
    again = ask("noch einmal")
    assert again.attempts == 1 and not about(again, "stream_options")
    assert len(upstream.chats) == 3
    assert learned(node, messages) == [("acme-1", "stream_options")]
    wait_until(lambda: "parameter refused" in node.log(), 5, "the line in the log")
    lines = [json.loads(line) for line in node.log().splitlines() if "parameter refused" in line]
    assert [(line["model"], line["parameter"]) for line in lines] == [("acme-1", "stream_options")]


def test_three_parameters_are_refused_one_after_the_other(ask, node, messages, upstream):
    upstream.answer = refuses(*GPT5)
    answer = ask()
    assert answer.result == "Hallo" and answer.attempts == 4
    last = sent(upstream.last)
    assert last["max_completion_tokens"] == 2048
    assert "max_tokens" not in last and "top_p" not in last
    assert last.get("temperature", 1) == 1
    for name in ["max_tokens", "temperature", "top_p"]:
        assert about(answer, name), name
    assert ask("noch einmal").attempts == 1
    assert learned(node, messages) == [
        ("acme-1", "max_tokens"), ("acme-1", "temperature"), ("acme-1", "top_p")]


@pytest.mark.parametrize("fields, kept", [
    ({}, "temperature"), ({"temperature": 0.2}, "temperature"), ({"top_p": 0.5}, "top_p"),
    ({"temperature": 0.2, "top_p": 0.5}, "temperature")])
def test_of_two_that_exclude_each_other_what_the_caller_set_is_kept(ask, upstream, fields, kept):
    upstream.answer = refuses(not_both)
    answer = ask(**fields)
    assert answer.attempts == 2
    last = sent(upstream.last)
    assert {"temperature", "top_p"} & set(last) == {kept}
    assert last[kept] == pytest.approx(fields.get(kept, 0.7))


@pytest.mark.parametrize("name, value, rule", [
    ("temperature", 0.2, only_one),
    ("top_p", 0.5, unsupported("top_p")),
    ("max_tokens", 100, unsupported("max_tokens", " Use 'max_completion_tokens' instead."))])
def test_what_the_caller_set_stays_refused(ask, node, messages, upstream, name, value, rule):
    upstream.answer = refuses(rule)
    with pytest.raises(grpc.RpcError) as caught:
        ask(**{name: value})
    error = refusal_of(caught.value)
    assert error.reason == "INVALID_ARGUMENT" and name in error.message
    assert len(upstream.chats) == 1 and not learned(node, messages)


def test_a_range_is_no_refusal_of_the_parameter(ask, node, messages, upstream):
    upstream.answer = lambda request, reply: reply.json({"error": {
        "message": "max_tokens is too large: 2048. This model supports at most 1024 completion "
                   "tokens.", "param": "max_tokens"}}, 400)
    with pytest.raises(grpc.RpcError):
        ask()
    assert len(upstream.chats) == 1 and not learned(node, messages)


def test_what_the_caller_says_teaches_nothing(ask, node, messages, upstream):
    upstream.answer = lambda request, reply: reply.json({"error": {
        "message": f"cannot read: {request.body['messages'][-1]['content']}"}}, 400)
    with pytest.raises(grpc.RpcError):
        ask("unknown parameter: max_tokens is not supported")
    assert len(upstream.chats) == 1 and not learned(node, messages)


def test_a_guess_that_does_not_help_is_forgotten(ask, node, messages, upstream):
    upstream.answer = lambda request, reply: reply.json(
        {"error": {"message": "stream_options is not supported"}}, 400)
    with pytest.raises(grpc.RpcError) as caught:
        ask()
    assert refusal_of(caught.value).reason == "INVALID_ARGUMENT"
    assert len(upstream.chats) == 2 and not learned(node, messages)


def test_a_schema_is_asked_for_in_a_simpler_form(ask, node, messages, upstream):
    def no_schema(body):
        form = body.get("response_format", {}).get("type")
        return (400, {"error": {"message": "This response_format type is unavailable now"}}) \
            if form == "json_schema" else None

    def answer(request, reply):
        error = no_schema(request.body)
        if error:
            return reply.json(error[1], error[0])
        return reply.stream(text('{"n":1}'), finish(), usage(10, 3))

    upstream.answer = answer
    schema = '{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}'
    form = {"type": "JSON_SCHEMA", "schema_json": schema}
    got = ask(response_format=form)
    assert json.loads(got.result) == {"n": 1} and got.attempts == 2
    assert sent(upstream.last)["response_format"] == {"type": "json_object"}
    assert "required" in json.dumps(upstream.last.body["messages"]), "the schema is in the prompt"
    assert ask("noch einmal", response_format=form).attempts == 1
    assert learned(node, messages) == [("acme-1", "response_format")]


def test_a_large_request_is_written_once_more(ask, upstream):
    def answer(request, reply):
        error = no_stream_options(request.body)
        return reply.json(error[1], error[0]) if error else reply.stream(text("gut"), finish())

    upstream.answer = answer
    query = "wort " * 20_000
    answer = ask(query)
    assert answer.attempts == 2 and len(upstream.chats) == 2
    assert upstream.last.body["messages"][-1]["content"] == query


def test_a_correction_needs_no_retry(start_node, chat, upstream):
    upstream.answer = refuses(*GPT5)
    node = start_node(upstream.url, retry={"max_attempts": 1, "budget_ratio": 0})
    assert node.llm.Invoke(chat.InvokeRequest(query="a", model="acme-1")).attempts == 4


def test_each_attempt_takes_its_place_in_the_limits(start_node, chat, upstream):
    upstream.answer = refuses(*GPT5)
    node = start_node(upstream.url, limits={"requests_per_minute": 3, "max_queue_wait": "1s"})
    with pytest.raises(grpc.RpcError) as caught:
        node.llm.Invoke(chat.InvokeRequest(query="a", model="acme-1"))
    assert refusal_of(caught.value).reason == "RATE_LIMITED_LOCAL"
    assert len(upstream.chats) == 3


def test_a_reload_forgets(node, chat, messages, upstream):
    upstream.answer = refuses(no_stream_options)
    node.llm.Invoke(chat.InvokeRequest(query="a", model="acme-1"))
    assert learned(node, messages)
    node.process.send(signal.SIGHUP)
    wait_until(lambda: "configuration reloaded" in node.log(), 5, "the reload")
    assert not learned(node, messages)
    answer = node.llm.Invoke(chat.InvokeRequest(query="b", model="acme-1"))
    assert answer.attempts == 2 and learned(node, messages)


def test_no_more_than_a_thousand_are_remembered(start_node, chat, messages, upstream):
    upstream.answer = refuses(no_stream_options)
    node = start_node(upstream.url, limits={"requests_per_minute": 0, "max_queue": 2000})
    asked = [chat.InvokeRequest(query="a", model=f"acme-{i}") for i in range(1050)]
    calls = [node.llm.Invoke.future(one, timeout=120) for one in asked]
    assert all(call.result().attempts == 2 for call in calls)
    assert len(learned(node, messages)) == 1000
