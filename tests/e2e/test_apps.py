"""Apps: their limits, their budgets, and what they used."""

import contextlib
import hashlib
import signal
import sqlite3
from decimal import Decimal

import pytest

from harness.errors import refused
from harness.http import Metrics
from harness.node import default_config, merged
from harness.process import run, wait_until

APPS = [{"id": "bot", "name": "Support bot", "requests_per_minute": 1},
        {"id": "chat", "requests_per_minute": 2},
        {"id": "other", "requests_per_minute": 2}]


def entry(name, **more):
    return {"name": name, "sha256": hashlib.sha256(name.encode()).hexdigest()} | more


def ask(node, chat, query, app="", token=None, **fields):
    return node.llm.Invoke(
        chat.InvokeRequest(query=query, caller={"app_id": app}, **fields),
        metadata=[("authorization", f"Bearer {token}")] if token else [], timeout=60)


@contextlib.contextmanager
def limited(subject, limit="requests_per_minute"):
    reason = "BUDGET_EXCEEDED" if limit == "budgets" else "RATE_LIMITED_LOCAL"
    with refused("RESOURCE_EXHAUSTED", reason) as refusal:
        yield refusal
    assert refusal.quota == [(subject, limit)]


@pytest.fixture
def start(start_node, upstream):
    def start(**config):
        return start_node(upstream.url, **({"limits": {"requests_per_minute": 0}} | config))

    return start


AT_ONCE = {"timeouts": {"queue_ms": 0}}


def test_two_apps_of_one_token_have_limits_of_their_own(start, chat):
    node = start(apps=APPS, auth={"tokens": [entry("dify")]})
    ask(node, chat, "1", "bot", "dify", **AT_ONCE)
    with limited("app:bot"):
        ask(node, chat, "2", "bot", "dify", **AT_ONCE)
    ask(node, chat, "3", "chat", "dify", **AT_ONCE)
    ask(node, chat, "4", "chat", "dify", **AT_ONCE)
    with limited("app:chat"):
        ask(node, chat, "5", "chat", "dify", **AT_ONCE)


def test_an_app_is_counted_for_each_token_apart(start, chat):
    node = start(apps=APPS, auth={"tokens": [entry("one"), entry("two")]})
    for token in ("one", "two"):
        ask(node, chat, token, "bot", token, **AT_ONCE)
        with limited("app:bot"):
            ask(node, chat, f"{token} again", "bot", token, **AT_ONCE)


def test_apps_that_are_not_listed_share_the_entry_other(start, chat):
    node = start(apps=APPS, auth={"tokens": [entry("dify"), entry("else")]})
    ask(node, chat, "1", "made-up-1", "dify", **AT_ONCE)
    ask(node, chat, "2", "made-up-2", "dify", **AT_ONCE)
    for app in ("made-up-1", "made-up-3", "other"):
        with limited("app:other"):
            ask(node, chat, app, app, "dify", **AT_ONCE)
    ask(node, chat, "3", "made-up-1", "else", **AT_ONCE)
    for query in ("4", "5", "6"):
        ask(node, chat, query, "", "dify", **AT_ONCE)


def test_apps_that_are_not_listed_have_no_limit_without_an_entry_other(start, chat):
    node = start(apps=APPS[:2])
    for number in range(5):
        ask(node, chat, f"{number}", "made-up", **AT_ONCE)


def test_the_tokens_own_limit_stands_above_its_apps(start, chat):
    node = start(apps=APPS, auth={"tokens": [entry("dify", requests_per_minute=2)]})
    ask(node, chat, "1", "bot", "dify", **AT_ONCE)
    ask(node, chat, "2", "chat", "dify", **AT_ONCE)
    with limited("caller:dify"):
        ask(node, chat, "3", "chat", "dify", **AT_ONCE)


def test_tokens_of_an_app_are_limited_too(start, chat):
    node = start(apps=[{"id": "bot", "tokens_per_minute": 100}])
    ask(node, chat, "1", "bot", max_tokens=90, timeouts={"queue_ms": 0})
    with limited("app:bot", "tokens_per_minute"):
        ask(node, chat, "2", "bot", max_tokens=100, timeouts={"queue_ms": 0})


