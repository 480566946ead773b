"""What only a run itself could find out about an answer, kept for whoever looks at the run later.

That are the scores of a judge, and what a user's own checks found: a shell asks no judge, and the
functions of a `conftest.py` may be gone. A line of the run file holds both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from pytest_llmreplay.cassette.yaml_text.fields import Fields, WrongField
from pytest_llmreplay.compare.check import Check, Diverged, Finding, Held
from pytest_llmreplay.compare.checks.own import Own, StoredWord, Word, not_here
from pytest_llmreplay.compare.judged import Score
from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.calls.call import Call
from pytest_llmreplay.replay.entry import Result

from .row_reading import identity_of

__all__ = ["NO_OPINIONS", "Opinions", "opinions_of", "opinions_row", "read_opinions"]

Side: TypeAlias = Literal["baseline", "replayed"]
_SIDES: tuple[Side, ...] = get_args(Side)

_ROW = frozenset(["judged", "scores", "own", "judge", "reasons"])
_CALL = frozenset(["cassette", "key", "occurrence", "label", "target", "sample"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """What was thought of one answer."""

    scores: Mapping[Side, float | None] = field(default_factory=dict)
    """Of a judge, 0 to 1, none where it gave none; empty where no judge was asked."""
    own: Mapping[str, Word] = field(default_factory=dict)
    """What a user's checks found, as they are written."""
    judge: str = "judge"
    """Who gave the scores."""
    reasons: Mapping[Side, str] = field(default_factory=dict)
    """In the judge's words, why it gave a score, or why there is none."""

    def told(self, checks: Sequence[Check]) -> list[Check]:
        """Checks that can be asked: those of a user that are gone say what they found then."""
        return [
            StoredWord(spec=one.spec, gated=one.gated, asked=one.asked, word=self.own.get(one.spec))
            if isinstance(one, Own) and one.function is not_here
            else one
            for one in checks
        ]

    def pair_scores(self) -> Mapping[str, Score] | None:
        """The scores as checks take them."""
        return {side: self._score(side) for side in self.scores} or None

    def _score(self, side: Side) -> Score:
        value, reason = self.scores[side], self.reasons.get(side, "")
        if value is not None:
            return Score(value=value, explanation=reason, target=self.judge)
        return Score(value=None, target=self.judge, problem=reason or "the judge gave no score")


NO_OPINIONS = Opinions()


def opinions_of(result: Result) -> Opinions | None:
    """What a result holds of them; none where there is nothing to keep."""
    if result.pair is None or result.reply is None:
        return None
    scores = result.pair.scores or {}
    named = {check.spec for check in result.entry.checks if isinstance(check, Own)}
    own = {
        judged.finding.check: _word(judged.finding)
        for judged in result.comparison.judged
        if judged.finding.check in named
    }
    if not (scores or own):
        return None
    given = {side: scores[side] for side in _SIDES if side in scores}
    reasons = {side: one.problem or one.explanation for side, one in given.items()}
    return Opinions(
        scores={side: one.value for side, one in given.items()},
        own=own,
        judge=next((one.target for one in given.values() if one.target), "judge"),
        reasons={side: reason for side, reason in reasons.items() if reason},
    )


def opinions_row(
    result: Result, opinions: Opinions, clean: Callable[[str], str]
) -> dict[str, Json]:
    """The line of a run file.

    Args:
        result: What the opinions are about.
        opinions: Of a judge and of a user's checks.
        clean: Takes secrets out of the judge's words.
    """
    entry, identity = result.entry, result.entry.identity
    row: dict[str, Json] = {
        "judged": {
            "cassette": identity.cassette,
            "key": identity.key,
            "occurrence": identity.occurrence,
            "label": identity.label,
            "target": entry.target.name,
            "sample": entry.sample,
        },
        "scores": dict(opinions.scores.items()),
        "own": dict(opinions.own.items()),
    }
    if opinions.reasons:
        row["judge"] = opinions.judge
        row["reasons"] = {side: clean(reason) for side, reason in opinions.reasons.items()}
    return row


def read_opinions(row: Json) -> tuple[Call, Opinions]:
    """The call that a line is about, whatever was sent, and what was thought of its answer.

    Raises:
        WrongField: A member is missing, or is something else.
    """
    whole = Fields(row, (), _ROW)
    fields = Fields(whole.value.get("judged"), ("judged",), _CALL)
    scores, own = (_mapping(whole, key) for key in ("scores", "own"))
    reasons = whole.texts_by_name("reasons")
    return (
        Call(
            identity=identity_of(fields),
            target=fields.text("target"),
            digest=None,
            sample=fields.integer("sample"),
        ),
        Opinions(
            scores={side: _share(scores[side]) for side in _SIDES if side in scores},
            own={spec: word for spec, word in own.items() if word in get_args(Word)},  # type: ignore[misc]  # looked at
            judge=whole.text_or_none("judge") or "judge",
            reasons={side: reasons[side] for side in _SIDES if side in reasons},
        ),
    )


def _mapping(fields: Fields, key: str) -> dict[str, Json]:
    value = fields.value.get(key)
    if not isinstance(value, dict):
        raise WrongField((key,), "expected keys and values")
    return value


def _share(value: Json) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise WrongField(("scores",), "expected numbers from 0 to 1")
    return float(value)


def _word(finding: Finding) -> Word:
    if isinstance(finding, Held):
        return "held"
    return "diverged" if isinstance(finding, Diverged) else "not measured"
