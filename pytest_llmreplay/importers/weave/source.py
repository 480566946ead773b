"""The importer of W&B Weave's calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.records.halved import Half, HalfRecord, HalvedLog
from pytest_llmreplay.importers.records.listed import records
from pytest_llmreplay.importers.source import Found, Place, Rejected
from pytest_llmreplay.providers.fields import Fields

from .call import asks_a_model, call_of

__all__ = ["WEAVE"]

_HOLDERS: Final = frozenset({"batch", "calls"})
_HALVES: Final[dict[str, Half]] = {"start": "beginning", "end": "end"}
"""How the halves of calls are called that SDKs send in two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weave:
    name: str = "weave"
    help: str = "Calls of W&B Weave, as its API gives them, or as its SDKs send them."
    personal: bool = True
    endings: tuple[str, ...] = (".json", ".jsonl", ".ndjson")

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        """Every call of every file; those that were sent in two halves come last."""
        found = (one for file in files for one in records(file, _HOLDERS))
        yield from _CALLS.calls(
            one if isinstance(one, Rejected) else _half_record(*one) for one in found
        )


def _half_record(place: Place, record: dict[str, Json]) -> HalfRecord:
    """A call, or the half of one that was sent in two; in a batch it stands under `req`."""
    held = Fields(record).object("req") or record
    for name, half in _HALVES.items():
        if isinstance(inner := held.get(name), dict):
            return HalfRecord(place, inner, half)
    return HalfRecord(place, held)


def _needed(half: dict[str, Json]) -> dict[str, Json]:
    """What a half is kept for: of a beginning that asks no model, that it does not."""
    return half if "inputs" not in half or asks_a_model(half) else {"inputs": {}}


def _is_told(call: dict[str, Json]) -> bool:
    return "inputs" in call and bool(call.keys() & {"output", "exception"})


_CALLS: Final = HalvedLog(noun="call", call_of=call_of, needed=_needed, is_told=_is_told)
WEAVE: Final = _Weave()
