"""graphon, Dify's workflow engine, runs its own nodes over the plugins' processes."""

import base64
import json
import threading
import time

import pytest
from dify_rules import ToolNode, shown_model_error
from graphon.dsl import DslError, loads
from graphon.file.enums import FileTransferMethod, FileType
from graphon.file.models import File
from graphon.model_runtime.entities.message_entities import (
    AssistantPromptMessage,
    UserPromptMessage,
)
from harness.upstream import delta, finish, plain, text, usage
from support.model import SECRETS, Model
from support.tool import Tools
from support.workflow import Dify, Memory, answer, app, iteration, llm, tool

import yaml

SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}, "legs": {"type": "integer"}},
          "required": ["name", "legs"], "additionalProperties": False}
SHEEP = '{"name": "Dolly", "legs": 4}'
MODELS = ["gpt-4.1", "claude-sonnet-4.5", "gemini-2.5-flash", "deepseek-v3.2"]


def says(*pieces, reason="stop"):
    return lambda request, reply: reply.stream(
        *(text(piece) for piece in pieces), finish(reason), usage(7, len(pieces)))


def asked(upstream):
    """What the user said to the upstream in the last chat."""
    return plain(upstream.last.body["messages"][-1]["content"])


# ---- LLM node ---------------------------------------------------------------------

@pytest.mark.parametrize("model", MODELS)
def test_an_llm_node_answers_and_counts(dify, upstream, model):
    upstream.answer = says("Shee", "p!")
    run = dify.run(llm(model=model), answer("{{#llm.text#}}"), inputs={"query": "Who?"})
    assert run.outcome == "GraphRunSucceededEvent"
    outputs = run.outputs("llm")
    assert (outputs["text"], outputs["finish_reason"]) == ("Sheep!", "stop")
    assert outputs["usage"]["total_tokens"] == 9 and float(outputs["usage"]["total_price"]) > 0
    assert run.outputs("answer")["answer"] == "Sheep!"
    assert asked(upstream) == "Who?" and upstream.last.body["model"] == model


def test_the_text_of_an_llm_node_streams_through_an_answer_node(dify, upstream):
    read = threading.Event()

    def reply_in_parts(request, reply):
        reply.open()
        reply.send(text("first"))
        assert read.wait(20)
        reply.send(text(" second"), finish(), usage(1, 2))
        reply.close()

    upstream.answer = reply_in_parts
    run = dify.start(llm(), answer("It says: {{#llm.text#}}"), inputs={"query": "x"})
    for event in run:
        if getattr(event, "chunk", "") == "first":
            read.set()
    assert read.is_set() and "".join(run.streamed) == "It says: first second"


def test_reasoning_is_taken_apart_where_the_node_says_so(dify, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        delta(reasoning_content="hm"), delta(reasoning_content=" well"), text("Yes"), finish(),
        usage(1, 1))
    run = dify.run(llm(reasoning_format="separated"), answer("{{#llm.text#}}"),
                   inputs={"query": "Really?"})
    outputs = run.outputs("llm")
    assert (outputs["text"], outputs["reasoning_content"]) == ("Yes", "hm well")
    assert "".join(run.streamed) == "Yes"
    tagged = dify.run(llm(), answer("{{#llm.text#}}"), inputs={"query": "Really?"})
    assert tagged.outputs("llm")["text"] == "<think>\nhm well\n</think>\nYes"


def test_the_memory_of_a_chatflow_reaches_the_upstream_without_old_reasoning(dify, upstream):
    dify.memory = Memory([UserPromptMessage(content="I am Ann."),
                          AssistantPromptMessage(content="<think>\nAnn\n</think>\nHello Ann.")])
    dify.run(llm(memory={"window": {"enabled": True, "size": 10},
                         "query_prompt_template": "{{#sys.query#}}"}),
             answer("{{#llm.text#}}"), inputs={"query": "Who am I?"})
    turns = [(m["role"], plain(m["content"])) for m in upstream.last.body["messages"]]
    assert ("user", "I am Ann.") in turns and ("assistant", "Hello Ann.") in turns
    assert turns[-1][0] == "user" and "Who am I?" in turns[-1][1]


