"""Bad input: each gets its code, reason and field, and the service goes on."""

import grpc
import pytest

from harness.errors import refused
from harness.process import rss_mb
from harness.raw_http2 import call_with_header

PNG = b"\x89PNG\r\n"


def user(*parts, **fields):
    return {"role": "USER", "parts": list(parts) or [{"text": "Hallo"}]} | fields


def tool(name="look_up", **fields):
    return {"name": name} | fields


# What is added to (or instead of) a question, and the field at fault.
BAD = [
    ({"query": ""}, "query"),
    ({"query": " \t\n "}, "query"),
    ({"temperature": 2.1}, "temperature"),
    ({"temperature": -0.1}, "temperature"),
    ({"temperature": float("nan")}, "temperature"),
    ({"top_p": 1.1}, "top_p"),
    ({"top_p": -0.1}, "top_p"),
    ({"top_p": float("inf")}, "top_p"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"max_tokens": -5}, "max_tokens"),
    ({"max_tokens": 2_000_000_000}, "max_tokens"),
    ({"top_k": 0}, "top_k"),
    ({"presence_penalty": 2.1}, "presence_penalty"),
    ({"frequency_penalty": -2.1}, "frequency_penalty"),
    ({"stop": ["a", ""]}, "stop[1]"),
    ({"stop": [str(i) for i in range(17)]}, "stop"),
    ({"tools": [tool("look up")]}, "tools[0].name"),
    ({"tools": [tool("x" * 65)]}, "tools[0].name"),
    ({"tools": [tool(), tool()]}, "tools[1].name"),
    ({"tools": [tool(parameters_json='{"type": ')]}, "tools[0].parameters_json"),
    ({"tools": [tool(parameters_json="[]")]}, "tools[0].parameters_json"),
    ({"tools": [tool()], "tool_choice": "another"}, "tool_choice"),
    ({"tool_choice": "auto"}, "tool_choice"),
    ({"response_format": {"type": "JSON_SCHEMA"}}, "response_format.schema_json"),
    ({"response_format": {"type": "JSON_SCHEMA", "schema_json": "{"}},
     "response_format.schema_json"),
    ({"response_format": {"type": "JSON_SCHEMA", "schema_json": "1"}},
     "response_format.schema_json"),
    ({"response_format": {"type": 99}}, "response_format.type"),
    ({"reasoning": {"effort": "very large"}}, "reasoning.effort"),
    ({"reasoning": {"budget_tokens": 0}}, "reasoning.budget_tokens"),
    ({"extra_params_json": "{"}, "extra_params_json"),
    ({"extra_params_json": "[1]"}, "extra_params_json"),
    ({"extra_params_json": '{"model": "gpt-4.1"}'}, "extra_params_json"),
    ({"extra_params_json": '{"temperature": 9}'}, "temperature"),
    ({"cache": {"ttl_seconds": 0}}, "cache.ttl_seconds"),
    ({"cache": {"ttl_seconds": 31_536_001}}, "cache.ttl_seconds"),
    ({"cache": {"mode": 99}}, "cache.mode"),
    ({"fallback_models": ["gpt-4.1"] * 9}, "fallback_models"),
    ({"max_attempts": 0}, "max_attempts"),
    ({"max_attempts": 4}, "max_attempts"),
    ({"timeouts": {"total_ms": 0}}, "timeouts.total_ms"),
    ({"timeouts": {"first_token_ms": -1}}, "timeouts.first_token_ms"),
    ({"timeouts": {"idle_ms": 0}}, "timeouts.idle_ms"),
    ({"timeouts": {"queue_ms": -1}}, "timeouts.queue_ms"),
    ({"request_id": "a\nb"}, "request_id"),
    ({"request_id": "a" * 129}, "request_id"),
    ({"query": "", "messages": [{"parts": [{"text": "Hallo"}]}]}, "messages[0].role"),
    ({"query": "", "messages": [user(), user({})]}, "messages[1].parts[0]"),
    ({"query": "", "messages": [user(tool_call_id="a")]}, "messages[0].tool_call_id"),
    ({"query": "", "messages": [user(role="TOOL")]}, "messages[0].tool_call_id"),
    ({"query": "", "messages": [user()], "system_prompt": "Be brief."}, "system_prompt"),
    ({"query": "", "model": "gpt-4.1", "messages": [user({"image": {"data": PNG}})]},
     "messages[0].parts[0].image.mime_type"),
    ({"query": "", "model": "gpt-4.1", "messages": [user({"image": {"url": "ftp://a/b.png"}})]},
     "messages[0].parts[0].image.url"),
    # deepseek-v3.2 sees no images.
    ({"query": "", "model": "deepseek-v3.2",
      "messages": [user({"text": "?"}, {"image": {"url": "https://example.com/a.png"}})]},
     "messages[0].parts[1].image"),
]


