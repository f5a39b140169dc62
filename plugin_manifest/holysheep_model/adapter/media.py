"""Images, audio, video and documents of a prompt as parts of a request."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import os
from urllib.parse import urlsplit

from dify_plugin.entities.model.message import (
    AudioPromptMessageContent,
    ImagePromptMessageContent,
    MultiModalPromptMessageContent,
    VideoPromptMessageContent,
)

from holysheep_client.dify import bad_request
from holysheep_client.stubs import chat_pb2 as chat_pb

# Of InvokeRequest; a longer name would refuse the whole call.
_MAX_NAME_BYTES = 256
# What browsers and Dify call them, which upstreams refuse.
_MIME_TYPES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg"}


def media_part(content: MultiModalPromptMessageContent) -> chat_pb.Part:
    """Raises NodeError for data that is not base64 or a URL that is private."""
    part = chat_pb.Part()
    if isinstance(content, ImagePromptMessageContent):
        part.image.detail = content.detail.value
        _set_source(content, part.image)
    elif isinstance(content, AudioPromptMessageContent):
        _set_media(content, part.audio)
    elif isinstance(content, VideoPromptMessageContent):
        _set_media(content, part.video)
    else:
        _set_media(content, part.document)
    return part


def _set_media(content: MultiModalPromptMessageContent, media: chat_pb.Media) -> None:
    media.name = _short_name(content.filename)
    _set_source(content, media)


def _short_name(name: str) -> str:
    """As the node takes it. It is the extension that tells a model what a file is."""
    stem, extension = os.path.splitext(name)
    room = _MAX_NAME_BYTES - len(extension.encode())
    if room <= 0:
        return _cut(name, _MAX_NAME_BYTES)
    return _cut(stem, room) + extension


def _cut(text: str, most: int) -> str:
    """At most so many bytes of whole characters."""
    return text.encode()[:most].decode(errors="ignore")


def _set_source(
    content: MultiModalPromptMessageContent, medium: chat_pb.Image | chat_pb.Media
) -> None:
    if content.url and not content.url.startswith("data:"):
        _check_public(content.url)
        medium.url = content.url
        return
    head, _, encoded = content.data.partition(",")
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise bad_request("A file of the prompt is not valid base64.") from None
    medium.data = data
    mime_type = head.removeprefix("data:").partition(";")[0] or content.mime_type
    medium.mime_type = _MIME_TYPES.get(mime_type.lower(), mime_type)


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
