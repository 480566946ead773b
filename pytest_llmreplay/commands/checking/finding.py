"""What `check` says of one place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pytest_llmreplay.event import Json

__all__ = ["Finding", "Kind"]

Kind = Literal[
    "damaged",
    "check",
    "secret",
    "unseen character",
    "outdated key",
    "orphan",
    "same file",
    "unused file",
    "partial file",
    "not mended",
    "new tool call",
    "new url",
    "new unseen character",
]
"""What is wrong, or new.

* damaged: the file breaks the format.
* check: a check of the cassette cannot be read.
* secret: the file holds what looks like one.
* unseen character: a raw one that shows nothing, or moves its neighbours.
* outdated key: the key line is not what today's rules make of the request.
* orphan: the test that recorded the cassette is gone.
* same file: where case does not count, another cassette takes its place.
* unused file: a file beside the cassette that nothing refers to.
* partial file: calls of a recording that did not end.
* not mended: --fix could not write the cassette.
* new tool call, new url, new unseen character: not there in the revision compared with.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a person should look at."""

    kind: Kind
    path: Path
    line: int | None = None
    """Counted from 1."""
    place: str = ""
    """Field of the document, such as `request.body.messages[0].content`; empty where the problem
    names it, or there is none."""
    problem: str
    """What it is, and what to do about it; never the value of a secret."""
    fixable: bool = False
    """Whether --fix puts it right."""
    mended: bool = False
    """Whether it was put right."""

    def as_json(self, path: str) -> dict[str, Json]:
        """As `--json` shows it, with the path as people type it."""
        return {
            "kind": self.kind,
            "path": path,
            "line": self.line,
            "place": self.place or None,
            "problem": self.problem,
            "fixable": self.fixable,
            "mended": self.mended,
        }
