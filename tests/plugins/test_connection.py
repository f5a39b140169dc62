"""The way to the service: down, restarted, guarded, encrypted, left, crowded."""

import hashlib
import itertools
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.node import KEY, default_config
from harness.process import BIN, Process, environment, free_port, wait_until
from support.model import Model
from support.plugin import Plugin, PluginError
from support.tool import Tools
from test_errors import failing

TOKEN = "a-token-of-the-tests-0123456789"
GREENLETS = pathlib.Path(__file__).parent / "support/greenlets.py"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for localhost that is its own authority: (certificate, key)."""
    folder = tmp_path_factory.mktemp("tls")
    names = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                    "-out", names[0], "-keyout", names[1]], check=True, capture_output=True)
    return names


@pytest.fixture
def secured(sim, certificate, tmp_path):
    """The address of a service that speaks TLS only, which the harness's client does not."""
    files = {"cert_file": str(certificate[0]), "key_file": str(certificate[1])}
    config = tmp_path / "node.yaml"
    config.write_text(json.dumps(default_config(sim.url) | {"tls": files}))
    service = Process([BIN / "holysheep-node", "--config", config], tmp_path / "node.log",
                      environment(HOLYSHEEP_API_KEY=KEY))
    yield service.wait_for_log(r"listening on (\S+:\d+)")[1].replace("127.0.0.1", "localhost")
    assert service.stop() == 0


def test_a_service_that_is_down_is_named_with_a_hint_for_localhost(model_plugin, tool_plugin):
    address = f"localhost:{free_port()}"
    error = failing(lambda: Model(model_plugin, {"node_address": address}).ask("Hallo"))
    assert error.type == "InvokeConnectionError"
    assert address in error.description and "refused" in error.description
    assert "localhost is the container itself" in error.description
    error = failing(lambda: Tools(tool_plugin, {"node_address": address}).validate())
    assert "localhost is the container itself" in error.message


def test_an_unknown_host_is_named_without_that_hint(model_plugin):
    error = failing(lambda: Model(model_plugin, {"node_address": "no-such.invalid:1"}).ask("x"))
    assert error.type == "InvokeConnectionError"
    assert "the name is unknown" in error.description
    assert "localhost" not in error.description


def test_a_service_that_hangs_ends_at_the_deadline(model, node):
    model.ask("while it works")
    os.kill(node.process.pid, signal.SIGSTOP)
    try:
        start = time.monotonic()
        error = failing(lambda: model.ask("Hallo", parameters={"request_timeout": 1}))
        assert error.type == "InvokeConnectionError"
        assert "did not answer in time" in error.description
        assert 5 < time.monotonic() - start < 15
    finally:
        os.kill(node.process.pid, signal.SIGCONT)


def test_a_service_that_was_restarted_is_found_again(model_plugin, start_node, sim):
    listen = f"127.0.0.1:{free_port()}"
    model = Model(model_plugin, {"node_address": listen})
    first = start_node(sim.url, listen=listen)
    assert model.ask("before").text
    first.stop()
    assert failing(lambda: model.ask("between")).type == "InvokeConnectionError"
    start_node(sim.url, listen=listen)

    def answered():
        try:
            return model.ask("after").text
        except PluginError:
            return None

    assert wait_until(answered, 5, "an answer") == "You said: after"


class Load:
    """Callers who ask one question after the other until told to stop."""

    def __init__(self, model):
        self.asked, self.answers = itertools.count(), {}
        self._model, self._enough = model, threading.Event()
        self._pool = ThreadPoolExecutor(8)
        self._callers = [self._pool.submit(self._run, stream) for stream in [False, True] * 4]

    def _run(self, stream):
        while not self._enough.is_set():
            question = f"question {next(self.asked)}"
            self.answers[question] = self._model.ask(question, stream=stream).text

    def end(self):
        """Raises what a call has raised."""
        self._enough.set()
        for caller in self._callers:
            caller.result(60)
        self._pool.shutdown()


def test_a_rolling_restart_of_two_instances_loses_no_call(model_plugin, start_node, sim):
    sim.control(latency={"constant_ms": 20})
    addresses = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    nodes = [start_node(sim.url, listen=address, cache={"enabled": False})
             for address in addresses]
    before = sim.chats()
    load = Load(Model(model_plugin, {"node_address": ", ".join(addresses)}))
    try:
        for node, address in zip(nodes, addresses, strict=True):
            enough = len(load.answers) + 40
            wait_until(lambda enough=enough: len(load.answers) > enough, 20, "load")
            assert node.stop() == 0
            start_node(sim.url, listen=address, cache={"enabled": False})
    finally:
        load.end()
    assert all(answer == f"You said: {asked}" for asked, answer in load.answers.items())
    assert sim.chats() - before == len(load.answers)


