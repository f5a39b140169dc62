"""The reasons of errors: what others say of them is what the table says."""

import re

from project import ROOT

ROW = re.compile(r"Row\(Reason::k\w+,\s*\"(\w+)\",\s*Code::k(\w+),\s*Fault::k(\w+),\s*([^)]*?)\)")
# Their message says what to do.
NEEDS_NO_ADVICE = {"INVALID_ARGUMENT", "INTERNAL", "UNIMPLEMENTED"}


def upper(camel):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", camel).upper()


# How README begins to say whether fallback models are asked.
FALLS_BACK = {"kFallsBack": "yes", "kToLarger": "those", "kOnward": "from one to the next"}


def table():
    """(name, code, fault, flags) of every row."""
    rows = ROW.findall((ROOT / "src/base/reasons.cc").read_text())
    return [(name, upper(code), fault, set(re.findall(r"k\w+", flags)))
            for name, code, fault, flags in rows]


def readme():
    """name -> (codes, tried again, fallback)."""
    rows = re.findall(r"^\| (`[A-Z].*?) \| (.*?) \| (.*?) \| (.*?) \|$", (ROOT / "README.md").read_text(),
                      re.MULTILINE)
    return {name: (codes, retried, falls_back)
            for names, codes, retried, falls_back in rows for name in re.findall(r"`(\w+)`", names)}


def test_the_table_has_every_reason_of_the_enumeration():
    reasons = re.search(r"enum class Reason \{(.*?)\n\}", (ROOT / "src/base/reasons.h").read_text(), re.DOTALL)
    assert len(table()) == len(re.findall(r"^  k\w+,", reasons[1], re.MULTILINE)) > 20


def test_readme_says_what_the_table_says():
    said = readme()
    assert set(said) == {name for name, *_ in table()}
    for name, code, _, flags in table():
        codes, retried, falls_back = said[name]
        assert code in re.findall(r"[A-Z_]+", codes), name
        assert retried.startswith("yes" if "kRetried" in flags else "no"), name
        expected = next((words for flag, words in FALLS_BACK.items() if flag in flags), "no")
        assert falls_back.startswith(expected), name


def test_the_command_line_client_advises_on_every_reason():
    source = (ROOT / "src/cli/client/call_error.cc").read_text()
    advised = set(re.findall(r'\{"([A-Z0-9_]+)",\s*"', source))
    names = {name for name, *_ in table()}
    assert names - advised <= NEEDS_NO_ADVICE
    assert advised <= names
