"""bench/abuse_report.py: what missed its goal is shown so, and the page keeps its words."""

import pathlib
import sys
import types

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "bench"))
import abuse_report  # noqa: E402

CALM = {"calls": 10, "p50": 500.0, "p99": 1000.0, "max": 2000.0}
BEFORE = {kind: CALM for kind in abuse_report.KINDS}


def result(who="stranger", name="a", under=None, **members):
    attack = types.SimpleNamespace(who=who, name=name, title="a title")
    measured = {**BEFORE, "failed": {}, **(under or {})}
    return {"attack": attack, "before": BEFORE, "under": {k: v for k, v in measured.items() if v is not None},
            "answers": {}, "memory": 1, "idle": 10, "threads": 17, "ended": None, "stalls": 0} | members


def row(**members):
    return abuse_report.table([result(**members)]).splitlines()[-1]


def test_a_row_that_reaches_all_goals_has_nothing_bold():
    assert "**" not in row()


@pytest.mark.parametrize(("members", "bold"), [
    ({"under": {"hit": CALM | {"p99": 4000.0}}}, "**4.0**"),
    ({"under": {"miss": None}}, "**none ended**"),
    ({"under": {"failed": {"8 the queue is full": 2}}}, "**2** of 30 (RESOURCE_EXHAUSTED: the queue is full)"),
    ({"memory": 65}, "**65**"), ({"threads": 33}, "**33**"), ({"stalls": 1}, "**1**"),
    ({"ended": -11}, "**the service ended with -11**")])
def test_what_misses_its_goal_is_bold(members, bold):
    assert bold in row(**members)


def test_a_stall_for_each_reload_is_no_miss():
    assert "**" not in row(stalls=3, answers={"reloads": 3})
    assert "**" not in row(stalls=1, name="revoked")


def test_the_page_keeps_what_stands_around_the_table(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{abuse_report.BEGIN}\nold\n{abuse_report.END}\nafter\n")
    monkeypatch.setattr(abuse_report, "PAGE", page)
    monkeypatch.setattr(abuse_report, "PICTURE", tmp_path / "picture.svg")
    for _ in range(2):
        abuse_report.write([result(), result(who="caller")], 6)
        text = page.read_text()
        assert text.startswith("before\n") and text.endswith("\nafter\n")
        assert "old" not in text
        assert text.count("a title") == 2
    assert (tmp_path / "picture.svg").read_text().startswith("<svg ")
