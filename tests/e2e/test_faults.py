"""Every fault of a real upstream ends in the answer or in a clean, bounded error.

Never in a hang, and never in a cut answer that looks whole.
"""

import time

import grpc
import pytest

from harness.errors import refusal_of, refused
from harness.process import SLOWDOWN, rss_mb, wait_until

TOKENS = 60


@pytest.fixture
def node(start_node, sim):
    sim.control(tokens=TOKENS)
    return start_node(sim.url, timeouts={"first_token": "300ms", "idle": "300ms", "connect": "1s"},
                      breaker={"failures": 1000}, limits={"requests_per_minute": 0})


def ask(node, chat, rpc="Invoke", **fields):
    """The answer, or the final event's answer."""
    request = chat.InvokeRequest(query="Hallo", **fields)
    if rpc == "Invoke":
        return node.llm.Invoke(request, timeout=30)
    return list(node.llm.InvokeStream(request, timeout=30))[-1].final


both = pytest.mark.parametrize("rpc", ["Invoke", "InvokeStream"])


@both
def test_s01_a_429_with_retry_after_is_waited_for(node, sim, chat, rpc):
    sim.fault("S01", retry_after=1)
    answer = ask(node, chat, rpc)
    assert answer.attempts == 2
    first, second = sim.state()["arrivals_ms"]
    assert 1000 <= second - first < 1000 + 900 * SLOWDOWN


def test_s01_a_retry_after_may_be_a_date(node, sim, chat):
    sim.fault("S01", retry_after=1, variant="http_date")
    assert ask(node, chat).attempts == 2
    first, second = sim.state()["arrivals_ms"]
    assert 900 <= second - first < 2000 + 900 * SLOWDOWN


@both
def test_s02_a_lasting_429_is_an_error_that_says_when(node, sim, chat, rpc):
    sim.fault("S02", retry_after=1)
    with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_UPSTREAM") as refusal:
        ask(node, chat, rpc, max_attempts=2)
    assert 0 < refusal.retry.total_seconds() <= 1
    assert sim.chats() == 2


@both
def test_s03_a_single_500_is_retried(node, sim, chat, rpc):
    sim.fault("S03")
    assert ask(node, chat, rpc).attempts == 2


@both
def test_s04_a_lasting_503_is_an_error_after_all_attempts(node, sim, chat, rpc):
    sim.fault("S04")
    with refused("UNAVAILABLE", "UPSTREAM_5XX"):
        ask(node, chat, rpc)
    assert sim.chats() == 3


@both
def test_s05_a_reset_before_the_headers_is_retried(node, sim, chat, rpc):
    sim.fault("S05", times=1)
    assert ask(node, chat, rpc).attempts == 2
    sim.fault("S05")
    with refused("UNAVAILABLE", "UPSTREAM_CONNECT"):
        ask(node, chat, rpc, cache={"mode": "BYPASS"})


@both
@pytest.mark.parametrize(("fault", "parameters"), [("S06", {}), ("S07", {"ms": 20_000})])
def test_s06_s07_a_silent_upstream_is_a_first_token_timeout(node, sim, chat, rpc, fault, parameters):
    sim.fault(fault, **parameters)
    start = time.monotonic()
    with refused("DEADLINE_EXCEEDED", "FIRST_TOKEN_TIMEOUT"):
        ask(node, chat, rpc, max_attempts=1)
    assert 0.25 < time.monotonic() - start < 1.5 * SLOWDOWN


def test_s06_a_silent_upstream_is_tried_again(node, sim, chat):
    sim.fault("S06", times=1)
    assert ask(node, chat).attempts == 2


@both
@pytest.mark.parametrize("variant", ["clean", "close", "reset"])
def test_s08_a_cut_stream_is_an_error(node, sim, chat, rpc, variant):
    sim.fault("S08", after=40, variant=variant)
    with refused("DATA_LOSS", "STREAM_TRUNCATED"):
        ask(node, chat, rpc)
    assert sim.chats() == 1, "no retry after the first delta"


@both
@pytest.mark.parametrize("heartbeat", [{}, {"heartbeat_ms": 50}])
def test_s09_a_stall_is_an_idle_timeout_heartbeats_or_not(node, sim, chat, rpc, heartbeat):
    sim.fault("S09", after=20, ms=20_000, **heartbeat)
    start = time.monotonic()
    with refused("DEADLINE_EXCEEDED", "IDLE_TIMEOUT"):
        ask(node, chat, rpc)
    assert 0.25 < time.monotonic() - start < 1.5 * SLOWDOWN


@both
def test_s10_a_malformed_chunk_is_an_error(node, sim, chat, rpc):
    sim.fault("S10", after=3)
    with refused("INTERNAL", "UPSTREAM_MALFORMED"):
        ask(node, chat, rpc)


@both
def test_s11_a_stream_without_done_is_whole_if_it_has_a_finish_reason(node, sim, chat, rpc):
    sim.fault("S11")
    assert ask(node, chat, rpc).usage.completion_tokens == TOKENS
    assert ask(node, chat, rpc).cached


@both
def test_s11_done_without_a_finish_reason_is_accepted_with_a_warning_and_not_kept(
        node, sim, chat, rpc):
    sim.fault("S11b")
    assert ask(node, chat, rpc).warnings
    assert not ask(node, chat, rpc).cached


@both
def test_s12_a_context_too_long_is_told_and_not_retried(node, sim, chat, rpc):
    sim.fault("S12")
    with refused("OUT_OF_RANGE", "CONTEXT_LENGTH"):
        ask(node, chat, rpc)
    assert sim.chats() == 1


@both
def test_s13_a_filtered_prompt_is_told_and_not_retried(node, sim, chat, rpc):
    sim.fault("S13")
    with refused("FAILED_PRECONDITION", "CONTENT_FILTER"):
        ask(node, chat, rpc)
    assert sim.chats() == 1


