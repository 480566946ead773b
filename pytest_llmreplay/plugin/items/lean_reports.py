"""Reports that are small and few, because pytest keeps three of every item until its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

__all__ = ["LeanReports"]

_SHOWN = 0.005
"""Seconds; `--durations` shows nothing shorter unless it is asked to."""


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
