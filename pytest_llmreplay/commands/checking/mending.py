"""What can be put right without losing anything: key lines, and files that nothing refers to."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.places.naming import inside
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.cassette.side_files.files import names_in_text
from pytest_llmreplay.cassette.writing.side_writer import drop_unused
from pytest_llmreplay.cassette.writing.writer import replace_cassette

__all__ = ["mend"]

_KEY = re.compile(rb"(?<=--- # key )\S+")


def mend(cassette: Cassette, keys: Mapping[int, str], redactor: Redactor) -> None:
    """Write key lines anew, and remove the files that the cassette does not refer to.

    Args:
        cassette: A sound one.
        keys: Place of an event → the key that its line shall say.
        redactor: Refuses to write a secret.

    Raises:
        CassetteError: The cassette cannot be written; the old one stays.
        SecretFound: It holds a secret.
    """
    path, root = cassette.path, cassette.path.parent
    text = _with_keys(cassette, keys).decode()
    used = names_in_text(text)

    def read_back(written: bytes) -> None:
        Cassette.of(written, path=path).check()

    if keys:
        checks = (redactor.check_before_write, read_back)
        replace_cassette(path, text, root=root, checks=checks, used=used)
    else:
        drop_unused(inside(root, path), used)


def _with_keys(cassette: Cassette, keys: Mapping[int, str]) -> bytes:
    data, parts, end = cassette.index.data, [], 0
    for place in sorted(keys):
        line = _KEY.search(data, cassette.index.events[place].start)
        assert line is not None  # only an event that has a key line has an old key
        parts += [data[end : line.start()], keys[place].encode()]
        end = line.end()
    return b"".join([*parts, data[end:]])
