"""A value told as others were told before: with the same keys, in the same spelling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pytest_llmreplay.event import Json

__all__ = ["Example", "kind_of", "retold"]

Example = tuple[Json, Json]
"""What was said, and how an application told it."""

_URL_SAFE = str.maketrans("+/", "-_")
"""SDKs write bytes in the other alphabet of base64: RFC 4648, section 5."""
_NOTHING: tuple[Json, ...] = (None, "", [])


def retold(now: Json, examples: Sequence[Example]) -> Json:
    """How the application of the examples tells a value.

    Args:
        now: What was said.
        examples: Of the same place; the first that knows a key counts, something or nothing as it
            says now. A key that none knows is told where it says something, or where all that was
            said was told.
    """
    if all(said == told for said, told in examples):
        return now
    if isinstance(now, dict):
        pairs = [(s, t) for s, t in examples if isinstance(s, dict) and isinstance(t, dict)]
        return _object(now, pairs) if pairs else now
    if isinstance(now, list):
        nearest = min(examples, key=lambda one: _kinds(one[0]) != _kinds(now))
        lists = [(s, t) for s, t in examples if isinstance(s, list) and isinstance(t, list)]
        as_words = isinstance(nearest[1], str) or not lists
        return _as_words(now, examples) if as_words else _list(now, lists)
    return _scalar(now, examples)


def _object(
    now: dict[str, Json], pairs: Sequence[tuple[dict[str, Json], dict[str, Json]]]
) -> dict[str, Json]:
    told: dict[str, Json] = {}
    tells_all = any(said.keys() <= as_told.keys() for said, as_told in pairs)
    for key, value in now.items():
        known = [pair for pair in pairs if key in pair[0] and _is_known(key, value, *pair)]
        if not known and (tells_all or value not in _NOTHING):
            told[key] = value
        elif known and key in known[0][1]:
            told[key] = retold(value, [(s[key], t[key]) for s, t in known if key in t])
    said, as_told = pairs[0]
    more = as_told.keys() - said.keys() - now.keys()
    return told | {key: as_told[key] for key in as_told if key in more and not _is_id(key)}


def _is_known(key: str, now: Json, said: dict[str, Json], told: dict[str, Json]) -> bool:
    """Whether an example shows how what now stands under a key is told.

    Both say something, or both nothing, which many applications leave out; or the application told
    nothing where something was said.
    """
    silent = key in told and told[key] in _NOTHING and now in _NOTHING
    return silent or (said[key] in _NOTHING) == (now in _NOTHING)


def _is_id(key: str) -> bool:
    """Whether the application made a value up that is another one each time."""
    return key.lower().endswith("id")


def _list(now: list[Json], lists: Sequence[tuple[list[Json], list[Json]]]) -> list[Json]:
    pairs: list[tuple[int, Example]] = []
    tells: dict[str | None, bool] = {None: True}
    for said, as_told in lists:
        aligned = list(_aligned(said, as_told))
        pairs += zip(_places(item for item, _ in aligned), aligned, strict=True)
        kinds = {kind_of(item) for item, _ in aligned}
        for kind in map(kind_of, said):
            tells.setdefault(kind, kind in kinds)
    return [
        retold(item, _of_kind(kind_of(item), place, pairs))
        for place, item in zip(_places(now), now, strict=True)
        if tells.get(kind_of(item), True)
    ]


def _places(items: Iterable[Json]) -> list[int]:
    """The place of each item among those of its kind."""
    seen: Counter[str | None] = Counter()
    places = []
    for item in items:
        places.append(seen[kind_of(item)])
        seen[kind_of(item)] += 1
    return places


def _of_kind(kind: str | None, place: int, pairs: Sequence[tuple[int, Example]]) -> list[Example]:
    """Examples of a kind; first those of the same place, as some tell the first one otherwise."""
    alike = [one for one in pairs if kind_of(one[1][0]) == kind]
    return [pair for _, pair in sorted(alike, key=lambda one: one[0] != place)]


def _aligned(said: list[Json], told: list[Json]) -> Iterator[Example]:
    """Items, each with how it was told."""
    pairs = list(zip(said, told, strict=False))
    kinds = [{kind_of(item) for item in pair} - {None} for pair in pairs]
    if len(said) == len(told) and all(len(kind) <= 1 for kind in kinds):
        yield from pairs
        return
    for kind in dict.fromkeys(kind_of(item) for item in said if kind_of(item) is not None):
        alike = [[item for item in items if kind_of(item) == kind] for items in (said, told)]
        yield from zip(*alike, strict=False)


def _kinds(value: Json) -> set[str | None]:
    return set(map(kind_of, value)) if isinstance(value, list) else set()


def kind_of(item: Json) -> str | None:
    """The type that an item of a list says it is of."""
    kind = item.get("type") if isinstance(item, dict) else None
    return kind if isinstance(kind, str) else None


def _as_words(now: list[Json], examples: Sequence[Example]) -> Json:
    """Blocks of text, joined where those of an example were."""
    words = _words(now)
    joined = any(isinstance(told, str) and told == _words(said) for said, told in examples)
    return words if joined and words is not None else now


def _words(blocks: Json) -> str | None:
    if not isinstance(blocks, list):
        return None
    texts = [block.get("text") if isinstance(block, dict) else None for block in blocks]
    return "".join(str(text) for text in texts) if all(isinstance(t, str) for t in texts) else None


def _scalar(now: Json, examples: Sequence[Example]) -> Json:
    for said, told in examples:
        if said == now:
            return told
    if now in _NOTHING:
        return next((told for _, told in examples if told in _NOTHING), now)
    for said, told in examples:
        if isinstance(now, str) and isinstance(said, str):
            return told if told in _NOTHING and said else _spelled(now, said, told)
    return now


def _spelled(now: str, said: str, told: Json) -> Json:
    if said.strip() == told:
        return now.strip()
    if said.translate(_URL_SAFE) == told:
        return now.translate(_URL_SAFE)
    match told:
        case [dict() as block] if block.get("text") == said:
            return [block | {"text": now}]
    return now
