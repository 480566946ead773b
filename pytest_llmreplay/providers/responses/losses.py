"""What became of the parts of a request that a format cannot take over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import is_blank

__all__ = ["Losses"]


class Losses:
    """Codes, each once, in the order in which they were found."""

    def __init__(self) -> None:
        self._codes: dict[str, None] = {}

    def lost(self, code: str) -> None:
        """The target cannot say it."""
        self._codes[code] = None

    def added(self, code: str) -> None:
        """The target demands it, and nobody had said it."""
        self._codes[f"+{code}"] = None

    def changed(self, code: str) -> None:
        """It is said in another way."""
        self._codes[f"~{code}"] = None

    def left(
        self, extra: Mapping[str, Json], *, known: Iterable[str] = (), prefix: str = ""
    ) -> None:
        """Whatever no rule took is lost under its own name, unless it says nothing."""
        for key, value in extra.items():
            if key not in known and not is_blank(value):
                self.lost(f"{prefix}{key}")

    @property
    def codes(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(self._codes)
