"""Who calls a tool decides in which shape it answers."""

import json

import pytest
from dify_rules import text_for_agent_app, text_for_agent_node
from harness.upstream import finish, text, usage
from support.tool import AGENT_APP, AGENT_NODE, CHATFLOW_TOOL_NODE, TOOL_NODE, Tools

AGENTS = pytest.mark.parametrize(
    ("ids", "text_for"), [(AGENT_APP, text_for_agent_app), (AGENT_NODE, text_for_agent_node)],
    ids=["app", "node"])
WORKFLOWS = pytest.mark.parametrize("ids", [TOOL_NODE, CHATFLOW_TOOL_NODE],
                                    ids=["workflow", "chatflow"])

STEPS = [{"prompt": "one"}, {"prompt": "two"}]
CALLS = {"holysheep_llm": {"query": "Hallo", "model": "gpt-4.1"},
         "holysheep_workflow": {"query": "Hallo", "steps": STEPS},
         "holysheep_cost": {"query": "Hallo", "model": "gpt-4.1"}}
TOOLS = pytest.mark.parametrize("name", CALLS)


@pytest.fixture
def asked(tool_plugin, start_node, upstream):
    node = start_node(upstream.url)
    return Tools(tool_plugin, {"node_address": node.address})


def long_answer(characters, pieces):
    """The events of an answer of so many characters in so many pieces."""
    content = ("Sheep keep the grass short. " * characters)[:characters]
    ends = [characters * i // pieces for i in range(pieces + 1)]
    return content, [*(text(content[a:b]) for a, b in zip(ends, ends[1:], strict=False)),
                     finish(), usage(12, pieces)]


@AGENTS
def test_an_agent_reads_the_answer_and_nothing_else(asked, upstream, ids, text_for):
    content, events = long_answer(1489, 180)
    upstream.answer = lambda request, reply: reply.stream(*events)
    messages = list(asked.stream("holysheep_llm", query="Hallo", model="gpt-4.1", ids=ids))
    read = text_for(messages)
    assert len(read) == 1489
    assert read == content


@TOOLS
@AGENTS
def test_an_agent_gets_one_text_message(asked, name, ids, text_for):
    messages = list(asked.stream(name, ids=ids, **CALLS[name]))
    assert [m["type"] for m in messages] == ["text"]
    assert text_for(messages) == messages[0]["message"]["text"] != ""


@AGENTS
def test_an_agent_gets_an_empty_answer_as_such(asked, upstream, ids, text_for):
    upstream.answer = lambda request, reply: reply.stream(finish(), usage(1, 0))
    messages = list(asked.stream("holysheep_llm", query="x", model="gpt-4.1", ids=ids))
    assert [m["type"] for m in messages] == ["text"] and text_for(messages) == ""


@AGENTS
def test_an_answer_longer_than_a_message_comes_in_several(asked, upstream, ids, text_for):
    content, events = long_answer(300_000, 30)
    upstream.answer = lambda request, reply: reply.stream(*events)
    messages = list(asked.stream("holysheep_llm", query="x", model="gpt-4.1", ids=ids))
    assert {m["type"] for m in messages} == {"text"} and 1 < len(messages) < 5
    assert text_for(messages) == content


@TOOLS
@WORKFLOWS
def test_a_tool_node_has_all_its_outputs(asked, name, ids):
    output = asked.run(name, ids=ids, **CALLS[name])
    assert output.text and output.json
    assert len(output.variables) >= 5


@TOOLS
def test_an_answer_node_shows_every_variable_and_the_output_keeps_its_type(asked, name):
    output = asked.run(name, **CALLS[name])
    for variable, value in output.variables.items():
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        assert output.answer(variable) == shown, variable
    types = {variable: type(value) for variable, value in output.variables.items()}
    expected = {"holysheep_llm": {"latency_ms": float, "tokens_used": int, "cached": bool},
                "holysheep_workflow": {"steps": list, "steps_failed": int, "cost": str},
                "holysheep_cost": {"tokens": int, "estimated": bool, "saved": str}}[name]
    assert types.items() >= expected.items()


@TOOLS
def test_a_variable_is_streamed_before_its_value_comes(asked, name):
    messages = asked.run(name, **CALLS[name]).messages
    bodies = [m["message"] for m in messages if m["type"] == "variable"]
    for variable in {body["variable_name"] for body in bodies}:
        *streamed, value = [b["stream"] for b in bodies if b["variable_name"] == variable]
        assert streamed and all(streamed) and not value, variable


def test_an_empty_result_is_empty_text(asked, upstream):
    upstream.answer = lambda request, reply: reply.stream(finish(), usage(1, 0))
    output = asked.run("holysheep_llm", query="x", model="gpt-4.1")
    assert output.answer("result") == output.variables["result"] == ""


def test_a_result_longer_than_a_message_is_whole(tool_plugin, start_node, upstream):
    content, events = long_answer(6_000_000, 60)
    upstream.answer = lambda request, reply: reply.stream(*events)
    node = start_node(upstream.url, upstream={"max_response_bytes": 16 * 1024 * 1024})
    output = Tools(tool_plugin, {"node_address": node.address}).run(
        "holysheep_llm", query="x", model="gpt-4.1")
    assert output.variables["result"] == output.answer("result") == output.text == content
    assert tool_plugin.longest_line < 2 * 1024 * 1024
