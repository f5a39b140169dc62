"""The provider of the HolySheep tools: checks its credentials."""

from __future__ import annotations

from typing import Any

from dify_plugin import ToolProvider
from dify_plugin.errors.tool import ToolProviderCredentialValidationError

from holysheep_client.errors import NodeError
from holysheep_client.node import Node


class HolySheepToolProvider(ToolProvider):
    def _validate_credentials(self, credentials: dict[str, Any]) -> None:
        """Tries every hop up to the upstream's key, at no cost."""
        try:
            Node.of(credentials).check()
        except NodeError as error:
            raise ToolProviderCredentialValidationError(str(error)) from None
