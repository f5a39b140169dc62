"""A Prometheus that watches one service as docker/prometheus says."""

import socket
import urllib.error

import yaml
from harness.process import ROOT, Process, environment, wait_until
from prometheus import DIRECT, Prometheus

FOLDER = ROOT / "docker/prometheus"
# Seconds between two scrapes: a page of metrics comes once a second at most.
SCRAPE = 1.1


def alerts():
    """The rules of alerts.yml."""
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def free_port():
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configuration(target):
    """The real one, but with this target, and quick."""
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    config["global"] = {name: f"{SCRAPE * 1000:.0f}ms" for name in config["global"]}
    config["rule_files"] = [str(FOLDER / name) for name in config["rule_files"]]
    job, = config["scrape_configs"]
    job["static_configs"] = [{"targets": [target]}]
    return config


class Server(Prometheus):
    def __init__(self, folder, target):
        super().__init__(f"http://127.0.0.1:{free_port()}")
        config = folder / "prometheus.yml"
        config.write_text(yaml.safe_dump(configuration(target)))
        self.process = Process(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
             f"--web.listen-address={self.url.removeprefix('http://')}"],
            folder / "prometheus.log", environment())
        wait_until(self._is_ready, 30, "Prometheus")

    def _is_ready(self):
        assert self.process.process.poll() is None, self.process.log()
        try:
            return DIRECT.open(f"{self.url}/-/ready", timeout=5).status == 200
        except urllib.error.URLError:
            return False

    def sum(self, selector):
        """Of all series; 0 if there are none."""
        return sum(value for _, value in self.now(selector))

    def stop(self):
        return self.process.stop()
