"""Draws the pictures of docs/images into the plugins, as PNG.

    python -m picture

Dify hands a picture of a README to the browser without saying what it is. Browsers
know a PNG by its first bytes, but no SVG. Needs Chromium (Debian's package
`chromium`), so the results are kept; a test compares their size with the drawings'.
"""

import re
import subprocess
import tempfile
from pathlib import Path

from stage import ROOT, SOURCES

SCALE = 2
# {picture in a plugin: drawing}
PICTURES = {
    "holysheep_model/_assets/credentials.png": "dify-credentials.svg",
    "holysheep_tool/_assets/credentials.png": "dify-credentials.svg",
    "holysheep_tool/_assets/node.png": "dify-holysheep-llm.svg",
}


def size_of(drawing):
    """Width and height of a drawing, in its own pixels."""
    found = re.search(r'width="(\d+)" height="(\d+)"', drawing.read_text(encoding="utf-8"))
    return int(found[1]), int(found[2])


def draw(drawing, target):
    width, height = size_of(drawing)
    with tempfile.TemporaryDirectory() as work:
        page = Path(work) / "page.html"
        page.write_text('<body style="margin:0">' + drawing.read_text(encoding="utf-8"))
        subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu",
                        "--hide-scrollbars", f"--force-device-scale-factor={SCALE}",
                        f"--window-size={width},{height}", f"--user-data-dir={work}/profile",
                        f"--screenshot={target}", page.as_uri()],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)


def main():
    for name, drawing in PICTURES.items():
        draw(ROOT / "docs/images" / drawing, SOURCES / name)
        print(name)


if __name__ == "__main__":
    main()
