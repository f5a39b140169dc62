"""docs/upstreams.md: every test that it names exists, and every kind of the simulator is in it."""

import re

import pytest
import yaml

from project import ROOT, files

ROW = re.compile(r"^\| .* \| `([^`]+)` \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs/upstreams.md").read_text())
PLAYED = "test_wild_sim.py: "
UNIT_TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", re.MULTILINE)


def unit_tests():
    return {".".join(found) for path in files() if path.name.endswith("_test.cc")
            for found in UNIT_TEST.findall(path.read_text())}


def kinds():
    """The names in the tables of the simulator."""
    return {name for path in (ROOT / "sim/wild").glob("*.cc")
            for name in re.findall(r'\{\.name = "([^"]+)"', path.read_text())}


def wild_cases():
    return {f"{case['kind']}: {case['name']}" for path in (ROOT / "tests/wild").glob("*.yaml")
            for case in yaml.safe_load(path.read_text())}


def functions(file):
    return set(re.findall(r"^def (test_\w+)", (ROOT / "tests/e2e" / file).read_text(), re.MULTILINE))


def exists(test):
    file, colon, name = test.partition(": ")
    if not colon:
        return test in unit_tests()
    if file == "test_wild.py":
        return name in wild_cases()
    return name in functions(file) or test.startswith(PLAYED) and name in kinds()


def test_every_row_of_every_table_names_a_test():
    text = (ROOT / "docs/upstreams.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| kind |")]
    assert len(rows) == len(ROWS) > 100


@pytest.mark.parametrize("test", ROWS)
def test_the_test_exists(test):
    assert exists(test)


def test_every_kind_of_the_simulator_has_a_row_but_those_that_vary_another():
    assert kinds() - {row.removeprefix(PLAYED) for row in ROWS} == {
        "json-for-a-stream", "no-space-after-data", "tool-no-ids"}
