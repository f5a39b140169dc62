"""Which failures lead to another model, and which are the caller's own (against the simulator)."""

import contextlib
import json

import grpc
import pytest

from harness.errors import refusal_of
from harness.process import wait_until

FIRST, SECOND, THIRD = "claude-sonnet-4.5", "deepseek-v3.2", "gemini-2.5-flash"
# What FIRST does, and by which reason the caller would hear of it.
FAILURES = {
    "RATE_LIMITED_UPSTREAM": {"fault": "rate_limit", "retry_after": 60},
    "UPSTREAM_QUOTA": {"wild": "error-quota-402"},
    "UPSTREAM_AUTH": {"fault": "unauthorized"},
    "UPSTREAM_5XX": {"fault": "server_error"},
    "UPSTREAM_CONNECT": {"fault": "reset"},
    "FIRST_TOKEN_TIMEOUT": {"fault": "silent"},
    "UPSTREAM_MALFORMED": {"fault": "malformed", "after": 0},
    "STREAM_TRUNCATED": {"fault": "cut", "after": 0},
    "MODEL_NOT_FOUND": {"fault": "model_not_found"},
    "CONTEXT_LENGTH": {"fault": "context_length"},
}
OWN = {"INVALID_ARGUMENT": {"fault": "reject_prefill"}, "CONTENT_FILTER": {"fault": "content_filter"}}


@pytest.fixture
def node(start_node, sim):
    return start_node(sim.url, timeouts={"first_token": "500ms"}, retry={"max_attempts": 1},
                      limits={"requests_per_minute": 0})


@contextlib.contextmanager
def fails_by(reason):
    with pytest.raises(grpc.RpcError) as caught:
        yield
    assert refusal_of(caught.value).reason == reason


def asked_models(sim):
    return [json.loads(body)["model"] for body in sim.state()["bodies"]]


def ask(node, chat, **fields):
    return node.llm.Invoke(chat.InvokeRequest(**({"query": "Hallo", "model": FIRST} | fields)), timeout=30)


@pytest.mark.parametrize("reason", FAILURES)
def test_a_fallback_model_answers_where_the_first_fails_by(node, chat, sim, reason):
    sim.control(faults=[FAILURES[reason] | {"model": FIRST}])
    answer = ask(node, chat, fallback_models=[THIRD])
    assert (answer.model_used, answer.fallback_used, answer.result) == (THIRD, True, "You said: Hallo")
    assert any(FIRST in warning for warning in answer.warnings)


@pytest.mark.parametrize("reason", FAILURES)
def test_one_fallback_model_leads_on_to_the_next_by(node, chat, sim, reason):
    sim.control(faults=[{"fault": "unavailable", "model": FIRST}, FAILURES[reason] | {"model": SECOND}])
    answer = ask(node, chat, fallback_models=[SECOND, THIRD])
    assert (answer.model_used, answer.result) == (THIRD, "You said: Hallo")


@pytest.mark.parametrize("reason", FAILURES)
def test_the_first_failure_is_told_where_none_can_serve(node, chat, sim, reason):
    sim.control(faults=[FAILURES[reason] | {"model": FIRST}, {"fault": "forbidden", "model": THIRD}])
    with fails_by(reason):
        ask(node, chat, fallback_models=[THIRD])


@pytest.mark.parametrize("reason", OWN)
def test_the_callers_own_error_is_told_at_once(node, chat, sim, reason):
    sim.control(faults=[OWN[reason] | {"model": FIRST}])
    messages = [{"role": "USER", "parts": [{"text": "Hallo"}]}, {"role": "ASSISTANT", "parts": [{"text": "Ha"}]}]
    request = chat.InvokeRequest(model=FIRST, messages=messages, fallback_models=[THIRD])
    with fails_by(reason):
        node.llm.Invoke(request, timeout=30)
    assert asked_models(sim) == [FIRST]


def test_an_open_circuit_of_a_fallback_model_leads_on_to_the_next(start_node, chat, sim):
    node = start_node(sim.url, breaker={"failures": 1}, retry={"max_attempts": 1})
    sim.control(faults=[{"fault": "unavailable", "model": name} for name in (FIRST, SECOND)])
    with fails_by("UPSTREAM_5XX"):
        ask(node, chat, model=SECOND)
    assert ask(node, chat, fallback_models=[SECOND, THIRD]).model_used == THIRD
    assert asked_models(sim) == [SECOND, FIRST, THIRD]


def test_a_fallback_model_without_room_here_leads_on_to_the_next(start_node, chat, sim):
    """A limit or a budget of its own."""
    models = [{"id": name, "prompt_price": "1.00", "completion_price": "1.00"} for name in (FIRST, SECOND, THIRD)]
    models[1]["requests_per_minute"] = 1
    node = start_node(sim.url, models=models, default_model=FIRST, retry={"max_attempts": 1},
                      limits={"max_queue_wait": "0s"})
    sim.control(faults=[{"fault": "unavailable", "model": FIRST}])
    assert ask(node, chat, fallback_models=[SECOND, THIRD]).model_used == SECOND
    assert ask(node, chat, query="again", fallback_models=[SECOND, THIRD]).model_used == THIRD


def test_a_fallback_model_whose_budget_is_spent_leads_on_to_the_next(start_node, chat, sim):
    node = start_node(sim.url, budgets=[{"model": SECOND, "usd": "0.0000001", "period": "day"}],
                      retry={"max_attempts": 1})
    sim.control(faults=[{"fault": "unavailable", "model": FIRST}])
    assert ask(node, chat, fallback_models=[SECOND, THIRD]).model_used == THIRD


def test_a_fallback_model_that_cannot_see_is_passed_over(node, chat, sim):
    sim.control(faults=[{"fault": "unavailable", "model": FIRST}])
    image = {"image": {"url": "https://example.com/a.png"}}
    request = chat.InvokeRequest(model=FIRST, messages=[{"role": "USER", "parts": [{"text": "What?"}, image]}],
                                 fallback_models=[SECOND, THIRD])
    answer = node.llm.Invoke(request, timeout=30)
    assert answer.model_used == THIRD
    assert any(SECOND in warning and "vision" in warning for warning in answer.warnings)
    assert asked_models(sim) == [FIRST, THIRD]


def test_max_tokens_is_fitted_to_the_context_of_a_fallback_model(start_node, chat, sim):
    models = [{"id": name, "prompt_price": "1.00", "completion_price": "1.00"} for name in (FIRST, SECOND)]
    models[1]["context_size"] = 1000
    node = start_node(sim.url, models=models, default_model=FIRST, retry={"max_attempts": 1})
    sim.control(faults=[{"fault": "unavailable", "model": FIRST}])
    answer = ask(node, chat, fallback_models=[SECOND], max_tokens=4000)
    assert answer.model_used == SECOND
    assert any("max_tokens was lowered from 4000" in warning for warning in answer.warnings)


def test_a_silent_model_is_asked_once_where_a_fallback_is_left(start_node, chat, sim):
    node = start_node(sim.url, timeouts={"first_token": "300ms"}, retry={"max_attempts": 3})
    sim.control(faults=[{"fault": "silent", "model": FIRST}])
    assert ask(node, chat, fallback_models=[THIRD]).model_used == THIRD
    assert asked_models(sim) == [FIRST, THIRD]
    with fails_by("FIRST_TOKEN_TIMEOUT"):
        ask(node, chat, max_attempts=2)
    wait_until(lambda: asked_models(sim) == [FIRST, THIRD, FIRST, FIRST])
