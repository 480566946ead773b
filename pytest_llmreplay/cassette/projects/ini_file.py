"""Pytest's ini file, found and read as pytest does it.

See https://docs.pytest.org/en/stable/reference/customize.html.
"""

from __future__ import annotations

import configparser
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_llmreplay.cassette.places.naming import checkout_of
from pytest_llmreplay.errors import ConfigError

__all__ = ["IniFile", "keys_in", "refuse_beyond_checkout"]

_ALWAYS = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
"""Files that make a directory the root even where they are empty."""
_NAMES = (*_ALWAYS, "pyproject.toml", "tox.ini", "setup.cfg")
"""Names of the file, in the order in which they count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IniFile:
    """A file that says something of pytest."""

    path: Path
    keys: Mapping[str, Any]

    @classmethod
    def of(cls, folder: Path, read: Path | None = None) -> IniFile | None:
        """The one that pytest reads when it is started in a directory, if there is one.

        Args:
            folder: The directory.
            read: One that is read already; where it is that one, there is nothing to find.

        Raises:
            ConfigError: A file that may be it cannot be read.
        """
        for above in (folder, *folder.parents):
            for path in map(above.joinpath, _NAMES):
                if path == read:
                    return None
                keys = keys_in(path)
                if keys is not None:
                    return cls(path=path, keys=keys)
        return None

    def text(self, key: str) -> str | None:
        """A key that is a text; none where it is empty or missing."""
        value = self.keys.get(key)
        return value if isinstance(value, str) and value else None

    def lines(self, key: str) -> tuple[str, ...]:
        """A key that is a list of lines."""
        value = self.keys.get(key, "")
        lines = map(str, value) if isinstance(value, list) else str(value).splitlines()
        return tuple(line.strip() for line in lines if line.strip())

    def words(self, key: str) -> tuple[str, ...]:
        """A key that is a list of words.

        Raises:
            ConfigError: A quote is not closed.
        """
        value = self.keys.get(key, "")
        try:
            return tuple(map(str, value) if isinstance(value, list) else shlex.split(str(value)))
        except ValueError as error:
            raise self.located(ConfigError(f"{key}: {str(error).lower()}")) from None

    def file(self, key: str) -> Path | None:
        """A key that names a file, relative to this one; none where it is empty or missing."""
        name = self.text(key)
        return None if name is None else self.path.parent / name

    def located(self, error: ConfigError) -> ConfigError:
        """What is wrong with a key, and that it is in this file."""
        return ConfigError(f"{self.path}: {error}")


def keys_in(path: Path) -> Mapping[str, Any] | None:
    """The keys of a file; none where it says nothing of pytest.

    Raises:
        ConfigError: The file cannot be read.
    """
    if not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8")
        found = _in_toml(path.name, text) if path.suffix == ".toml" else _in_ini(path.name, text)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8: byte {error.start + 1} is no text") from None
    except (OSError, ValueError, configparser.Error) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    return {} if found is None and path.name in _ALWAYS else found


def _in_toml(name: str, text: str) -> Mapping[str, Any] | None:
    value = tomllib.loads(text)
    if name != "pyproject.toml":
        return _table(value, "pytest")
    pytest = _table(_table(value, "tool"), "pytest")
    return _table(pytest, "ini_options") or pytest


def _table(value: object, name: str) -> dict[str, Any] | None:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else None


def _in_ini(name: str, text: str) -> Mapping[str, Any] | None:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.optionxform = str  # type: ignore[method-assign, assignment]  # keys as they are written
    parser.read_string(text)
    section = "tool:pytest" if name.endswith(".cfg") else "pytest"
    return dict(parser[section]) if section in parser else None


def refuse_beyond_checkout(key: str, place: Path, root: Path) -> None:
    """Let a key of the ini file name only places in the checkout; an option may name any.

    Args:
        key: The key, whose option has the same name.
        place: What it names.
        root: Where the ini file is; what is in no checkout is its own.

    Raises:
        ConfigError: The place is elsewhere, or a link leads there.
    """
    top = checkout_of(root) or root
    if not place.resolve().is_relative_to(top.resolve()):
        option = f"--{key.replace('_', '-')}"
        raise ConfigError(
            f"{key}: {str(place)!r} leads out of {top}; move it there, or use {option}"
        )
