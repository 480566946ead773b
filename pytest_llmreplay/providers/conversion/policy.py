"""What is done about a loss: its event is not sent, or it is sent and the loss is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias, cast, get_args

from .losses import gravity_of

__all__ = ["LossPolicy", "OnLoss"]

OnLoss: TypeAlias = Literal["fail", "warn", "ignore"]
"""What a lost code does to its event: it is not sent, it is sent and told, it is sent."""


class LossPolicy:
    """Which losses stop an event, and which are told.

    Args:
        lines: `fail`, `warn` or `ignore` for all codes, and `CODE=WORD` for one code or family;
            the longest code that fits counts.

    Raises:
        ValueError: A line is neither; the message says which.
    """

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._all: OnLoss | None = None
        self._codes: dict[str, OnLoss] = {}
        for line in filter(None, (text.strip() for text in lines)):
            code, equals, word = (text.strip() for text in line.rpartition("="))
            if word not in get_args(OnLoss) or (equals and not code):
                raise ValueError(
                    f"{line!r} is none of {', '.join(get_args(OnLoss))} or CODE=WORD, as in "
                    "seed=ignore"
                )
            if equals:
                self._codes[code] = cast("OnLoss", word)
            else:
                self._all = cast("OnLoss", word)

    def of(self, code: str) -> OnLoss | Literal["error"] | None:
        """What a code does; none for what is added or only changed."""
        gravity = gravity_of(code)
        if gravity is None or gravity == "error":
            return gravity
        families = (code[:end] for end in _ends(code))
        named = next((self._codes[name] for name in families if name in self._codes), None)
        return named or self._all or gravity

    def refused(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The codes that stop an event."""
        return tuple(code for code in codes if self.of(code) in {"fail", "error"})

    def reported(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The codes that are told, though the event is sent."""
        return tuple(code for code in codes if self.of(code) == "warn")


def _ends(code: str) -> list[int]:
    """Where a code and the families above it end, the longest first."""
    return [len(code), *(place for place in reversed(range(len(code))) if code[place] == ".")]
