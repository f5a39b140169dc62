"""The model plugin, run by Dify's SDK against the real service."""

import base64
import json
from decimal import Decimal

import pytest
from dify_rules import (
    answer_not_streamed,
    result_of_tool,
    structured_output,
    tool_calls_of,
    turn_of_agent_app,
    turn_of_agent_node,
    usage_and_finish_reason,
)
from harness.process import wait_until
from harness.upstream import delta, finish, text, usage
from support.model import Answer, Model, image, schema_text, tool, user
from support.plugin import PluginError

PIXEL = base64.b64encode(b"\x89PNG not really").decode()


@pytest.fixture
def asked(model_plugin, start_node, upstream):
    """The model plugin in front of an upstream whose answers the test writes."""
    node = start_node(upstream.url)
    return Model(model_plugin, {"node_address": node.address})


def thinking(piece):
    return delta(reasoning_content=piece)


def call_delta(index, arguments, name=None, call_id=None):
    function = {"arguments": arguments} | ({"name": name} if name else {})
    return delta(tool_calls=[{"index": index, "function": function}
                             | ({"id": call_id} if call_id else {})])


def test_text_streams_piece_by_piece_in_order(model, sim):
    sim.control(token_ms=100)
    answer = model.ask("eins zwei drei", parameters={"cache_mode": "bypass"})
    assert len(answer.texts) >= 3
    assert answer.text == "You said: eins zwei drei"


def test_usage_and_finish_reason_come_in_the_last_chunk_only(model):
    chunks = model.ask("Hallo").chunks
    assert [bool(c["delta"]["usage"]) for c in chunks] == [False] * (len(chunks) - 1) + [True]
    assert {c["delta"]["finish_reason"] for c in chunks[:-1]} == {None}
    assert chunks[-1]["delta"]["message"]["content"] == ""
    used, reason = usage_and_finish_reason(chunks)
    assert reason == "stop" and used["total_tokens"] > 0


def test_usage_and_price_are_the_services(model, sim):
    sim.control(answer={"text": "ok", "usage": {"prompt_tokens": 1000, "completion_tokens": 500,
                                                "total_tokens": 1500}})
    used = model.ask("the price of gpt", model="gpt-4.1").usage
    assert (used["prompt_tokens"], used["completion_tokens"], used["total_tokens"]) == \
        (1000, 500, 1500)
    assert used["currency"] == "USD"
    for name, price in {"prompt_price": "0.008", "completion_price": "0.004",
                        "total_price": "0.012", "prompt_unit_price": "8"}.items():
        assert Decimal(used[name]) == Decimal(price), name


def test_each_class_of_tokens_is_paid_at_its_own_price(model_plugin, start_node, upstream):
    """Dify's own `pricing` has two classes only, so that it cannot have priced them."""
    node = start_node(upstream.url, default_model="own", models=[
        {"id": "own", "prompt_price": "3", "completion_price": "15", "cached_prompt_price": "0.3",
         "cache_write_price": "3.75"}])
    upstream.answer = lambda request, reply: reply.stream(text("ok"), finish(), usage(
        1000, 100, cached_tokens=500, cache_creation_input_tokens=200))
    used = Model(model_plugin, {"node_address": node.address}).ask("Hallo", model="own").usage
    assert (used["prompt_tokens"], used["total_tokens"]) == (1000, 1100)
    # 300 at 3, 500 at 0.3 and 200 at 3.75 a million.
    for name, price in {"prompt_price": "0.0018", "completion_price": "0.0015",
                        "total_price": "0.0033", "prompt_unit_price": "3",
                        "completion_unit_price": "15"}.items():
        assert Decimal(used[name]) == Decimal(price), name
    assert used["currency"] == "USD"


def test_a_cache_hit_has_its_tokens_and_the_price_0(model):
    first = model.ask("the same question twice")
    again = model.ask("the same question twice")
    assert again.text == first.text and again.finish_reason == "stop"
    assert again.usage["total_tokens"] == first.usage["total_tokens"] > 0
    assert first.price > 0
    assert {Decimal(again.usage[name]) for name in
            ("prompt_price", "completion_price", "total_price")} == {Decimal(0)}


def test_without_streaming_all_comes_in_one_chunk(model):
    [chunk] = model.ask("Hallo", stream=False).chunks
    text, calls, used = answer_not_streamed([chunk])
    assert (text, calls) == ("You said: Hallo", [])
    assert chunk["delta"]["finish_reason"] == "stop"
    assert used["total_tokens"] > 0


