"""What a conversion loses, format by format, as the documentation shows it.

It goes by the requests that say all that their format can, and by several readers per format:
what only some of them make of a code is marked with a star.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal, TypeAlias

from providers.conversions import TARGETS, converted
from providers.said import REQUESTS
from written_docs import WrittenPart

from pytest_llmreplay.providers.api import Dialect
from pytest_llmreplay.providers.conversion.losses import gravity_of

__all__ = ["IN_DOCS", "READERS", "tables"]

IN_DOCS = WrittenPart(
    file="conversion.md", command="pytest tests/providers --conversion-table write"
)
"""The tables as the documentation has them."""

READERS: dict[str, list[Dialect]] = {
    "chat_completions": [
        TARGETS["chat_completions"],
        Dialect(provider="openai", model="gpt-5.2"),
        Dialect(provider="mistral", model="mistral-small-latest"),
        Dialect(provider="llamacpp", model="tiny"),
    ],
    "responses": [TARGETS["responses"], Dialect(provider="openai", model="gpt-5.2")],
    "messages": [
        TARGETS["messages"],
        replace(TARGETS["messages"], model="claude-opus-5"),
        replace(TARGETS["messages"], model="claude-3-5-haiku-20241022"),
    ],
}
"""Who may be asked in each format: makes of servers, and models, take different things."""

Fate: TypeAlias = Literal["refused", "fails", "warns", "changed", "added"]
"""What a code means for its event by default."""

FATES: tuple[Fate, ...] = ("refused", "fails", "warns", "changed", "added")
GRAVITIES: Mapping[str, Fate] = {"error": "refused", "fail": "fails", "warn": "warns"}
COUNTED: Mapping[Fate, str] = {"refused": "refused", "fails": "fail", "warns": "warn"}
STAR = "\\*"
BLANK = ""


def tables() -> str:
    """The grid of all formats, and a section for each format of a recording."""
    grid = [["recorded in", *TARGETS], *(_overview(source) for source in REQUESTS)]
    return "\n".join([_asked(), _markdown(grid), *(_section(source) for source in REQUESTS)])


def _asked() -> str:
    """The readers."""
    named = [
        f"{target} {', '.join(f'`{each.provider}/{each.model}`' for each in readers)}"
        for target, readers in READERS.items()
    ]
    return f"Asked in {'; in '.join(named)}.\n"


def _overview(source: str) -> list[str]:
    cells = [_counts(source, target) if source != target else "as recorded" for target in TARGETS]
    return [f"[{source}](#{source})", *cells]


def _counts(source: str, target: str) -> str:
    """How many codes there are of each gravity; what is only changed loses nothing."""
    found = [fate for _, fate in _fates(source, target)]
    told = {word: found.count(fate) for fate, word in COUNTED.items()}
    return ", ".join(f"{count} {word}" for word, count in told.items() if count)


def _section(source: str) -> str:
    """Codes that fare alike stand in one row, the gravest first."""
    targets = [target for target in TARGETS if target != source]
    cells = [_cells(source, target) for target in targets]
    rows: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for code in sorted(set().union(*cells)):
        rows[tuple(column.get(code, BLANK) for column in cells)].append(f"`{code}`")
    told = [[", ".join(rows[row]), *row] for row in sorted(rows, key=_gravest)]
    return f"### {source}\n\n{_markdown([['code', *targets], *told])}"


def _cells(source: str, target: str) -> dict[str, str]:
    """What each code means, the gravest first where that depends."""
    cells: dict[str, list[str]] = defaultdict(list)
    fates = _fates(source, target)
    for code, fate in sorted(fates, key=lambda each: FATES.index(each[1])):
        cells[code].append(fate if fates[code, fate] else f"{fate}{STAR}")
    return {code: ", ".join(told) for code, told in cells.items()}


def _gravest(row: tuple[str, ...]) -> int:
    return next(place for place, fate in enumerate(FATES) if fate in " ".join(row))


def _fates(source: str, target: str) -> dict[tuple[str, Fate], bool]:
    """Every code without its sign, what it means, and whether each reader makes the same of it."""
    found = [set(_codes(source, target, reader)) for reader in READERS[target]]
    every = sorted(set().union(*found))
    return {each: all(each in codes for codes in found) for each in every}


def _codes(source: str, target: str, reader: Dialect) -> Iterator[tuple[str, Fate]]:
    for body in REQUESTS[source]:
        for code in converted(source, target, body, reader).losses:
            yield code.lstrip("+~"), _fate(code)


def _fate(code: str) -> Fate:
    gravity = gravity_of(code)
    if gravity is None:
        return "added" if code.startswith("+") else "changed"
    return GRAVITIES[gravity]


def _markdown(rows: list[list[str]]) -> str:
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
