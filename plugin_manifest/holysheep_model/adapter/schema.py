"""How Dify sees a model of the service's catalog.

`scripts/generate-plugins` writes the YAML of the predefined models with this
module, and the plugin describes customizable models with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from holysheep_client.stubs import node_pb2 as node_pb

_RULES = Path(__file__).with_name("parameter_rules.yaml")

_LANGUAGES = ("en_US", "zh_Hans", "pt_BR", "ja_JP")

# Where the catalog does not say.
_CONTEXT_SIZE = 131_072
_MAX_OUTPUT_TOKENS = 65_536
_DEFAULT_OUTPUT_TOKENS = 2_048

_FEATURES = {
    "tools": ("tool-call", "stream-tool-call"),
    "parallel_tools": ("multi-tool-call",),
    "vision": ("vision",),
    "document": ("document",),
    "video": ("video",),
    "audio": ("audio",),
    # The service makes every answer keep to a schema, where need be by asking
    # again, for a model that can write JSON at all.
    "json_object": ("structured-output",),
    "json_schema": ("structured-output",),
}

# A rule is left out for a model without this capability.
_NEEDS = {
    "reasoning_effort": {"reasoning"},
    "response_format": {"json_object", "json_schema"},
    "json_schema": {"json_object", "json_schema"},
}

# Those that Model.parameters speaks of.
_SAMPLING = {
    "temperature",
    "top_p",
    "max_tokens",
    "presence_penalty",
    "frequency_penalty",
    "seed",
}


def model_schema(model: node_pb.Model, others: Sequence[str]) -> dict[str, Any]:
    """The members of AIModelEntity; `others` are models to fall back to."""
    return {
        "model": model.id,
        "label": dict.fromkeys(_LANGUAGES, model.label or model.id),
        "model_type": "llm",
        "features": _features(set(model.capabilities)),
        "model_properties": {
            "mode": "chat",
            "context_size": model.context_size or _CONTEXT_SIZE,
        },
        "parameter_rules": _rules(model, others),
        "pricing": {
            "input": model.prompt_price or "0",
            "output": model.completion_price or "0",
            "unit": "0.000001",
            "currency": model.currency or "USD",
        },
    }


def _features(capabilities: set[str]) -> list[str]:
    features = ["agent-thought"]
    for capability, names in _FEATURES.items():
        if capability in capabilities:
            features += [name for name in names if name not in features]
    return features


def _rules(model: node_pb.Model, others: Sequence[str]) -> list[dict[str, Any]]:
    most = model.max_output_tokens or _MAX_OUTPUT_TOKENS
    own: dict[str, dict[str, Any]] = {
        "max_tokens": {"max": most, "default": min(_DEFAULT_OUTPUT_TOKENS, most)},
        "fallback_model": {"options": list(others), "default": others[0]} if others else {},
    }
    capabilities = set(model.capabilities)
    # An older service does not say what the model takes.
    refused = _SAMPLING - set(model.parameters) if model.parameters else set()
    rules: list[dict[str, Any]] = yaml.safe_load(_RULES.read_text(encoding="utf-8"))
    return [
        rule | own.get(rule["name"], {})
        for rule in rules
        if rule["name"] not in refused
        and (not _NEEDS.get(rule["name"]) or _NEEDS[rule["name"]] & capabilities)
    ]


def unknown_model(name: str) -> node_pb.Model:
    """A model outside the catalog: the upstream knows what it can."""
    return node_pb.Model(
        id=name,
        capabilities=["tools", "parallel_tools", "json_object", "json_schema", "reasoning"],
    )
