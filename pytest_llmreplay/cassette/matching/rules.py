"""What does not count when a call is matched, as the user declared it."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from typing import Self

from pytest_llmreplay.cassette.json_paths import JsonPath, parsed_path, without
from pytest_llmreplay.cassette.redaction.bounded import Moment
from pytest_llmreplay.cassette.redaction.rules import compiled
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import Json

from .call_ids import call_ids_numbered

__all__ = ["MatchRules"]

_ALGORITHM = "r1"
"""Raise the digit whenever the same request would get another key."""
_REPLACE = "llm_match_replace"
_ALL = "*"
"""The path of every field: nothing of a body counts, be it JSON or not."""


@dataclass(frozen=True, slots=True)
class MatchRules:
    """What does not count when a call is matched.

    Raises:
        ConfigError: A path or a regular expression is none; points at the character.
    """

    ignore: tuple[str, ...] = ()
    """JSON paths of the body (see json_paths.py)."""
    replace: tuple[tuple[str, str], ...] = ()
    """Regular expressions and what takes their place in every text of the body."""
    redaction: str = ""
    """`Redactor.fingerprint`: the user's redaction rules shape the requests that are matched."""
    exact: bool = True
    """Whether ids of tool calls and escapes in the path count as they are told."""
    fingerprint: str = field(init=False, compare=False)
    """`r1` for no rules; a key line with another fingerprint is out of date."""
    change_nothing: bool = field(init=False, compare=False, repr=False)
    """Whether the whole body counts."""
    _paths: tuple[JsonPath, ...] = field(init=False, repr=False, compare=False)
    _patterns: tuple[tuple[re.Pattern[str], str], ...] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        patterns = tuple((compiled(pattern, _REPLACE), text) for pattern, text in self.replace)
        for pattern, text in patterns:
            _check_replacement(pattern, text, _REPLACE)
        paths = tuple(parsed_path(path, "llm_match_ignore") for path in self.ignore)
        object.__setattr__(self, "_patterns", patterns)
        object.__setattr__(self, "_paths", paths)
        changed = self.ignore or self.replace or not self.exact
        object.__setattr__(self, "change_nothing", not changed)
        object.__setattr__(self, "fingerprint", self._fingerprint())

    @property
    def inexact(self) -> Self:
        """These rules for a call that no event equals; never for key lines.

        Ids of tool calls, which may be made up anew, count by their order alone, and what is
        escaped in the path, as some clients do with a colon, as what it stands for.
        """
        return replace(self, exact=False)

    def applied(self, value: Json) -> Json:
        """What counts of a body; the given value stays as it is.

        Raises:
            ConfigError: A regular expression takes too long.
        """
        for path in self._paths:
            value = without(value, path)
        value = self._replaced(value, Moment()) if self._patterns else value
        return value if self.exact else call_ids_numbered(value)

    def idle(self, *bodies: Json) -> tuple[str, ...]:
        """The ignored paths that lead to nothing in any of some bodies."""
        return tuple(
            text
            for text, path in zip(self.ignore, self._paths, strict=True)
            if text != _ALL and all(without(body, path) == body for body in bodies)
        )

    def applied_to_text(self, text: str) -> str:
        """What counts of a body that is no JSON."""
        return "" if _ALL in self.ignore else self._replaced_in(text, Moment())

    def _replaced_in(self, text: str, moment: Moment) -> str:
        for pattern, replacement in self._patterns:
            try:
                text = moment.replaced_in(text, pattern, replacement)
            except TimeoutError:
                raise ConfigError(
                    f"{_REPLACE}: {pattern.pattern!r} takes too long on the texts of this call; "
                    "write it so that one text cannot match it in many ways"
                ) from None
        return text

    def _replaced(self, value: Json, moment: Moment) -> Json:
        if isinstance(value, str):
            return self._replaced_in(value, moment)
        if isinstance(value, list):
            return [self._replaced(item, moment) for item in value]
        if isinstance(value, dict):
            return {name: self._replaced(item, moment) for name, item in value.items()}
        return value

    def _fingerprint(self) -> str:
        if not (self.ignore or self.replace or self.redaction):
            return _ALGORITHM
        rules = json.dumps([sorted(self.ignore), self.replace, self.redaction])
        return f"{_ALGORITHM}-{hashlib.sha256(rules.encode()).hexdigest()[:6]}"


def _check_replacement(pattern: re.Pattern[str], text: str, where: str) -> None:
    names = {number: name for name, number in pattern.groupindex.items()}
    groups = (
        f"(?P<{names[number]}>)" if number in names else "()"
        for number in range(1, pattern.groups + 1)
    )
    try:
        re.sub("".join(groups), text, "")
    except (re.error, IndexError) as error:
        raise ConfigError(
            f"{where}: {text!r} cannot take the place of {pattern.pattern!r}: {error}"
        ) from None
