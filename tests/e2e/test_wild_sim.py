"""What upstreams really send, as holysheep-sim --wild plays it, and what becomes of it."""

import subprocess

import grpc
import pytest

from harness.errors import refusal_of
from harness.node import Node, default_config, merged
from harness.process import BIN, environment
from harness.sim import Sim

ECHO = "You said: Hallo"
NOT_KEPT = {"again": "MISS"}
TRUNCATED = {"error": "STREAM_TRUNCATED", "attempts": 1} | NOT_KEPT
SCHEMA = '{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}'


def failed(words, attempts=3):
    return {"error": "UPSTREAM_5XX", "message": words, "attempts": attempts} | NOT_KEPT


def refused(reason, words=""):
    return {"error": reason, "message": words, "attempts": 1} | NOT_KEPT


def said(result="fine", finish="STOP", *warnings, **more):
    return {"result": result, "finish_reason": finish, "warnings": warnings} | more


def called(*calls, finish="TOOL_CALLS", **more):
    """Calls as (name, arguments)."""
    return {"tool_calls": list(calls), "finish_reason": finish} | more


def counted(prompt, completion, estimated=False, **more):
    return {"result": "fine", "usage": [prompt, completion, prompt + completion], "estimated": estimated} | more


def kept(*names, **more):
    """Parts that are in opaque_json, or that a warning names."""
    return {"kept": names, "finish_reason": "STOP"} | more


def waited(seconds, **more):
    return {"result": ECHO, "attempts": 2, "seconds": seconds} | more


FITS = {"result": '{"n":1}', "attempts": 1, "finish_reason": "STOP"}

