"""The service's answer in the chunks that Dify's LLM nodes read.

Dify takes the first usage and the first finish reason it sees, so both come in
the last chunk only; it parses the arguments of tool calls chunk by chunk, so
the calls come complete, all in one. Dify parses the text of a structured answer,
so it is the JSON alone: without the reasoning.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from decimal import Decimal

from dify_plugin.entities.model.llm import LLMResultChunk, LLMResultChunkDelta, LLMUsage
from dify_plugin.entities.model.message import AssistantPromptMessage

from adapter.messages import opaque_body
from adapter.stop_words import StopWords
from adapter.tool_calls import to_tool_calls
from holysheep_client.dify import pieces, storable
from holysheep_client.errors import Kind, NodeError
from holysheep_client.stubs import chat_pb2 as chat_pb

Chunks = Generator[LLMResultChunk, None, None]

_OPEN, _CLOSE = "<think>\n", "\n</think>\n"
_PER_MILLION = Decimal("0.000001")
# JSON of a chunk, below the 5 MiB of a message to Dify.
_MAX_WHOLE_BYTES = 4 * 1024 * 1024

_FINISH = {
    chat_pb.InvokeResponse.STOP: "stop",
    chat_pb.InvokeResponse.LENGTH: "length",
    chat_pb.InvokeResponse.TOOL_CALLS: "tool_calls",
    chat_pb.InvokeResponse.CONTENT_FILTER: "content_filter",
}


class _Thinking:
    """Where the text stands: inside the reasoning, or not. Empty text moves nothing."""

    def __init__(self, *, is_shown: bool) -> None:
        self._open = False
        self._is_shown = is_shown
        self._is_unseen = not is_shown

    def reasoning(self, text: str) -> str:
        if not self._is_shown:
            return ""
        if not text or self._open:
            return text
        self._open = True
        return _OPEN + text

    def begins_unseen(self) -> bool:
        """Once, for reasoning that is not shown: Dify waits for a first chunk."""
        begins, self._is_unseen = self._is_unseen, False
        return begins

    def spoken(self, text: str) -> str:
        return self.end() + text if text else ""

    def end(self) -> str:
        closing, self._open = (_CLOSE if self._open else ""), False
        return closing


def stream_chunks(
    model: str,
    events: Iterable[chat_pb.InvokeEvent],
    stop: Sequence[str],
    *,
    is_structured: bool = False,
) -> Chunks:
    """A stream as it comes."""
    thinking, words = _Thinking(is_shown=not is_structured), StopWords(stop)
    for event in events:
        text = ""
        match event.WhichOneof("event"):
            case "text":
                text = thinking.spoken(words.feed(storable(event.text)))
            case "refusal":
                text = thinking.spoken(storable(event.refusal))
            case "reasoning":
                text = thinking.reasoning(storable(event.reasoning))
                if thinking.begins_unseen():
                    yield _chunk(model, "")
            case "final":
                yield from _text(model, thinking.end() + words.rest())
                yield from _end(model, event.final)
        yield from _text(model, text)


def whole_chunk(
    model: str,
    response: chat_pb.InvokeResponse,
    stop: Sequence[str],
    *,
    is_structured: bool = False,
) -> Chunks:
    """All in one chunk: of an answer that is not streamed Dify reads the first."""
    thinking, words = _Thinking(is_shown=not is_structured), StopWords(stop)
    text = thinking.reasoning(storable(response.reasoning))
    text += thinking.end() + words.feed(storable(response.result)) + words.rest()
    chunk = _chunk(model, text + storable(response.refusal))
    chunk.delta.message.tool_calls = to_tool_calls(response)
    chunk.delta.message.opaque_body = opaque_body(response)
    _finish(chunk, response)
    if len(chunk.model_dump_json().encode()) > _MAX_WHOLE_BYTES:
        raise NodeError(
            Kind.BAD_REQUEST,
            "The answer is too long for one message to Dify. Stream it, or lower max_tokens.",
        )
    yield chunk


def _text(model: str, text: str) -> Chunks:
    for piece in pieces(text):
        yield _chunk(model, piece)


def _end(model: str, final: chat_pb.InvokeResponse) -> Chunks:
    if final.tool_calls:
        chunk = _chunk(model, "")
        chunk.delta.message.tool_calls = to_tool_calls(final)
        chunk.delta.message.opaque_body = opaque_body(final)
        yield chunk
    last = _chunk(model, "")
    if not final.tool_calls:
        last.delta.message.opaque_body = opaque_body(final)
    _finish(last, final)
    yield last


def _chunk(model: str, text: str) -> LLMResultChunk:
    message = AssistantPromptMessage(content=text)
    return LLMResultChunk(model=model, delta=LLMResultChunkDelta(index=0, message=message))


def _finish(chunk: LLMResultChunk, final: chat_pb.InvokeResponse) -> None:
    raw = storable(final.finish_reason_raw)
    chunk.system_fingerprint = storable(final.system_fingerprint) or None
    chunk.delta.finish_reason = _FINISH.get(final.finish_reason, raw or "stop")
    chunk.delta.usage = to_usage(final)


def to_usage(final: chat_pb.InvokeResponse) -> LLMUsage:
    """Tokens and price as the service counted them: a cache hit costs nothing.

    The price of the prompt is that of all its classes, cached tokens and others,
    which Dify's own `pricing` does not know.
    """
    usage, cost = final.usage, final.cost
    return LLMUsage(
        prompt_tokens=usage.prompt_tokens,
        prompt_unit_price=_decimal(cost.prompt_unit_price),
        prompt_price_unit=_PER_MILLION,
        prompt_price=_decimal(cost.prompt),
        completion_tokens=usage.completion_tokens,
        completion_unit_price=_decimal(cost.completion_unit_price),
        completion_price_unit=_PER_MILLION,
        completion_price=_decimal(cost.completion),
        total_tokens=usage.total_tokens,
        total_price=_decimal(cost.total),
        currency=cost.currency or "USD",
        latency=final.latency_ms / 1000,
    )


def _decimal(text: str) -> Decimal:
    return Decimal(text or "0")