@pytest.mark.parametrize(("mime", "extension"), [("image/png", ".png"), ("image/jpg", ".jpg")])
def test_a_picture_reaches_a_model_that_sees(dify, upstream, mime, extension):
    pixel = b"\x89PNG not really"
    picture = File(file_type=FileType.IMAGE, transfer_method=FileTransferMethod.LOCAL_FILE,
                   related_id="1", filename=f"a{extension}", extension=extension, mime_type=mime,
                   size=len(pixel), storage_key="k")
    run = dify.run(llm(vision={"enabled": True, "configs": {
        "variable_selector": ["sys", "picture"], "detail": "high"}}), answer("{{#llm.text#}}"),
        inputs={"query": "What is it?", "picture": picture}, file=pixel)
    assert run.outcome == "GraphRunSucceededEvent", run.error
    images = [part["image_url"] for message in upstream.last.body["messages"]
              if isinstance(message["content"], list)
              for part in message["content"] if part["type"] == "image_url"]
    shown = "image/jpeg" if mime == "image/jpg" else mime
    assert images == [{"url": f"data:{shown};base64,{base64.b64encode(pixel).decode()}",
                       "detail": "high"}]


def test_parameters_of_the_node_reach_the_upstream(dify, upstream):
    dify.run(llm(parameters={"temperature": 0.1, "max_tokens": 77, "cache_mode": "bypass",
                             "json_schema": "", "seed": None}), answer("x"),
             inputs={"query": "x"})
    body = upstream.last.body
    assert body["temperature"] == 0.1 and 77 in (body.get("max_tokens"),
                                                 body.get("max_completion_tokens"))
    assert "seed" not in body and "response_format" not in body


# ---- structured output ------------------------------------------------------------

def structured(model="gpt-4.1", **data):
    return llm(model=model, structured_output_enabled=True,
               structured_output={"schema": SCHEMA}, **data)


@pytest.mark.parametrize("model", MODELS)
def test_structured_output_is_an_object_of_its_schema(dify, upstream, model):
    upstream.answer = says(SHEEP[:9], SHEEP[9:])
    run = dify.run(structured(model), answer("{{#llm.text#}}"), inputs={"query": "A sheep"})
    assert run.outcome == "GraphRunSucceededEvent", run.error
    assert run.outputs("llm")["structured_output"] == {"name": "Dolly", "legs": 4}
    wanted = upstream.last.body["response_format"]["type"]
    assert wanted == ("json_schema" if model in ("gpt-4.1", "gemini-2.5-flash") else "json_object")


def test_reasoning_stays_out_of_the_text_of_structured_output(dify, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        delta(reasoning_content='Maybe {"name": "no"}?'), text(SHEEP), finish(), usage(7, 3))
    run = dify.run(structured("deepseek-v3.2"), answer("{{#llm.text#}}"),
                   inputs={"query": "A sheep"})
    assert run.outcome == "GraphRunSucceededEvent", run.error
    assert json.loads(run.outputs("llm")["text"]) == {"name": "Dolly", "legs": 4}


def test_words_around_the_json_never_reach_the_node(dify, upstream):
    """The service takes them off or, where it cannot, asks again and refuses."""
    upstream.answer = says("Here you are:\n```json\n", SHEEP, "\n```\n")
    run = dify.run(structured("deepseek-v3.2"), answer("{{#llm.text#}}"),
                   inputs={"query": "A sheep"})
    if run.outcome == "GraphRunFailedEvent":
        assert run.error.startswith("[holysheep] UPSTREAM_MALFORMED: ") and not run.streamed
    else:
        assert json.loads("".join(run.streamed)) == {"name": "Dolly", "legs": 4}


def test_structured_output_against_its_schema_fails_the_node_in_a_sentence(dify, upstream):
    upstream.answer = says('{"name": "Dolly", "legs": "four"}')
    run = dify.run(structured("deepseek-v3.2"), answer("{{#llm.text#}}"), inputs={"query": "A sheep"})
    assert run.outcome == "GraphRunFailedEvent"
    assert run.error.startswith("[holysheep] ") and "\n" not in run.error


# ---- tool node --------------------------------------------------------------------

def test_a_tool_nodes_variables_have_their_types_and_stream_to_an_answer_node(dify, upstream):
    upstream.answer = says("Ba", "a!")
    run = dify.run(tool("t", "holysheep_llm", {"model": {"type": "constant", "value": "gpt-4.1"}},
                        query="{{#sys.query#}}"),
                   answer("{{#t.result#}} {{#t.tokens_used#}} {{#t.cached#}}"),
                   inputs={"query": "Speak"})
    assert run.outcome == "GraphRunSucceededEvent", run.error
    outputs = run.outputs("t")
    assert outputs["result"] == outputs["text"] == "Baa!"
    assert outputs["tokens_used"] == 9 and outputs["cached"] is False
    assert isinstance(outputs["latency_ms"], float) and outputs["model_used"] == "gpt-4.1"
    assert "".join(run.streamed) == "Baa! 9 false"
    assert asked(upstream) == "Speak"


