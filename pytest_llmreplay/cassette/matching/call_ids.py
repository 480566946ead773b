"""Ids that are made up in every run: those of tool calls count by their order, others not at all.

Where a server gives none, as Gemini's and Ollama's of old, pydantic-ai and LiteLLM make up ids,
others in every run, and tell them with the calls and their results in the next request. LlamaIndex
tells results of calls side by side as its tools end. No model reads more in either than which
result answers which call.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from pytest_llmreplay.event import Json

__all__ = ["call_ids_numbered"]

_NAMING = frozenset({"call_id", "toolUseId", "tool_call_id", "tool_use_id"})
"""Keys under which a result names its call."""
_RESULTS = frozenset({"functionResponse", "function_response"})
"""Keys of results that name it by their `id`."""
_OWN = frozenset({"args", "arguments", "input", "json", "response", "result"})
"""Keys of objects that the application fills: arguments of calls, and their results."""
_OF_ONE_CALL = frozenset({"clientRequestToken", "traceparent"})
"""Keys of a request that boto3 and Mistral's SDK fill anew for each call, as other clients do
headers."""
_IN_WORDS = re.compile(r"(?<='id': ')[\w-]{8,}(?=', 'type': 'function')", re.ASCII)
"""In a call that smolagents tells as words."""


def call_ids_numbered(value: Json) -> Json:
    """The body with a number for each id of a call that has its result there, results in order.

    An id that stands there once may name what its provider keeps, so it stays.
    """
    if isinstance(value, dict):
        value = {key: item for key, item in value.items() if key not in _OF_ONE_CALL}
    times: Counter[str] = Counter()
    named: set[str] = set()
    for call_id, names in _ids(value):
        times[call_id] += 1
        if names:
            named.add(call_id)
    known = [call_id for call_id in times if call_id in named and times[call_id] > 1]
    numbers = {call_id: f"call {number}" for number, call_id in enumerate(known, 1)}
    return _numbered(value, numbers) if numbers else value


def _ids(value: Json, within: str = "") -> Iterator[tuple[str, bool]]:
    """Whatever may be the id of a call, each with whether a result names its call by it."""
    if isinstance(value, str):
        for call_id in _IN_WORDS.findall(value):
            yield from [(call_id, True)] * 2  # the words around it say what it is
    elif isinstance(value, list):
        for item in value:
            yield from _ids(item)
    elif isinstance(value, dict):
        for key, item in sorted(value.items()):
            if _is_id(key) and isinstance(item, str):
                yield item, key in _NAMING or within in _RESULTS
            elif not _is_own(key, item):
                yield from _ids(item, key)


def _numbered(value: Json, numbers: Mapping[str, str]) -> Json:
    if isinstance(value, str):
        return _IN_WORDS.sub(lambda found: numbers[found[0]], value)
    if isinstance(value, list):
        return [_numbered(item, numbers) for item in _in_order(value, numbers)]
    if isinstance(value, dict):
        return {key: _member(key, item, numbers) for key, item in value.items()}
    return value


def _in_order(items: Sequence[Json], numbers: Mapping[str, str]) -> Iterator[Json]:
    """The items of a list, neighbouring results among them in one order."""
    for are_results, run in groupby(items, lambda item: _answered(item) in numbers):
        found = list(run)
        if are_results:
            found.sort(key=lambda item: numbers[str(_answered(item))])
        yield from found


def _answered(item: Json) -> str | None:
    """Id of the call that an item is the result of, if it is one."""
    match item:
        case {"call_id": str(call_id), "type": str(kind)} if kind.endswith(("_output", "_result")):
            return call_id
        case {"tool_call_id": str(call_id)} | {"tool_use_id": str(call_id)}:
            return call_id
        case {"toolResult": {"toolUseId": str(call_id)}}:
            return call_id
        case {"functionResponse": {"id": str(call_id)}}:
            return call_id
        case _:
            return None


def _member(key: str, item: Json, numbers: Mapping[str, str]) -> Json:
    if _is_id(key) and isinstance(item, str):
        return numbers.get(item, item)
    return item if _is_own(key, item) else _numbered(item, numbers)


def _is_id(key: str) -> bool:
    return key == "id" or key in _NAMING


def _is_own(key: str, item: Json) -> bool:
    return key in _OWN and isinstance(item, dict)
