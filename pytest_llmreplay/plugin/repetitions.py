"""Repetitions of one test, as pytest-repeat makes them, share its cassette."""

from __future__ import annotations

import re

import pytest

__all__ = ["inner_id"]

# https://github.com/pytest-dev/pytest-repeat/blob/main/pytest_repeat.py
_STEP = "__pytest_repeat_step_number"
_COUNT = re.compile(r"(?P<before>\[|-)\d+-\d+\]\Z")


def inner_id(item: pytest.Item) -> str:
    """What follows the file in a test's node id, the same for each of its repetitions."""
    inner = item.nodeid.partition("::")[2] or item.name
    if _STEP not in getattr(getattr(item, "callspec", None), "params", ()):
        return inner
    return _COUNT.sub(lambda found: "" if found["before"] == "[" else "]", inner)
