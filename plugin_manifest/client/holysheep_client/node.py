"""The calls a plugin makes. Each has a deadline and fails with NodeError only.

Unary calls go by `.future()`: a plain unary call would hold up the thread that
reads Dify's requests.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Mapping
from typing import Any

import grpc

from holysheep_client.channels import channel_to
from holysheep_client.errors import Kind, NodeError, Peer, from_rpc
from holysheep_client.settings import Settings, parse_settings
from holysheep_client.stubs import chat_pb2 as chat_pb
from holysheep_client.stubs import node_pb2 as node_pb
from holysheep_client.stubs.node_pb2_grpc import LlmNodeStub

Events = Generator[chat_pb.InvokeEvent, None, None]
WorkflowEvents = Generator[node_pb.WorkflowEvent, None, None]

_LOG = logging.getLogger(__name__)

DEFAULT_SECONDS = 300
# The service's own deadline comes first, so that its error says what happened.
_MARGIN_SECONDS = 5
# All steps together, short of the 600 s after which Dify ends the plugin's call.
_WORKFLOW_SECONDS = 580
_QUERY_SECONDS = 10
# Of the way to the service, its health, and from there to the upstream.
_CHECK_SECONDS = 30

_HOPS = {
    node_pb.ValidateCredentialsResponse.SERVICE: "The HolySheep node is not ready",
    node_pb.ValidateCredentialsResponse.UPSTREAM: "The HolySheep node answers, but cannot reach "
    "its upstream",
    node_pb.ValidateCredentialsResponse.KEY: "The HolySheep node answers, but its upstream "
    "refuses the HolySheep API key",
}


class Node:
    """The service as these credentials reach it. Cheap to make."""

    def __init__(self, settings: Settings) -> None:
        self._stub: Any = LlmNodeStub(channel_to(settings))  # type: ignore[no-untyped-call]
        self._peer = Peer(settings.address, settings.tls, settings.is_loopback)
        self._sends_secrets_in_clear = settings.sends_secrets_in_clear
        self._metadata: list[tuple[str, str]] = []
        if settings.token:
            self._metadata.append(("authorization", f"Bearer {settings.token}"))
        if settings.api_key:
            self._metadata.append(("x-holysheep-api-key", settings.api_key))

    @classmethod
    def of(cls, credentials: Mapping[str, object]) -> Node:
        return cls(parse_settings(credentials))

    def answer(self, request: chat_pb.InvokeRequest) -> chat_pb.InvokeResponse:
        """The whole answer at once."""
        answer: chat_pb.InvokeResponse
        answer = self._unary(self._stub.Invoke, request, _deadline_of(request))
        return answer

    def stream(self, request: chat_pb.InvokeRequest) -> Events:
        """The events of the answer; the last one is `final`.

        Closing the generator, or killing the greenlet in it, ends the call.
        """
        return self._stream(self._stub.InvokeStream, request, _deadline_of(request), "final")

    def workflow(self, request: node_pb.RunWorkflowRequest) -> WorkflowEvents:
        """The events of the steps; the last one is `finished`. Ends as `stream`."""
        return self._stream(self._stub.RunWorkflow, request, _WORKFLOW_SECONDS, "finished")

    def models(self) -> list[node_pb.Model]:
        """The catalog."""
        request = node_pb.ListModelsRequest()
        return list(self._unary(self._stub.ListModels, request, _QUERY_SECONDS).models)

    def estimate(self, request: node_pb.EstimateCostRequest) -> node_pb.EstimateCostResponse:
        estimate: node_pb.EstimateCostResponse
        estimate = self._unary(self._stub.EstimateCost, request, _QUERY_SECONDS)
        return estimate

    def check(self) -> None:
        """Tries every hop up to the upstream's key, at no cost.

        Raises NodeError whose text names the hop that failed. Warns, in the log of
        Dify's plugin daemon, of a token or key that is sent without encryption.
        """
        if self._sends_secrets_in_clear:
            _LOG.warning(
                "The token or key for the HolySheep node at %s is sent without encryption: "
                "use TLS, or keep the network between Dify and the node private.",
                self._peer.address,
            )
        request = node_pb.ValidateCredentialsRequest()
        result = self._unary(self._stub.ValidateCredentials, request, _CHECK_SECONDS)
        if not result.ok:
            hop = _HOPS.get(result.failed_hop, "The HolySheep node refuses the credentials")
            raise NodeError(Kind.AUTHORIZATION, f"{hop}: {result.message.rstrip('.')}.")

    # The generated stubs are not typed.
    def _stream(
        self, method: Any, request: object, seconds: float, last: str
    ) -> Generator[Any, None, None]:
        call = method(request, timeout=seconds, metadata=self._metadata)
        ended = False
        try:
            for event in call:
                ended = event.HasField(last)
                yield event
        except grpc.RpcError as error:
            raise from_rpc(error, self._peer) from None
        finally:
            call.cancel()
        if not ended:
            raise NodeError(Kind.CONNECTION, "The answer broke off before its end: try again.")

    def _unary(self, method: Any, request: object, seconds: float) -> Any:
        future = method.future(request, timeout=seconds, metadata=self._metadata)
        try:
            return future.result()
        except grpc.RpcError as error:
            raise from_rpc(error, self._peer) from None
        finally:
            future.cancel()


def _deadline_of(request: chat_pb.InvokeRequest) -> float:
    """Seconds: those that the request gives the service, or the default."""
    if request.timeouts.HasField("total_ms"):
        return request.timeouts.total_ms / 1000 + _MARGIN_SECONDS
    return DEFAULT_SECONDS + _MARGIN_SECONDS
