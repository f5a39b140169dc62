"""The node holysheep_workflow: steps, each of which sees what came before."""

from __future__ import annotations

import json
from typing import Any

from dify_plugin import Tool

from holysheep_client.dify import bad_request, caller, dify_errors
from holysheep_client.errors import from_value
from holysheep_client.node import Node
from holysheep_client.stubs import node_pb2 as node_pb
from tools.output import Messages, Output
from tools.parameters import Parameters

_MEMBERS = ("name", "prompt", "model", "temperature", "max_tokens")
# Of a step's output in `steps`, so that all of them fit into a message to Dify.
_SHOWN_CHARACTERS = 16 * 1024


class HolySheepWorkflow(Tool):
    """Raises if no step succeeds, or if one fails that ends the workflow."""

    def _invoke(self, tool_parameters: dict[str, Any]) -> Messages:
        with dify_errors():
            request = to_request(tool_parameters)
            request.caller.CopyFrom(caller("dify-tool", self.session))
            steps: list[node_pb.StepFinished] = []
            for event in Node.of(self.runtime.credentials).workflow(request):
                if event.HasField("step_finished"):
                    steps.append(event.step_finished)
                    check_goes_on(event.step_finished, request)
                elif event.HasField("finished"):
                    check_succeeded(event.finished, steps)
                    output = Output(self, "result")
                    totals = totals_of(event.finished)
                    outcomes = {"steps": [shown(step) for step in steps]}
                    yield from output.say(event.finished.result)
                    yield from output.end(totals | outcomes, totals)


def check_goes_on(step: node_pb.StepFinished, request: node_pb.RunWorkflowRequest) -> None:
    if request.stop_on_error and step.HasField("error"):
        raise from_value(step.error)


def check_succeeded(finished: node_pb.WorkflowFinished, steps: list[node_pb.StepFinished]) -> None:
    if not finished.steps_succeeded and steps:
        raise from_value(steps[-1].error)


def to_request(values: dict[str, Any]) -> node_pb.RunWorkflowRequest:
    """Raises NodeError, of kind BAD_REQUEST, that names the step at fault."""
    parameters = Parameters(values)
    return node_pb.RunWorkflowRequest(
        query=parameters.text("query"),
        steps=[_step(index, entry) for index, entry in enumerate(_list(values.get("steps")))],
        stop_on_error=parameters.flag("stop_on_error"),
    )


def _list(steps: Any) -> list[Any]:
    """The steps as JSON, or as a variable that is a list already."""
    if isinstance(steps, str):
        try:
            steps = json.loads(steps)
        except ValueError:
            raise bad_request("steps is not valid JSON.") from None
    if not isinstance(steps, list) or not steps:
        raise bad_request("steps must be a list of at least one step.")
    return steps


def _step(index: int, entry: Any) -> node_pb.WorkflowStep:
    if not isinstance(entry, dict):
        raise bad_request(f"steps[{index}] must be an object.")
    if unknown := sorted(set(entry) - set(_MEMBERS)):
        raise bad_request(f"steps[{index}] has {unknown[0]!r}; it may have {', '.join(_MEMBERS)}.")
    # Named as the user will look for them.
    step = Parameters({f"steps[{index}].{name}": value for name, value in entry.items()})
    return node_pb.WorkflowStep(
        name=step.text(f"steps[{index}].name"),
        prompt=step.text(f"steps[{index}].prompt"),
        model=step.text(f"steps[{index}].model"),
        temperature=step.number(f"steps[{index}].temperature"),
        max_tokens=step.whole(f"steps[{index}].max_tokens"),
    )


def totals_of(finished: node_pb.WorkflowFinished) -> dict[str, Any]:
    return {
        "steps_succeeded": finished.steps_succeeded,
        "steps_failed": finished.steps_failed,
        "latency_ms": finished.latency_ms,
        "tokens_used": finished.usage.total_tokens,
        "cost": finished.cost.total,
        "saved": finished.cost.saved,
        "currency": finished.cost.currency,
    }


def shown(step: node_pb.StepFinished) -> dict[str, Any]:
    """A step as an element of the variable `steps`."""
    if step.HasField("error"):
        outcome = {"succeeded": False, "error": str(from_value(step.error))}
    else:
        response = step.response
        outcome = {
            "succeeded": True,
            "output": response.result[:_SHOWN_CHARACTERS],
            "model_used": response.model_used,
            "tokens_used": response.tokens_used,
            "cached": response.cached,
            "cost": response.cost.total,
            "latency_ms": response.latency_ms,
        }
    return {"index": step.index, "name": step.name} | outcome
