"""extra_params_json: what it may name, and what its members become."""

import json

import pytest

from harness.errors import refused

RESERVED = ["model", "messages", "stream", "stream_options", "n", "tools"]
# What a JSON reader that folds case takes for the name as well.
SPELLINGS = {
    "as it is": lambda name: name,
    "capitals": str.upper,
    "title": str.title,
    "escapes": lambda name: f"\\u{ord(name[0].upper()):04x}{name[1:]}",
    "long s": lambda name: name.replace("s", "\u017f"),
    "escaped long s": lambda name: name.replace("s", "\\u017F"),
}


def asking(chat, extra, **fields):
    text = extra if isinstance(extra, str) else json.dumps(extra)
    return chat.InvokeRequest(**({"query": "Hallo"} | fields), extra_params_json=text)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", RESERVED)
def test_a_reserved_name_is_refused_in_every_spelling(shared, chat, name, spelling):
    for extra in ('{"%s": 1}', '{"extra_body": {"%s": 1}}'):
        with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", "extra_params_json"):
            shared.llm.Invoke(asking(chat, extra % SPELLINGS[spelling](name)))
    assert shared.upstream.chats == []


@pytest.mark.parametrize(("extra", "sent"), [
    ({"temperature": 0.25}, {"temperature": 0.25}),
    ({"Top_P": 0.5}, {"top_p": 0.5}),
    ({"Max_Tokens": 77}, {"max_tokens": 77}),
    ({"max_completion_tokens": 78}, {"max_tokens": 78}),
    ({"MAX_TO\u212aENS": 79}, {"max_tokens": 79}),
    ({"top_k": 5, "seed": 9, "User": "ann"}, {"top_k": 5, "seed": 9, "user": "ann"}),
    ({"presence_penalty": 1, "frequency_penalty": -1},
     {"presence_penalty": 1, "frequency_penalty": -1}),
    ({"stop": "END"}, {"stop": ["END"]}),
    ({"stop": ["a", "b"]}, {"stop": ["a", "b"]}),
    ({"response_format": {"type": "json_object"}}, {"response_format": {"type": "json_object"}}),
    ({"reasoning_effort": "low"}, {"reasoning_effort": "low"}),
    ({"thinking": {"type": "enabled", "budget_tokens": 5}},
     {"thinking": {"type": "enabled", "budget_tokens": 5}}),
    ({"Logit_Bias": {"model": 1}, "extra_body": {"a": 1}},
     {"Logit_Bias": {"model": 1}, "extra_body": {"a": 1}}),
])
def test_a_member_takes_the_place_of_its_field(node, chat, upstream, extra, sent):
    assert not node.llm.Invoke(asking(chat, extra)).warnings
    body = upstream.last.body
    assert {name: body.get(name) for name in sent} == sent
    folded = [name.lower() for name in body]
    assert len(folded) == len(set(folded))
    assert "max_completion_tokens" not in body


def test_a_tool_choice_among_the_extra_parameters_is_one(node, chat, upstream):
    choice = {"type": "function", "function": {"name": "f"}}
    node.llm.Invoke(asking(chat, {"tool_choice": choice, "parallel_tool_calls": False},
                           tools=[{"name": "f"}]))
    body = upstream.last.body
    assert (body["tool_choice"], body["parallel_tool_calls"]) == (choice, False)


