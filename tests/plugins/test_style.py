"""The plugins' Python is typed, laid out and free of what linters find."""

import subprocess
import sys

import pytest
import stage


def run(*command, cwd):
    result = subprocess.run([sys.executable, "-m", *command], cwd=cwd, text=True,
                            capture_output=True, check=False)
    assert result.returncode == 0, (result.stdout + result.stderr)[-4000:]


@pytest.mark.parametrize("command", [["check"], ["format", "--check", "--diff"]], ids=" ".join)
def test_ruff_finds_nothing(command):
    run("ruff", *command, "--no-cache", ".", cwd=stage.SOURCES)


@pytest.mark.parametrize("plugin", stage.PLUGINS)
def test_mypy_finds_nothing(unpacked, plugin):
    folder = unpacked[plugin]
    files = [path.relative_to(folder) for path in sorted(folder.rglob("*.py"))
             if "stubs" not in path.parts]
    run("mypy", f"--config-file={stage.SOURCES / 'mypy.ini'}", *map(str, files), cwd=folder)


def test_files_and_functions_are_short():
    import ast
    for path in stage.SOURCES.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 220, path.name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 40, f"{path.name}: {node.name}"
