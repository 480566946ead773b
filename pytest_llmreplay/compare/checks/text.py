"""`text`, `text:normalized`: the answer says the same words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from pytest_llmreplay.compare.answers.content import refused
from pytest_llmreplay.compare.answers.differences import edges
from pytest_llmreplay.compare.check import Aspect, Diverged, Finding, Pair
from pytest_llmreplay.compare.ladder import Severity

from .base import Rule

__all__ = ["Text"]

_SHOWN = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Rule):
    """The words are equal; normalised, white space, quotes and Unicode forms do not count."""

    judges: ClassVar[tuple[Aspect, ...]] = ("text",)

    normalized: bool = False

    def judge(self, pair: Pair) -> Finding:
        """Compare the words of every choice."""
        if pair.unread:
            return self.unread()
        then, now = pair.then.texts, pair.heard.texts
        if then == now:
            return self.held()
        alike = pair.then.normalized == pair.heard.normalized
        if self.normalized and alike:
            return self.held()
        return self._diverged(pair, then, now, alike=alike)

    def _diverged(
        self, pair: Pair, then: tuple[str, ...], now: tuple[str, ...], *, alike: bool
    ) -> Diverged:
        if len(then) != len(now):
            what = f"{len(now)} of {len(then)} choices"
            return self.diverged(what, "structure", cause="number of choices")
        place = next(
            i for i, (one, other) in enumerate(zip(then, now, strict=True)) if one != other
        )
        return self.diverged(
            _headline(then[place], now[place]),
            _severity(now[place], alike=alike),
            cause=_cause(then[place], now[place], alike=alike),
            recorded=tuple(then[place].split("\n")) if then[place] else (),
            replayed=tuple(now[place].split("\n")) if now[place] else (),
            note=_note(pair, place, len(then), alike=alike),
        )


@lru_cache(maxsize=1)  # `text` and `text:normalized` look at the same words
def _headline(then: str, now: str) -> str:
    if not now:
        return f"no words, recorded {_quoted(then)}"
    if not then:
        return f"says {_quoted(now)}, recorded without words"
    _, left, right, _ = edges(*_first_difference(then, now))
    if not left and not right:
        return "differs in white space alone"
    if not left:
        return f"adds {_quoted(' '.join(right))}"
    if not right:
        return f"leaves out {_quoted(' '.join(left))}"
    return f"says {_quoted(' '.join(right))}, recorded {_quoted(' '.join(left))}"


def _first_difference(then: str, now: str) -> tuple[list[str], list[str]]:
    """Words of the first line that differs; of all that differs where no line is its like."""
    _, left, right, _ = edges(then.split("\n"), now.split("\n"))
    if left and right and (first := left[0].split()) != (other := right[0].split()):
        return first, other
    return " ".join(left).split(), " ".join(right).split()


def _cause(then: str, now: str, *, alike: bool) -> str:
    if not now:
        return "no words, recorded with words"
    if not then:
        return "words, recorded without words"
    return "white space, quotes or dashes alone" if alike else "other words"


def _severity(now: str, *, alike: bool) -> Severity:
    if not now:
        return "structure"
    return "equivalent" if alike else "wording"


def _note(pair: Pair, place: int, count: int, *, alike: bool) -> str | None:
    if alike:
        return "White space, quotes and dashes alone differ: 'text:normalized' holds."
    sign = refused(pair.replayed.response)
    if sign is not None and refused(pair.baseline.response) is None:
        return f"The model refused: {sign}"
    return f"This is choice {place + 1} of {count}." if count > 1 else None


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1].rstrip()}…")
