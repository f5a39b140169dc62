"""What upstreams, networks and people really send: the inputs of tests/wild."""

import gzip
import json
import re
import time
from decimal import Decimal

import grpc
import pytest
import yaml

from harness.errors import refusal_of
from harness.process import ROOT
from harness.upstream import answer_text

CASES = [case for file in sorted((ROOT / "tests/wild").glob("*.yaml"))
         for case in yaml.safe_load(file.read_text())]
# Parts of the prompt and of the completion.
PARTS = {"cached": "cached_prompt_tokens", "cache_write": "cache_write_tokens",
         "thoughts": "reasoning_tokens"}
MODELS = {"streamed": "gpt-4.1", "whole": "deepseek-v3.2"}


def play(case, reply):
    headers = case.get("headers", {})
    if "status" in case:
        reply.json(case["body"].encode(), case["status"], **headers)
        return
    reply.open(**headers)
    parts = [bytes.fromhex(piece) for piece in case.get("hex_events", [])]
    parts += [piece.encode() for piece in case.get("raw_events", [])]
    for event in case.get("events", [] if "raw_events" in case else ["[DONE]"]):
        parts.append(event["wait_s"] if isinstance(event, dict) else f"data: {event}\n\n".encode())
    if case.get("gzip"):
        parts = [gzip.compress(b"".join(parts))]
    for part in parts:
        if isinstance(part, bytes):
            reply.raw(part)
        else:
            time.sleep(part)
    reply.close(done=False)


def player(case, upstream):
    """Plays the case, and then what a later attempt gets."""
    def answer(_, reply):
        if "then" in case and len(upstream.chats) > 1:
            reply.stream(*answer_text(case["then"]))
        else:
            play(case, reply)
    return answer


def ask(node, request, way):
    """The answer, or the refusal, and how many attempts it took."""
    try:
        if way == "whole":
            return node.llm.Invoke(request), None
        return list(node.llm.InvokeStream(request))[-1].final, None
    except grpc.RpcError as error:
        return None, refusal_of(error)


def check_answer(answer, expect, chat):
    for name in ("result", "reasoning", "finish_reason_raw"):
        assert getattr(answer, name) == expect.get(name, getattr(answer, name))
    if "finish_reason" in expect:
        assert answer.finish_reason == getattr(chat.InvokeResponse, expect["finish_reason"])
    warnings = expect.get("warnings", [])
    assert len(answer.warnings) == len(warnings), answer.warnings
    for warning, part in zip(answer.warnings, warnings):
        assert part in warning
    if "opaque" in expect:
        assert json.loads(answer.opaque_json) == json.loads(expect["opaque"])
    check_calls(answer, expect.get("tool_calls", []))
    check_usage(answer, expect)


def check_calls(answer, expected):
    """A call whose id is not expected has one that was made for it."""
    assert len(answer.tool_calls) == len(expected), answer.tool_calls
    for call, members in zip(answer.tool_calls, expected):
        assert {name: getattr(call, name) for name in members} == members
        assert "id" in members or re.fullmatch("call_[0-9A-Za-z]{24}", call.id)
    assert len({call.id for call in answer.tool_calls}) == len(expected)


def check_usage(answer, expect):
    """As told, adding up, and paid for."""
    usage, cost = answer.usage, answer.cost
    counts = [usage.prompt_tokens, usage.completion_tokens, usage.total_tokens]
    assert counts == expect.get("usage", counts)
    assert usage.estimated == expect.get("estimated", usage.estimated)
    for name, field in PARTS.items():
        assert getattr(usage, field) == expect.get(name, getattr(usage, field)), name
    assert usage.prompt_tokens + usage.completion_tokens == usage.total_tokens
    assert usage.total_tokens == answer.tokens_used
    if not answer.cached:
        price = Decimal(cost.completion_unit_price) / 1_000_000
        assert Decimal(cost.completion) == usage.completion_tokens * price


def check_refusal(refusal, expect):
    assert "error" in expect, f"{refusal.reason}: {refusal.message}"
    assert expect["error"] in (None, refusal.reason), refusal.message
    assert expect.get("message", "") in refusal.message
    assert refusal.info.domain == "holysheep.ai"


def check_counts(node, messages, answer):
    """The ledger counts as the answer does, and no circuit has opened."""
    row = node.admin.GetUsage(messages.GetUsageRequest()).total
    if answer and answer.attempts == 1:
        assert row.usage.completion_tokens == answer.usage.completion_tokens
        assert row.cost.total == answer.cost.total
    for breaker in node.admin.GetStats(messages.GetStatsRequest()).breakers:
        assert breaker.state == messages.Breaker.CLOSED
        assert not (answer and breaker.failures)


@pytest.mark.parametrize("way", MODELS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}: {case['name']}")
def test_what_upstreams_really_send(start_node, chat, messages, upstream, case, way):
    node = start_node(upstream.url)
    upstream.answer = player(case, upstream)
    request = chat.InvokeRequest(**{"query": "Hallo", "model": MODELS[way]}
                                 | case.get("request", {}))
    expect = case["expect"]
    answer, refusal = ask(node, request, way)
    if refusal:
        check_refusal(refusal, expect)
    else:
        assert "error" not in expect and "message" not in expect, answer
        check_answer(answer, expect, chat)
    assert len(upstream.chats) == expect.get("attempts", len(upstream.chats))
    check_counts(node, messages, answer)
    if "again" in expect:
        check_again(node, chat, request, case, way)


def check_again(node, chat, request, case, way):
    """A hit is the same answer; what is not kept is asked for anew."""
    request.cache.mode = chat.CacheControl.ONLY_IF_CACHED
    answer, refusal = ask(node, request, way)
    if case["expect"]["again"] == "MISS":
        assert refusal and refusal.reason == "CACHE_MISS"
    else:
        assert answer and answer.cached, refusal and refusal.message
        check_answer(answer, case["expect"], chat)


def test_every_case_says_what_is_right():
    known = {"result", "reasoning", "opaque", "finish_reason", "finish_reason_raw", "warnings",
             "tool_calls", "usage", "estimated", *PARTS, "error", "message", "attempts", "again"}
    for case in CASES:
        assert case["expect"] and set(case["expect"]) <= known, json.dumps(case["expect"])
