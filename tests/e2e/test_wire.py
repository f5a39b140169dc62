"""What goes on the wire to each family, before upstreams that refuse what the family refuses."""

import json
import re

import pytest

from harness.errors import refused
from harness.node import KEY
from harness.process import ROOT, run
from harness.upstream import echo, plain

DEFAULTS = {"temperature": 0.7, "max_tokens": 2048, "top_p": 0.95}
# One text as a data URL, with the type misspelled.
JPG = "data:image/jpg;base64,/9j/"


def refusing(*rules):
    """An upstream's answer that is a 400 where one of the rules finds something."""
    def answer(request, reply):
        for rule in rules:
            if message := rule(request.body):
                return reply.error(400, "unsupported_parameter", message)
        return echo(request, reply)
    return answer


def without(name):
    return lambda body: name in body and f"Unsupported parameter: '{name}'"


def only_one(body):
    return ("temperature" in body and body["temperature"] != 1
            and "Unsupported value: 'temperature' does not support it")


def not_both(body):
    return ("temperature" in body and "top_p" in body
            and "`temperature` and `top_p` cannot both be specified for this model")


def no_sampling_while_thinking(body):
    thinks = body.get("thinking", {}).get("type") == "enabled"
    if thinks and not 1024 <= body["thinking"].get("budget_tokens", 0) < body["max_tokens"]:
        return "thinking.enabled.budget_tokens: Field required"
    return thinks and only_one(body)


GPT5 = [without("max_tokens"), without("top_p"), without("thinking"), only_one]
CLAUDE = [not_both, no_sampling_while_thinking, without("reasoning_effort")]
CLAUDE_5 = [without("temperature"), without("top_p"), without("thinking")]
GREEDY = [lambda body: body.get("temperature") == 0 and body.get("top_p", 1) != 1
          and "top_p must be 1 when using greedy sampling"]
FAMILIES = {
    "gpt-5": GPT5, "openai/gpt-5-mini-2025-08-07": GPT5, "o4-mini": GPT5, "GPT-5.2": GPT5,
    "claude-sonnet-4.5": CLAUDE, "anthropic/claude-opus-4-1-20250805": CLAUDE,
    "claude-opus-4-7": CLAUDE_5, "claude-sonnet-5": CLAUDE_5, "mistral-large-latest": GREEDY,
    "kimi-k2.6": [without("top_p"), only_one], "grok-4-0709": [without("reasoning_effort")],
}
REQUESTS = [
    {}, {"temperature": 0}, {"top_p": 0.5}, {"temperature": 0.2, "top_p": 0.5, "max_tokens": 1500},
    {"reasoning": {"enabled": True}}, {"reasoning": {"effort": "high"}},
    {"reasoning": {"enabled": False}, "temperature": 1},
    {"reasoning": {"budget_tokens": 1024}, "max_tokens": 1800},
]


@pytest.mark.parametrize("fields", REQUESTS, ids=json.dumps)
@pytest.mark.parametrize("model", FAMILIES)
def test_a_family_is_sent_only_what_it_takes(shared, chat, model, fields):
    shared.upstream.answer = refusing(*FAMILIES[model])
    request = chat.InvokeRequest(query="Hallo", model=model, cache={"mode": "BYPASS"}, **fields)
    assert shared.llm.Invoke(request).result == "Hallo"
    assert list(shared.llm.InvokeStream(request))[-1].final.finish_reason


def sent(node, request):
    answer = node.llm.Invoke(request)
    return node.upstream.last.body, list(answer.warnings)


@pytest.fixture
def echoing(shared):
    shared.upstream.answer = echo
    return shared


@pytest.mark.parametrize("model", ["deepseek-v3.2", "gpt-4.1", "gemini-2.5-flash", "other"])
def test_a_plain_model_is_sent_every_default(echoing, chat, model):
    body, _ = sent(echoing, chat.InvokeRequest(query=f"Plain {model}", model=model))
    assert {name: body[name] for name in DEFAULTS} == DEFAULTS
    assert body["stream_options"] == {"include_usage": True}


