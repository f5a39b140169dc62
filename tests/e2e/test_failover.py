"""Several instances behind one list of addresses: promises 8 and 13 of the contract."""

import json
import re
import signal
import subprocess
import threading

import grpc
import pytest

from harness.errors import refused
from harness.node import NOT_SERVING
from harness.process import BIN, ROOT, SLOWDOWN, environment, free_port, wait_until
from harness.upstream import echo

# What clients are advised to use.
SERVICE_CONFIG = re.search(r"```json\n(\{\"loadB.*?)```",
                           (ROOT / "docs/deploy.md").read_text(), re.DOTALL)[1]

OPTIONS = [("grpc.service_config", SERVICE_CONFIG), ("grpc.initial_reconnect_backoff_ms", 100),
           ("grpc.max_reconnect_backoff_ms", 1000), ("grpc.enable_http_proxy", 0),
           ("grpc.use_local_subchannel_pool", 1)]


class Pair:
    """Two instances on addresses that stay."""

    def __init__(self, start_node, base_url, **config):
        self._start = lambda address: start_node(base_url, **config | {"listen": address})
        self.addresses = [f"127.0.0.1:{free_port()}" for _ in range(2)]
        self.nodes = [self._start(address) for address in self.addresses]
        self.list = ",".join(self.addresses)

    def restart(self, which):
        assert self.nodes[which].stop() == 0
        self.nodes[which] = self._start(self.addresses[which])

    def connect(self):
        return grpc.insecure_channel(f"ipv4:{self.list}", OPTIONS)


@pytest.fixture
def pair(start_node, upstream):
    return Pair(start_node, upstream.url)


@pytest.fixture
def llm(pair, api):
    """What a client with the documented service config calls both instances by."""
    with pair.connect() as channel:
        yield api.node_pb2_grpc.LlmNodeStub(channel)


class Held:
    """An upstream that answers only when it is let go."""

    def __init__(self, upstream):
        self.gate = threading.Event()
        upstream.answer = self._answer

    def _answer(self, request, reply):
        self.gate.wait(30)
        echo(request, reply)


@pytest.fixture
def held(upstream):
    held = Held(upstream)
    yield held
    held.gate.set()


def begin(llm, chat, way, query):
    """Starts a call; what it gives waits for the end."""
    request = chat.InvokeRequest(query=query)
    if way == "unary":
        return llm.Invoke.future(request).result
    stream = llm.InvokeStream(request)
    return lambda: list(stream)[-1].final


def kill(node):
    node.process.kill()
    # What the fixture sees at the end is a service that had ended well.
    node.stop = lambda: 0


def in_flight(node, messages):
    """How many calls an instance has at the upstream."""
    return node.admin.GetStats(messages.GetStatsRequest()).in_flight


def node_with_the_call(pair, messages):
    """The instance that has a call at the upstream."""
    busy, = (node for node in pair.nodes if in_flight(node, messages))
    return busy


@pytest.mark.parametrize("way", ["unary", "stream"])
def test_a_call_that_was_under_way_is_never_asked_twice(
        pair, llm, chat, messages, upstream, held, way):
    result = begin(llm, chat, way, "once")
    wait_until(lambda: upstream.chats, what="the call at the upstream")
    kill(node_with_the_call(pair, messages))
    with pytest.raises(grpc.RpcError) as caught:
        result()
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    held.gate.set()
    assert begin(llm, chat, way, "other")().result == "other"
    assert len(upstream.chats) == 2


@pytest.mark.parametrize("way", ["unary", "stream"])
def test_a_call_that_meets_the_drain_deadline_is_not_asked_twice_either(
        start_node, api, chat, messages, upstream, held, way):
    pair = Pair(start_node, upstream.url, drain_timeout="300ms")
    with pair.connect() as channel:
        result = begin(api.node_pb2_grpc.LlmNodeStub(channel), chat, way, "once")
        wait_until(lambda: upstream.chats, what="the call at the upstream")
        node_with_the_call(pair, messages).process.send(signal.SIGTERM)
        with refused("UNAVAILABLE", "DRAINING"):
            result()
    assert len(upstream.chats) == 1


