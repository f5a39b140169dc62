"""Ends a text at the first stop word, for upstreams that go past it."""

from __future__ import annotations

from collections.abc import Sequence


class StopWords:
    """Feed it the text piece by piece; it gives back what may be shown.

    It holds back as many characters as could be the beginning of a stop word.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = [word for word in words if word]
        self._held = ""
        # A stop word came: nothing more will be shown.
        self.ended = False

    def feed(self, text: str) -> str:
        if self.ended:
            return ""
        if not self._words:
            return text
        self._held += text
        ends = [at for word in self._words if (at := self._held.find(word)) >= 0]
        if ends:
            self.ended = True
            shown, self._held = self._held[: min(ends)], ""
            return shown
        keep = self._beginning()
        shown, self._held = self._held[: len(self._held) - keep], self._held[-keep:] if keep else ""
        return shown

    def rest(self) -> str:
        """At the end of the text: what was held back in vain."""
        rest, self._held = self._held, ""
        return rest

    def _beginning(self) -> int:
        """Characters at the end of the held text that may begin a stop word."""
        longest = max(len(word) for word in self._words) - 1
        for size in range(min(longest, len(self._held)), 0, -1):
            if any(word.startswith(self._held[-size:]) for word in self._words):
                return size
        return 0
