"""Start, reload and end: configuration, SIGHUP, and promise 13 of the contract."""

import json
import re
import signal
import socket
import threading
import time

import grpc
import pytest

from harness.errors import refused
from harness.node import KEY, NOT_SERVING, default_config, merged
from harness.process import SLOWDOWN, run, wait_until
from harness.raw_http2 import read_status, unread
from harness.upstream import echo, finish, text, usage

NODE = "holysheep-node"


def check(tmp_path, config, **env):
    """--check on a configuration given as YAML text."""
    path = tmp_path / "config.yaml"
    path.write_text(config)
    return run(NODE, "--check", "--config", path, **({"HOLYSHEEP_API_KEY": KEY} | env))


def test_version_and_help():
    version = run(NODE, "--version")
    assert version.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", version.stdout)
    usage_text = run(NODE, "--help")
    assert usage_text.returncode == 0
    for option in ("--config", "--check", "--version"):
        assert option in usage_text.stdout


def test_an_unknown_option_is_refused():
    result = run(NODE, "--no-such-option", HOLYSHEEP_API_KEY=KEY)
    assert result.returncode not in (0, -signal.SIGSEGV, -signal.SIGABRT)
    assert "--no-such-option" in result.stderr + result.stdout


EVERYTHING = """
listen: 127.0.0.1:50051
http: {listen: 127.0.0.1:9464}
upstream: {base_url: "https://api.holysheep.ai/v1", api_key_file: "", api_key_header: authorization,
           http_version: auto, max_connections: 100, keepalive_per_host: 20, dns_ttl: 300s,
           proxy: "", ca_file: "", stream_unary: true}
timeouts: {connect: 10s, first_token: 60s, idle: 60s, total: 300s}
cache: {enabled: true, max_entries: 1000, max_bytes: 67108864, ttl: 300s, stale_if_error: 0s}
limits: {requests_per_minute: 60, tokens_per_minute: 0, max_concurrent: 20, max_queue: 1000,
         max_queue_wait: 60s}
retry: {max_attempts: 3, initial_backoff: 2s, max_backoff: 10s, budget_ratio: 0.2}
breaker: {failures: 5, open_for: 30s}
default_model: deepseek-v3.2
models:
  - {id: deepseek-v3.2, label: DeepSeek, prompt_price: "0.42", completion_price: "0.42",
     cached_prompt_price: "0.1", official_price: "2.80", context_size: 1000,
     max_output_tokens: 500, capabilities: [tools], requests_per_minute: 0, tokens_per_minute: 0}
auth:
  tokens: [{name: a, sha256: %s, roles: [invoke, admin], scope: b, requests_per_minute: 1,
            tokens_per_minute: 2}]
  allow_insecure: false
tls: {cert_file: "", key_file: "", client_ca_file: ""}
redis: {url: "", prefix: "holysheep:", timeout: 50ms}
ledger: {path: "", retain_days: 400}
budgets: [{caller: "*", model: "*", usd: "10.00", period: day}]
log: {level: info, format: json, prompts: false}
drain_timeout: 30s
""" % ("a" * 64)


def test_check_accepts_every_key_of_the_contract(tmp_path):
    result = check(tmp_path, EVERYTHING)
    assert result.returncode == 0, result.stdout + result.stderr


def test_check_accepts_no_file_at_all():
    assert run(NODE, "--check", HOLYSHEEP_API_KEY=KEY).returncode == 0


