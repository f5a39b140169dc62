"""Invoke: what is asked reaches the upstream, what it answers reaches the caller."""

import base64
import json

import pytest

from harness.errors import refused
from harness.node import KEY
from harness.upstream import answer_text, delta, finish, plain, text, usage

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def by_schema(chat, model):
    return chat.InvokeRequest(
        query="A number, please", model=model,
        response_format={"type": "JSON_SCHEMA", "name": "number", "schema_json": json.dumps(SCHEMA),
                         "strict": True})


def test_answers_a_bare_question(node, chat):
    answer = node.llm.Invoke(chat.InvokeRequest(query="Hallo Welt"))
    assert answer.result == "Hallo Welt"
    assert answer.model_used == "deepseek-v3.2"
    assert answer.tokens_used == 12
    assert not answer.cached
    assert answer.latency_ms > 0
    assert answer.finish_reason == chat.InvokeResponse.STOP
    assert answer.finish_reason_raw == "stop"
    assert answer.cache_info.outcome == chat.CacheInfo.MISS
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (10, 2)
    assert not answer.usage.estimated
    assert answer.attempts == 1
    assert answer.request_id
    assert not answer.warnings
    assert 0 < answer.first_token_ms <= answer.latency_ms
    assert 0 < answer.upstream_ms <= answer.latency_ms


def test_unset_fields_take_the_defaults_of_the_node_contract(node, chat, upstream):
    node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    sent = upstream.last
    assert sent.path == "/v1/chat/completions"
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    body = sent.body
    assert (body["model"], body["temperature"], body["max_tokens"], body["top_p"]) == (
        "deepseek-v3.2", 0.7, 2048, 0.95)
    assert body["stream"] is True
    assert [(m["role"], plain(m["content"])) for m in body["messages"]] == [("user", "Hallo")]
    left_out = {"top_k", "presence_penalty", "frequency_penalty", "seed", "stop", "tools",
                "tool_choice", "response_format", "user", "reasoning_effort"}
    assert not left_out & set(body)


def test_zero_is_not_unset(node, chat, upstream):
    node.llm.Invoke(chat.InvokeRequest(query="Hallo", temperature=0, top_p=0, seed=0,
                                       presence_penalty=0, frequency_penalty=0))
    body = upstream.last.body
    for name in ("temperature", "top_p", "seed", "presence_penalty", "frequency_penalty"):
        assert body[name] == 0, name


def test_every_field_reaches_the_upstream_in_openai_form(node, chat, upstream):
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
    answer = node.llm.Invoke(chat.InvokeRequest(
        query="Hallo", system_prompt="Be brief.", model="gpt-4.1", temperature=1.5, max_tokens=17,
        top_p=0.5, top_k=40, presence_penalty=-1.5, frequency_penalty=1.25, seed=-7,
        stop=["\n", "END"], user="user-7", tool_choice="look_up", parallel_tool_calls=False,
        tools=[{"name": "look_up", "description": "Weather", "strict": True,
                "parameters_json": json.dumps(parameters)}],
        response_format={"type": "JSON_OBJECT"}, extra_params_json='{"logit_bias": {"50": -1}}'))
    body = upstream.last.body
    expected = {
        "model": "gpt-4.1", "temperature": 1.5, "max_tokens": 17, "top_p": 0.5, "top_k": 40,
        "presence_penalty": -1.5, "frequency_penalty": 1.25, "seed": -7, "stop": ["\n", "END"],
        "user": "user-7", "parallel_tool_calls": False, "response_format": {"type": "json_object"},
        "tool_choice": {"type": "function", "function": {"name": "look_up"}},
        "logit_bias": {"50": -1},
        "tools": [{"type": "function", "function": {
            "name": "look_up", "description": "Weather", "parameters": parameters,
            "strict": True}}],
    }
    assert {name: body.get(name) for name in expected} == expected
    assert [(m["role"], plain(m["content"])) for m in body["messages"]] == [
        ("system", "Be brief.\n\nAnswer in JSON."), ("user", "Hallo")]
    assert not answer.warnings


def test_reasoning_effort_reaches_a_model_that_reasons(node, chat, upstream):
    node.llm.Invoke(chat.InvokeRequest(query="Hallo", model="gemini-2.5-flash",
                                       reasoning={"effort": "high"}))
    assert upstream.last.body["reasoning_effort"] == "high"


def test_what_a_model_cannot_do_is_never_dropped_silently(node, chat, upstream):
    """gpt-4.1 is not known to reason: a warning or an error, and no silence."""
    answer = node.llm.Invoke(chat.InvokeRequest(query="Hallo", model="gpt-4.1",
                                                reasoning={"effort": "high"}))
    assert "reasoning_effort" in upstream.last.body or any(
        "reasoning" in warning for warning in answer.warnings)


