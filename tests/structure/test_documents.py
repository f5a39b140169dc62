"""The Markdown files: their width, their links, and the form of the decision records."""

import re

import pytest

from project import ROOT, files, name
from test_include_edges import ALLOWED

MAX_COLUMNS = 120
DOCUMENTS = [path for path in files() if path.suffix == ".md"]
RECORDS = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
FOR_DEVELOPERS = [ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *RECORDS]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.DOTALL | re.MULTILINE)
LINK_ALONE = re.compile(r"\s*([-*] )?!?\[[^\]]*\]\([^)]+\)\W*")
# A file that prose names, by its path from the root, from src/ or from the document.
NAMED = re.compile(r"`([\w*./-]+/[\w*.-]+\.(?:cc|h|py|md|proto|ya?ml|json))`")
PARTS = ["Status", "Context", "Decision", "Consequences"]


def prose(text):
    """(number, line) of what can be wrapped: not tables, code, headings, and links on their own."""
    fenced, may_begin_code = False, True
    for number, line in enumerate(text.splitlines(), 1):
        fence = line.lstrip().startswith("```")
        fenced ^= fence
        heading = line.startswith("#")
        code = fence or fenced or may_begin_code and line.startswith("    ")
        if not (code or heading or line.lstrip().startswith("|") or LINK_ALONE.fullmatch(line)):
            yield number, line
        # A paragraph that goes on may be indented as deep as code.
        may_begin_code = code or heading or not line.strip()


def anchors(path):
    """What a link into the document may name after its #."""
    headings = re.findall(r"^#+ (.+)$", CODE_BLOCK.sub("", path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_prose_wraps_at_120_columns(path):
    assert not [number for number, line in prose(path.read_text()) if len(line) > MAX_COLUMNS]


def base_of(path, page):
    """The folder that a link starts from. Dify takes a picture of a plugin's README from
    the plugin's own folder, in every language."""
    is_translated = path.parent.name == "readme" and page.startswith("./_assets/")
    return path.parent.parent if is_translated else path.parent


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_relative_link_leads_to_a_file_and_a_heading(path):
    broken = []
    for link in LINK.findall(CODE.sub("", path.read_text())):
        if re.match(r"\w+:", link):
            continue
        page, _, anchor = link.partition("#")
        target = base_of(path, page) / page if page else path
        if not target.exists() or anchor and anchor not in anchors(target):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize("path", FOR_DEVELOPERS, ids=name)
def test_every_file_that_a_document_for_developers_names_exists(path):
    places = (ROOT, ROOT / "src", path.parent)
    missing = [named for named in NAMED.findall(path.read_text())
               if not any(list(place.glob(named)) for place in places)]
    assert not missing


def test_the_architecture_says_which_folder_may_include_which():
    rows = re.findall(r"^\| `(\w+)` \| .* \| ([\w –]+) \|$", (ROOT / "ARCHITECTURE.md").read_text(),
                      re.MULTILINE)
    said = {folder: set(ALLOWED) - {*allowed.split()[2:], folder} | {"proto"} if allowed.startswith("all but ")
            else set(allowed.split()) - {"–"} for folder, allowed in rows}
    assert said == ALLOWED


def test_the_architecture_has_every_layer_in_the_order_of_the_chain():
    rows = re.findall(r"^\| (\w+) \| `layers/(?:\w+/)?(\w+)\.cc` \|", (ROOT / "ARCHITECTURE.md").read_text(),
                      re.MULTILINE)
    chain = re.findall(r'^    \{"(\w+)", ', (ROOT / "src/layers/chain.cc").read_text(), re.MULTILINE)
    assert [layer for layer, _ in rows] == chain
    assert {file for _, file in rows} == {
        path.stem for path in (ROOT / "src/layers").rglob("*_layer.cc")}


def test_every_decision_record_is_in_the_index():
    index = (ROOT / "docs/adr/README.md").read_text()
    rows = re.findall(r"^\| \[\d+\]\(([^)]+)\) \| \S", index, re.MULTILINE)
    assert rows == [path.name for path in RECORDS]


@pytest.mark.parametrize("path", RECORDS, ids=name)
def test_every_decision_record_has_the_same_form(path):
    text = path.read_text()
    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert re.findall(r"^\*\*(\w+)\.\*\* ", text, re.MULTILINE) == PARTS
    assert re.search(r"^\*\*Status\.\*\* (Accepted|Replaced by ADR \d+), [\d-]{10}\.$", text,
                     re.MULTILINE)


def test_the_readme_links_every_document_at_the_root_and_in_docs():
    linked = set(LINK.findall((ROOT / "README.md").read_text()))
    ours = {name(path) for path in DOCUMENTS if path.parent in (ROOT, ROOT / "docs")}
    assert ours - {"README.md"} <= linked
    assert "LICENSE" in linked
