"""The node holysheep_cost: what a question would cost. Asks no model."""

from __future__ import annotations

from typing import Any

from dify_plugin import Tool

from holysheep_client.dify import bad_request, dify_errors
from holysheep_client.node import Node
from holysheep_client.stubs import chat_pb2 as chat_pb
from holysheep_client.stubs import node_pb2 as node_pb
from tools.output import Messages, Output
from tools.parameters import Parameters


class HolySheepCost(Tool):
    """Raises on every error, so that the node's retry and fail branch work."""

    def _invoke(self, tool_parameters: dict[str, Any]) -> Messages:
        with dify_errors():
            request = to_request(tool_parameters)
            estimate = Node.of(self.runtime.credentials).estimate(request)
            output = Output(self)
            yield from output.say(sentence(estimate))
            yield from output.end(outputs(estimate), outputs(estimate))


def to_request(values: dict[str, Any]) -> node_pb.EstimateCostRequest:
    """Raises NodeError, of kind BAD_REQUEST."""
    parameters = Parameters(values)
    model, query = parameters.text("model"), parameters.text("query")
    counts = [parameters.whole(name) for name in ("prompt_tokens", "completion_tokens")]
    if query and counts != [None, None]:
        raise bad_request("Give query or token counts, not both.")
    if query:
        request = chat_pb.InvokeRequest(
            query=query, model=model, max_tokens=parameters.whole("max_tokens")
        )
        return node_pb.EstimateCostRequest(request=request)
    if counts == [None, None]:
        raise bad_request("Give query, or prompt_tokens and completion_tokens.")
    return node_pb.EstimateCostRequest(
        model=model, prompt_tokens=counts[0] or 0, completion_tokens=counts[1] or 0
    )


def outputs(estimate: node_pb.EstimateCostResponse) -> dict[str, Any]:
    """The variables of the node; money stays exact, as text."""
    return {
        "cost": estimate.cost.total,
        "official_cost": estimate.cost.official,
        "saved": estimate.cost.saved,
        "currency": estimate.cost.currency,
        "tokens": estimate.tokens.total_tokens,
        "estimated": estimate.estimated,
    }


def sentence(estimate: node_pb.EstimateCostResponse) -> str:
    cost, about = estimate.cost, "About " if estimate.estimated else ""
    return (
        f"{about}{estimate.tokens.total_tokens} tokens cost {cost.total} {cost.currency}; "
        f"the official price is {cost.official} {cost.currency}, so {cost.saved} "
        f"{cost.currency} are saved."
    )