@pytest.mark.parametrize("stream", [True, False])
def test_tool_calls_come_complete_in_one_chunk(asked, upstream, stream):
    upstream.answer = lambda request, reply: reply.stream(
        call_delta(0, '{"city"', "weather", "c1"), call_delta(1, "", "now", "c2"),
        call_delta(0, ':"Ulm"}'), finish("tool_calls"), usage(5, 5))
    answer = asked.ask("What is the weather?", model="gpt-4.1", stream=stream,
                       tools=[tool("weather", city={"type": "string"}), tool("now")])
    holders = [c for c in answer.chunks if c["delta"]["message"]["tool_calls"]]
    assert len(holders) == 1
    assert [(c["id"], c["function"]["name"], json.loads(c["function"]["arguments"]))
            for c in answer.tool_calls] == [("c1", "weather", {"city": "Ulm"}), ("c2", "now", {})]
    assert answer.finish_reason == "tool_calls"
    sent = upstream.last.body["tools"]
    assert [t["function"]["name"] for t in sent] == ["weather", "now"]


def test_a_tool_call_without_an_id_gets_one(asked, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        call_delta(0, "{}", "now"), finish("tool_calls"), usage(1, 1))
    answer = asked.ask("What time is it?", tools=[tool("now")])
    assert answer.tool_calls[0]["id"]


def test_the_turns_of_an_agent_reach_the_upstream(asked, upstream):
    call = {"id": "c1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    asked.ask([{"role": "system", "content": "Be brief."}, user("What time is it?"),
               {"role": "assistant", "content": "", "tool_calls": [call]},
               {"role": "tool", "content": "12:00", "tool_call_id": "c1"}], tools=[tool("now")])
    system, question, turn, result = upstream.last.body["messages"]
    assert (system["role"], system["content"]) == ("system", "Be brief.")
    assert question["role"] == "user"
    assert turn["tool_calls"][0]["function"]["name"] == "now"
    assert (result["role"], result["tool_call_id"], result["content"]) == ("tool", "c1", "12:00")


def test_reasoning_is_wrapped_and_closed_before_the_answer(asked, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        thinking("hm"), thinking(" well"), text("Yes"), finish(), usage(1, 1))
    assert asked.ask("Really?").text == "<think>\nhm well\n</think>\nYes"
    assert asked.ask("Really??", stream=False).text == "<think>\nhm well\n</think>\nYes"


def test_reasoning_is_closed_before_tool_calls(asked, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        thinking("hm"), call_delta(0, "{}", "now", "c1"), finish("tool_calls"), usage(1, 1))
    answer = asked.ask("What time is it?", tools=[tool("now")])
    assert answer.text == "<think>\nhm\n</think>\n"
    closed = [i for i, c in enumerate(answer.chunks) if "</think>" in c["delta"]["message"]["content"]]
    called = [i for i, c in enumerate(answer.chunks) if c["delta"]["message"]["tool_calls"]]
    assert closed < called


def test_reasoning_goes_back_with_the_turn_it_belongs_to(asked, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        thinking("let me see"), call_delta(0, "{}", "now", "c1"), finish("tool_calls"), usage(1, 1))
    first = asked.ask("What time is it?", tools=[tool("now")])
    turn = {"role": "assistant", "content": first.text, "tool_calls": first.tool_calls,
            "opaque_body": first.opaque}
    asked.ask([user("What time is it?"), turn,
               {"role": "tool", "content": "12:00", "tool_call_id": "c1"}], tools=[tool("now")])
    sent = upstream.last.body["messages"][1]
    assert sent["reasoning_content"] == "let me see"
    assert "<think>" not in json.dumps(sent)


def test_reasoning_goes_back_from_an_agent_app_which_keeps_the_text_alone(asked, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        thinking("let me see"), text("I look."), call_delta(0, "{}", "now", "c1"),
        finish("tool_calls"), usage(1, 1))
    first = asked.ask("What time is it?", tools=[tool("now")])
    [call] = tool_calls_of(first.chunks)
    for turn in (turn_of_agent_app(first), turn_of_agent_node(first),
                 turn_of_agent_app(first) | {"content": [{"type": "text", "data": first.text}]}):
        asked.ask([user("What time is it?"), turn, result_of_tool(call, "12:00")],
                  tools=[tool("now")], parameters={"cache_mode": "bypass"})
        _, sent, result = upstream.last.body["messages"]
        assert sent["reasoning_content"] == "let me see"
        assert "think" not in json.dumps(sent["content"]) and "I look." in json.dumps(sent)
        assert (result["tool_call_id"], result["content"]) == ("c1", "12:00")


