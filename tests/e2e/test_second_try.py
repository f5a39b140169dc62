"""A request whose connection died under it: tried again at once, once, and counted."""

import ssl
import threading

import pytest

from harness.errors import refused
from harness.http import Metrics
from harness.secure import authority, pair, peer, start_secure  # noqa: F401
from harness.upstream import Upstream, echo


def ask(node, chat, query="Hallo", **fields):
    return node.llm.Invoke(chat.InvokeRequest(query=query, **fields), timeout=60)


def hang_up(request, reply):
    request.hang_up()


def refuse(request, reply):
    reply.refuse()


def in_turn(*answers):
    """One answer after the other, the last for all further requests."""
    left = list(answers)

    def answer(request, reply):
        (left.pop(0) if len(left) > 1 else left[0])(request, reply)

    return answer


@pytest.fixture(params=["1.1", "2"])
def dying(request, start_node, upstream, start_secure, peer):
    """An upstream, and a start of the service before it."""
    if request.param == "2":
        return peer, lambda **config: start_secure(peer.url, "2", **config)
    return upstream, lambda **config: start_node(upstream.url, **config)


def test_it_is_tried_again_at_once_and_counted(dying, chat, messages):
    upstream, start = dying
    upstream.answer = in_turn(echo, hang_up, echo)
    node = start(retry={"initial_backoff": "20s", "max_backoff": "20s"},
                 http={"listen": "127.0.0.1:0"})
    assert ask(node, chat, "one").attempts == 1
    answer = ask(node, chat, "two", timeouts={"total_ms": 10000})
    assert (answer.result, answer.attempts) == ("two", 2)
    assert len(upstream.chats) == 3
    metrics = Metrics(node)
    assert metrics.sum("holysheep_upstream_attempts_total") == 3


def test_a_single_attempt_does_not_fail_by_it(dying, chat):
    upstream, start = dying
    upstream.answer = in_turn(echo, hang_up, echo, hang_up, echo)
    node = start(retry={"max_attempts": 1}, breaker={"failures": 1})
    assert [ask(node, chat, f"{n}").attempts for n in range(3)] == [1, 2, 2]
    assert len(upstream.chats) == 5


def test_no_more_are_sent_than_requests_per_minute_allow(dying, chat):
    upstream, start = dying
    upstream.answer = in_turn(echo, hang_up)
    node = start(limits={"requests_per_minute": 2})
    ask(node, chat, "one")
    with refused("UNAVAILABLE", "UPSTREAM_CONNECT") as refusal:
        ask(node, chat, "two", timeouts={"total_ms": 3000})
    assert refusal.retry.total_seconds() > 0
    assert len(upstream.chats) == 2


def test_what_dies_each_time_is_tried_max_attempts_times(dying, chat):
    upstream, start = dying
    node = start()
    ask(node, chat, "one")
    upstream.answer = hang_up
    with refused("UNAVAILABLE", "UPSTREAM_CONNECT"):
        ask(node, chat, "two")
    assert len(upstream.chats) == 1 + 3


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_a_connection_that_was_closed_while_idle_costs_no_try(start_node, authority, pair, chat,
                                                              tls):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    upstream = Upstream(tls=context if tls else None)
    closed = threading.Event()

    def answer(request, reply):
        echo(request, reply)
        request.close_kept()
        closed.set()

    upstream.answer = answer
    node = start_node(upstream.url, upstream={"ca_file": str(authority.ca)},
                      http={"listen": "127.0.0.1:0"})
    for i in range(4):
        assert ask(node, chat, f"{i}").attempts == 1
        assert closed.wait(10)
        closed.clear()
    assert Metrics(node).sum("holysheep_upstream_attempts_total") == len(upstream.chats) == 4
    upstream.close()


def test_what_http2_refuses_unread_is_tried_again_at_once_and_counted(start_secure, chat, peer):
    peer.answer = in_turn(refuse, echo)
    node = start_secure(peer.url, "2", retry={"max_attempts": 1})
    assert ask(node, chat).attempts == 2
    assert len(peer.chats) == 2


def test_who_refuses_each_time_is_asked_no_more_than_allowed(start_secure, chat, peer):
    peer.answer = refuse
    node = start_secure(peer.url, "2", limits={"requests_per_minute": 3})
    with refused("UNAVAILABLE", "UPSTREAM_CONNECT"):
        ask(node, chat)
    assert len(peer.chats) == 3
