"""Images, audio, video and documents of a prompt as parts of a request."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from urllib.parse import urlsplit

from dify_plugin.entities.model.message import (
    ImagePromptMessageContent,
    MultiModalPromptMessageContent,
    PromptMessageContentType,
)
from holysheep_client.dify import bad_request
from holysheep_client.stubs import chat_pb2 as chat_pb

_FIELDS = {
    PromptMessageContentType.AUDIO: "audio",
    PromptMessageContentType.VIDEO: "video",
    PromptMessageContentType.DOCUMENT: "document",
}


def media_part(content: MultiModalPromptMessageContent) -> chat_pb.Part:
    """Raises NodeError for data that is not base64 or a URL that is private."""
    if isinstance(content, ImagePromptMessageContent):
        image = chat_pb.Image(detail=content.detail.value, **_source(content))
        return chat_pb.Part(image=image)
    media = chat_pb.Media(name=content.filename, **_source(content))
    return chat_pb.Part(**{_FIELDS[content.type]: media})  # type: ignore[attr-defined]


def _source(content: MultiModalPromptMessageContent) -> dict[str, str | bytes]:
    if content.url and not content.url.startswith("data:"):
        _check_public(content.url)
        return {"url": content.url}
    head, _, encoded = content.data.partition(",")
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise bad_request("A file of the prompt is not valid base64.") from None
    mime_type = head.removeprefix("data:").partition(";")[0] or content.mime_type
    return {"data": data, "mime_type": mime_type}


def _check_public(url: str) -> None:
    """Who fetches the URL is the upstream, on the internet."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    if _is_private(host):
        raise bad_request(
            f"A file of the prompt is at {host or 'an address'} that HolySheep cannot reach from "
            "the internet. Set MULTIMODAL_SEND_FORMAT=base64 in Dify, so that it sends files "
            "themselves."
        )


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        # A name without a dot is one of the compose network.
        return "." not in host or host.endswith((".local", ".internal", ".localhost"))
