"""The words of an answer, as far as its bytes have come."""

from __future__ import annotations

import json

from pytest_llmreplay.event import Chunk, Exchange, HttpRequest, HttpResponse, JsonBody, StreamBody
from pytest_llmreplay.providers.deltas.delta import DeltaReader, Words
from pytest_llmreplay.providers.json_values import parse_json
from pytest_llmreplay.providers.registry import decoder_of
from pytest_llmreplay.providers.streams.pieces import splitter_for
from pytest_llmreplay.providers.streams.sse import split

from .stream import reader_of

__all__ = ["StreamedWords"]

_UNSAID = HttpRequest(method="POST", url="")


class StreamedWords:
    """The words of one answer, its first choice; what is no stream is told when it is whole.

    Args:
        api: The format of the answer.
        content_type: What the answer says it is.
    """

    def __init__(self, api: str, content_type: str) -> None:
        self._decoder = decoder_of(api)
        self._kind = content_type
        self._splitter = splitter_for(content_type, b"")
        self._reader: DeltaReader | None = reader_of(api)
        self._pieces: list[bytes] = []
        self._told = ""

    def feed(self, data: bytes) -> list[str]:
        """The words that these bytes bring."""
        if self._splitter is None:
            self._pieces.append(data)
            return []
        new = self._splitter.feed(data)
        self._pieces += new
        if self._reader is None:
            return self._more() if new else []
        found = [words for raw in new for words in _words(self._reader, raw)]
        self._told += "".join(found)
        return found

    def end(self) -> list[str]:
        """What no piece has told, now that all bytes are here."""
        if self._splitter is not None:
            self._pieces += self._splitter.close()
        return self._more()

    def _more(self) -> list[str]:
        text = self._text()
        more = text[len(self._told) :] if text.startswith(self._told) else ""
        self._told += more
        return [more] if more else []

    def _text(self) -> str:
        response = HttpResponse(status=200, headers={"content-type": self._kind}, body=self._body())
        return self._decoder.response(Exchange(request=_UNSAID, response=response)).text

    def _body(self) -> StreamBody | JsonBody | None:
        if self._splitter is not None:
            return StreamBody(chunks=tuple(Chunk(at=0.0, data=raw) for raw in self._pieces))
        try:
            return JsonBody(value=json.loads(b"".join(self._pieces)))
        except (ValueError, RecursionError):
            return None


def _words(reader: DeltaReader, raw: bytes) -> list[str]:
    found: list[str] = []
    for event in split(raw):
        try:
            data = parse_json(event.data)
        except ValueError:
            continue
        deltas = reader.read(data) if isinstance(data, dict) else ()
        found += [one.text for one in deltas if isinstance(one, Words) and one.kind == "text"]
    return found
