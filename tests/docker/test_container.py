"""The image at work: the service of compose.yaml in a container of its own, called
from outside."""

import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest
from conftest import KEY
from harness.certificates import Authority
from harness.http import get
from harness.process import ROOT, Process, environment, wait_until
from support import compose

KEY_FILE = "/run/secrets/holysheep_api_key"
GRPCURL = ROOT / "build/tools/grpcurl"


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def usage(network):
    said = subprocess.run([GRPCURL, "-plaintext", f"{network.container}:50051",
                           "holysheep.node.v1.NodeAdmin/GetUsage"], env=environment(),
                          text=True, capture_output=True, timeout=30, check=True)
    return json.loads(said.stdout)


@pytest.fixture
def stream(upstream, service, network, tmp_path):
    """A streamed call of three seconds that has begun."""
    upstream.control(token_ms=100, tokens=30)
    call = Process([GRPCURL, "-plaintext", "-d", '{"query": "Count"}',
                    f"{network.container}:50051", "holysheep.node.v1.LlmNode/InvokeStream"],
                   tmp_path / "stream.log", environment())
    call.wait_for_log('"text"')
    yield call
    call.stop()


def test_answers_grpcurl_within_60_s_of_the_built_image(unpacked, service, ask, capsys):
    run = ask("Hallo")
    assert run.returncode == 0, run.stderr + service.log()
    assert run.answer["result"] == "You said: Hallo"
    seconds = unpacked.seconds + time.monotonic() - service.started
    with capsys.disabled():
        print(f"\nfrom the built image to an answered grpcurl: {seconds:.1f} s"
              f" (unpacking it: {unpacked.seconds:.1f} s)")
    assert seconds < 60


def test_runs_with_the_rights_of_nobody_in_particular(image, service):
    status = service.status()
    uid, gid = image.config["User"].split(":")
    assert status["Uid"].split() == [uid] * 4
    assert status["Gid"].split() == [gid] * 4
    assert status["NSpid"].split()[-1] == "1"
    assert status["CapPrm"] == status["CapBnd"] == "0" * 16
    assert status["NoNewPrivs"] == "1"


def test_needs_no_place_to_write(service, ask):
    assert ask("Hallo").returncode == 0
    mounts = [line.split() for line in
              pathlib.Path(f"/proc/{service.pid}/mountinfo").read_text().splitlines()]
    writable = {mount[4] for mount in mounts if "ro" not in mount[5].split(",")}
    # No tmpfs, as compose.yaml gives it none: /dev is root's.
    assert {place for place in writable if not place.startswith("/dev")} == {"/proc"}


def test_stays_far_below_the_limits_of_compose(service, ask):
    limits = compose.project("compose.yaml")["services"]["holysheep-node"]["deploy"][
        "resources"]["limits"]
    for number in range(20):
        assert ask(f"question {number}").returncode == 0
    status = service.status()
    assert int(status["Threads"]) < limits["pids"] / 2
    assert int(status["VmRSS"].split()[0]) * 1024 < int(limits["memory"]) / 2


def test_shows_its_metrics_where_prometheus_looks(network, service, ask):
    assert ask("Hallo").returncode == 0
    metrics = get(f"{network.container}:9464", "/metrics")
    assert 'holysheep_requests_total{' in metrics.body


def test_the_health_check_tells_a_drain(service, stream):
    assert service.check_health().stdout.strip() == "SERVING"
    service.send(signal.SIGTERM)
    wait_until(lambda: service.check_health().returncode != 0, 2, "bad health")
    assert stream.process.poll() is None


def test_sigterm_lets_running_calls_end_within_the_grace_time(service, stream):
    service.send(signal.SIGTERM)
    assert service.wait(service.grace) == 0
    assert stream.wait(5) == 0
    assert stream.log().count('"text"') == 30 and '"final"' in stream.log()


def test_listening_to_others_must_be_asked_for_by_name(start, secrets):
    container = start(HOLYSHEEP_API_KEY=KEY)
    assert container.wait() == 2
    (line,) = container.log().splitlines()
    assert "allow_insecure" in line


