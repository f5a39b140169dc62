"""A request to the service from what Dify hands to a model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dify_plugin.entities.model.message import PromptMessage, PromptMessageTool

from adapter.messages import to_messages
from holysheep_client.dify import CACHE_MODES, bad_request
from holysheep_client.stubs import chat_pb2 as chat_pb

# Parameters that the request has under the same name.
_PLAIN = ("temperature", "top_p", "max_tokens", "presence_penalty", "frequency_penalty", "seed")

_FORMATS = {
    "text": chat_pb.ResponseFormat.TEXT,
    "json_object": chat_pb.ResponseFormat.JSON_OBJECT,
    "json_schema": chat_pb.ResponseFormat.JSON_SCHEMA,
}


@dataclass(frozen=True)
class Call:
    """What Dify asks of a model; see LargeLanguageModel._invoke."""

    model: str
    prompt: Sequence[PromptMessage]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tools: Sequence[PromptMessageTool] = ()
    stop: Sequence[str] = ()


def to_request(call: Call) -> chat_pb.InvokeRequest:
    """Raises NodeError, of kind BAD_REQUEST, for what cannot be sent."""
    parameters = call.parameters
    request = chat_pb.InvokeRequest(
        model=call.model,
        messages=to_messages(call.prompt),
        stop=[word for word in call.stop if word],
        tools=[_tool(tool) for tool in call.tools],
        **{name: parameters[name] for name in _PLAIN if name in parameters},
    )
    _add_format(parameters, request)
    _add_policy(parameters, request)
    return request


def is_structured(request: chat_pb.InvokeRequest) -> bool:
    """Whether the answer is JSON, which Dify parses."""
    wanted = request.response_format.type
    return wanted in (chat_pb.ResponseFormat.JSON_OBJECT, chat_pb.ResponseFormat.JSON_SCHEMA)


def _tool(tool: PromptMessageTool) -> chat_pb.Tool:
    return chat_pb.Tool(
        name=tool.name,
        description=tool.description,
        parameters_json=json.dumps(tool.parameters, ensure_ascii=False) if tool.parameters else "",
    )


def _add_policy(parameters: Mapping[str, Any], request: chat_pb.InvokeRequest) -> None:
    if "reasoning_effort" in parameters:
        request.reasoning.effort = parameters["reasoning_effort"]
    if "cache_mode" in parameters:
        request.cache.mode = CACHE_MODES[parameters["cache_mode"]]
    if "cache_ttl" in parameters:
        request.cache.ttl_seconds = int(parameters["cache_ttl"])
    if "fallback_model" in parameters:
        request.fallback_models.append(parameters["fallback_model"])
    if "request_timeout" in parameters:
        request.timeouts.total_ms = int(parameters["request_timeout"]) * 1000
    if "first_token_timeout" in parameters:
        request.timeouts.first_token_ms = int(parameters["first_token_timeout"]) * 1000


def _add_format(parameters: Mapping[str, Any], request: chat_pb.InvokeRequest) -> None:
    wanted = parameters.get("response_format")
    schema = parameters.get("json_schema")
    if wanted is None and schema is not None:
        wanted = "json_schema"
    if wanted is None or wanted == "text":
        return
    request.response_format.type = _FORMATS[wanted]
    if wanted != "json_schema":
        return
    if schema is None:
        raise bad_request("Response format json_schema needs a JSON schema.")
    _add_schema(schema, request.response_format)


def _add_schema(text: Any, response_format: chat_pb.ResponseFormat) -> None:
    """Dify sends the schema itself or wrapped in {"name", "schema", "strict"}."""
    try:
        schema = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        raise bad_request("The JSON schema is not valid JSON.") from None
    if not isinstance(schema, dict):
        raise bad_request("The JSON schema must be a JSON object.")
    if isinstance(schema.get("schema"), dict):
        if isinstance(schema.get("name"), str):
            response_format.name = schema["name"]
        if isinstance(schema.get("strict"), bool):
            response_format.strict = schema["strict"]
        schema = schema["schema"]
    response_format.schema_json = json.dumps(schema, ensure_ascii=False)
