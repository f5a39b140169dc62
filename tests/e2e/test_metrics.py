"""Watching the service: /metrics, /healthz, /readyz and the log."""

import json
import socket
import threading
import time
from decimal import Decimal

import grpc
import pytest

from harness.errors import refused
from harness.http import Metrics, get, http_address
from harness.node import KEY
from harness.process import SLOWDOWN, run, wait_until
from harness.upstream import echo, finish, text, usage

MODEL = {"gen_ai_request_model": "deepseek-v3.2"}


@pytest.fixture
def watched(start_node, upstream):
    return start_node(upstream.url, http={"listen": "127.0.0.1:0"},
                      limits={"requests_per_minute": 0})


def entries(node, message="call"):
    """The log's lines with this message."""
    found = []
    for line in node.log().splitlines():
        if line.startswith("{"):
            entry = json.loads(line)
            if entry["message"] == message:
                found.append(entry)
    return found


def call_entries(node, count):
    return wait_until(lambda: len(entries(node)) >= count and entries(node), 5, "the log's lines")


def test_the_ports_are_told(watched):
    assert watched.log().splitlines()[0].startswith("listening on 127.0.0.1:")
    assert watched.log().splitlines()[1].startswith("http listening on 127.0.0.1:")


def test_healthz_and_readyz_answer(watched):
    address = http_address(watched)
    assert get(address, "/healthz").status == 200
    ready = get(address, "/readyz")
    assert (ready.status, "it answers" in ready.body) == (200, True)
    assert get(address, "/nothing-here").status == 404
    assert get(address, "/metrics?name=x").status == 200
    assert get(address, "/metrics", method="HEAD").body == ""


def test_readiness_is_known_when_the_upstream_is_away(start_node):
    node = start_node("http://127.0.0.1:1/v1", http={"listen": "127.0.0.1:0"})
    ready = get(http_address(node), "/readyz")
    assert ready.status == 200
    assert "it answers" not in ready.body


def test_readyz_says_draining(watched, chat, upstream):
    gate = threading.Event()

    def slow(request, reply):
        gate.wait(20)
        echo(request, reply)

    upstream.answer = slow
    call = watched.llm.Invoke.future(chat.InvokeRequest(query="slow"))
    wait_until(lambda: upstream.chats)
    address = http_address(watched)
    watched.process.send(15)
    wait_until(lambda: get(address, "/readyz").status == 503, 5, "not ready")
    assert get(address, "/readyz").body == "draining\n"
    assert get(address, "/healthz").status == 200
    gate.set()
    assert call.result(20).result == "slow"


def test_counters_are_the_sums_of_the_responses(watched, chat, upstream):
    def answer(request, reply):
        reply.open()
        reply.send(text("yes"), finish(), usage(100, 50))
        reply.close()

    upstream.answer = answer
    answers = [watched.llm.Invoke(chat.InvokeRequest(query=f"q{i % 4}")) for i in range(10)]
    metrics = Metrics(watched)
    requests = "holysheep_requests_total"
    assert metrics.sum(requests, outcome="ok", cache="miss", **MODEL) == 4
    assert metrics.sum(requests, outcome="ok", cache="hit", **MODEL) == 6
    tokens = "gen_ai_server_token_usage_total"
    assert metrics.sum(tokens, gen_ai_token_type="input") == sum(
        a.usage.prompt_tokens for a in answers)
    assert metrics.sum(tokens, gen_ai_token_type="output", source="upstream") == 4 * 50
    cost = sum(Decimal(a.cost.total) for a in answers)
    saved = sum(Decimal(a.cost.saved) for a in answers)
    assert metrics.sum("holysheep_cost_usd_total") == pytest.approx(float(cost))
    assert metrics.sum("holysheep_saved_usd") == pytest.approx(float(saved))
    assert metrics.sum("holysheep_upstream_attempts_total", code="200") == 4
    assert metrics.sum("gen_ai_server_request_duration_seconds_count") == 10
    assert metrics.sum("gen_ai_server_time_to_first_token_seconds_count") == 4
    assert metrics.sum("holysheep_cache_entries") == 4
    assert metrics.sum("holysheep_ready") == 1