def test_a_configuration_is_checked_before_an_upgrade(start, tmp_path):
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "node.yaml").write_text("cache: {ttl: soon}\n")
    settings = {"HOLYSHEEP_API_KEY": KEY, "HOLYSHEEP_ALLOW_INSECURE": "1"}
    assert start("--check", **settings).wait() == 0
    bad = start("--check", mounts={folder: "/etc/holysheep"}, **settings)
    assert bad.wait() == 2
    assert "/etc/holysheep/node.yaml:1: cache.ttl" in bad.log()


def test_a_key_file_that_its_user_may_not_read_is_named(start, secrets):
    file = secrets / "holysheep_api_key"
    os.chown(file, 0, 0)
    container = start(mounts={file: KEY_FILE}, HOLYSHEEP_API_KEY_FILE=KEY_FILE,
                      HOLYSHEEP_ALLOW_INSECURE="1")
    assert container.wait() == 2
    (line,) = container.log().splitlines()
    assert "HOLYSHEEP_API_KEY_FILE" in line and "permission denied" in line


def test_a_key_written_into_its_file_is_used_after_sighup(upstream, service, secrets, ask):
    new = KEY[::-1]
    upstream.control(keys=[sha256(new)])
    assert "UPSTREAM_AUTH" in ask("first").stderr
    (secrets / "holysheep_api_key").write_text(new)
    service.send(signal.SIGHUP)
    service.wait_for_log("configuration reloaded")
    assert ask("second").answer["result"] == "You said: second"


def test_the_ledger_on_a_volume_outlives_the_container(
        start, upstream, secrets, ask, network, unpacked, tmp_path):
    text = (ROOT / "docker/config/node.yaml").read_text()
    config, volume = tmp_path / "config", tmp_path / "volume"
    config.mkdir()
    (config / "node.yaml").write_text(text.replace("# ledger:", "ledger:"))
    # As an engine makes a volume: a copy of what the image has at its place.
    shutil.copytree(unpacked.rootfs / "var/lib/holysheep", volume)
    shutil.copystat(unpacked.rootfs / "var/lib/holysheep", volume)
    owner = (unpacked.rootfs / "var/lib/holysheep").stat()
    os.chown(volume, owner.st_uid, owner.st_gid)
    for calls in (1, 2):
        container = start(
            mounts={config: "/etc/holysheep", secrets / "holysheep_api_key": KEY_FILE},
            volumes={volume: "/var/lib/holysheep"}, HOLYSHEEP_API_KEY_FILE=KEY_FILE,
            HOLYSHEEP_BASE_URL=upstream.url, HOLYSHEEP_ALLOW_INSECURE="1")
        wait_until(container.is_healthy, 20, f"health:\n{container.log()}")
        assert ask("Hallo").returncode == 0
        assert usage(network)["total"]["calls"] == str(calls)
        assert container.stop() == 0


def test_with_tls_and_tokens_nothing_insecure_is_allowed(
        start, upstream, secrets, network, ask, tmp_path, image):
    folder = tmp_path / "config"
    certificate, key = Authority(folder).sign("node", alt="DNS:holysheep-node")
    os.chown(key, *map(int, image.config["User"].split(":")))
    (folder / "node.yaml").write_text(json.dumps({
        "tls": {"cert_file": f"/etc/holysheep/{certificate.name}",
                "key_file": f"/etc/holysheep/{key.name}"},
        "auth": {"tokens": [{"name": "dify", "sha256": sha256("a-token")}]}}))
    folder.chmod(0o755)
    container = start(
        mounts={folder: "/etc/holysheep", secrets / "holysheep_api_key": KEY_FILE},
        HOLYSHEEP_API_KEY_FILE=KEY_FILE, HOLYSHEEP_BASE_URL=upstream.url,
        HOLYSHEEP_TLS_CA="/etc/holysheep/ca.pem", HOLYSHEEP_TLS_SERVER_NAME="holysheep-node")
    wait_until(container.is_healthy, 20, f"health:\n{container.log()}")
    tls = ["-cacert", str(folder / "ca.pem"), "-authority", "holysheep-node"]
    bearer = ["-H", "authorization: Bearer a-token"]
    assert "Unauthenticated" in ask("Hallo", *tls).stderr
    # grpcurl asks for reflection with the same headers.
    assert ask("Hallo", *tls, *bearer).answer["result"] == "You said: Hallo"
