"""Which Python the scripts take for the plugins, and what they say without one."""

import shutil
import subprocess
import sys

import pytest
import stage

BRING = """set -euo pipefail
source "$1/scripts/lib/common.sh"
source "$1/scripts/lib/plugins.sh"
PATH=$2
bring_plugin_python
"""
# What stands for the building of one: it leaves what it is told to, or nothing.
BUILD = """#!/bin/bash
mkdir -p "${0%/*}/../../.cache/python/bin"
cp "${0%/*}/built" "${0%/*}/../../.cache/python/bin/python3"
"""


@pytest.fixture
def bring(tmp_path):
    """Looks for a Python where there are only these programs: {name: its body}."""
    project, path = tmp_path / "project", tmp_path / "bin"
    (project / "scripts/lib").mkdir(parents=True)
    path.mkdir()
    for name in ("common.sh", "plugins.sh"):
        shutil.copy(stage.ROOT / "scripts/lib" / name, project / "scripts/lib")
    for name in ("basename", "cp", "mkdir"):
        (path / name).symlink_to(shutil.which(name))

    def write(program, body):
        program.write_text(body)
        program.chmod(0o755)

    def bring(built=None, **programs):
        write(project / "scripts/lib/build-python", BUILD)
        if built:
            write(project / "scripts/lib/built", f"#!/bin/sh\n{built}\n")
        for name, body in programs.items():
            write(path / name.replace("_", "."), f"#!/bin/sh\n{body}\n")
        return subprocess.run(["bash", "-c", BRING, "bring", project, path], text=True,
                              capture_output=True, check=False)

    return bring


NEW_ENOUGH = f'exec {sys.executable} "$@"'
BUILDING = "No Python 3.12 or newer"


def test_the_first_that_is_new_enough_is_taken(bring, tmp_path):
    found = bring(python3="exit 1", python3_12="exit 1", python3_15=NEW_ENOUGH)
    assert (found.returncode, found.stdout) == (0, f"{tmp_path}/bin/python3.15\n")
    assert BUILDING not in found.stderr


def test_where_there_is_none_it_says_so_in_a_line_and_builds_one_once(bring, tmp_path):
    built = f"{tmp_path}/project/.cache/python/bin/python3\n"
    brought = bring(python3="exit 1", built=NEW_ENOUGH)
    assert (brought.returncode, brought.stdout) == (0, built)
    (line,) = filter(None, brought.stderr.splitlines())
    assert BUILDING in line and "building the one of Debian 13 into .cache/python" in line
    again = bring(python3="exit 1")
    assert (again.returncode, again.stdout, again.stderr) == (0, built, "")


def test_if_none_can_be_built_it_says_what_else_brings_one(bring):
    failed = bring(python3="exit 1")
    assert failed.returncode == 1 and not failed.stdout
    for said in (BUILDING, "pyenv install 3.12", "uv python install 3.12"):
        assert said in failed.stderr
