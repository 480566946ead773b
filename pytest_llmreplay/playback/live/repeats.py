"""Attempts of a call that the SDK repeated: a note of the last one, no events of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pytest_llmreplay.event import Attempt, Event, HttpResponse

from .recorded import Recorded

__all__ = ["without_repeats"]


def without_repeats(recorded: Iterable[Recorded]) -> list[tuple[str, Event]]:
    """Match key and event of each call, in the order of sending, with its earlier attempts."""
    kept: dict[int, tuple[str, Event]] = {}
    earlier: dict[str, list[Recorded]] = {}
    for one in sorted(recorded, key=lambda one: one.number):
        tries = earlier.setdefault(one.key, [])
        if one.retry == 0:
            tries.clear()
        if one.retry and tries:
            kept.pop(tries[-1].number, None)
        measured = replace(one.event.measured, attempts=_attempts(tries if one.retry else ()))
        kept[one.number] = one.key, replace(one.event, measured=measured)
        tries.append(one)
    return [*kept.values()]


def _attempts(tries: Iterable[Recorded]) -> tuple[Attempt, ...]:
    return tuple(
        Attempt(status=_status(one.event), duration=one.event.measured.duration or 0.0)
        for one in tries
    )


def _status(event: Event) -> int | None:
    response = event.exchange.response
    return response.status if isinstance(response, HttpResponse) else None
