"""Spares Python and pytest work that grows with the number of events in a replay.

Modules and items are made in one go and stay; Python's collector would look at all of them again
and again, for an eighth of the time that collecting many events takes, and pytest twice more at its
end. What a replay makes then is freed without it, and looking as often as Python does takes a
twentieth of the processor's time. Pytest keeps three reports of every item until its end, so that
these are small and few.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

__all__ = ["LeanReports", "made_to_stay", "seldom_garbage", "spares"]

_SELDOM = (50_000, 20, 50)
_OF_PYTHON = 5_000
"""More objects than Python 3.12 spares by itself, as they are immortal; `gc.freeze` spares all."""

_SHOWN = 0.005
"""Seconds; `--durations` shows nothing shorter unless it is asked to."""


@contextmanager
def made_to_stay() -> Iterator[None]:
    """Collect no garbage while things are made that stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def spares(config: pytest.Config) -> Callable[[], None]:
    """What lets the collector look no more at what there is, until pytest has done all else.

    Asked for before pytest prepares its own end, which undoes things in the opposite order.
    """
    if gc.get_freeze_count() > _OF_PYTHON:  # somebody has reasons of his own
        return lambda: None
    config.add_cleanup(gc.unfreeze)
    return gc.freeze


@contextmanager
def seldom_garbage() -> Iterator[None]:
    """Have Python look for garbage less often while the block runs."""
    before = gc.get_threshold()
    if before[0]:  # none at all was somebody's wish
        gc.set_threshold(*map(max, before, _SELDOM))
    try:
        yield
    finally:
        gc.set_threshold(*before)


class LeanReports:
    """Lets the reports of one item share what is equal in them."""

    def __init__(self) -> None:
        self._keywords: Mapping[str, Any] = {}

    def share(self, item: pytest.Item, report: pytest.TestReport) -> None:
        """Take equal parts from the item and from its report before."""
        if report.keywords == self._keywords:
            report.keywords = self._keywords
        else:
            self._keywords = report.keywords
        if report.user_properties == item.user_properties:
            report.user_properties = item.user_properties

    @staticmethod
    def drop_silent(reporter: pytest.TerminalReporter) -> None:
        """Forget set-ups and tear-downs that have nothing to say.

        For each failure that it prints, pytest looks through them all.
        """
        reports = reporter.stats.get("", [])
        reporter.stats[""] = [one for one in reports if one.sections or one.duration >= _SHOWN]
