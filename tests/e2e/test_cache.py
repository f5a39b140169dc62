"""The answer cache: promises 1 to 5 of the contract."""

import concurrent.futures
import threading

import grpc
import pytest

from harness.errors import refused
from harness.process import wait_until
from harness.upstream import answer_text, delta, echo, finish, text, usage


def outcome(chat, answer):
    return chat.CacheInfo.Outcome.Name(answer.cache_info.outcome)


def ask(node, chat, query="Hallo", metadata=None, **fields):
    return node.llm.Invoke(chat.InvokeRequest(query=query, **fields), metadata=metadata)


def final(node, chat, query="Hallo", **fields):
    return list(node.llm.InvokeStream(chat.InvokeRequest(query=query, **fields)))[-1].final


def stats(node, messages):
    return node.admin.GetStats(messages.GetStatsRequest())


def gone(node, chat, query="Hallo", **fields):
    """Whether the cache no longer has a fresh answer."""
    try:
        node.llm.Invoke(chat.InvokeRequest(query=query, cache={"mode": "ONLY_IF_CACHED"}, **fields))
        return False
    except grpc.RpcError as error:
        return error.code() == grpc.StatusCode.NOT_FOUND


TOOL = {"name": "f", "parameters_json": '{"type":"object","properties":{}}'}
# Each of these changes the answer, so each is a request of its own.
DIFFERENT = [
    {"query": "Hallo "}, {"query": "hallo"}, {"model": "gpt-4.1"}, {"temperature": 0.6},
    {"max_tokens": 2047}, {"top_p": 0.9}, {"system_prompt": "Be brief."}, {"top_k": 5},
    {"presence_penalty": 0.5}, {"frequency_penalty": 0.5}, {"seed": 1}, {"stop": ["a"]},
    {"stop": ["a", "b"]}, {"stop": ["b", "a"]}, {"tools": [TOOL]},
    {"tools": [TOOL | {"strict": True}]}, {"tools": [TOOL], "tool_choice": "none"},
    {"tools": [TOOL], "parallel_tool_calls": False},
    {"response_format": {"type": "JSON_OBJECT"}}, {"extra_params_json": '{"a": 1}'},
    {"extra_params_json": '{"a": "1"}'}, {"cache": {"namespace": "b"}},
    {"model": "gemini-2.5-flash"},
    {"model": "gemini-2.5-flash", "reasoning": {"effort": "low"}},
    {"model": "gemini-2.5-flash", "reasoning": {"effort": "high"}},
]


def test_promise_01_every_field_that_can_change_the_answer_is_in_the_key(node, chat, upstream):
    ask(node, chat)
    for fields in DIFFERENT:
        answer = ask(node, chat, **fields)
        assert outcome(chat, answer) == "MISS", fields
    assert len(upstream.chats) == 1 + len(DIFFERENT)
    for fields in DIFFERENT:
        assert outcome(chat, ask(node, chat, **fields)) == "HIT", fields


def test_promise_01_an_unknown_field_is_in_the_key(node, chat, upstream):
    """Field 999, set by a client of a later version."""
    plain = chat.InvokeRequest(query="Hallo").SerializeToString()
    call = node.channel.unary_unary("/holysheep.node.v1.LlmNode/Invoke",
                                    response_deserializer=chat.InvokeResponse.FromString)
    call(plain)
    assert outcome(chat, call(plain + b"\xb8\x3e\x01")) == "MISS"
    assert outcome(chat, call(plain + b"\xb8\x3e\x02")) == "MISS"


@pytest.mark.parametrize("fields", [
    {"user": "u"}, {"caller": {"source": "s", "app_id": "a"}}, {"request_id": "r"},
    {"timeouts": {"total_ms": 5000}}, {"max_attempts": 1}, {"fallback_models": ["gpt-4.1"]},
    {"cache": {"ttl_seconds": 60}}], ids=str)
def test_promise_01_what_does_not_change_the_answer_is_not_in_the_key(node, chat, fields):
    ask(node, chat)
    assert outcome(chat, ask(node, chat, **fields)) == "HIT"


def test_promise_01_the_order_of_json_members_does_not_matter(node, chat):
    one = '{"type":"object","properties":{"a":{"type":"string"},"b":{}}}'
    two = '{ "properties": {"b":{}, "a":{"type":"string"}}, "type":"object" }'
    ask(node, chat, tools=[{"name": "f", "parameters_json": one}],
        extra_params_json='{"x":1,"y":2}')
    again = ask(node, chat, tools=[{"name": "f", "parameters_json": two}],
                extra_params_json='{"y":2,"x":1}')
    assert outcome(chat, again) == "HIT"


