"""What Dify does with what a plugin hands to it, restated: RULES has every rule.

A source is a section of the notes on Dify that the plugins were designed by (`[V]`
there: seen in a running Dify or read in its code), with the code of langgenius/dify
or of a neighbour that the rule restates. test_dify_rules.py checks each of them on
what it must refuse, and that the tests of the plugins use it. What `graphon` does is
not restated here: test_workflows.py runs it.

A message of a tool is as it comes over stdio: {"type", "message"}.
"""

import json
import unicodedata
from typing import NamedTuple


class Rule(NamedTuple):
    says: str
    source: str


RULES = {}


def rule(says, source):
    """Enters a function or class into RULES under its name."""
    def enter(restated):
        RULES[restated.__name__] = Rule(says, source)
        return restated
    return enter


# ---- errors -----------------------------------------------------------------------

KNOWN_ERRORS = {"InvokeRateLimitError", "InvokeAuthorizationError", "InvokeBadRequestError",
                "InvokeConnectionError", "InvokeServerUnavailableError",
                "CredentialsValidateFailedError"}


@rule("errors are told apart by the exact names of six classes; of any other the user "
      "reads the whole message",
      "§0.4, §2.3 [V]: api/core/plugin/impl/base.py, _handle_plugin_daemon_error")
def shown_error(raw):
    if raw["error_type"] not in KNOWN_ERRORS:
        return json.dumps(raw)
    if raw["error_type"] == "CredentialsValidateFailedError":
        return raw["message"]
    return raw["args"].get("description") or raw["message"]


@rule("of an InvokeAuthorizationError from a model the text is replaced by a general one",
      "§3 [V]: graphon, model_providers/base/ai_model.py, _transform_invoke_error")
def shown_model_error(raw, provider="HolySheep"):
    if raw["error_type"] == "InvokeAuthorizationError":
        return f"[{provider}] Incorrect model credentials provided, please check and try again."
    return shown_error(raw)


# ---- answers of a model -----------------------------------------------------------

@rule("without streaming only the first chunk is kept, up to graphon 0.7",
      "§2.4 [V]: large_language_model.py, _build_llm_result_from_first_chunk")
def answer_not_streamed(chunks):
    first = chunks[0]["delta"]
    return first["message"]["content"], first["message"]["tool_calls"], first["usage"]


@rule("the first usage with prompt tokens and the first finish reason are taken",
      "§0.7 [V]: graphon, nodes/llm/node.py, _update_streaming_metadata")
def usage_and_finish_reason(chunks):
    usage, reason = None, None
    for chunk in chunks:
        delta = chunk["delta"]
        if (usage is None or usage["prompt_tokens"] == 0) and delta["usage"]:
            usage = delta["usage"]
        reason = reason or delta["finish_reason"]
    return usage, reason


@rule("the arguments of a tool call are parsed chunk by chunk, so a call is in one",
      "§0.6 [V]: agent-strategies, strategies/function_calling.py, extract_tool_calls")
def arguments_for_agent(call):
    text = call["function"]["arguments"]
    arguments = json.loads(text) if text else {}
    return {**arguments}


@rule("a tool call without an id, and none before it, is an error",
      "§2.4: large_language_model.py, _increase_tool_call")
def tool_calls_of(chunks):
    calls = [call for chunk in chunks for call in chunk["delta"]["message"]["tool_calls"]]
    assert all(call["id"] for call in calls), "tool_call_id is empty"
    assert len({call["id"] for call in calls}) == len(calls), "calls of one id become one"
    return calls


@rule("structured output is the answer's text, parsed; what stands around it is guessed at",
      "§0.8, §2.2: api/core/llm_generator/output_parser/structured_output.py")
def structured_output(text):
    """Raises where Dify would begin to guess."""
    parsed = json.loads(text)
    assert isinstance(parsed, dict), "Failed to parse structured output"
    return parsed


@rule("the schema is a parameter, as text: wrapped, but bare for a model called gemini, "
      "and with booleans as strings",
      "§2.2 [V]: structured_output.py, _prepare_schema_for_model")
def schema_parameter(model, schema):
    schema = _booleans_as_strings(schema)
    wrapped = schema if "gemini" in model else {"schema": schema, "name": "llm_response"}
    return json.dumps(wrapped, ensure_ascii=False)


