"""Fixtures: the service under load, and a real Prometheus that watches it."""

import pathlib
import sys
import types

import pytest

ROOT = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "scripts/lib/dashboard"),
                str(pathlib.Path(__file__).parent)]

from harness.api import generate  # noqa: E402
from harness.http import http_address  # noqa: E402
from harness.node import Node, default_config, merged  # noqa: E402
from harness.process import wait_until  # noqa: E402
from harness.sim import Sim  # noqa: E402
from support.server import Server  # noqa: E402
from support.traffic import CONFIG, Traffic  # noqa: E402


@pytest.fixture(scope="session")
def api(tmp_path_factory):
    return generate(tmp_path_factory.mktemp("api"))


@pytest.fixture(scope="session")
def sim(tmp_path_factory):
    server = Sim(tmp_path_factory.mktemp("sim"))
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="session")
def node(api, sim, tmp_path_factory):
    config = merged(default_config(sim.url), CONFIG)
    service = Node(api, tmp_path_factory.mktemp("node"), config)
    yield service
    assert service.stop() == 0, service.log()[-4000:]


@pytest.fixture(scope="session")
def prometheus(node, tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("prometheus"), http_address(node))
    yield server
    assert server.stop() == 0, server.process.log()[-4000:]


@pytest.fixture(scope="session")
def watched(node, sim, api, prometheus):
    """All of the above after a load run that Prometheus has seen to its end."""
    traffic = Traffic(node, sim, api)
    # Twice, with a look between: a series that is new has no rate yet.
    for _ in range(2):
        traffic.round()
        ended = len(traffic.answers) + len(traffic.errors)
        wait_until(lambda: prometheus.sum("holysheep_requests_total") == ended, 10,
                   f"{ended} calls in Prometheus")
    return types.SimpleNamespace(node=node, api=api, prometheus=prometheus, traffic=traffic)
