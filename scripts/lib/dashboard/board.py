"""The panels of a Grafana dashboard, and their queries with the variables filled in."""

import dataclasses
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[3]
FILE = ROOT / "docker/grafana/dashboards/holysheep.json"
# What drawing takes some hundred points for.
POINTS = 240


@dataclasses.dataclass
class Span:
    """The time that is looked at, in seconds."""

    start: float
    end: float
    # Between two scrapes.
    scrape: float

    @property
    def step(self):
        return max(self.scrape, (self.end - self.start) / POINTS)

    def fill(self, expression, variables):
        """The expression as Grafana sends it."""
        # As Grafana has it: wide enough for a rate even if a scrape is missed.
        rate = max(self.step + self.scrape, 4 * self.scrape)
        known = {"__rate_interval": f"{max(1, round(rate))}s",
                 "__range": f"{max(1, round(self.end - self.start))}s", **variables}
        return re.sub(r"\$(\w+)", lambda name: known[name[1]], expression)


def load():
    return json.loads(FILE.read_text())


def panels(board=None):
    return (board or load())["panels"]


def drawn(board=None):
    """The panels that show data."""
    return [panel for panel in panels(board) if panel["type"] != "row"]


def variables(board=None):
    """Every variable of a query, at All."""
    return {v["name"]: v["allValue"] for v in (board or load())["templating"]["list"]
            if v["type"] == "query"}


def legend(target, labels):
    """The name of one series."""
    return re.sub(r"\{\{(\w+)\}\}", lambda name: labels.get(name[1], ""), target["legendFormat"])
