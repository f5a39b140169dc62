"""What a real Prometheus shows of a load run is what happened in it."""

import re
from collections import Counter
from decimal import Decimal

import board
import pytest
from support.server import alerts
from support.traffic import FAILING, token

RULES = alerts()


def test_requests_are_those_that_were_made(watched):
    traffic, ask = watched.traffic, watched.prometheus.sum
    assert ask('holysheep_requests_total{outcome="ok"}') == len(traffic.answers)
    assert ask('holysheep_requests_total{outcome!="ok"}') == len(traffic.errors)
    assert ask("holysheep_refused_requests_total") == len(traffic.refused)
    for by in ("caller", "app"):
        assert ask(f"holysheep_{by}_requests_total") == len(traffic.answers) + len(traffic.errors)


def test_requests_by_cache_outcome_are_those_of_the_responses(watched):
    outcomes = Counter(a.cache_info.outcome for a in watched.traffic.answers)
    names = watched.api.chat_pb2.CacheInfo.Outcome.items()
    told = {name: watched.prometheus.sum(
        f'holysheep_requests_total{{outcome="ok", cache="{name.lower()}"}}') for name, _ in names}
    assert told == {name: outcomes[number] for name, number in names}
    assert {"MISS", "HIT", "JOINED", "STALE"} <= {name for name in told if told[name]}


@pytest.mark.parametrize(("label", "field"), [
    ("input", "prompt_tokens"), ("cached_input", "cached_prompt_tokens"),
    ("cache_write_input", "cache_write_tokens"),
    ("output", "completion_tokens"), ("reasoning", "reasoning_tokens")])
def test_tokens_are_the_sum_of_the_responses(watched, label, field):
    expected = sum(getattr(a.usage, field) for a in watched.traffic.answers)
    assert watched.prometheus.sum(
        f'gen_ai_server_token_usage_total{{gen_ai_token_type="{label}"}}') == expected


@pytest.mark.parametrize(("metric", "field"), [
    ("holysheep_cost_usd_total", "total"), ("holysheep_caller_cost_usd_total", "total"),
    ("holysheep_app_cost_usd_total", "total"),
    ("holysheep_saved_usd", "saved")])
def test_money_is_the_sum_of_the_responses(watched, metric, field):
    expected = sum(Decimal(getattr(a.cost, field)) for a in watched.traffic.answers)
    assert expected > 0
    assert watched.prometheus.sum(metric) == pytest.approx(float(expected))


def test_get_usage_says_the_same(watched):
    request = watched.api.node_pb2.GetUsageRequest()
    total = watched.node.admin.GetUsage(request, metadata=token("ops")).total
    ask = watched.prometheus.sum
    assert ask('holysheep_requests_total{outcome="ok"}') == total.calls
    assert ask("holysheep_caller_tokens_total") == total.usage.total_tokens
    assert ask("holysheep_app_tokens_total") == total.usage.total_tokens
    assert ask("holysheep_cost_usd_total") == pytest.approx(float(total.cost.total))


def test_a_circuit_that_was_open_shows(watched):
    state = 'max_over_time(holysheep_breaker_state{gen_ai_request_model="%s"}[5m])'
    assert watched.prometheus.sum(state % FAILING) == 2
    assert watched.prometheus.sum(state % "deepseek-v3.2") == 0


@pytest.fixture
def span(watched):
    """From before the load run until now."""
    now, = watched.prometheus.now("vector(time())")
    return board.Span(now[1] - 60, now[1], 15)


@pytest.mark.parametrize("panel", board.drawn(), ids=lambda panel: panel["title"])
def test_every_panel_has_data(watched, span, panel):
    for target in panel["targets"]:
        query = span.fill(target["expr"], board.variables())
        found = watched.prometheus.over_time(query, span.start, span.end, 1)
        assert found, query
        names = [board.legend(target, labels) for labels, _ in found]
        assert len(set(names)) == len(names), f"series that cannot be told apart: {names}"


def test_the_dashboards_variables_find_the_models_and_callers(watched):
    found = {}
    for variable in board.load()["templating"]["list"]:
        if variable["type"] == "query":
            metric, label = variable["query"]["query"].removeprefix("label_values(")[:-1].split(", ")
            found[variable["name"]] = set(watched.prometheus.get(
                f"label/{label}/values", **{"match[]": metric}))
    assert {"deepseek-v3.2", "gpt-4.1"} <= found["model"]
    assert {"team-a", "team-b"} <= found["caller"]


def test_a_chosen_model_narrows_the_panels(watched, span):
    panel, = (p for p in board.drawn() if p["title"] == "Calls by model")
    query = span.fill(panel["targets"][0]["expr"], {**board.variables(), "model": "gpt-4.1"})
    labels, = {frozenset(labels.values()) for labels, _ in
               watched.prometheus.over_time(query, span.start, span.end, 1)}
    assert labels == {"gpt-4.1"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_is_evaluated(watched, rule):
    groups = watched.prometheus.get("rules")["groups"]
    loaded, = (r for group in groups for r in group["rules"] if r["name"] == rule["alert"])
    assert (loaded["health"], loaded.get("lastError")) == ("ok", None)


def selectors(expression):
    """The selectors of an expression, each with its labels."""
    return re.findall(r'\b(?:holysheep_|gen_ai_server_|up\b)\w*(?:\{[^}]*\})?', expression)


# Defects cannot be had for the asking.
UNSEEN = {'holysheep_requests_total{error_type="INTERNAL"}'}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_what_an_alert_looks_at_exists(watched, rule):
    looked_at = set(selectors(rule["expr"]))
    assert looked_at
    missing = {s for s in looked_at - UNSEEN if not watched.prometheus.now(s)}
    assert not missing