def test_an_app_that_waits_holds_up_no_other(start, chat, messages):
    node = start(apps=APPS)
    ask(node, chat, "1", "bot")
    waiting = node.llm.Invoke.future(
        chat.InvokeRequest(query="2", caller={"app_id": "bot"}, timeouts={"total_ms": 100_000}))
    wait_until(lambda: node.admin.GetStats(messages.GetStatsRequest()).queue == 1)
    assert ask(node, chat, "3", "chat").queue_ms < 1000
    assert not waiting.done()
    waiting.cancel()


def test_a_cached_answer_takes_nothing_of_an_apps_limit(start, chat):
    node = start(apps=APPS)
    ask(node, chat, "same", "chat")
    for _ in range(3):
        assert ask(node, chat, "same", "bot", **AT_ONCE).cached


def test_a_reload_brings_other_limits_for_apps(start, chat, upstream):
    node = start(apps=APPS)
    ask(node, chat, "1", "bot", **AT_ONCE)
    with limited("app:bot"):
        ask(node, chat, "2", "bot", **AT_ONCE)
    node.write_config(merged(default_config(upstream.url), {
        "limits": {"requests_per_minute": 0}, "apps": [{"id": "bot", "requests_per_minute": 2}]}))
    node.process.send(signal.SIGHUP)
    wait_until(lambda: "configuration reloaded" in node.log(), 5, "the reload")
    ask(node, chat, "2", "bot", **AT_ONCE)
    with limited("app:bot"):
        ask(node, chat, "3", "bot", **AT_ONCE)
    for query in ("4", "5", "6"):
        ask(node, chat, query, "made-up", **AT_ONCE)


def test_a_budget_of_an_app_holds_across_restarts(start, chat, messages, tmp_path):
    config = {"ledger": {"path": str(tmp_path / "ledger")},
              "budgets": [{"app": "bot", "usd": "0.0000001", "period": "month"}]}
    node = start(**config)
    with limited("app:bot", "budgets"):
        ask(node, chat, "1", "bot")
    ask(node, chat, "2", "chat")
    ask(node, chat, "3")
    assert node.stop() == 0
    config["budgets"][0]["usd"] = "0.0008"
    node = start(**config)
    ask(node, chat, "4", "bot", max_tokens=1000)
    spent = Decimal(node.admin.GetUsage(messages.GetUsageRequest(app="bot")).total.cost.total)
    assert node.stop() == 0
    # Less than a call may cost is left of it.
    config["budgets"][0]["usd"] = str(spent + Decimal("0.0004"))
    node = start(**config)
    with limited("app:bot", "budgets"):
        ask(node, chat, "5", "bot", max_tokens=1000)
    ask(node, chat, "5", "chat", max_tokens=1000)


def test_usage_is_summed_up_by_app(start, chat, messages):
    node = start(apps=APPS[:1], http={"listen": "127.0.0.1:0"})
    answers = {app: [ask(node, chat, f"{app} {i}", app) for i in range(count)]
               for app, count in (("bot", 1), ("chat", 2), ("", 3))}
    said = node.admin.GetUsage(messages.GetUsageRequest())
    assert {row.app: (row.app_name, row.calls, row.usage.total_tokens) for row in said.rows} == {
        app: ("Support bot" if app == "bot" else "", len(those),
              sum(answer.usage.total_tokens for answer in those))
        for app, those in answers.items()}
    assert said.total.calls == 6
    one = node.admin.GetUsage(messages.GetUsageRequest(app="chat"))
    assert [row.app for row in one.rows] == ["chat"]
    assert one.total.calls == 2
    shown = Metrics(node)
    assert shown.sum("holysheep_app_requests_total", app="bot", name="Support bot", outcome="ok") == 1
    assert shown.sum("holysheep_app_requests_total", app="other", outcome="ok") == 2


