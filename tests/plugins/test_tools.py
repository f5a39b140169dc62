"""The tool plugin's nodes, run by Dify's SDK against the real service."""

import json

import pytest
from harness.upstream import delta, finish, text, usage
from support.plugin import PluginError
from support.tool import Tools


@pytest.fixture
def asked(tool_plugin, start_node, upstream):
    node = start_node(upstream.url)
    return Tools(tool_plugin, {"node_address": node.address})


def test_the_llm_node_gives_every_output_of_its_contract(tools):
    output = tools.run("holysheep_llm", query="Hallo Welt", model="deepseek-v3.2")
    assert output.variables["result"] == output.text == "You said: Hallo Welt"
    assert isinstance(output.variables["latency_ms"], float)
    assert output.variables["latency_ms"] > 0
    assert output.variables["model_used"] == "deepseek-v3.2"
    assert output.variables["tokens_used"] == 6
    assert output.variables["cached"] is False
    assert set(output.variables) == {"result", "latency_ms", "model_used", "tokens_used", "cached"}


def test_the_rest_is_json_without_the_answer(tools):
    [metadata] = tools.run("holysheep_llm", query="Erzaehl mir was", model="gpt-4.1").json
    assert metadata["finish_reason"] == "stop" and metadata["attempts"] == 1
    assert metadata["usage"]["total_tokens"] == 8
    assert float(metadata["cost"]["total"]) > 0 and float(metadata["cost"]["saved"]) > 0
    assert metadata["cache"]["outcome"] == "miss"
    assert "Erzaehl" not in json.dumps(metadata)


def test_a_repeated_question_is_cached_and_free(tools):
    first = tools.run("holysheep_llm", query="Wie bitte?", model="gpt-4.1")
    again = tools.run("holysheep_llm", query="Wie bitte?", model="gpt-4.1")
    assert again.variables["cached"] is True
    assert again.variables["tokens_used"] == first.variables["tokens_used"]
    assert again.variables["result"] == first.variables["result"]
    assert again.json[0]["cost"]["total"] == "0"
    assert again.json[0]["cache"]["outcome"] == "hit"


def test_text_and_result_stream_side_by_side(asked, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        text("a"), text("b"), finish(), usage(1, 2))
    messages = asked.run("holysheep_llm", query="Hallo", model="gpt-4.1").messages
    kinds = [m["type"] for m in messages]
    # After them the value of `result`, and the four others, each as text and as its value.
    assert kinds == ["text", "variable"] * 2 + ["variable"] * (1 + 4 * 2) + ["json"]
    assert [m["message"]["stream"] for m in messages if m["type"] == "variable"] == \
        [True, True, False] + [True, False] * 4


def test_every_parameter_reaches_the_upstream(asked, upstream):
    asked.run("holysheep_llm", query="Hallo", model="gpt-4.1", temperature=0, max_tokens=9,
              top_p="0.25", system_prompt="Be brief.")
    body = upstream.last.body
    assert body["model"] == "gpt-4.1"
    assert (body["temperature"], body["top_p"]) == (0, 0.25)
    assert 9 in (body.get("max_tokens"), body.get("max_completion_tokens"))
    assert [m["role"] for m in body["messages"]] == ["system", "user"]


def test_what_is_not_set_takes_the_default_of_the_contract(asked, upstream):
    asked.run("holysheep_llm", query="Hallo", model="", temperature=None, max_tokens="",
              top_p=None, system_prompt=None, cache_mode=None)
    body = upstream.last.body
    assert body["model"] == "deepseek-v3.2"
    assert (body["temperature"], body["top_p"]) == (0.7, 0.95)
    assert 2048 in (body.get("max_tokens"), body.get("max_completion_tokens"))


def test_another_model_takes_the_place_of_the_chosen_one(asked, upstream):
    asked.run("holysheep_llm", query="Hallo", model="gpt-4.1", custom_model=" qwen-next ")
    assert upstream.last.body["model"] == "qwen-next"


