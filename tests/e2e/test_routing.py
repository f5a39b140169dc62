"""model: "auto": the cheapest model that can, or the one that a rule names."""

import re

import pytest

from harness.errors import refused


def ask(node, chat, **fields):
    return node.llm.Invoke(chat.InvokeRequest(model="auto", **({"query": "hi"} | fields)),
                           timeout=20)


def picture(chat):
    part = chat.Part(image=chat.Image(url="https://example.com/a.png"))
    return [chat.Message(role=chat.Message.USER, parts=[chat.Part(text="what is it?"), part])]


def asked(upstream):
    return [request.body["model"] for request in upstream.chats]


def test_auto_is_the_cheapest_model(node, chat, upstream):
    answer = ask(node, chat)
    assert asked(upstream) == ["deepseek-v3.2"]
    assert answer.routing.startswith("deepseek-v3.2: the cheapest of 4 of 4 models")
    assert answer.routing.endswith("which is the default model")


def test_auto_is_a_model_that_can(node, chat, upstream):
    ask(node, chat, query=None, messages=picture(chat))
    ask(node, chat, max_tokens=20_000)
    assert asked(upstream) == ["gemini-2.5-flash"] * 2


def test_the_saving_against_the_default_is_shown(start_node, chat, upstream):
    node = start_node(upstream.url, default_model="gpt-4.1")
    answer = ask(node, chat)
    paid, less = re.search(r"these tokens cost ([\d.]+) USD, ([\d.]+) USD less than with the "
                           r"default model gpt-4.1$", answer.routing).groups()
    assert paid == answer.cost.total
    assert float(less) == pytest.approx(float(paid) * (8 / 0.42 - 1))


RULES = {"rules": [
    {"when": {"tag": "legal"}, "model": "claude-sonnet-4.5"},
    {"when": {"min_prompt_tokens": 2000}, "model": "gemini-2.5-flash"},
    {"when": {"capability": "vision"}, "model": "gpt-4.1"},
]}


def test_rules_go_before_the_price(start_node, chat, upstream):
    node = start_node(upstream.url, routing=RULES)
    assert "routing.rules[0] (tag legal)" in ask(node, chat, tags=["legal"]).routing
    assert "routing.rules[1]" in ask(node, chat, query="word " * 2000).routing
    assert "routing.rules[2]" in ask(node, chat, query=None, messages=picture(chat)).routing
    assert "cheapest" in ask(node, chat).routing
    assert asked(upstream) == ["claude-sonnet-4.5", "gemini-2.5-flash", "gpt-4.1",
                               "deepseek-v3.2"]


def test_the_cache_knows_the_answer_by_the_model_chosen(start_node, chat, upstream):
    node = start_node(upstream.url, routing=RULES)
    ask(node, chat)
    hit = node.llm.Invoke(chat.InvokeRequest(query="hi", model="deepseek-v3.2"), timeout=20)
    assert hit.cached
    assert hit.routing == ""
    again = ask(node, chat, tags=["other"])
    assert again.cached
    assert "cheapest" in again.routing
    assert not ask(node, chat, tags=["legal"]).cached


def test_a_stream_explains_it_too(node, chat):
    events = list(node.llm.InvokeStream(chat.InvokeRequest(query="hi", model="auto"), timeout=20))
    assert events[0].started.model == "deepseek-v3.2"
    assert events[-1].final.routing.startswith("deepseek-v3.2: ")


def test_batches_and_workflows_are_routed_as_well(node, chat, messages):
    item = messages.BatchItem(request=chat.InvokeRequest(query="hi", model="auto"))
    (result,) = node.llm.InvokeBatch(iter([item]), timeout=20)
    assert result.response.routing.startswith("deepseek-v3.2: ")
    events = list(node.llm.RunWorkflow(
        messages.RunWorkflowRequest(query="hi", steps=[{"model": "auto"}]), timeout=20))
    assert events[0].step_started.model == "deepseek-v3.2"


def test_nothing_is_said_of_a_model_that_was_named(node, chat):
    answer = node.llm.Invoke(chat.InvokeRequest(query="hi", model="gpt-4.1"), timeout=20)
    assert answer.routing == ""


def test_what_no_model_can_is_refused(node, chat, upstream):
    part = chat.Part(video=chat.Media(url="https://example.com/a.mp4"))
    message = chat.Message(role=chat.Message.USER, parts=[part])
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", "model") as refusal:
        ask(node, chat, query=None, messages=[message])
    assert "video" in refusal.message
    assert not upstream.chats
