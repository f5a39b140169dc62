"""Adds up the results of all test suites.

A results directory has a folder a suite, with JUnit XML files in it:

    tally.py record DIR SUITE NAME STATUS [LOG]   one result of a plain command,
                                                  STATUS being its exit status
    tally.py sum DIR                              failures, then `N passed, N
                                                  failed`; exits 1 on a failure

Counted is every test case in every file. `ctest.xml`, which knows whole
binaries, only counts where the binary's own file does not tell: it crashed, or
it failed although none of its cases did. A skipped or disabled test counts as
failed, for it has shown nothing, and so does a suite without any result.
"""

import pathlib
import sys
import xml.etree.ElementTree as ET


def record(directory, suite, name, status, log=None):
    """Writes the result of a command as a file of one test case."""
    case = ET.Element("testcase", classname=suite, name=name)
    if status != "0":
        failure = ET.SubElement(case, "failure", message=f"exit status {status}")
        if log:
            text = pathlib.Path(log).read_text(errors="replace")
            failure.text = "".join(c for c in text[-4000:] if c.isprintable() or c == "\n")
    folder = pathlib.Path(directory) / suite
    folder.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(case).write(folder / f"{name}.xml", encoding="unicode")


def why_failed(case):
    """The reason a test case counts as failed; None if it passed."""
    if case.get("status") in ("notrun", "disabled") or case.find("skipped") is not None:
        return "did not run"
    for problem in case.findall("failure") + case.findall("error"):
        return problem.get("message") or (problem.text or "").strip() or "failed"
    return "failed" if case.get("status") == "fail" else None


def results_of_file(path):
    """[(name, reason or None)] of a JUnit file; an unreadable one has failed."""
    try:
        cases = ET.parse(path).iter("testcase")
        return [(f"{c.get('classname')}.{c.get('name')}", why_failed(c)) for c in cases]
    except ET.ParseError:
        return [(path.stem, "its results cannot be read")]


def results_of_ctest(path, told):
    """What ctest knows beyond `told`, which maps a binary to its results."""
    for name, reason in results_of_file(path):
        binary = name.rpartition(".")[2]
        cases = told.get(binary, [])
        if not cases:
            yield binary, reason or "had no test case"
        elif reason and not any(why for _, why in cases):
            yield binary, f"crashed or failed at its end: {reason}"


def results_of_suite(folder):
    files = {path.stem: path for path in sorted(folder.rglob("*.xml"))}
    ctest = files.pop("ctest", None)
    told = {stem: results_of_file(path) for stem, path in files.items()}
    results = [result for cases in told.values() for result in cases]
    if ctest:
        results += results_of_ctest(ctest, told)
    return results or [("the suite", "had no result")]


def add_up(directory):
    """(passed, [failure line]) over all suites."""
    passed, failures = 0, []
    for folder in sorted(p for p in pathlib.Path(directory).iterdir() if p.is_dir()):
        for name, reason in results_of_suite(folder):
            if reason is None:
                passed += 1
            else:
                failures.append(f"{folder.name}: {name}: {reason.splitlines()[0][:200]}")
    return passed, failures


def main(command, *arguments):
    if command == "record":
        record(*arguments)
        return 0
    passed, failures = add_up(*arguments)
    for line in failures:
        print(f"FAILED {line}")
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
