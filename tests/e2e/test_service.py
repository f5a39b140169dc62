"""ListModels, ValidateCredentials, GetStats, who may call, and connections."""

import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.errors import refused
from harness.process import SLOWDOWN, rss_mb, wait_until
from harness.upstream import echo


def test_the_catalog_has_the_prices_and_savings_of_the_mission(node, messages):
    models = node.llm.ListModels(messages.ListModelsRequest()).models
    told = {m.id: (m.prompt_price, m.completion_price, m.official_price, m.saving_percent)
            for m in models}
    assert told == {
        "gpt-4.1": ("8", "8", "60", 86.7), "claude-sonnet-4.5": ("15", "15", "45", 66.7),
        "gemini-2.5-flash": ("2.5", "2.5", "10", 75.0),
        "deepseek-v3.2": ("0.42", "0.42", "2.8", 85.0)}
    assert [m.id for m in models if m.is_default] == ["deepseek-v3.2"]
    for model in models:
        assert model.label and model.available and model.currency == "USD"
        assert model.context_size > 0 and model.max_output_tokens > 0
        assert {"tools", "parallel_tools", "json_object"} <= set(model.capabilities)
    having = {c: {m.id for m in models if c in m.capabilities}
              for c in ("vision", "json_schema", "reasoning")}
    assert having == {
        "vision": {"gpt-4.1", "claude-sonnet-4.5", "gemini-2.5-flash"},
        "json_schema": {"gpt-4.1", "gemini-2.5-flash"},
        "reasoning": {"deepseek-v3.2", "claude-sonnet-4.5", "gemini-2.5-flash"}}


def validate(node, messages, **options):
    return node.llm.ValidateCredentials(messages.ValidateCredentialsRequest(), **options)


def hop(messages, answer):
    return messages.ValidateCredentialsResponse.FailedHop.Name(answer.failed_hop)


def test_good_credentials_are_validated_without_a_chat(node, messages, upstream):
    answer = validate(node, messages)
    assert (answer.ok, hop(messages, answer), answer.message) == (True, "NONE", "")
    # Once more without the key, since a list that is public says nothing of it.
    assert upstream.chats == [] and len(upstream.requests) == 2


def test_a_key_that_the_upstream_refuses_is_told(node, messages, upstream):
    upstream.models_status = 401
    answer = validate(node, messages)
    assert (answer.ok, hop(messages, answer)) == (False, "KEY")
    assert answer.message


def test_an_upstream_that_is_away_is_told(node, messages, upstream):
    upstream.close()
    answer = validate(node, messages, timeout=20)
    assert (answer.ok, hop(messages, answer)) == (False, "UPSTREAM")
    assert answer.message


def test_many_who_check_one_key_are_one_check(node, messages, upstream):
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _: validate(node, messages), range(30)))
    assert all(answer.ok for answer in answers)
    assert validate(node, messages).ok
    assert len(upstream.requests) == 2


def test_checks_of_many_keys_have_a_limit_a_minute(node, messages, upstream):
    for i in range(60):
        assert validate(node, messages, metadata=[("x-holysheep-api-key", f"{i:030}")]).ok
    with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_LOCAL") as refusal:
        validate(node, messages, metadata=[("x-holysheep-api-key", "x" * 30)])
    assert refusal.quota == [("caller:", "requests_per_minute")]
    assert 0 < refusal.retry.total_seconds() <= 60


def test_the_callers_own_key_is_validated(node, messages, upstream):
    key = "hs-mine-fedcba9876543210fedcba"
    assert validate(node, messages, metadata=[("x-holysheep-api-key", key)]).ok
    assert upstream.requests[0].headers["authorization"] == f"Bearer {key}"


def test_the_counters_tell_what_happened(node, chat, messages, upstream):
    for query in ("a", "a", "b"):
        node.llm.Invoke(chat.InvokeRequest(query=query))
    stats = node.admin.GetStats(messages.GetStatsRequest())
    assert (stats.hits, stats.misses, stats.joins) == (1, 2, 0)
    assert stats.entries == 2 and stats.bytes > 0
    upstream.answer = lambda request, reply: reply.error(400)
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT"):
        node.llm.Invoke(chat.InvokeRequest(query="c"))
    stats = node.admin.GetStats(messages.GetStatsRequest())
    assert (stats.calls, stats.errors, stats.upstream_attempts) == (4, 1, 3)