# What each kind is to become; the sections are those of `--list-wild`.
EXPECT = {
    "finish-on-every-chunk": said("one two three", again="HIT"),
    "finish-before-text": said("the answer", again="HIT"),
    "text-after-finish": TRUNCATED,
    "text-after-finish-ended": said("half and more", again="HIT"),
    "no-done": said(again="HIT"),
    "hang-after-finish": said(again="HIT"),
    "done-without-finish": {"result": "fine", "warnings": ["without a finish reason"]} | NOT_KEPT,
    "just-ends": TRUNCATED,
    "null-finish": said("one two", again="HIT"),
    "no-choice": {"error": "UPSTREAM_MALFORMED", "attempts": 3} | NOT_KEPT,
    "done-alone": {"error": "UPSTREAM_MALFORMED", "attempts": 3} | NOT_KEPT,
    "empty-answer": said("", "STOP", "said nothing", attempts=3) | NOT_KEPT,
    "finish-end-turn": said(again="HIT"),
    "finish-max-output": said("fine", "LENGTH", again="HIT"),
    "finish-recitation": said("fine", "CONTENT_FILTER") | NOT_KEPT,
    "finish-unknown-word": said("fine", "OTHER", "sunset") | NOT_KEPT,
    "failed-finish": TRUNCATED | {"message": "insufficient_system_resource"},
    "failed-finish-first": {"result": ECHO, "attempts": 2},
    "error-in-choice": TRUNCATED | {"message": "Provider disconnected"},
    "keepalives": said(again="HIT"),
    "pings-only": {"error": "FIRST_TOKEN_TIMEOUT"} | NOT_KEPT,
    "null-error": said(again="HIT"),
    "no-space-after-data": said(again="HIT"),
    "json-for-a-stream": said(again="HIT"),
    "error-object": failed("CUDA out of memory", 1),
    "error-text": failed("The engine ran out of memory"),
    "naked-error-line": failed("Internal server hiccup", 1),
    "naked-text-line": {"error": None, "message": "upstream connect error", "attempts": 1} | NOT_KEPT,
    "html-200": {"error": None, "message": "Down for maintenance"} | NOT_KEPT,
    "text-200": {"error": None, "message": "no healthy upstream"} | NOT_KEPT,
    "code-msg-200": {"error": None, "message": "too many requests of this account"} | NOT_KEPT,
    "base-resp-200": {"error": None, "message": "internal service error of MiniMax"} | NOT_KEPT,
    "fastapi-422": refused("INVALID_ARGUMENT", "field required"),
    "errors-list": refused("INVALID_ARGUMENT", "Could not route"),
    "metadata-raw": failed("The GPU fell off the bus"),
    "json-in-message": failed("The shard is rebalancing"),
    "split-emoji": said("ok 👍 done", again="HIT"),
    "half-surrogate": said("ok \ufffd done"),
    "half-utf8": said("a caf\ufffd b"),
    "split-utf8": said("a café b", again="HIT"),
    "bom": said(again="HIT"),
    "nan": said(again="HIT"),
    "gzip-unasked": said(again="HIT"),
    "responses-events": said("fine answer", usage=[11, 4, 15], estimated=False, again="HIT"),
    "responses-reasoning": said(reasoning="let me see", usage=[11, 9, 20], again="HIT"),
    "responses-tool-call": called(("weather", '{"city":"Ulm"}'), usage=[11, 4, 15], again="HIT"),
    "responses-incomplete": said("half of it", "LENGTH", again="HIT"),
    "responses-failed": {"error": None, "message": "The model tripped", "attempts": 1} | NOT_KEPT,
    "images-part": kept("images"),
    "annotations": kept("annotations", result="fine"),
    "citations": kept("citations", result="fine"),
    "audio-part": kept("audio"),
    "logprobs": kept("logprobs", result="fine"),
    "think-tags": said(reasoning="let me see"),
    "choice-in-pieces": said(again="HIT"),
    "two-choices": said("fine", "STOP", "more than one answer"),
    "tool-two-index-0": called(("weather", '{"c":"A"}'), ("weather", '{"c":"B"}'), again="HIT"),
    "tool-no-ids": called(("now", "{}"), made_id=True),
    "tool-new-ids": called(("weather", '{"c":"A"}'), ("time", '{"c":"B"}'), again="HIT"),
    "tool-name-pieces": called(("weather", '{"c":1}'), again="HIT"),
    "tool-name-repeated": called(("weather", '{"c":1}'), again="HIT"),
    "tool-arguments-object": called(("weather", '{"c":1}'), again="HIT"),
    "tool-arguments-null": called(("now", "{}"), again="HIT"),
    "tool-cut": called(("write", '{"path":"a'), finish="LENGTH", warnings=["max_tokens"], incomplete=True),
    "tool-stop": called(("now", "{}"), again="HIT"),
    "tool-old-form": called(("weather", '{"c":1}'), again="HIT"),
    "usage-total-only": counted(20, 603),
    "usage-reasoning-more": counted(20, 60),
    "usage-in-choice": counted(700, 40),
    "usage-x-groq": counted(18, 6),
    "usage-responses-names": counted(11, 4),
    "usage-cache-hit": counted(100, 4, counts={"cached_prompt_tokens": 64}),
    "usage-cache-write": counted(100, 4, counts={"cached_prompt_tokens": 20, "cache_write_tokens": 30}),
    "usage-absurd": {"result": "fine", "estimated": True, "some_warnings": True, "at_most": 100_000},
    "usage-prompt-zero": {"result": "fine", "estimated": True, "at_most": 1_000},
    "usage-zero": counted(0, 0),
    "usage-missing": {"result": "fine", "estimated": True, "at_most": 1_000},
    "error-context-500": refused("CONTEXT_LENGTH", "Context size has been exceeded"),
    "error-context-qwen": refused("CONTEXT_LENGTH", "Range of input length"),
    "error-context-groq": refused("CONTEXT_LENGTH", "Request too large"),
    "error-quota": refused("UPSTREAM_QUOTA", "exceeded your current quota"),
    "error-quota-402": refused("UPSTREAM_QUOTA", "Insufficient Balance"),
    "error-quota-403": refused("UPSTREAM_QUOTA", "account balance is insufficient"),
    "error-arrearage": refused("UPSTREAM_QUOTA", "good standing"),
    "error-moderation-403": refused("CONTENT_FILTER", "flagged by moderation"),
    "error-key-400": refused("UPSTREAM_AUTH", "refuses the API key"),
    "error-key-401": refused("UPSTREAM_AUTH", "Who are you?"),
    "error-firewall-403": refused("UPSTREAM_AUTH", "refuses access"),
    "error-model-503": refused("MODEL_NOT_FOUND", "No available channel"),
    "error-redirect": refused("UPSTREAM_CONNECT", "base_url"),
    "error-529": {"result": ECHO, "attempts": 2},
    "error-408": {"result": ECHO, "attempts": 2},
    "error-echo": refused("INVALID_ARGUMENT"),
    "wait-in-body": waited(1.2),
    "wait-in-text": waited(1.2),
    "wait-ms-header": waited(1.2),
    "wait-reset-header": waited(1.2),
    "wait-fraction": waited(1.2),
    "retry-after-zero": waited(0.3),
    "retry-after-past": waited(0.3),
    "wait-with-quota-words": waited(0.2),
    "dialect-claude": {"result": ECHO, "attempts": 1},
    "dialect-gpt-5": {"result": ECHO, "attempts": 1},
    "dialect-no-stream-options": {"result": ECHO},
    "dialect-json-word": {"result": '{"answer":"ok"}', "attempts": 1},
    "dialect-image-jpeg": {"finish_reason": "STOP", "attempts": 1},
    "json-fence": FITS,
    "json-open-fence": FITS,
    "json-words-around": FITS,
    "json-label": FITS,
    "json-think-inline": FITS,
    "json-bom": FITS,
    "json-wrong-once": {"result": '{"n":1}', "finish_reason": "STOP"},
    "json-wrong": {"error": None},
}

