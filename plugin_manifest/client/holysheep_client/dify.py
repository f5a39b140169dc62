"""What both plugins say in the terms of Dify's SDK."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Protocol

from dify_plugin.errors.model import (
    CredentialsValidateFailedError,
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


# Dify keeps all it is told in PostgreSQL, which refuses NUL and half a surrogate pair.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# An escape in JSON text: of a whole surrogate pair, of one code unit, or another.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u([0-9a-fA-F]{4})|.)",
    re.DOTALL,
)


def storable(value: Any) -> Any:
    """The value as Dify can keep it, with all that is in it.

    Of texts, also those that are keys, NUL is left out and half a surrogate
    pair replaced. Everything that goes to Dify goes through here or `storable_json`.
    """
    if isinstance(value, str):
        return _UNSTORABLE.sub(lambda found: "" if found[0] == "\0" else "\ufffd", value)
    if isinstance(value, dict):
        return {storable(key): storable(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [storable(entry) for entry in value]
    return value


def storable_json(text: str) -> str:
    """JSON text as `storable`, also where a string in it has the character as an
    escape. All else stays as it was written.
    """
    return _ESCAPE.sub(_storable_escape, storable(text))


def _storable_escape(escape: re.Match[str]) -> str:
    if escape[1] is None or not _UNSTORABLE.match(chr(int(escape[1], 16))):
        return escape[0]
    return r"\ufffd" if int(escape[1], 16) else ""


def invoke_error(error: Exception, *, own_key: bool = True) -> InvokeError:
    """The error as one of the classes that Dify knows.

    Of an authorization error from a model Dify shows a text of its own, about
    the credentials. Without an `own_key` in them a key that the upstream
    refuses is the service's, and the error's own text is needed.
    """
    if isinstance(error, InvokeError):
        return type(error)(_line(str(error)))
    kind, text = _told(error)
    if isinstance(error, NodeError) and error.reason == "UPSTREAM_AUTH" and not own_key:
        kind = Kind.UNAVAILABLE
    return _CLASSES[kind](f"[holysheep] {text}")


def _told(error: Exception) -> tuple[Kind, str]:
    """What to say of an error. Of one that nobody expected only the class: its
    text may hold what must not be seen.
    """
    if isinstance(error, NodeError):
        return error.kind, _line(str(error))
    if isinstance(error, UnicodeError):
        return Kind.BAD_REQUEST, "The input has half a surrogate pair, which is no Unicode text."
    return Kind.UNAVAILABLE, f"The plugin failed with {type(error).__name__}: try again."


def _line(text: str) -> str:
    return " ".join(storable(text).split())


@contextmanager
def dify_errors(*, own_key: bool = True) -> Generator[None, None, None]:
    """Turns every exception of its body into one that Dify knows; see `invoke_error`."""
    try:
        yield
    except Exception as error:
        raise invoke_error(error, own_key=own_key) from None


@contextmanager
def credential_errors() -> Generator[None, None, None]:
    """The same while credentials are saved: the one class of which Dify shows the
    text, and no more, in the form.
    """
    try:
        yield
    except Exception as error:
        _, text = _told(error)
        raise CredentialsValidateFailedError(text) from None


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
