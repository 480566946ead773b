"""The bodies of a record of Helicone, wherever they stand.

A body stands in the record (`request_body`, `response_body`), under `body`, or behind
`signed_body_url`, whence it is fetched only if a person asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.neutral.call import Unimportable
from pytest_llmreplay.importers.neutral.decoding import from_text
from pytest_llmreplay.importers.reading.bounded_json import json_of
from pytest_llmreplay.providers.fields import as_int, as_text

__all__ = ["FIRST_STATUS", "Fetch", "bodies_of", "status_of"]

Fetch: TypeAlias = Callable[[str], bytes]
"""Gets what stands behind a URL; raises InputUnreadable."""

FIRST_STATUS = 100
"""Lesser ones are Helicone's own, for calls that got no answer."""
_IN_ITS_PLACE = "helicone_message"


def bodies_of(record: Mapping[str, Json], fetch: Fetch | None) -> tuple[dict[str, Json], Json]:
    """What was asked and what was answered, wherever they stand."""
    asked, answer = _parsed(record.get("request_body")), _parsed(record.get("response_body"))
    if not isinstance(asked, dict) or not asked:
        asked, answer = _both_sides(
            _parsed(record.get("body")), answer or _parsed(record.get("response"))
        )
    if asked is None or (answer in (None, "") and status_of(record) >= FIRST_STATUS):
        fetched = _fetched(record, fetch)
        asked, answer = _both_sides(fetched, answer) if fetched is not None else (asked, answer)
    if not isinstance(asked, dict) or not asked:
        raise Unimportable("no request body")
    return asked, answer


def status_of(record: Mapping[str, Json]) -> int:
    """The status of a record; 200 where it has none."""
    status = as_int(record.get("response_status"))
    return 200 if status is None else status


def _parsed(body: Json) -> Json:
    """A body, unless Helicone says in its place that it is elsewhere, or was not kept."""
    parsed = from_text(body)
    return None if isinstance(parsed, dict) and parsed.keys() == {_IN_ITS_PLACE} else parsed


def _both_sides(body: Json, answer: Json) -> tuple[dict[str, Json] | None, Json]:
    """A body that holds both sides, or is the request."""
    if not isinstance(body, dict) or not body:
        return None, answer
    asked = body.get("request")
    if isinstance(asked, dict):
        return asked, body.get("response", answer)
    return body, answer


def _fetched(record: Mapping[str, Json], fetch: Fetch | None) -> Json:
    url = as_text(record.get("signed_body_url"))
    if url is None:
        return None
    if fetch is None:
        raise Unimportable("its bodies are behind signed_body_url; --fetch gets them from there")
    return json_of(fetch(url))
