"""Log files of other tools, and what the importers find in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytest_llmreplay.event import Event
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.source import Found, Imported, Rejected, Source
from pytest_llmreplay.providers.registry import decoder_of

__all__ = ["WEATHER", "calls_in", "event_of", "found_in", "one_call", "problems_in", "written"]

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def written(path: Path, records: Sequence[Any] | dict[str, Any]) -> Path:
    """A file: an object as JSON, several records as JSON Lines."""
    if isinstance(records, dict):
        path.write_text(json.dumps(records, indent=1), encoding="utf-8")
    else:
        path.write_text("".join(f"{json.dumps(one)}\n" for one in records), encoding="utf-8")
    return path


def found_in(source: Source, *paths: Path) -> list[Found]:
    """Everything that a source finds."""
    return list(source.read([InputFile(path=path) for path in paths]))


def calls_in(source: Source, *paths: Path) -> list[Imported]:
    """The calls, of files in which everything else is passed over."""
    found = found_in(source, *paths)
    assert [] == [one for one in found if isinstance(one, Rejected)]
    return [one for one in found if isinstance(one, Imported)]


def one_call(source: Source, path: Path) -> tuple[Imported, Event]:
    """The only call of a file, and its event."""
    (call,) = calls_in(source, path)
    return call, event_of(call)


def problems_in(source: Source, *paths: Path) -> list[str]:
    """What cannot be imported, as `FILE:LINE: reason`."""
    rejected = [one for one in found_in(source, *paths) if isinstance(one, Rejected)]
    told = [(f"{one.place}: {one.reason}", one.place.path.parent) for one in rejected]
    return [text.replace(f"{folder}/", "") for text, folder in told]


def event_of(call: Imported) -> Event:
    """The event that a call becomes."""
    return Event(
        number=1,
        provider=call.provider,
        model=call.model,
        api=call.api,
        exchange=call.exchange,
        decoder=decoder_of(call.api),
        measured=call.measured,
    )