def test_the_cache_mode_is_obeyed(asked, upstream):
    for mode, chats in (("default", 1), ("bypass", 2), ("refresh", 3), ("only_if_cached", 3)):
        asked.run("holysheep_llm", query="Hallo", model="gpt-4.1", cache_mode=mode)
        assert len(upstream.chats) == chats, mode


def test_a_refusal_is_the_result(asked, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        delta(refusal="No."), finish(), usage(1, 1))
    assert asked.run("holysheep_llm", query="x", model="gpt-4.1").variables["result"] == "No."


def test_an_empty_answer_has_an_empty_result(asked, upstream):
    upstream.answer = lambda request, reply: reply.stream(finish(), usage(1, 0))
    assert asked.run("holysheep_llm", query="x", model="gpt-4.1").variables["result"] == ""


@pytest.mark.parametrize(
    ("parameters", "said"),
    [({"query": ""}, "query must not be empty"),
     ({"query": "   "}, "query must not be empty"),
     ({"query": None}, "query must not be empty"),
     ({"query": ["a", None]}, "query must be text, not a list"),
     ({"query": "x", "temperature": "warm"}, "temperature must be a number, not text"),
     ({"query": "x", "temperature": 3}, "temperature"),
     ({"query": "x", "temperature": "nan"}, "temperature must be a finite number"),
     ({"query": "x", "max_tokens": 1.5}, "max_tokens must be a whole number"),
     ({"query": "x", "max_tokens": 1e12}, "max_tokens must be a whole number"),
     ({"query": "x", "max_tokens": 0}, "max_tokens"),
     ({"query": "x", "max_tokens": 10**6}, "max_tokens"),
     ({"query": "x", "top_p": True}, "top_p must be a number, not a truth value"),
     ({"query": "x", "cache_mode": "never"}, "cache_mode must be one of default")])
def test_a_bad_parameter_is_named(tools, parameters, said):
    with pytest.raises(PluginError) as caught:
        tools.run("holysheep_llm", **({"model": "gpt-4.1"} | parameters))
    assert caught.value.type == "InvokeBadRequestError"
    assert said in caught.value.description


def test_the_cost_node_estimates_a_text_against_the_official_price(tools):
    output = tools.run("holysheep_cost", query="a" * 400, model="gpt-4.1", max_tokens=1000)
    assert output.variables["estimated"] is True
    assert output.variables["tokens"] == 100 + 4 + 3 + 1000
    assert output.variables["cost"] == "0.008856"
    assert output.variables["official_cost"] == "0.06642"
    assert output.variables["saved"] == "0.057564"
    assert output.variables["currency"] == "USD"
    assert "0.008856 USD" in output.text and output.json == [output.variables]


def test_the_cost_node_takes_token_counts(tools):
    output = tools.run("holysheep_cost", model="deepseek-v3.2", prompt_tokens=1_000_000,
                       completion_tokens=0)
    assert output.variables["cost"] == "0.42"
    assert output.variables["estimated"] is False


@pytest.mark.parametrize("parameters", [{}, {"query": "x", "prompt_tokens": 5},
                                        {"prompt_tokens": -1}, {"prompt_tokens": "many"}])
def test_the_cost_node_says_what_it_needs(tools, parameters):
    with pytest.raises(PluginError) as caught:
        tools.run("holysheep_cost", model="gpt-4.1", **parameters)
    assert caught.value.type == "InvokeBadRequestError"


def test_credentials_are_validated_at_no_cost(asked, upstream):
    assert asked.validate()[0]["result"] is True
    assert upstream.chats == []


STEPS = [{"name": "draft", "prompt": "Write about {{query}}", "model": "gpt-4.1"},
         {"prompt": "Shorten {{steps.draft.output}}", "max_tokens": 50, "temperature": 0}]


