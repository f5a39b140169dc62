"""What the programs do when what they print cannot be written."""

import json
import subprocess
import time

import pytest

from harness.process import BIN, SLOWDOWN, environment, wait_until
from harness.upstream import echo, text

FULL = 'exec "$@" >/dev/full'
CLOSED = 'exec "$@" >&-'

LOST = "error: standard output could not be written"

ONLINE = [
    ["invoke", "hi"], ["invoke", "hi", "--json"], ["invoke", "hi", "--no-stream"],
    ["invoke", "hi", "--quiet"], ["chat"], ["models"], ["models", "--json"], ["cost", "hi"],
    ["cost", "hi", "--json"], ["validate"], ["health"], ["stats"], ["stats", "--json"], ["usage"],
    ["usage", "--json"], ["purge", "--all"], ["bench", "-n", "1"], ["bench", "-n", "1", "--json"],
    ["workflow", "plan.yaml"], ["workflow", "plan.yaml", "--json"],
    ["batch", "items.txt", "none.jsonl", "--dry-run"],
]
OFFLINE = [["token", "new", "x"], ["--help"], ["--version"], ["invoke", "--help"],
           ["completion", "bash"]]
OTHERS = [["holysheep-node", "--version"], ["holysheep-node", "--help"],
          ["holysheep-node", "--config", "node.yaml", "--check"],
          ["holysheep-sim", "--version"], ["holysheep-sim", "--help"]]


def run(where, program, *arguments, folder, **variables):
    """Runs one of our programs under a shell that arranges its output."""
    return subprocess.run(["sh", "-c", where, "sh", BIN / program, *arguments], cwd=folder,
                          env=environment(**variables), input="hi\n", text=True,
                          capture_output=True, timeout=30 * SLOWDOWN, check=False)


@pytest.fixture(scope="module")
def folder(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "plan.yaml").write_text("query: x\nsteps: [{prompt: a}]\n")
    (folder / "items.txt").write_text("one\ntwo\n")
    (folder / "node.yaml").write_text(json.dumps({"upstream": {"base_url": shared.upstream.url}}))
    return folder


def expect_failure(done):
    assert done.returncode == 1, done.stderr
    assert done.stderr.splitlines()[-1].endswith("standard output could not be written")
    return done.stderr.splitlines()


@pytest.mark.parametrize("where", [FULL, CLOSED], ids=["full", "closed"])
@pytest.mark.parametrize("command", ONLINE, ids=" ".join)
def test_no_command_ends_well_if_its_output_is_lost(shared, folder, command, where):
    done = run(where, "holysheepctl", *command, folder=folder, HOLYSHEEP_ADDRESS=shared.address)
    lines = expect_failure(done)
    if command[0] not in ("workflow", "batch"):  # which tell of their steps
        assert lines == [LOST]


@pytest.mark.parametrize("where", [FULL, CLOSED], ids=["full", "closed"])
@pytest.mark.parametrize("command", OFFLINE, ids=" ".join)
def test_nothing_is_shown_as_if_it_were(folder, command, where):
    assert expect_failure(run(where, "holysheepctl", *command, folder=folder)) == [LOST]


@pytest.mark.parametrize("where", [FULL, CLOSED], ids=["full", "closed"])
@pytest.mark.parametrize("command", OTHERS, ids=" ".join)
def test_the_other_programs_tell_it_too(folder, command, where):
    expect_failure(run(where, *command, folder=folder, HOLYSHEEP_API_KEY="sk-0123456789abcdef0123456789"))


def test_a_command_that_prints_nothing_needs_no_output(shared, folder):
    done = run(CLOSED, "holysheepctl", "batch", "items.txt", "out.jsonl", "--quiet", folder=folder,
               HOLYSHEEP_ADDRESS=shared.address)
    assert (done.returncode, done.stderr) == (0, "")
    assert len((folder / "out.jsonl").read_text().splitlines()) == 3


def test_a_report_that_cannot_be_written_is_told(shared, folder):
    done = run('exec "$@"', "holysheepctl", "bench", "-n", "1", "--html", "/dev/full",
               folder=folder, HOLYSHEEP_ADDRESS=shared.address)
    assert done.returncode == 1
    assert done.stderr == "error: cannot write /dev/full\n"


def test_a_batch_whose_first_line_cannot_be_written_is_no_wrong_usage(shared, folder):
    done = run("ulimit -f 0; trap '' XFSZ; exec \"$@\"", "holysheepctl", "batch", "items.txt",
               "first.jsonl", folder=folder, HOLYSHEEP_ADDRESS=shared.address)
    assert done.returncode == 1
    assert done.stderr.startswith("error: cannot write first.jsonl: ")


@pytest.mark.parametrize("arguments", [[], ["batch"], ["bleat"], ["models", "--bleat"],
                                       ["completion", "tcsh"]], ids=" ".join)
def test_wrong_usage_is_told_in_one_line(folder, arguments):
    done = run('exec "$@"', "holysheepctl", *arguments, folder=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    assert "--help" in done.stderr


@pytest.fixture
def endless(upstream):
    """An upstream that talks until it is stopped, at most for 20 s."""

    def answer(request, reply):
        reply.open()
        for _ in range(2000):
            reply.send(text("baa "))
            time.sleep(0.01)

    upstream.answer = answer
    yield upstream
    upstream.answer = echo


@pytest.mark.parametrize("where", [FULL, CLOSED, 'exec "$@" | head -c 1'],
                         ids=["full", "closed", "pipe"])
@pytest.mark.parametrize("command", [["invoke", "hi"], ["chat"], ["workflow", "plan.yaml"],
                                     ["workflow", "plan.yaml", "--json"]], ids=" ".join)
def test_an_answer_that_nobody_can_read_is_stopped(
        start_node, messages, endless, folder, command, where):
    node = start_node(endless.url)
    begun = time.monotonic()
    run(where, "holysheepctl", *command, folder=folder, HOLYSHEEP_ADDRESS=node.address)

    def all_is_over():
        """Whoever prints a line before the answer may have left before it was asked for."""
        stats = node.admin.GetStats(messages.GetStatsRequest())
        return stats.in_flight == 0 and all(chat.closed_at for chat in endless.chats)

    wait_until(all_is_over, 5 * SLOWDOWN, "the end of the upstream's answer")
    assert time.monotonic() - begun < 10 * SLOWDOWN
    assert len(endless.chats) <= 1


def test_a_reader_that_goes_away_ends_it_as_it_ends_any_program(endless, start_node, folder):
    node = start_node(endless.url)
    client = subprocess.Popen([BIN / "holysheepctl", "invoke", "hi"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=folder,
                              env=environment(HOLYSHEEP_ADDRESS=node.address))
    assert client.stdout.read(1) == b"b"
    client.stdout.close()
    assert client.wait(20 * SLOWDOWN) == -13
    assert client.stderr.read() == b""