def test_a_name_may_stand_for_several_instances(model_plugin, start_node, sim):
    listen = f"127.0.0.1:{free_port()}"
    start_node(sim.url, listen=listen)
    address = "dns:///" + listen.replace("127.0.0.1", "localhost")
    assert Model(model_plugin, {"node_address": address}).ask("Hallo").text


def test_a_service_that_dies_ends_the_stream_with_an_error(model_plugin, start_node, sim):
    node = start_node(sim.url)
    sim.control(tokens=1000, token_ms=20)
    chunks = Model(model_plugin, {"node_address": node.address}).stream("Hallo")
    next(chunks)
    node.process.process.kill()
    node.process.process.wait()
    error = failing(lambda: list(chunks))
    assert error.type == "InvokeConnectionError"
    # What the fixture sees is a service that had already ended.
    node.stop = lambda: 0


def test_a_token_is_asked_for_and_a_wrong_one_refused(model_plugin, start_node, sim):
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    node = start_node(sim.url, auth={"tokens": [
        {"name": "dify", "sha256": digest, "roles": ["invoke"]}]})
    model = Model(model_plugin, {"node_address": node.address})
    for token in ("", "wrong"):
        error = failing(lambda: model.ask("Hallo", credentials={"service_token": token}))
        assert error.type == "InvokeAuthorizationError"
        assert "Check the service token" in error.description
        assert "token" in failing(lambda: model.validate({"service_token": token})).message
    assert model.ask("Hallo", credentials={"service_token": TOKEN}).text
    assert model.validate({"service_token": TOKEN})


def test_a_token_that_is_sent_in_clear_is_warned_of(model_plugin, start_node, sim):
    failing(lambda: Model(model_plugin, {"node_address": "node.invalid:1"}).validate())
    local = Model(model_plugin, {"node_address": start_node(sim.url).address})
    local.validate({"service_token": TOKEN})
    assert "without encryption" not in model_plugin.stderr()
    away = Model(model_plugin, {"node_address": "node.invalid:1"})
    failing(lambda: away.validate({"service_token": TOKEN}))
    wait_until(lambda: "node.invalid:1 is sent without encryption" in model_plugin.stderr())
    assert TOKEN not in model_plugin.stderr()


def test_tls_with_an_own_authority(model_plugin, secured, certificate):
    pem = certificate[0].read_text()
    model = Model(model_plugin, {"node_address": secured, "tls": "custom"})
    assert model.ask("Hallo", credentials={"ca_certificate": pem}).text
    # A one-line field has taken the line ends away.
    assert model.ask("Hallo", credentials={"ca_certificate": " ".join(pem.split("\n"))}).text


def test_a_certificate_that_does_not_fit(model_plugin, secured, certificate):
    error = failing(lambda: Model(model_plugin, {"node_address": secured,
                                                 "tls": "system"}).ask("Hallo"))
    assert error.type == "InvokeConnectionError"
    assert "certificate is not trusted" in error.description
    # Trusted, but for another name.
    elsewhere = secured.replace("localhost", "127.0.0.1")
    error = failing(lambda: Model(model_plugin, {
        "node_address": elsewhere, "tls": "custom",
        "ca_certificate": certificate[0].read_text()}).ask("Hallo"))
    assert "not for this name" in error.description


def test_tls_on_one_side_only(model_plugin, secured, node):
    error = failing(lambda: Model(model_plugin, {"node_address": secured}).ask("Hallo"))
    assert error.type == "InvokeConnectionError" and "switch TLS on" in error.description
    error = failing(lambda: Model(model_plugin, {"node_address": node.address,
                                                 "tls": "system"}).ask("Hallo"))
    assert error.type == "InvokeConnectionError" and "speaks no TLS" in error.description


def test_a_proxy_of_the_environment_is_not_for_the_service(unpacked, node):
    proxy = f"http://127.0.0.1:{free_port()}"
    plugin = Plugin(unpacked["holysheep_model"],
                    env={name: proxy for name in ("http_proxy", "https_proxy", "grpc_proxy")})
    try:
        assert Model(plugin, {"node_address": node.address}).ask("Hallo proxy").text
    finally:
        plugin.close()


def test_the_address_may_come_from_the_daemons_environment(unpacked, node):
    plugin = Plugin(unpacked["holysheep_tool"], env={"HOLYSHEEP_NODE_ADDRESS": node.address})
    try:
        output = Tools(plugin, {}).run("holysheep_llm", query="Hallo env", model="gpt-4.1")
        assert output.text == "You said: Hallo env"
    finally:
        plugin.close()


