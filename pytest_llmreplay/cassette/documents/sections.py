"""The top-level keys of a document, each understood only when it is asked for.

A played-back call needs the response and nothing else, a filter needs what stands before
`request`. Where the lines are ours the fast reader takes them key by key; where a person wrote
them otherwise, the whole document goes through reader.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, wraps
from pathlib import Path as FilePath
from typing import Protocol, TypeVar

from pytest_llmreplay.cassette.side_files.files import MARK, SideFiles, folder_of, resolved
from pytest_llmreplay.cassette.yaml_text.characters import BREAKING
from pytest_llmreplay.cassette.yaml_text.fast_scalar import NotCanonical
from pytest_llmreplay.cassette.yaml_text.fastread import read
from pytest_llmreplay.cassette.yaml_text.fields import Fields, WrongField
from pytest_llmreplay.cassette.yaml_text.reader import line_of, parse_document
from pytest_llmreplay.cassette.yaml_text.scan import MAX_LENGTH
from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import Json

__all__ = ["Place", "Sections", "placed"]

T = TypeVar("T")

_ESCAPED = re.compile(r"\\[xuU]")
"""What every text holds that spells a `$file` otherwise."""
_NEXT_KEY = re.compile(r"\n(?=[^\s-])")


class Place:
    """Where a document stands: its file, and its first line there.

    Args:
        path: The cassette; none for text that is in no file yet.
        data: The bytes of the file.
        start: Offset of the document.
        files: What it may refer to; by default the files beside it.
    """

    __slots__ = ("_data", "_files", "_start", "path")

    def __init__(
        self,
        path: FilePath | None = None,
        data: bytes = b"",
        start: int = 0,
        files: SideFiles | None = None,
    ) -> None:
        self.path = path
        self._files = files
        self._data = data
        self._start = start

    @property
    def files(self) -> SideFiles:
        """What the document may refer to."""
        return self._files or SideFiles(None if self.path is None else folder_of(self.path))

    @property
    def line(self) -> int:
        """Line of the file, counted from 1; counted when it is asked for."""
        return self._data.count(b"\n", 0, self._start) + 1

    def of(self, problem: str, line: int = 1) -> CassetteDamaged:
        """A problem in this line of the document, placed in the file."""
        return CassetteDamaged(problem, path=self.path, line=self.line + line - 1)


class Sections:
    """The values of a document by top-level key.

    Args:
        text: The document, from its `---` to its `...`.
        known: Keys that may stand there.
        place: Where it stands, for the place of a problem.
    """

    def __init__(self, text: str, known: frozenset[str], place: Place) -> None:
        self.text = text
        self.known = known
        self.place = place
        self._values: dict[str, Json] = {}
        self._texts = self._cut()
        """Lines of each key, where they seem to be in our own style."""

    def __contains__(self, key: str) -> bool:
        return key in self._texts or key in self._values

    def __getitem__(self, key: str) -> Json:
        self._read(frozenset([key]))
        if key not in self._values:
            raise WrongField((), f"{key!r} is missing")
        return self._values[key]

    def whole(self, key: str) -> Json:
        """The value of `request` or `response`, with the content of files that it refers to."""
        value = self[key]
        return resolved(value, key, self.place.files) if self._may_refer else value

    @cached_property
    def _may_refer(self) -> bool:
        """Whether the document may refer to files, in whichever spelling."""
        return MARK in self.text or ("\\" in self.text and bool(_ESCAPED.search(self.text)))

    def get(self, key: str, default: Json) -> Json:
        """The value of a key, if it is there."""
        return self.of(frozenset([key])).get(key, default)

    def of(self, keys: frozenset[str]) -> dict[str, Json]:
        """The values of those of the keys that are there."""
        self._read(keys)
        return {key: value for key, value in self._values.items() if key in keys}

    def damaged(self, wrong: WrongField) -> CassetteDamaged:
        """What is wrong with a value, with its line in the file."""
        line = line_of(self.text, wrong.path)
        match wrong.path:
            case ("response", "stream", entry, *_):
                line += int(entry)
        return self.place.of(str(wrong), line)

    def read_whole(self) -> None:
        """Read the document with the reader that decides, whoever wrote it."""
        try:
            value = parse_document(self.text)
        except CassetteDamaged as problem:
            raise self.place.of(problem.problem, problem.line or 1) from problem.__cause__
        try:
            self._values = Fields(value, (), self.known).value
        except WrongField as wrong:
            raise self.damaged(wrong) from None
        self._texts = {}  # last, as other threads read the document too

    def _cut(self) -> dict[str, str]:
        """The lines of each key; none where the document is not all ours."""
        pieces = _NEXT_KEY.split(self.text)
        texts = {piece.partition(":")[0]: piece for piece in pieces[1:-1]}
        framed = _is_title(pieces[0]) and pieces[-1] == "...\n" and len(self.text) <= MAX_LENGTH
        if framed and 0 < len(texts) == len(pieces) - 2 and texts.keys() <= self.known:
            return texts
        self.read_whole()
        return {}

    def _read(self, keys: frozenset[str]) -> None:
        lines = [
            f"{text}\n"
            for key, text in self._texts.items()
            if key in keys and key not in self._values
        ]
        if not lines:
            return
        try:
            values = read("".join(lines))
        except NotCanonical:
            self.read_whole()
        else:
            assert isinstance(values, dict)  # each section begins with a key
            self._values.update(values)


def _is_title(text: str) -> bool:
    """Whether a text is one line that begins a document and says nothing more to YAML."""
    if text == "---":
        return True
    return text.startswith("--- # ") and "\n" not in text and not BREAKING.search(text)


class _Sectioned(Protocol):
    @property
    def sections(self) -> Sections: ...


S = TypeVar("S", bound=_Sectioned)


def placed(read_part: Callable[[S], T]) -> Callable[[S], T]:
    """Give the problems of a document's part their line in the file."""

    @wraps(read_part)
    def read_placed(document: S) -> T:
        try:
            return read_part(document)
        except WrongField as wrong:
            raise document.sections.damaged(wrong) from None

    return read_placed
