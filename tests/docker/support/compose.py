"""Compose files, read by the library of Docker Compose."""

import json
import re
import subprocess

from harness.process import ROOT, environment

DOCKER = ROOT / "docker"
COMPOSE_PROJECT = ROOT / "build/tools/compose-project"


def read(*files, folder=DOCKER, **env):
    """The files as one project; the result has returncode, stderr and stdout (JSON)."""
    return subprocess.run([COMPOSE_PROJECT, *map(str, files)], cwd=folder,
                          env=environment(**env), text=True, capture_output=True, timeout=30,
                          check=False)


def project(*files, **options):
    """The whole project as Docker Compose would run it."""
    run = read(*files, **options)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def bound_files(model, service):
    """{host path: path inside} of the files and folders that a service is given."""
    mounts = {volume["source"]: volume["target"]
              for volume in model["services"][service].get("volumes", [])
              if volume["type"] == "bind"}
    secrets = {model["secrets"][secret["source"]]["file"]: secret["target"]
               for secret in model["services"][service].get("secrets", [])}
    return mounts | secrets


def seconds(duration):
    """A duration such as 1m30s."""
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(int(n) * units[unit] for n, unit in re.findall(r"(\d+)([hms])", duration))
