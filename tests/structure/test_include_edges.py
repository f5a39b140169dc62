"""Which folder of src/ may include which, and where heavy headers may be."""

import collections
import re

import pytest

from project import ROOT, cpp_files, includes, name

# A folder of src/ and the folders it may include beside itself. The catalog and
# the price list are values of policy, so whoever speaks of models may include it.
ALLOWED = {
    "base": set(),
    "json": {"base"},
    "yaml": {"base"},
    "policy": {"base"},
    "net": {"base"},
    "http": {"base"},
    "chat": {"base", "json", "policy", "proto"},
    "openai": {"base", "json", "policy", "http", "chat", "proto"},
    "upstream": {"base", "policy", "http", "chat", "openai", "proto"},
    "layers": {"base", "json", "policy", "chat", "openai", "upstream", "proto"},
    "store": {"base", "policy", "chat", "proto"},
    "telemetry": {"base", "policy", "chat", "proto"},
    "jobs": {"base", "policy", "chat", "proto"},
    "intake": {"base", "json", "policy", "chat", "proto"},
    "rpc": {"base", "policy", "net", "chat", "layers", "jobs", "intake", "proto"},
    # A section of the configuration is the options of the part it is for.
    "config": {"base", "policy", "yaml", "http", "chat", "upstream", "layers", "telemetry", "intake", "rpc"},
    "load": {"proto"},
    "cli": {"base", "json", "policy", "yaml", "load", "proto"},
    "node": {"base", "json", "yaml", "policy", "net", "http", "chat", "openai", "upstream", "layers", "store",
             "telemetry", "jobs", "intake", "rpc", "config", "proto"},
}
# The same for the folders within the client's; main.cc and program.cc stand above
# them. A command is known to the command line alone.
ALLOWED_IN_CLI = {
    "terminal": set(),
    "client": {"terminal"},
    "commands": {"client", "terminal"},
    "batch": {"client", "terminal"},
    "bench": {"client", "terminal"},
    "args": {"terminal", "client", "commands", "batch", "bench"},
}
# Takes seconds to compile, so only the borders of the service may name it.
HEAVY = re.compile(r'["<](grpcpp|grpc|boost|curl|yaml-cpp|rapidjson|prometheus)/|\.grpc\.pb\.h"')
BORDERS = {"net", "http", "json", "yaml", "intake", "openai", "rpc", "telemetry", "config", "load", "cli",
           "node"}
# Folders whose heavy headers another may name: the codec reads and writes JSON, and
# so does the client with OpenAI's batch files.
SHARED = {("openai", "json"), ("cli", "json")}


# What a reader takes in at one look.
MAX_FILES = 45


def folder_of(include):
    """The folder that a project include names: proto for generated files."""
    path = include.strip('"')
    return "proto" if path.endswith(".pb.h") else path.split("/")[0]


def project_includes(path):
    """Other projects' headers are written with quotes, too."""
    ours = {*ALLOWED, "holysheep"}
    return [i for i in includes(path) if i.startswith('"') and i[1:].split("/")[0] in ours]


def source_files():
    return [path for path in cpp_files() if name(path).startswith("src/")]


def test_every_folder_has_its_row():
    folders = {name(path).split("/")[1] for path in source_files()}
    assert folders == set(ALLOWED)
    in_cli = {path.parent.name for path in source_files() if name(path).startswith("src/cli/")}
    assert in_cli - {"cli"} == set(ALLOWED_IN_CLI)


def test_no_folder_is_a_heap():
    sizes = collections.Counter(path.parent.relative_to(ROOT).as_posix() for path in cpp_files())
    assert not {folder: size for folder, size in sizes.items() if size > MAX_FILES}


@pytest.mark.parametrize("folder", sorted(ALLOWED))
def test_includes_only_what_it_may(folder):
    wrong = [
        f"{name(path)} includes {include}"
        for path in source_files()
        if name(path).split("/")[1] == folder
        for include in project_includes(path)
        if folder_of(include) not in ALLOWED[folder] | {folder}
    ]
    assert not wrong


@pytest.mark.parametrize("folder", sorted(ALLOWED_IN_CLI))
def test_folders_of_the_client_include_only_what_they_may(folder):
    wrong = [
        f"{name(path)} includes {include}"
        for path in source_files()
        if name(path).startswith(f"src/cli/{folder}/")
        for include in project_includes(path)
        if include.startswith('"cli/')
        and include.split("/")[1] not in ALLOWED_IN_CLI[folder] | {folder}
    ]
    assert not wrong


def test_every_include_is_a_path_from_src():
    wrong = [
        f"{name(path)} includes {include}"
        for path in source_files()
        for include in project_includes(path)
        if folder_of(include) != "proto" and not (ROOT / "src" / include.strip('"')).is_file()
    ]
    assert not wrong


def headers_reached(path, seen):
    """The headers of src/ that a file includes, and those they include."""
    for include in project_includes(path):
        header = ROOT / "src" / include.strip('"')
        if header.is_file() and header not in seen:
            seen.add(header)
            headers_reached(header, seen)
    return seen


def test_heavy_headers_stay_at_the_borders():
    heavy = {h for h in cpp_files(".h") if any(HEAVY.search(i) for i in includes(h))}
    wrong = [
        f"{name(path)} reaches {name(header)}"
        for path in source_files()
        for header in headers_reached(path, set()) & heavy
        if (name(path).split("/")[1], name(header).split("/")[1]) not in SHARED
        and name(path).split("/")[1] not in {name(header).split("/")[1], "node"}
        or name(path).split("/")[1] not in BORDERS
    ]
    assert not wrong
