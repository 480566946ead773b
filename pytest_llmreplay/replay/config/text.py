"""The text of a config file, whose keys have lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.selecting.selector import unknown_key

__all__ = ["ConfigText"]


@dataclass(frozen=True, slots=True)
class ConfigText:
    """Says what is wrong with a file, and in which line.

    What a value is found by are the keys that lead to it, from the outermost on.
    """

    path: Path | None
    text: str

    def place(self, *keys: str) -> str:
        """File and line of a key, for messages."""
        return f"{self.path}:{self._line(keys)}"

    def wrong(self, keys: tuple[str, ...], problem: str) -> ConfigError:
        """The error of what stands at a place."""
        return ConfigError(f"{self.place(*keys)}: {problem}")

    def mapping(self, value: Json, keys: tuple[str, ...]) -> dict[str, Json]:
        """The value, which has to be keys with values.

        Raises:
            ConfigError: It is something else.
        """
        if not isinstance(value, dict):
            # A file that is none of ours, such as one with passwords, is not shown.
            name = f"{'.'.join(keys)} is {value!r:.60}," if keys else "the file is"
            raise self.wrong(keys, f"{name} not a mapping of keys to values")
        return value

    def refuse_others(
        self, value: Mapping[str, Json], known: Collection[str], keys: tuple[str, ...]
    ) -> None:
        """Take no key but those that are known.

        Raises:
            ConfigError: There is another one.
        """
        for key in value:
            if key not in known:
                raise self.wrong((*keys, key), unknown_key(key, known))

    def words(self, entry: Mapping[str, Json], key: str, keys: tuple[str, ...]) -> str | None:
        """The text of a key; none where the entry does not have it.

        Raises:
            ConfigError: It is no text, or an empty one.
        """
        value = entry.get(key)
        if value is not None and not (isinstance(value, str) and value.strip()):
            raise self.wrong((*keys, key), f"{key} is {value!r}, not a text")
        return value if isinstance(value, str) else None

    def _line(self, keys: tuple[str, ...]) -> int:
        at = 0
        for key in keys:
            quoted = rf"""(?<![\w-])["']?{re.escape(key)}["']?\s*:"""
            found = re.compile(quoted).search(self.text, at)
            if found is None:
                break
            at = found.start()
        return self.text.count("\n", 0, at) + 1