def test_reasoning_that_came_in_two_parts_is_not_text(asked, upstream):
    call = {"id": "c1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    asked.ask([user("a"), {"role": "assistant", "tool_calls": [call], "content":
                           "<think>\none\n</think>\n<think>\ntwo\n</think>\nYes"},
               {"role": "tool", "content": "12:00", "tool_call_id": "c1"}], tools=[tool("now")])
    sent = upstream.last.body["messages"][1]
    assert (sent["content"], sent["reasoning_content"]) == ("Yes", "one\ntwo")


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("parameters", [{"response_format": "json_object"},
                                        {"json_schema": schema_text(wrapped=True)}])
def test_the_text_of_a_structured_answer_is_the_json_alone(asked, upstream, parameters, stream):
    upstream.answer = lambda request, reply: reply.stream(
        thinking("{"), thinking("hm"), text('{"answer":'), text(' "ok"}'), finish(), usage(1, 1))
    answer = asked.ask("Answer in JSON", parameters=parameters, stream=stream)
    assert structured_output(answer.text) == {"answer": "ok"}


def test_hidden_reasoning_lets_dify_know_that_the_answer_has_begun(asked, upstream):
    import threading
    read = threading.Event()

    def answer(request, reply):
        reply.open()
        reply.send(thinking("hm"))
        assert read.wait(10)
        reply.send(thinking(" well"), text('{"answer": "ok"}'), finish(), usage(1, 1))
        reply.close()

    upstream.answer = answer
    chunks = asked.stream("Answer in JSON", model="gpt-4.1",
                          parameters={"response_format": "json_object"})
    assert next(chunks)["delta"]["message"]["content"] == ""
    read.set()
    assert structured_output(Answer(chunks).text) == {"answer": "ok"}


def test_reasoning_of_earlier_answers_is_not_repeated(asked, upstream):
    asked.ask([user("a"), {"role": "assistant", "content": "<think>\nhm\n</think>\nYes"}, user("b")])
    assert upstream.last.body["messages"][1]["content"] == "Yes"


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("model", ["gpt-4.1", "deepseek-v3.2"])
def test_structured_output_keeps_to_the_schema_in_either_wrapping(asked, upstream, model, wrapped):
    upstream.answer = lambda request, reply: reply.stream(
        text('{"answer": "ok"}'), finish(), usage(1, 1))
    answer = asked.ask("Answer in JSON", model=model,
                       parameters={"json_schema": schema_text(wrapped)})
    assert json.loads(answer.text) == {"answer": "ok"}
    bare = json.loads(schema_text(wrapped=False))
    assert bare == schema_sent(upstream.last.body)


def schema_sent(body):
    """By its own member, or in the prompt of a model that does not know that."""
    if schema := body["response_format"].get("json_schema"):
        return schema["schema"]
    prompt = body["messages"][0]["content"]
    return json.JSONDecoder().raw_decode(prompt[prompt.index("{"):])[0]


def test_an_answer_against_the_schema_is_an_error(asked, upstream):
    """Of a model that knows nothing of schemas; the service checks its answers."""
    upstream.answer = lambda request, reply: reply.stream(
        text('{"other": 1}'), finish(), usage(1, 1))
    with pytest.raises(PluginError) as caught:
        asked.ask("Answer in JSON", model="deepseek-v3.2",
                  parameters={"json_schema": schema_text(wrapped=True)})
    assert caught.value.type == "InvokeServerUnavailableError", caught.value


def test_json_object_is_asked_for(asked, upstream):
    upstream.answer = lambda request, reply: reply.stream(text("{}"), finish(), usage(1, 1))
    asked.ask("Answer in JSON", parameters={"response_format": "json_object"})
    assert upstream.last.body["response_format"] == {"type": "json_object"}


def test_images_as_data_and_as_url_reach_a_model_that_sees(asked, upstream):
    asked.ask([user([{"type": "text", "data": "What is this?"}, image(base64_data=PIXEL),
                     image(url=f"data:image/png;base64,{PIXEL}", detail="high"),
                     image(url="https://images.example.com/sheep.png")])], model="gpt-4.1")
    parts = upstream.last.body["messages"][0]["content"]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    assert urls == [f"data:image/png;base64,{PIXEL}"] * 2 + ["https://images.example.com/sheep.png"]
    assert parts[2]["image_url"]["detail"] == "high"


def test_a_picture_that_calls_itself_jpg_is_a_jpeg(asked, upstream):
    asked.ask([user([image(base64_data=PIXEL, mime_type="image/jpg", format="jpg")])],
              model="gpt-4.1")
    [part] = upstream.last.body["messages"][0]["content"]
    assert part["image_url"]["url"] == f"data:image/jpeg;base64,{PIXEL}"


