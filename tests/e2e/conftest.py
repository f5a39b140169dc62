"""Fixtures: the generated API, upstreams, and a service for each test."""

import contextlib
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

from harness.api import generate  # noqa: E402
from harness.node import Node, default_config, merged  # noqa: E402
from harness.sim import Sim  # noqa: E402
from harness.upstream import Upstream  # noqa: E402


@pytest.fixture(scope="session")
def api(tmp_path_factory):
    """The Python modules of the API, generated from its .proto files."""
    return generate(tmp_path_factory.mktemp("api"))


@pytest.fixture
def chat(api):
    """The messages of a call: chat.InvokeRequest(...)."""
    return api.chat_pb2


@pytest.fixture
def messages(api):
    """The messages of all other RPCs: messages.GetStatsRequest(...)."""
    return api.node_pb2


@pytest.fixture
def upstream():
    server = Upstream()
    yield server
    server.close()


@pytest.fixture
def sim(tmp_path):
    """A holysheep-sim of this test's own, faultless at first."""
    server = Sim(tmp_path)
    yield server
    assert server.stop() == 0


@contextlib.contextmanager
def starter(api, folder):
    nodes = []

    def start(base_url, env=None, credentials=None, before=(), **config):
        home = folder / f"node{len(nodes)}"
        home.mkdir()
        nodes.append(Node(api, home, merged(default_config(base_url), config), env,
                          credentials=credentials, before=before))
        return nodes[-1]

    yield start
    # A sanitizer that found something makes the exit status.
    for node in nodes:
        assert node.stop() == 0, node.log()[-4000:]


@pytest.fixture
def start_node(api, tmp_path):
    """Starts a service: start_node(base_url, cache={"ttl": "1s"}, ...)."""
    with starter(api, tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def shared(api, tmp_path_factory):
    """One service, and its upstream, for all tests of a file that leave no trace."""
    server = Upstream()
    with starter(api, tmp_path_factory.mktemp("shared")) as start:
        node = start(server.url, limits={"requests_per_minute": 0})
        node.upstream = server
        yield node
    server.close()


@pytest.fixture
def node(start_node, upstream):
    """The service in front of the upstream of this test."""
    return start_node(upstream.url)
