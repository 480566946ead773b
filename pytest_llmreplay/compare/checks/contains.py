"""`contains:TEXT`: the answer has these words in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from pytest_llmreplay.compare.check import Finding, Pair
from pytest_llmreplay.compare.syntax.bad_spec import BadSpec

from .base import Rule

__all__ = ["Contains"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contains(Rule):
    """Every choice contains a text, letter by letter, whatever the recorded answer says."""

    text: str

    @classmethod
    def read(cls, written: str, **asked: Any) -> Self:
        """Read what stands behind `contains:`.

        Raises:
            BadSpec: Nothing does.
        """
        if not written.strip():
            raise BadSpec("the text that the answer has to contain follows here")
        return cls(text=written, **asked)

    def judge(self, pair: Pair) -> Finding:
        """Look for the text in every choice."""
        return self.demanded(pair, [self.text in text for text in pair.now.texts], "contain it")
