"""What can go wrong between a plugin and an answer, in one exception class."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import grpc

from holysheep_client.stubs import chat_pb2 as chat_pb
from holysheep_client.stubs import error_details_pb2 as details_pb

_DOMAIN = "holysheep.ai"
_DETAILS = "grpc-status-details-bin"


class Kind(enum.Enum):
    """The ways of failing that Dify tells apart."""

    AUTHORIZATION = enum.auto()
    RATE_LIMIT = enum.auto()
    BAD_REQUEST = enum.auto()
    CONNECTION = enum.auto()
    UNAVAILABLE = enum.auto()


class NodeError(Exception):
    """A call that failed. The text is for the user of Dify: short, no secrets."""

    def __init__(self, kind: Kind, text: str, reason: str = "") -> None:
        super().__init__(text)
        self.kind = kind
        # The service's word, such as RATE_LIMITED_LOCAL; empty if it was not
        # the service that failed.
        self.reason = reason


# Reasons that their code would put among others: a message that is too large, and
# the key at the upstream.
_BY_REASON = {
    "INVALID_ARGUMENT": Kind.BAD_REQUEST,
    "UPSTREAM_AUTH": Kind.AUTHORIZATION,
}

_BY_CODE = {
    grpc.StatusCode.UNAUTHENTICATED: Kind.AUTHORIZATION,
    grpc.StatusCode.PERMISSION_DENIED: Kind.AUTHORIZATION,
    grpc.StatusCode.INVALID_ARGUMENT: Kind.BAD_REQUEST,
    grpc.StatusCode.NOT_FOUND: Kind.BAD_REQUEST,
    grpc.StatusCode.FAILED_PRECONDITION: Kind.BAD_REQUEST,
    grpc.StatusCode.OUT_OF_RANGE: Kind.BAD_REQUEST,
    grpc.StatusCode.UNIMPLEMENTED: Kind.BAD_REQUEST,
    grpc.StatusCode.DEADLINE_EXCEEDED: Kind.CONNECTION,
    grpc.StatusCode.UNAVAILABLE: Kind.CONNECTION,
    grpc.StatusCode.CANCELLED: Kind.CONNECTION,
    # Not the service's limits, which come with a reason: a message too large.
    grpc.StatusCode.RESOURCE_EXHAUSTED: Kind.BAD_REQUEST,
}

# Where the service gives these, with a reason.
_BY_CODE_OF_SERVICE = _BY_CODE | {
    grpc.StatusCode.UNAVAILABLE: Kind.UNAVAILABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Kind.RATE_LIMIT,
}

_TRY_AGAIN = "Try again, or use another model."
_MORE_TIME = "Try again, or give the call more time."

# What to do. The message of INVALID_ARGUMENT says it itself.
_ADVICE = {
    "INTERNAL": "Look into the log of the HolySheep node.",
    "MODEL_NOT_FOUND": "Check the name of the model.",
    "CONTEXT_LENGTH": "Shorten the prompt or lower max_tokens.",
    "CONTENT_FILTER": "Change the prompt.",
    "UNAUTHENTICATED": "Check the service token in the plugin's credentials.",
    "UPSTREAM_AUTH": "Check the HolySheep API key, the service's or the one in the credentials.",
    "PERMISSION_DENIED": "Use a service token that may do this.",
    "RATE_LIMITED_LOCAL": "Ask less often, or raise the limits of the HolySheep node.",
    "QUEUE_FULL": "Ask less often, or raise the limits of the HolySheep node.",
    "BUDGET_EXCEEDED": "Wait for the next period, or raise the budget of the HolySheep node.",
    "UPSTREAM_QUOTA": "Check balance and plan of the HolySheep account.",
    "RATE_LIMITED_UPSTREAM": _TRY_AGAIN,
    "CIRCUIT_OPEN": _TRY_AGAIN,
    "UPSTREAM_5XX": _TRY_AGAIN,
    "UPSTREAM_CONNECT": "Check that the HolySheep node reaches its upstream.",
    "CONNECT_TIMEOUT": "Check that the HolySheep node reaches its upstream.",
    "FIRST_TOKEN_TIMEOUT": _MORE_TIME,
    "IDLE_TIMEOUT": _MORE_TIME,
    "TOTAL_TIMEOUT": _MORE_TIME,
    "CACHE_MISS": "Cache mode `only_if_cached` answers from the cache alone.",
    "UPSTREAM_MALFORMED": _TRY_AGAIN,
    "STREAM_TRUNCATED": _TRY_AGAIN,
    "DRAINING": "Try again in a moment: the HolySheep node restarts.",
    "UNIMPLEMENTED": "Upgrade the HolySheep node.",
}

_LOCALHOST = (
    "Inside a container localhost is the container itself: use the service's name on the "
    "compose network, such as holysheep-node:50051, or host.docker.internal."
)


@dataclass(frozen=True)
class Peer:
    """Who was called, for the text of an error."""

    address: str
    tls: bool = False
    is_loopback: bool = False


@dataclass(frozen=True)
class _Details:
    reason: str = ""
    retry_after: float | None = None


def from_rpc(error: grpc.RpcError, peer: Peer) -> NodeError:
    """The service's error if it made one; else what became of the connection."""
    details = _details_of(error)
    code = error.code()
    if details.reason:
        kind = _kind_of(details.reason, code)
        return NodeError(kind, _service_text(error.details() or "", details), details.reason)
    return NodeError(_BY_CODE.get(code, Kind.UNAVAILABLE), _transport_text(error, peer))


