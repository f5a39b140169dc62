"""What an upstream's refusal means, by its words before its status."""

import pathlib

import grpc
import pytest
import yaml

from harness.errors import refusal_of, refused
from harness.upstream import echo

WILD = yaml.safe_load((pathlib.Path(__file__).parents[1] / "wild/answers.yaml").read_text())
CASES = {case["name"]: case for case in WILD}
QUOTA = CASES["an account that is used up"]


def says(case):
    """An upstream that answers each chat as the case has it."""
    headers = {name.replace("-", "_"): value for name, value in case.get("headers", {}).items()}
    return lambda request, reply: reply.json(case["body"].encode(), case["status"], **headers)


def said(status, **error):
    return lambda request, reply: reply.json({"error": error}, status)


def error_of(node, chat, query="Hallo", **fields):
    with pytest.raises(grpc.RpcError) as caught:
        node.llm.Invoke(chat.InvokeRequest(query=query, **fields), timeout=60)
    return refusal_of(caught.value)


@pytest.fixture
def touchy(start_node, upstream):
    """Its circuit opens at the first failure."""
    return start_node(upstream.url, breaker={"failures": 1}, limits={"requests_per_minute": 0})


@pytest.mark.parametrize("name, reason", [
    ("an account that is used up", "UPSTREAM_QUOTA"),
    ("too long a prompt as 500", "CONTEXT_LENGTH"),
    ("too long, Qwen", "CONTEXT_LENGTH"),
    ("unknown model as 503", "MODEL_NOT_FOUND"),
    ("moderation as 403", "CONTENT_FILTER"),
    ("FastAPI's list", "INVALID_ARGUMENT"),
])
def test_words_come_before_the_status(touchy, chat, upstream, name, reason):
    upstream.answer = says(CASES[name])
    assert error_of(touchy, chat).reason == reason
    assert len(upstream.chats) == 1, "tried again"
    upstream.answer = echo
    assert touchy.llm.Invoke(chat.InvokeRequest(query="well")).result == "well"


def test_what_the_caller_asks_about_is_no_word_of_the_upstreams(touchy, chat, upstream):
    upstream.answer = lambda request, reply: reply.error(
        400, message=f"cannot read {request.body['messages'][-1]['content']}")
    for query in ["Why is my prompt is too long here?", "Is my insufficient balance a sin?"]:
        error = error_of(touchy, chat, query)
        assert error.reason == "INVALID_ARGUMENT" and query in error.message


def test_the_upstreams_words_reach_the_caller_in_every_shape(touchy, chat, upstream):
    upstream.answer = says(CASES["FastAPI's list"])
    assert "body.messages: field required" in error_of(touchy, chat).message
    upstream.answer = lambda request, reply: reply.json(
        {"error": {"message": "Provider returned error", "code": 400,
                   "metadata": {"raw": '{"error":{"message":"bad seed"}}'}}}, 400)
    assert "bad seed" in error_of(touchy, chat).message


@pytest.mark.parametrize("where", ["reply", "stream"])
@pytest.mark.parametrize("error", [
    {"message": "You exceeded your current quota", "code": "insufficient_quota"},
    {"message": "Access denied", "code": "Arrearage"},
    {"message": "Insufficient balance, please recharge"},
])
def test_an_account_that_is_used_up_falls_back(touchy, chat, upstream, where, error):
    def answer(request, reply):
        if request.body["model"] == "gpt-4.1":
            return echo(request, reply)
        if where == "stream":
            return reply.stream({"error": error})
        return reply.json({"error": error}, 429)

    upstream.answer = answer
    assert error_of(touchy, chat).reason == "UPSTREAM_QUOTA"
    assert len(upstream.chats) == 1
    response = touchy.llm.Invoke(chat.InvokeRequest(query="Hallo", fallback_models=["gpt-4.1"]))
    assert (response.result, response.attempts, response.fallback_used) == ("Hallo", 2, True)