# What requests have to show their kind.
REQUESTS = {
    "pings-only": {"timeouts": {"first_token_ms": 700}, "max_attempts": 1},
    "think-tags": {"model": "thinker"},
    "logprobs": {"extra_params_json": '{"logprobs":true}'},
    "dialect-claude": {"model": "claude-sonnet-4.5"},
    "dialect-gpt-5": {"model": "gpt-5"},
    "dialect-no-stream-options": {"model": "gemini-2.5-flash"},
    "dialect-json-word": {"response_format": {"type": "JSON_OBJECT"}},
    "error-echo": {"query": "Hallo, insufficient balance and prompt is too long"},
    "json-wrong-once": {"model": "gpt-4.1"},
}
# A back-off that can be told from none, and neither circuits nor budgets that end the play.
CONFIG = {"retry": {"initial_backoff": "300ms", "max_backoff": "300ms", "budget_ratio": 1},
          "breaker": {"failures": 0}, "limits": {"requests_per_minute": 0}}
THINKER = {"id": "thinker", "wire": {"think_tags": True}}
# How the same call is made; whole: the upstream is asked not to stream, which some kinds answer in their own way.
WAYS = ["Invoke", "InvokeStream", "whole"]
WHOLE = set("""
null-finish no-choice empty-answer finish-end-turn finish-max-output finish-recitation finish-
unknown-word failed-finish-first keepalives null-error json-for-a-stream error-object error-text
html-200 text-200 code-msg-200 base-resp-200 fastapi-422 errors-list metadata-raw json-in-message
bom nan gzip-unasked images-part annotations citations logprobs think-tags two-choices tool-two-
index-0 tool-no-ids tool-arguments-object tool-arguments-null tool-cut usage-total-only usage-
responses-names error-context-500 error-context-qwen error-context-groq error-quota error-quota-402
error-quota-403 error-arrearage error-moderation-403 error-key-400 error-key-401 error-firewall-403
error-model-503 error-redirect error-529 error-408 error-echo wait-in-body wait-in-text wait-ms-
header wait-reset-header wait-fraction retry-after-zero retry-after-past wait-with-quota-words
dialect-claude dialect-gpt-5 dialect-json-word dialect-image-jpeg json-wrong-once
""".split())
# What differs there.
WHOLE_EXPECT = {"error-object": {"attempts": 3}, "null-finish": {"result": "fine"}}
PLAYS = [(name, way) for name in EXPECT for way in WAYS if way != "whole" or name in WHOLE]


