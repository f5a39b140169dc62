"""What a reviewer of Dify's marketplace looks at, and what its pages show."""

import re
import xml.etree.ElementTree as ET

import picture
import pytest
import stage
import yaml

PLUGINS = ("holysheep_model", "holysheep_tool")
READMES = ("README.md", "readme/README_zh_Hans.md", "readme/README_ja_JP.md",
           "readme/README_pt_BR.md")
PNG = b"\x89PNG\r\n\x1a\n"
# Advertising, which the marketplace refuses.
PRAISE = re.compile(r"\b(best|fastest|cheapest|leading|ultimate|revolutionary|world-class|"
                    r"unmatched|unrivall?ed|amazing|powerful|seamless|number one|no\. ?1)\b", re.I)


@pytest.fixture(params=PLUGINS)
def plugin(request, unpacked):
    return unpacked[request.param]


def pictures_in(readme):
    """(what it shows, path) of each picture."""
    return re.findall(r"!\[(.*?)\]\((.*?)\)", readme.read_text(encoding="utf-8"))


def size_of_png(file):
    head = file.read_bytes()[:24]
    return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])


def test_the_readmes_show_the_same_pictures_in_every_language(plugin):
    shown = [[path for _, path in pictures_in(plugin / name)] for name in READMES]
    assert shown[0] and shown == [shown[0]] * len(READMES)
    assert all(words for name in READMES for words, _ in pictures_in(plugin / name))


def test_the_pictures_are_where_dify_looks_and_what_a_browser_knows(plugin):
    """Dify resolves ./_assets/ only, also for the readme folder, and gives the bytes
    without their type: a browser shows a PNG then, but no SVG."""
    for name in READMES:
        for _, path in pictures_in(plugin / name):
            assert re.fullmatch(r"\./_assets/[a-z_]+\.png", path), path
            file = plugin / path
            assert file.read_bytes().startswith(PNG)
            assert file.stat().st_size < 256 * 1024
            assert size_of_png(file)[0] <= 1000


@pytest.mark.parametrize("name", picture.PICTURES)
def test_a_picture_is_of_todays_form(name):
    """A field more or less changes its height; scripts/generate-plugins --pictures draws it."""
    drawing = stage.ROOT / "docs/images" / picture.PICTURES[name]
    meant = tuple(side * picture.SCALE for side in picture.size_of(drawing))
    assert size_of_png(stage.SOURCES / name) == meant


def luminance(color):
    channels = [int(color[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["icon.svg", "icon_dark.svg"])
def test_an_icon_can_be_told_at_18_pixels(plugin, name):
    """Its ground, its fleece and its face differ, and no line is thinner than a pixel."""
    root = ET.parse(plugin / "_assets" / name).getroot()
    svg = "{http://www.w3.org/2000/svg}"
    ground = root.find(f"{svg}rect").get("fill")
    fleece = root.find(f"{svg}g").get("fill")
    face = root.findall(f"{svg}path")[0].get("fill")
    halo = root.find(f"{svg}ellipse")
    assert contrast(ground, fleece) > 3 and contrast(face, fleece) > 7
    assert float(halo.get("stroke-width")) * 18 / 64 > 1


def texts_of(plugin):
    for name in (*READMES, "PRIVACY.md", "manifest.yaml"):
        yield name, (plugin / name).read_text(encoding="utf-8")


def test_nothing_is_praised(plugin):
    for name, text in texts_of(plugin):
        assert not PRAISE.search(text), name


def test_the_privacy_policy_names_what_when_and_the_policy_of_others(plugin):
    text = dict(texts_of(plugin))["PRIVACY.md"]
    for heading in ("What is sent", "To whom", "What is kept", "Personal data"):
        assert f"**{heading}.**" in text
    assert "300 seconds" in text, "how long the cache keeps an answer"
    assert "own privacy policy" in text and "https://" in text
    # All that the plugins put into CallerInfo.
    for sent in ("app", "conversation", "message", "SHA-256 digest of the user's id"):
        assert sent in text


def test_the_connection_and_its_limits_are_described(plugin):
    """The boundary for the reviewer: where it connects to, who chooses that, how long."""
    text = dict(texts_of(plugin))["README.md"].partition("## Connection")[2]
    assert "connects to the address you enter" in text and "to nothing else" in text
    assert "300 seconds" in text and "Dify Cloud" in text and "TLS" in text


def paths_in(data):
    """The files that YAML names as sources."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name in ("source", "provider_source"):
                yield value
            elif name == "model_sources":
                yield from value
            else:
                yield from paths_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from paths_in(value)


def test_every_source_that_is_named_is_packed(plugin):
    named = [path for file in plugin.rglob("*.yaml")
             for path in paths_in(yaml.safe_load(file.read_text(encoding="utf-8")))]
    assert named
    assert [path for path in named if not (plugin / path).is_file()] == []
