"""The packages for a Dify without internet install without one."""

import re
import subprocess
import sys
import zipfile

import offline
import pytest


@pytest.fixture(scope="module", params=["amd64", "arm64"])
def package(request, packages, tmp_path_factory):
    """An unpacked offline package, and the machine it is for."""
    folder = tmp_path_factory.mktemp("offline")
    only = folder / "staged"
    only.mkdir()
    (only / "holysheep_tool").symlink_to(packages / "staged/holysheep_tool")
    offline.main(only, folder / "dist", request.param)
    [file] = (folder / "dist").iterdir()
    assert file.stat().st_size < 50 * 1024 * 1024
    zipfile.ZipFile(file).extractall(folder / "unpacked")
    return folder / "unpacked", request.param


def test_the_wheels_are_all_that_is_needed(package, tmp_path):
    folder, machine = package
    platforms = [f"--platform={libc}_{offline.MACHINES[machine]}" for libc in offline.LIBC]
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--isolated",
                    "--disable-pip-version-check", "--no-cache-dir", "--require-hashes",
                    "--only-binary=:all:", "--python-version=3.12", *platforms,
                    "--requirement=requirements.txt", f"--target={tmp_path}"],
                   cwd=folder, check=True)
    assert (tmp_path / "grpc").is_dir() and (tmp_path / "dify_plugin").is_dir()


def test_the_daemon_is_led_to_the_wheels(package):
    folder, _ = package
    # With a pyproject.toml it would resolve again, from the internet.
    assert not (folder / "pyproject.toml").exists() and not (folder / "uv.lock").exists()
    head = (folder / "requirements.txt").read_text().splitlines()[:2]
    assert head == ["--no-index", "--find-links=./wheels/"]
    pins = re.findall(r"^([a-z0-9.-]+)==", (folder / "requirements.txt").read_text(), re.MULTILINE)
    assert len(list((folder / "wheels").iterdir())) == len(pins)