class Stage:
    """One upstream, and the nodes before it, each started when it is first needed."""

    def __init__(self, api, folder):
        self.api, self.folder = api, folder
        self.sim = Sim(folder)
        self.nodes = {}

    def node(self, name, **extra):
        if name not in self.nodes:
            home = self.folder / name
            home.mkdir(exist_ok=True)
            config = merged(merged(default_config(self.sim.url), CONFIG), extra)
            self.nodes[name] = Node(self.api, home, config)
        return self.nodes[name]

    def node_for(self, kind, way):
        whole = way == "whole"
        upstream = {"stream_unary": not whole}
        if kind == "think-tags":
            return self.node(f"thinker-{whole}", upstream=upstream, models=[THINKER],
                             default_model="thinker")
        return self.node(f"node-{whole}", upstream=upstream)

    def stop(self):
        assert [node.stop() for node in self.nodes.values()] == [0] * len(self.nodes)
        assert self.sim.stop() == 0


@pytest.fixture(scope="module")
def stage(api, tmp_path_factory):
    stage = Stage(api, tmp_path_factory.mktemp("wild"))
    yield stage
    stage.stop()


@pytest.fixture(scope="module")
def listed():
    """Name and line of every kind."""
    text = subprocess.run([BIN / "holysheep-sim", "--list-wild"], env=environment(), check=True,
                          capture_output=True, text=True).stdout
    return {line.split()[0]: line for line in text.splitlines()}


def request_for(chat, name, way):
    fields = {"query": "Hallo", "model": "deepseek-v3.2"} | REQUESTS.get(name, {})
    if name.startswith("json-") and name != "json-for-a-stream":
        fields["response_format"] = {"type": "JSON_SCHEMA", "schema_json": SCHEMA}
    if name == "dialect-image-jpeg":
        fields.pop("query")
        picture = {"image": {"data": b"\xff\xd8\xff", "mime_type": "image/jpg"}}
        fields |= {"model": "gpt-4.1", "messages": [{"role": "USER", "parts": [{"text": "Hallo"}, picture]}]}
    if name.startswith("tool-") or name == "responses-tool-call":
        fields["tools"] = [{"name": tool} for tool in ("weather", "time", "now", "write")]
    request = chat.InvokeRequest(**fields)
    request.cache.namespace = f"{name} {way}"
    return request


def ask(node, request, way):
    """The answer, or the refusal."""
    try:
        if way == "InvokeStream":
            return list(node.llm.InvokeStream(request, timeout=30))[-1].final, None
        return node.llm.Invoke(request, timeout=30), None
    except grpc.RpcError as error:
        return None, refusal_of(error)


def check_words(answer, expect):
    for name in ("result", "reasoning"):
        assert getattr(answer, name) == expect.get(name, getattr(answer, name))
    if "warnings" in expect:
        assert len(answer.warnings) == len(expect["warnings"]), answer.warnings
        assert all(part in warning for part, warning in zip(expect["warnings"], answer.warnings))
    if "some_warnings" in expect:
        assert answer.warnings
    for part in expect.get("kept", []):
        assert part in answer.opaque_json or any(part in warning for warning in answer.warnings)


def check_calls(answer, expect):
    calls = [(call.name, call.arguments_json) for call in answer.tool_calls]
    assert calls == expect.get("tool_calls", calls)
    ids = [call.id for call in answer.tool_calls]
    assert all(ids) and len(set(ids)) == len(ids)
    if "tool_calls" in expect:
        assert [call.incomplete for call in answer.tool_calls] == [expect.get("incomplete", False)] * len(ids)


