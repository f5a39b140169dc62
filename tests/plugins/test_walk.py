"""An hour with both plugins as a new user of Dify takes it, in less than a minute."""

import base64
import json
import time

import pytest
from dify_rules import (
    arguments_for_agent,
    result_of_tool,
    shown_error,
    text_for_agent_app,
    text_for_agent_node,
    tool_calls_of,
    turn_of_agent_app,
    turn_of_agent_node,
    unstorable,
)
from graphon.file.enums import FileTransferMethod, FileType
from graphon.file.models import File
from harness.process import SLOWDOWN, free_port, wait_until
from harness.upstream import delta, echo, finish, plain, text, usage
from support.model import Model, tool, user
from support.plugin import PluginError
from support.tool import AGENT_APP, AGENT_NODE, Tools
from support.workflow import Dify, answer, iteration, llm
from support.workflow import tool as tool_node

CALL = delta(tool_calls=[{"index": 0, "id": "c1", "function": {
    "name": "holysheep_llm", "arguments": '{"query": "How many legs has a sheep?"}'}}])
SCHEMA = {"type": "object", "properties": {"legs": {"type": "integer"}}, "required": ["legs"]}
PIXEL = b"\x89PNG not really"
PICTURE = File(file_type=FileType.IMAGE, transfer_method=FileTransferMethod.LOCAL_FILE,
               related_id="1", filename="a.png", extension=".png", mime_type="image/png",
               size=len(PIXEL), storage_key="k")


def replies(request, reply):
    """An upstream that can do what the walk asks for."""
    body = request.body
    said = plain(body["messages"][-1]["content"])
    if body.get("tools") and body["messages"][-1]["role"] == "user":
        return reply.stream(delta(reasoning_content="I ask."), CALL, finish("tool_calls"),
                            usage(9, 9))
    if body["messages"][-1]["role"] == "tool":
        return reply.stream(text(f"It has {said}."), finish(), usage(9, 9))
    if "response_format" in body:
        return reply.stream(text('{"legs": 4}'), finish(), usage(9, 4))
    if "legs" in said:
        return reply.stream(text("four"), finish(), usage(9, 1))
    return echo(request, reply)


class Walk:
    def __init__(self, dify, start):
        self.dify, self.start = dify, start
        self.service = start()

    def ask(self, question):
        run = self.dify.run(llm(), answer("{{#llm.text#}}"), inputs={"query": question})
        return "".join(run.streamed) or run.error


@pytest.fixture
def walk(model_plugin, tool_plugin, unpacked, start_node, upstream):
    upstream.answer = replies
    listen = f"127.0.0.1:{free_port()}"
    credentials = {"node_address": listen}
    dify = Dify(Model(model_plugin, credentials), Tools(tool_plugin, credentials),
                unpacked["holysheep_model"], unpacked["holysheep_tool"])
    return Walk(dify, lambda **config: start_node(upstream.url, listen=listen, **config))


def enter_the_credentials(dify):
    for plugin in (dify.model, dify.tools):
        with pytest.raises(PluginError) as caught:
            plugin.validate({"node_address": "http://holysheep-node"})
        assert "without a scheme" in shown_error(caught.value.raw)
        assert plugin.validate()[0]["result"] is True


def draw_a_chatflow(walk):
    assert walk.ask("Hello there") == "Hello there"
    run = walk.dify.run(llm(), answer("{{#llm.text#}}"), inputs={"query": "Hello there"})
    assert run.outputs("llm")["usage"]["total_price"] in (0, "0")
    run = walk.dify.run(tool_node("t", "holysheep_llm", {"model": "gpt-4.1"}, query="Baa"),
                        answer("{{#t.result#}}, {{#t.cached#}}"), inputs={"query": "x"})
    assert "".join(run.streamed) == "Baa, false"


def let_an_agent_use_the_tool(dify, ids, text_for, turn_of):
    holysheep = tool("holysheep_llm", query={"type": "string"})
    question = user("What legs has a sheep?")
    first = dify.model.ask([question], model="gpt-4.1", tools=[holysheep])
    [call] = tool_calls_of(first.chunks)
    messages = list(dify.tools.stream("holysheep_llm", ids=ids, model="gpt-4.1",
                                      **arguments_for_agent(call)))
    read = text_for(messages)
    assert read == "four"
    last = dify.model.ask([question, turn_of(first), result_of_tool(call, read)],
                          model="gpt-4.1", tools=[holysheep])
    assert last.text == "It has four."
    assert unstorable([first.chunks, messages, last.chunks]) == []


def try_the_rest(dify, upstream):
    words = ["one", "two", "three"]
    run = dify.run(*iteration("each", ["start", "words"], llm("in", "{{#each.item#}}"), "text", 3),
                   answer("{{#each.output#}}"), inputs={"query": "x", "words": words})
    output = run.outputs("each")["output"]
    assert list(getattr(output, "value", output)) == words
    run = dify.run(llm(structured_output_enabled=True, structured_output={"schema": SCHEMA}),
                   inputs={"query": "A sheep"})
    assert run.outputs("llm")["structured_output"] == {"legs": 4}
    run = dify.run(llm(vision={"enabled": True, "configs": {
        "variable_selector": ["sys", "picture"], "detail": "low"}}),
        inputs={"query": "Look", "picture": PICTURE}, file=PIXEL)
    assert run.outcome == "GraphRunSucceededEvent", run.error
    assert base64.b64encode(PIXEL).decode() in json.dumps(upstream.last.body["messages"])


def press_stop(walk):
    run = walk.dify.start(llm(prompt="word " * 200), answer("{{#llm.text#}}"),
                          inputs={"query": "x"})
    for event in run:
        if getattr(event, "chunk", ""):
            run.stop()
    assert run.outcome in ("GraphRunAbortedEvent", "GraphRunSucceededEvent")
    assert walk.ask("Still there?") == "Still there?"


def restart_and_upgrade_the_service(walk):
    assert walk.service.stop() == 0
    said = walk.ask("Anybody?")
    assert said.startswith("[holysheep] ") and "check that it runs there" in said
    walk.service = walk.start()
    # The plugin looks for it once a second.
    wait_until(lambda: walk.ask("Back again?") == "Back again?", 5, "an answer")
    # The next version knows a model that the package does not.
    assert walk.service.stop() == 0
    walk.service = walk.start(default_model="next", models=[
        {"id": "next", "context_size": 4096, "capabilities": ["json_object"]}, {"id": "gpt-4.1"}])
    wait_until(lambda: walk.ask("Back?") == "Back?", 5, "an answer")
    run = walk.dify.run(llm(model="next"), answer("{{#llm.text#}}"), inputs={"query": "And you?"})
    assert "".join(run.streamed) == "And you?", run.error
    assert walk.dify.schema("next").model_properties["context_size"] == 4096


def test_a_new_user_meets_no_fault(walk, upstream):
    began = time.monotonic()
    enter_the_credentials(walk.dify)
    draw_a_chatflow(walk)
    let_an_agent_use_the_tool(walk.dify, AGENT_APP, text_for_agent_app, turn_of_agent_app)
    let_an_agent_use_the_tool(walk.dify, AGENT_NODE, text_for_agent_node, turn_of_agent_node)
    try_the_rest(walk.dify, upstream)
    press_stop(walk)
    restart_and_upgrade_the_service(walk)
    for plugin in (walk.dify.model.plugin, walk.dify.tools.plugin):
        assert not plugin.strays and "Traceback" not in plugin.stderr()
    assert time.monotonic() - began < 60 * SLOWDOWN
