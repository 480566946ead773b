"""An answer quoted as others were quoted before: with the same keys, in the same spelling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pytest_llmreplay.event import Json

__all__ = ["Example", "kind_of", "retold"]

Example = tuple[Json, Json]
"""What was answered, and how an application quoted it in a later request."""

_URL_SAFE = str.maketrans("+/", "-_")
"""SDKs write bytes in the other alphabet of base64: RFC 4648, section 5."""
_NOTHING: tuple[Json, ...] = (None, "", [])


def retold(value: Json, examples: Sequence[Example]) -> Json:
    """How the application of the examples would quote a value.

    Args:
        value: What is answered now.
        examples: Of the same place; the first that knows a key counts, something or nothing as it
            says now. A key that none knows is quoted where it says something, or where all that
            was answered was quoted.
    """
    if all(answered == quoted for answered, quoted in examples):
        return value
    if isinstance(value, dict):
        pairs = [(s, t) for s, t in examples if isinstance(s, dict) and isinstance(t, dict)]
        return _object(value, pairs) if pairs else value
    if isinstance(value, list):
        nearest = min(examples, key=lambda one: _kinds(one[0]) != _kinds(value))
        lists = [(s, t) for s, t in examples if isinstance(s, list) and isinstance(t, list)]
        as_words = isinstance(nearest[1], str) or not lists
        return _as_words(value, examples) if as_words else _list(value, lists)
    return _scalar(value, examples)


def _object(
    value: dict[str, Json], pairs: Sequence[tuple[dict[str, Json], dict[str, Json]]]
) -> dict[str, Json]:
    entry: dict[str, Json] = {}
    quotes_all = any(answered.keys() <= quoted.keys() for answered, quoted in pairs)
    for key, item in value.items():
        known = [pair for pair in pairs if key in pair[0] and _is_known(key, item, *pair)]
        if not known and (quotes_all or item not in _NOTHING):
            entry[key] = item
        elif known and key in known[0][1]:
            entry[key] = retold(item, [(s[key], t[key]) for s, t in known if key in t])
    answered, quoted = pairs[0]
    more = quoted.keys() - answered.keys() - value.keys()
    return entry | {key: quoted[key] for key in quoted if key in more and not _is_id(key)}


def _is_known(key: str, value: Json, answered: dict[str, Json], quoted: dict[str, Json]) -> bool:
    """Whether an example shows how what now stands under a key is quoted.

    Both say something, or both nothing, which many applications leave out; or the application
    quoted nothing where something was answered.
    """
    silent = key in quoted and quoted[key] in _NOTHING and value in _NOTHING
    return silent or (answered[key] in _NOTHING) == (value in _NOTHING)


def _is_id(key: str) -> bool:
    """Whether the application made a value up that is another one each time."""
    return key.lower().endswith("id")


def _list(value: list[Json], lists: Sequence[tuple[list[Json], list[Json]]]) -> list[Json]:
    pairs: list[tuple[int, Example]] = []
    quoted_kinds: dict[str | None, bool] = {None: True}
    for answered, quoted in lists:
        aligned = list(_aligned(answered, quoted))
        pairs += zip(_places(item for item, _ in aligned), aligned, strict=True)
        kinds = {kind_of(item) for item, _ in aligned}
        for kind in map(kind_of, answered):
            quoted_kinds.setdefault(kind, kind in kinds)
    return [
        retold(item, _of_kind(kind_of(item), place, pairs))
        for place, item in zip(_places(value), value, strict=True)
        if quoted_kinds.get(kind_of(item), True)
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
    """Examples of a kind; first those of the same place, as some quote the first one otherwise."""
    alike = [one for one in pairs if kind_of(one[1][0]) == kind]
    return [pair for _, pair in sorted(alike, key=lambda one: one[0] != place)]


def _aligned(answered: list[Json], quoted: list[Json]) -> Iterator[Example]:
    """Items, each with how it was quoted."""
    pairs = list(zip(answered, quoted, strict=False))
    kinds = [{kind_of(item) for item in pair} - {None} for pair in pairs]
    if len(answered) == len(quoted) and all(len(kind) <= 1 for kind in kinds):
        yield from pairs
        return
    for kind in dict.fromkeys(kind_of(item) for item in answered if kind_of(item) is not None):
        alike = [[item for item in items if kind_of(item) == kind] for items in (answered, quoted)]
        yield from zip(*alike, strict=False)


def _kinds(value: Json) -> set[str | None]:
    return set(map(kind_of, value)) if isinstance(value, list) else set()


def kind_of(item: Json) -> str | None:
    """The type that an item of a list says it is of."""
    kind = item.get("type") if isinstance(item, dict) else None
    return kind if isinstance(kind, str) else None


def _as_words(value: list[Json], examples: Sequence[Example]) -> Json:
    """Blocks of text, joined where those of an example were."""
    words = _words(value)
    joined = any(
        isinstance(quoted, str) and quoted == _words(answered) for answered, quoted in examples
    )
    return words if joined and words is not None else value


def _words(blocks: Json) -> str | None:
    if not isinstance(blocks, list):
        return None
    texts = [block.get("text") if isinstance(block, dict) else None for block in blocks]
    return "".join(str(text) for text in texts) if all(isinstance(t, str) for t in texts) else None


def _scalar(value: Json, examples: Sequence[Example]) -> Json:
    for answered, quoted in examples:
        if answered == value:
            return quoted
    if value in _NOTHING:
        return next((quoted for _, quoted in examples if quoted in _NOTHING), value)
    for answered, quoted in examples:
        if isinstance(value, str) and isinstance(answered, str):
            return quoted if quoted in _NOTHING and answered else _spelled(value, answered, quoted)
    return value


def _spelled(value: str, answered: str, quoted: Json) -> Json:
    if answered.strip() == quoted:
        return value.strip()
    if answered.translate(_URL_SAFE) == quoted:
        return value.translate(_URL_SAFE)
    match quoted:
        case [dict() as block] if block.get("text") == answered:
            return [block | {"text": value}]
    return value
