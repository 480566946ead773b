"""Every error this package raises.

LlmReplayError
├── CassetteError          a cassette cannot be read or written as asked
│   ├── CassetteDamaged    the file breaks the format; names file and line
│   └── CassetteTooNew     a later version of this package wrote the file
├── WrongField             a member of a document is wrong; its line is not known yet
├── SecretFound            bytes about to be written still hold a secret
├── RedactionFailed        a user's function of redaction raised, or gave what is no such text
├── ConfigError            an option, ini key, marker or config file is wrong
│   ├── UnknownTarget      no such target, provider or simulated model
│   ├── UntrustedHost      a data file proposes a host that no person named
│   └── CheckSyntaxError   a check cannot be parsed; points at the character
├── InputUnreadable        a file to be imported, or a line of it, cannot be read
│   └── TornJson           it does not tell where a value among others ends
├── CaptureUnsupported     a library moved a name that the capture patches
├── NotListed              a provider did not say which models it offers
└── ReplayError            one replayed call has no answer to compare
    ├── CallFailed         the server, the network or the answer; becomes the outcome `error`
    ├── NotReplayed        not sent, by decision; becomes the outcome `not replayed`
    │   └── Spared         a target that ran freely had no need of it
    ├── NotRun             no answer, and none asked for; becomes the outcome `not run`
    │   └── Left           a target that ran freely left the recording
    └── Stale              the recording is too old; becomes the outcome `stale`

Those that one stage alone raises and catches live in it.

A playback miss is none of these: it is pytest's own failure exception, which no SDK
can swallow or retry.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Self

__all__ = [
    "CaptureUnsupported",
    "CassetteDamaged",
    "CassetteError",
    "CassetteTooNew",
    "CheckSyntaxError",
    "ConfigError",
    "InputUnreadable",
    "LlmReplayError",
    "RedactionFailed",
    "ReplayError",
    "SecretFound",
    "UnknownTarget",
    "UntrustedHost",
    "did_you_mean",
]


class LlmReplayError(Exception):
    """Base of all errors of this package."""


class CassetteError(LlmReplayError):
    """A cassette cannot be read or written as asked.

    Args:
        problem: What is wrong, and what to do about it.
        path: The cassette, where it is a file.
        line: Line of the problem, counted from 1.
    """

    def __init__(self, problem: str, *, path: Path | None = None, line: int | None = None) -> None:
        place = "" if path is None else f"{path}:{line}: " if line else f"{path}: "
        super().__init__(f"{place}{problem}")
        self.problem = problem
        self.path = path
        self.line = line

    def at(self, path: Path, first_line: int = 1) -> Self:
        """The same problem, placed in a file where the text began at `first_line`."""
        line = first_line if self.line is None else self.line + first_line - 1
        return type(self)(self.problem, path=path, line=line)


class CassetteDamaged(CassetteError):
    """A cassette breaks the format."""


class CassetteTooNew(CassetteError):
    """A later version of this package wrote the cassette."""


class SecretFound(LlmReplayError):
    """Bytes about to be written still hold a secret; the write was refused."""


class RedactionFailed(LlmReplayError):
    """A function of the user that finds personal data raised, or gave what is none."""


class ConfigError(LlmReplayError):
    """An option, ini key, marker or config file is wrong."""


class UnknownTarget(ConfigError):
    """No target, provider or simulated model has this name."""


class UntrustedHost(ConfigError):
    """A data file proposes a host that no person named."""


class CheckSyntaxError(ConfigError):
    """A check cannot be parsed."""


class InputUnreadable(LlmReplayError):
    """A file to be imported, or a line of it, cannot be read; the message names no place."""


class CaptureUnsupported(LlmReplayError):
    """An installed library moved a name that the capture patches."""


class ReplayError(LlmReplayError):
    """One replayed call has no answer to compare."""


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """The part of a message that says what was probably meant.

    Args:
        word: What was written.
        known: What could have been.
        otherwise: The part where nothing is like the word.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only for a message

    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else otherwise
