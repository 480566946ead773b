"""A source that reads a log record by record, each of which tells one call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.neutral.call import LoggedCall, NoCall, Unimportable
from pytest_llmreplay.importers.neutral.wire import rebuilt
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.source import Found, Imported, PassedOver, Place, Rejected

from .listed import records

__all__ = ["LOSSES", "LogSource", "found_call"]

LOSSES = "losses"
"""The label that names what a log tells of a request and its format cannot hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSource:
    """A log of production in JSON or JSON Lines."""

    name: str
    help: str
    call_of: Callable[[dict[str, Json]], LoggedCall]
    """The call that a record tells; raises Unimportable, or NoCall."""
    holders: frozenset[str] = frozenset()
    """Names under which an object holds the records."""
    endings: tuple[str, ...] = (".json", ".jsonl", ".ndjson")
    personal: bool = True

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        """Every record of every file."""
        for file in files:
            for record in records(file, self.holders):
                if isinstance(record, Rejected):
                    yield record
                else:
                    place, value = record
                    yield found_call(place, partial(self.call_of, value))


def found_call(place: Place, call: Callable[[], LoggedCall]) -> Found:
    """The call of a record, or why it is left out.

    Args:
        place: Where it stands.
        call: Reads it; raises Unimportable, or NoCall.
    """
    try:
        return _imported(place, call())
    except NoCall as reason:
        return PassedOver(place=place, reason=str(reason))
    except Unimportable as problem:
        return Rejected(place=place, reason=str(problem))


def _imported(place: Place, call: LoggedCall) -> Imported:
    whole = rebuilt(call)
    losses = {LOSSES: ", ".join(whole.losses)} if whole.losses else {}
    return Imported(
        place=place,
        exchange=whole.exchange,
        provider=whole.provider,
        api=whole.api,
        origin="reconstructed",
        model=whole.model,
        id=call.id,
        session=call.session,
        prompt=call.prompt,
        labels={**call.labels, **losses},
        measured=call.measured,
    )
