"""What checks may refer to that is not written in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pytest_llmreplay.event import Event

__all__ = ["NOWHERE", "OwnCheck", "Surroundings"]


class OwnCheck(Protocol):
    """A check that a user wrote: a function of both calls."""

    def __call__(
        self, baseline: Event, replayed: Event, argument: str | None, /
    ) -> bool | str | None:
        """Compare.

        Args:
            baseline: The recorded call, or the accepted one.
            replayed: The call that is judged.
            argument: What stands behind the colon of the spec; none where there is no colon.

        Returns:
            None or true where the check holds; false, or what is wrong in one line, where not. An
            `AssertionError` says the same. Any other exception means that nothing was measured.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What checks are read with: the files and the functions of their project."""

    project: Path | None = None
    """Directory of the project of a cassette, for the files that checks name."""
    own: Mapping[str, OwnCheck] = field(default_factory=dict)
    """Checks of users, by their names."""
    own_unknown: bool = False
    """Whether nobody asked the hook for them: what is like no built-in check may be one."""


NOWHERE = Surroundings()
"""No project, and no checks but the built-in ones."""