def sha256(token):
    return hashlib.sha256(token.encode()).hexdigest()


def bearer(token):
    return [("authorization", f"Bearer {token}")]


@pytest.fixture
def guarded(start_node, upstream):
    return start_node(upstream.url, auth={"tokens": [
        {"name": "user", "sha256": sha256("user-token"), "roles": ["invoke"],
         "requests_per_minute": 2},
        {"name": "boss", "sha256": sha256("boss-token"), "roles": ["invoke", "admin"]},
        {"name": "twin", "sha256": sha256("twin-token"), "roles": ["invoke"], "scope": "boss"}]})


@pytest.mark.parametrize("metadata", [None, bearer("wrong"), bearer(""),
                                      [("authorization", "Basic user-token")]], ids=str)
def test_promise_15_a_caller_without_a_token_is_refused(guarded, chat, upstream, metadata):
    with refused("UNAUTHENTICATED", "UNAUTHENTICATED"):
        guarded.llm.Invoke(chat.InvokeRequest(query="Hallo"), metadata=metadata)
    assert upstream.chats == []


def test_promise_15_admin_needs_its_role(guarded, messages):
    with refused("PERMISSION_DENIED", "PERMISSION_DENIED"):
        guarded.admin.GetStats(messages.GetStatsRequest(), metadata=bearer("user-token"))
    guarded.admin.GetStats(messages.GetStatsRequest(), metadata=bearer("boss-token"))


def test_promise_06_a_caller_has_limits_of_its_own(guarded, chat):
    for query in "ab":
        guarded.llm.Invoke(chat.InvokeRequest(query=query), metadata=bearer("user-token"))
    with refused("RESOURCE_EXHAUSTED", "RATE_LIMITED_LOCAL") as refusal:
        guarded.llm.Invoke(chat.InvokeRequest(query="c", timeouts={"queue_ms": 200}),
                           metadata=bearer("user-token"))
    assert "user" in refusal.quota[0][0]
    guarded.llm.Invoke(chat.InvokeRequest(query="c"), metadata=bearer("boss-token"))


def test_promise_01_callers_share_answers_only_where_their_scope_says_so(guarded, chat):
    def cached(token):
        return guarded.llm.Invoke(chat.InvokeRequest(query="Hallo"),
                                  metadata=bearer(token)).cached

    assert [cached(t) for t in ("boss-token", "user-token", "twin-token")] == [
        False, False, True]


def test_connections_are_reused(node, chat, upstream):
    for i in range(20):
        node.llm.Invoke(chat.InvokeRequest(query=f"{i}"))
    assert len({request.port for request in upstream.chats}) == 1


def test_an_upstream_that_comes_back_is_used_again(start_node, chat, upstream):
    """Kept connections that the upstream has closed cost no call."""
    node = start_node(upstream.url)

    def once(request, reply):
        echo(request, reply)
        reply._handler.close_connection = True

    closed = threading.Semaphore(0)
    close = upstream._server.shutdown_request

    def close_and_say_so(request):
        close(request)
        closed.release()

    upstream._server.shutdown_request = close_and_say_so
    upstream.answer = once
    for i in range(5):
        assert node.llm.Invoke(chat.InvokeRequest(query=f"{i}")).attempts == 1
        assert closed.acquire(timeout=10)
    wait_until(lambda: len(upstream.chats) == 5)


def test_ready_within_100_ms_and_small_when_idle(start_node, upstream):
    """The figures of a release build; a sanitized one only has to start."""
    start = time.monotonic()
    node = start_node(upstream.url)
    assert time.monotonic() - start < 0.3 * SLOWDOWN, "the test's own share included"
    if SLOWDOWN == 1:
        assert rss_mb(node.process.pid) <= 30
