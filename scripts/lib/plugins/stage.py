"""Puts the plugins together: their own files, the shared client, its stubs.

    python -m stage OUT     writes OUT/holysheep_model and OUT/holysheep_tool
"""

import fnmatch
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "plugin_manifest"
CLIENT = SOURCES / "client" / "holysheep_client"
PROTO = ROOT / "proto"
PLUGINS = ("holysheep_model", "holysheep_tool")

# The generated modules import each other by the names of their packages, which
# would have to be on the path; in the plugins they lie side by side.
_IMPORT = re.compile(r"^from (?:holysheep\.node\.v1|google\.rpc) import", re.MULTILINE)


def files_of(folder, patterns):
    """The files under a folder that no pattern of .difyignore leaves out."""
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not is_ignored(relative, patterns):
            yield relative


def is_ignored(relative, patterns):
    parts = relative.parts
    for pattern in patterns:
        names = parts[:-1] if pattern.endswith("/") else parts
        if any(fnmatch.fnmatch(name, pattern.rstrip("/")) for name in names):
            return True
    return False


def ignored_by(plugin):
    lines = (SOURCES / plugin / ".difyignore").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def write_stubs(out):
    """Generates the modules of the service's API into the folder `out`."""
    out.mkdir(parents=True)
    protos = sorted(str(path) for path in PROTO.rglob("*.proto"))
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}",
                        f"--python_out={work}", f"--pyi_out={work}",
                        f"--grpc_python_out={work}", *protos], check=True)
        for path in sorted(Path(work).rglob("*.py*")):
            text = _IMPORT.sub("from holysheep_client.stubs import", path.read_text())
            (out / path.name).write_text(text)
    # A file without a service has an empty one of these.
    for name in ("chat_pb2_grpc.py", "error_details_pb2_grpc.py"):
        (out / name).unlink()
    (out / "__init__.py").write_text('"""The service\'s API, generated from proto/."""\n')


def copy(source, target):
    if source.suffix == ".md":
        target.write_text(unwrapped(source.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        shutil.copyfile(source, target)


def unwrapped(markdown):
    """Each paragraph in one line, for Dify, which shows the end of a line as a break."""
    out, is_code = [], False
    for line in markdown.splitlines():
        is_fence = line.lstrip().startswith("```")
        if not is_code and not is_fence and out and continues(out[-1], line):
            out[-1] = joined(out[-1], line.strip())
        else:
            out.append(line)
        is_code ^= is_fence
    return "\n".join(out) + "\n"


_OF_ITS_OWN = re.compile(r"\s*($|[#|>]|```|[-*] |\d+\. )")
_WHOLE = re.compile(r"\s*($|[#|]|```)|    ")


def continues(before, line):
    """Whether a line is part of the paragraph or the list's entry before it."""
    return not _OF_ITS_OWN.match(line) and not _WHOLE.match(before)


def joined(before, line):
    """Chinese and Japanese have no blanks between words."""
    wide = all(unicodedata.east_asian_width(c) in "WF" for c in (before[-1], line[0]))
    return before + ("" if wide else " ") + line


def stage(out):
    shutil.rmtree(out, ignore_errors=True)
    stubs = out / "stubs"
    write_stubs(stubs)
    for plugin in PLUGINS:
        patterns = ignored_by(plugin)
        copies = [(SOURCES / plugin, Path()), (CLIENT, Path("holysheep_client")),
                  (stubs, Path("holysheep_client/stubs"))]
        for source, place in copies:
            for relative in files_of(source, patterns):
                target = out / plugin / place / relative
                target.parent.mkdir(parents=True, exist_ok=True)
                copy(source / relative, target)
    shutil.rmtree(stubs)


if __name__ == "__main__":
    stage(Path(sys.argv[1]))