def test_usage_by_app_for_people(start, chat):
    node = start(apps=APPS[:1])
    for app in ("bot", "chat", "chat"):
        ask(node, chat, f"{app}", app)
    told = run("holysheepctl", "usage", "--by", "app", HOLYSHEEP_ADDRESS=node.address)
    assert told.returncode == 0, told.stderr
    rows = [line.split("  ") for line in told.stdout.splitlines()]
    assert [row[0] for row in rows] == ["APP", "Support bot (bot)", "chat", "TOTAL"]
    day = run("holysheepctl", "usage", "--by", "day", "--app", "chat", HOLYSHEEP_ADDRESS=node.address)
    assert day.stdout.splitlines()[1].split()[1] == "2"


COLUMNS = """(day TEXT NOT NULL, model TEXT NOT NULL, caller TEXT NOT NULL,
  calls INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
  total_tokens INTEGER NOT NULL, cached_prompt_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, attempts INTEGER NOT NULL,
  hour INTEGER NOT NULL, total TEXT NOT NULL, prompt TEXT NOT NULL, completion TEXT NOT NULL,
  official TEXT NOT NULL, saved TEXT NOT NULL, charged TEXT NOT NULL, charged_in_hour TEXT NOT NULL,
  estimated INTEGER NOT NULL, PRIMARY KEY (day, model, caller)) STRICT, WITHOUT ROWID"""


@pytest.fixture
def old_ledger(tmp_path):
    """Of the version before there were apps: 2,500 rows, each of one call."""
    path = tmp_path / "ledger"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(f"CREATE TABLE usage {COLUMNS}")
        database.executemany(
            "INSERT INTO usage VALUES ('2026-11-20', ?, 'team', 1, 2, 3, 5, 0, 0, 0, 1, 9, "
            "'0.5', '0.3', '0.2', '1', '0.5', '0.5', '0.5', 0)",
            [(f"model-{number:04}",) for number in range(2500)])
        database.execute("PRAGMA user_version = 3")
        database.commit()
    return path


def test_a_ledger_from_before_apps_goes_on_and_is_read_in_pages(start, chat, messages, old_ledger):
    node = start(ledger={"path": str(old_ledger), "retain_days": 0})
    ask(node, chat, "Hallo", "bot")
    pages, token = [], ""
    while not pages or token:
        pages.append(node.admin.GetUsage(messages.GetUsageRequest(page_token=token)))
        token = pages[-1].next_page_token
        assert pages[-1].ByteSize() < 4 << 20
    assert [len(page.rows) for page in pages] == [1000, 1000, 501]
    rows = [row for page in pages for row in page.rows]
    assert [row.model for row in rows[:-1]] == [f"model-{number:04}" for number in range(2500)]
    assert {row.app for row in rows[:-1]} == {""}
    assert rows[-1].app == "bot"
    assert {page.total.calls for page in pages} == {2501}
    assert len({page.total.cost.total for page in pages}) == 1
    few = node.admin.GetUsage(messages.GetUsageRequest(page_size=7, app="bot"))
    assert (len(few.rows), few.next_page_token, few.total.calls) == (1, "", 1)
    told = run("holysheepctl", "usage", HOLYSHEEP_ADDRESS=node.address)
    assert len(told.stdout.splitlines()) == 1 + 2501 + 1
    assert node.stop() == 0
    with contextlib.closing(sqlite3.connect(old_ledger)) as database:
        assert database.execute("SELECT app, count(*) FROM usage GROUP BY app").fetchall() == [
            ("", 2500), ("bot", 1)]


def test_a_wrong_page_is_refused_with_its_field(start, chat, messages):
    node = start()
    ask(node, chat, "1", "a")
    ask(node, chat, "2", "b")
    token = node.admin.GetUsage(messages.GetUsageRequest(page_size=1)).next_page_token
    assert node.admin.GetUsage(messages.GetUsageRequest(page_size=5, page_token=token)).rows[0].app == "b"
    for wrong in (messages.GetUsageRequest(page_token="made up"),
                  messages.GetUsageRequest(page_token="00" * 20),
                  messages.GetUsageRequest(page_token=token, app="a")):
        with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT") as refusal:
            node.admin.GetUsage(wrong)
        assert refusal.fields == ["page_token"]
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT") as refusal:
        node.admin.GetUsage(messages.GetUsageRequest(page_size=-1))
    assert refusal.fields == ["page_size"]
