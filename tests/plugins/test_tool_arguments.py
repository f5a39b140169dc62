"""An agent runs a tool with what the model wrote, or not at all."""

import json

import pytest
from dify_rules import arguments_for_agent
from harness.upstream import delta, finish, usage
from support.model import Model, tool
from support.plugin import PluginError

STREAMED = pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])


@pytest.fixture
def asked(model_plugin, start_node, upstream):
    node = start_node(upstream.url)
    return Model(model_plugin, {"node_address": node.address})


def calls(*arguments, reason="tool_calls"):
    """The events of an answer with these calls."""
    return [*(delta(tool_calls=[{"index": index, "id": f"c{index}",
                                 "function": {"name": "transfer", "arguments": text}}])
              for index, text in enumerate(arguments)), finish(reason), usage(5, 5)]


def ask(asked, stream):
    return asked.ask("Send 10", stream=stream, parameters={"cache_mode": "bypass"},
                     tools=[tool("transfer", amount={"type": "integer"})])


@STREAMED
@pytest.mark.parametrize("events", [
    calls('{"to": "Ann", "amount": 1', reason="length"),
    calls('{"to": "Ann", "amount": 1', reason="stop"),
    calls('{"to": "Ann"}', '{"am', reason="length"),
    calls('{"to": "Ann"}', "", reason="length"),
    calls(None, reason="length"),
    calls('{"a": 1}{"b": 2}'),
    calls("amount=10"),
    calls("[1, 2]"),
    calls('"{\\"amount\\": 10}"'),
    calls("10"),
    calls('{"a":' * 100_000),
], ids=["cut", "cut and told as whole", "the second is cut",
        "the second is cut before it begins", "cut before it begins", "two in one", "no JSON", "a list",
        "JSON in JSON", "a number", "too deep"])
def test_a_call_without_whole_arguments_is_not_handed_on(asked, upstream, events, stream):
    upstream.answer = lambda request, reply: reply.stream(*events)
    with pytest.raises(PluginError) as caught:
        ask(asked, stream)
    assert caught.value.type == "InvokeBadRequestError"
    assert "max_tokens" in caught.value.description and "transfer" in caught.value.description
    assert "Ann" not in json.dumps(caught.value.raw)


@STREAMED
def test_no_chunk_of_a_cut_call_comes_before_the_error(asked, upstream, stream):
    upstream.answer = lambda request, reply: reply.stream(
        *calls('{"amount": 1}', '{"amount": 1', reason="length"))
    chunks = []
    with pytest.raises(PluginError):
        chunks.extend(asked.stream("Send 10", stream=stream, tools=[tool("transfer")]))
    assert [c for c in chunks if c["delta"]["message"]["tool_calls"]] == []


@STREAMED
@pytest.mark.parametrize("written", ["", " ", "null", "{}", None])
def test_a_call_without_arguments_has_an_empty_object(asked, upstream, written, stream):
    upstream.answer = lambda request, reply: reply.stream(*calls(written))
    [call] = ask(asked, stream).tool_calls
    assert arguments_for_agent(call) == {}


@STREAMED
def test_whole_arguments_reach_the_agent_as_they_were_written(asked, upstream, stream):
    written = '{ "to": "Ann", "amount": 1.50, "note": "50 % \\u00e9", "deep": {"list": [null]} }'
    upstream.answer = lambda request, reply: reply.stream(*calls(written, reason="length"))
    [call] = ask(asked, stream).tool_calls
    assert call["function"]["arguments"] == written


@pytest.fixture
def told(api, model_plugin, serve):
    """The plugin with a service of the test: told(call) answers with that tool call."""
    def start(call):
        final = api.chat_pb2.InvokeResponse(finish_reason="TOOL_CALLS", tool_calls=[call])

        class Service(api.node_pb2_grpc.LlmNodeServicer):
            def Invoke(self, request, context):
                return final

            def InvokeStream(self, request, context):
                yield api.chat_pb2.InvokeEvent(final=final)

        return Model(model_plugin, {"node_address": serve(Service())})

    return start


@STREAMED
@pytest.mark.parametrize("written", ["{}", '{"amount": 1}', ""])
def test_what_the_service_calls_incomplete_is_not_handed_on(api, told, written, stream):
    call = api.chat_pb2.ToolCall(id="c1", name="transfer", arguments_json=written, incomplete=True)
    with pytest.raises(PluginError) as caught:
        ask(told(call), stream)
    assert caught.value.type == "InvokeBadRequestError"
    assert "max_tokens" in caught.value.description


@STREAMED
def test_a_call_without_a_name_is_not_handed_on(api, told, stream):
    with pytest.raises(PluginError) as caught:
        ask(told(api.chat_pb2.ToolCall(id="c1", arguments_json="{}")), stream)
    assert caught.value.type == "InvokeBadRequestError"
    assert "max_tokens" in caught.value.description
