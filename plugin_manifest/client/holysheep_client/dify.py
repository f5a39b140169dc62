"""What both plugins say in the terms of Dify's SDK."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from dify_plugin.errors.model import (
    InvokeAuthorizationError,
    InvokeBadRequestError,
    InvokeConnectionError,
    InvokeError,
    InvokeRateLimitError,
    InvokeServerUnavailableError,
)

from holysheep_client.errors import Kind, NodeError
from holysheep_client.stubs import chat_pb2 as chat_pb

PLUGIN_VERSION = "1.0.0"

# Dify knows the classes by their exact names, so there are no subclasses.
_CLASSES: dict[Kind, type[InvokeError]] = {
    Kind.AUTHORIZATION: InvokeAuthorizationError,
    Kind.RATE_LIMIT: InvokeRateLimitError,
    Kind.BAD_REQUEST: InvokeBadRequestError,
    Kind.CONNECTION: InvokeConnectionError,
    Kind.UNAVAILABLE: InvokeServerUnavailableError,
}

CACHE_MODES = {
    "default": chat_pb.CacheControl.DEFAULT,
    "bypass": chat_pb.CacheControl.BYPASS,
    "refresh": chat_pb.CacheControl.REFRESH,
    "only_if_cached": chat_pb.CacheControl.ONLY_IF_CACHED,
}

# A message to Dify may have 5 MiB, and a character may take 6 bytes in it.
PIECE_CHARACTERS = 128 * 1024


class SessionIds(Protocol):
    """What the SDK's Session says of where a call comes from."""

    app_id: str | None
    conversation_id: str | None
    message_id: str | None


def invoke_error(error: Exception) -> InvokeError:
    """The error as one of the classes that Dify knows.

    Of an error nobody expected only the class is shown: its text may hold what
    must not be seen.
    """
    if isinstance(error, InvokeError):
        return error
    if isinstance(error, NodeError):
        return _CLASSES[error.kind](f"[holysheep] {error}")
    return InvokeServerUnavailableError(
        f"[holysheep] The plugin failed with {type(error).__name__}."
    )


@contextmanager
def dify_errors() -> Generator[None, None, None]:
    """Turns every exception of its body into one that Dify knows."""
    try:
        yield
    except Exception as error:
        raise invoke_error(error) from None


def bad_request(text: str) -> NodeError:
    return NodeError(Kind.BAD_REQUEST, text)


def caller(source: str, session: SessionIds | None) -> chat_pb.CallerInfo:
    """Who asks. Older versions of Dify leave the ids out."""
    return chat_pb.CallerInfo(
        source=source,
        plugin_version=PLUGIN_VERSION,
        app_id=(session.app_id if session else None) or "",
        conversation_id=(session.conversation_id if session else None) or "",
        message_id=(session.message_id if session else None) or "",
    )


def user_digest(user: str | None) -> str:
    """A stable name for the user that does not say who it is."""
    return hashlib.sha256(user.encode()).hexdigest() if user else ""


def pieces(text: str) -> Generator[str, None, None]:
    """The text in parts that each fit into a message to Dify."""
    for start in range(0, len(text), PIECE_CHARACTERS):
        yield text[start : start + PIECE_CHARACTERS]
