"""holysheepctl batch and workflow, the real programs all the way to the upstream."""

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import termios

import pytest

from harness import process
from harness.process import BIN, SLOWDOWN, environment, wait_until
from harness.upstream import echo

# Items that a batch has under way unless told otherwise.
IN_FLIGHT = 256


@pytest.fixture
def free(start_node, sim):
    """A service without limit and cache, so that every answer is paid for."""
    return start_node(sim.url, limits={"requests_per_minute": 0}, cache={"enabled": False})


def ctl(node, *arguments, seconds=120):
    return process.run("holysheepctl", *arguments, seconds=seconds, HOLYSHEEP_ADDRESS=node.address)


def start(node, *arguments, before=(), **options):
    """The client, run by the command `before` it if there is one."""
    return subprocess.Popen([*before, BIN / "holysheepctl", *arguments],
                            env=environment(HOLYSHEEP_ADDRESS=node.address),
                            stdin=subprocess.DEVNULL,
                            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options)


def lines_in(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


def results(path):
    """The results of an output, which has whole lines only."""
    text = path.read_text()
    assert text.endswith("\n")
    header, *lines = text.splitlines()
    assert "batch" in json.loads(header)
    return [json.loads(line) for line in lines]


def write_questions(path, count):
    path.write_text("".join(f"question {i}\n" for i in range(count)))
    return path


def expect_all(path, count):
    """Every item is there, once, at its place and with its own answer."""
    found = results(path)
    assert sorted(int(r["index"]) for r in found) == list(range(count))
    for result in found:
        assert result["id"] == str(int(result["index"]) + 1)
        assert result["response"]["result"] == f"You said: question {result['index']}"


def interrupt_at(node, source, out, number, at):
    """Starts a batch and sends it a signal once so many results are there."""
    client = start(node, "batch", source, out)
    try:
        wait_until(lambda: lines_in(out) > at, 60, f"{at} results")
        client.send_signal(number)
        client.communicate(timeout=20 * SLOWDOWN)
    finally:
        client.kill()
    return client.returncode


def test_a_killed_batch_goes_on_and_pays_for_nothing_twice(free, sim, tmp_path):
    source, out = write_questions(tmp_path / "in.txt", 10_000), tmp_path / "out.jsonl"
    assert interrupt_at(free, source, out, signal.SIGKILL, 3000) == -signal.SIGKILL
    with open(out, "ab") as torn:
        torn.write(b'{"id":"9999","index":"99')
    done = lines_in(out)
    assert 3000 < done < 10_000
    resumed = ctl(free, "batch", source, out, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    expect_all(out, 10_000)
    assert 10_000 <= sim.chats() <= 10_000 + IN_FLIGHT


def test_a_batch_killed_again_and_again_ends(free, sim, tmp_path):
    source, out = write_questions(tmp_path / "in.txt", 3000), tmp_path / "out.jsonl"
    assert interrupt_at(free, source, out, signal.SIGKILL, 500) == -signal.SIGKILL
    for at in (1000, 1500, 2000):
        client = start(free, "batch", source, out, "--resume")
        wait_until(lambda wanted=at: lines_in(out) > wanted, 60, f"{at} results")
        client.kill()
        client.communicate()
    assert ctl(free, "batch", source, out, "--resume").returncode == 0
    expect_all(out, 3000)
    assert sim.chats() <= 3000 + 4 * IN_FLIGHT


def test_ctrl_c_ends_a_batch_cleanly(free, sim, tmp_path):
    source, out = write_questions(tmp_path / "in.txt", 10_000), tmp_path / "out.jsonl"
    assert interrupt_at(free, source, out, signal.SIGINT, 500) == 130
    assert 0 < len(results(out)) < 10_000
    assert ctl(free, "batch", source, out, "--resume").returncode == 0
    expect_all(out, 10_000)


def test_a_finished_batch_is_not_asked_again(free, sim, tmp_path):
    source, out = write_questions(tmp_path / "in.txt", 50), tmp_path / "out.jsonl"
    assert ctl(free, "batch", source, out, "--resume").returncode == 0
    before = out.read_bytes()
    assert ctl(free, "batch", source, out, "--resume").returncode == 0
    assert out.read_bytes() == before
    assert sim.chats() == 50


def test_an_output_that_is_there_is_refused(free, sim, tmp_path):
    source, out = write_questions(tmp_path / "in.txt", 5), tmp_path / "out.jsonl"
    out.write_text("precious\n")
    for arguments in ((), ("--resume",)):
        refused = ctl(free, "batch", source, out, *arguments)
        assert refused.returncode == 2
        assert "out.jsonl" in refused.stderr
    assert out.read_text() == "precious\n"
    assert sim.chats() == 0


def test_the_output_of_another_input_is_refused(free, sim, tmp_path):
    source, out = write_questions(tmp_path / "in.txt", 5), tmp_path / "out.jsonl"
    assert ctl(free, "batch", source, out).returncode == 0
    before = out.read_bytes()
    write_questions(source, 6)
    refused = ctl(free, "batch", source, out, "--resume")
    assert refused.returncode == 2
    assert "belongs to another input" in refused.stderr
    assert out.read_bytes() == before
    assert sim.chats() == 5


def test_two_runs_do_not_share_an_output(free, sim, tmp_path):
    sim.control(latency={"constant_ms": 2000})
    source, out = write_questions(tmp_path / "in.txt", 5), tmp_path / "out.jsonl"
    first = start(free, "batch", source, out)
    try:
        wait_until(lambda: lines_in(out) > 0, what="the header")
        refused = ctl(free, "batch", source, out, "--resume")
        assert refused.returncode == 2
        assert "another run" in refused.stderr
    finally:
        first.kill()
        first.communicate()


BROKEN = '{"id":"a","query":"one"}\n{"query":\n\n{"id":"b","query":"two","modell":"x"}\n{"query":"four"}\n'


def test_a_broken_line_stops_before_anything_is_paid(free, sim, tmp_path):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(BROKEN)
    refused = ctl(free, "batch", source, out)
    assert refused.returncode == 2
    assert "in.jsonl:2: " in refused.stderr
    assert not out.exists()
    assert sim.chats() == 0


def test_broken_lines_are_skipped_as_asked(free, sim, tmp_path):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(BROKEN)
    skipped = ctl(free, "batch", source, out, "--on-bad-line", "skip")
    assert skipped.returncode == 0, skipped.stderr
    assert "in.jsonl:2: " in skipped.stderr and "in.jsonl:4: " in skipped.stderr
    assert sorted((r["id"], r["index"]) for r in results(out)) == [("5", "1"), ("a", "0")]
    assert sim.chats() == 2


def test_an_id_that_is_there_twice_is_refused(free, sim, tmp_path):
    source, out = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_text('id,query\na,"one\nand a half"\nb,two\na,three\n')
    refused = ctl(free, "batch", source, out)
    assert refused.returncode == 2
    assert "in.csv:5: id `a`" in refused.stderr and "line 2" in refused.stderr
    assert sim.chats() == 0


def test_items_have_their_own_parameters_or_the_defaults(node, upstream, tmp_path):
    source, out = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_text("query,model,temperature\nown,gpt-4.1,0\ndefault,,\n")
    done = ctl(node, "batch", source, out, "--model", "gemini-2.5-flash",
               "--temperature", "1", "--max-tokens", "9", "--system", "Be kind")
    assert done.returncode == 0, done.stderr
    asked = {r.body["messages"][-1]["content"]: r.body for r in upstream.chats}
    assert (asked["own"]["model"], asked["own"]["temperature"]) == ("gpt-4.1", 0)
    assert (asked["default"]["model"], asked["default"]["temperature"]) == ("gemini-2.5-flash", 1)
    for body in asked.values():
        assert body["max_tokens"] == 9
        assert body["messages"][0]["content"] == "Be kind"


def moody(request, reply):
    if request.body["messages"][-1]["content"] == "fail":
        return reply.error(400, "invalid_request")
    return echo(request, reply)


def test_errors_are_asked_again_only_if_asked_to(node, upstream, tmp_path):
    source, out = tmp_path / "in.txt", tmp_path / "out.jsonl"
    source.write_text("well\nfail\n")
    upstream.answer = moody
    failed = ctl(node, "batch", source, out)
    assert failed.returncode == 1
    assert "--retry-errors" in failed.stderr
    errors = {r["id"]: r["error"] for r in results(out) if "error" in r}
    assert list(errors) == ["2"] and errors["2"]["reason"]
    upstream.answer = echo
    assert ctl(node, "batch", source, out, "--resume").returncode == 1
    assert len(upstream.chats) == 2
    assert ctl(node, "batch", source, out, "--resume", "--retry-errors").returncode == 0
    assert len(upstream.chats) == 3
    assert {r["id"] for r in results(out) if "response" in r} == {"1", "2"}
    assert ctl(node, "batch", source, out, "--resume").returncode == 0


def test_a_dry_run_costs_nothing(free, sim, tmp_path):
    source, out = write_questions(tmp_path / "in.txt", 10), tmp_path / "out.jsonl"
    estimate = ctl(free, "batch", source, out, "--dry-run", "--max-tokens", "1000",
                   "--model", "gpt-4.1")
    assert estimate.returncode == 0, estimate.stderr
    assert "10,000 (at most)" in estimate.stdout
    assert not out.exists()
    assert sim.chats() == 0


# A file may not grow beyond 20 KiB, and whoever tries is told by an error.
FULL_DISK = ("bash", "-c", "ulimit -f 20; trap '' XFSZ; exec \"$@\"", "bash")


def test_only_their_owner_may_read_the_answers_of_a_batch(free, sim, tmp_path):
    source, out = write_questions(tmp_path / "in.txt", 3), tmp_path / "out.jsonl"
    client = start(free, "batch", source, out, before=("sh", "-c", 'umask 0; exec "$@"', "sh"))
    client.communicate(timeout=20 * SLOWDOWN)
    assert client.returncode == 0
    assert oct(out.stat().st_mode) == "0o100600"


def test_a_full_disk_leaves_whole_lines(free, sim, tmp_path):
    source, out = write_questions(tmp_path / "in.txt", 1000), tmp_path / "out.jsonl"
    client = start(free, "batch", source, out, before=FULL_DISK)
    _, err = client.communicate(timeout=60 * SLOWDOWN)
    assert client.returncode == 1, err
    assert b"cannot write" in err and b"--resume" in err
    assert 0 < len(results(out)) < 1000
    assert ctl(free, "batch", source, out, "--resume").returncode == 0
    expect_all(out, 1000)
    assert sim.chats() <= 1000 + IN_FLIGHT


def test_an_input_that_shrinks_meanwhile_is_told(free, sim, tmp_path):
    sim.control(latency={"constant_ms": 20})
    source, out = write_questions(tmp_path / "in.txt", 20_000), tmp_path / "out.jsonl"
    client = start(free, "batch", source, out)
    wait_until(lambda: lines_in(out) > 1, what="the first result")
    os.truncate(source, 10_000)
    _, err = client.communicate(timeout=60 * SLOWDOWN)
    assert client.returncode == 1
    assert b"in.txt has changed" in err


def read_terminal(master):
    seen = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:  # the other end is closed
            return seen
        if not piece:
            return seen
        seen += piece


def test_a_terminal_shows_a_bar(free, sim, tmp_path):
    sim.control(latency={"constant_ms": 50})
    source, out = write_questions(tmp_path / "in.txt", 400), tmp_path / "out.jsonl"
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    client = start(free, "batch", source, out, stdout=slave, stderr=slave)
    os.close(slave)
    seen = read_terminal(master).decode()
    os.close(master)
    assert client.wait() == 0
    drawn = [line for line in seen.split("\r") if line.startswith("[")]
    assert len(drawn) > 2, seen
    for part in ("#", "/400", "/s", " left", " USD", " hits"):
        assert part in drawn[-1], drawn[-1]
    assert "\r\x1b[K100 % 400/400 | " in seen


def test_no_terminal_has_no_bar(free, tmp_path):
    source, out = write_questions(tmp_path / "in.txt", 10), tmp_path / "out.jsonl"
    done = ctl(free, "batch", source, out)
    assert "\r" not in done.stderr and "\x1b" not in done.stderr
    assert done.stderr.startswith("100 % 10/10 ")
    assert done.stdout == ""
    assert ctl(free, "batch", source, tmp_path / "quiet.jsonl", "--quiet").stderr == ""


def test_a_workflow_with_a_failing_step_goes_on_and_ends_with_1(node, upstream, tmp_path):
    upstream.answer = moody
    plan = tmp_path / "plan.yaml"
    plan.write_text("query: sheep\nsteps:\n- name: first\n- {name: bad, prompt: fail}\n"
                    "- name: last\n  prompt: 'and {{steps.first.output}}'\n")
    done = ctl(node, "workflow", plan)
    assert done.returncode == 1
    assert done.stdout == "sheep\nand sheep\n"
    assert "[2/3] bad (deepseek-v3.2)" in done.stderr
    assert "step bad failed: " in done.stderr
    assert "2 of 3 steps, 1 failed | " in done.stderr
    assert ctl(node, "workflow", plan, "--stop-on-error").stdout == "sheep\n"


def test_a_workflow_in_json_with_another_query(node, upstream, tmp_path):
    upstream.answer = echo
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"query": "no", "steps": [
        {"model": "gpt-4.1", "temperature": 0, "max_tokens": 7}]}))
    done = ctl(node, "workflow", plan, "--query", "yes", "--json")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[0]["step_started"]["model"] == "gpt-4.1"
    assert events[-1]["finished"]["result"] == "yes"
    body = upstream.chats[0].body
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("gpt-4.1", 0, 7)


def test_an_unknown_name_in_a_prompt_is_told_before_the_first_call(node, upstream, tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text("query: x\nsteps: [{prompt: a}, {prompt: '{{steps.none.output}}'}]\n")
    refused = ctl(node, "workflow", plan)
    assert refused.returncode == 1
    assert "INVALID_ARGUMENT" in refused.stderr and "steps[1].prompt" in refused.stderr
    assert upstream.chats == []


def test_a_misspelt_workflow_is_refused_with_its_line(node, upstream, tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text("query: x\nsteps:\n- promt: a\n")
    refused = ctl(node, "workflow", plan)
    assert refused.returncode == 2
    assert "plan.yaml:3: unknown `promt`" in refused.stderr
    assert upstream.chats == []
