"""The models of the HolySheep node for Dify's LLM, agent and other nodes."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from dify_plugin import LargeLanguageModel, get_current_session
from dify_plugin.entities.model import AIModelEntity, FetchFrom
from dify_plugin.entities.model.llm import LLMResultChunk
from dify_plugin.entities.model.message import PromptMessage, PromptMessageTool
from dify_plugin.errors.model import InvokeBadRequestError, InvokeError

from adapter.answer import stream_chunks, whole_chunk
from adapter.catalog import models_of
from adapter.request import Call, is_structured, to_request
from adapter.schema import model_schema, unknown_model
from holysheep_client.dify import (
    caller,
    credential_errors,
    dify_errors,
    invoke_error,
    user_digest,
)
from holysheep_client.errors import NodeError
from holysheep_client.node import Node
from holysheep_client.settings import has_own_key, parse_settings


class HolySheepLanguageModel(LargeLanguageModel):
    """Hands every call on to the service; decides nothing itself."""

    def _invoke(
        self,
        model: str,
        credentials: dict[str, Any],
        prompt_messages: list[PromptMessage],
        model_parameters: dict[str, Any],
        tools: list[PromptMessageTool] | None = None,
        stop: list[str] | None = None,
        stream: bool = True,
        user: str | None = None,
    ) -> Generator[LLMResultChunk, None, None]:
        # A generator, so that the SDK does not see what it raises: it would
        # not translate the errors of a stream.
        call = Call(model, prompt_messages, model_parameters, tools or (), stop or ())
        with dify_errors(own_key=has_own_key(credentials)):
            request = to_request(call)
            request.user = user_digest(user)
            request.caller.CopyFrom(caller("dify-model", get_current_session()))
            node = Node.of(credentials)
            structured = is_structured(request)
            if stream:
                events = node.stream(request)
                yield from stream_chunks(model, events, call.stop, is_structured=structured)
            else:
                answer = node.answer(request)
                yield from whole_chunk(model, answer, call.stop, is_structured=structured)

    def get_num_tokens(
        self,
        model: str,
        credentials: dict[str, Any],
        prompt_messages: list[PromptMessage],
        tools: list[PromptMessageTool] | None = None,
    ) -> int:
        """The service's own estimate, without a call: a quarter of the bytes."""
        count = 3
        for message in prompt_messages:
            count += 4 + (len(message.get_text_content().encode()) + 3) // 4
        for tool in tools or ():
            count += (len(tool.model_dump_json().encode()) + 3) // 4
        return count

    def validate_credentials(self, model: str, credentials: Mapping[str, Any]) -> None:
        """Tries every hop up to the upstream's key, at no cost."""
        with credential_errors():
            Node.of(credentials).check()

    def get_customizable_model_schema(
        self, model: str, credentials: Mapping[str, Any]
    ) -> AIModelEntity:
        try:
            models = models_of(parse_settings(credentials))
        except NodeError:
            models = {}
        entry = models.get(model) or unknown_model(model)
        schema = model_schema(entry, [name for name in models if name != model])
        return AIModelEntity(**schema, fetch_from=FetchFrom.CUSTOMIZABLE_MODEL)

    def _validate_and_filter_model_parameters(
        self, model: str, model_parameters: dict[str, Any], credentials: dict[str, Any]
    ) -> dict[str, Any]:
        """The SDK's check, of what is set: Dify keeps "" where a rule has no default."""
        kept = {name: value for name, value in model_parameters.items() if value not in (None, "")}
        try:
            return super()._validate_and_filter_model_parameters(model, kept, credentials)
        except ValueError as error:
            raise InvokeBadRequestError(f"[holysheep] {error}") from None

    def _transform_invoke_error(self, error: Exception) -> InvokeError:
        return invoke_error(error)

    @property
    def _invoke_error_mapping(self) -> dict[type[InvokeError], list[type[Exception]]]:
        """Unused: `_transform_invoke_error` knows every error."""
        return {}
