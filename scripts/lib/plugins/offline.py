"""Makes the packages for a Dify without internet: with all wheels inside.

    python -m offline STAGED DIST MACHINE     MACHINE is amd64 or arm64

Dify's plugin daemon installs from requirements.txt where there is no
pyproject.toml, so that one is left out. Not for the marketplace.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from archive import plugins_in, version_of, write_archive

# Dify runs its plugins with Python 3.12 on Debian 12 or newer.
_PYTHON = "3.12"
LIBC = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_17", "manylinux2014")
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_HEAD = "--no-index\n--find-links=./wheels/\n"


def download(requirements, machine, wheels):
    platforms = [f"--platform={libc}_{MACHINES[machine]}" for libc in LIBC]
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet",
                    "--disable-pip-version-check", "--only-binary=:all:", "--no-deps",
                    "--require-hashes", f"--python-version={_PYTHON}", *platforms,
                    f"--requirement={requirements}", f"--dest={wheels}"], check=True)


def main(staged, dist, machine):
    for plugin in plugins_in(staged):
        with tempfile.TemporaryDirectory() as work:
            folder = Path(work) / plugin.name
            shutil.copytree(plugin, folder)
            requirements = folder / "requirements.txt"
            download(requirements, machine, folder / "wheels")
            requirements.write_text(_HEAD + requirements.read_text())
            (folder / "pyproject.toml").unlink()
            name = f"{plugin.name}-{version_of(plugin)}-offline-{machine}.difypkg"
            write_archive(folder, Path(dist) / name)
            print(f"{name}: {(Path(dist) / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
