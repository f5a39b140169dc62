"""Fixtures: the packages, unpacked; plugin processes; and what they talk to."""

import contextlib
import importlib
import pathlib
import sys
import types
import zipfile
from concurrent import futures

import grpc
import pytest

ROOT = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "scripts/lib/plugins"),
                str(pathlib.Path(__file__).parent)]

import archive  # noqa: E402
import stage  # noqa: E402
from harness.node import Node, default_config, merged  # noqa: E402
from harness.sim import Sim  # noqa: E402
from harness.upstream import Upstream  # noqa: E402
from support.model import Model  # noqa: E402
from support.plugin import Plugin  # noqa: E402
from support.tool import Tools  # noqa: E402
from support.workflow import Dify  # noqa: E402


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """The folder of the packages, made anew."""
    folder = tmp_path_factory.mktemp("packages")
    stage.stage(folder / "staged")
    archive.main(folder / "staged", folder / "dist")
    return folder


@pytest.fixture(scope="session")
def unpacked(packages):
    """The unpacked packages, by the name of the plugin."""
    folders = {}
    for package in sorted((packages / "dist").glob("*.difypkg")):
        folder = packages / "unpacked" / package.name.partition("-")[0]
        with zipfile.ZipFile(package) as file:
            file.extractall(folder)
        folders[folder.name] = folder
    return folders


@pytest.fixture(scope="session")
def api(packages):
    """The service's API, as the plugins have it."""
    sys.path.insert(0, str(packages / "staged/holysheep_model"))
    names = ("chat_pb2", "node_pb2", "node_pb2_grpc")
    return types.SimpleNamespace(
        **{name: importlib.import_module(f"holysheep_client.stubs.{name}") for name in names})


@contextlib.contextmanager
def node_starter(api, folder):
    nodes = []

    def start(base_url, env=None, **config):
        home = folder / f"node{len(nodes)}"
        home.mkdir()
        base = merged(default_config(base_url), {"limits": {"requests_per_minute": 0}})
        nodes.append(Node(api, home, merged(base, config), env))
        return nodes[-1]

    yield start
    for node in nodes:
        assert node.stop() == 0, node.log()[-4000:]


@pytest.fixture
def start_node(api, tmp_path):
    """Starts a service: start_node(base_url, cache={"ttl": "1s"}, ...)."""
    with node_starter(api, tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def sim(tmp_path_factory):
    server = Sim(tmp_path_factory.mktemp("sim"))
    yield server
    assert server.stop() == 0


@pytest.fixture(autouse=True)
def faultless(request):
    """Every test of the simulator begins without faults."""
    if "sim" in request.fixturenames:
        request.getfixturevalue("sim").reset()


@pytest.fixture(scope="module")
def node(api, sim, tmp_path_factory):
    """One service in front of the simulator for the tests of a file."""
    with node_starter(api, tmp_path_factory.mktemp("node")) as start:
        yield start(sim.url, breaker={"failures": 0}, retry={"max_attempts": 1})


@pytest.fixture
def upstream():
    server = Upstream()
    yield server
    server.close()


@pytest.fixture
def serve(api):
    """Starts a service of the test: serve(servicer) is its address."""
    servers = []

    def start(servicer):
        server = grpc.server(futures.ThreadPoolExecutor(2))
        api.node_pb2_grpc.add_LlmNodeServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
        return f"127.0.0.1:{port}"

    yield start
    for server in servers:
        server.stop(None).wait()


@contextlib.contextmanager
def running(folder, **options):
    plugin = Plugin(folder, **options)
    try:
        yield plugin
        assert plugin.process.poll() is None, plugin.stderr()[-4000:]
        assert not plugin.strays
        assert not plugin.errors
    finally:
        plugin.close()


@pytest.fixture(scope="session")
def model_plugin(unpacked):
    with running(unpacked["holysheep_model"], heartbeat=0.2) as plugin:
        yield plugin


@pytest.fixture(scope="session")
def tool_plugin(unpacked):
    with running(unpacked["holysheep_tool"], heartbeat=0.2) as plugin:
        yield plugin


@pytest.fixture
def model(model_plugin, node):
    return Model(model_plugin, {"node_address": node.address, "tls": "off"})


@pytest.fixture
def tools(tool_plugin, node):
    return Tools(tool_plugin, {"node_address": node.address, "tls": "off"})


@pytest.fixture
def dify(model_plugin, tool_plugin, unpacked, start_node, upstream):
    """Dify's workflow engine over both plugins, a service and the test's upstream."""
    credentials = {"node_address": start_node(upstream.url).address}
    return Dify(Model(model_plugin, credentials), Tools(tool_plugin, credentials),
                unpacked["holysheep_model"], unpacked["holysheep_tool"])
