"""A tool's parameters, as checked values.

A variable of the workflow can be of any type, so a number may come as text.
None and blank text are parameters that are not set.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from holysheep_client.dify import bad_request


class Parameters:
    """Every method raises NodeError, of kind BAD_REQUEST, naming the parameter."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        value = self._values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise bad_request(f"{name} must be text, not {_kind(value)}.")
        return value if value.strip() else ""

    def flag(self, name: str) -> bool:
        """Of a checkbox; not set is false."""
        value = self._values.get(name)
        if isinstance(value, str):
            value = {"true": True, "false": False, "": False}.get(value.strip().lower(), value)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise bad_request(f"{name} must be true or false, not {_kind(value)}.")

    def number(self, name: str) -> float | None:
        value = self._values.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            if isinstance(value, bool):
                raise TypeError
            number = float(value)
        except (TypeError, ValueError):
            raise bad_request(f"{name} must be a number, not {_kind(value)}.") from None
        if not math.isfinite(number):
            raise bad_request(f"{name} must be a finite number.")
        return number

    def whole(self, name: str) -> int | None:
        number = self.number(name)
        if number is None:
            return None
        if number != int(number) or abs(number) >= 2**31:
            raise bad_request(f"{name} must be a whole number below {2**31}.")
        return int(number)


def _kind(value: object) -> str:
    return {
        str: "text",
        bool: "a truth value",
        list: "a list",
        dict: "an object",
        int: "a number",
        float: "a number",
    }.get(type(value), "something else")