def test_promise_01_callers_with_different_keys_never_share(node, chat, upstream):
    for key in ("hs-aaaaaaaaaaaaaaaaaaaaaaaa", "hs-bbbbbbbbbbbbbbbbbbbbbbbb", None):
        metadata = [("x-holysheep-api-key", key)] if key else None
        assert outcome(chat, ask(node, chat, metadata=metadata)) == "MISS"
        assert outcome(chat, ask(node, chat, metadata=metadata)) == "HIT"
    assert len(upstream.chats) == 3


def broken(request, reply):
    reply.error(500)


def truncated(request, reply):
    reply.open()
    reply.send(text("half"))
    reply.close(done=False)


def filtered(request, reply):
    reply.stream(text("..."), finish("content_filter"), usage(1, 1))


def unfinished(request, reply):
    reply.stream(text("..."), usage(1, 1))


@pytest.mark.parametrize("answer", [broken, truncated, filtered, unfinished])
def test_promise_02_only_whole_answers_are_kept(node, chat, upstream, answer):
    upstream.answer = answer
    try:
        ask(node, chat, max_attempts=1)
    except grpc.RpcError:
        pass
    upstream.answer = echo
    assert outcome(chat, ask(node, chat)) == "MISS"
    assert outcome(chat, ask(node, chat)) == "HIT"


def test_promise_02_an_answer_cut_at_max_tokens_is_kept(node, chat, upstream):
    upstream.answer = lambda request, reply: reply.stream(text("a"), finish("length"), usage(1, 1))
    ask(node, chat)
    assert outcome(chat, ask(node, chat)) == "HIT"


def test_promise_02_a_fallback_models_answer_is_not_kept(node, chat, upstream):
    def answer(request, reply):
        (broken if request.body["model"] == "gpt-4.1" else echo)(request, reply)

    upstream.answer = answer
    fields = {"model": "gpt-4.1", "fallback_models": ["gemini-2.5-flash"], "max_attempts": 1}
    assert ask(node, chat, **fields).fallback_used
    upstream.answer = echo
    again = ask(node, chat, **fields)
    assert (outcome(chat, again), again.fallback_used) == ("MISS", False)


def test_promise_02_bypass_neither_reads_nor_stores(node, chat, upstream):
    bypass = {"mode": "BYPASS"}
    assert outcome(chat, ask(node, chat, cache=bypass)) == "BYPASSED"
    assert outcome(chat, ask(node, chat)) == "MISS"
    assert outcome(chat, ask(node, chat, cache=bypass)) == "BYPASSED"
    assert len(upstream.chats) == 3


def test_promise_02_refresh_does_not_read_but_stores(node, chat, upstream):
    ask(node, chat)
    upstream.answer = lambda request, reply: reply.stream(*answer_text("newer"))
    refreshed = ask(node, chat, cache={"mode": "REFRESH"})
    assert (outcome(chat, refreshed), refreshed.result) == ("MISS", "newer")
    assert ask(node, chat).result == "newer"
    assert len(upstream.chats) == 2


def test_promise_02_only_if_cached_never_asks_the_upstream(node, chat, upstream):
    with refused("NOT_FOUND", "CACHE_MISS"):
        ask(node, chat, cache={"mode": "ONLY_IF_CACHED"})
    assert upstream.chats == []
    ask(node, chat)
    assert outcome(chat, ask(node, chat, cache={"mode": "ONLY_IF_CACHED"})) == "HIT"


def rich(request, reply):
    reply.stream(
        delta(reasoning_content="think"), text("Hal"), text("lo"),
        delta(tool_calls=[{"index": 0, "id": "c", "function": {"name": "f", "arguments": "{"}}]),
        delta(tool_calls=[{"index": 0, "function": {"arguments": "}"}}]), finish("tool_calls"),
        usage(10, 5, prompt_tokens_details={"cached_tokens": 4}))


LOST_NOTHING = ("result", "reasoning", "finish_reason", "finish_reason_raw", "usage",
                "tokens_used", "model_used", "system_fingerprint")


@pytest.mark.parametrize("first", [ask, final])
@pytest.mark.parametrize("second", [ask, final])
def test_promise_03_a_hit_loses_nothing_streamed_or_not(node, chat, upstream, first, second):
    upstream.answer = rich
    fresh, cached = first(node, chat, tools=[TOOL]), second(node, chat, tools=[TOOL])
    assert outcome(chat, cached) == "HIT"
    assert cached.cached and cached.attempts == 0
    for name in LOST_NOTHING:
        assert getattr(cached, name) == getattr(fresh, name), name
    assert list(cached.tool_calls) == list(fresh.tool_calls) != []
    assert len(upstream.chats) == 1


