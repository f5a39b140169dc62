"""The rules of dify_rules.py are named, used, and refuse what Dify refuses."""

import json
import pathlib
import re

import pytest
from dify_rules import (
    RULES,
    ToolNode,
    answer_not_streamed,
    label_fits,
    left_alone,
    schema_parameter,
    shown_error,
    shown_model_error,
    structured_output,
    switched_on,
    text_for_agent_app,
    text_for_agent_node,
    tool_calls_of,
    unstorable,
    usage_and_finish_reason,
)

HERE = pathlib.Path(__file__).parent


@pytest.mark.parametrize("name", RULES)
def test_every_rule_says_what_it_is_and_where_it_comes_from(name):
    says, source = RULES[name]
    assert len(says) > 20
    assert re.match(r"§[\d.]+", source) and ": " in source


@pytest.mark.parametrize("name", RULES)
def test_every_rule_is_used_by_a_test_of_the_plugins(name):
    users = [file.name for folder in (HERE, HERE / "support") for file in folder.glob("*.py")
             if file.name not in ("dify_rules.py", pathlib.Path(__file__).name)
             and re.search(rf"\b{name}\b", file.read_text(encoding="utf-8"))]
    assert users, f"no test uses {name}"


def error(kind):
    return {"error_type": kind, "message": "m", "args": {"description": "d"}}


def test_of_an_error_of_another_class_the_user_reads_all_of_it():
    assert shown_error(error("InvokeBadRequestError")) == "d"
    assert shown_error(error("CredentialsValidateFailedError")) == "m"
    assert json.loads(shown_error(error("ToolProviderCredentialValidationError")))["args"]
    assert "d" not in shown_model_error(error("InvokeAuthorizationError")).split()


def chunk(text="", usage=None, reason=None, calls=()):
    return {"delta": {"message": {"content": text, "tool_calls": list(calls)}, "usage": usage,
                      "finish_reason": reason}}


def test_what_comes_first_counts():
    chunks = [chunk("a", {"prompt_tokens": 1}, "stop"), chunk("b", {"prompt_tokens": 2}, "length")]
    assert answer_not_streamed(chunks) == ("a", [], {"prompt_tokens": 1})
    assert usage_and_finish_reason(chunks) == ({"prompt_tokens": 1}, "stop")


def test_calls_without_an_id_or_with_the_same_are_refused():
    for calls in ([{"id": ""}], [{"id": "a"}, {"id": "a"}]):
        with pytest.raises(AssertionError):
            tool_calls_of([chunk(calls=calls)])


def test_structured_output_is_json_and_nothing_else():
    assert structured_output('{"a": 1}') == {"a": 1}
    for text in ('<think>\nhm\n</think>\n{"a": 1}', '```json\n{"a": 1}\n```', "[1]"):
        with pytest.raises((AssertionError, ValueError)):
            structured_output(text)


def test_a_schema_is_wrapped_but_for_gemini():
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}}
    meant = {"type": "object", "properties": {"ok": {"type": "string"}}}
    assert json.loads(schema_parameter("gpt-4.1", schema))["schema"] == meant
    assert json.loads(schema_parameter("gemini-2.5-flash", schema)) == meant


def test_what_is_kept_of_a_parameter_nobody_sets():
    assert switched_on({"default": 5, "min": 1}) == 5
    assert switched_on({"default": None, "min": 1}) == 1
    assert switched_on({}) == ""
    assert left_alone({"type": "number"}) == 0
    assert left_alone({"type": "select", "options": [{"value": "a"}]}) == "a"
    assert label_fits("a" * 24) and not label_fits("a" * 25)
    assert label_fits("字" * 12) and not label_fits("字" * 13)


def test_null_and_names_of_dify_are_no_variables_of_a_tool():
    for name, value in (("a", None), ("text", "x")):
        with pytest.raises(AssertionError):
            ToolNode([{"type": "variable", "message": {
                "variable_name": name, "variable_value": value, "stream": False}}])


def test_agents_make_text_of_everything():
    messages = [{"type": "text", "message": {"text": "a"}},
                {"type": "json", "message": {"json_object": {"b": 1}}},
                {"type": "variable", "message": {"variable_name": "c"}}]
    assert text_for_agent_app(messages) == "avariable_name='c'{\"b\": 1}"
    assert text_for_agent_node(messages).count("tool response") == 2


def test_nul_is_found_also_in_json_in_a_text():
    assert unstorable({"a": ["b\0"]}) == ["b\0"]
    assert unstorable('{"a": "b\\u0000"}') == ["b\0"]
    assert unstorable("b\\u0000") == []
