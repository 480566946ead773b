"""What waits for its other halves, which stand elsewhere in the files, until all is read.

On disk beyond a few megabytes: a log is as long as it likes to be.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import SpooledTemporaryFile, gettempdir
from typing import Any, Final

from pytest_llmreplay.cassette.json_dump import ascii_json
from pytest_llmreplay.cassette.places.own_directory import written
from pytest_llmreplay.event import Json

__all__ = ["Waiting"]

_IN_MEMORY: Final = 4 * 1024**2
_BITS: Final = 2**64 - 1


@dataclass(slots=True)
class Waiting:
    """Values by the key of what they are halves of."""

    _file: SpooledTemporaryFile[bytes] = field(
        default_factory=lambda: SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # closed by `close`
    )
    _offsets: dict[str, list[int]] = field(default_factory=dict)
    _whole: array[int] = field(default_factory=lambda: array("Q"))
    """Keys of what needs no other half, eight bytes each."""

    def close(self) -> None:
        """Forget all of them, also where the disk is full."""
        with suppress(OSError):
            self._file.close()

    def note_whole(self, key: str | None) -> None:
        """Remember the key of something that needs no other half."""
        self._whole.append(hash(key) & _BITS)

    def keep(self, key: str, half: Json) -> None:
        """Let a half wait for the others of its key.

        Raises:
            CassetteError: The disk is full.
        """
        self._offsets.setdefault(key, []).append(self._file.tell())
        with written(Path(gettempdir())):
            self._file.write(ascii_json(half).encode() + b"\n")

    def joined(self) -> Iterator[tuple[list[Any], bool]]:
        """The halves of each key as they came, and whether something of that key needs none.

        Raises:
            CassetteError: The disk is full.
        """
        with written(Path(gettempdir())):
            self._file.flush()
        whole = set(self._whole)
        for key, offsets in self._offsets.items():
            yield [self._at(offset) for offset in offsets], hash(key) & _BITS in whole

    def _at(self, offset: int) -> Any:
        self._file.seek(offset)
        return json.loads(self._file.readline())
