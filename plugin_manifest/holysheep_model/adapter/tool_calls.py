"""The tool calls of an answer, which an agent runs as they are."""

from __future__ import annotations

import json
import uuid

from dify_plugin.entities.model.message import AssistantPromptMessage

from holysheep_client.dify import bad_request, storable, storable_json
from holysheep_client.errors import NodeError
from holysheep_client.stubs import chat_pb2 as chat_pb

ToolCall = AssistantPromptMessage.ToolCall

_NONE = "{}"


def to_tool_calls(final: chat_pb.InvokeResponse) -> list[ToolCall]:
    """All of them, or NodeError of kind BAD_REQUEST if one is not whole.

    Nothing is made up for a call that was cut: the tool would do what nobody
    asked for.
    """
    calls = [_tool_call(call) for call in final.tool_calls]
    # The limit came between the name and the arguments.
    if final.finish_reason == chat_pb.InvokeResponse.LENGTH and calls:
        last = calls[-1].function
        if last.arguments == _NONE:
            raise _cut(last.name)
    return calls


def _tool_call(call: chat_pb.ToolCall) -> ToolCall:
    if not call.name.strip():
        raise bad_request(
            "A tool call has no name, as happens where an answer reaches max_tokens. "
            "Raise max_tokens."
        )
    function = ToolCall.ToolCallFunction(name=storable(call.name), arguments=_arguments(call))
    # Dify refuses a call without an id.
    call_id = storable(call.id) or f"call_{uuid.uuid4().hex}"
    return ToolCall(id=call_id, type="function", function=function)


def _arguments(call: chat_pb.ToolCall) -> str:
    """A JSON object as the model wrote it; an empty one where it wrote none."""
    text = storable_json(call.arguments_json)
    if not call.incomplete:
        if text.strip() in ("", "null"):
            return _NONE
        if _is_object(text):
            return text
    raise _cut(storable(call.name))


def _cut(name: str) -> NodeError:
    return bad_request(
        f"The call of the tool {name} has no whole JSON object for its arguments, as happens "
        "where an answer reaches max_tokens. Raise max_tokens."
    )


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
