"""A reload never opens the port: it stays as it was started until a restart."""

import signal
import threading
import time

import grpc
import pytest

from harness.certificates import Authority
from harness.errors import refused
from harness.node import default_config, merged
from harness.process import SLOWDOWN, wait_until

TOKEN = [("authorization", "Bearer a")]
# SHA-256 of "a".
TOKENS = [{"name": "a", "roles": ["invoke", "admin"],
           "sha256": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"}]


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "tls")


@pytest.fixture
def files(authority):
    certificate, key = authority.sign("service")
    return {"cert_file": str(certificate), "key_file": str(key)}


@pytest.fixture
def guarded(start_node, upstream, authority, files):
    """Reachable by other machines, with TLS and tokens."""
    return start_node(upstream.url, listen="0.0.0.0:0", tls=files, auth={"tokens": TOKENS},
                      credentials=grpc.ssl_channel_credentials(authority.ca.read_bytes()))


def reload(node, config):
    """The log since then."""
    before = len(node.log())
    node.write_config(config)
    node.process.send(signal.SIGHUP)
    wait_until(lambda: "reload" in node.log()[before:], 5, "a word about the reload")
    return node.log()[before:]


def assert_shut(node, chat, messages):
    """Strangers are strangers, and the caller is still known."""
    with refused("UNAUTHENTICATED", "UNAUTHENTICATED"):
        node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    for call in (lambda m: node.admin.GetStats(messages.GetStatsRequest(), metadata=m),
                 lambda m: node.admin.PurgeCache(messages.PurgeCacheRequest(all=True), metadata=m)):
        with refused("UNAUTHENTICATED", "UNAUTHENTICATED"):
            call([])
        call(TOKEN)


def test_moving_from_tokens_to_client_certificates_takes_a_restart(
        guarded, chat, messages, upstream, authority, files):
    said = reload(guarded, merged(default_config(upstream.url), {
        "listen": "0.0.0.0:0", "tls": files | {"client_ca_file": str(authority.ca)},
        "cache": {"enabled": False}}))
    assert "the old configuration stays" in said and "client_ca_file" in said
    assert "configuration reloaded" not in said
    assert_shut(guarded, chat, messages)


def test_dropping_tokens_together_with_listen_takes_a_restart(guarded, chat, messages, upstream):
    said = reload(guarded, merged(default_config(upstream.url), {
        "listen": "127.0.0.1:0", "default_model": "gpt-4.1"}))
    assert "the old configuration stays" in said and "0.0.0.0:0" in said
    assert_shut(guarded, chat, messages)
    # Nothing of a refused file holds.
    answer = guarded.llm.Invoke(chat.InvokeRequest(query="Hallo"), metadata=TOKEN)
    assert answer.model_used == "deepseek-v3.2"


def test_a_refused_reload_can_be_mended(guarded, chat, messages, upstream):
    reload(guarded, default_config(upstream.url))
    said = reload(guarded, merged(default_config(upstream.url), {
        "auth": {"tokens": TOKENS}, "default_model": "gpt-4.1"}))
    assert "configuration reloaded" in said
    assert_shut(guarded, chat, messages)
    answer = guarded.llm.Invoke(chat.InvokeRequest(query="Hallo"), metadata=TOKEN)
    assert answer.model_used == "gpt-4.1"


def test_tokens_go_over_to_client_certificates_where_they_are_asked_for(
        start_node, chat, messages, upstream, authority, files):
    certificate, key = authority.sign("team-a", alt=None)
    mutual = {"listen": "0.0.0.0:0", "tls": files | {"client_ca_file": str(authority.ca)}}
    node = start_node(upstream.url, **mutual, auth={"tokens": TOKENS},
                      credentials=grpc.ssl_channel_credentials(
                          authority.ca.read_bytes(), key.read_bytes(), certificate.read_bytes()))
    assert "configuration reloaded" in reload(node, merged(default_config(upstream.url), mutual))
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result == "Hallo"
    with refused("PERMISSION_DENIED", "PERMISSION_DENIED"):
        node.admin.GetStats(messages.GetStatsRequest())


@pytest.mark.parametrize("kind", ["stream", "batch", "workflow"])
def test_a_token_that_a_reload_takes_away_ends_its_streams_within_a_second(
        start_node, chat, messages, sim, kind):
    sim.control(tokens=1000, token_ms=50)
    node = start_node(sim.url, auth={"tokens": TOKENS})
    item = messages.BatchItem(id="1", request=chat.InvokeRequest(query="Hallo"))
    more = threading.Event()

    def items():
        yield item
        more.wait(20)

    call = {"stream": lambda: node.llm.InvokeStream(item.request, metadata=TOKEN),
            "batch": lambda: node.llm.InvokeBatch(items(), metadata=TOKEN),
            "workflow": lambda: node.llm.RunWorkflow(messages.RunWorkflowRequest(
                query="Hallo", steps=[{"name": "a", "prompt": "b"}]), metadata=TOKEN)}[kind]()
    wait_until(lambda: sim.chats() == 1, 10, "the call at the upstream")
    other = [TOKENS[0] | {"name": "b", "sha256": "b" * 64}]
    reload(node, merged(default_config(sim.url), {"auth": {"tokens": other}}))
    start = time.monotonic()
    with refused("UNAUTHENTICATED", "UNAUTHENTICATED"):
        list(call)
    assert time.monotonic() - start < SLOWDOWN
    more.set()


def test_a_token_that_stays_keeps_its_streams(start_node, chat, upstream, sim):
    sim.control(tokens=20, token_ms=20)
    node = start_node(sim.url, auth={"tokens": TOKENS})
    stream = node.llm.InvokeStream(chat.InvokeRequest(query="Hallo"), metadata=TOKEN)
    next(stream)
    reload(node, merged(default_config(sim.url), {"auth": {"tokens": TOKENS}}))
    assert list(stream)[-1].final.result


def test_a_certificate_without_a_name_lets_nobody_in(
        start_node, chat, messages, upstream, authority, files):
    certificate, key = authority.sign("nameless", subject="/O=nobody", alt=None)
    node = start_node(upstream.url, tls=files | {"client_ca_file": str(authority.ca)},
                      credentials=grpc.ssl_channel_credentials(
                          authority.ca.read_bytes(), key.read_bytes(), certificate.read_bytes()))
    with refused("UNAUTHENTICATED", "UNAUTHENTICATED"):
        node.admin.GetStats(messages.GetStatsRequest())
    with refused("UNAUTHENTICATED", "UNAUTHENTICATED"):
        node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