def pieces(node, chat, **fields):
    """Whether the answer was cached; kind and words of its pieces, neighbours joined; how many."""
    events = list(node.llm.InvokeStream(chat.InvokeRequest(query="Hallo", **fields)))
    joined = []
    for event in events[1:-1]:
        kind = event.WhichOneof("event")
        said = event.tool_call.arguments_fragment if kind == "tool_call" else getattr(event, kind)
        if joined and joined[-1][0] == kind:
            joined[-1] = (kind, joined[-1][1] + said)
        else:
            joined.append((kind, said))
    return events[0].started.cached, joined, len(events)


def test_promise_03_a_streamed_hit_has_the_pieces_of_the_original(node, chat, upstream):
    """In their order and kinds; neighbours of a kind come as one."""
    upstream.answer = rich
    fresh, cached = (pieces(node, chat, tools=[TOOL]) for _ in range(2))
    assert (fresh[0], cached[0]) == (False, True)
    assert cached[1] == fresh[1] == [
        ("reasoning", "think"), ("text", "Hallo"), ("tool_call", "{}")]
    assert cached[2] == 5


def test_promise_03_kinds_that_alternate_keep_their_order_in_a_hit(node, chat, upstream):
    words = [delta(reasoning_content="a"), delta(reasoning_content="b"), text("c"), text("d"),
             delta(reasoning_content="e"), text("f"), text("g")]
    upstream.answer = lambda request, reply: reply.stream(*words, finish(), usage(1, 2))
    fresh, cached = pieces(node, chat), pieces(node, chat)
    assert cached[1] == fresh[1] == [
        ("reasoning", "ab"), ("text", "cd"), ("reasoning", "e"), ("text", "fg")]
    assert cached[2] == 6


def test_a_cached_answer_of_200_words_is_a_few_messages(node, chat, upstream):
    words = [f"word{i} " for i in range(200)]
    upstream.answer = lambda request, reply: reply.stream(
        *map(text, words), finish(), usage(1, 200))
    pieces(node, chat)
    cached, joined, messages = pieces(node, chat)
    assert cached and joined == [("text", "".join(words))]
    assert messages <= 8


def test_promise_03_a_hit_costs_nothing_and_shows_what_it_saved(node, chat):
    fresh, cached = ask(node, chat, model="gpt-4.1"), ask(node, chat, model="gpt-4.1")
    assert (cached.cost.total, cached.cost.prompt, cached.cost.completion) == ("0", "0", "0")
    assert cached.cost.official == fresh.cost.official != "0"
    assert cached.cost.saved == cached.cost.official
    assert cached.cache_info.age_ms >= 0


class Gate:
    """An upstream answer that waits half-way until it is let through."""

    def __init__(self, upstream):
        self.open = threading.Event()
        upstream.answer = self._answer

    def _answer(self, request, reply):
        reply.open()
        reply.send(text("one"))
        self.open.wait(30)
        reply.send(text(" two"), finish(), usage(10, 2))
        reply.close()


@pytest.fixture
def gate(upstream):
    gate = Gate(upstream)
    yield gate
    gate.open.set()


def begun(node, chat, query="Hallo"):
    """A stream that has its first piece, so that it reads the flight."""
    stream = node.llm.InvokeStream(chat.InvokeRequest(query=query))
    assert [next(stream).WhichOneof("event") for _ in range(2)] == ["started", "text"]
    return stream


def test_promise_04_identical_concurrent_calls_make_one_upstream_call(
        node, chat, messages, upstream, gate):
    leader = begun(node, chat)
    unary = [node.llm.Invoke.future(chat.InvokeRequest(query="Hallo")) for _ in range(20)]
    streams = [begun(node, chat) for _ in range(20)]
    wait_until(lambda: stats(node, messages).joins == 40)
    gate.open.set()
    joined = [list(stream)[-1].final for stream in streams] + [call.result(20) for call in unary]
    assert outcome(chat, list(leader)[-1].final) == "MISS"
    assert {a.result for a in joined} == {"one two"}
    assert {outcome(chat, a) for a in joined} == {"JOINED"}
    assert {(a.cost.total, a.attempts, a.cached, a.tokens_used) for a in joined} == {
        ("0", 0, False, 12)}
    assert len(upstream.chats) == 1