def from_value(error: chat_pb.Error) -> NodeError:
    """An error that came as a value, such as that of a workflow's step."""
    kind = _kind_of(error.reason, _code_named(error.code))
    details = _Details(error.reason, error.retry_after_ms / 1000 or None)
    return NodeError(kind, _service_text(error.message, details), error.reason)


def _kind_of(reason: str, code: grpc.StatusCode) -> Kind:
    known = _BY_REASON.get(reason)
    return known or _BY_CODE_OF_SERVICE.get(code, Kind.UNAVAILABLE)


def _code_named(name: str) -> grpc.StatusCode:
    return grpc.StatusCode.__members__.get(name, grpc.StatusCode.UNKNOWN)


def _details_of(error: grpc.RpcError) -> _Details:
    """What the trailers say; nothing if they are not the service's."""
    trailers = cast("Iterable[tuple[str, bytes]]", error.trailing_metadata() or ())
    status = details_pb.Status.FromString(dict(trailers).get(_DETAILS, b""))
    reason, retry_after = "", None
    for detail in status.details:
        if detail.TypeName() == "google.rpc.ErrorInfo":
            info = details_pb.ErrorInfo.FromString(detail.value)
            reason = info.reason if info.domain == _DOMAIN else ""
        elif detail.TypeName() == "google.rpc.RetryInfo":
            delay = details_pb.RetryInfo.FromString(detail.value).retry_delay
            retry_after = delay.seconds + delay.nanos / 1e9
    return _Details(reason, retry_after)


def _service_text(message: str, details: _Details) -> str:
    parts = [f"{details.reason}: {message.rstrip('.')}.", _ADVICE.get(details.reason, "")]
    if details.retry_after is not None:
        when = f"Try again in {details.retry_after:.1f} s"
        if parts[1].startswith("Try again"):
            parts[1] = parts[1].replace("Try again", when, 1)
        else:
            parts.append(f"{when}.")
    return " ".join(filter(None, parts))


def _transport_text(error: grpc.RpcError, peer: Peer) -> str:
    code, said = error.code(), (error.details() or "").strip()
    node = f"the HolySheep node at {peer.address}"
    if code == grpc.StatusCode.DEADLINE_EXCEEDED:
        return f"T{node[1:]} did not answer in time: check that it is well, or try again."
    if code == grpc.StatusCode.RESOURCE_EXHAUSTED:
        return f"The message is too large for {node}: send fewer or smaller files."
    if code == grpc.StatusCode.UNIMPLEMENTED:
        return (
            f"What answers at {peer.address} is no HolySheep node, or an older one: check the "
            "address, or upgrade the node."
        )
    if code != grpc.StatusCode.UNAVAILABLE:
        return f"The call to {node} failed with {code.name}: try again."
    return f"{_unreachable(said, peer)} {_LOCALHOST if peer.is_loopback else ''}".rstrip()


# What gRPC's texts have in them, in the order to look for it, and what it means.
_CAUSES = (
    (
        ("hostname lookup", "domain name not found", "name resolution"),
        "the name is unknown here; check the address",
    ),
    (("connection refused",), "the connection was refused; check that it runs there"),
    (("wrong_version_number",), "it speaks no TLS; check the TLS setting"),
    (
        ("certificate_verify_failed", "hostname verification", "peer name"),
        "its TLS certificate is not trusted, or is not for this name; check the certificate "
        "of the authority and the address",
    ),
    (("ssl", "handshake"), "TLS failed; check the TLS setting"),
    (("timed out",), "it did not answer in time; check the address and the network"),
)


def _unreachable(said: str, peer: Peer) -> str:
    start = f"The HolySheep node at {peer.address} cannot be reached"
    for marks, meaning in _CAUSES:
        if any(mark in said.lower() for mark in marks):
            return f"{start}: {meaning}."
    if not peer.tls:
        return f"{start}: the connection broke; if it asks for TLS, switch TLS on, else try again."
    return f"{start}: the connection broke; try again."