@pytest.mark.parametrize("steps", [STEPS, json.dumps(STEPS)], ids=["list", "text"])
def test_the_workflow_node_runs_its_steps_in_order(asked, upstream, steps):
    output = asked.run("holysheep_workflow", query="sheep", steps=steps)
    first, second = [json.dumps(r.body["messages"]) for r in upstream.chats]
    assert "Write about sheep" in first and "Shorten Write about sheep" in second
    assert [r.body["model"] for r in upstream.chats] == ["gpt-4.1", "deepseek-v3.2"]
    assert output.text == output.variables["result"] == "Shorten Write about sheep"
    assert [s["name"] for s in output.variables["steps"]] == ["draft", "step1"]
    assert output.variables["steps"][0]["output"] == "Write about sheep"
    assert (output.variables["steps_succeeded"], output.variables["steps_failed"]) == (2, 0)
    assert output.variables["tokens_used"] == sum(
        step["tokens_used"] for step in output.variables["steps"])
    assert float(output.variables["cost"]) > 0 and output.json


def test_both_nodes_are_counted_for_their_app(tool_plugin, start_node, upstream, api):
    node = start_node(upstream.url)
    tools = Tools(tool_plugin, {"node_address": node.address})
    tools.run("holysheep_llm", query="Hallo")
    list(tools.stream("holysheep_llm", ids={}, query="Hallo from an agent node"))
    tools.run("holysheep_workflow", query="sheep", steps=STEPS)
    rows = node.admin.GetUsage(api.node_pb2.GetUsageRequest()).rows
    assert sorted((row.app, row.model, row.calls) for row in rows) == [
        ("", "deepseek-v3.2", 1), ("app-1", "deepseek-v3.2", 2), ("app-1", "gpt-4.1", 1)]


def failing_model(request, reply):
    if request.body["model"] == "gpt-4.1":
        return reply.error(401)
    return reply.stream(text("fine"), finish(), usage(1, 1))


def test_a_step_that_fails_is_recorded_and_the_next_goes_on(asked, upstream):
    upstream.answer = failing_model
    output = asked.run("holysheep_workflow", query="x", steps=[
        {"prompt": "a", "model": "gpt-4.1"}, {"prompt": "b"}])
    assert output.variables["result"] == "fine"
    failed, fine = output.variables["steps"]
    assert not failed["succeeded"] and "UPSTREAM_AUTH" in failed["error"]
    assert fine["succeeded"] and output.variables["steps_failed"] == 1


@pytest.mark.parametrize(
    ("steps", "stop"),
    [([{"prompt": "a", "model": "gpt-4.1"}, {"prompt": "b"}], True),
     ([{"prompt": "a", "model": "gpt-4.1"}], False)])
def test_a_workflow_fails_where_it_may_not_go_on_or_nothing_succeeded(asked, upstream, steps, stop):
    upstream.answer = failing_model
    with pytest.raises(PluginError) as caught:
        asked.run("holysheep_workflow", query="x", steps=steps, stop_on_error=stop)
    assert caught.value.type == "InvokeAuthorizationError"
    assert "UPSTREAM_AUTH" in caught.value.description


@pytest.mark.parametrize(
    ("steps", "said"),
    [(None, "list of at least one step"), ("[]", "list of at least one step"),
     ("{}", "list of at least one step"), ("[", "not valid JSON"),
     ([1], "steps[0] must be an object"),
     ([{"prompt": "a"}, {"prompt": "b", "temp": 1}], "steps[1] has 'temp'"),
     ([{"prompt": "a", "temperature": "hot"}], "steps[0].temperature must be a number"),
     ([{"prompt": ["a"]}], "steps[0].prompt must be text"),
     ([{"prompt": "a"}, {"prompt": ""}], "steps[1].prompt"),
     ([{"prompt": "{{steps.none.output}}"}], "steps[0]")])
def test_a_bad_step_is_named(tools, steps, said):
    with pytest.raises(PluginError) as caught:
        tools.run("holysheep_workflow", query="x", steps=steps)
    assert caught.value.type == "InvokeBadRequestError"
    assert said in caught.value.description
