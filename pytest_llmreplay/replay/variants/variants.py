"""All variants that there are for the cassettes of a folder, and those that a person asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache, partial
from pathlib import Path as FilePath
from typing import TypeAlias

from pytest_llmreplay.cassette.yaml_text.fields import Path, WrongField
from pytest_llmreplay.cassette.yaml_text.reader import line_of
from pytest_llmreplay.errors import ConfigError, did_you_mean
from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.config.file import Config

from .names import PLAIN, check_name
from .prompts import combinations_of, read_versions, variant_of
from .rules import read_rules
from .variant import OwnVariant, Variant

__all__ = ["Variants"]

_Make: TypeAlias = Callable[[], Variant]

_SHOWN = 20
"""Names that a message lists."""


class Variants:
    """Knows the variants of one config file, and those of users' hooks.

    Args:
        config: The file.
        own: Functions of users, by their names.

    Raises:
        ConfigError: The file cannot be understood; the message names file and line.
    """

    def __init__(self, config: Config, own: Mapping[str, OwnVariant]) -> None:
        self._config = config
        self._place = cache(self._line)
        self._text = cache(lambda version: version.read(self._folder))
        try:
            self._makers = dict(self._found(own))
        except WrongField as wrong:
            raise self._error(wrong) from None

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, in the order of the file."""
        return tuple(self._makers)

    def chosen(self, globs: Iterable[str]) -> tuple[Variant | None, ...]:
        """The variants that fit any of the globs, each once; None is the requests as recorded.

        Raises:
            ConfigError: A glob fits nothing, or a prompt's file cannot be read.
        """
        names: dict[str, None] = {}
        for glob in globs:
            fitting = [PLAIN] if glob == PLAIN else self._fitting(glob)
            names |= dict.fromkeys(fitting)
        try:
            return tuple(None if name == PLAIN else self._makers[name]() for name in names)
        except WrongField as wrong:
            raise self._error(wrong) from None

    @property
    def _folder(self) -> FilePath:
        return (self._config.path or FilePath()).parent

    def _fitting(self, glob: str) -> list[str]:
        found = [name for name in self._makers if fnmatchcase(name, glob)]
        if not found:
            raise ConfigError(f"--llm-variant: no variant {glob!r}{self._choices(glob)}")
        return found

    def _choices(self, glob: str) -> str:
        if not self._makers:
            where = self._config.path or "any llmreplay.yaml"
            return f"; there are no `variants:` and no `prompts:` in {where}"
        more = f" and {len(self.names) - _SHOWN:,} more" if len(self.names) > _SHOWN else ""
        guess = did_you_mean(glob, self.names, ".")
        return f"{guess} Variants: {', '.join(self.names[:_SHOWN])}{more}"

    def _found(self, own: Mapping[str, OwnVariant]) -> Iterator[tuple[str, _Make]]:
        seen: set[str] = set()
        for name, path, make in self._all(own):
            if name in seen:
                raise WrongField(path, f"a second variant {name!r}")
            seen.add(name)
            yield name, make

    def _all(self, own: Mapping[str, OwnVariant]) -> Iterator[tuple[str, Path, _Make]]:
        for name, function in own.items():
            yield name, (), partial(Variant, name=name, function=function)
        yield from self._of_rules(self._config.rest.get("variants"))
        yield from self._of_prompts(self._config.rest.get("prompts"))

    def _of_rules(self, section: Json) -> Iterator[tuple[str, Path, _Make]]:
        if not isinstance(section, dict | None):
            raise WrongField(("variants",), "expected names, each with its rules")
        for name, value in (section or {}).items():
            path = ("variants", name)
            rules = read_rules(value, path, self._place)
            yield name, path, partial(Variant, name=check_name(name, path), rules=rules)

    def _of_prompts(self, section: Json) -> Iterator[tuple[str, Path, _Make]]:
        versions = [] if section is None else read_versions(section)
        for name, combination in combinations_of(versions):
            make = partial(variant_of, name, combination, self._text, self._place)
            yield name, ("prompts",), make

    def _line(self, path: Path) -> str:
        return f"{self._config.path}:{line_of(self._config.text, path)}"

    def _error(self, wrong: WrongField) -> ConfigError:
        return ConfigError(f"{self._place(wrong.path)}: {wrong}")
