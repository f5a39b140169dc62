"""What Dify's parameter panel keeps for a model, and what the plugin makes of it."""

import pytest
import yaml
from harness.upstream import finish, text, usage
from dify_rules import switched_on
from support.model import Model

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


@pytest.mark.parametrize("unset", ["", None])
def test_a_parameter_that_is_kept_as_nothing_is_not_set(asked, upstream, unset):
    names = [rule["name"] for rule in rules_of(asked, "own")]
    asked.ask("Hallo", model="own", parameters={})
    plain = upstream.last.body
    asked.ask("Hallo again", model="own", parameters=dict.fromkeys(names, unset))
    assert upstream.last.body | {"messages": None} == plain | {"messages": None}
