"""Which Python the scripts take for the plugins, and what they say without one."""

import shutil
import subprocess
import sys

import pytest
import stage

FIND = """set -euo pipefail
cd "$1"
source scripts/lib/common.sh
source scripts/lib/plugins.sh
PATH=$2
find_plugin_python
"""


@pytest.fixture
def find(tmp_path):
    """Looks for a Python where there are only these programs: {name: its body}."""

    def find(**programs):
        (tmp_path / "basename").symlink_to(shutil.which("basename"))
        for name, body in programs.items():
            program = tmp_path / name.replace("_", ".")
            program.write_text(f"#!/bin/sh\n{body}\n")
            program.chmod(0o755)
        return subprocess.run(["bash", "-c", FIND, "find", stage.ROOT, tmp_path], text=True,
                              capture_output=True, check=False)

    return find


def test_an_old_python_alone_is_a_failure_that_says_what_is_missing(find):
    found = find(python3="exit 1")
    assert found.returncode == 1 and not found.stdout
    for said in ("Python 3.12 or newer", "Debian 12 has 3.11", "pyenv install 3.12"):
        assert said in found.stderr


def test_the_first_that_is_new_enough_is_taken(find, tmp_path):
    found = find(python3="exit 1", python3_12="exit 1", python3_13=f'exec {sys.executable} "$@"')
    assert (found.returncode, found.stdout) == (0, f"{tmp_path}/python3.13\n")
