"""Dashboard, alerts and documents speak of the metrics that there are."""

import re

import board
import pytest
from harness.http import Metrics
from harness.process import ROOT
from support.server import FOLDER

NAMES = re.compile(r"\b(?:holysheep|gen_ai_server)_\w+")
REFERENCE, ALERTS = ROOT / "docs/reference.md", ROOT / "docs/alerts.md"
# What a histogram is made of, and what is no metric.
PARTS = re.compile(r"_(bucket|sum|count)$")
NO_METRICS = {"holysheep_api_key", "holysheep_llm"}


def named_in(path):
    return {PARTS.sub("", name) for name in NAMES.findall(path.read_text())} - NO_METRICS


@pytest.fixture
def shown(watched):
    """The metrics on /metrics after everything has happened."""
    return {PARTS.sub("", name) for name, _, _ in Metrics(watched.node).samples}


@pytest.mark.parametrize("path", [board.FILE, FOLDER / "alerts.yml", REFERENCE, ALERTS],
                         ids=lambda path: path.name)
def test_every_metric_named_exists(shown, path):
    assert named_in(path) and named_in(path) <= shown


def test_every_metric_is_described(shown):
    table = REFERENCE.read_text().split("## Metrics")[1].split("\n## ")[0]
    described = set(NAMES.findall("\n".join(
        line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))))
    assert described == shown


def test_every_label_is_described(watched):
    text = REFERENCE.read_text().split("## Metrics")[1].split("\n## ")[0]
    labels = {label for _, labels, _ in Metrics(watched.node).samples for label in labels}
    assert {label for label in labels - {"le"} if not re.search(rf"\b{label}\b", text)} == set()