def test_retries_upstream_codes_and_breakers_show(start_node, chat, sim):
    node = start_node(sim.url, http={"listen": "127.0.0.1:0"}, breaker={"failures": 3})
    sim.fault("unavailable")
    for _ in range(2):
        with pytest.raises(grpc.RpcError):
            node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    metrics = Metrics(node)
    assert metrics.sum("holysheep_upstream_attempts_total", code="503") == 3
    assert metrics.sum("holysheep_upstream_retries_total", **MODEL) == 2
    assert metrics.sum("holysheep_breaker_state", **MODEL) == 2
    assert metrics.sum("holysheep_requests_total", outcome="error",
                       error_type="UPSTREAM_5XX") + metrics.sum(
        "holysheep_requests_total", outcome="error", error_type="CIRCUIT_OPEN") == 2
    assert wait_until(lambda: entries(node, "circuit opened"), 5)[0]["model"] == "deepseek-v3.2"


def test_labels_are_bounded_whatever_callers_name(watched, chat):
    for i in range(30):
        watched.llm.Invoke(chat.InvokeRequest(query="Hallo", model=f"made-up-{i}"))
    metrics = Metrics(watched)
    assert "made-up" not in metrics.text
    assert metrics.sum("holysheep_requests_total", gen_ai_request_model="other") == 30


def test_the_key_and_prompts_are_not_in_metrics_or_log(watched, chat):
    watched.llm.Invoke(chat.InvokeRequest(query="a secret of mine"))
    call_entries(watched, 1)
    for said in (Metrics(watched).text, watched.log()):
        assert KEY not in said and "secret of mine" not in said


def test_one_line_a_call_with_what_an_operator_needs(watched, chat):
    for _ in range(2):
        watched.llm.Invoke(chat.InvokeRequest(query="Hallo", request_id="find-me"))
    with refused("NOT_FOUND", "CACHE_MISS"):
        watched.llm.Invoke(chat.InvokeRequest(query="else", cache={"mode": "ONLY_IF_CACHED"}))
    miss, hit, error = call_entries(watched, 3)
    assert miss["request_id"] == hit["request_id"] == "find-me"
    assert (miss["outcome"], miss["cache"], miss["attempts"]) == ("ok", "miss", 1)
    assert (hit["outcome"], hit["cache"], hit["cost_usd"]) == ("ok", "hit", 0)
    assert (error["outcome"], error["reason"], error["code"]) == (
        "error", "CACHE_MISS", "NOT_FOUND")
    assert miss["level"] == "info" and miss["time"].endswith("Z")
    assert miss["latency_ms"] >= miss["upstream_ms"] > 0
    assert miss["model"] == "deepseek-v3.2" and "caller" in miss


def test_a_caller_who_leaves_is_in_the_log(watched, chat, upstream):
    gate = threading.Event()

    def slow(request, reply):
        reply.open()
        reply.send(text("one"))
        gate.wait(20)

    upstream.answer = slow
    stream = watched.llm.InvokeStream(chat.InvokeRequest(query="Hallo"))
    assert next(stream).WhichOneof("event") == "started"
    next(stream)
    stream.cancel()
    entry, = call_entries(watched, 1)
    gate.set()
    assert (entry["outcome"], entry["attempts"]) == ("cancelled", 1)


def test_hostile_text_breaks_no_line(watched, chat):
    nasty = 'a"b\\c{}[]\tä'
    request = chat.InvokeRequest(query="Hallo", model="no\n{\"such\": 1}",
                                 caller={"source": nasty, "app_id": "x\r\ny"})
    watched.llm.Invoke(request)
    entry, = call_entries(watched, 1)
    assert (entry["source"], entry["app_id"]) == (nasty, "x\r\ny")
    assert entry["model"] == "no\n{\"such\": 1}"


def test_prompts_are_logged_when_asked_for_by_name(start_node, chat, upstream):
    node = start_node(upstream.url, log={"prompts": True})
    node.llm.Invoke(chat.InvokeRequest(query="tell me"))
    assert "tell me" in call_entries(node, 1)[0]["prompt"]


def test_the_log_may_be_text_and_may_be_quiet(start_node, chat, upstream):
    node = start_node(upstream.url, log={"format": "text"})
    node.llm.Invoke(chat.InvokeRequest(query="Hallo", request_id="find-me"))
    wait_until(lambda: 'info call request_id="find-me"' in node.log(), 5)
    quiet = start_node(upstream.url, log={"level": "warn"})
    quiet.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert quiet.stop() == 0
    assert "call" not in quiet.log()


PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_traceparent_goes_to_the_upstream_and_into_the_log(watched, chat, upstream):
    watched.llm.Invoke(chat.InvokeRequest(query="Hallo"), metadata=[("traceparent", PARENT)])
    sent = upstream.chats[-1].headers["traceparent"]
    version, trace, span, flags = sent.split("-")
    assert (version, trace, flags) == ("00", PARENT.split("-")[1], "01")
    assert len(span) == 16 and span != PARENT.split("-")[2]
    entry, = call_entries(watched, 1)
    assert (entry["trace_id"], entry["span_id"]) == (trace, span)


