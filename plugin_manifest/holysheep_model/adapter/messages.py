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

# What the answer of an earlier turn shows as its reasoning.
_THINKING = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL)


def to_messages(prompt: Iterable[PromptMessage]) -> list[chat_pb.Message]:
    """Messages that say nothing are left out. Raises NodeError if none is left."""
    messages = [message for message in map(_message, prompt) if _says_something(message)]
    if not messages:
        raise bad_request("The prompt is empty.")
    return messages


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
    return _THINKING.sub("", text) if role is PromptMessageRole.ASSISTANT else text


def _add_assistant(prompt: AssistantPromptMessage, message: chat_pb.Message) -> None:
    for call in prompt.tool_calls:
        message.tool_calls.add(
            id=call.id, name=call.function.name, arguments_json=call.function.arguments or "{}"
        )
    own = prompt.opaque_body.get(OPAQUE) if isinstance(prompt.opaque_body, dict) else None
    if isinstance(own, dict):
        message.reasoning = str(own.get("reasoning") or "")
        message.opaque_json = str(own.get("opaque_json") or "")


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
