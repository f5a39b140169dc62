"""The dashboard is one that Grafana understands, and can be drawn without it."""

import itertools
import json
import re
import struct
import subprocess
import sys

import board
import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
from harness.process import ROOT
from support.server import FOLDER, SCRAPE

PROVISIONING = ROOT / "docker/grafana/provisioning"


def differences(ours, read, path="dashboard"):
    """What was written and was not read as it was."""
    if isinstance(ours, dict) and isinstance(read, dict):
        return [d for name, value in ours.items()
                for d in differences(value, read.get(name), f"{path}.{name}")]
    if isinstance(ours, list) and isinstance(read, list) and len(ours) == len(read):
        return [d for i, pair in enumerate(zip(ours, read)) for d in differences(*pair, f"{path}[{i}]")]
    return [] if ours == read else [f"{path}: {ours!r} was read as {read!r}"]


def as_grafana_reads(dashboard):
    """By Grafana's own schema: what it does not know is gone."""
    register_default_plugins()
    return json.loads(json.dumps(Dashboard.from_json(dashboard), cls=JSONEncoder))


@pytest.fixture
def dashboard():
    """Without what the schema leaves to the data source."""
    whole = board.load()
    assert whole["annotations"]["list"][0].pop("titleFormat") == "{{alertname}}"
    return whole


def test_grafanas_schema_knows_every_member(dashboard):
    assert differences(dashboard, as_grafana_reads(dashboard)) == []


def test_a_member_that_grafana_does_not_know_would_be_found(dashboard):
    dashboard["panels"][1]["fieldConfig"]["defaults"]["unitt"] = "s"
    assert len(differences(dashboard, as_grafana_reads(dashboard))) == 1


def test_panels_have_numbers_of_their_own_and_do_not_overlap():
    panels = board.panels()
    assert len({panel["id"] for panel in panels}) == len(panels)
    for one, other in itertools.combinations([panel["gridPos"] for panel in panels], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        assert beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)


def test_queries_ask_the_chosen_data_source():
    names = {variable["name"] for variable in board.load()["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", board.FILE.read_text()))
    assert used - {"__rate_interval", "__range", "__all"} == names
    assert {panel["datasource"]["uid"] for panel in board.drawn()} == {"${datasource}"}


def test_grafana_is_told_of_prometheus_as_it_is():
    source, = yaml.safe_load((PROVISIONING / "datasources/prometheus.yaml").read_text())["datasources"]
    interval = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["global"]["scrape_interval"]
    assert (source["type"], source["isDefault"]) == ("prometheus", True)
    assert source["jsonData"]["timeInterval"] == interval


def test_grafana_looks_for_the_dashboard_in_a_folder():
    provider, = yaml.safe_load((PROVISIONING / "dashboards/holysheep.yaml").read_text())["providers"]
    assert (provider["type"], provider["options"]) == ("file", {"path": "/etc/grafana/dashboards"})


def draw(watched, *words):
    command = [sys.executable, ROOT / "scripts/draw-dashboard", "--prometheus", watched.prometheus.url,
               "--minutes", "1", "--scrape", str(SCRAPE), *words]
    return subprocess.run(command, check=True, text=True, capture_output=True, timeout=100).stdout


@pytest.fixture(scope="module")
def page(watched):
    return draw(watched)


@pytest.mark.parametrize("panel", board.panels(), ids=lambda panel: panel["title"])
def test_every_panel_is_drawn_with_its_data(page, panel):
    title = f">{panel['title']}</h{2 if panel['type'] == 'row' else 1}>"
    assert page.count(title) == 1
    if panel["type"] != "row":
        drawn = page.split(title)[1].split("</section>")[0]
        assert re.search(r"<(polyline|polygon|rect) ", drawn), drawn


def test_the_page_asks_for_nothing_outside_itself(page):
    assert not re.search(r"<(script|link|img|iframe)|url\(|@import|https?://", page)


def test_a_browser_makes_a_picture_of_it(watched, tmp_path):
    picture = tmp_path / "dashboard.png"
    draw(watched, "--picture", picture)
    data = picture.read_bytes()
    assert data.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", data[16:24])
    assert (width, height) == (24 * 60, 34 * max(
        panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board.panels()))
    # A blank one of this size is far smaller.
    assert len(data) > 40_000
