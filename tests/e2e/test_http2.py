"""HTTP/2 over TLS to the upstream: a scripted peer, and nginx before the simulator."""

import time

import grpc
import pytest

from harness.errors import refused
from harness.h2_peer import H2Peer
from harness.node import KEY
from harness.process import SLOWDOWN, run, wait_until
from harness.secure import authority, nginx, pair, peer, start_secure  # noqa: F401
from harness.upstream import text


def ask(node, chat, query="Hallo", **fields):
    return node.llm.Invoke(chat.InvokeRequest(query=query, **fields), timeout=60)


@pytest.mark.parametrize("version", ["2", "auto"])
def test_calls_go_over_http2(start_secure, chat, peer, version):
    node = start_secure(peer.url, version)
    assert [ask(node, chat, word).result for word in "abc"] == list("abc")
    assert peer.connections == 1


@pytest.mark.parametrize("version", ["2", "auto", "1.1"])
def test_calls_go_through_nginx(start_secure, chat, messages, nginx, version):
    node = start_secure(nginx.url, version)
    assert ask(node, chat).result == "You said: Hallo"
    assert node.llm.ValidateCredentials(messages.ValidateCredentialsRequest()).ok
    spoken = "HTTP/1.1" if version == "1.1" else "HTTP/2.0"
    wait_until(lambda: nginx.versions() == [spoken] * 3)


@pytest.mark.parametrize("version", ["2", "auto"])
def test_an_upstream_that_the_file_does_not_vouch_for_is_refused(
        start_node, chat, messages, nginx, version):
    node = start_node(nginx.url, upstream={"http_version": version}, retry={"max_attempts": 1})
    with refused("UNAVAILABLE", "UPSTREAM_CONNECT"):
        ask(node, chat)
    assert not node.llm.ValidateCredentials(messages.ValidateCredentialsRequest()).ok


def test_http2_without_tls_works_or_is_refused_with_what_to_do(start_node, chat, tmp_path):
    plain = H2Peer()
    config = tmp_path / "check.yaml"
    config.write_text(f"upstream:\n  base_url: {plain.url}\n  http_version: 2\n")
    result = run("holysheep-node", "--check", "--config", config, HOLYSHEEP_API_KEY=KEY)
    if result.returncode == 0:
        node = start_node(plain.url, upstream={"http_version": "2"}, retry={"max_attempts": 1})
        assert [ask(node, chat, word).attempts for word in "abcd"] == [1] * 4
    else:
        assert result.returncode == 2
        assert "check.yaml:3: upstream.http_version: " in result.stderr
        assert "https" in result.stderr and "1.1" in result.stderr
    plain.close()


@pytest.mark.parametrize("moment", ["before the first token", "between tokens"])
@pytest.mark.parametrize("rpc", ["Invoke", "InvokeStream"])
def test_promise_10_a_client_that_goes_away_frees_its_upstream_call(
        start_secure, chat, peer, moment, rpc):
    def answer(request, reply):
        reply.open()
        if moment == "between tokens":
            reply.send(text("one"))
        request.wait_for_close(20)

    peer.answer = answer
    node = start_secure(peer.url, "2")
    request = chat.InvokeRequest(query="Hallo")
    call = node.llm.Invoke.future(request) if rpc == "Invoke" else node.llm.InvokeStream(request)
    wait_until(lambda: peer.chats)
    if (rpc, moment) == ("InvokeStream", "between tokens"):
        assert [next(call).WhichOneof("event") for _ in range(2)] == ["started", "text"]
    left = time.monotonic()
    call.cancel()
    assert peer.chats[0].wait_for_close(5)
    assert peer.chats[0].ended_at - left < 0.05 * SLOWDOWN


def test_the_last_reader_of_an_answer_frees_its_upstream_call(start_secure, chat, peer):
    peer.answer = lambda request, reply: (reply.open(), reply.send(text("one")),
                                          request.wait_for_close(20))
    node = start_secure(peer.url, "2")
    readers = [node.llm.InvokeStream(chat.InvokeRequest(query="Hallo")) for _ in range(2)]
    for reader in readers:
        assert [next(reader).WhichOneof("event") for _ in range(2)] == ["started", "text"]
    readers[0].cancel()
    assert not peer.chats[0].wait_for_close(0.2)
    left = time.monotonic()
    readers[1].cancel()
    assert peer.chats[0].wait_for_close(5)
    assert peer.chats[0].ended_at - left < 0.05 * SLOWDOWN
    assert len(peer.chats) == 1


@pytest.mark.parametrize("timeouts", [{"total_ms": 400}, {"first_token_ms": 400}],
                         ids=lambda timeouts: next(iter(timeouts)))
def test_a_deadline_frees_the_upstream_call(start_secure, chat, peer, timeouts):
    peer.answer = lambda request, reply: request.wait_for_close(20)
    node = start_secure(peer.url, "2")
    with pytest.raises(grpc.RpcError):
        ask(node, chat, timeouts=timeouts, max_attempts=1)
    told = time.monotonic()
    assert peer.chats[0].wait_for_close(5)
    assert peer.chats[0].ended_at - told < 0.05 * SLOWDOWN


def test_what_the_service_will_not_read_frees_the_upstream_call(start_secure, chat, peer):
    def answer(request, reply):
        reply.open()
        reply.raw(b"data: {" + b"x" * 8000 + b"\n\n")
        request.wait_for_close(20)

    peer.answer = answer
    node = start_secure(peer.url, "2", retry={"max_attempts": 1})
    with refused("INTERNAL", "UPSTREAM_MALFORMED"):
        ask(node, chat)
    told = time.monotonic()
    assert peer.chats[0].wait_for_close(5)
    assert peer.chats[0].ended_at - told < 0.05 * SLOWDOWN


@pytest.mark.parametrize("version", ["2", "auto"])
def test_a_client_that_goes_away_frees_the_call_behind_nginx(
        start_secure, chat, sim, nginx, version):
    sim.fault("stall", after=1, ms=30000)
    node = start_secure(nginx.url, version)
    call = node.llm.InvokeStream(chat.InvokeRequest(query="one two three four"))
    assert [next(call).WhichOneof("event") for _ in range(2)] == ["started", "text"]
    left = time.monotonic()
    call.cancel()
    wait_until(lambda: sim.state()["cancelled"] == 1, 5)
    assert time.monotonic() - left < 0.05 * SLOWDOWN
