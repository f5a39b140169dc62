"""What Dify's parameter panel keeps for a model, and what the plugin makes of it."""

import pytest
from dify_rules import label_fits, left_alone, switched_on
from harness.upstream import finish, text, usage
from support.model import Model
from support.tool import Tools

import yaml

# Of a model that the catalog knows, of one it does not, and with no service there.
SCHEMAS = ("own", "other", "offline")


@pytest.fixture
def asked(model_plugin, start_node, upstream):
    upstream.answer = lambda request, reply: reply.stream(text("{}"), finish(), usage(1, 1))
    node = start_node(upstream.url, default_model="own", models=[
        {"id": "own", "capabilities": ["tools", "json_schema", "reasoning"]}, {"id": "second"}])
    return Model(model_plugin, {"node_address": node.address})


def rules_of(asked, which):
    if which == "offline":
        return Model(asked.plugin, {"node_address": "127.0.0.1:1"}).schema("any")["parameter_rules"]
    return asked.schema(which)["parameter_rules"]


def test_every_parameter_of_a_model_has_a_default(unpacked):
    files = [f for f in (unpacked["holysheep_model"] / "models/llm").glob("*.yaml")
             if f.name != "_position.yaml"]
    assert len(files) == 4
    for file in files:
        rules = yaml.safe_load(file.read_text(encoding="utf-8"))["parameter_rules"]
        assert [r["name"] for r in rules if r.get("default") in (None, "")] == [], file.name


@pytest.mark.parametrize("which", SCHEMAS)
def test_every_parameter_of_a_customizable_model_has_a_default(asked, which):
    rules = rules_of(asked, which)
    assert len(rules) > 10
    assert [r["name"] for r in rules if r["default"] in (None, "")] == []
    for rule in rules:
        assert not rule["options"] or rule["default"] in rule["options"], rule["name"]


@pytest.mark.parametrize("which", ["own", "other"])
def test_a_parameter_that_is_only_switched_on_can_be_sent(asked, which):
    rules = rules_of(asked, which)
    for rule in rules:
        parameters = {rule["name"]: switched_on(rule)}
        assert asked.ask("Hallo", model=which, parameters=parameters).text == "{}", rule["name"]
    together = {rule["name"]: switched_on(rule) for rule in rules}
    assert asked.ask("Hallo", model=which, parameters=together).text == "{}"


@pytest.mark.parametrize("effort", ["none", "minimal", "low", "medium", "high", "xhigh"])
def test_every_effort_that_can_be_chosen_reaches_the_upstream(model_plugin, start_node, upstream,
                                                              effort):
    node = start_node(upstream.url, default_model="own",
                      models=[{"id": "own", "wire": {"reasoning": "effort"}}])
    asked = Model(model_plugin, {"node_address": node.address})
    [rule] = [r for r in asked.schema("own")["parameter_rules"] if r["name"] == "reasoning_effort"]
    assert effort in rule["options"] and len(rule["options"]) == 6
    asked.ask("Hallo", model="own", parameters={"reasoning_effort": effort})
    assert upstream.last.body["reasoning_effort"] == effort


@pytest.mark.parametrize("unset", ["", None])
def test_a_parameter_that_is_kept_as_nothing_is_not_set(asked, upstream, unset):
    names = [rule["name"] for rule in rules_of(asked, "own")]
    asked.ask("Hallo", model="own", parameters={})
    plain = upstream.last.body
    asked.ask("Hallo again", model="own", parameters=dict.fromkeys(names, unset))
    assert upstream.last.body | {"messages": None} == plain | {"messages": None}


def test_a_model_shows_no_parameter_that_it_does_not_take(api, serve, model_plugin):
    pb = api.node_pb2

    class Service(api.node_pb2_grpc.LlmNodeServicer):
        def ListModels(self, request, context):
            return pb.ListModelsResponse(models=[
                pb.Model(id="thinker", parameters=["max_tokens", "seed"]), pb.Model(id="silent")])

    model = Model(model_plugin, {"node_address": serve(Service())})
    shown = {name: {rule["name"] for rule in model.schema(name)["parameter_rules"]}
             for name in ("thinker", "silent")}
    gone = {"temperature", "top_p", "presence_penalty", "frequency_penalty"}
    assert shown["silent"] - shown["thinker"] == gone
    assert {"max_tokens", "seed", "cache_mode", "fallback_model"} <= shown["thinker"]


def documents(unpacked):
    """Every file that describes parameters, and those."""
    for file in (unpacked["holysheep_model"] / "models/llm").glob("*.yaml"):
        if file.name != "_position.yaml":
            yield file.name, yaml.safe_load(file.read_text(encoding="utf-8"))["parameter_rules"]
    for file in (unpacked["holysheep_tool"] / "tools").glob("*.yaml"):
        yield file.name, yaml.safe_load(file.read_text(encoding="utf-8"))["parameters"]


def test_the_labels_fit_into_the_panel(unpacked):
    long = [(name, parameter["name"], label)
            for name, parameters in documents(unpacked) for parameter in parameters
            for holder in (parameter, *parameter.get("options", ())) if isinstance(holder, dict)
            for label in holder["label"].values() if not label_fits(label)]
    assert long == []


def test_every_setting_of_a_tools_node_has_a_default(unpacked):
    seen = 0
    for name, parameters in documents(unpacked):
        for parameter in parameters:
            if parameter.get("form") == "form":
                assert parameter.get("default") is not None, (name, parameter["name"])
                seen += 1
    assert seen > 8


@pytest.mark.parametrize("name", ["holysheep_llm", "holysheep_workflow", "holysheep_cost"])
def test_a_tools_node_runs_with_its_settings_left_alone(tool_plugin, unpacked, start_node, upstream,
                                                        name):
    file = unpacked["holysheep_tool"] / f"tools/{name}.yaml"
    parameters = yaml.safe_load(file.read_text(encoding="utf-8"))["parameters"]
    settings = {p["name"]: left_alone(p) for p in parameters if p["form"] == "form"}
    tools = Tools(tool_plugin, {"node_address": start_node(upstream.url).address})
    steps = {"steps": '[{"prompt": "one"}]'} if name == "holysheep_workflow" else {}
    assert tools.run(name, query="Hallo", **settings, **steps).text
