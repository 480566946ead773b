"""Problems that are one and the same, however each call of a run words it."""

from __future__ import annotations

import re

__all__ = ["problem_alike"]

_NUMBER = r"\d[\d.,]*"
_TIME = rf"(?:{_NUMBER}(?:ms|[smhd]))+"
_ID = r"(?=\w*\d)\w{16,}|[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}"
_OF_ONE_CALL = re.compile(rf"(?<![\w.,-])(?:(?<!HTTP )(?:{_TIME}|{_NUMBER})|{_ID})(?![\w-])")
"""Attempts, bytes, seconds to wait, ids of requests; no HTTP status, and no name of a model."""


def problem_alike(words: str) -> str:
    """A problem on one line, without what is different in every call.

    The words of one call may be shown for all that have the same problem.
    """
    return _OF_ONE_CALL.sub("#", " ".join(words.split()))
