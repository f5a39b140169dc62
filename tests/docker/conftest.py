"""Fixtures: the built image, containers of it in a network of their own, and the
simulated upstream beside them. Takes root, for containers do."""

import json
import os
import pathlib
import subprocess
import sys
import time
import types

import pytest

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

from harness.network import Network  # noqa: E402
from harness.process import ROOT, environment, wait_until  # noqa: E402
from harness.sim import Sim  # noqa: E402
from support import compose  # noqa: E402
from support.container import Container  # noqa: E402
from support.image import Image  # noqa: E402

KEY = "hs-image-0123456789abcdef0123456789"


@pytest.fixture(scope="session")
def image():
    """What scripts/image has built last."""
    archives = (ROOT / "dist").glob("holysheep-node-*.tar")
    return Image(max(archives, key=lambda archive: archive.stat().st_mtime))


@pytest.fixture(scope="session")
def unpacked(image, tmp_path_factory):
    assert os.geteuid() == 0, "containers take root"
    rootfs = tmp_path_factory.mktemp("image")
    rootfs.chmod(0o755)
    start = time.monotonic()
    image.unpack(rootfs)
    return types.SimpleNamespace(image=image, rootfs=rootfs, seconds=time.monotonic() - start)


@pytest.fixture
def network():
    network = Network()
    yield network
    network.close()


@pytest.fixture
def upstream(network, tmp_path):
    """A simulator that containers reach."""
    server = Sim(tmp_path, network.host)
    yield server
    assert server.stop() == 0


@pytest.fixture
def secrets(tmp_path, image):
    """The folder `secrets` as docs/deploy.md has it made."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    file = folder / "holysheep_api_key"
    file.write_text(KEY)
    os.chown(file, *map(int, image.config["User"].split(":")))
    file.chmod(0o400)
    return folder


@pytest.fixture
def start(unpacked, network, tmp_path):
    """Starts a container: start("--check", mounts={...}, HOLYSHEEP_...="...")."""
    containers = []

    def start(*arguments, mounts=None, volumes=None, **env):
        log = tmp_path / f"container{len(containers)}.log"
        containers.append(Container(unpacked, network, log, env, arguments, mounts, volumes))
        return containers[-1]

    yield start
    for container in containers:
        if container.process.poll() is None:
            container.kill()


@pytest.fixture
def service(start, upstream, secrets):
    """The service as compose.yaml has it, healthy."""
    started = time.monotonic()
    model = compose.project("compose.yaml", HOLYSHEEP_SECRETS=secrets,
                            HOLYSHEEP_BASE_URL=upstream.url)
    container = start(mounts=compose.bound_files(model, "holysheep-node"),
                      **model["services"]["holysheep-node"]["environment"])
    container.started = started
    container.grace = compose.seconds(model["services"]["holysheep-node"]["stop_grace_period"])
    wait_until(container.is_healthy, 30, f"health:\n{container.log()}")
    return container


@pytest.fixture
def ask(network):
    """Calls the service from outside: ask("Hallo"); the result has returncode, stdout
    and stderr, and the answer if there was one."""

    def ask(query, *flags):
        run = subprocess.run(
            [ROOT / "build/tools/grpcurl", *(flags or ["-plaintext"]), "-d",
             json.dumps({"query": query}), f"{network.container}:50051",
             "holysheep.node.v1.LlmNode/Invoke"],
            env=environment(), text=True, capture_output=True, timeout=60, check=False)
        run.answer = json.loads(run.stdout) if run.returncode == 0 else None
        return run

    return ask
