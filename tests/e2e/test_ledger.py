"""The ledger in a file: promise 12 of the contract, also after kill -9."""

import contextlib
import datetime
import signal
import sqlite3

import pytest

from harness.errors import refused
from harness.ledger import kept, sums
from harness.node import KEY, Node, default_config, merged
from harness.process import run, wait_until
from harness.upstream import finish, text, usage


def answer_with_usage(request, reply):
    reply.open()
    reply.send(text("yes"), finish(), usage(1001, 77))
    reply.close()


@pytest.fixture
def start(api, upstream, tmp_path):
    """Starts services one after another, whose ledger is the file `start.path`."""
    upstream.answer = answer_with_usage
    started = []

    def start(**config):
        home = tmp_path / f"{len(started)}"
        home.mkdir()
        started.append(Node(api, home, merged(default_config(upstream.url), {
            "ledger": {"path": str(start.path)}, "limits": {"requests_per_minute": 0}} | config)))
        return started[-1]

    start.path = tmp_path / "ledger"
    yield start
    for node in started:
        node.process.kill()


def utc_hour():
    return datetime.datetime.now(datetime.timezone.utc).hour


def kill_9(node):
    node.process.kill()
    assert node.process.wait() == -signal.SIGKILL


def test_promise_12_the_ledger_is_the_sum_of_the_responses_also_after_kill_9(start, chat, messages):
    answers = []
    for _ in range(2):
        node = start()
        for number in range(20):
            request = chat.InvokeRequest(query=f"{number % 5}")
            answers.append(node.llm.Invoke(request))
            answers.append(list(node.llm.InvokeStream(request))[-1].final)
        kill_9(node)
    assert kept(start(), messages) == sums(answers)


def test_promise_12_no_answer_given_under_load_is_forgotten_by_kill_9(start, chat, messages):
    node = start()
    calls = [node.llm.Invoke.future(chat.InvokeRequest(query=f"{number}")) for number in range(500)]
    wait_until(lambda: sum(call.done() for call in calls) >= 50)
    kill_9(node)
    answers = [call.result() for call in calls if call.exception() is None]
    assert len(answers) < len(calls), "it was killed too late to tell"
    assert sums(answers) <= kept(start(), messages)


@pytest.mark.parametrize("period", ["hour", "day", "month"])
def test_a_budget_holds_across_restarts(start, chat, period):
    budgets = [{"caller": "*", "model": "*", "usd": "0.0013", "period": period}]

    def third_of_three(round_):
        start.path = start.path.with_name(f"ledger-{round_}")
        node = start(budgets=budgets)
        for query in ("1", "2"):
            node.llm.Invoke(chat.InvokeRequest(query=query, max_tokens=1000))
        kill_9(node)
        return start(budgets=budgets).llm.Invoke.future(
            chat.InvokeRequest(query="3", max_tokens=1000))

    hour = utc_hour()
    call = third_of_three(1)
    if call.exception() is None and utc_hour() != hour:  # It has begun anew in between.
        call = third_of_three(2)
    with refused("RESOURCE_EXHAUSTED", "BUDGET_EXCEEDED"):
        call.result()


# As version 1.0 wrote it.
OLDER = """
CREATE TABLE usage (day TEXT NOT NULL, model TEXT NOT NULL, caller TEXT NOT NULL,
  calls INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
  total_tokens INTEGER NOT NULL, cached_prompt_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL, attempts INTEGER NOT NULL, hour INTEGER NOT NULL,
  total TEXT NOT NULL, prompt TEXT NOT NULL, completion TEXT NOT NULL, official TEXT NOT NULL,
  saved TEXT NOT NULL, charged TEXT NOT NULL, charged_in_hour TEXT NOT NULL,
  estimated INTEGER NOT NULL, PRIMARY KEY (day, model, caller)) STRICT, WITHOUT ROWID;
INSERT INTO usage VALUES ('2026-11-01', 'deepseek-v3.2', '', 2, 30, 12, 42, 5, 0, 2, 9,
  '0.5', '0.3', '0.2', '1', '0.5', '0.5', '0.5', 0);
PRAGMA user_version = 2;
"""


def test_a_file_of_an_older_version_goes_on(start, chat, messages, upstream):
    with contextlib.closing(sqlite3.connect(start.path)) as database:
        database.executescript(OLDER)
    upstream.answer = lambda request, reply: reply.stream(
        text("yes"), finish(), usage(100, 7, cached_tokens=40, cache_creation_input_tokens=30))
    node = start(ledger={"path": str(start.path), "retain_days": 0})
    node.llm.Invoke(chat.InvokeRequest(query="x"))
    kill_9(node)
    node = start(ledger={"path": str(start.path), "retain_days": 0})
    old, new = node.admin.GetUsage(messages.GetUsageRequest()).rows
    assert (old.day, old.calls, old.usage.total_tokens, old.cost.total) == ("2026-11-01", 2, 42, "0.5")
    assert (old.usage.cached_prompt_tokens, old.usage.cache_write_tokens) == (5, 0)
    assert (new.usage.cached_prompt_tokens, new.usage.cache_write_tokens) == (40, 30)


def test_a_service_that_ends_well_leaves_one_file(start, chat):
    node = start()
    node.llm.Invoke(chat.InvokeRequest(query="x"))
    assert node.stop() == 0
    assert [path.name for path in start.path.parent.glob("ledger*")] == ["ledger"]


def refusal(path, upstream, tmp_path):
    config = tmp_path / "refused.yaml"
    config.write_text(f"listen: 127.0.0.1:0\nupstream: {{base_url: '{upstream.url}'}}\n"
                      f"ledger: {{path: '{path}'}}\n")
    outcome = run("holysheep-node", "--config", config, HOLYSHEEP_API_KEY=KEY)
    assert outcome.returncode == 1
    return outcome.stderr


def test_a_ledger_that_another_service_holds_stops_the_start(start, upstream, tmp_path):
    start()
    assert refusal(start.path, upstream, tmp_path) == (
        f"error: ledger.path: cannot use {start.path}: another process uses the file\n")


@pytest.mark.parametrize(("content", "reason"), [
    ("a diary, and nothing that a ledger should write over\n", "file is not a database"),
    (None, "unable to open database file")], ids=["no ledger", "a folder"])
def test_a_path_that_is_no_ledger_stops_the_start_and_stays_as_it_is(
        upstream, tmp_path, content, reason):
    path = tmp_path / "precious"
    path.mkdir() if content is None else path.write_text(content)
    assert f"error: ledger.path: cannot use {path}: {reason}\n" == refusal(path, upstream, tmp_path)
    assert path.is_dir() if content is None else path.read_text() == content