def _booleans_as_strings(schema):
    if isinstance(schema, list):
        return [_booleans_as_strings(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: "string" if (name, value) == ("type", "boolean") else _booleans_as_strings(value)
            for name, value in schema.items()}


# ---- parameters -------------------------------------------------------------------

@rule("a parameter that is switched on is kept as its default, else its min, else ''",
      "§3 [V]: web, model-parameter-modal/parameter-item.tsx")
def switched_on(parameter):
    for name in ("default", "min"):
        if parameter.get(name) is not None:
            return parameter[name]
    return ""


@rule("a setting of a tool's node that is not set is its default, its first option, "
      "or the empty value of its type",
      "§3: graphon, dsl/tool_runtime.py, _init_frontend_parameter")
def left_alone(parameter):
    if parameter.get("default") is not None:
        return parameter["default"]
    if parameter.get("options"):
        return parameter["options"][0]["value"]
    return {"number": 0, "boolean": False}.get(parameter["type"], "")


@rule("a label beyond 24 columns leaves the panel of the parameters",
      "§3 [V]: web, model-parameter-modal/parameter-item.tsx")
def label_fits(label):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in label) <= 24


# ---- answers of a tool ------------------------------------------------------------

@rule("a tool node's outputs are text, json and the variables, which may not be null; an "
      "Answer node shows of an output what was streamed to it, not its value",
      "§3 [V]: graphon, nodes/tool/tool_node.py, _dispatch_message")
class ToolNode:
    def __init__(self, messages):
        self.text, self.json, self.variables, self.streamed = "", [], {}, {}
        for message in messages:
            self._take(message["type"], message["message"])

    def _take(self, kind, body):
        match kind:
            case "text":
                self.text += body["text"]
                self._stream("text", body["text"])
            case "json":
                self.json.append(body["json_object"])
            case "variable":
                self._variable(body["variable_name"], body["variable_value"], body["stream"])

    def _variable(self, name, value, is_stream):
        assert value is not None, f"Dify refuses {name}: null"
        assert name not in ("text", "json", "files"), f"{name} is Dify's own"
        if is_stream:
            assert isinstance(value, str), "only text can be streamed"
            self._stream(name, value)
            value = self.variables.get(name, "") + value
        self.variables[name] = value

    def _stream(self, name, chunk):
        self.streamed[name] = self.streamed.get(name, "") + chunk

    def answer(self, name):
        """What an Answer node shows of an output."""
        return self.streamed.get(name, "")


@rule("an agent app makes one text of all messages",
      "§3 [V]: api/core/tools/tool_engine.py, _convert_tool_response_to_str")
def text_for_agent_app(messages):
    parts, json_parts = [], []
    for message in messages:
        if message["type"] == "text":
            parts.append(message["message"]["text"])
        elif message["type"] == "json":
            json_parts.append(json.dumps(message["message"]["json_object"], ensure_ascii=False))
        else:
            parts.append(_as_model(message["message"]))
    return "".join(parts + [part for part in json_parts if part not in parts])


@rule("an Agent node makes one text of all messages, with words of its own around them",
      "§3 [V]: agent-strategies/cot_agent, strategies/function_calling.py")
def text_for_agent_node(messages):
    result = ""
    for message in messages:
        if message["type"] == "text":
            result += message["message"]["text"]
        elif message["type"] == "json":
            text = json.dumps(message["message"]["json_object"], ensure_ascii=False)
            result += f"tool response: {text}."
        else:
            result += f"tool response: VariableMessage({_as_model(message['message'], ', ')})."
    return result


def _as_model(body, between=" "):
    """A message of no other kind, as pydantic prints it."""
    return between.join(f"{name}={value!r}" for name, value in body.items())


# ---- turns of an agent ------------------------------------------------------------

@rule("an agent app gives an answer back as text and calls, without its opaque body",
      "§2.4: api/core/agent/fc_agent_runner.py")
def turn_of_agent_app(answer):
    return {"role": "assistant", "content": answer.text, "tool_calls": answer.tool_calls}


@rule("an Agent node gives an answer back with its opaque body",
      "§2.4: agent-strategies, strategies/function_calling.py")
def turn_of_agent_node(answer):
    return turn_of_agent_app(answer) | {"opaque_body": answer.opaque}


@rule("both give the result of a tool back as one message of its call",
      "§3 [V]: api/core/agent/fc_agent_runner.py")
def result_of_tool(call, text):
    return {"role": "tool", "content": text, "tool_call_id": call["id"],
            "name": call["function"]["name"]}


# ---- what is stored ---------------------------------------------------------------

@rule("PostgreSQL keeps it, and refuses NUL and text that is no UTF-8",
      "§3 [V, D]: also where the text is JSON that Dify parses, as a call's arguments")
def unstorable(value):
    """The texts in a message that would be refused."""
    if isinstance(value, str):
        found = [value] if "\0" in value or _is_broken(value) else []
        return found + unstorable(_parsed(value))
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in unstorable(part)]
    if isinstance(value, list):
        return [text for part in value for text in unstorable(part)]
    return []


def _is_broken(text):
    return any("\ud800" <= character <= "\udfff" for character in text)


def _parsed(text):
    """JSON that is an object or a list."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
