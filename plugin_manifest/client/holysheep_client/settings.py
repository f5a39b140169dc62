"""Where the service is and how to be let in, from a plugin's credentials."""

from __future__ import annotations

import os
import re
import ssl
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

from holysheep_client.errors import Kind, NodeError

DEFAULT_ADDRESS = "holysheep-node:50051"
ADDRESS_VARIABLE = "HOLYSHEEP_NODE_ADDRESS"

_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+):(?P<port>\d{1,5})")
_LIST_ENTRY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\d.]+):\d{1,5}")
_CERTIFICATE = re.compile(
    r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----"
)
_LOOPBACK = re.compile(r"(localhost|127\.[\d.]+|\[::1\]|0\.0\.0\.0):\d+", re.IGNORECASE)
_PORTS = range(1, 65536)
# Before a name that may stand for several instances.
_EVERY = "dns:///"


@dataclass(frozen=True)
class Settings:
    """Checked credentials. The secrets stay out of its `repr`."""

    # host:port; `dns:///name:port` or ip:port,ip:port are several instances.
    address: str
    tls: bool = False
    # PEM of the authorities to trust; None are those of the system.
    authorities: bytes | None = None
    token: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)

    @property
    def is_loopback(self) -> bool:
        return _LOOPBACK.fullmatch(self.address) is not None

    @property
    def sends_secrets_in_clear(self) -> bool:
        return bool(self.token or self.api_key) and not self.tls and not self.is_loopback

    @property
    def has_several(self) -> bool:
        return self.address.startswith(_EVERY) or "," in self.address

    @property
    def target(self) -> str:
        """The address as gRPC takes it."""
        if "," not in self.address:
            return self.address
        return ("ipv6:" if self.address.startswith("[") else "ipv4:") + self.address


def parse_settings(credentials: Mapping[str, object]) -> Settings:
    """Raises NodeError, of kind AUTHORIZATION, that says which field is wrong."""
    mode = _text(credentials, "tls") or "off"
    if mode not in ("off", "system", "custom"):
        raise _wrong("TLS", "must be off, system or custom")
    address = _address(_text(credentials, "node_address"))
    if "," in address and mode != "off":
        raise _wrong("address", f"is {_EVERY}name:port where TLS has several nodes to check")
    return Settings(
        address=address,
        tls=mode != "off",
        authorities=_authorities(credentials) if mode == "custom" else None,
        token=_secret(credentials, "service_token", "service token"),
        api_key=_secret(credentials, "holysheep_api_key", "HolySheep API key"),
    )


def has_own_key(credentials: Mapping[str, object]) -> bool:
    """Whether calls take a HolySheep key of these credentials, not the service's."""
    return bool(_text(credentials, "holysheep_api_key"))


def _text(credentials: Mapping[str, object], name: str) -> str:
    value = credentials.get(name)
    return value.strip() if isinstance(value, str) else ""


def _wrong(what: str, why: str) -> NodeError:
    return NodeError(Kind.AUTHORIZATION, f"Credentials: {what} {why}.")


def _address(address: str) -> str:
    address = address or os.environ.get(ADDRESS_VARIABLE, "").strip() or DEFAULT_ADDRESS
    every, one = address.startswith(_EVERY), address.removeprefix(_EVERY)
    if "/" in one:
        raise _wrong("address", f"is host:port without a scheme, such as {DEFAULT_ADDRESS}")
    if "," in one and not every:
        return _list(one)
    match = _ADDRESS.fullmatch(one)
    if match is None or int(match["port"]) not in _PORTS:
        raise _wrong("address", f"needs a host and a port, such as {DEFAULT_ADDRESS}")
    return address


def _list(addresses: str) -> str:
    """Several instances, which gRPC wants to have addresses of one kind."""
    parts = [part.strip() for part in addresses.split(",")]
    kinds = {part.startswith("[") for part in parts}
    if len(kinds) > 1 or not all(map(_LIST_ENTRY.fullmatch, parts)):
        raise _wrong("address", f"is a list of ip:port of one kind, or {_EVERY}name:port")
    return ",".join(parts)


def _secret(credentials: Mapping[str, object], name: str, label: str) -> str:
    """A value for gRPC metadata, which may hold visible ASCII only."""
    secret = _text(credentials, name)
    if any(not "!" <= character <= "~" for character in secret):
        raise _wrong(label, "has a character that is no visible ASCII")
    return secret


def _authorities(credentials: Mapping[str, object]) -> bytes:
    """The certificates pasted; a one-line field takes their line ends away."""
    pasted = _text(credentials, "ca_certificate").replace("\\n", "\n")
    bodies = ["".join(body.split()) for body in _CERTIFICATE.findall(pasted)]
    if not bodies:
        raise _wrong("CA certificate", "has no -----BEGIN CERTIFICATE-----")
    pem = "".join(map(_as_pem, bodies))
    try:
        ssl.create_default_context(cadata=pem)
    except (ssl.SSLError, ValueError):
        raise _wrong("CA certificate", "cannot be read") from None
    return pem.encode("ascii")


def _as_pem(body: str) -> str:
    lines = "\n".join(textwrap.wrap(body, 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
