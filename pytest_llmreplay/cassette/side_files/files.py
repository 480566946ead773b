"""Media and vectors that stand in files beside a cassette, and how a body refers to them.

`test_it.yaml` has the folder `test_it.files`. Where the wire had a long text in base64, a data URL
or a vector, the cassette has an object that names a file in that folder:

    url: {$file: 3f2a91c0d4e5b6a7.png, as: data_url, media_type: image/png, size: 68213, sha256: …}

`as` says what stood there: `base64` or `base64url` of the bytes, a `data_url` of the media type, or
a `vector`, whose numbers the file holds as JSON. An object of the application that has a key
`$file` is told as `{$file: null, is: …}`. Names are made from the hash of the content, which is
checked when it is read; nothing else is a name, so that a cassette refers to nothing outside its
folder.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from pytest_llmreplay.cassette.yaml_text.fields import Fields, WrongField
from pytest_llmreplay.cassette.yaml_text.fields import Path as Keys
from pytest_llmreplay.cassette.yaml_text.scan import MAX_LENGTH
from pytest_llmreplay.event import Json
from pytest_llmreplay.event.strict_json import refuse_constant

__all__ = ["MARK", "SideFiles", "folder_of", "is_side_file", "names_in_text", "resolved"]

MARK = "$file"
_KNOWN = frozenset([MARK, "as", "media_type", "size", "sha256"])
_ESCAPED = frozenset([MARK, "is"])
_WAYS = ("base64", "base64url", "data_url", "vector")
_NAME = re.compile(r"[0-9a-f]{16}\.[a-z0-9]{1,8}")
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ADVICE = "restore it from version control, or record the test again"


def folder_of(cassette: Path) -> Path:
    """The folder of the files of a cassette."""
    return cassette.with_name(f"{cassette.stem}.files")


def is_side_file(name: str) -> bool:
    """Whether a name is one that a cassette may refer to."""
    return _NAME.fullmatch(name) is not None


def names_in_text(text: str) -> frozenset[str]:
    """All names that the text of a cassette refers to, and perhaps others that look alike."""
    return frozenset(_NAME.findall(text)) if MARK in text else frozenset()


class SideFiles:
    """The files of one cassette.

    Args:
        folder: Where they are; none for a text that is in no file yet.
        unwritten: Contents by name that are about to be written.
    """

    __slots__ = ("folder", "unwritten")

    def __init__(
        self, folder: Path | None = None, unwritten: Mapping[str, bytes] | None = None
    ) -> None:
        self.folder = folder
        self.unwritten = unwritten or {}

    def read(self, name: str, size: int) -> bytes:
        """The content of a file, which was found to be a plain one of this size.

        Raises:
            OSError: There is none, or a link or a device is in its place.
            ValueError: It has another size.
        """
        if name in self.unwritten:
            return self.unwritten[name]
        if self.folder is None:
            raise FileNotFoundError(name)
        directory = os.open(self.folder, os.O_DIRECTORY | _FLAGS)
        try:
            descriptor = os.open(name, _FLAGS, dir_fd=directory)
        finally:
            os.close(directory)
        # Unbuffered: guards of event loops, as blockbuster, forbid buffered reads.
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise OSError(0, "it is no plain file")
            if found.st_size != size:
                raise ValueError(f"it has {found.st_size:,} bytes instead of {size:,}")
            return file.read(size)


def resolved(section: Json, key: str, files: SideFiles) -> Json:
    """A `request` or `response` with what its body refers to in the place of each reference.

    Args:
        section: The value of the section.
        key: Its key, for the place of a problem.
        files: Where the files are.

    Raises:
        WrongField: A reference is wrong, or its file is missing or altered.
    """
    if not isinstance(section, dict):
        return section
    reading = _Reading(files)
    return {
        name: reading.value(value, (key, name)) if name in {"body", "base64"} else value
        for name, value in section.items()
    }


class _Reading:
    """Puts contents in place, as many bytes of them as a document may have."""

    def __init__(self, files: SideFiles) -> None:
        self._files = files
        self._left = MAX_LENGTH

    def value(self, value: Json, path: Keys) -> Json:
        if isinstance(value, list):
            return [self.value(item, (*path, at)) for at, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if MARK not in value:
            return self._members(value, path)
        if value[MARK] is not None:
            return self._content(Fields(value, path, _KNOWN))
        inner = Fields(value, path, _ESCAPED).value.get("is")
        if not isinstance(inner, dict):
            raise WrongField((*path, "is"), "expected the object that has a key `$file`")
        return self._members(inner, (*path, "is"))

    def _members(self, value: dict[str, Json], path: Keys) -> Json:
        return {key: self.value(item, (*path, key)) for key, item in value.items()}

    def _content(self, reference: Fields) -> Json:
        way = reference.choice("as", _WAYS, "base64")
        media_type = reference.text_or_none("media_type") or ""
        data = self._data(reference, reference.text(MARK))
        try:
            return _MAKERS[way](data, media_type)
        except (ValueError, RecursionError):
            problem = f"the file {reference.value[MARK]} holds no {way}"
            raise WrongField(reference.path, problem) from None

    def _data(self, reference: Fields, name: str) -> bytes:
        size, digest = reference.integer("size"), reference.text("sha256")
        path = (*reference.path, MARK)
        if not is_side_file(name):
            problem = "expected sixteen hexadecimal digits and an ending, as 3f2a91c0d4e5b6a7.png"
            raise WrongField(path, f"{problem}; found {name!r}")
        self._left -= size
        if size < 0 or self._left < 0:
            path = (*reference.path, "size")
            raise WrongField(path, "the files of an event are larger than 64 MiB")
        place = f"{self._files.folder.name}/{name}" if self._files.folder else name
        try:
            data = self._files.read(name, size)
        except FileNotFoundError:
            raise WrongField(path, f"the file {place} is missing; {_ADVICE}") from None
        except OSError as error:
            problem = f"the file {place} cannot be read: {error.strerror}; {_ADVICE}"
            raise WrongField(path, problem) from None
        except ValueError as error:
            raise WrongField(path, f"the file {place} was altered: {error}; {_ADVICE}") from None
        if hashlib.sha256(data).hexdigest() != digest or not digest.startswith(name[:16]):
            raise WrongField(path, f"the file {place} is not the one that was recorded; {_ADVICE}")
        return data


def _vector(data: bytes, _: str) -> Json:
    """A list of numbers: nothing that a reviewer would have to read may hide in a file."""
    value: Json = json.loads(data, parse_constant=refuse_constant)
    if not isinstance(value, list) or not all(type(item) in {int, float} for item in value):
        raise ValueError("no list of numbers")
    return value


_MAKERS: Mapping[str, Callable[[bytes, str], Json]] = {
    "base64": lambda data, _: base64.b64encode(data).decode(),
    "base64url": lambda data, _: base64.urlsafe_b64encode(data).decode(),
    "data_url": lambda data, kind: f"data:{kind};base64,{base64.b64encode(data).decode()}",
    "vector": _vector,
}
