"""Batches of OpenAI: the file of requests and that of answers, joined by `custom_id`.

The lines: https://platform.openai.com/docs/guides/batch
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import IO, Final, NamedTuple

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import Exchange, HttpRequest, HttpResponse, Json, JsonBody, Measured
from pytest_llmreplay.importers.reading.bounded_json import json_of
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.records.listed import records
from pytest_llmreplay.providers.fields import Fields

from .calls import answered, call_of
from .source import Found, Place, Rejected

__all__ = ["OPENAI_BATCH"]

_HOST: Final = "https://api.openai.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class _OpenAiBatch:
    name: str = "openai-batch"
    help: str = "Input and output files (and error files) of OpenAI's batch API, all together."
    personal: bool = True
    endings: tuple[str, ...] = (".jsonl",)

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        with closing(_Requests()) as requests:
            for file in files:
                yield from _keep_requests(file, requests)
            for file in files:
                for found in records(file):
                    if not isinstance(found, Rejected) and not _is_request(found[1]):
                        yield _call(*found, requests)
            for place in requests.unanswered():
                yield Rejected(place=place, reason="no line of the output answers this request")


OPENAI_BATCH: Final = _OpenAiBatch()


def _is_request(line: dict[str, Json]) -> bool:
    return "body" in line and "url" in line


def _keep_requests(file: InputFile, requests: _Requests) -> Iterator[Rejected]:
    """Keep the requests of a file; what cannot be read is told here, once."""
    for found in records(file):
        if isinstance(found, Rejected):
            yield found
        elif _is_request(found[1]):
            problem = requests.keep(*found)
            if problem is not None:
                yield Rejected(place=found[0], reason=problem)


def _call(place: Place, value: dict[str, Json], requests: _Requests) -> Found:
    line = Fields(value)
    name = line.text("custom_id") or ""
    try:
        request = requests.answered(name)
        response = _response(line)
    except InputUnreadable as problem:
        return Rejected(place=place, reason=str(problem))
    answer = Fields(value.get("response"))
    return call_of(
        place,
        Exchange(request=request, response=response),
        provider="openai",
        id=line.text("id") or name,
        labels={"custom_id": name},
        measured=Measured(request_id=answer.text("request_id")),
    )


def _response(line: Fields) -> HttpResponse:
    response, error = Fields(line.rest.get("response")), Fields(line.rest.get("error"))
    status, body = response.integer("status_code"), response.rest.get("body")
    if status is None or body is None:
        reason = error.text("message") or error.text("code") or "no response"
        raise InputUnreadable(f"the request was not answered: {reason}")
    return answered(JsonBody(value=body), status=status)


class _Slot(NamedTuple):
    place: Place
    begin: int
    size: int


class _Requests:
    """The requests of all input files, on disk until their answers are met."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed on exit
        self._end = 0
        self._slots: dict[str, _Slot] = {}
        self._answered: set[str] = set()

    def close(self) -> None:
        """Forget all of them."""
        self._file.close()

    def keep(self, place: Place, line: dict[str, Json]) -> str | None:
        """Keep the request of a line; what is wrong with it, if anything is."""
        name = line.get("custom_id")
        if not isinstance(name, str) or not name:
            return "no custom_id"
        if name in self._slots:
            return f"has the custom_id of {self._slots[name].place}; import each batch by itself"
        data = json_bytes({"url": line["url"], "method": line.get("method"), "body": line["body"]})
        self._file.write(data)
        self._slots[name] = _Slot(place, self._end, len(data))
        self._end += len(data)
        return None

    def answered(self, name: str) -> HttpRequest:
        """The request of this name, which is answered now.

        Raises:
            InputUnreadable: There is none, or it is no request.
        """
        slot = self._slots.get(name)
        if slot is None:
            advice = "add the input file" if name else "no line of an output file is without"
            raise InputUnreadable(f"no input line has the custom_id {name!r}; {advice}")
        self._answered.add(name)
        self._file.seek(slot.begin)
        line = Fields(json_of(self._file.read(slot.size)))
        self._file.seek(self._end)
        url = line.text("url")
        if url is None:
            raise InputUnreadable("the request has no url")
        return HttpRequest(
            method=(line.text("method") or "POST").upper(),
            url=_HOST + url if url.startswith("/") else url,
            headers={"content-type": "application/json"},
            body=JsonBody(value=line.rest["body"]),
        )

    def unanswered(self) -> Iterator[Place]:
        """Where the requests stand that no answer was met of."""
        for name, slot in self._slots.items():
            if name not in self._answered:
                yield slot.place