def test_promise_04_a_stream_joins_live(node, chat, upstream, gate):
    """It gets what is there already before the flight has ended."""
    leader, follower = begun(node, chat), begun(node, chat)
    gate.open.set()
    assert list(follower)[-1].final.result == list(leader)[-1].final.result == "one two"
    assert len(upstream.chats) == 1


def test_promise_04_no_identical_call_falls_between_flight_and_store(node, chat, upstream):
    """Callers keep coming while flights end: each answer costs one upstream call."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for i in range(30):
            calls = [pool.submit(ask, node, chat, f"{i}") for _ in range(16)]
            assert all(call.result().result == f"{i}" for call in calls)
    assert len(upstream.chats) == 30


def test_promise_04_the_leader_leaving_does_not_end_it(node, chat, upstream, gate):
    leader, follower = begun(node, chat), begun(node, chat)
    leader.cancel()
    gate.open.set()
    assert list(follower)[-1].final.result == "one two"
    assert len(upstream.chats) == 1
    assert outcome(chat, ask(node, chat)) == "HIT"


@pytest.mark.parametrize(("hasty", "patient"), [
    ({"max_attempts": 1}, {"max_attempts": 2}),
    ({"max_attempts": 1}, {"max_attempts": 1, "fallback_models": ["gpt-4.1"]}),
])
def test_promise_04_who_joins_a_call_that_fails_still_gets_what_was_asked_for(
        node, chat, messages, upstream, hasty, patient):
    """The leader's attempts and fallback models bind the leader alone."""
    fail = threading.Event()
    failures = 2 if "fallback_models" in patient else 1

    def answer(request, reply):
        if len(upstream.chats) > failures:
            return echo(request, reply)
        fail.wait(20)
        reply.error(500)

    upstream.answer = answer
    leader = node.llm.Invoke.future(chat.InvokeRequest(query="Hallo", **hasty))
    wait_until(lambda: len(upstream.chats) == 1)
    follower = node.llm.Invoke.future(chat.InvokeRequest(query="Hallo", **patient))
    wait_until(lambda: stats(node, messages).joins == 1)
    fail.set()
    with refused("UNAVAILABLE", "UPSTREAM_5XX"):
        leader.result(20)
    assert follower.result(20).result == "Hallo"


def test_promise_04_the_last_one_leaving_ends_it(node, chat, messages, upstream):
    closed = threading.Event()

    def answer(request, reply):
        reply.open()
        reply.send(text("one"))
        if request.wait_for_close():
            closed.set()

    upstream.answer = answer
    streams = [begun(node, chat) for _ in range(3)]
    streams[0].cancel()
    streams[1].cancel()
    assert not closed.wait(0.2)
    streams[2].cancel()
    assert closed.wait(5)
    wait_until(lambda: stats(node, messages).in_flight == 0, 5, "the free slot")


def test_promise_04_bypass_does_not_join(node, chat, messages, upstream, gate):
    first = node.llm.Invoke.future(chat.InvokeRequest(query="Hallo"))
    wait_until(lambda: len(upstream.chats) == 1)
    second = node.llm.Invoke.future(chat.InvokeRequest(query="Hallo", cache={"mode": "BYPASS"}))
    wait_until(lambda: len(upstream.chats) == 2)
    gate.open.set()
    assert outcome(chat, first.result(20)) == "MISS"
    assert outcome(chat, second.result(20)) == "BYPASSED"


def test_promise_05_an_expired_answer_stands_in_for_an_upstream_that_is_down(
        start_node, chat, messages, upstream):
    node = start_node(upstream.url, cache={"stale_if_error": "60s"})
    fields = {"cache": {"ttl_seconds": 1}, "max_attempts": 1}
    fresh = ask(node, chat, **fields)
    wait_until(lambda: gone(node, chat), 5, "the expiry")
    upstream.answer = broken
    stale = ask(node, chat, **fields)
    assert (stale.result, outcome(chat, stale), stale.cached) == (fresh.result, "STALE", True)
    assert stale.cost.total == "0"
    assert stale.cache_info.age_ms >= 1000
    assert stats(node, messages).stale == 1
    upstream.answer = lambda request, reply: reply.error(400)
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT"):
        ask(node, chat, **fields)
    upstream.answer = echo
    assert outcome(chat, ask(node, chat, **fields)) == "MISS"