@both
def test_s13_a_filtered_answer_says_so_and_is_not_kept(node, sim, chat, rpc):
    sim.fault("S13b")
    assert ask(node, chat, rpc).finish_reason == chat.InvokeResponse.CONTENT_FILTER
    assert not ask(node, chat, rpc).cached


def test_s14_a_fallback_that_rejects_the_request_ends_in_a_clean_error(node, sim, chat):
    sim.control(faults=[{"fault": "S04", "model": "gpt-4.1"},
                        {"fault": "S14", "model": "claude-sonnet-4.5"}])
    request = chat.InvokeRequest(
        model="gpt-4.1", fallback_models=["claude-sonnet-4.5"],
        messages=[{"role": "USER", "parts": [{"text": "Count to three"}]},
                  {"role": "ASSISTANT", "parts": [{"text": "One, "}]}])
    with pytest.raises(grpc.RpcError) as caught:
        node.llm.Invoke(request, timeout=30)
    assert refusal_of(caught.value).reason in ("UPSTREAM_5XX", "INVALID_ARGUMENT")
    assert sim.chats() == 3 + 1


def test_s15_a_flapping_upstream_is_left_alone_while_down(start_node, sim, chat):
    node = start_node(sim.url, breaker={"failures": 3, "open_for": "2s"},
                      limits={"requests_per_minute": 0})
    sim.fault("S15", ms=3600_000)
    for i in range(20):
        with refused("UNAVAILABLE", "UPSTREAM_5XX" if i == 0 else "CIRCUIT_OPEN"):
            node.llm.Invoke(chat.InvokeRequest(query=f"{i}"))
    assert sim.chats() == 3
    sim.control(faults=[])

    def up_again():
        try:
            return node.llm.Invoke(chat.InvokeRequest(query="up?")).result
        except grpc.RpcError:
            return None

    wait_until(up_again, 5, "the probe")


def test_s16_a_fallback_is_accounted_at_its_own_price(node, sim, chat):
    sim.control(faults=[{"fault": "S04", "model": "gpt-4.1"}])
    answer = ask(node, chat, model="gpt-4.1", fallback_models=["claude-sonnet-4.5"])
    assert answer.fallback_used
    assert answer.model_used == "claude-sonnet-4.5"
    assert answer.cost.completion_unit_price == "15"
    assert answer.attempts == 4
    assert any("gpt-4.1" in warning for warning in answer.warnings)


@both
@pytest.mark.parametrize(("fault", "code", "reason", "attempts"), [
    ("unauthorized", "FAILED_PRECONDITION", "UPSTREAM_AUTH", 1),
    ("forbidden", "FAILED_PRECONDITION", "UPSTREAM_AUTH", 1),
    ("model_not_found", "NOT_FOUND", "MODEL_NOT_FOUND", 1),
    ("html_error", "UNAVAILABLE", "UPSTREAM_5XX", 3),
])
def test_an_upstream_error_is_told_as_what_it_is(node, sim, chat, rpc, fault, code, reason,
                                                attempts):
    sim.fault(fault)
    with refused(code, reason):
        ask(node, chat, rpc)
    assert sim.chats() == attempts


@both
@pytest.mark.parametrize(("fault", "reasons"), [
    ("empty_body", {"UPSTREAM_MALFORMED", "STREAM_TRUNCATED"}),
    ("garbage", {"UPSTREAM_MALFORMED", "UPSTREAM_CONNECT"}),
    ("oversized_headers", {"UPSTREAM_MALFORMED", "UPSTREAM_CONNECT"}),
    ("redirect", {"UPSTREAM_CONNECT"}),
    ("stream_error", {"UPSTREAM_MALFORMED", "UPSTREAM_5XX"}),
])
def test_an_upstream_that_speaks_nonsense_ends_in_a_clean_error(node, sim, chat, rpc, fault,
                                                               reasons):
    sim.fault(fault)
    with pytest.raises(grpc.RpcError) as caught:
        ask(node, chat, rpc)
    assert refusal_of(caught.value).reason in reasons
    assert "/v1/redirected" not in sim.state()["paths"]


@both
@pytest.mark.parametrize("fault", ["tiny_writes", "crlf", "comments", "split_data", "plain_json"])
def test_unusual_but_legal_forms_give_the_same_answer(node, sim, chat, rpc, fault):
    expected = ask(node, chat, rpc, cache={"mode": "BYPASS"}).result
    sim.fault(fault)
    answer = ask(node, chat, rpc, cache={"mode": "BYPASS"})
    assert answer.result == expected
    assert answer.usage.completion_tokens == TOKENS


@both
def test_a_huge_answer_ends_in_bounded_memory(start_node, sim, chat, rpc):
    """64 MB, of which the service may keep a part before it gives up."""
    node = start_node(sim.url)
    sim.fault("huge", megabytes=64)
    with pytest.raises(grpc.RpcError) as caught:
        ask(node, chat, rpc)
    assert caught.value.code().name in ("INTERNAL", "RESOURCE_EXHAUSTED")
    assert rss_mb(node.process.pid) < 300 * SLOWDOWN


def test_after_every_fault_nothing_is_left_over(node, sim, chat, messages):
    for fault in ("S02", "S04", "S05", "S06", "S08", "S09", "S10", "S12", "garbage", "redirect"):
        sim.fault(fault)
        with pytest.raises(grpc.RpcError):
            ask(node, chat, max_attempts=1)
    stats = node.admin.GetStats(messages.GetStatsRequest())
    assert (stats.queue, stats.in_flight) == (0, 0)
    assert stats.errors == 10
    sim.control(faults=[])
    assert ask(node, chat).usage.completion_tokens == TOKENS