def test_a_conversation_reaches_the_upstream_in_openai_form(node, chat, upstream):
    image = b"\x89PNG"
    node.llm.Invoke(chat.InvokeRequest(model="gpt-4.1", messages=[
        {"role": "SYSTEM", "parts": [{"text": "Be brief."}]},
        {"role": "DEVELOPER", "parts": [{"text": "Be kind."}]},
        {"role": "USER", "name": "ann", "parts": [
            {"text": "What is this?"},
            {"image": {"url": "https://example.com/a.png", "detail": "low"}},
            {"image": {"data": image, "mime_type": "image/png"}}]},
        {"role": "ASSISTANT", "tool_calls": [
            {"id": "c1", "name": "look_up", "arguments_json": '{"a":1}'}]},
        {"role": "TOOL", "tool_call_id": "c1", "parts": [{"text": "42"}]},
    ]))
    sent = upstream.last.body["messages"]
    assert [m["role"] for m in sent] == ["system", "developer", "user", "assistant", "tool"]
    assert sent[2]["name"] == "ann"
    data_url = "data:image/png;base64," + base64.b64encode(image).decode()
    assert sent[2]["content"] == [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": data_url}},
    ]
    assert sent[3]["tool_calls"] == [{"id": "c1", "type": "function", "function": {
        "name": "look_up", "arguments": '{"a":1}'}}]
    assert (sent[4]["tool_call_id"], plain(sent[4]["content"])) == ("c1", "42")


def test_text_arrives_byte_for_byte(node, chat, upstream):
    odd = 'Zeile 1\r\nZeile 2\t"quoted" \\ \u0001 \u2028 äöü 🐑 \U00010348  '
    answer = node.llm.Invoke(chat.InvokeRequest(query=odd))
    assert plain(upstream.last.body["messages"][-1]["content"]) == odd
    assert answer.result == odd.rstrip()


def test_tool_calls_are_put_together_from_fragments(node, chat, upstream):
    def call(index, arguments, **first):
        return delta(tool_calls=[{"index": index, "function": {"arguments": arguments}
                                  | ({"name": first["name"]} if first else {})}
                                 | ({"id": first["id"]} if first else {})])

    upstream.answer = lambda request, reply: reply.stream(
        call(0, "", id="c1", name="add"), call(0, '{"a":'), call(1, '{"b"', id="c2", name="sub"),
        call(0, "1}"), call(1, ":2}"), finish("tool_calls"), usage(5, 5))
    answer = node.llm.Invoke(chat.InvokeRequest(
        query="Hallo", tools=[{"name": "add"}, {"name": "sub"}]))
    assert answer.finish_reason == chat.InvokeResponse.TOOL_CALLS
    assert [(c.id, c.name, c.arguments_json) for c in answer.tool_calls] == [
        ("c1", "add", '{"a":1}'), ("c2", "sub", '{"b":2}')]


def test_reasoning_refusal_and_fingerprint_reach_the_caller(node, chat, upstream):
    first = delta(reasoning_content="First, ") | {"system_fingerprint": "fp_7"}

    def answer(request, reply):
        reply.open(X_Request_Id="up-1")
        reply.send(first, delta(reasoning_content="think."), delta(refusal="I will "),
                   delta(refusal="not."), finish(), usage(1, 2))
        reply.close()

    upstream.answer = answer
    got = node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert (got.reasoning, got.refusal, got.result) == ("First, think.", "I will not.", "")
    assert got.system_fingerprint == "fp_7"
    assert got.upstream_request_id == "up-1"


@pytest.mark.parametrize(("raw", "reason"), [
    ("stop", "STOP"), ("length", "LENGTH"), ("content_filter", "CONTENT_FILTER"),
    ("tool_calls", "TOOL_CALLS"), ("function_call", "TOOL_CALLS"), ("eos_token_42", "OTHER")])
def test_finish_reasons_are_translated_and_kept_raw(node, chat, upstream, raw, reason):
    upstream.answer = lambda request, reply: reply.stream(text("a"), finish(raw), usage(1, 1))
    answer = node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert chat.InvokeResponse.FinishReason.Name(answer.finish_reason) == reason
    assert answer.finish_reason_raw == raw


def test_usage_has_cached_and_reasoning_tokens(node, chat, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        text("a"), finish(), usage(100, 50, prompt_tokens_details={"cached_tokens": 40},
                                   completion_tokens_details={"reasoning_tokens": 30}))
    got = node.llm.Invoke(chat.InvokeRequest(query="Hallo")).usage
    assert (got.prompt_tokens, got.completion_tokens, got.total_tokens) == (100, 50, 150)
    assert (got.cached_prompt_tokens, got.reasoning_tokens) == (40, 30)


