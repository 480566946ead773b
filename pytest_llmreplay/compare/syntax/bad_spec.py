"""What is wrong with the words of a check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["BadSpec", "moved"]


class BadSpec(ValueError):
    """A part of a check cannot be read.

    Args:
        problem: What is wrong, and what may stand there.
        at: Place of the problem in that part, counted from 0.
    """

    def __init__(self, problem: str, at: int = 0) -> None:
        super().__init__(problem)
        self.problem, self.at = problem, at


@contextmanager
def moved(by: int) -> Iterator[None]:
    """Let places in a part count from the start of the whole, `by` characters before it."""
    try:
        yield
    except BadSpec as wrong:
        raise BadSpec(wrong.problem, wrong.at + by) from None
