"""One gRPC channel for each address and kind of TLS, shared by all calls.

The SDK makes a model or tool object for every request, so the channels live
here, at module level. Tokens and keys travel with each call, not with the
channel. Any greenlet may call `channel_to`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

import grpc

from holysheep_client.settings import Settings

# Dify sends images of up to 10 MB each, base64.
_MAX_MESSAGE_BYTES = 64 * 1024 * 1024
# More than one only where several credentials are in use.
_MAX_CHANNELS = 32

_OPTIONS = [
    # A proxy of the environment is for the internet, not for a neighbour.
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
    # A service that was restarted is found again within a second.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 5000),
    ("grpc.max_reconnect_backoff_ms", 1000),
    # A network that has gone silent is noticed within 40 s, however long a call may take.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
]

# The service retries; a second layer would multiply the attempts.
_ONE = [("grpc.enable_retries", 0)]

# For several. Calls instances in turn, but none that says it is shutting down, and sends a
# call again that did not begin there: one whose answer had not even initial
# metadata. Together that waits 3 s for an instance.
_SERVICE_CONFIG = """{
  "loadBalancingConfig": [{"round_robin": {}}],
  "healthCheckConfig": {"serviceName": "holysheep.node.v1.LlmNode"},
  "methodConfig": [{
    "name": [{}],
    "retryPolicy": {
      "maxAttempts": 5,
      "initialBackoff": "0.1s",
      "maxBackoff": "2s",
      "backoffMultiplier": 3,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }]
}"""
_SEVERAL = [
    ("grpc.service_config", _SERVICE_CONFIG),
    # A name is asked for again when an instance has gone.
    ("grpc.dns_min_time_between_resolutions_ms", 1000),
]

_Key = tuple[str, bool, bytes | None]
_channels: OrderedDict[_Key, grpc.Channel] = OrderedDict()
_lock = threading.Lock()


def channel_to(settings: Settings) -> grpc.Channel:
    """The channel for these settings; connects with the first call."""
    key = (settings.address, settings.tls, settings.authorities)
    with _lock:
        channel = _channels.pop(key, None) or _open(settings)
        _channels[key] = channel
        if len(_channels) > _MAX_CHANNELS:
            # Its running calls keep it open until they end.
            _channels.popitem(last=False)
        return channel


def _open(settings: Settings) -> grpc.Channel:
    options = _OPTIONS + (_SEVERAL if settings.has_several else _ONE)
    if not settings.tls:
        return grpc.insecure_channel(settings.target, options)
    credentials = grpc.ssl_channel_credentials(settings.authorities)
    return grpc.secure_channel(settings.target, credentials, options)
