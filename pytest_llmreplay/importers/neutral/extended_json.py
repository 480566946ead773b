"""MongoDB's Extended JSON, as mongoexport writes it, in plain JSON.

https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/
"""

from __future__ import annotations

from pytest_llmreplay.event import Json

__all__ = ["plain"]

_COUNTS = frozenset({"$numberInt", "$numberLong", "$numberDouble", "$numberDecimal"})


def plain(value: Json) -> Json:
    """The value without its types: ids and dates as they are told, counts as numbers."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) != 1:
        return {key: plain(inner) for key, inner in value.items()}
    ((key, inner),) = value.items()
    if key in {"$oid", "$date"}:
        return plain(inner)
    return _number(inner) if key in _COUNTS else {key: plain(inner)}


def _number(text: Json) -> Json:
    try:
        number = float(str(text))
    except ValueError:
        return None
    return int(number) if number.is_integer() else number
