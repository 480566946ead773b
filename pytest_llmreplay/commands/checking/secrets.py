"""Secrets that came into a cassette, or a file beside it, past the redaction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.cassette.side_files.media_kinds import is_readable, sniffed

from .finding import Finding
from .leftovers import side_files

__all__ = ["secrets_in"]


def secrets_in(path: Path, data: bytes, redactor: Redactor) -> Iterator[Finding]:
    """A finding for each secret; it names kind and place, never the value.

    Args:
        path: The cassette; files beside it are searched too where they may hold words.
        data: Its bytes.
        redactor: Knows which texts are false alarms.
    """
    yield from _found(path, data, redactor)
    for file in side_files(path):
        content = file.read_bytes()
        if is_readable(sniffed(content), content):
            yield from _found(file, content, redactor)


def _found(path: Path, data: bytes, redactor: Redactor) -> Iterator[Finding]:
    for secret in redactor.scan(data):
        yield Finding(
            kind="secret",
            path=path,
            line=secret.line,
            place=secret.place,
            problem=f"what looks like a secret ({secret.kind}); revoke it and take it out. "
            f"A false alarm? Add {secret.hash} to llm_redact_allow",
        )