def check_usage(answer, expect):
    usage = answer.usage
    counts = [usage.prompt_tokens, usage.completion_tokens, usage.total_tokens]
    assert counts == expect.get("usage", counts)
    assert sum(counts[:2]) == counts[2] == answer.tokens_used
    assert usage.estimated == expect.get("estimated", usage.estimated)
    for name, count in expect.get("counts", {}).items():
        assert getattr(usage, name) == count
    if "at_most" in expect:
        assert 0 < usage.total_tokens <= expect["at_most"] and usage.prompt_tokens > 0


def check_answer(answer, expect, chat):
    check_words(answer, expect)
    check_calls(answer, expect)
    check_usage(answer, expect)
    if "finish_reason" in expect:
        assert answer.finish_reason == getattr(chat.InvokeResponse, expect["finish_reason"])
    if "seconds" in expect:
        # A back-off has up to a half of jitter.
        assert answer.latency_ms >= expect["seconds"] * 1000 * 0.5


def check_refusal(refusal, expect):
    assert "error" in expect, f"{refusal.reason}: {refusal.message}"
    assert expect["error"] in (None, refusal.reason), refusal.message
    assert expect.get("message", "") in refusal.message
    assert refusal.info.domain == "holysheep.ai"


def check_again(node, chat, request, way, outcome):
    """Whether the answer was kept."""
    request.cache.mode = chat.CacheControl.ONLY_IF_CACHED
    answer, refusal = ask(node, request, way)
    if outcome == "MISS":
        assert refusal and refusal.reason == "CACHE_MISS"
    else:
        assert answer and answer.cached, refusal and refusal.message


@pytest.mark.parametrize(("name", "way"), PLAYS)
def test_a_kind_becomes_what_is_right(stage, chat, name, way):
    node, sim, expect = stage.node_for(name, way), stage.sim, EXPECT[name]
    expect = expect | (WHOLE_EXPECT.get(name, {}) if way == "whole" else {})
    sim.control(wild=name)
    before = sim.chats()
    request = request_for(chat, name, way)
    answer, refusal = ask(node, request, way)
    if refusal:
        check_refusal(refusal, expect)
    else:
        assert "error" not in expect, answer
        check_answer(answer, expect, chat)
    assert sim.chats() - before == expect.get("attempts", sim.chats() - before)
    if "again" in expect:
        check_again(node, chat, request, way, expect["again"])


def test_ids_that_are_made_differ_between_answers(stage, chat):
    node = stage.node_for("tool-no-ids", "Invoke")
    stage.sim.control(wild="tool-no-ids")
    ids = set()
    for way in "one", "two":
        answer, _ = ask(node, request_for(chat, "tool-no-ids", way + " id"), "Invoke")
        ids |= {call.id for call in answer.tool_calls}
    assert len(ids) == 2


def test_what_a_dialect_refuses_is_remembered(stage, chat):
    kind = "dialect-no-stream-options"
    node, sim = stage.node_for(kind, "Invoke"), stage.sim
    sim.control(wild=kind)
    for way in "first", "second":
        before = sim.chats()
        answer, refusal = ask(node, request_for(chat, kind, way), "Invoke")
        assert answer and answer.result == ECHO, refusal and refusal.message
    assert sim.chats() - before == 1


@pytest.mark.parametrize("faults", [[{"fault": "model_not_found", "path": "/v1/models"}], []],
                         ids=["there is no list", "everybody may read the list"])
def test_credentials_that_cannot_be_checked_are_fine_with_a_warning(stage, messages, faults):
    node = stage.node_for("credentials", "Invoke")
    stage.sim.control(wild="", faults=faults)
    answer = node.llm.ValidateCredentials(messages.ValidateCredentialsRequest())
    stage.sim.control(faults=[])
    assert answer.ok and "could not be checked without cost" in answer.message


def test_every_kind_of_the_simulator_is_played(listed):
    assert set(listed) == set(EXPECT)
    assert all(" Right: " in line for line in listed.values())


def test_a_name_that_is_no_kind_is_refused():
    run = subprocess.run([BIN / "holysheep-sim", "--wild", "no-such-kind"], env=environment(),
                         capture_output=True, text=True, timeout=10)
    assert run.returncode != 0 and "--list-wild" in run.stderr