def test_promise_05_an_answer_too_old_does_not_stand_in(start_node, chat, upstream):
    node = start_node(upstream.url, cache={"stale_if_error": "500ms"})
    fields = {"cache": {"ttl_seconds": 1}, "max_attempts": 1}
    ask(node, chat, **fields)
    wait_until(lambda: gone(node, chat), 5, "the expiry")
    upstream.answer = broken

    def refused_now():
        try:
            return outcome(chat, ask(node, chat, **fields)) != "STALE"
        except grpc.RpcError as error:
            return error.code() == grpc.StatusCode.UNAVAILABLE

    wait_until(refused_now, 5, "the end of the stale age")


def test_promise_05_by_default_nothing_stale_is_answered(node, chat, upstream):
    fields = {"cache": {"ttl_seconds": 1}, "max_attempts": 1}
    ask(node, chat, **fields)
    wait_until(lambda: gone(node, chat), 5, "the expiry")
    upstream.answer = broken
    with refused("UNAVAILABLE", "UPSTREAM_5XX"):
        ask(node, chat, **fields)


def test_the_configured_ttl_is_kept(start_node, chat, upstream):
    node = start_node(upstream.url, cache={"ttl": "1s"})
    ask(node, chat)
    assert outcome(chat, ask(node, chat)) == "HIT"
    wait_until(lambda: gone(node, chat), 5, "the expiry")


def test_the_oldest_answers_give_way(start_node, chat, messages, upstream):
    node = start_node(upstream.url, cache={"max_entries": 2})
    for query in ("a", "b"):
        ask(node, chat, query)
    ask(node, chat, "a")
    ask(node, chat, "c")
    now = stats(node, messages)
    assert (now.entries, now.evictions) == (2, 1)
    assert outcome(chat, ask(node, chat, "a")) == "HIT"
    assert gone(node, chat, "b")


def test_the_bytes_of_the_cache_are_bounded(start_node, chat, messages, upstream):
    node = start_node(upstream.url, cache={"max_bytes": 100_000})
    upstream.answer = lambda request, reply: reply.stream(*answer_text("x" * 20_000))
    for i in range(10):
        ask(node, chat, f"{i}")
    now = stats(node, messages)
    assert 0 < now.bytes <= 100_000
    assert 0 < now.entries < 5
    upstream.answer = lambda request, reply: reply.stream(*answer_text("x" * 200_000))
    assert len(ask(node, chat, "too big").result) == 200_000
    assert gone(node, chat, "too big")
    assert stats(node, messages).entries == now.entries, "others do not make way for it"


def test_without_a_cache_every_call_is_made(start_node, chat, upstream):
    node = start_node(upstream.url, cache={"enabled": False})
    assert [outcome(chat, ask(node, chat)) for _ in range(2)] == ["BYPASSED"] * 2
    assert len(upstream.chats) == 2


@pytest.mark.parametrize(("target", "left"), [
    ({"all": True}, []), ({"model": "gpt-4.1"}, ["plain", "spaced"]),
    ({"namespace": "n"}, ["plain", "other model"])], ids=str)
def test_a_purge_removes_what_it_names(node, chat, messages, target, left):
    asked = {"plain": {}, "other model": {"model": "gpt-4.1"}, "spaced": {"cache": {"namespace": "n"}}}
    for query, fields in asked.items():
        ask(node, chat, query, **fields)
    removed = node.admin.PurgeCache(messages.PurgeCacheRequest(**target)).removed
    assert removed == 3 - len(left)
    kept = [q for q, fields in asked.items() if outcome(chat, ask(node, chat, q, **fields)) == "HIT"]
    assert kept == left


def test_a_cache_without_bounds_keeps_its_answers(start_node, chat, upstream):
    node = start_node(upstream.url, cache={"max_entries": 0, "max_bytes": 0})
    asked = [ask(node, chat, f"{number}") for number in (1, 2, 1, 2)]
    assert [outcome(chat, answer) for answer in asked] == ["MISS", "MISS", "HIT", "HIT"]


def test_a_purge_without_a_target_is_refused(node, messages):
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT"):
        node.admin.PurgeCache(messages.PurgeCacheRequest())


def test_1000_identical_calls_at_once_make_one_upstream_call(node, chat, messages, upstream, gate):
    """Promise 4 at its full size."""
    leader = begun(node, chat)
    futures = [node.llm.Invoke.future(chat.InvokeRequest(query="Hallo")) for _ in range(1000)]
    last = begun(node, chat)
    gate.open.set()
    assert {future.result(20).result for future in futures} == {"one two"}
    assert list(leader)[-1].final.result == list(last)[-1].final.result == "one two"
    assert len(upstream.chats) == 1
    after = stats(node, messages)
    assert (after.in_flight, after.joins + after.hits) == (0, 1001)
