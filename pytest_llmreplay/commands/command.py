"""What a subcommand of `pytest-llmreplay` is."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

__all__ = ["Command", "Exit"]


class Exit(IntEnum):
    """Exit codes."""

    OK = 0
    FINDING = 1
    """Done, and something is not as it should be."""
    WRONG_USE = 2
    """Not done: the command line, the environment or a file is wrong."""
    UNDECIDED = 4
    """Not done: whoever imports production logs decides about personal data first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A subcommand: one module of this package has one."""

    name: str
    help: str
    """One sentence."""
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], Exit]
    """Does the work; errors of this package are shown as one line, with exit code 2."""
