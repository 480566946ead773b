"""The sentences about one metric of one target."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.compare.figures.numbers import money
from pytest_llmreplay.compare.statistics.reach import Preflight
from pytest_llmreplay.compare.statistics.rules import FEWEST_SESSIONS, Verdict
from pytest_llmreplay.report.text.sanitise import safe_line

from .figures import broke, broken, digits_for, listed, points, rare, score, share, signed

__all__ = ["VerdictWords"]

_CALIBRATION = 10
"""Samples that a calibration takes where nothing else is said."""


class VerdictWords:
    """The sentences of one verdict.

    Args:
        verdict: What was decided.
        target: Name of the target, as people know it.
    """

    _fresh = "fresh answers"
    """What bears a regression out."""

    def __init__(self, verdict: Verdict, target: str) -> None:
        self._verdict = verdict
        self._target, self._metric = safe_line(target), safe_line(verdict.metric)
        bounds = (verdict.low, verdict.high, verdict.change)
        self._digits = digits_for((v for v in bounds if v is not None), verdict.margin)

    def ok(self) -> Iterator[str]:
        """What held, and what is ruled out."""
        yield f"No regression {self._where()}."
        yield f"{self._found()}."
        ruled_out = f"a drop of {self._points(self._verdict.margin)} points or more is ruled out."
        if self._verdict.change is None:
            yield f"Even beside a model that always holds, {ruled_out}"
        else:
            yield f"{self._change()} ({self._confidence()} interval); {ruled_out}"

    def regression(self) -> Iterator[str]:
        """How much worse it is, how sure that is, and where to look."""
        found = self._found(", the recorded model itself ")
        yield f"{self._target} is worse {self._where()}: {found}."
        yield f"An unchanged model would look this bad in {rare(self._verdict.p)} runs."
        yield f"{self._drop()}."
        yield from self._confirmed()
        yield from self._suspects()

    def inconclusive(self, found: Preflight | None, cost: float | None) -> Iterator[str]:
        """Why nothing was decided, and what would help.

        Args:
            found: What a larger run could see.
            cost: Estimated dollars of a calibration, where there is none.
        """
        verdict = self._verdict
        match verdict.reason:
            case "no_noise_floor":
                yield from self._no_noise_floor(cost)
            case "not_measured":
                yield from self._not_measured()
            case "too_few_sessions":
                yield (
                    f"{verdict.sessions} sessions say nothing about others: it takes at least "
                    f"{FEWEST_SESSIONS}."
                )
            case "local_break":
                yield f"Fine on average, but {broke(verdict.changed[0], graded=verdict.graded)}."
            case "small_real_drop":
                yield (
                    f"A small drop is real ({self._points(-(verdict.change or 0))} points) but may "
                    f"or may not exceed your margin of {self._points(verdict.margin)}."
                )
            case "not_confirmed":
                yield from self._not_confirmed()
            case _:
                yield from self._too_few(found)

    def _too_few(self, found: Preflight | None) -> Iterator[str]:
        yield f"Not enough answers to decide: {self._change(start='the change')}."
        yield from self._too_few_groups(found)
        drop = self._verdict.smallest_drop
        advice = list(self._advice(found))
        if drop is not None:
            end = "; " + "; ".join(advice) if advice else ""
            yield f"This run could have seen a drop of {points(drop)} points{end}."

    def _too_few_groups(self, found: Preflight | None) -> Iterator[str]:
        if found is not None and found.by_groups and not found.ok_in_reach:
            unit = "sessions" if self._verdict.scope == "sessions" else "events"
            yield f"An ok takes {found.fewest_passes:,} {unit} at least."

    def _advice(self, found: Preflight | None) -> Iterator[str]:
        now = self._verdict.samples
        if found is None:
            return
        if found.samples_for_aim is not None and found.samples_for_aim > now:
            samples = found.samples_for_aim
            yield f"to see {points(found.aim)} points use --llm-samples {samples}"
        if found.samples_for_ok is not None and found.samples_for_ok > now:
            yield f"to prove an unchanged model ok use --llm-samples {found.samples_for_ok}"

    def _no_noise_floor(self, cost: float | None) -> Iterator[str]:
        verdict = self._verdict
        unknown = "nobody knows how often the recorded model differs from itself"
        every = missing = len(verdict.left_out)
        if verdict.calibration_samples:
            every += verdict.events
            have = f"{missing:,} events have" if missing > 1 else "1 event has"
            yield f"{have} no calibration ({listed(verdict.left_out)}):"
            yield f"{unknown} there."
        else:
            yield f"{self._found()}, but {unknown}."
        yield self._advice_to_calibrate(every, cost)

    def _advice_to_calibrate(self, events: int, cost: float | None) -> str:
        price = f", about {money(cost)}" if cost is not None else ""
        return f"Run --llm-calibrate ({events * _CALIBRATION:,} calls{price})."

    def _not_measured(self) -> Iterator[str]:
        verdict = self._verdict
        if not verdict.answers:
            yield f"{self._metric} was measured in no answer."
            return
        every = verdict.answers + verdict.not_measured
        gone = f"{verdict.not_measured:,} of {every:,} answers"
        yield f"{self._metric} could not be measured in {gone}, and what they were decides."

    def _where(self) -> str:
        verdict = self._verdict
        if verdict.scope == "sessions":
            return f"in sessions like these {verdict.sessions:,}"
        return f"on these {verdict.events:,} events" if verdict.events > 1 else "on this event"

    def _found(self, own: str = "; the recorded model itself: ") -> str:
        verdict = self._verdict
        answers = f"{verdict.answers:,} answers" if verdict.answers > 1 else "1 answer"
        shown = score if verdict.graded else share
        verb, link = ("scored", "over") if verdict.graded else ("held in", "of")
        now = f"{self._metric} {verb} {shown(verdict.target_mean)} {link} {answers}"
        if verdict.calibration_mean is None:
            return now
        return f"{now}{own}{shown(verdict.calibration_mean)}"

    def _change(self, start: str = "The true change") -> str:
        return f"{start} is {self._interval()}"

    def _drop(self) -> str:
        lost = self._lost()
        return self._change() if lost is None else f"The true drop is {lost}"

    def _interval(self) -> str:
        ends = (self._verdict.low or 0, self._verdict.high or 0)
        low, high = (signed(end, self._digits) for end in ends)
        return f"between {low} and {high} points"

    def _lost(self) -> str | None:
        """The interval of a loss; none where there may be none."""
        low, high = self._verdict.low or 0, self._verdict.high or 0
        if high >= 0:
            return None
        return f"between {self._points(-high)} and {self._points(-low)} points"

    def _confirmed(self) -> Iterator[str]:
        fresh = self._verdict.fresh_answers
        if fresh:
            yield f"{fresh:,} {self._fresh} of the recorded model bear it out."
        elif fresh == 0:
            yield "No fresh answer of the recorded model was judged, so that none bears it out."

    def _not_confirmed(self) -> Iterator[str]:
        yield "A drop was seen, but fresh answers of the recorded model do not confirm it."

    def _suspects(self) -> Iterator[str]:
        likely = [event for event in self._verdict.changed if event.is_likely]
        if likely:
            yield f"Most likely: {broken(likely, graded=self._verdict.graded)}."
        elif self._verdict.changed:
            named = broken(self._verdict.changed, graded=self._verdict.graded)
            yield f"Most changed, none of them provable by itself: {named}."

    def stopped(self) -> Iterator[str]:
        """What was saved by an early decision."""
        verdict = self._verdict
        last = verdict.looks[-1].samples if verdict.looks else 0
        if verdict.outcome != "inconclusive" and verdict.samples < last:
            every = verdict.events * last
            saved = verdict.events * (last - verdict.samples)
            yield (
                f"Stopped after {verdict.samples} of {last} samples per event: {saved:,} of "
                f"{every:,} calls saved; the early-stop rule is priced into the numbers."
            )

    def scope(self) -> str:
        """What the verdict speaks about."""
        verdict = self._verdict
        if verdict.scope == "events":
            return "About these events only."
        return f"About sessions like these {verdict.sessions:,}."

    def _confidence(self) -> str:
        return f"{100 * (1 - 2 * self._verdict.level):.0f} %"

    def _points(self, value: float) -> str:
        return points(value, self._digits)