# A wrong configuration, the line it is on, and a word of the reason.
WRONG = [
    ("listn: 127.0.0.1:1\n", 1, "listn"),
    ("listen: 127.0.0.1:1\ncache:\n  tll: 5s\n", 3, "tll"),
    ("cache:\n  ttl: 300\n", 2, "ttl"),
    ("cache:\n  ttl: soon\n", 2, "ttl"),
    ("cache:\n  max_entries: many\n", 2, "max_entries"),
    ("cache:\n  max_entries: -1\n", 2, "max_entries"),
    ("cache:\n  enabled: perhaps\n", 2, "enabled"),
    ("cache: 7\n", 1, "cache"),
    ("retry:\n  budget_ratio: 1.5\n", 2, "budget_ratio"),
    ("retry:\n  max_attempts: 0\n", 2, "max_attempts"),
    ("listen: nowhere\n", 1, "listen"),
    ("listen: 127.0.0.1:99999\n", 1, "listen"),
    ("upstream:\n  base_url: ftp://a\n", 2, "base_url"),
    ("upstream:\n  http_version: 3\n", 2, "http_version"),
    ("default_model: unknown-model\n", 1, "default_model"),
    ("models:\n  - id: a\n    prompt_price: cheap\n", 3, "prompt_price"),
    ("models:\n  - id: a\n    prompt_price: \"-1\"\n", 3, "prompt_price"),
    ("models:\n  - id: a\n    capabilities: [juggling]\n", 3, "capabilities"),
    ("auth:\n  tokens:\n    - name: a\n      sha256: short\n", 4, "sha256"),
    ("log:\n  level: loud\n", 2, "level"),
    ("cache: {ttl: 5s\n", None, ""),
    ("cache:\n  ttl: 5s\n  ttl: 6s\n", 3, "ttl"),
]


@pytest.mark.parametrize(("config", "line", "word"), WRONG, ids=[w[0][:40] for w in WRONG])
def test_a_wrong_configuration_stops_the_start_with_file_line_and_reason(
        tmp_path, config, line, word):
    result = check(tmp_path, config)
    assert result.returncode == 2
    said = result.stdout + result.stderr
    assert "config.yaml" in said and word in said
    if line:
        assert f"config.yaml:{line}" in said
    started = run(NODE, "--config", tmp_path / "config.yaml", HOLYSHEEP_API_KEY=KEY)
    assert started.returncode != 0
    assert "config.yaml" in started.stdout + started.stderr


def test_a_file_that_is_not_there_is_told():
    result = run(NODE, "--check", "--config", "no/such/file.yaml", HOLYSHEEP_API_KEY=KEY)
    assert result.returncode == 2
    assert "no/such/file.yaml" in result.stdout + result.stderr


@pytest.mark.parametrize("key", [
    "", " " * 30, "too-short", " hs-0123456789abcdef0123", "hs-0123456789abcdef0123 ",
    "hs-0123456789\nabcdef0123"], ids=["empty", "blank", "short", "front", "back", "inside"])
def test_a_bad_api_key_is_refused_with_a_reason_and_not_shown(key):
    result = run(NODE, "--check", HOLYSHEEP_API_KEY=key)
    said = result.stdout + result.stderr
    assert result.returncode == 2
    assert "key" in said.lower()
    if key.strip():
        assert key.strip() not in said


def test_without_a_key_the_start_is_refused():
    result = run(NODE)
    assert result.returncode != 0
    assert "HOLYSHEEP_API_KEY" in result.stdout + result.stderr


def test_the_key_may_be_in_a_file_whose_last_line_end_is_stripped(start_node, chat, upstream,
                                                                  tmp_path):
    path = tmp_path / "key"
    path.write_text(KEY + "-file\r\n")
    node = start_node(upstream.url, env={"HOLYSHEEP_API_KEY_FILE": path, "HOLYSHEEP_API_KEY": ""},
                      upstream={"api_key_file": ""})
    node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert upstream.last.headers["authorization"] == f"Bearer {KEY}-file"


def test_environment_beats_file(start_node, chat, upstream):
    node = start_node("http://127.0.0.1:1/v1", env={"HOLYSHEEP_BASE_URL": upstream.url})
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result == "Hallo"


def test_the_environment_is_put_into_the_file(start_node, chat, upstream):
    node = start_node("${UPSTREAM_FOR_THIS_TEST}", env={"UPSTREAM_FOR_THIS_TEST": upstream.url})
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result == "Hallo"


