"""The provider of the HolySheep tools: checks its credentials."""

from __future__ import annotations

from typing import Any

from dify_plugin import ToolProvider

from holysheep_client.dify import credential_errors
from holysheep_client.node import Node


class HolySheepToolProvider(ToolProvider):
    def _validate_credentials(self, credentials: dict[str, Any]) -> None:
        """Tries every hop up to the upstream's key, at no cost."""
        with credential_errors():
            Node.of(credentials).check()