def test_what_the_caller_set_is_dropped_with_a_warning_and_a_default_without(echoing, chat):
    body, warnings = sent(echoing, chat.InvokeRequest(query="Set", model="gpt-5"))
    assert not {"temperature", "top_p", "max_tokens"} & set(body)
    assert body["max_completion_tokens"] == 2048
    assert len(warnings) == 1 and "not in the catalog" in warnings[0]
    body, warnings = sent(echoing, chat.InvokeRequest(
        query="Set", model="gpt-5", temperature=0.3, max_tokens=99,
        extra_params_json='{"Top_P": 0.5}'))
    assert not {"temperature", "top_p", "Top_P"} & set(body)
    assert body["max_completion_tokens"] == 99
    assert [warning.split()[0] for warning in warnings[1:]] == ["temperature", "top_p"]
    body, warnings = sent(echoing, chat.InvokeRequest(query="Set", model="gpt-5", temperature=1))
    assert body["temperature"] == 1 and len(warnings) == 1


@pytest.mark.parametrize(("fields", "expected", "warned"), [
    ({}, {"temperature": 0.7}, False),
    ({"temperature": 0.5}, {"temperature": 0.5}, False),
    ({"top_p": 0.5}, {"top_p": 0.5}, False),
    ({"extra_params_json": '{"top_p": 0.5}'}, {"top_p": 0.5}, False),
    ({"temperature": 0.5, "top_p": 0.4}, {"temperature": 0.5}, True),
])
def test_claude_gets_the_one_that_the_caller_set(echoing, chat, fields, expected, warned):
    body, warnings = sent(echoing, chat.InvokeRequest(query="One", model="claude-sonnet-4.5", **fields))
    assert {name: body[name] for name in ("temperature", "top_p") if name in body} == expected
    assert bool(warnings) is warned


def test_the_cache_keeps_apart_what_differs_on_the_wire_and_nothing_else(echoing, chat):
    def ask(model, **fields):
        return echoing.llm.Invoke(chat.InvokeRequest(query="Apart", model=model, **fields)).cached

    for model, apart in (("claude-sonnet-4.5", True), ("deepseek-v3.2", False), ("gpt-5", False)):
        assert not ask(model)
        assert ask(model, temperature=0.7)
        assert ask(model, temperature=0.7, top_p=0.95)
        assert ask(model, top_p=0.95) is not apart
        assert ask(model, top_p=0.95)


@pytest.fixture(scope="module")
def configured(api, tmp_path_factory):
    """A service whose models say how they are to be asked."""
    from conftest import starter
    from harness.upstream import Upstream

    models = [{"id": name, "capabilities": ["reasoning"], "wire": wire} for name, wire in {
        "effort": {"reasoning": "effort"}, "thinking": {"reasoning": "thinking"},
        "qwen-like": {"reasoning": "enable_thinking"}, "router": {"reasoning": "openrouter"},
        "none": {"reasoning": "none"}, "omits": {"max_tokens": "omit", "stream_options": False},
        "gpt-5": {"top_p": "send"}}.items()]
    schemas = [{"id": form, "capabilities": ["json_object", "json_schema"],
                "wire": {"json_schema": form}} for form in ("native", "json_object", "prompt")]
    small = {"id": "small", "max_output_tokens": 500, "prompt_price": "0", "completion_price": "10"}
    server = Upstream()
    with starter(api, tmp_path_factory.mktemp("configured")) as start:
        node = start(server.url, default_model="effort", limits={"requests_per_minute": 0},
                     models=models + schemas + [small, {"id": "large"}])
        node.upstream = server
        yield node
    server.close()


LOW = {"effort": "low"}
SOME = {"enabled": True, "budget_tokens": 1500}