def test_a_port_in_use_is_one_line_with_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run(NODE, HOLYSHEEP_API_KEY=KEY, HOLYSHEEP_LISTEN=f"127.0.0.1:{port}")
    assert result.returncode == 1
    line, = result.stderr.strip().splitlines()
    assert f"127.0.0.1:{port}" in line and "HOLYSHEEP_LISTEN" in line


def test_promise_15_listening_to_the_world_without_protection_is_refused():
    result = run(NODE, HOLYSHEEP_API_KEY=KEY, HOLYSHEEP_LISTEN="0.0.0.0:0")
    assert result.returncode != 0
    assert "allow_insecure" in result.stdout + result.stderr


def test_promise_15_unless_it_is_asked_for_by_name(start_node, chat, upstream):
    node = start_node(upstream.url, env={"HOLYSHEEP_ALLOW_INSECURE": "1"}, listen="0.0.0.0:0")
    assert node.process.pid


def reload(node, config):
    """Writes the configuration and has it read; the log since then."""
    before = len(node.log())
    node.write_config(config)
    node.process.send(signal.SIGHUP)
    return lambda: node.log()[before:]


def test_sighup_reloads_limits_prices_and_models(start_node, chat, messages, upstream):
    node = start_node(upstream.url, limits={"requests_per_minute": 1})
    node.llm.Invoke(chat.InvokeRequest(query="first"))
    with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_LOCAL"):
        node.llm.Invoke(chat.InvokeRequest(query="second", timeouts={"queue_ms": 100}))
    reload(node, merged(default_config(upstream.url), {
        "limits": {"requests_per_minute": 100}, "default_model": "m",
        "models": [{"id": "m", "label": "M", "prompt_price": "5", "completion_price": "5",
                    "official_price": "9", "context_size": 9000, "max_output_tokens": 4000}]}))

    def reloaded():
        return [m.id for m in node.llm.ListModels(messages.ListModelsRequest()).models] == ["m"]

    wait_until(reloaded, 5, "the new catalog")
    answer = node.llm.Invoke(chat.InvokeRequest(query="second", timeouts={"queue_ms": 1000}))
    assert (answer.model_used, answer.cost.prompt_unit_price) == ("m", "5")


def test_sighup_with_a_bad_file_keeps_the_old_one_and_says_why(start_node, chat, upstream):
    node = start_node(upstream.url)
    log = reload(node, merged(default_config(upstream.url), {"cache": {"tll": "5s"}}))
    wait_until(lambda: "tll" in log(), 5, "the reason in the log")
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result == "Hallo"


def test_sighup_loses_no_call_and_no_cached_answer(start_node, chat, messages, upstream):
    node = start_node(upstream.url)
    release = threading.Event()

    def answer(request, reply):
        release.wait(20)
        echo(request, reply)

    upstream.answer = echo
    node.llm.Invoke(chat.InvokeRequest(query="kept"))
    upstream.answer = answer
    running = node.llm.Invoke.future(chat.InvokeRequest(query="running"))
    wait_until(lambda: len(upstream.chats) == 2)
    log = reload(node, merged(default_config(upstream.url), {"limits": {"max_concurrent": 7}}))
    wait_until(log, 5, "a word about the reload")
    release.set()
    assert running.result(20).result == "running"
    assert node.llm.Invoke(chat.InvokeRequest(query="kept")).cached


class Slow:
    """An answer of two pieces with a gate between them."""

    def __init__(self, upstream):
        self.open = threading.Event()
        self.reached = threading.Event()
        upstream.answer = self._answer

    def _answer(self, request, reply):
        reply.open()
        reply.send(text("one"))
        self.reached.set()
        self.open.wait(30)
        reply.send(text(" two"), finish(), usage(1, 2))
        reply.close()


@pytest.fixture
def slow(upstream):
    slow = Slow(upstream)
    yield slow
    slow.open.set()