def test_graphons_tool_node_and_the_rules_agree(dify, upstream):
    upstream.answer = says("Ba", "a!")
    settings = {"model": "gpt-4.1", "cache_mode": "bypass"}
    run = dify.run(tool("t", "holysheep_llm", settings, query="Speak"), inputs={"query": "x"})
    played = ToolNode(dify.tools.stream("holysheep_llm", query="Speak", **settings))
    outputs = {name: value for name, value in run.outputs("t").items() if name != "files"}
    assert set(outputs) == {"text", "json"} | set(played.variables)
    for name in ("result", "model_used", "tokens_used", "cached"):
        assert outputs[name] == played.variables[name]


def test_settings_that_nobody_touched_are_their_defaults(dify, upstream):
    """An older canvas keeps them as nothing at all."""
    untouched = {name: {"type": "constant", "value": None} for name in
                 ("temperature", "max_tokens", "top_p", "custom_model", "system_prompt")}
    run = dify.run(tool("t", "holysheep_llm", {"model": "deepseek-v3.2"} | untouched, query="Hi"),
                   inputs={"query": "x"})
    assert run.outcome == "GraphRunSucceededEvent", run.error
    body = upstream.last.body
    assert (body["model"], body["temperature"]) == ("deepseek-v3.2", 0.7)
    assert [m["role"] for m in body["messages"]] == ["user"]


def test_a_tool_node_takes_a_list_of_steps_from_a_variable(dify, upstream):
    steps = tool("t", "holysheep_workflow")
    steps["data"]["tool_parameters"] = {
        "steps": {"type": "variable", "value": ["start", "steps"]},
        "query": {"type": "mixed", "value": "sheep"}}
    run = dify.run(steps, answer("{{#t.result#}}"),
                   inputs={"query": "x", "steps": [{"prompt": "Write of {{query}}"},
                                                   {"prompt": "Shorten {{steps.step0.output}}"}]})
    assert run.outcome == "GraphRunSucceededEvent", run.error
    assert run.outputs("t")["steps_succeeded"] == 2
    assert "".join(run.streamed) == run.outputs("t")["result"] == "Shorten Write of sheep"


def test_the_cost_node_needs_no_settings(dify):
    run = dify.run(tool("t", "holysheep_cost", {"model": "gpt-4.1"}, query="How much?"),
                   answer("{{#t.cost#}}"), inputs={"query": "x"})
    assert run.outcome == "GraphRunSucceededEvent", run.error
    assert "".join(run.streamed) == run.outputs("t")["cost"]


# ---- iteration --------------------------------------------------------------------

@pytest.mark.parametrize("parallel", [1, 10])
def test_an_iteration_asks_for_every_entry_and_keeps_their_order(dify, upstream, parallel):
    words = [f"sheep {i}" for i in range(20)]
    run = dify.run(*iteration("each", ["start", "words"], llm("inner", "Count {{#each.item#}}"),
                              "text", parallel), answer("{{#each.output#}}"),
                   inputs={"query": "x", "words": words})
    assert run.outcome == "GraphRunSucceededEvent", run.error
    output = run.outputs("each")["output"]
    assert list(getattr(output, "value", output)) == [f"Count {word}" for word in words]
    assert len(upstream.chats) == 20


def test_tools_run_in_a_parallel_iteration(dify, upstream):
    words = [f"sheep {i}" for i in range(10)]
    inner = tool("inner", "holysheep_llm", {"model": "gpt-4.1"}, query="{{#each.item#}}")
    run = dify.run(*iteration("each", ["start", "words"], inner, "result", 10), answer("x"),
                   inputs={"query": "x", "words": words})
    assert run.outcome == "GraphRunSucceededEvent", run.error
    output = run.outputs("each")["output"]
    assert list(getattr(output, "value", output)) == words


# ---- stop and errors --------------------------------------------------------------

