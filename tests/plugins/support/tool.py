"""The tool plugin, as Dify's workflow uses its nodes."""


class Output:
    """The outputs of a tool node, put together as Dify does."""

    def __init__(self, messages):
        self.messages = list(messages)
        self.text, self.json, self.variables = "", [], {}
        for message in self.messages:
            body = message["message"]
            match message["type"]:
                case "text":
                    self.text += body["text"]
                case "json":
                    self.json.append(body["json_object"])
                case "variable":
                    self._set(body)

    def _set(self, body):
        name, value = body["variable_name"], body["variable_value"]
        assert value is not None, f"Dify refuses {name}: null"
        if body.get("stream"):
            value = self.variables.get(name, "") + value
        self.variables[name] = value


class Tools:
    def __init__(self, plugin, credentials):
        self.plugin = plugin
        self.credentials = credentials

    def stream(self, tool, credentials=None, **parameters):
        ids = parameters.pop("ids", {})
        return self.plugin.request("tool", "invoke_tool", provider="holysheep", tool=tool,
                                   tool_parameters=parameters, ids=ids,
                                   credentials=self.credentials | (credentials or {}))

    def run(self, tool, **parameters):
        return Output(self.stream(tool, **parameters))

    def validate(self, credentials=None):
        return list(self.plugin.request("tool", "validate_tool_credentials", provider="holysheep",
                                        credentials=self.credentials | (credentials or {})))
