"""What is said about an event that failed: what differs, where, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pytest_llmreplay.compare.answers.content import tokens_of
from pytest_llmreplay.compare.check import Diverged, Pair
from pytest_llmreplay.compare.figures.numbers import many, money, seconds, tokens
from pytest_llmreplay.compare.figures.prices import cost
from pytest_llmreplay.compare.outcome import Comparison
from pytest_llmreplay.report.text.diff import Difference, differences
from pytest_llmreplay.report.text.layout import columns, fit, wrapped
from pytest_llmreplay.report.text.sanitise import GUTTER, finished, guttered, safe_line

from .place import Standing, command_lines, labelled, listed, standing_lines
from .samples import SamplesView, held_words, sample_lines

__all__ = ["DivergenceView", "FailureView", "divergence_text", "failure_text"]

_ARROW = "\u2192"


@dataclass(frozen=True, slots=True, kw_only=True)
class DivergenceView:
    """An event whose answer was compared."""

    pair: Pair
    comparison: Comparison
    standing: Standing
    target: str
    """Name of the target, as the node id has it."""
    baseline: str = "recorded"
    """Which answer it is compared with: `recorded`, or `accepted` of this target."""
    sent: tuple[str, ...] = ()
    """What was changed in the request or lost in its conversion, in words."""
    checks: tuple[str, ...] = ()
    """Checks that the cassette itself asks for."""
    accept: str | None = None
    """Command that accepts the answer."""
    see: str | None = None
    """Command that shows the whole answers, where there is one."""
    taken_from: str | None = None
    """The earlier run that asked for the answer."""
    samples: SamplesView | None = None
    """All answers to the event, of which this one stands for those that do not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureView:
    """An event that gave nothing to compare."""

    problem: str
    """What happened, in the words of the server or the network."""
    standing: Standing
    target: str
    sent: tuple[str, ...] = ()
    again: str | None = None
    """Command that tries it again."""
    told: str | None = None
    """Where an earlier event with the same problem stands, which was told whole."""
    samples: SamplesView | None = None


def divergence_text(view: DivergenceView, width: int) -> str:
    """The failure of an event: headline, place, difference, what held, how to go on."""
    room = width - len(GUTTER)
    blocks = [
        standing_lines(view.standing, room),
        *_findings(view, room),
        [*sample_lines(view.samples, room), *_figures(view, room)],
        list(_ways_on(view, room)),
    ]
    return _text(_headline(view.comparison), blocks, width, held_words(view.samples))


def failure_text(view: FailureView, width: int) -> str:
    """The failure of an event that has no answer."""
    room = width - len(GUTTER)
    headline = f"error: {' '.join(view.problem.split())}"
    problem = [row for line in view.problem.split("\n") for row in wrapped(safe_line(line), room)]
    if columns(safe_line(headline)) <= width:
        problem = []  # the headline says it all
    if view.told is not None:
        place = [*standing_lines(view.standing, room), *labelled("as above", view.told, room)]
        blocks = [place, sample_lines(view.samples, room)]
        return _text(headline, blocks, width, held_words(view.samples))
    blocks = [
        standing_lines(view.standing, room),
        [*labelled("target", view.target, room), *listed("sent with", view.sent, room)],
        problem,
        sample_lines(view.samples, room),
        command_lines("try again", view.again, room),
    ]
    return _text(headline, blocks, width, held_words(view.samples))


def _text(headline: str, blocks: Sequence[list[str]], width: int, held: str) -> str:
    lines = [fit(safe_line(headline), width - len(held)) + held]
    for block in blocks:
        if block:
            lines += ["" if len(lines) == 1 else GUTTER.rstrip(), *guttered(block)]
    return "\n".join(finished(lines))


def _headline(comparison: Comparison) -> str:
    if comparison.error is not None:
        return f"error: {' '.join(comparison.error.split())}"
    if comparison.diverged:
        worst = comparison.diverged[0]
        return f"{worst.check}: {worst.headline}"
    if comparison.not_measured:
        first = comparison.not_measured[0]
        return f"{first.check}: not measured, {first.reason}"
    return f"{comparison.outcome.replace('_', ' ')}: {', '.join(comparison.unjudged)}"


def _findings(view: DivergenceView, width: int) -> Iterator[list[str]]:
    """Who answered, and what each check found, the worst with all it has to say."""
    comparison = view.comparison
    if not comparison.diverged:
        yield [*_recorded(view, width), *_replayed(view, width), *_problem(comparison, width)]
        return
    who = _who(view, width)
    for place, finding in enumerate(comparison.diverged):
        difference = differences(finding.recorded, finding.replayed, width)
        head = (
            who if place == 0 else labelled("also", f"{finding.check}: {finding.headline}", width)
        )
        if place == 0 and len(difference.places) == 1:
            yield _only_place(view, difference, finding, width)
        else:
            apart = [""] if place == 0 and difference.places else []
            yield [*head, *apart, *_places(difference), *_note(finding, width)]