def test_the_model_used_is_what_the_upstream_says(node, chat, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        text("a") | {"model": "gpt-4.1-2025-04-14"}, finish(), usage(1, 1))
    answer = node.llm.Invoke(chat.InvokeRequest(query="Hallo", model="gpt-4.1"))
    assert answer.model_used == "gpt-4.1-2025-04-14"


def test_a_model_outside_the_catalog_goes_through_with_a_warning(node, chat, upstream):
    answer = node.llm.Invoke(chat.InvokeRequest(query="Hallo", model="brand-new-9"))
    assert upstream.last.body["model"] == "brand-new-9"
    assert answer.cost.prompt_unit_price == answer.cost.completion_unit_price == "1"
    assert any("brand-new-9" in warning for warning in answer.warnings)


def test_a_model_that_the_upstream_does_not_know_is_not_found(node, chat, upstream):
    upstream.answer = lambda request, reply: reply.error(404, "model_not_found")
    with refused("NOT_FOUND", "MODEL_NOT_FOUND"):
        node.llm.Invoke(chat.InvokeRequest(query="Hallo", model="nobody-knows-me"))
    assert len(upstream.chats) == 1


def test_a_plain_json_reply_to_a_stream_request_is_understood(node, chat, upstream):
    upstream.answer = lambda request, reply: reply.json({
        "model": "deepseek-v3.2", "usage": {"prompt_tokens": 3, "completion_tokens": 4,
                                            "total_tokens": 7},
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": "In one piece"}}]})
    answer = node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert (answer.result, answer.tokens_used) == ("In one piece", 7)
    assert answer.finish_reason == chat.InvokeResponse.STOP


def test_an_upstream_that_cannot_stream_is_asked_without(start_node, chat, upstream):
    node = start_node(upstream.url, upstream={"stream_unary": False})
    upstream.answer = lambda request, reply: reply.json({
        "choices": [{"index": 0, "finish_reason": "stop",
                     "message": {"role": "assistant", "content": "Hallo"}}]})
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result == "Hallo"
    assert not upstream.last.body.get("stream")


def test_the_caller_may_bring_a_key_of_their_own(node, chat, upstream):
    mine = "hs-mine-fedcba9876543210fedcba"
    node.llm.Invoke(chat.InvokeRequest(query="Hallo"), metadata=[("x-holysheep-api-key", mine)])
    assert upstream.last.headers["authorization"] == f"Bearer {mine}"
    node.llm.Invoke(chat.InvokeRequest(query="again"))
    assert upstream.last.headers["authorization"] == f"Bearer {KEY}"


def test_the_key_may_go_in_another_header(start_node, chat, upstream):
    node = start_node(upstream.url, upstream={"api_key_header": "X-API-Key"})
    node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert upstream.last.headers["x-api-key"] == KEY
    assert "authorization" not in upstream.last.headers


def test_the_callers_request_id_comes_back(node, chat):
    answer = node.llm.Invoke(chat.InvokeRequest(query="Hallo", request_id="mine-1"))
    assert answer.request_id == "mine-1"


def test_a_schema_reaches_a_model_that_knows_schemas(node, chat, upstream):
    upstream.answer = lambda request, reply: reply.stream(*answer_text('{"n": 1}'))
    node.llm.Invoke(by_schema(chat, "gpt-4.1"))
    assert upstream.last.body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "number", "schema": SCHEMA, "strict": True}}


def test_another_model_is_asked_for_the_schema_by_prompt(node, chat, upstream):
    upstream.answer = lambda request, reply: reply.stream(*answer_text('{"n": 1}'))
    answer = node.llm.Invoke(by_schema(chat, "deepseek-v3.2"))
    assert json.loads(answer.result) == {"n": 1}
    body = upstream.last.body
    assert body["response_format"] == {"type": "json_object"}
    prompts = "".join(plain(m["content"]) for m in body["messages"])
    assert '"integer"' in prompts
    assert any("schema" in warning for warning in answer.warnings)


def test_an_answer_that_breaks_the_schema_is_repaired_once(node, chat, upstream):
    def answer(request, reply):
        right = len(upstream.chats) > 1
        reply.stream(*answer_text('{"n": 1}' if right else '{"n": "one"}'))

    upstream.answer = answer
    answer = node.llm.Invoke(by_schema(chat, "deepseek-v3.2"))
    assert json.loads(answer.result) == {"n": 1}
    assert len(upstream.chats) == 2
    assert answer.tokens_used == 30, "both calls were paid for"


def test_an_answer_that_breaks_the_schema_twice_is_an_error(node, chat, upstream):
    upstream.answer = lambda request, reply: reply.stream(*answer_text('{"n": "one"}'))
    with refused("INTERNAL", "UPSTREAM_MALFORMED"):
        node.llm.Invoke(by_schema(chat, "deepseek-v3.2"))
    assert len(upstream.chats) == 2
