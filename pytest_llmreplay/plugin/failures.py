"""Failures of the plugin as pytest knows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.report.text.sanitise import safe

if TYPE_CHECKING:
    from pytest_llmreplay.capture.tape import RawRequest

    class Failed(BaseException):
        """What `pytest.fail` raises; its type is built at run time."""

        def __init__(self, msg: str, *, pytrace: bool) -> None: ...

else:
    Failed = pytest.fail.Exception

__all__ = ["LlmFailure", "as_failure", "own_failure", "tell_first", "unforeseen"]

_HERE = str(Path(__file__).parent.parent)


class LlmFailure(Failed):
    """A failure that is shown as its text alone.

    It is no `Exception`, so neither an SDK's retries nor an `except Exception` swallow it.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text, pytrace=False)


def own_failure(error: BaseException) -> LlmFailure | None:
    """The failure of ours that an error is, or that a group of errors holds."""
    if isinstance(error, LlmFailure):
        return error
    if isinstance(error, BaseExceptionGroup):
        found = (own_failure(inner) for inner in error.exceptions)
        return next((one for one in found if one), None)
    return None


@contextmanager
def as_failure() -> Iterator[None]:
    """Show errors of our own as their text, without a traceback; no SDK swallows them."""
    try:
        yield
    except LlmReplayError as error:
        raise LlmFailure(safe(str(error))) from None


def unforeseen(request: RawRequest, error: Exception) -> LlmFailure:
    """What stopped the search for a recording, as no SDK shall take it for a lost connection."""
    files = (f"{frame.f_code.co_filename}:{line}" for frame, line in walk_tb(error.__traceback__))
    *_, place = (file for file in files if file.startswith(_HERE))
    call = f"{request.method} {urlsplit(request.url).path}"
    why = f"{type(error).__name__}: {error}"
    return LlmFailure(safe(f"the recording of {call} was not found: {why} (at {place})"))


def tell_first(failure: BaseException, report: pytest.TestReport) -> None:
    """Begin the one line that a run's summary has for a test with what its own error hides."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        first, _, _ = str(failure).partition("\n")
        crash.message = f"{first}, hidden by {crash.message}"
