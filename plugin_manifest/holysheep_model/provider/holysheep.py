"""The provider of HolySheep models: checks its credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dify_plugin import ModelProvider
from dify_plugin.errors.model import CredentialsValidateFailedError

from holysheep_client.errors import NodeError
from holysheep_client.node import Node


class HolySheepProvider(ModelProvider):
    def validate_provider_credentials(self, credentials: Mapping[str, Any]) -> None:
        """Tries every hop up to the upstream's key, at no cost."""
        try:
            Node.of(credentials).check()
        except NodeError as error:
            raise CredentialsValidateFailedError(str(error)) from None
