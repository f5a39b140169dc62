"""The prose of comments, messages and documents: plain sentences in standard terms."""

import bisect
import io
import re
import tokenize

import pytest

from project import files, name

# The folders and files whose prose is kept; every one ends up here.
DONE = (
    "tests/structure/test_prose.py",
    "src/base",
    "src/json",
    "src/policy",
    "src/net",
    "src/http",
    "src/config",
    "src/telemetry",
    "src/store",
    "src/jobs",
    "src/cli",
    "sim",
    "bench",
    "tests/support",
    "proto",
    "docs",
    "README.md",
    "CONTRIBUTING.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "src/openai",
    "src/upstream",
    "src/chat",
    "src/intake",
    "src/rpc",
    "src/layers",
    "src/node",
)

# What is not written, and what is written instead.
PHRASES = [
    (r"(?<!there )\bis\s+no\s+(?!longer\b|more\b)[a-z]", 'say "is not a …" or "is not …"'),
    (r"\banew\b", 'say "again" or "from the start"'),
    (r"\bbeside\b", 'say "in addition to", "outside" or "next to"'),
    (r"\bthere\s+twice\b", 'say "occurs twice" or "is a duplicate"'),
    (r"\btakes\s+up\b", 'say "adopts", "accepts" or "resumes"'),
    (r"\bgoes\s+by\b", 'say "follows", "uses" or "depends on"'),
    (r"\btold\b(?!\s+the\s+time)", 'say "reported", "notified" or "distinguished"'),
    (r"\bthe\s+way\s+in\b(?!\s+which)", 'say "admission" or "intake"'),
]
# How no comment begins.
OPENINGS = [
    (r"Of\b", "begin with the thing itself, not with what it belongs to"),
    (r"Whoever\b", "begin with the caller, the client or the thread that is meant"),
    (r"What\b[^.;:,]*\bis\b", "begin with a noun that names the thing"),
]
PHRASES = [(re.compile(pattern, re.IGNORECASE), advice) for pattern, advice in PHRASES]
OPENINGS = [(re.compile(pattern), advice) for pattern, advice in OPENINGS]

# Comments and literals of C++ and of .proto files.
CPP = re.compile(
    r'(?P<comment>//[^\n]*)|R"(?P<mark>\w*)\((?P<raw>.*?)\)(?P=mark)"'
    r'|"(?P<text>(?:\\.|[^"\\\n])*)"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'',
    re.DOTALL,
)


def cpp_prose(text):
    """(line, text, whether a comment) of every comment block and string literal."""
    ends = [match.start() for match in re.finditer("\n", text)]
    block, block_line, last_line = [], 0, -1
    for match in CPP.finditer(text):
        line = bisect.bisect_left(ends, match.start()) + 1
        if match["comment"] is None:
            literal = match["text"] if match["raw"] is None else match["raw"]
            before = text[text.rfind("\n", 0, match.start()) + 1:match.start()]
            if literal and not before.startswith("#include"):
                yield line, literal, False
            continue
        words = match["comment"].lstrip("/").strip()
        alone = not text[text.rfind("\n", 0, match.start()) + 1:match.start()].strip()
        if not (alone and block and line == last_line + 1):
            if block:
                yield block_line, "\n".join(block), True
            block, block_line = [], line
        block.append(words)
        last_line = line
    if block:
        yield block_line, "\n".join(block), True


def python_prose(text):
    """The same of Python."""
    block, block_line, last_line = [], 0, -1
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            line = token.start[0]
            if line != last_line + 1:
                if block:
                    yield block_line, "\n".join(block), True
                block, block_line = [], line
            block.append(token.string.lstrip("#").strip())
            last_line = line
        elif tokenize.tok_name[token.type] in ("STRING", "FSTRING_MIDDLE"):
            docstring = '"""' in token.string[:5]
            yield token.start[0], re.sub(r"^[a-zA-Z]*", "", token.string).strip("\"' \n"), docstring
    if block:
        yield block_line, "\n".join(block), True


def markdown_prose(text):
    """Every paragraph outside of code."""
    text = re.sub(r"^```.*?^```", lambda code: "\n" * code[0].count("\n"), text,
                  flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"`[^`\n]*`", "``", text)
    for paragraph in re.finditer(r"(?:[^\n]+\n?)+", text):
        yield text.count("\n", 0, paragraph.start()) + 1, paragraph[0], False


READERS = {".h": cpp_prose, ".cc": cpp_prose, ".proto": cpp_prose, ".py": python_prose,
           ".md": markdown_prose}


def faults(text, suffix):
    """(line, words, advice) of every phrase that is not to be written."""
    for line, words, is_comment in READERS[suffix](text):
        in_one_line = words.replace("\n", " ")
        found = [(match, advice) for pattern, advice in PHRASES
                 for match in pattern.finditer(in_one_line)]
        if is_comment:
            found += [(match, advice) for pattern, advice in OPENINGS
                      for match in [pattern.match(in_one_line)] if match]
        for match, advice in found:
            yield line + words.count("\n", 0, match.start()), match[0], advice


def kept_files():
    own = "tests/structure/test_prose.py"
    return [path for path in files() if path.suffix in READERS and name(path) != own
            and any(name(path) == done or name(path).startswith(done + "/") for done in DONE)]


def test_prose_is_plain():
    found = [f'{name(path)}:{line}: "{" ".join(words.split())}": {advice}'
             for path in kept_files()
             for line, words, advice in faults(path.read_text(), path.suffix)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("suffix, text, lines", [
    (".h", "// A name that\n// is no\n// name.\nint a;  // Of b.\n", [2, 4]),
    (".h", '#include "a/told.h"\nf("is no file");\n// It is told the time.\n', [2]),
    (".cc", "// There\n// is no file.\n// It is no longer kept.\n", []),
    (".cc", "// What a call is.\n\n// What calls cost.\n", [1]),
    (".py", '"""Told."""\n# Begun anew.\nx = "beside"\n', [1, 2, 3]),
    (".md", "It is told.\n\n```\ntold\n```\n`told`\n", [1]),
])
def test_the_lint_sees(suffix, text, lines):
    assert sorted(line for line, _, _ in faults(text, suffix)) == lines