@pytest.mark.parametrize(("extra", "field"), [
    ({"Max_Tokens": 100_000}, "max_tokens"),
    ({"max_completion_tokens": 100_000}, "max_tokens"),
    ({"temperature": 3}, "temperature"),
    ({"stop": ["a", ""]}, "stop[1]"),
    ({"tool_choice": "auto"}, "tool_choice"),
    ({"temperature": "warm"}, "extra_params_json"),
    ({"max_tokens": 1.5}, "extra_params_json"),
    ({"response_format": {"type": "xml"}}, "extra_params_json"),
    ({"functions": []}, "extra_params_json"),
    ('{"seed": 1, "Seed": 2}', "extra_params_json"),
    ('{"logit_bias": {}, "LOGIT_BIAS": {}}', "extra_params_json"),
    ({"max_tokens": 5, "max_completion_tokens": 5}, "extra_params_json"),
    ({"extra_body": {"Max_Tokens": 5}}, "extra_params_json"),
    ({"extra_body": {"extra_body": {"model": "gpt-4.1"}}}, "extra_params_json"),
])
def test_a_member_is_checked_as_its_field(shared, chat, extra, field):
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", field):
        shared.llm.Invoke(asking(chat, extra))
    assert shared.upstream.chats == []


@pytest.mark.parametrize(("field", "extra"), [
    ({"temperature": 0.5}, {"temperature": 0.5}), ({"max_tokens": 5}, {"Max_Tokens": 5}),
    ({"max_tokens": 5}, {"max_completion_tokens": 5}), ({"stop": ["a"]}, {"stop": "a"}),
    ({"user": "ann"}, {"USER": "ann"}), ({"reasoning": {"effort": "low"}}, {"reasoning_effort": "low"}),
    ({"reasoning": {"effort": "low"}}, {"Reasoning": {"enabled": True}}),
    ({"response_format": {"type": "JSON_OBJECT"}}, {"response_format": {"type": "json_object"}}),
])
def test_field_and_member_together_are_refused(shared, chat, field, extra):
    with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", "extra_params_json"):
        shared.llm.Invoke(asking(chat, extra, **field))
    assert shared.upstream.chats == []


def test_whatever_is_sent_for_a_field_has_its_place(node, chat, upstream):
    """A field that the service writes may not be written a second time by its member."""
    fields = {
        "query": "Hallo", "model": "gemini-2.5-flash", "temperature": 1, "max_tokens": 17,
        "top_p": 0.5, "top_k": 40, "presence_penalty": 1, "frequency_penalty": 1, "seed": 7,
        "stop": ["END"], "user": "ann", "tool_choice": "f", "parallel_tool_calls": False,
        "tools": [{"name": "f"}], "response_format": {"type": "JSON_OBJECT"},
        "reasoning": {"enabled": True, "effort": "low", "budget_tokens": 5}}
    left = set(chat.InvokeRequest.DESCRIPTOR.fields_by_name) - set(fields) - {
        "system_prompt", "messages", "extra_params_json", "cache", "fallback_models",
        "max_attempts", "timeouts", "request_id", "caller", "tags", "rescue"}
    assert not left, "a new field needs its place in extra_params_fields.cc, and in this test"
    node.llm.Invoke(chat.InvokeRequest(**fields))
    sent = dict(upstream.last.body)
    assert len(sent) >= 18
    for name, value in sent.items():
        with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", "extra_params_json"):
            node.llm.Invoke(asking(chat, {name.upper(): value}, **fields))


def test_a_member_is_priced_reserved_and_cached_as_its_field(node, api, chat):
    by_field = chat.InvokeRequest(query="Hallo", max_tokens=700, temperature=0)
    by_member = asking(chat, {"Max_Completion_Tokens": 700, "temperature": 0})
    totals = [node.llm.EstimateCost(api.node_pb2.EstimateCostRequest(request=request)).cost.total
              for request in (by_field, by_member)]
    assert totals[0] == totals[1]
    assert not node.llm.Invoke(by_field).cached
    assert node.llm.Invoke(by_member).cached


def test_what_an_earlier_answer_hid_cannot_rename_a_message(shared, chat):
    for name in ("Role", "CONTENT", "rea\u017foning_content", "Tool_Calls"):
        with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", "messages[0].opaque_json"):
            shared.llm.Invoke(chat.InvokeRequest(messages=[
                {"role": "ASSISTANT", "parts": [{"text": "a"}],
                 "opaque_json": json.dumps({name: "system"})}]))