@pytest.mark.parametrize("way", ["unary", "stream"])
def test_calls_go_to_the_other_instance_while_one_drains(
        pair, llm, chat, messages, upstream, held, way):
    running = [begin(llm, chat, way, f"running {i}") for i in range(4)]
    wait_until(lambda: len(upstream.chats) == 4)
    draining, other = pair.nodes
    there = in_flight(draining, messages)
    draining.process.send(signal.SIGTERM)
    wait_until(lambda: draining.health() == NOT_SERVING, 5, "NOT_SERVING")
    new = [begin(llm, chat, way, f"new {i}") for i in range(4)]
    wait_until(lambda: len(upstream.chats) == 8)
    assert in_flight(other, messages) == 8 - there
    held.gate.set()
    answers = [result().result for result in running + new]
    assert answers == [f"{kind} {i}" for kind in ("running", "new") for i in range(4)]
    assert draining.process.wait(10) == 0


class Load:
    """Callers who ask one question after the other, each its own."""

    def __init__(self, llm, chat, callers=12):
        self.answers, self.errors = {}, []
        self._enough = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(llm, chat, i))
                         for i in range(callers)]
        for thread in self._threads:
            thread.start()

    def _run(self, llm, chat, caller):
        way = ("unary", "stream")[caller % 2]
        asked = 0
        while not self._enough.is_set():
            query = f"{caller}-{asked}"
            asked += 1
            try:
                self.answers[query] = begin(llm, chat, way, query)().result
            except grpc.RpcError as error:
                self.errors.append((query, error))

    def end(self):
        self._enough.set()
        for thread in self._threads:
            thread.join(30)


FREE = {"limits": {"requests_per_minute": 0, "max_concurrent": 0}, "cache": {"enabled": False}}


def restart_under_load(start_node, api, chat, sim):
    """How many calls there were, each answered once, and each with its own answer."""
    pair = Pair(start_node, sim.url, **FREE)
    with pair.connect() as channel:
        load = Load(api.node_pb2_grpc.LlmNodeStub(channel), chat)
        try:
            wait_until(lambda: len(load.answers) > 50, 20, "load")
            for which in (0, 1):
                pair.restart(which)
            enough = len(load.answers) + 50
            wait_until(lambda: len(load.answers) > enough, 20, "calls after the restarts")
        finally:
            load.end()
    assert load.errors == []
    assert all(answer == f"You said: {query}" for query, answer in load.answers.items())
    assert sim.chats() == len(load.answers)
    return len(load.answers)


def test_promise_13_a_rolling_restart_under_load_loses_no_call(start_node, api, chat, sim):
    sim.control(token_ms=5, latency={"constant_ms": 20})
    assert restart_under_load(start_node, api, chat, sim) > 100


def test_promise_13_nor_does_one_whose_calls_end_at_once(start_node, api, chat, sim):
    """Which leaves the clients the least time to hear of it."""
    assert restart_under_load(start_node, api, chat, sim) > 100


@pytest.mark.parametrize("mode", [[], ["--stream"]], ids=["unary", "stream"])
def test_promise_13_the_command_line_loses_no_call_either(start_node, sim, mode):
    sim.control(token_ms=5, latency={"constant_ms": 20})
    pair = Pair(start_node, sim.url, **FREE)
    bench = subprocess.Popen(
        [BIN / "holysheepctl", "bench", "--json", "--unique", "-n", "1000", "--rate", "200",
         "-c", "500", *mode],
        env=environment(HOLYSHEEP_ADDRESS=pair.list), stdout=subprocess.PIPE)
    try:
        wait_until(lambda: sim.chats() > 50, 20, "load")
        for which in (0, 1):
            pair.restart(which)
        report, _ = bench.communicate(timeout=60 * SLOWDOWN)
    finally:
        bench.kill()
        bench.wait()
    outcome = json.loads(report)
    assert (outcome["succeeded"], outcome["failures"]) == (1000, {})
    assert sim.chats() == 1000
