"""scripts/lib/tally.py: nothing that failed is counted as passed."""

import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts/lib"))
import tally  # noqa: E402

PASS = '<testcase classname="A" name="a"/>'
FAIL = '<testcase classname="A" name="b"><failure message="no"/></testcase>'
ERROR = '<testcase classname="A" name="c"><error>gone</error></testcase>'
SKIP = '<testcase classname="A" name="d"><skipped/></testcase>'
DISABLED = '<testcase classname="A" name="e" status="notrun"/>'


@pytest.fixture
def write(tmp_path):
    def write(path, *cases):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")

    return write


@pytest.mark.parametrize(
    ("case", "passed", "failed"),
    [(PASS, 1, 0), (FAIL, 0, 1), (ERROR, 0, 1), (SKIP, 0, 1), (DISABLED, 0, 1)],
)
def test_counts_each_kind_of_test_case(tmp_path, write, case, passed, failed):
    write("unit/a.xml", case)
    count, failures = tally.add_up(tmp_path)
    assert (count, len(failures)) == (passed, failed)


def test_adds_up_files_and_suites(tmp_path, write):
    write("unit/gtest/a.xml", PASS, PASS)
    write("unit/gtest/b.xml", PASS, FAIL)
    write("e2e/junit.xml", PASS, ERROR)
    count, failures = tally.add_up(tmp_path)
    assert count == 4
    assert failures == ["e2e: A.c: gone", "unit: A.b: no"]


def ctest_case(name, status="run"):
    failure = "<failure message=''/>" if status == "fail" else ""
    return f'<testcase classname="{name}" name="{name}" status="{status}">{failure}</testcase>'


def test_does_not_count_a_binary_beside_its_cases(tmp_path, write):
    write("unit/ctest.xml", ctest_case("a_test"), ctest_case("b_test", "fail"))
    write("unit/gtest/a_test.xml", PASS)
    write("unit/gtest/b_test.xml", PASS, FAIL)
    count, failures = tally.add_up(tmp_path)
    assert (count, len(failures)) == (2, 1)


def test_counts_a_crashed_binary_as_failed(tmp_path, write):
    write("unit/ctest.xml", ctest_case("a_test", "fail"))
    count, failures = tally.add_up(tmp_path)
    assert count == 0
    assert failures == ["unit: a_test: failed"]


def test_counts_a_leak_at_the_end_of_a_binary_as_failed(tmp_path, write):
    write("unit/ctest.xml", ctest_case("a_test", "fail"))
    write("unit/gtest/a_test.xml", PASS)
    count, failures = tally.add_up(tmp_path)
    assert count == 1
    assert len(failures) == 1 and "at its end" in failures[0]


def test_counts_a_binary_without_cases_as_failed(tmp_path, write):
    write("unit/ctest.xml", ctest_case("a_test"))
    assert len(tally.add_up(tmp_path)[1]) == 1


def test_counts_a_cut_file_and_an_empty_suite_as_failed(tmp_path):
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut/junit.xml").write_text("<testsuites><testcase")
    (tmp_path / "empty").mkdir()
    count, failures = tally.add_up(tmp_path)
    assert (count, len(failures)) == (0, 2)


@pytest.mark.parametrize(("status", "passed"), [("0", 1), ("77", 0)])
def test_records_the_result_of_a_command(tmp_path, status, passed):
    log = tmp_path / "log"
    log.write_bytes(b"line\n\x1b[31m<&>\xff")
    tally.main("record", tmp_path / "results", "fuzz", "sse_fuzz", status, log)
    count, failures = tally.add_up(tmp_path / "results")
    assert (count, len(failures)) == (passed, 1 - passed)


def test_ends_with_one_line_and_a_status(tmp_path, write, capsys):
    write("unit/a.xml", PASS, FAIL)
    assert tally.main("sum", tmp_path) == 1
    assert capsys.readouterr().out.splitlines() == ["FAILED unit: A.b: no", "1 passed, 1 failed"]


def test_no_result_at_all_is_no_success(tmp_path):
    assert tally.main("sum", tmp_path) == 1
