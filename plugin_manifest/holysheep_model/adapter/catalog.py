"""The service's catalog, as customizable models need it.

Dify asks for a model's schema before every call, so the catalog is kept for a
minute. Without the service a model is described as an unknown one: the call
itself will say what is wrong.
"""

from __future__ import annotations

import time
from collections import OrderedDict

from holysheep_client.errors import NodeError
from holysheep_client.node import Node
from holysheep_client.settings import Settings
from holysheep_client.stubs import node_pb2 as node_pb

_FRESH_SECONDS = 60.0
_MAX_CATALOGS = 32

Models = dict[str, node_pb.Model]
_catalogs: OrderedDict[Settings, tuple[float, Models]] = OrderedDict()


def models_of(settings: Settings) -> Models:
    """By id; empty if the service does not say."""
    asked, models = _catalogs.get(settings, (0.0, {}))
    if models and time.monotonic() - asked < _FRESH_SECONDS:
        return models
    try:
        models = {model.id: model for model in Node(settings).models()}
    except NodeError:
        return models
    _catalogs[settings] = (time.monotonic(), models)
    if len(_catalogs) > _MAX_CATALOGS:
        _catalogs.popitem(last=False)
    return models