def test_a_hundred_calls_at_once_and_the_heart_still_beats(model_plugin, start_node, sim):
    node = start_node(sim.url, limits={"requests_per_minute": 0, "max_concurrent": 0},
                      upstream={"max_connections": 0})
    sim.control(tokens=20, token_ms=50)
    model = Model(model_plugin, {"node_address": node.address})
    begun = len(model_plugin.beats)
    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda i: model.ask(f"question {i}"), range(100)))
    assert {answer.text for answer in answers} == {" ".join(f"t{i}" for i in range(1, 21))}
    assert all(len(answer.texts) > 1 for answer in answers)
    beats = model_plugin.beats[begun:]
    gaps = [later - earlier for earlier, later in zip(beats, beats[1:])]
    # Every 0.2 s; Dify gives up on a plugin after a minute without one.
    assert len(beats) >= 3 and max(gaps) < 2
    assert sim.state()["max_in_flight"] == 100


def test_a_thousand_words_at_once_come_whole_in_fewer_chunks(model_plugin, start_node, sim):
    node = start_node(sim.url)
    sim.control(tokens=1000)
    answer = Model(model_plugin, {"node_address": node.address}).ask("count")
    assert answer.text == " ".join(f"t{i}" for i in range(1, 1001))
    assert len(answer.texts) < 1000


def test_a_hundred_whole_answers_at_once(model_plugin, start_node, sim):
    """More than the SDK has threads for reading would be stuck if calls blocked."""
    node = start_node(sim.url, limits={"requests_per_minute": 0, "max_concurrent": 0},
                      upstream={"max_connections": 0})
    sim.control(latency={"constant_ms": 300})
    model = Model(model_plugin, {"node_address": node.address})
    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda i: model.ask(f"whole {i}", stream=False), range(100)))
    assert [a.text for a in answers] == [f"You said: whole {i}" for i in range(100)]
    assert sim.state()["max_in_flight"] == 100


def test_a_plugin_that_is_killed_frees_the_upstream_call(unpacked, start_node, sim):
    node = start_node(sim.url)
    sim.control(tokens=1000, token_ms=20)
    plugin = Plugin(unpacked["holysheep_model"])
    chunks = Model(plugin, {"node_address": node.address}).stream("Hallo")
    next(chunks)
    before = sim.state()["cancelled"]
    plugin.close()
    wait_until(lambda: sim.state()["cancelled"] == before + 1, 5, "the cancelled call")


@pytest.mark.parametrize("way", ["close", "kill", "timeout"])
def test_a_reader_that_leaves_ends_the_call(unpacked, start_node, sim, way):
    """What Dify's SDK does, or is about to do, to stop a call."""
    node = start_node(sim.url)
    sim.control(tokens=1000, token_ms=20)
    before = sim.state()["cancelled"]
    reader = subprocess.Popen([sys.executable, GREENLETS, node.address, way],
                              cwd=unpacked["holysheep_model"])
    try:
        wait_until(lambda: sim.state()["cancelled"] == before + 1, 10, "the cancelled call")
        # The end of the process would have ended it, too.
        assert reader.poll() is None
    finally:
        reader.kill()
        reader.wait()


def long_text(megabytes):
    return "🐑" * (megabytes * 1024 * 1024 // 4)


@pytest.mark.parametrize("which", ["model", "tool"])
def test_long_answers_come_in_messages_that_dify_takes(model_plugin, tool_plugin, start_node, sim,
                                                       which):
    node = start_node(sim.url)
    text = long_text(4)
    sim.control(answer={"chunks": [text]})
    credentials = {"node_address": node.address}
    if which == "model":
        assert Model(model_plugin, credentials).ask("long").text == text
    else:
        output = Tools(tool_plugin, credentials).run("holysheep_llm", query="long", model="gpt-4.1")
        assert output.text == output.variables["result"] == text
    plugin = model_plugin if which == "model" else tool_plugin
    assert plugin.longest_line < 2 * 1024 * 1024


def test_a_whole_answer_too_long_for_a_message_is_refused(model_plugin, start_node, sim):
    node = start_node(sim.url, upstream={"max_response_bytes": 16 * 1024 * 1024})
    sim.control(answer={"chunks": [long_text(1)] * 6})
    error = failing(lambda: Model(model_plugin, {"node_address": node.address}).ask(
        "long", stream=False))
    assert error.type == "InvokeBadRequestError", error
    assert "too long" in error.description


def test_a_long_prompt_gets_through(model_plugin, start_node, sim):
    node = start_node(sim.url)
    sim.control(answer={"text": "ok"})
    prompt = "x" * (8 * 1024 * 1024)
    assert Model(model_plugin, {"node_address": node.address}).ask(prompt, model="gpt-4.1").text


def test_the_plugin_says_nothing_of_its_own(model_plugin, tool_plugin):
    """Standard output is the protocol, and no log may hold a prompt."""
    for plugin in (model_plugin, tool_plugin):
        assert plugin.strays == []
        assert "Traceback" not in plugin.stderr()
        assert plugin.manifest["author"] == "holysheep-node"
    assert threading.active_count() < 50