def test_stop_ends_the_run_at_once_and_the_plugin_goes_on_to_the_end(dify, upstream):
    """Dify tells no plugin of it. The next call is answered as ever."""
    stopped, ended = threading.Event(), threading.Event()

    def slow(request, reply):
        reply.open()
        reply.send(text("first"))
        assert stopped.wait(20)
        reply.send(text(" second"), finish(), usage(1, 2))
        reply.close()
        ended.set()

    upstream.answer = slow
    run = dify.start(llm(), answer("{{#llm.text#}}"), inputs={"query": "Long"})
    began = None
    for event in run:
        if getattr(event, "chunk", "") == "first":
            run.stop()
            began = time.monotonic()
            threading.Timer(0.5, stopped.set).start()
    assert run.outcome == "GraphRunAbortedEvent" and time.monotonic() - began < 10
    assert ended.wait(10)
    upstream.answer = says("again")
    assert dify.run(llm(), inputs={"query": "Next"}).outputs("llm")["text"] == "again"


def test_an_error_of_a_model_is_read_as_it_was_written(dify, upstream):
    upstream.answer = lambda request, reply: reply.error(
        400, code="context_length_exceeded", message="maximum context length is 10 tokens")
    run = dify.run(llm(), answer("{{#llm.text#}}"), inputs={"query": "x"})
    assert run.outcome == "GraphRunFailedEvent"
    assert run.error.startswith("[holysheep] CONTEXT_LENGTH: ")
    assert "Shorten the prompt" in run.error and "\n" not in run.error


def test_an_error_of_a_tool_is_read_as_it_was_written(dify, upstream):
    upstream.answer = lambda request, reply: reply.error(
        400, code="context_length_exceeded", message="maximum context length is 10 tokens")
    run = dify.run(tool("t", "holysheep_llm", {"model": "gpt-4.1"}, query="x"), answer("x"),
                   inputs={"query": "x"})
    assert run.outcome == "GraphRunFailedEvent"
    assert run.error.startswith("[holysheep] CONTEXT_LENGTH: ")
    assert "Shorten the prompt" in run.error and "\n" not in run.error


def test_a_key_that_is_refused_is_told_by_whose_it_is(dify, upstream):
    """Of an authorization error Dify shows a text of its own, about its own credentials."""
    upstream.answer = lambda request, reply: reply.error(401, message="invalid api key")
    run = dify.run(llm(), inputs={"query": "x"})
    assert "UPSTREAM_AUTH" in run.error and "API key" in run.error
    dify.model.credentials = dify.model.credentials | SECRETS
    run = dify.run(llm(), inputs={"query": "y"})
    assert run.error == shown_model_error({"error_type": "InvokeAuthorizationError"},
                                          dify.provider.label.en_us)


def test_a_failing_node_can_go_on_by_its_default(dify, upstream):
    upstream.answer = lambda request, reply: reply.error(400, message="no")
    run = dify.run(llm(error_strategy="default-value", default_value=[
        {"key": "text", "type": "string", "value": "sorry"}]), answer("{{#llm.text#}}"),
        inputs={"query": "x"})
    assert run.outcome == "GraphRunPartialSucceededEvent"
    assert "".join(run.streamed) == "sorry"


# ---- the package as graphon reads it ----------------------------------------------

def test_graphon_reads_the_provider_and_finds_its_models(dify):
    assert dify.provider.provider == "holysheep"
    assert set(dify.models) == set(MODELS)
    for model in dify.models.values():
        assert "structured-output" in [feature.value for feature in model.features]
        assert model.pricing.input > 0
    described = dify.schema("qwen-next")
    assert described.model == "qwen-next" and described.parameter_rules


def test_without_dify_graphon_finds_a_plugin_by_the_name_of_its_provider():
    """Ours are called otherwise, as two plugins of one provider must be."""
    with pytest.raises(DslError, match="dependency could not be resolved"):
        loads(yaml.safe_dump(app([llm(), answer("x")])))


def test_two_apps_run_at_once(model_plugin, tool_plugin, unpacked, start_node, upstream):
    credentials = {"node_address": start_node(upstream.url).address}
    apps = [Dify(Model(model_plugin, credentials), Tools(tool_plugin, credentials),
                 unpacked["holysheep_model"], unpacked["holysheep_tool"]) for _ in range(2)]
    runs = [one.start(llm(prompt=f"app {i}"), answer("{{#llm.text#}}"), inputs={"query": "x"})
            for i, one in enumerate(apps)]
    threads = [threading.Thread(target=run.to_end) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert ["".join(run.streamed) for run in runs] == ["app 0", "app 1"]