def test_a_picture_in_the_result_of_a_tool_reaches_the_model(asked, upstream):
    call = {"id": "c1", "type": "function", "function": {"name": "draw", "arguments": "{}"}}
    asked.ask([user("Draw it"), {"role": "assistant", "content": "", "tool_calls": [call]},
               {"role": "tool", "tool_call_id": "c1", "content": [
                   {"type": "text", "data": "Here it is."}, image(base64_data=PIXEL)]}],
              tools=[tool("draw")], model="gpt-4.1")
    sent = json.dumps(upstream.last.body["messages"])
    assert f"data:image/png;base64,{PIXEL}" in sent and "Here it is." in sent
    # A server knows pictures in what the user says.
    [holder] = [m for m in upstream.last.body["messages"] if PIXEL in json.dumps(m)]
    assert holder["role"] == "user"


def test_content_of_lists_and_none_is_understood(asked, upstream):
    asked.ask([{"role": "system", "content": [{"type": "text", "data": "Be brief."}]},
               {"role": "user", "content": None}, user([]), user(""),
               user([{"type": "text", "data": "Hallo "}, {"type": "text", "data": "Welt"}])])
    messages = upstream.last.body["messages"]
    assert [m["role"] for m in messages] == ["system", "user"]
    assert "Hallo" in json.dumps(messages[1]) and "Welt" in json.dumps(messages[1])


def test_stop_words_reach_the_upstream(asked, upstream):
    asked.ask("Hallo", stop=["Observation:", "END"])
    assert upstream.last.body["stop"] == ["Observation:", "END"]


@pytest.mark.parametrize("stream", [True, False])
def test_stop_words_hold_where_the_upstream_goes_past_them(asked, upstream, stream):
    upstream.answer = lambda request, reply: reply.stream(
        text("Think. Obs"), text("erv"), text("ation: made up"), finish(), usage(1, 9))
    answer = asked.ask("Go", stop=["Observation:"], stream=stream)
    assert answer.text == "Think. "
    assert answer.usage["completion_tokens"] == 9


def test_parameters_reach_the_upstream_and_unset_ones_do_not(asked, upstream):
    asked.ask("Hallo", model="deepseek-v3.2",
              parameters={"temperature": 0, "top_p": 0.5, "max_tokens": 7, "seed": 3,
                          "presence_penalty": -1.5, "frequency_penalty": 2,
                          "reasoning_effort": "low"})
    body = upstream.last.body
    assert body["temperature"] == 0
    assert (body["top_p"], body["seed"]) == (0.5, 3)
    assert (body["presence_penalty"], body["frequency_penalty"]) == (-1.5, 2)
    assert 7 in (body.get("max_tokens"), body.get("max_completion_tokens"))
    assert "low" in json.dumps(body)
    asked.ask("Hallo again")
    assert "seed" not in upstream.last.body and "stop" not in upstream.last.body


def test_a_parameter_that_no_rule_names_is_dropped_without_a_word(asked, upstream):
    """By the SDK: what a user is to set needs a rule."""
    asked.ask("Hallo", parameters={"unheard_of": 1, "temperature": 0.5})
    assert upstream.last.body["temperature"] == 0.5
    assert "unheard_of" not in json.dumps(upstream.last.body)


def test_the_cache_mode_is_obeyed(asked, upstream):
    for mode, chats in (("default", 1), ("default", 1), ("bypass", 2), ("refresh", 3),
                        ("only_if_cached", 3)):
        asked.ask("Hallo", parameters={"cache_mode": mode})
        assert len(upstream.chats) == chats, mode


def test_an_answer_is_kept_as_long_as_asked_for(asked, upstream):
    def has_ended():
        asked.ask("short-lived", parameters={"cache_ttl": 1})
        return len(upstream.chats) == 2

    # Instead of 300 s.
    wait_until(has_ended, 5, "the end of the answer's time")


def test_the_fallback_model_answers_when_the_first_cannot(asked, upstream):
    def answer(request, reply):
        if request.body["model"] == "gpt-4.1":
            return reply.error(503)
        return reply.stream(text("from the other"), finish(), usage(1, 1))

    upstream.answer = answer
    given = asked.ask("Hallo", model="gpt-4.1", parameters={"fallback_model": "deepseek-v3.2"})
    assert given.text == "from the other"


def test_the_user_is_a_digest(asked, upstream):
    asked.ask("Hallo", user_id="alice@example.com")
    assert "alice" not in json.dumps(upstream.last.body)
    assert len(upstream.last.body["user"]) == 64


