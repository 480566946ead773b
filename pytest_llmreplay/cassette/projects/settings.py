"""What is said of the cassettes of a project: where they are, and what of a call counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.providers.endpoints.calls import further_hosts

from .ini_file import IniFile

if TYPE_CHECKING:
    from pytest_llmreplay.cassette.matching.rules import MatchRules
    from pytest_llmreplay.cassette.redaction.own_data import Finder
    from pytest_llmreplay.cassette.redaction.redactor import Redactor

__all__ = ["CASSETTE_KEYS", "CassetteSettings"]


class IniKeys(Protocol):
    """The ini keys that hold somewhere, whoever has read them."""

    def text(self, key: str, /) -> str | None:
        """A key that is a text; none where it is empty or missing."""
        ...

    def lines(self, key: str, /) -> tuple[str, ...]:
        """A key that is a list of lines."""
        ...

    def words(self, key: str, /) -> tuple[str, ...]:
        """A key that is a list of words."""
        ...

    def file(self, key: str, /) -> Path | None:
        """A key that names a file; none where it is empty or missing."""
        ...

    def located(self, error: ConfigError, /) -> ConfigError:
        """What is wrong with a key, and the file that has it, unless that is pytest's own."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CassetteSettings:
    """Ini keys by their names without `llm_`."""

    cassettes: str = "cassettes"
    """Their root, relative to the project."""
    config: Path | None = None
    """One config file for all of them, in the place of the nearest."""
    match_ignore: tuple[str, ...] = ()
    match_replace: tuple[tuple[str, str], ...] = ()
    unused: str = "fail"
    hosts: tuple[str, ...] = ()
    redact: tuple[str, ...] = ()
    redact_allow: tuple[str, ...] = ()

    @classmethod
    def of(cls, keys: IniKeys) -> CassetteSettings:
        """What an ini file says.

        Raises:
            ConfigError: A value cannot be read.
        """
        hosts, allow = keys.words("llm_hosts"), keys.words("llm_redact_allow")
        try:
            return cls(
                cassettes=keys.text("llm_cassettes") or cls().cassettes,
                config=keys.file("llm_config"),
                match_ignore=keys.lines("llm_match_ignore"),
                match_replace=tuple(map(_replacement_of, keys.lines("llm_match_replace"))),
                unused=keys.text("llm_unused") or cls().unused,
                hosts=further_hosts(hosts),
                redact=keys.lines("llm_redact"),
                redact_allow=allow,
            )
        except ConfigError as error:
            raise keys.located(error) from None

    def under(self, nearer: IniFile, typed: Collection[str] = ()) -> CassetteSettings:
        """What holds where an ini file is nearer: its keys count, and what protects adds up.

        Args:
            nearer: That file.
            typed: Keys that a person typed for this run, which no file changes.

        Raises:
            ConfigError: A value cannot be read.
        """
        own = CassetteSettings.of(nearer)
        keys = {key for key in CASSETTE_KEYS if key in nearer.keys and key not in typed}
        counts = {name: getattr(own, name) for name in map(_name, keys - _ADDED)}
        return replace(self, **counts).adding(own)

    def adding(self, other: CassetteSettings) -> CassetteSettings:
        """The same, with what another one redacts and takes for LLM calls."""
        return replace(
            self,
            hosts=_both(self.hosts, other.hosts),
            redact=_both(self.redact, other.redact),
            redact_allow=_both(self.redact_allow, other.redact_allow),
        )

    def beside(self, other: CassetteSettings) -> CassetteSettings:
        """The same, with what another one redacts; only what both allow is let through."""
        both = tuple(one for one in self.redact_allow if one in other.redact_allow)
        return replace(self.adding(other), redact_allow=both)

    def redacting(self, rules: tuple[str, ...]) -> CassetteSettings:
        """The same, with further rules of redaction."""
        return self.adding(CassetteSettings(redact=rules))

    def only(self, typed: Collection[str]) -> CassetteSettings:
        """What of this holds for a project that the file it is from is not for."""
        kept = {name: getattr(self, name) for name in map(_name, typed)}
        return replace(CassetteSettings(), **kept).beside(self)

    def redactor(self, own: Mapping[str, Finder] | None = None) -> Redactor:
        """What redacts by these rules, and has met nobody yet.

        Args:
            own: Functions of the user that find personal data.

        Raises:
            ConfigError: A rule or a hash is none.
        """
        from pytest_llmreplay.cassette.redaction.redactor import Redactor  # noqa: PLC0415 - loaded where something is kept

        return Redactor(self.redact, self.redact_allow, own)

    def rules(self, redactor: Redactor, ignore: tuple[str, ...] = ()) -> MatchRules:
        """What counts when a call is matched.

        Args:
            redactor: Takes secrets out of it before.
            ignore: Further paths that do not count.

        Raises:
            ConfigError: A path or a regular expression is none.
        """
        from pytest_llmreplay.cassette.matching.rules import MatchRules  # noqa: PLC0415 - loaded where calls are matched

        return MatchRules(
            ignore=(*self.match_ignore, *ignore),
            replace=self.match_replace,
            redaction=redactor.fingerprint,
        )


CASSETTE_KEYS = frozenset(f"llm_{one.name}" for one in fields(CassetteSettings))
"""Ini keys that a project's own file says for its cassettes."""
_ADDED = frozenset({"llm_hosts", "llm_redact", "llm_redact_allow"})
"""Those that add up, as whoever wrote one of them relies on it."""


def _name(key: str) -> str:
    return key.removeprefix("llm_")


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _replacement_of(line: str) -> tuple[str, str]:
    """A line of `llm_match_replace`: pattern, and what takes its place.

    Raises:
        ConfigError: The line has no `=>`.
    """
    pattern, arrow, text = line.partition("=>")
    if not arrow:
        raise ConfigError(
            f"llm_match_replace: {line!r} has no '=>'; write it as PATTERN => REPLACEMENT"
        )
    return pattern.strip(), text.strip()
