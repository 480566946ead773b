"""The word `own` among rules of redaction: the kinds that the project's hooks find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pytest_llmreplay.cassette.redaction.own_data import Finder
from pytest_llmreplay.errors import ConfigError

from .project import Project

__all__ = ["with_own_kinds"]

_OWN: Final = "own"


def with_own_kinds(
    project: Project, typed: Sequence[str]
) -> tuple[tuple[str, ...], Mapping[str, Finder]]:
    """The rules that were typed without that word, and the kinds that it stands for.

    Args:
        project: Its hooks are loaded only for the word.
        typed: Rules as `--redact` takes them.

    Raises:
        ConfigError: No hook names a kind, or hooks cannot be loaded.
    """
    rules = tuple(map(_without_own, typed))
    return rules, {} if rules == tuple(typed) else _kinds(project)


def _without_own(rule: str) -> str:
    return ",".join(word for word in rule.split(",") if word.strip() != _OWN)


def _kinds(project: Project) -> Mapping[str, Finder]:
    kinds = project.hooks.redaction
    if not kinds:
        raise ConfigError(
            f"--redact: {_OWN!r} stands for the kinds of the hook pytest_llmreplay_redact, and "
            f"nothing in {project.root} has it"
        )
    return kinds
