"""What Dify does with the messages of a plugin, restated.

Each rule names the code of langgenius/dify or of a neighbour that it restates.
A message is as it comes over stdio: {"type", "message"}.
"""

import json


class ToolNode:
    """A workflow's tool node: graphon, nodes/tool/tool_node.py, `_dispatch_message`.

    The outputs are text, json and the variables. What an Answer node bound to an
    output shows is what was streamed to it, not the value.
    """

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


def text_for_agent_app(messages):
    """An agent app: api/core/tools/tool_engine.py, `_convert_tool_response_to_str`."""
    parts, json_parts = [], []
    for message in messages:
        if message["type"] == "text":
            parts.append(message["message"]["text"])
        elif message["type"] == "json":
            json_parts.append(json.dumps(message["message"]["json_object"], ensure_ascii=False))
        else:
            parts.append(_as_model(message["message"]))
    return "".join(parts + [part for part in json_parts if part not in parts])


def text_for_agent_node(messages):
    """An Agent node: agent-strategies/cot_agent, strategies/function_calling.py."""
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


# api/core/plugin/impl/base.py, `_handle_plugin_daemon_error`.
KNOWN_ERRORS = {"InvokeRateLimitError", "InvokeAuthorizationError", "InvokeBadRequestError",
                "InvokeConnectionError", "InvokeServerUnavailableError",
                "CredentialsValidateFailedError"}


def shown_error(raw):
    """What the user reads of an error; of a class Dify does not know, all of it."""
    return raw["message"] if raw["error_type"] in KNOWN_ERRORS else json.dumps(raw)


def switched_on(rule):
    """web, model-parameter-modal/parameter-item.tsx: what is kept of a parameter that
    is switched on and left alone.
    """
    for name in ("default", "min"):
        if rule.get(name) is not None:
            return rule[name]
    return ""


def arguments_for_agent(call):
    """strategies/function_calling.py, `extract_tool_calls`: what the tool is run with."""
    text = call["function"]["arguments"]
    arguments = json.loads(text) if text else {}
    return {**arguments}


def unstorable(value):
    """The texts in a message that PostgreSQL refuses: with NUL, or that are no UTF-8.

    Also where the text is JSON that Dify parses, such as the arguments of a call.
    """
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
