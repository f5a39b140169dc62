"""Prometheus's configuration and alerts, by Prometheus's own tool."""

import subprocess

import pytest
import yaml
from harness.process import ROOT
from support.server import FOLDER, alerts

UNIT_TESTS = ROOT / "tests/monitoring/alerts.test.yml"
RULES = alerts()


def promtool(*words):
    run = subprocess.run(["promtool", *map(str, words)], text=True, capture_output=True, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_configuration_is_right():
    promtool("check", "config", FOLDER / "prometheus.yml")


def test_the_alerts_are_right():
    promtool("check", "rules", FOLDER / "alerts.yml")


def test_the_alerts_fire_when_they_should_and_not_before():
    promtool("test", "rules", UNIT_TESTS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_has_a_unit_test_of_firing_and_of_silence(rule):
    expected = [case["exp_alerts"] for test in yaml.safe_load(UNIT_TESTS.read_text())["tests"]
                for case in test["alert_rule_test"] if case["alertname"] == rule["alert"]]
    assert [] in expected and any(expected)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_says_how_bad_it_is_and_what_to_do(rule):
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    assert rule["annotations"]["summary"] and rule["annotations"]["description"]
    page, anchor = rule["annotations"]["runbook"].split("#")
    assert anchor == rule["alert"].lower()
    headings = [line.removeprefix("### ") for line in (ROOT / page).read_text().splitlines()
                if line.startswith("### ")]
    assert rule["alert"] in headings
