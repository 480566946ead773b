"""What a user wants redacted beyond secrets; rules only ever add.

One rule a line: kinds of personal data (`email, phone`), `name: FIELD`, `header: NAME`,
`path: JSON.PATH`, or a regular expression.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pytest_llmreplay.cassette.json_paths import JsonPath, parsed_path
from pytest_llmreplay.errors import ConfigError

from .placeholders import PERSONAL

__all__ = ["RedactionRules", "compiled"]

_PREFIX = re.compile(r"(name|header|path):\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionRules:
    """The user's rules, understood."""

    lines: tuple[str, ...] = ()
    """As written."""
    personal: tuple[str, ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()
    names: frozenset[str] = frozenset()
    """Field names, in lower case without `-` and `_`."""
    headers: frozenset[str] = frozenset()
    paths: tuple[JsonPath, ...] = ()

    @property
    def fingerprint(self) -> str:
        """One text that is equal for equal rules; empty for none."""
        return "\n".join(sorted(self.lines))

    @classmethod
    def parse(cls, lines: Iterable[str], where: str = "llm_redact") -> RedactionRules:
        """Understand the rules.

        Raises:
            ConfigError: A rule is none.
        """
        rules = cls()
        for line in (line.strip() for line in lines):
            if line:
                rules = rules._and(line, where)
        return rules

    def _and(self, line: str, where: str) -> RedactionRules:
        """These rules and one more."""
        return replace(self._with(line, where), lines=(*self.lines, line))

    def _with(self, line: str, where: str) -> RedactionRules:
        words = tuple(word.strip().lower() for word in line.split(",") if word.strip())
        if words and set(words) <= set(PERSONAL):
            return replace(self, personal=tuple(dict.fromkeys(self.personal + words)))
        prefixed = _PREFIX.fullmatch(line)
        if prefixed is None:
            _refuse_misspelt(words, line, where)
            return replace(self, patterns=(*self.patterns, compiled(line, where)))
        kind, rest = prefixed.groups()
        if kind == "path":
            return replace(self, paths=(*self.paths, parsed_path(rest, f"{where} path")))
        if kind == "header":
            return replace(self, headers=self.headers | {rest.lower()})
        folded = rest.lower().replace("-", "").replace("_", "")
        return replace(self, names=self.names | {folded})


def _refuse_misspelt(words: tuple[str, ...], line: str, where: str) -> None:
    """A word that is nearly a kind would silently be a regular expression that finds nothing."""
    unknown = [word for word in words if word not in PERSONAL]
    near = [difflib.get_close_matches(word, PERSONAL, n=1) for word in unknown if word.isalpha()]
    if len(unknown) < len(words) or (len(near) == len(words) and any(near)):
        guess = next((f"; did you mean {found[0]!r}?" for found in near if found), "")
        raise ConfigError(
            f"{where}: {line!r} is no kind of personal data ({', '.join(PERSONAL)}){guess}"
        )


def compiled(pattern: str, where: str) -> re.Pattern[str]:
    """A user's regular expression.

    Raises:
        ConfigError: It is none; points at the character.
    """
    try:
        found = re.compile(pattern)
    except re.error as error:
        place = "" if error.pos is None else f", character {error.pos + 1}"
        raise ConfigError(
            f"{where}: {pattern!r}{place}: no regular expression, {error.msg}"
        ) from None
    if found.match(""):
        raise ConfigError(f"{where}: {pattern!r} matches empty text, so it would hit everywhere")
    return found
