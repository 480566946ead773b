"""Which field an offset of a YAML text belongs to, read from the indentation alone.

The scan for secrets names places with it: it must also work on text that no parser accepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["place_of"]

_LINE = re.compile(r"(?P<indent> *)(?P<dash>- +)?(?:(?P<name>[\w.\-'\"$/]+):(?= |$))?")
_BLOCK = re.compile(r":\s+\|[-+0-9]*\s*$")


_TELLING = 200
"""As much of a line as says where it stands."""


class _Climb:
    """Steps from a line up to the root of its document."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self._limit: int | None = None
        self._dash: int | None = None
        self._index = 0

    def line(self, text: str) -> bool:
        """Take the next line above; whether there is more to find."""
        match = _LINE.match(text)
        if match is None or not text.strip():
            return True
        column = len(match["indent"])
        if self._in_list(column, dash=bool(match["dash"])):
            return True
        self._name(match, text, column)
        return self._limit != 0

    def _in_list(self, column: int, *, dash: bool) -> bool:
        if self._dash is None or column > self._dash:
            return self._dash is not None
        if column == self._dash and dash:
            self._index += 1
            return True
        self._close_item()
        return False

    def _close_item(self) -> None:
        self.steps.append(f"[{self._index}]")
        self._limit = (self._dash or 0) + 1
        self._dash = None

    def _name(self, match: re.Match[str], text: str, column: int) -> None:
        at = column + len(match["dash"] or "")
        if match["name"] and (self._limit is None or at < self._limit):
            if _BLOCK.search(text) and self._limit is not None:
                self.steps.clear()
            self.steps.append(match["name"].strip("'\""))
            self._limit = at
        if match["dash"] and (self._limit is None or column < self._limit):
            self._dash, self._index = column, 0


def place_of(text: str, at: int) -> str:
    """The field around an offset, such as `request.body.messages[0].content`."""
    climb = _Climb()
    for line in _lines_up(text, at):
        if line.startswith(("---", "...")) or not climb.line(line):
            break
    return "".join(
        step if step.startswith("[") or not number else f".{step}"
        for number, step in enumerate(reversed(climb.steps))
    )


def _lines_up(text: str, at: int) -> Iterator[str]:
    end = at
    while end >= 0:
        start = text.rfind("\n", 0, end) + 1
        yield text[start : min(end, start + _TELLING)]
        end = start - 1