def names(case):
    return str(case)[:60] if isinstance(case, dict) else case


def ask(node, rpc, request):
    if rpc == "Invoke":
        node.llm.Invoke(request, timeout=60)
    else:
        list(node.llm.InvokeStream(request, timeout=60))


@pytest.mark.parametrize(("fields", "field"), BAD, ids=names)
@pytest.mark.parametrize("rpc", ["Invoke", "InvokeStream"])
def test_a_bad_field_is_named(shared, chat, rpc, fields, field):
    request = chat.InvokeRequest(**({"query": "Hallo"} | fields))
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", field):
        ask(shared, rpc, request)
    assert shared.upstream.chats == []


def test_query_and_messages_together_are_refused(shared, chat):
    request = chat.InvokeRequest(query="Hallo", messages=[chat.Message(**user())])
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT") as refusal:
        shared.llm.Invoke(request)
    assert set(refusal.fields) <= {"query", "messages"} and refusal.fields


@pytest.mark.parametrize("rpc", ["Invoke", "InvokeStream"])
def test_a_message_of_100_mb_is_refused_with_its_field_and_costs_no_memory(node, chat, rpc):
    request = chat.InvokeRequest(model="gpt-4.1", system_prompt="a" * 100_000_000, user="b" * 1000)
    with refused("RESOURCE_EXHAUSTED", "INVALID_ARGUMENT", "system_prompt") as refusal:
        ask(node, rpc, request)
    assert "33554432" in refusal.message
    assert rss_mb(node.process.pid) < 300
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result == "Hallo"


def test_a_deadline_already_past_makes_no_upstream_call(node, chat, upstream):
    with pytest.raises(grpc.RpcError) as caught:
        node.llm.Invoke(chat.InvokeRequest(query="Hallo"), timeout=1e-6)
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert node.llm.Invoke(chat.InvokeRequest(query="danach")).result == "danach"
    assert [r.body["messages"][-1]["content"] for r in upstream.chats] == ["danach"]


@pytest.mark.parametrize("value", ["hs-0123456789abcdef01234\r\nX-Evil: 1", "hs-0123456789abcdef\n0123",
                                   "hs-0123456789abcdef\x000123"])
def test_metadata_with_line_breaks_reaches_no_header(node, chat, upstream, value):
    request = chat.InvokeRequest(query="Hallo").SerializeToString()
    answer = call_with_header(node.address, "/holysheep.node.v1.LlmNode/Invoke", request,
                              "x-holysheep-api-key", value)
    assert answer.grpc_status not in (None, 0)
    assert upstream.chats == []
    assert node.llm.Invoke(chat.InvokeRequest(query="danach")).result == "danach"


@pytest.mark.parametrize("name", ["LlmNode/Invoke", "LlmNode/InvokeStream", "LlmNode/RunWorkflow",
                                  "LlmNode/EstimateCost", "NodeAdmin/GetUsage", "NodeAdmin/PurgeCache"])
def test_a_request_that_is_no_message_is_refused(node, chat, name):
    call = node.channel.unary_stream(f"/holysheep.node.v1.{name}")
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT") as refusal:
        list(call(b"\xff\xff\xff\xff"))
    assert "not a valid " in refusal.message
    assert node.llm.Invoke(chat.InvokeRequest(query="danach")).result == "danach"
