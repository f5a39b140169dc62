"""Who may call, and who shares what with whom: promise 15 of the contract."""

import hashlib
import json
import threading

import pytest

from harness.errors import refused
from harness.http import Metrics
from harness.node import KEY
from harness.process import BIN, Process, environment, run, wait_until
from harness.upstream import echo


def entry(name, **more):
    return {"name": name, "sha256": hashlib.sha256(f"token-of-{name}".encode()).hexdigest()} | more


def bearer(name):
    return [("authorization", f"Bearer token-of-{name}")]


@pytest.fixture
def guarded(start_node, upstream):
    return start_node(
        upstream.url, http={"listen": "127.0.0.1:0"}, limits={"requests_per_minute": 0},
        auth={"tokens": [
            entry("a"), entry("b"), entry("c", scope="shared"), entry("d", scope="shared"),
            entry("ops", roles=["admin"]), entry("few", requests_per_minute=2)]})


def ask(node, chat, name, query="Hallo", **fields):
    return node.llm.Invoke(chat.InvokeRequest(query=query, **fields), metadata=bearer(name))


def test_a_token_lets_in_and_its_lack_does_not(guarded, chat):
    assert ask(guarded, chat, "a").result == "Hallo"
    said = set()
    for metadata in ([], bearer("nobody"), [("authorization", "Bearer ")],
                     [("authorization", "token-of-a")], bearer("a") + bearer("b")):
        with refused("UNAUTHENTICATED", "UNAUTHENTICATED") as refusal:
            guarded.llm.Invoke(chat.InvokeRequest(query="Hallo"), metadata=metadata)
        said.add(refusal.message)
    assert len(said) == 1


@pytest.mark.parametrize("name", ["dify", 'a "b" #{c}: $d, \\', "null"])
def test_a_token_of_the_command_line_lets_its_caller_in(tmp_path, upstream, name):
    made = run("holysheepctl", "token", "new", name, "--role", "invoke", "--role", "admin",
               "--scope", name, "--requests-per-minute", "5", "--tokens-per-minute", "1000000")
    token, line = made.stdout.splitlines()
    config = tmp_path / "node.yaml"
    config.write_text(f"listen: 127.0.0.1:0\nhttp: {{listen: ''}}\n"
                      f"upstream: {{base_url: '{upstream.url}'}}\n"
                      f"auth:\n  tokens:\n    {line}\n")
    node = Process([BIN / "holysheep-node", "--config", config], tmp_path / "node.log",
                   environment(HOLYSHEEP_API_KEY=KEY))
    try:
        address = node.wait_for_log(r"(?m)^listening on (\S+:\d+)")[1]

        def ctl(*arguments, token):
            return run("holysheepctl", *arguments, HOLYSHEEP_ADDRESS=address,
                       HOLYSHEEP_TOKEN=token)

        assert ctl("invoke", "Hallo", token=token).stdout == "Hallo\n"
        usage = json.loads(ctl("usage", "--json", token=token).stdout)
        assert [row["caller"] for row in usage["rows"]] == [name]
        assert "UNAUTHENTICATED" in ctl("invoke", "Hallo", token=token + "x").stderr
        assert token not in node.log()
    finally:
        assert node.stop() == 0


def test_every_rpc_asks_who_calls(guarded, chat, messages):
    llm, admin = guarded.llm, guarded.admin
    calls = [lambda m: llm.Invoke(chat.InvokeRequest(query="x"), metadata=m),
             lambda m: list(llm.InvokeStream(chat.InvokeRequest(query="x"), metadata=m)),
             lambda m: llm.ListModels(messages.ListModelsRequest(), metadata=m),
             lambda m: llm.EstimateCost(messages.EstimateCostRequest(prompt_tokens=1), metadata=m),
             lambda m: llm.ValidateCredentials(messages.ValidateCredentialsRequest(), metadata=m)]
    rights = [lambda m: admin.GetStats(messages.GetStatsRequest(), metadata=m),
              lambda m: admin.GetUsage(messages.GetUsageRequest(), metadata=m),
              lambda m: admin.PurgeCache(messages.PurgeCacheRequest(all=True), metadata=m)]
    for call in calls + rights:
        with refused("UNAUTHENTICATED", "UNAUTHENTICATED"):
            call([])
    for call in calls:
        with refused("PERMISSION_DENIED", "PERMISSION_DENIED"):
            call(bearer("ops"))
        call(bearer("a"))
    for call in rights:
        with refused("PERMISSION_DENIED", "PERMISSION_DENIED"):
            call(bearer("a"))
        call(bearer("ops"))


def test_answers_are_shared_within_a_scope_only(guarded, chat):
    assert not ask(guarded, chat, "a").cached
    assert not ask(guarded, chat, "b").cached
    assert ask(guarded, chat, "a").cached
    assert not ask(guarded, chat, "c").cached
    assert ask(guarded, chat, "d").cached


def test_calls_are_joined_within_a_scope_only(guarded, chat, messages, upstream):
    gate = threading.Event()

    def answer(request, reply):
        gate.wait(20)
        echo(request, reply)

    upstream.answer = answer
    calls = [guarded.llm.Invoke.future(chat.InvokeRequest(query="x"), metadata=bearer(name))
             for name in ("a", "b", "c", "d")]
    wait_until(lambda: len(upstream.chats) >= 3)
    wait_until(lambda: guarded.admin.GetStats(
        messages.GetStatsRequest(), metadata=bearer("ops")).joins == 1)
    gate.set()
    outcomes = [call.result(20).cache_info.outcome for call in calls]
    miss, joined = chat.CacheInfo.MISS, chat.CacheInfo.JOINED
    assert outcomes[:2] == [miss, miss]
    assert sorted(outcomes[2:]) == sorted([miss, joined])
    assert len(upstream.chats) == 3


def test_a_limit_of_its_own_binds_one_caller_only(guarded, chat):
    for query in ("1", "2"):
        ask(guarded, chat, "few", query)
    with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_LOCAL") as refusal:
        ask(guarded, chat, "few", "3", timeouts={"queue_ms": 100})
    assert ("caller:few", "requests_per_minute") in refusal.quota
    ask(guarded, chat, "a", "3")


def test_guessed_tokens_are_counted_and_not_logged_one_by_one(guarded, chat):
    for i in range(50):
        with refused("UNAUTHENTICATED", "UNAUTHENTICATED"):
            ask(guarded, chat, f"guess-{i}")
    metrics = Metrics(guarded)
    assert metrics.sum("holysheep_refused_requests_total", error_type="UNAUTHENTICATED") == 50
    assert "guess" not in guarded.log()
    assert "UNAUTHENTICATED" not in guarded.log()


def test_callers_have_metrics_and_strangers_have_none(guarded, chat):
    ask(guarded, chat, "a")
    metrics = Metrics(guarded)
    assert metrics.sum("holysheep_caller_requests_total", caller="a", outcome="ok") == 1
    assert metrics.values("holysheep_caller_requests_total", "caller") == {
        "", "other", "a", "b", "c", "d", "ops", "few"}
    assert "token-of" not in metrics.text
