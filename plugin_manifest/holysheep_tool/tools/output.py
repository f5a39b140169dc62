"""What a tool hands to Dify, in the shape that its caller reads.

An agent, in an app or in a node, reads all messages of a tool as one text,
variables and JSON too: it gets the answer and nothing else. A workflow's tool node
collects variables and JSON as its outputs. An Answer node shows a variable as it
was streamed, so each comes as text in the stream first, and then as the value that
other nodes work with.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

from dify_plugin import Tool
from dify_plugin.entities.tool import ToolInvokeMessage

from holysheep_client.dify import PIECE_CHARACTERS, SessionIds, pieces, storable

Messages = Generator[ToolInvokeMessage, None, None]


def is_tool_node(session: SessionIds) -> bool:
    """Whether a workflow's tool node calls. An agent app names a message, too, and an
    Agent node, which calls by way of another plugin, no app.
    """
    return bool(session.app_id and not session.message_id)


class Output:
    """The messages of one call: the answer piece by piece, then the end.

    `variable` has the answer, too, besides the node's output `text`; none if empty.
    """

    def __init__(self, tool: Tool, variable: str = "") -> None:
        self._tool = tool
        self._variable = variable
        self._is_node = is_tool_node(tool.session)
        self._said: list[str] = []

    def say(self, text: str) -> Messages:
        """A piece of the answer: live in a node, for an agent kept to the end."""
        for piece in pieces(storable(text)):
            self._said.append(piece)
            if self._is_node:
                yield self._tool.create_text_message(piece)
                if self._variable:
                    yield self._tool.create_stream_variable_message(self._variable, piece)

    def end(self, variables: dict[str, Any], metadata: dict[str, Any]) -> Messages:
        """The node's other variables, which must not be None, and its `json`."""
        said = "".join(self._said)
        if not self._is_node:
            for piece in _shown(said):
                yield self._tool.create_text_message(piece)
            return
        if self._variable:
            yield from self._value(self._variable, said, is_streamed=bool(said))
        for name, value in storable(variables).items():
            yield from self._value(name, value)
        yield self._tool.create_json_message(storable(metadata))

    def _value(self, name: str, value: Any, *, is_streamed: bool = False) -> Messages:
        if not is_streamed:
            for piece in _shown(value):
                yield self._tool.create_stream_variable_message(name, piece)
        # Longer text is its stream, put together; in one message it would be too long.
        if not isinstance(value, str) or len(value) <= PIECE_CHARACTERS:
            yield self._tool.create_variable_message(name, value)


def _shown(value: Any) -> list[str]:
    """A value as text, in one message or, if it is long, in several."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return list(pieces(text)) or [""]
