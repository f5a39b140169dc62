"""The node holysheep_llm: one question, one answer, and what it took."""

from __future__ import annotations

from typing import Any

from dify_plugin import Tool

from holysheep_client.dify import CACHE_MODES, bad_request, caller, dify_errors, user_digest
from holysheep_client.node import Node
from holysheep_client.stubs import chat_pb2 as chat_pb
from tools.output import Messages, Output
from tools.parameters import Parameters


class HolySheepLlm(Tool):
    """Raises on every error, so that the node's retry and fail branch work."""

    def _invoke(self, tool_parameters: dict[str, Any]) -> Messages:
        with dify_errors():
            request = to_request(tool_parameters)
            request.user = user_digest(self.runtime.user_id)
            request.caller.CopyFrom(caller("dify-tool", self.session))
            output = Output(self, "result")
            for event in Node.of(self.runtime.credentials).stream(request):
                yield from output.say(event.text or event.refusal)
                if event.HasField("final"):
                    yield from output.end(outputs(event.final), metadata_of(event.final))


def to_request(values: dict[str, Any]) -> chat_pb.InvokeRequest:
    """Raises NodeError, of kind BAD_REQUEST.

    What is not set takes its default in the service.
    """
    parameters = Parameters(values)
    query = parameters.text("query")
    if not query:
        raise bad_request("query must not be empty.")
    mode = parameters.text("cache_mode") or "default"
    if mode not in CACHE_MODES:
        raise bad_request(f"cache_mode must be one of {', '.join(CACHE_MODES)}.")
    return chat_pb.InvokeRequest(
        query=query,
        model=parameters.text("custom_model").strip() or parameters.text("model"),
        system_prompt=parameters.text("system_prompt"),
        temperature=parameters.number("temperature"),
        max_tokens=parameters.whole("max_tokens"),
        top_p=parameters.number("top_p"),
        cache=chat_pb.CacheControl(mode=CACHE_MODES[mode]),
    )


def outputs(final: chat_pb.InvokeResponse) -> dict[str, Any]:
    """The variables of the node but its `result`."""
    return {
        "latency_ms": final.latency_ms,
        "model_used": final.model_used,
        "tokens_used": final.tokens_used,
        "cached": final.cached,
    }


def _word(names: Any, value: int) -> str:
    """The name of a value; of one that only a newer service knows, "other"."""
    return str(names.Name(value)).lower() if value in names.values() else "other"


def metadata_of(final: chat_pb.InvokeResponse) -> dict[str, Any]:
    """The rest, without the answer."""
    usage, cost, cache = final.usage, final.cost, final.cache_info
    return {
        "model": final.model_used,
        "finish_reason": _word(chat_pb.InvokeResponse.FinishReason, final.finish_reason),
        "usage": {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "total_tokens": usage.total_tokens,
            "cached_prompt_tokens": usage.cached_prompt_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
            "estimated": usage.estimated,
        },
        "cost": {
            "total": cost.total,
            "official": cost.official,
            "saved": cost.saved,
            "currency": cost.currency,
        },
        "cache": {
            "outcome": _word(chat_pb.CacheInfo.Outcome, cache.outcome),
            "age_ms": cache.age_ms,
        },
        "latency_ms": final.latency_ms,
        "first_token_ms": final.first_token_ms,
        "queue_ms": final.queue_ms,
        "attempts": final.attempts,
        "fallback_used": final.fallback_used,
        "routing": final.routing,
        "request_id": final.request_id,
        "upstream_request_id": final.upstream_request_id,
        "warnings": list(final.warnings),
    }
