"""The project's files, for the tests of its structure."""

import functools
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).parents[2]


@functools.cache
def files():
    """Every file of the project: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z",
         "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout
    paths = (ROOT / name for name in sorted(filter(None, listed.split("\0"))))
    return [path for path in paths if path.is_file()]


def cpp_files(*suffixes):
    return [path for path in files() if path.suffix in (suffixes or (".h", ".cc"))]


def name(path):
    return path.relative_to(ROOT).as_posix()


def includes(path):
    """What a C++ file includes, with the quotes or angle brackets."""
    return re.findall(r'^#include ([<"][^>"]+[>"])', path.read_text(), re.MULTILINE)
