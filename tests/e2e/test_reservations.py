"""What a call that gave no answer leaves of the tokens and the money reserved for it."""

import signal
import threading
import time
from decimal import Decimal

import grpc
import pytest

from harness.errors import refusal_of
from harness.node import default_config, merged
from harness.process import SLOWDOWN, free_port, wait_until
from harness.upstream import echo, text

# Room for one reservation of 2,048 tokens and its prompt, and for a little more.
TOKENS = 2200


@pytest.fixture
def limited(start_node, upstream):
    return start_node(upstream.url, limits={"tokens_per_minute": TOKENS},
                      timeouts={"first_token": "1s", "idle": "1s"})


@pytest.fixture
def stuck(upstream):
    """Answers to `stuck` say what `stuck.says` holds and go on when the test has ended."""
    gate = threading.Event()
    gate.says = []

    def answer(request, reply):
        if request.body["messages"][-1]["content"] != "stuck":
            return echo(request, reply)
        if gate.says:
            reply.open()
            reply.send(*gate.says)
        gate.wait(30)

    upstream.answer = answer
    yield gate
    gate.set()


def expect_the_next_goes_at_once(node, chat):
    begun = time.monotonic()
    answer = node.llm.Invoke(chat.InvokeRequest(query="next", max_tokens=2048), timeout=30)
    assert answer.result == "next"
    assert time.monotonic() - begun < 2 * SLOWDOWN


def total(node, messages):
    return node.admin.GetUsage(messages.GetUsageRequest()).total


def cancel_when_asked(node, chat, upstream, pieces=0):
    """A call that its caller leaves: as it waits for an answer, or after some pieces of it."""
    stream = node.llm.InvokeStream(chat.InvokeRequest(query="stuck", max_tokens=2048))
    wait_until(lambda: upstream.chats, what="the request")
    for _ in range(pieces + 1 if pieces else 0):
        next(stream)
    stream.cancel()


@pytest.mark.parametrize("pieces", [0, 1])
def test_a_cancelled_call_lets_the_next_one_go_at_once(limited, chat, messages, upstream, stuck,
                                                       pieces):
    stuck.says = [text("word")] * pieces
    cancel_when_asked(limited, chat, upstream, pieces)
    wait_until(lambda: Decimal(total(limited, messages).unreported) > 0, what="the charge")
    expect_the_next_goes_at_once(limited, chat)


def test_a_waiting_call_goes_when_the_one_before_it_is_cancelled(limited, chat, messages,
                                                                 upstream, stuck):
    stream = limited.llm.InvokeStream(chat.InvokeRequest(query="stuck", max_tokens=2048))
    wait_until(lambda: upstream.chats, what="the request")
    waiting = limited.llm.Invoke.future(chat.InvokeRequest(query="next", max_tokens=2048),
                                        timeout=90)
    stats = messages.GetStatsRequest()
    wait_until(lambda: limited.admin.GetStats(stats).queue == 1, what="the waiting call")
    stream.cancel()
    assert waiting.result(2 * SLOWDOWN).result == "next"


@pytest.mark.parametrize("pieces", [0, 1])
def test_a_timeout_lets_the_next_one_go_at_once(limited, chat, messages, stuck, pieces):
    stuck.says = [text("word")] * pieces
    with pytest.raises(grpc.RpcError) as failed:
        limited.llm.Invoke(chat.InvokeRequest(query="stuck", max_tokens=2048, max_attempts=1))
    assert refusal_of(failed.value).reason == ["FIRST_TOKEN_TIMEOUT", "IDLE_TIMEOUT"][pieces]
    assert Decimal(total(limited, messages).unreported) > 0
    expect_the_next_goes_at_once(limited, chat)


def test_the_callers_deadline_lets_the_next_one_go_at_once(limited, chat, stuck):
    with pytest.raises(grpc.RpcError) as failed:
        limited.llm.Invoke(chat.InvokeRequest(query="stuck", max_tokens=2048,
                                              timeouts={"total_ms": 300}))
    assert refusal_of(failed.value).reason == "TOTAL_TIMEOUT"
    expect_the_next_goes_at_once(limited, chat)


def test_a_broken_stream_lets_the_next_one_go_at_once(limited, chat, messages, upstream):
    def broken(_, reply):
        reply.open()
        reply.send(text("word"))
        reply.close(done=False)

    upstream.answer = broken
    with pytest.raises(grpc.RpcError) as failed:
        limited.llm.Invoke(chat.InvokeRequest(query="x", max_tokens=2048, max_attempts=1))
    assert refusal_of(failed.value).reason == "STREAM_TRUNCATED"
    assert Decimal(total(limited, messages).unreported) > 0
    upstream.answer = echo
    expect_the_next_goes_at_once(limited, chat)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_what_the_upstream_refuses_costs_nothing(limited, chat, messages, upstream, status):
    upstream.answer = lambda _, reply: reply.error(status)
    with pytest.raises(grpc.RpcError):
        limited.llm.Invoke(chat.InvokeRequest(query="x", max_tokens=2048, max_attempts=1))
    assert total(limited, messages).unreported == "0"
    upstream.answer = echo
    expect_the_next_goes_at_once(limited, chat)


def test_what_never_left_costs_nothing(start_node, chat, messages):
    node = start_node(f"http://127.0.0.1:{free_port()}/v1", limits={"tokens_per_minute": TOKENS})
    for query in ("a", "b"):
        with pytest.raises(grpc.RpcError) as failed:
            node.llm.Invoke(chat.InvokeRequest(query=query, max_tokens=2048, max_attempts=1))
        assert refusal_of(failed.value).reason == "UPSTREAM_CONNECT"
    assert total(node, messages).unreported == "0"


def test_a_reservation_ends_with_its_attempt_after_a_reload_too(start_node, chat, messages,
                                                                upstream, stuck):
    # One reservation costs 0.00086 USD.
    settings = {"limits": {"tokens_per_minute": TOKENS},
                "budgets": [{"caller": "*", "model": "*", "usd": "0.0010", "period": "month"}]}
    node = start_node(upstream.url, **settings)
    stream = node.llm.InvokeStream(chat.InvokeRequest(query="stuck", max_tokens=2048))
    wait_until(lambda: upstream.chats, what="the request")
    settings["budgets"][0]["usd"] = "0.0011"
    settings["limits"]["tokens_per_minute"] = TOKENS + 1
    before = len(node.log())
    node.write_config(merged(default_config(upstream.url), settings))
    node.process.send(signal.SIGHUP)
    wait_until(lambda: "configuration reloaded" in node.log()[before:], what="the reload")
    stream.cancel()
    wait_until(lambda: Decimal(total(node, messages).unreported) > 0, what="the charge")
    expect_the_next_goes_at_once(node, chat)