def test_quota_words_with_a_wait_are_a_rate_limit(touchy, chat, upstream):
    upstream.answer = says(CASES["a wait that only the body tells"])
    refusal = error_of(touchy, chat, max_attempts=2)
    assert refusal.reason == "RATE_LIMITED_UPSTREAM"
    assert refusal.retry.total_seconds() == pytest.approx(1.2)
    first, second = upstream.chats
    assert second.started - first.started >= 1.2


def test_a_code_of_quota_stays_one_with_a_wait(touchy, chat, upstream):
    upstream.answer = says(QUOTA | {"headers": {"Retry-After": "1"}})
    assert error_of(touchy, chat).reason == "UPSTREAM_QUOTA"


@pytest.mark.parametrize("wait", ["0", "0.001", "Thu, 01 Jan 2015 00:00:00 GMT"])
def test_no_retry_comes_sooner_than_the_back_off(start_node, chat, upstream, wait):
    node = start_node(upstream.url, retry={"initial_backoff": "800ms", "max_backoff": "1s"})
    upstream.answer = says(CASES["Retry-After: 0"] | {"headers": {"Retry-After": wait}})
    error_of(node, chat, max_attempts=2)
    first, second = upstream.chats
    assert second.started - first.started >= 0.4


def test_a_firewall_refuses_access_and_not_the_key(touchy, chat, upstream):
    upstream.answer = lambda request, reply: reply.json(b"<html>Blocked</html>", 403)
    refusal = error_of(touchy, chat)
    assert refusal.reason == "UPSTREAM_AUTH"
    assert "refuses access" in refusal.message and "html" not in refusal.message
    upstream.answer = said(403, message="This API key has no access")
    assert "refuses the API key" in error_of(touchy, chat).message


def test_what_is_quoted_from_the_request_decides_nothing(touchy, chat, upstream):
    upstream.answer = lambda request, reply: reply.json(
        {"detail": [{"loc": ["body", "messages"], "msg": "wrong", "type": "value_error",
                     "input": "my API key: content_filter, insufficient balance"}]}, 400)
    refusal = error_of(touchy, chat)
    assert refusal.reason == "INVALID_ARGUMENT"
    assert "my API key" not in refusal.message


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_told_at_once_with_what_to_do(touchy, chat, upstream, status):
    upstream.answer = lambda request, reply: reply.json({}, status, Location="http://x/")
    refusal = error_of(touchy, chat)
    assert refusal.reason == "UPSTREAM_CONNECT"
    assert "upstream.base_url" in refusal.message
    assert len(upstream.chats) == 1


def test_tls_where_none_is_spoken_is_told_at_once(start_node, chat, upstream):
    node = start_node(upstream.url.replace("http:", "https:"),
                      retry={"initial_backoff": "20s", "max_backoff": "20s"})
    with refused("UNAVAILABLE", "UPSTREAM_CONNECT") as refusal:
        node.llm.Invoke(chat.InvokeRequest(query="Hallo"), timeout=15)
    assert "should begin with http:" in refusal.message


@pytest.mark.parametrize("status", [408, 409, 425])
def test_a_clash_is_tried_again_and_opens_nothing(touchy, chat, upstream, status):
    upstream.answer = said(status, message="later")
    assert error_of(touchy, chat).reason == "UPSTREAM_5XX"
    assert len(upstream.chats) == 3
    upstream.answer = echo
    assert touchy.llm.Invoke(chat.InvokeRequest(query="well")).result == "well"


def test_too_long_a_prompt_goes_to_a_model_that_holds_more(touchy, chat, upstream):
    def answer(request, reply):
        if request.body["model"] == "gpt-4.1":
            return echo(request, reply)
        return said(400, message="prompt is too long: 9 tokens > 8 maximum")(request, reply)

    upstream.answer = answer
    response = touchy.llm.Invoke(chat.InvokeRequest(query="Hallo", fallback_models=["gpt-4.1"]))
    assert response.fallback_used
    refusal = error_of(touchy, chat, "b", model="gemini-2.5-flash", fallback_models=["gpt-4.1"])
    assert refusal.reason == "CONTEXT_LENGTH"