@pytest.mark.parametrize("bad", ["", "x", PARENT[:-1], PARENT.replace("4bf", "4BF"),
                                 "ff" + PARENT[2:], "00-" + "0" * 32 + PARENT[35:],
                                 PARENT + "-more"])
def test_a_bad_traceparent_is_not_passed_on(watched, chat, upstream, bad):
    watched.llm.Invoke(chat.InvokeRequest(query="Hallo"), metadata=[("traceparent", bad)])
    assert "traceparent" not in upstream.chats[-1].headers


def test_a_traceparent_is_no_part_of_the_cache_key(watched, chat):
    watched.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert watched.llm.Invoke(chat.InvokeRequest(query="Hallo"),
                              metadata=[("traceparent", PARENT)]).cached


def test_a_taken_http_port_is_named_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        config = f"http: {{listen: '127.0.0.1:{port}'}}\nlisten: 127.0.0.1:0\n"
        result = run_with(config)
    assert result.returncode == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert f"http.listen: cannot listen on 127.0.0.1:{port}" in result.stderr
    assert "choose another port" in result.stderr


def run_with(config):
    import pathlib
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "config.yaml"
        path.write_text(config)
        return run("holysheep-node", "--config", path, HOLYSHEEP_API_KEY=KEY)


def raw(address, data, timeout=5):
    """What the port says to these bytes."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout) as connection:
        connection.sendall(data)
        received = b""
        try:
            while piece := connection.recv(65536):
                received += piece
        except ConnectionResetError:
            pass
        return received


@pytest.mark.parametrize(("data", "status"), [
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
    (b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 20000 + b"\r\n\r\n", b"431"),
    (b"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", b"405"),
    (b"DELETE /metrics HTTP/1.1\r\nHost: a\r\n\r\n", b"405"),
    (b"GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123456789", b"413"),
], ids=["tls", "long header", "post", "delete", "body"])
def test_the_http_port_refuses_what_it_does_not_take(watched, data, status):
    address = http_address(watched)
    answer = raw(address, data)
    assert answer.split()[1:2] == [status]
    assert get(address, "/healthz").status == 200


def test_many_idle_connections_do_not_lock_watchers_out(watched):
    host, port = http_address(watched).rsplit(":", 1)
    idle = [socket.create_connection((host, int(port)), 5) for _ in range(200)]
    for _ in range(10):
        assert get(f"{host}:{port}", "/healthz", timeout=1).status == 200
    for connection in idle:
        connection.close()


def test_ready_soon_after_the_start(start_node, upstream):
    start = time.monotonic()
    node = start_node(upstream.url, http={"listen": "127.0.0.1:0"})
    assert get(http_address(node), "/readyz").status == 200
    assert time.monotonic() - start < 2 * SLOWDOWN


def test_a_taken_default_port_for_watchers_stops_no_calls(start_node, chat, upstream):
    upstream.answer = echo
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 9464))
            taken.listen()
        except OSError:
            pass  # Somebody else has taken it.
        node = start_node(upstream.url, http={"listen": "127.0.0.1:9464"})
        assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result == "Hallo"
        wait_until(lambda: "going on without /metrics" in node.log(), 5, "the warning")


def test_clients_that_read_no_answer_do_not_keep_others_from_healthz(watched):
    host, port = http_address(watched).rsplit(":", 1)
    deaf = []
    try:
        for _ in range(100):  # More than the port takes.
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.connect((host, int(port)))
            connection.sendall(b"GET /metrics HTTP/1.1\r\n\r\n" * 50)
            deaf.append(connection)
        for _ in range(20):
            begun = time.perf_counter()
            assert get(http_address(watched), "/healthz").status == 200
            assert time.perf_counter() - begun < 0.5 * SLOWDOWN
    finally:
        for connection in deaf:
            connection.close()


def test_pages_of_metrics_are_made_once_a_second_and_are_never_old(watched, chat):
    calls = 3
    begun = time.perf_counter()
    for number in range(calls):
        watched.llm.Invoke(chat.InvokeRequest(query=f"{number}"))
        pages = []
        threads = [threading.Thread(target=lambda: pages.append(Metrics(watched))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {page.sum("holysheep_requests_total") for page in pages} == {number + 1}
    assert calls - 1 <= time.perf_counter() - begun < calls + 1 * SLOWDOWN
