"""The provider of HolySheep models: checks its credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dify_plugin import ModelProvider

from holysheep_client.dify import credential_errors
from holysheep_client.node import Node


class HolySheepProvider(ModelProvider):
    def validate_provider_credentials(self, credentials: Mapping[str, Any]) -> None:
        """Tries every hop up to the upstream's key, at no cost."""
        with credential_errors():
            Node.of(credentials).check()
