"""Reports that are small, because pytest keeps three of every item until its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

__all__ = ["LeanReports"]


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
