"""Dify keeps what a plugin says in PostgreSQL, which refuses NUL and what is no UTF-8."""

import json

import pytest
from dify_rules import unstorable
from harness.upstream import delta, finish, text, usage
from support.model import Answer, Model, image, tool, user
from support.plugin import PluginError
from support.tool import AGENT_APP, Tools

NUL = "\0"
# In JSON text inside a text: NUL, a backslash and what is no escape after it, half a
# pair, a whole pair, two halves with NUL between.
ESCAPES = r'{"k\u0000":["a\u0000b",{"\u0000":"\\u0000"}],"half":"x\ud83dy","pair":"\ud83d\ude00",' \
          r'"torn":"\ud83d\u0000\ude00","upper":"\uDC00"}'
MEANT = {"k": ["ab", {"": "\\u0000"}], "half": "x\ufffdy", "pair": "😀", "torn": "\ufffd\ufffd",
         "upper": "\ufffd"}


@pytest.fixture
def models(model_plugin, start_node, upstream):
    node = start_node(upstream.url, retry={"max_attempts": 1})
    return Model(model_plugin, {"node_address": node.address})


@pytest.fixture
def tools(tool_plugin, start_node, upstream):
    node = start_node(upstream.url, retry={"max_attempts": 1})
    return Tools(tool_plugin, {"node_address": node.address})


def call(arguments, call_id="c1", name="now"):
    return delta(tool_calls=[{"index": 0, "id": call_id,
                              "function": {"name": name, "arguments": arguments}}])


@pytest.mark.parametrize("stream", [True, False])
def test_text_and_reasoning_of_a_model_come_without_nul(models, upstream, stream):
    upstream.answer = lambda request, reply: reply.stream(
        delta(reasoning_content=f"h{NUL}m"), text(NUL), text(f"Y{NUL}es"),
        delta(refusal=f"{NUL}!"), finish(), usage(1, 1))
    answer = models.ask("x", stream=stream)
    assert unstorable(answer.chunks) == []
    assert answer.text == "<think>\nhm\n</think>\nYes!"


def test_a_stop_word_is_found_though_nul_is_in_it(models, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        text("Think. Obs"), text(f"erv{NUL}"), text("ation: made up"), finish(), usage(1, 9))
    assert models.ask("Go", stop=["Observation:"]).text == "Think. "


@pytest.mark.parametrize("stream", [True, False])
def test_tool_calls_come_without_nul_also_where_it_is_escaped(models, upstream, stream):
    upstream.answer = lambda request, reply: reply.stream(
        delta(reasoning_content=f"h{NUL}m", reasoning_details=[{f"a{NUL}": f"b{NUL}", "c": "d"}]),
        call(ESCAPES, f"c{NUL}1", f"no{NUL}w"), finish("tool_calls"), usage(1, 1))
    answer = models.ask("x", stream=stream, tools=[tool("now")])
    assert unstorable(answer.chunks) == []
    [given] = answer.tool_calls
    assert (given["id"], given["function"]["name"]) == ("c1", "now")
    assert json.loads(given["function"]["arguments"]) == MEANT
    assert answer.opaque["holysheep"]["reasoning"] == "hm"
    assert '"a":"b"' in answer.opaque["holysheep"]["opaque_json"]


def test_a_finish_reason_and_a_fingerprint_come_without_nul(models, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        text("x") | {"system_fingerprint": f"fp{NUL}1"}, finish(f"stran{NUL}ge"), usage(1, 1))
    chunks = list(models.stream("x"))
    assert unstorable(chunks) == []
    assert Answer(chunks).finish_reason == "strange"


@pytest.mark.parametrize("stream", [True, False])
def test_an_error_of_the_upstream_comes_without_nul(models, upstream, stream):
    upstream.answer = lambda request, reply: reply.error(400, message=f"no{NUL}pe")
    with pytest.raises(PluginError) as caught:
        models.ask("x", stream=stream)
    assert unstorable(caught.value.raw) == []


@pytest.mark.parametrize("ids", [None, AGENT_APP], ids=["node", "agent"])
def test_a_tool_answers_without_nul(tools, upstream, ids):
    upstream.answer = lambda request, reply: reply.stream(
        text(NUL), text(f"Y{NUL}es"), finish(f"sto{NUL}p"), usage(1, 1))
    output = tools.run("holysheep_llm", query="x", model="gpt-4.1", ids=ids)
    assert unstorable(output.messages) == []
    assert output.text == "Yes"


def test_a_tools_variables_and_json_come_without_nul(tools, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        text("Yes"), finish(), usage(1, 1))
    output = tools.run("holysheep_llm", query="x", custom_model=f"q{NUL}wen")
    assert unstorable(output.messages) == []
    assert output.variables["model_used"] == output.json[0]["model"] == "qwen"


@pytest.mark.parametrize("ids", [None, AGENT_APP], ids=["node", "agent"])
def test_the_steps_come_without_nul(tools, upstream, ids):
    def answer(request, reply):
        if request.body["model"] == "gpt-4.1":
            return reply.error(400, message=f"no{NUL}pe")
        return reply.stream(text(f"Y{NUL}es"), finish(), usage(1, 1))

    upstream.answer = answer
    output = tools.run("holysheep_workflow", query="x", ids=ids, steps=[
        {"prompt": "a", "model": "gpt-4.1"}, {"prompt": "b"}])
    assert unstorable(output.messages) == []
    assert output.text == "Yes"
    if ids is None:
        assert output.variables["steps"][1]["output"] == "Yes"


def test_an_error_that_repeats_the_input_comes_without_nul(models, tools):
    with pytest.raises(PluginError) as of_model:
        models.ask([user([image(url=f"http://ng{NUL}inx/a.png")])])
    assert "nginx" in of_model.value.description
    with pytest.raises(PluginError) as of_tool:
        tools.run("holysheep_workflow", query="x", steps='[{"prompt": "a", "no\\u0000": 1}]')
    assert unstorable([of_model.value.raw, of_tool.value.raw]) == []


def test_an_input_that_is_said_again_comes_without_nul(models, tools):
    """The upstream's answer is the prompt."""
    answer = models.ask(f"a{NUL}b")
    output = tools.run("holysheep_llm", query=f"a{NUL}b", model="gpt-4.1")
    steps = tools.run("holysheep_workflow", query="x",
                      steps=[{"prompt": f"a{NUL}b", "model": f"q{NUL}wen"}])
    cost = tools.run("holysheep_cost", query="x", model=f"q{NUL}wen")
    assert unstorable([answer.chunks, output.messages, steps.messages, cost.messages]) == []
    assert answer.text == output.variables["result"] == "ab"


def test_half_a_pair_in_the_input_is_a_bad_request(tools, models):
    with pytest.raises(PluginError) as of_tool:
        tools.run("holysheep_workflow", query="x", steps='[{"prompt": "half \\ud83d"}]')
    with pytest.raises(PluginError) as of_model:
        models.ask("x", parameters={"json_schema": '{"title": "half \\ud83d"}'})
    for caught in (of_tool, of_model):
        assert caught.value.type == "InvokeBadRequestError", caught.value
        assert "Unicode" in caught.value.description
