"""What the shell offers after `holysheepctl completion bash` was sourced."""

import re
import subprocess

import pytest

from harness.process import run

# Completes as bash does, and prints an offer a line.
COMPLETE = """source "$1"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_holysheepctl
printf "%s\\n" "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    path = tmp_path_factory.mktemp("completion") / "script"
    path.write_text(run("holysheepctl", "completion", "bash").stdout)
    return path


@pytest.mark.parametrize(
    ("words", "offers"),
    [(["ba"], ["batch"]),
     (["batch", "--res"], ["--resume"]),
     (["--address", "localhost:1", "wo"], ["workflow"]),
     (["completion", ""], ["bash", "zsh", "fish"]),
     (["batch", "--format", ""], ["jsonl", "csv", "lines"]),
     (["batch", "--on-bad-line", "s"], ["skip", "stop"]),
     (["token", ""], ["new"]),
     (["token", "new", "--role", ""], ["invoke", "admin"]),
     (["token", "new", "ops", "--requests"], ["--requests-per-minute"]),
     (["invoke", "--cache", "only"], ["only-if-cached"])])
def test_the_shell_offers_what_may_come_next(script, words, offers):
    done = subprocess.run(["bash", "-c", COMPLETE, "bash", script, "holysheepctl", *words],
                          text=True, capture_output=True, check=True)
    assert done.stdout.split() == offers
    assert not done.stderr


@pytest.mark.parametrize("words", [["batch", ""], ["batch", "qu"], ["invoke", ""]])
def test_where_a_file_or_a_text_may_come_the_shell_is_left_alone(script, words):
    done = subprocess.run(["bash", "-c", COMPLETE, "bash", script, "holysheepctl", *words],
                          text=True, capture_output=True, check=True)
    assert done.stdout.split() == []


def flags_of(*command):
    """All long flags that the help of a command declares, one or more a line."""
    help_text = run("holysheepctl", *command, "--help").stdout
    declared = re.findall(r"^  (?:-\w,)?(--[a-z-]+(?:,--[a-z-]+)*)", help_text, re.MULTILINE)
    return {flag for flags in declared for flag in flags.split(",")}


@pytest.mark.parametrize("command", ["invoke", "chat", "models", "cost", "batch", "workflow", "bench",
                                     "validate", "health", "stats", "usage", "purge", "token"])
def test_every_flag_is_offered(script, command):
    done = subprocess.run(["bash", "-c", COMPLETE, "bash", script, "holysheepctl", command, "--"],
                          text=True, capture_output=True, check=True)
    declared = flags_of(command) | flags_of()
    if command == "token":
        declared |= flags_of("token", "new")
    assert len(declared) > 5
    assert declared <= set(done.stdout.split())
