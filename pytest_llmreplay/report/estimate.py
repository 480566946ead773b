"""What a replay would cost, before anything is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pytest_llmreplay.compare.figures.numbers import DASH, many, money, tokens
from pytest_llmreplay.compare.figures.prices import price_data
from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.money.estimate import Estimate
from pytest_llmreplay.report.text.layout import columns, fit_tail, left, right, wrapped
from pytest_llmreplay.report.text.sanitise import finished, safe_line

__all__ = ["estimate_json", "estimate_lines"]

_HEADS = ("calls", "input tokens", "output tokens", "cost")
_GAP = 2
_WIDE, _BROAD = 80, 100
_BY = {
    "tiktoken": "counted by tiktoken",
    "estimate": "estimated, a quarter of a token for a character",
}


def estimate_lines(
    estimates: Sequence[Estimate],
    width: int,
    *,
    prices: str | None = None,
    recorded: bool = True,
) -> list[str]:
    """Calls, tokens and cost of each target, and what has no price.

    Args:
        estimates: One for each target and judge.
        width: Columns of a line.
        prices: Name and version of the price list; by default that of the installed one.
        recorded: Whether all answers are the recorded ones.
    """
    if not estimates:
        return [f"nothing would be sent{': the answers are the recorded ones' * recorded}"]
    lines = [*_table(estimates, min(width, _BROAD if width > _WIDE else _WIDE)), ""]
    for note in _notes(estimates, prices or _prices(estimates)):
        lines += wrapped(note, width, indent="  ")
    return finished(lines)


def estimate_json(estimates: Sequence[Estimate]) -> Json:
    """The estimates as JSON; money in USD."""
    return {
        "prices": _prices(estimates),
        "targets": [
            {
                "target": one.target,
                "calls": one.calls,
                "events": one.events,
                "samples": one.samples,
                "input_tokens": one.input_tokens,
                "output_tokens": one.output_tokens,
                "cost": one.cost if one.priced else None,
                "tokens_not_from_usage": sum(one.guessed.values()),
                "unpriced": {**one.unpriced},
                "local": one.local,
                "not_replayed": {**one.left_out},
                "confirming": one.confirming,
            }
            for one in estimates
        ],
    }


def _table(estimates: Sequence[Estimate], width: int) -> Iterator[str]:
    rows = [_cells(one) for one in estimates]
    if len(rows) > 1:
        rows.append(_total(estimates))
    sizes = [
        max(map(columns, (head, *column))) + _GAP
        for head, column in zip(
            _HEADS, zip(*(cells for _, cells in rows), strict=True), strict=True
        )
    ]
    room = max(width - sum(sizes), 1)
    for name, cells in [("", _HEADS), *rows]:
        shown = left(fit_tail(safe_line(name), room), room)
        yield shown + "".join(right(cell, size) for cell, size in zip(cells, sizes, strict=True))


def _cells(one: Estimate) -> tuple[str, tuple[str, ...]]:
    cost = f"about {money(one.cost)}" if one.priced else DASH
    counts = (f"{one.calls:,}", tokens(one.input_tokens), tokens(one.output_tokens))
    return one.target, (*counts, cost)


def _total(estimates: Sequence[Estimate]) -> tuple[str, tuple[str, ...]]:
    return _cells(
        Estimate(
            target="together",
            calls=sum(one.calls for one in estimates),
            input_tokens=sum(one.input_tokens for one in estimates),
            output_tokens=sum(one.output_tokens for one in estimates),
            cost=sum(one.cost for one in estimates),
            priced=sum(one.priced for one in estimates),
        )
    )


def _prices(estimates: Sequence[Estimate]) -> str:
    return price_data({one.own_price for one in estimates if one.priced})


def _notes(estimates: Sequence[Estimate], prices: str) -> Iterator[str]:
    yield f"nothing was sent; tokens as recorded, prices of {prices}"
    yield from _samples(estimates)
    yield f"not in it: {_beside(estimates)}"
    if unpriced := _sum(one.unpriced for one in estimates):
        named = ", ".join(f"{name} ({many(count, 'call')})" for name, count in unpriced.items())
        yield f"no list price, not in the sum: {safe_line(named)}"
    if local := sum(one.local for one in estimates):
        yield f"on this machine, without a price: {many(local, 'call')}"
    for source, count in _sum(one.guessed for one in estimates).items():
        yield f"no usage was recorded: tokens of {many(count, 'call')} are {_BY[source]}"
    if left_out := _most(one.left_out for one in estimates):
        named = ", ".join(f"{count:,} {reason}" for reason, count in left_out.items())
        yield f"not replayed: {safe_line(named)}"


def _samples(estimates: Sequence[Estimate]) -> Iterator[str]:
    """How often each event is sent, where it is not once; by target where they differ."""
    often = {one.target: _often(one) for one in estimates if one.samples > 1}
    for samples in dict.fromkeys(often.values()):
        names = [target for target, how in often.items() if how == samples]
        alone = len(names) == len(estimates)
        yield safe_line(f"each event {samples}" + ("" if alone else f": {', '.join(names)}"))


def _often(one: Estimate) -> str:
    return f"up to {one.samples} times, all counted" if one.at_most else f"{one.samples} times"


def _beside(estimates: Sequence[Estimate]) -> str:
    models, judges = (
        sum(one.confirming for one in estimates if one.is_judge is is_judge)
        for is_judge in (False, True)
    )
    if not models:
        return "retries"
    calls = f"{many(models, 'call')} of the recorded model"
    judging = f" and up to {judges:,} of the judge" if judges else ""
    return f"retries, and {calls}{judging} if a regression is to be confirmed"


def _sum(counters: Iterator[Counter[str]]) -> Mapping[str, int]:
    return sum(counters, Counter())


def _most(counters: Iterator[Counter[str]]) -> Mapping[str, int]:
    """Events by reason, of the target that has most: the same events go to every target."""
    most: Counter[str] = Counter()
    for counter in counters:
        most |= counter
    return most