def _only_place(
    view: DivergenceView, difference: Difference, finding: Diverged, width: int
) -> list[str]:
    """The only place that differs, each side below the name of who said so."""
    recorded, replayed = _recorded(view, width), _replayed(view, width)
    only = difference.places[0]
    return [*recorded, *only.recorded, *replayed, *only.replayed, *_note(finding, width)]


def _who(view: DivergenceView, width: int) -> list[str]:
    """Both sides, each behind the sign that its lines carry further down, if there are any."""
    lines = any(found.recorded or found.replayed for found in view.comparison.diverged)
    then, now = ("- ", "+ ") if lines else ("", "")
    return [*_recorded(view, width, then), *_replayed(view, width, now)]


def _recorded(view: DivergenceView, width: int, sign: str = "") -> list[str]:
    event = view.pair.baseline
    day = (event.measured.at or "")[:10]
    model = event.response.model or event.measured.model or event.model
    return labelled(sign + view.baseline, ", ".join(filter(None, (model, day))), width)


def _replayed(view: DivergenceView, width: int, sign: str = "") -> list[str]:
    event = view.pair.replayed
    model = event.response.model or event.measured.model or view.target
    named = view.target if model == view.target else f"{view.target} (answered by {model})"
    if view.taken_from is not None:
        named += f", taken over from {view.taken_from}"
    return [*labelled(f"{sign}replayed", named, width), *listed("sent with", view.sent, width)]


def _problem(comparison: Comparison, width: int) -> list[str]:
    if comparison.error is None:
        return []
    return [row for line in comparison.error.split("\n") for row in wrapped(safe_line(line), width)]


def _places(difference: Difference) -> Iterator[str]:
    """All places, apart by an empty line."""
    for index, place in enumerate(difference.places):
        if index:
            yield ""
        if place.line is not None and (len(difference.places) > 1 or difference.more):
            yield f"line {place.line}"
        yield from place.recorded
        yield from place.replayed
    if difference.more:
        yield f"and {many(difference.more, 'more place')}"


def _note(finding: Diverged, width: int) -> list[str]:
    return wrapped(safe_line(finding.note), width) if finding.note else []


def _figures(view: DivergenceView, width: int) -> Iterator[str]:
    """What held, what was only reported, what had no figure."""
    comparison = view.comparison
    if comparison.error is not None:
        return
    held = (held.check for held in comparison.held if not held.idle)
    yield from listed("held", held, width)
    yield from listed("reported", _reported(view.pair), width)
    for finding in comparison.reported:
        yield from labelled("warned", f"{finding.check}: {finding.headline}", width)
    for blind in comparison.not_measured:
        yield from labelled("unmeasured", f"{blind.check}: {blind.reason}", width)


def _reported(pair: Pair) -> Iterator[str]:
    then, now = pair.baseline, pair.replayed
    if pair.live and pair.unmeasured is None:
        yield from _moved("latency", seconds, then.measured.duration, now.measured.duration)
    kind = "output_tokens"
    yield from _moved("output tokens", tokens, tokens_of(then, kind), tokens_of(now, kind))
    if pair.scores is not None:
        scored = (pair.scores[side].value for side in ("baseline", "replayed"))
        yield from _moved("judge", "{:.2f}".format, *scored)
    if pair.live:
        yield from _moved("cost", money, cost(then), cost(now))


def _moved(
    name: str, show: Callable[[float], str], then: float | None, now: float | None
) -> Iterator[str]:
    if now is not None:
        yield f"{name} {show(now)}" if then is None else f"{name} {show(then)} {_ARROW} {show(now)}"


def _ways_on(view: DivergenceView, width: int) -> Iterator[str]:
    yield from command_lines("see all", view.see, width)
    if view.comparison.diverged:
        yield from command_lines("accept", view.accept, width)
    yield from _let_go(view, width)


def _let_go(view: DivergenceView, width: int) -> list[str]:
    """The checks to write into the cassette, with what diverged as a mere report."""
    comparison = view.comparison
    broken = [finding.check for finding in comparison.diverged]
    if not broken and comparison.outcome == "not_measured" and comparison.fails:
        broken = [judged.finding.check for judged in comparison.judged if judged.is_blind]
    if not broken:
        return []
    kept = [spec for spec in view.checks if spec not in broken]
    specs = ", ".join([*kept, *(f"warn:{spec}" for spec in broken)])
    return labelled(
        "let go", f"checks: [{specs}] in event {view.standing.event} of the cassette", width
    )
