"""The tool plugin, as Dify's workflow uses its nodes."""

from dify_rules import ToolNode

# What Dify says of who calls a tool.
TOOL_NODE = {"app_id": "app-1"}
CHATFLOW_TOOL_NODE = {"app_id": "app-1", "conversation_id": "conversation-1"}
AGENT_APP = {"app_id": "app-1", "conversation_id": "conversation-1", "message_id": "message-1"}
# By way of the agent strategy's plugin, which knows no app.
AGENT_NODE = {}


class Output(ToolNode):
    """The outputs of a tool node."""

    def __init__(self, messages):
        self.messages = list(messages)
        super().__init__(self.messages)


class Tools:
    def __init__(self, plugin, credentials):
        self.plugin = plugin
        self.credentials = credentials

    def stream(self, tool, credentials=None, ids=None, **parameters):
        """The messages; as for a workflow's tool node unless `ids` are others."""
        return self.plugin.request("tool", "invoke_tool", provider="holysheep", tool=tool,
                                   tool_parameters=parameters,
                                   ids=TOOL_NODE if ids is None else ids,
                                   credentials=self.credentials | (credentials or {}))

    def run(self, tool, **parameters):
        return Output(self.stream(tool, **parameters))

    def validate(self, credentials=None):
        return list(self.plugin.request("tool", "validate_tool_credentials", provider="holysheep",
                                        credentials=self.credentials | (credentials or {})))
