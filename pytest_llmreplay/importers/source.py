"""What an importer is: the Protocol behind which every source of other people's logs stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

from pytest_llmreplay.event import Exchange, Measured, Origin, Session
from pytest_llmreplay.importers.reading.files import InputFile

__all__ = ["Found", "Imported", "PassedOver", "Place", "Rejected", "Source", "Test"]


class Place(NamedTuple):
    """Where something stands in a file that is imported."""

    path: Path
    at: int | str | None = None
    """A line, counted from 1, or another place in the file's own words, as `entry 3`."""

    def inner(self, where: str) -> Place:
        """A place within this one, as `line 3, span 2`."""
        outer = f"line {self.at}" if isinstance(self.at, int) else self.at
        return Place(self.path, where if outer is None else f"{outer}, {where}")

    def __str__(self) -> str:
        separator = ":" if isinstance(self.at, int) else ", "
        return f"{self.path}" if self.at is None else f"{self.path}{separator}{self.at}"


class Test(NamedTuple):
    """A test, by where it is defined."""

    file: Path
    """Absolute."""
    name: str
    """What follows the file in its node id, as `TestRefund::test_late[de]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One call of a model, as a log tells it; nothing in it is redacted yet."""

    place: Place
    exchange: Exchange
    """Header names in lower case, bodies decompressed; `calls.exchange_of` makes one of bytes."""
    provider: str
    """A name of the table of providers, `local`, or `gateway`."""
    api: str
    """A name in `providers.registry.FORMATS`, or `other`."""
    origin: Origin
    model: str | None = None
    """The model that was asked for."""
    id: str | None = None
    """The log's own name for the call; a second call of the same name is reported."""
    session: Session | None = None
    prompt: str | None = None
    """The prompt's name; it becomes the name of the event."""
    labels: Mapping[str, str] = field(default_factory=dict)
    test: Test | None = None
    """The test that made the call, where the log knows: its cassette goes where the test looks."""
    measured: Measured = field(default_factory=Measured)
    """What the log measured; what the answer itself tells is filled in where it is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Something that cannot be imported; it is reported, and the rest goes on."""

    place: Place
    reason: str
    """What is wrong, without the place, as `no response`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """Something that is no call of a model, and no fault: it is counted only."""

    place: Place
    reason: str
    """What it is, as `a call that is none of a model`; the same words are counted together."""


Found: TypeAlias = Imported | Rejected | PassedOver


class Source(Protocol):
    """One kind of log; one module has one."""

    @property
    def name(self) -> str:
        """What a user types, as `openai-batch`."""
        ...

    @property
    def help(self) -> str:
        """One sentence: what is read."""
        ...

    @property
    def personal(self) -> bool:
        """Whether the logs come from production, so that personal data need a decision."""
        ...

    @property
    def endings(self) -> tuple[str, ...]:
        """Which files of a directory are read, as `.jsonl`; `.gz` may follow each."""
        ...

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        """Everything in these files, without ever holding a file of lines whole.

        Calls whose places are in one file follow each other. A file that cannot be read at all is
        `Rejected` too. Raises nothing for what a file holds.
        """
        ...