def test_the_service_is_told_the_app_and_the_upstream_is_not(model_plugin, start_node, upstream):
    node = start_node(upstream.url)
    Model(model_plugin, {"node_address": node.address}).ask("Hallo", ids={"app_id": "app-7"})
    wait_until(lambda: '"app_id":"app-7"' in node.log(), 5, "the call in the log")
    assert '"source":"dify-model"' in node.log()
    assert "app-7" not in json.dumps(upstream.last.body)


@pytest.mark.parametrize(("name", "sent"), [
    ("sheep.pdf", "sheep.pdf"),
    ("é" * 128, "é" * 128),
    ("é" * 200 + ".pdf", "é" * 126 + ".pdf"),
    ("€" * 100 + ".pdf", "€" * 84 + ".pdf"),
    ("a.b " + "é" * 200, "a.b " + "é" * 126),
    ("." + "é" * 200, "." + "é" * 127),
], ids=["short", "just fits", "long", "wide", "long extension", "hidden"])
def test_a_long_file_name_is_cut_and_keeps_its_extension(model_plugin, start_node, upstream,
                                                         name, sent):
    node = start_node(upstream.url, default_model="own",
                      models=[{"id": "own", "capabilities": ["document"]}])
    document = {"type": "document", "format": "pdf", "mime_type": "application/pdf",
                "base64_data": PIXEL, "filename": name}
    Model(model_plugin, {"node_address": node.address}).ask([user([document])], model="own")
    [part] = upstream.last.body["messages"][0]["content"]
    assert part["file"]["filename"] == sent


def test_a_model_outside_the_catalog_is_passed_on(asked, upstream):
    assert asked.ask("Hallo", model="qwen-next").text == "Hallo"
    assert upstream.last.body["model"] == "qwen-next"


def test_a_customizable_model_is_described_by_the_catalog(model_plugin, start_node, upstream):
    node = start_node(upstream.url, default_model="own", models=[
        {"id": "own", "prompt_price": "2.00", "completion_price": "3.00", "context_size": 5000,
         "max_output_tokens": 100, "capabilities": ["vision", "json_object"]},
        {"id": "other"}])
    schema = Model(model_plugin, {"node_address": node.address}).schema("own")
    assert set(schema["features"]) == {"agent-thought", "vision", "structured-output"}
    assert schema["model_properties"] == {"mode": "chat", "context_size": 5000}
    assert (Decimal(schema["pricing"]["input"]), Decimal(schema["pricing"]["output"])) == (2, 3)
    rules = {rule["name"]: rule for rule in schema["parameter_rules"]}
    assert rules["max_tokens"]["max"] == rules["max_tokens"]["default"] == 100
    assert rules["fallback_model"]["options"] == ["other"]
    assert "reasoning_effort" not in rules


def test_a_customizable_model_is_described_even_without_the_service(model_plugin):
    schema = Model(model_plugin, {"node_address": "127.0.0.1:1"}).schema("any")
    assert schema["model"] == "any" and "tool-call" in schema["features"]


def test_credentials_are_validated_at_no_cost(asked, upstream):
    assert asked.validate()[0]["result"] is True
    assert asked.validate(model="qwen-next")[0]["result"] is True
    assert upstream.chats == []


def test_the_own_key_goes_to_the_upstream(asked, upstream):
    key = "hs-own-key-0123456789abcdef"
    asked.ask("Hallo", credentials={"holysheep_api_key": key})
    assert upstream.last.headers["authorization"] == f"Bearer {key}"


def test_tokens_are_counted_without_a_call(model_plugin):
    offline = Model(model_plugin, {"node_address": "127.0.0.1:1"})
    assert offline.count([user("a" * 400)]) == 3 + 4 + 100


def test_a_refusal_is_shown(asked, upstream):
    upstream.answer = lambda request, reply: reply.stream(
        delta(refusal="I cannot do that."), finish(), usage(1, 1))
    assert asked.ask("Bad").text == "I cannot do that."


def test_a_limited_answer_says_so(asked, upstream):
    upstream.answer = lambda request, reply: reply.stream(text("half"), finish("length"), usage(1, 1))
    assert asked.ask("Long").finish_reason == "length"


def test_the_first_piece_is_there_before_the_last_is_written(asked, upstream):
    import threading
    read = threading.Event()

    def answer(request, reply):
        reply.open()
        reply.send(text("first"))
        assert read.wait(10)
        reply.send(text(" second"), finish(), usage(1, 2))
        reply.close()

    upstream.answer = answer
    chunks = asked.stream("Hallo")
    first = next(chunks)
    assert first["delta"]["message"]["content"] == "first"
    read.set()
    assert Answer(chunks).text == " second"
