"""A check that a user wrote: `polite`, `polite:en`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pytest_llmreplay.compare.check import Finding, Pair
from pytest_llmreplay.compare.code_digest import code_digest
from pytest_llmreplay.compare.syntax.surroundings import OwnCheck
from pytest_llmreplay.event import Event

from .base import Rule

__all__ = ["Own", "StoredWord", "Word", "not_here"]

Word: TypeAlias = Literal["held", "diverged", "not measured"]
"""What a check found, without its reasons."""

_SHOWN = 300
"""Characters of what pytest says about a failed assertion."""
_SUBEXPRESSION = re.compile(r"\s*\+\s+(?:where|and) ")
"""A line in which pytest shows a part of the assertion: a whole `Response`, mostly."""
_BROKEN = "does not hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Own(Rule):
    """What a function of a user's `conftest.py` says about both calls."""

    function: OwnCheck
    argument: str | None = None

    @property
    def settings(self) -> Mapping[str, str]:
        """The function itself."""
        return {"function": code_digest(self.function)}

    def judge(self, pair: Pair) -> Finding:
        """Ask the function of the user; what it raises becomes a finding."""
        try:
            result: object = self.function(pair.baseline, pair.replayed, self.argument)
        except AssertionError as error:
            return self._wrong(str(error))
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:  # noqa: BLE001 - what `pytest.fail` raises is no Exception
            reason = f"pytest_llmreplay_checks: {type(error).__name__}: {error}"
            return self.not_measured(" ".join(reason.split()))
        if result is None or result is True:
            return self.held()
        if result is False or isinstance(result, str):
            return self._wrong(result if isinstance(result, str) else "")
        return self.not_measured(
            f"pytest_llmreplay_checks: {result!r:.60} is no bool, text or None"
        )

    def _wrong(self, problem: str) -> Finding:
        first, *rest = problem.strip().split("\n")
        words = " ".join(line for line in rest if not _SUBEXPRESSION.match(line))
        return self.diverged(
            first or _BROKEN,
            "structure",
            cause=_BROKEN,
            note=" ".join(words.split())[:_SHOWN] or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWord(Rule):
    """What a check of a user found when the answer came; its function is not asked again."""

    word: Word | None
    """None where nobody kept it."""

    def judge(self, pair: Pair) -> Finding:  # noqa: ARG002 - as every check
        """Repeat what the check found when the run was made."""
        if self.word == "held":
            return self.held()
        if self.word == "diverged":
            return self.diverged(_BROKEN, "structure")
        return self.not_measured("the run does not tell what it found")


def not_here(_baseline: Event, _replayed: Event, _argument: str | None) -> bool:
    """Stand for a check whose function nobody here can find."""
    raise NotImplementedError("nobody here can run this check")
