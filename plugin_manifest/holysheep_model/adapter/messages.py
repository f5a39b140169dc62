"""Dify's prompt messages as messages of a request."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dify_plugin.entities.model.message import (
    AssistantPromptMessage,
    MultiModalPromptMessageContent,
    PromptMessage,
    PromptMessageRole,
    TextPromptMessageContent,
    ToolPromptMessage,
)
from pydantic import JsonValue

from adapter.media import media_part
from holysheep_client.dify import bad_request, storable, storable_json
from holysheep_client.stubs import chat_pb2 as chat_pb

# Our member of AssistantPromptMessage.opaque_body, which Dify gives back.
OPAQUE = "holysheep"

_ROLES = {
    PromptMessageRole.SYSTEM: chat_pb.Message.SYSTEM,
    PromptMessageRole.USER: chat_pb.Message.USER,
    PromptMessageRole.ASSISTANT: chat_pb.Message.ASSISTANT,
    PromptMessageRole.TOOL: chat_pb.Message.TOOL,
    PromptMessageRole.DEVELOPER: chat_pb.Message.DEVELOPER,
}

# What the answer of an earlier turn shows as its reasoning: at its beginning, once or
# several times.
_THINKING = re.compile(r"\A\s*<think>(.*?)</think>\s*", re.DOTALL)


def to_messages(prompt: Iterable[PromptMessage]) -> list[chat_pb.Message]:
    """Messages that say nothing are left out. Raises NodeError if none is left."""
    messages = [message for message in map(_message, prompt) if _says_something(message)]
    if not messages:
        raise bad_request("The prompt is empty.")
    return _with_pictures_of_tools(messages)


def _with_pictures_of_tools(messages: list[chat_pb.Message]) -> list[chat_pb.Message]:
    """What a tool gave beside text is in a message of the user after the results: in a
    result itself a model reads text alone.
    """
    out: list[chat_pb.Message] = []
    moved: list[chat_pb.Part] = []
    for message in messages:
        if message.role != chat_pb.Message.TOOL:
            out += _from_tools(moved)
            moved = []
            out.append(message)
            continue
        moved += [part for part in message.parts if not part.HasField("text")]
        texts = [part for part in message.parts if part.HasField("text")]
        result = chat_pb.Message()
        result.CopyFrom(message)
        del result.parts[:]
        result.parts.extend(texts or [chat_pb.Part(text="(see the next message)")])
        out.append(result)
    return out + _from_tools(moved)


def _from_tools(parts: list[chat_pb.Part]) -> list[chat_pb.Message]:
    return [chat_pb.Message(role=chat_pb.Message.USER, parts=parts)] if parts else []


def _message(prompt: PromptMessage) -> chat_pb.Message:
    message = chat_pb.Message(
        role=_ROLES[prompt.role], name=prompt.name or "", parts=_parts(prompt)
    )
    if isinstance(prompt, ToolPromptMessage):
        message.tool_call_id = prompt.tool_call_id
        # A tool may have had nothing to say, but its call wants an answer.
        if not message.parts:
            message.parts.add(text="(empty)")
    if isinstance(prompt, AssistantPromptMessage):
        _add_assistant(prompt, message)
    return message


def _parts(prompt: PromptMessage) -> list[chat_pb.Part]:
    content = prompt.content
    if content is None:
        return []
    if isinstance(content, str):
        text = _spoken(content, prompt.role)
        return [chat_pb.Part(text=text)] if text else []
    parts = []
    for item in content:
        if isinstance(item, TextPromptMessageContent):
            text = _spoken(item.data, prompt.role)
            parts += [chat_pb.Part(text=text)] if text else []
        elif isinstance(item, MultiModalPromptMessageContent):
            parts.append(media_part(item))
    return parts


def _spoken(text: str, role: PromptMessageRole) -> str:
    return _apart(text)[1] if role is PromptMessageRole.ASSISTANT else text


def _apart(text: str) -> tuple[str, str]:
    """The reasoning that a text begins with, and the rest."""
    reasoning = []
    while found := _THINKING.match(text):
        reasoning.append(found[1].strip("\n"))
        text = text[found.end() :]
    return "\n".join(reasoning), text


def _add_assistant(prompt: AssistantPromptMessage, message: chat_pb.Message) -> None:
    for call in prompt.tool_calls:
        message.tool_calls.add(
            id=call.id, name=call.function.name, arguments_json=call.function.arguments or "{}"
        )
    own = prompt.opaque_body.get(OPAQUE) if isinstance(prompt.opaque_body, dict) else None
    if isinstance(own, dict):
        message.reasoning = str(own.get("reasoning") or "")
        message.opaque_json = str(own.get("opaque_json") or "")
    # An agent app gives back the text alone. Some models want the reasoning of a turn
    # that called tools.
    if prompt.tool_calls and not message.reasoning:
        message.reasoning = _apart(prompt.get_text_content())[0]


def _says_something(message: chat_pb.Message) -> bool:
    return bool(message.parts or message.tool_calls or message.reasoning)


def opaque_body(final: chat_pb.InvokeResponse) -> JsonValue:
    """What the next turn must give back with this answer; None if nothing."""
    own: dict[str, JsonValue] = {
        name: value
        for name, value in (
            ("reasoning", storable(final.reasoning) if final.tool_calls else ""),
            ("opaque_json", storable_json(final.opaque_json)),
        )
        if value
    }
    return {OPAQUE: own} if own else None