def test_promise_13_on_sigterm_running_calls_end_well_and_new_ones_are_refused(
        node, chat, upstream, slow):
    unary = node.llm.Invoke.future(chat.InvokeRequest(query="unary"))
    stream = node.llm.InvokeStream(chat.InvokeRequest(query="stream"))
    assert next(stream).WhichOneof("event") == "started"
    wait_until(lambda: len(upstream.chats) == 2)
    node.process.send(signal.SIGTERM)
    wait_until(lambda: node.health() == NOT_SERVING, 5, "NOT_SERVING")
    with refused("UNAVAILABLE", "DRAINING"):
        node.llm.Invoke(chat.InvokeRequest(query="new"))
    with refused("UNAVAILABLE", "DRAINING"):
        list(node.llm.InvokeStream(chat.InvokeRequest(query="new")))
    slow.open.set()
    assert unary.result(20).result == "one two"
    assert list(stream)[-1].final.result == "one two"
    assert node.process.wait(10) == 0


def test_promise_13_the_drain_has_a_deadline(start_node, chat, upstream, slow):
    node = start_node(upstream.url, drain_timeout="500ms")
    call = node.llm.Invoke.future(chat.InvokeRequest(query="Hallo"))
    assert slow.reached.wait(10)
    start = time.monotonic()
    node.process.send(signal.SIGTERM)
    assert node.process.wait(10) == 0
    assert 0.4 < time.monotonic() - start < 0.5 + 2 * SLOWDOWN
    assert call.exception(5).code() == grpc.StatusCode.UNAVAILABLE


def test_promise_13_a_call_that_meets_the_drain_deadline_is_told_so(
        start_node, chat, upstream, slow):
    node = start_node(upstream.url, drain_timeout="500ms")
    unary = node.llm.Invoke.future(chat.InvokeRequest(query="unary"))
    stream = node.llm.InvokeStream(chat.InvokeRequest(query="stream"))
    assert next(stream).WhichOneof("event") == "started"
    wait_until(lambda: len(upstream.chats) == 2)
    node.process.send(signal.SIGTERM)
    with refused("UNAVAILABLE", "DRAINING"):
        unary.result(10)
    with refused("UNAVAILABLE", "DRAINING"):
        list(stream)
    assert node.process.wait(10) == 0


def test_promise_13_an_idle_service_ends_at_once(node):
    start = time.monotonic()
    node.process.send(signal.SIGTERM)
    assert node.process.wait(10) == 0
    assert time.monotonic() - start < 1 * SLOWDOWN


# gRPC 1.51 goes on looking after a write that had to wait for 10 s.
def test_promise_13_a_reader_that_was_slow_does_not_delay_the_end(node, chat, upstream):
    upstream.answer = lambda request, reply: reply.stream(text("x" * 3_000_000), finish(), usage(1, 2))
    request = chat.InvokeRequest(query="Hallo").SerializeToString()
    with unread(node.address, "/holysheep.node.v1.LlmNode/Invoke", request) as connection:
        wait_until(lambda: '"outcome":"ok"' in node.log(), 20, "the end of the call")
        assert read_status(connection) == 0
    start = time.monotonic()
    node.process.send(signal.SIGTERM)
    assert node.process.wait(20) == 0
    assert time.monotonic() - start < 1 * SLOWDOWN


def test_health_answers_for_the_service_and_its_parts(node):
    assert node.health() == b"\x08\x01"
    assert node.health(b"holysheep.node.v1.LlmNode") == b"\x08\x01"
    with pytest.raises(grpc.RpcError) as caught:
        node.health(b"no.such.Service")
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


def test_the_log_is_json_a_line(node, chat):
    node.llm.Invoke(chat.InvokeRequest(query="Hallo", request_id="find-me"))
    wait_until(lambda: "find-me" in node.log(), 5, "the call in the log")
    for line in node.log().splitlines():
        assert "listening on" in line or json.loads(line)