@pytest.mark.parametrize(("model", "reasoning", "expected"), [
    ("effort", {"effort": "xhigh"}, {"reasoning_effort": "xhigh"}),
    ("effort", {"enabled": False}, {"reasoning_effort": "none"}),
    ("effort", SOME, {"reasoning_effort": "low"}),
    ("thinking", SOME, {"thinking": {"type": "enabled", "budget_tokens": 1500}}),
    ("thinking", {"enabled": True}, {"thinking": {"type": "enabled"}}),
    ("thinking", LOW, {"thinking": {"type": "enabled", "budget_tokens": 1024}}),
    ("thinking", {"enabled": False}, {"thinking": {"type": "disabled"}}),
    ("qwen-like", SOME, {"enable_thinking": True, "thinking_budget": 1500,
                         "chat_template_kwargs": {"enable_thinking": True}}),
    ("qwen-like", {"enabled": False}, {"enable_thinking": False,
                                       "chat_template_kwargs": {"enable_thinking": False}}),
    ("router", LOW, {"reasoning": {"effort": "low"}}),
    ("router", SOME, {"reasoning": {"max_tokens": 1500}}),
    ("router", {"enabled": True}, {"reasoning": {"enabled": True}}),
    ("none", SOME, {}),
])
def test_reasoning_is_asked_for_in_the_models_form(configured, chat, model, reasoning, expected):
    body, warnings = sent(configured, chat.InvokeRequest(
        query=f"{model} {reasoning}", model=model, reasoning=reasoning))
    names = {"reasoning_effort", "thinking", "enable_thinking", "thinking_budget", "reasoning",
             "chat_template_kwargs"}
    assert {name: body[name] for name in names & set(body)} == expected
    translated = (model, "effort" in reasoning) in {("thinking", True)} or (
        model == "effort" and reasoning == SOME) or model == "none"
    assert bool(warnings) is translated


def test_the_configuration_changes_what_a_family_has(configured, chat):
    body, warnings = sent(configured, chat.InvokeRequest(query="Changed", model="gpt-5", top_p=0.5))
    assert body["top_p"] == 0.5 and body["max_completion_tokens"] == 2048
    assert "temperature" not in body and not warnings


def test_a_limit_and_stream_options_can_be_left_out(configured, chat):
    body, warnings = sent(configured, chat.InvokeRequest(query="Omit", model="omits"))
    assert not {"max_tokens", "max_completion_tokens", "stream_options"} & set(body)
    assert body["stream"] is True and not warnings
    _, warnings = sent(configured, chat.InvokeRequest(query="Omit", model="omits", max_tokens=9))
    assert len(warnings) == 1 and warnings[0].startswith("max_tokens")


@pytest.mark.parametrize(("form", "kind"), [
    ("native", "json_schema"), ("json_object", "json_object"), ("prompt", None)])
def test_a_schema_is_asked_for_in_the_configured_form(configured, chat, form, kind):
    configured.upstream.answer = lambda _, reply: reply.json({"choices": [{
        "message": {"content": "{}"}, "finish_reason": "stop"}], "usage": {}})
    body, _ = sent(configured, chat.InvokeRequest(query="Schema", model=form, response_format={
        "type": "JSON_SCHEMA", "schema_json": '{"type": "object", "title": "Mark"}'}))
    configured.upstream.answer = echo
    assert body.get("response_format", {}).get("type") == kind
    in_prompt = any("Mark" in plain(message["content"]) for message in body["messages"])
    assert in_prompt is (form != "native")


def test_a_limit_is_fitted_to_a_fallback_model_and_reserved_so(configured, chat):
    def answer(request, reply):
        if request.body["model"] == "large":
            return reply.error(503)
        return echo(request, reply)

    configured.upstream.answer = answer
    for name, send in {"whole": configured.llm.Invoke,
                       "stream": lambda r: list(configured.llm.InvokeStream(r))[-1].final}.items():
        answer_ = send(chat.InvokeRequest(query=f"Fit {name}", model="large", max_tokens=20_000,
                                          max_attempts=1, fallback_models=["small"]))
        first, second = [r.body["max_tokens"] for r in configured.upstream.chats[-2:]]
        assert (first, second) == (20_000, 500)
        assert answer_.fallback_used
        assert any("max_tokens was lowered from 20000 to 500" in w for w in answer_.warnings)
    configured.upstream.answer = echo


def test_a_fallback_is_priced_and_reserved_with_the_fitted_limit(start_node, chat, upstream):
    """A budget that has room for 500 tokens of the fallback model, but not for 20,000."""
    def answer(request, reply):
        if request.body["model"] == "large":
            return reply.error(503)
        return echo(request, reply)

    upstream.answer = answer
    node = start_node(upstream.url, default_model="large", limits={"max_queue_wait": "1s"}, models=[
        {"id": "large", "prompt_price": "0", "completion_price": "0"},
        {"id": "small", "max_output_tokens": 500, "prompt_price": "0", "completion_price": "10"}],
        budgets=[{"model": "small", "usd": "0.01", "period": "day"}])
    assert node.llm.Invoke(chat.InvokeRequest(
        query="Hallo", max_tokens=20_000, max_attempts=1, fallback_models=["small"])).fallback_used


