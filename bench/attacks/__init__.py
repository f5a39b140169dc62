"""Attacks on a running service, each of which is one function of a target."""

import pathlib
import sys

# The end-to-end tests' harness, of which the attacks use some.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/e2e"))
