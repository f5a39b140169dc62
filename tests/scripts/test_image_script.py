"""scripts/image: which builder it takes, and when an image is too big."""

import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

import pytest

ROOT = pathlib.Path(__file__).parents[2]
SIZE = ROOT / "scripts/lib/image_size.py"

# A Docker whose engine answers: it writes down what it is asked for, and saves the
# image that the test has made.
DOCKER = """#!/usr/bin/env bash
printf '%s\\n' "$*" >>"$CALLS"
case $1 in
  build) [[ $* != *-q* ]] || echo sha256:base ;;
  image) echo 1 ;;
  save) cp "$IMAGE" "$3" ;;
esac
"""


def add(archive, name, data):
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def save_image(path, *layer_sizes):
    """What `docker save` writes for an image whose layers have one file each."""
    names = [f"{number}.tar" for number in range(len(layer_sizes))]
    with tarfile.open(path, "w") as outer:
        for name, size in zip(names, layer_sizes, strict=True):
            layer = io.BytesIO()
            with tarfile.open(fileobj=layer, mode="w") as inner:
                add(inner, "file", bytes(size))
            add(outer, name, layer.getvalue())
        add(outer, "manifest.json", json.dumps([{"Config": "c.json", "Layers": names}]).encode())


@pytest.fixture
def project(tmp_path):
    """Enough of the project for the script, whose Docker is ours."""
    for name in ("scripts/image", "scripts/lib/common.sh", "scripts/lib/image_size.py",
                 "CMakeLists.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    docker = tmp_path / "bin/docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    return tmp_path


def build(project):
    env = os.environ | {"PATH": f"{project}/bin:{os.environ['PATH']}",
                        "CALLS": str(project / "calls"), "IMAGE": str(project / "saved.tar")}
    return subprocess.run([project / "scripts/image"], env=env, text=True, capture_output=True,
                          timeout=60, check=False)


def size(path, base_layers, max_mb):
    return subprocess.run([sys.executable, SIZE, path, str(base_layers), str(max_mb)], text=True,
                          capture_output=True, check=False)


def test_builds_with_docker_where_its_engine_answers(project):
    save_image(project / "saved.tar", 2_000_000, 1_000_000)
    run = build(project)
    assert run.returncode == 0, run.stderr
    assert "3.0 MB, of which 1.0 MB are beyond the base" in run.stdout
    calls = (project / "calls").read_text().splitlines()
    assert [call.split()[0] for call in calls] == ["info", "build", "build", "image", "save"]
    assert calls[1].startswith("build -f docker/Dockerfile -t holysheep-node:")
    (archive,) = (project / "dist").iterdir()
    assert archive.read_bytes() == (project / "saved.tar").read_bytes()


def test_fails_if_the_image_is_too_big(project):
    save_image(project / "saved.tar", 1_000_000, 121_000_000)
    run = build(project)
    assert run.returncode == 1
    assert "121.0 MB are beyond the base" in run.stdout


def test_does_not_count_the_base(tmp_path):
    save_image(tmp_path / "image.tar", 5_000_000, 1_000_000, 2_000_000)
    told = size(tmp_path / "image.tar", 1, 3)
    assert (told.returncode, told.stdout) == (
        0, "8.0 MB, of which 3.0 MB are beyond the base (at most 3)\n")
    assert size(tmp_path / "image.tar", 1, 2.9).returncode == 1
