"""What a test does with LLM calls that its cassette does not hold."""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["RecordMode"]

RecordMode: TypeAlias = Literal["none", "once", "new", "update", "all"]
"""What becomes of a call that the cassette does not hold.

* none: it fails.
* once: it is recorded where there is no cassette, else it fails.
* new: it is recorded; what the cassette holds stays.
* update: it is recorded; what a passing test no longer uses is dropped.
* all: every call is asked live and recorded.
"""
