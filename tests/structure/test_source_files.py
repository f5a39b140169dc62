"""The size and layout of the code, and what no file may contain."""

import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from project import ROOT, cpp_files, files, name

MAX_LINES = {".h": 120, ".cc": 300}
MAX_FUNCTION_LINES = 40
# Braces that open no function: types, namespaces, tables.
NO_FUNCTION = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b|=\s*$|^[^(]*$")
NOISE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'',
    re.DOTALL,
)
# Package sources are the machine's business; their names never belong here.
HOSTS = re.compile(
    r"proxy\.golang\.org|registry\.npmjs\.org|pypi\.org|pythonhosted\.org|crates\.io"
    r"|(deb|snapshot)\.debian\.org|(ftp|cdn)\.\w+\.debian\.org|registry\.yarnpkg\.com"
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(work|root|home|Users|tmp/wt)/\w")


def without_noise(text):
    """The code without comments and literals, its lines where they were."""
    return NOISE.sub(lambda match: "\n" * match.group().count("\n"), text)


class Block:
    """What stands between two braces."""

    def __init__(self, line, statement):
        self.line = line
        self.is_table = re.search(r"=[^()]*$", statement) is not None
        self.is_function = not NO_FUNCTION.search(statement)
        # The lines of the tables inside, which a function may have besides.
        self.table_lines = 0


def functions(text):
    """(first line, lines without tables) of every block that is, or is in, a function."""
    line, statement, opened = 1, "", [Block(0, "")]
    for character in without_noise(text):
        if character == "\n":
            line += 1
        if character == "{":
            opened.append(Block(line, statement))
        elif character == "}":
            block = opened.pop()
            lines = line - block.line
            opened[-1].table_lines += lines if block.is_table else block.table_lines
            if block.is_function:
                yield block.line, lines - block.table_lines
        statement = "" if character in "{};" else statement + character


def test_the_counter_sees_functions_and_nothing_else():
    text = 'namespace a {\nstruct B {\n  int f() {\n    return \'{\';  // {\n  }\n};\n' \
           'const int kTable[] = {\n  1,\n};\nvoid g(\n    int) {\n  if (x) {\n    h("}");\n  }\n  int t[] = {\n    1};\n}\n}\n'
    assert sorted(functions(text)) == [(3, 2), (11, 5), (12, 2)]


def test_functions_are_short():
    long = [
        f"{name(path)}:{start} has {lines} lines"
        for path in cpp_files()
        for start, lines in functions(path.read_text())
        if lines > MAX_FUNCTION_LINES
    ]
    assert not long


@pytest.mark.parametrize("suffix", sorted(MAX_LINES))
def test_files_are_short(suffix):
    lengths = {name(path): path.read_text().count("\n") for path in cpp_files(suffix)}
    assert not {n: lines for n, lines in lengths.items() if lines > MAX_LINES[suffix]}


def test_headers_say_pragma_once():
    missing = [name(path) for path in cpp_files(".h") if "#pragma once" not in path.read_text()]
    assert not missing


def test_code_is_laid_out_by_clang_format():
    # Another version lays out otherwise.
    tool = shutil.which("clang-format", path=pathlib.Path(sys.executable).parent) or shutil.which(
        "clang-format-14")
    assert tool, "clang-format 14 is not in .venv; scripts/setup test installs it"
    run = subprocess.run([tool, "--dry-run", "--Werror", *cpp_files()], cwd=ROOT,
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-4000:]


@pytest.mark.parametrize("pattern", [HOSTS, MACHINE_PATHS], ids=["hosts", "machine paths"])
def test_no_file_names(pattern):
    found = [
        f"{name(path)}: {match.group()}"
        for path in files()
        for match in [pattern.search(path.read_text(errors="ignore"))]
        if match
    ]
    assert not found


def test_no_lock_file_is_kept():
    locks = {"package-lock.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "uv.lock"}
    assert not [name(path) for path in files() if path.name in locks]
