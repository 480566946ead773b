"""Items whose failures are told in our own words, without a traceback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import pytest

from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.plugin.as_typed import shown
from pytest_llmreplay.plugin.failures import own_failure

__all__ = ["CollectionText", "OwnWordsItem"]


@dataclass(frozen=True, slots=True)
class Headline:
    """The first line of a failure, where pytest looks for the place of a crash."""

    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class FailureText:
    """A failure as text, with the headline where pytest looks for an exception's message.

    No `str`: the short summary shows the whole of one, on CI or with `-vv`
    (https://github.com/pytest-dev/pytest/blob/9.2.0/src/_pytest/terminal.py).
    """

    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def reprcrash(self) -> Headline:
        """For the short summary, for `--tb=line`, and for the `message` in JUnit XML."""
        return Headline(self.message)

    @property
    def message(self) -> str:
        """The first line, for pytest's short summary."""
        return self.text.partition("\n")[0]


class CollectionText(FailureText):
    """The failure of a file, which prints itself, and whose place stands beside the headline."""

    __slots__ = ()

    @property
    def message(self) -> str:
        """The first line without its place, for pytest's short summary."""
        place, colon, problem = self.text.partition("\n")[0].partition(": ")
        return problem if colon else place

    def toterminal(self, tw: Any) -> None:
        """Print the text on pytest's terminal writer."""
        tw.line(self.text, red=True)


class OwnWordsItem(pytest.Item):
    """What all items of a replay have in common."""

    @classmethod
    def below(cls, parent: pytest.Collector, above: str, name: str, /, **rest: Any) -> Self:
        """An item whose node id is made of what is above it and its name.

        A name with brackets is found again by --lf only with an id of its own.
        """
        return cls.from_parent(parent, name=name, nodeid=f"{above}::{name}", **rest)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Our failures are their text alone."""
        error = excinfo.value
        if isinstance(error, LlmReplayError):
            return FailureText(shown(error, self.config.invocation_params.dir))
        ours = own_failure(error)
        return FailureText(str(ours)) if ours else super().repr_failure(excinfo, style)
