"""`text>=0.9`: the answer says nearly the same words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pytest_llmreplay.compare.answers.similarity import TooLong, similarity
from pytest_llmreplay.compare.check import Aspect, Finding, Pair
from pytest_llmreplay.compare.syntax.bad_spec import BadSpec

from .base import Rule

__all__ = ["SIMILAR", "Similar"]

SIMILAR = "a similarity from 0 to 1 follows here: text>=0.9"
"""How the check is written."""

_SHARE = re.compile(r"0(?:\.[0-9]{1,9})?|1(?:\.0{1,9})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar(Rule):
    """Every choice has so much in common with the recorded one, character by character."""

    judges: ClassVar[tuple[Aspect, ...]] = ("text",)

    least: float

    @classmethod
    def read(cls, written: str, **asked: Any) -> Self:
        """Read what stands behind `text>=`.

        Raises:
            BadSpec: It is no share.
        """
        if _SHARE.fullmatch(written) is None:
            raise BadSpec(SIMILAR)
        return cls(least=float(written), **asked)

    def judge(self, pair: Pair) -> Finding:
        """Compare the choice that has least in common."""
        if pair.unread:
            return self.unread()
        then, now = pair.then.texts, pair.heard.texts
        if len(then) != len(now):
            what = f"{len(now)} of {len(then)} choices"
            return self.diverged(what, "structure", cause="number of choices")
        try:
            found = [similarity(one, other) for one, other in zip(then, now, strict=True)]
        except TooLong:
            return self.not_measured("the answers are too long to measure how similar they are")
        share = min(found, default=1.0)
        if share >= self.least:
            return self.held(_shown(share))
        place = found.index(share)
        return self.diverged(
            f"similarity {_shown(share)}, at least {self.least:g} asked for",
            "wording",
            cause="less similar",
            recorded=_lines(then[place]),
            replayed=_lines(now[place]),
            note=f"This is choice {place + 1} of {len(then)}." if len(then) > 1 else None,
        )


def _shown(share: float) -> str:
    """Cut, not rounded: 0.8996 is not 0.9."""
    return f"{int(share * 1000) / 1000:.3f}"


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()