def needs_the_word(body):
    wants = body.get("response_format", {}).get("type") == "json_object"
    return (wants and "json" not in json.dumps(body["messages"]).lower()
            and "'messages' must contain the word 'json' in some form")


@pytest.mark.parametrize("model", ["deepseek-v3.2", "gpt-4.1"])
def test_json_is_asked_for_by_its_name(shared, chat, model):
    shared.upstream.answer = refusing(needs_the_word)
    wanted = {"type": "JSON_OBJECT"}
    assert shared.llm.Invoke(chat.InvokeRequest(
        query="A list", model=model, response_format=wanted)).result == "A list"
    shared.llm.Invoke(chat.InvokeRequest(model=model, response_format=wanted, messages=[
        {"role": "USER", "parts": [{"text": "A list"}]}]))
    shared.llm.Invoke(chat.InvokeRequest(query="As Json", model=model, response_format=wanted))
    assert [m["role"] for m in shared.upstream.last.body["messages"]] == ["user"]


def text_only_tools(body):
    """What OpenAI demands of the messages after tool calls."""
    messages = body["messages"]
    for before, message in zip(messages, messages[1:]):
        if message["role"] == "tool":
            if before["role"] not in ("assistant", "tool"):
                return "messages with role 'tool' must be a response to a preceding message"
            if not isinstance(message["content"], str):
                return "tool messages take text only"
    return "image/jpg" in json.dumps(body) and "Invalid MIME type"


def test_a_picture_of_a_tool_goes_into_a_message_after_all_results(shared, chat):
    shared.upstream.answer = refusing(text_only_tools)
    answer = shared.llm.Invoke(chat.InvokeRequest(model="gpt-4.1", messages=[
        {"role": "USER", "parts": [{"text": "Look"}]},
        {"role": "ASSISTANT", "tool_calls": [{"id": "a", "name": "f"}, {"id": "b", "name": "g"}]},
        {"role": "TOOL", "tool_call_id": "a", "parts": [
            {"text": "seen"}, {"image": {"data": b"\xff\xd8", "mime_type": "image/jpg"}}]},
        {"role": "TOOL", "tool_call_id": "b", "parts": [{"text": "42"}]}]))
    messages = shared.upstream.last.body["messages"]
    assert [m["role"] for m in messages] == ["user", "assistant", "tool", "tool", "user"]
    assert messages[2]["content"] == "seen"
    assert messages[4]["content"][0]["image_url"]["url"].startswith("data:image/jpeg;base64,")
    assert not any("messages" in warning for warning in answer.warnings)


def test_the_misspelled_type_of_a_picture_is_mended(shared, chat):
    shared.upstream.answer = refusing(text_only_tools)
    shared.llm.Invoke(chat.InvokeRequest(model="gpt-4.1", messages=[
        {"role": "USER", "parts": [{"image": {"url": JPG}}]}]))
    content = shared.upstream.last.body["messages"][0]["content"]
    assert content[0]["image_url"]["url"] == "data:image/jpeg;base64,/9j/"


def test_marks_for_prompt_caches_pass_through(echoing, chat):
    mark = '{"type": "ephemeral"}'
    body, warnings = sent(echoing, chat.InvokeRequest(
        extra_params_json='{"prompt_cache_key": "k"}', messages=[
            {"role": "USER", "parts": [{"text": "Hallo", "cache_control_json": mark}]}]))
    assert body["prompt_cache_key"] == "k"
    assert body["messages"][0]["content"] == [
        {"type": "text", "text": "Hallo", "cache_control": {"type": "ephemeral"}}]
    assert not warnings
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", "messages[0].parts[0].cache_control_json"):
        echoing.llm.Invoke(chat.InvokeRequest(messages=[
            {"role": "USER", "parts": [{"text": "Hallo", "cache_control_json": "[]"}]}]))


BLOCKS = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "docs/models.md").read_text(),
                    re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", range(len(BLOCKS)))
def test_every_entry_of_the_document_is_accepted(tmp_path, block):
    path = tmp_path / "config.yaml"
    path.write_text(BLOCKS[block])
    result = run("holysheep-node", "--check", "--config", path, HOLYSHEEP_API_KEY=KEY)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_document_has_entries():
    assert len(BLOCKS) >= 10
