"""What is proven of each client, and the table of it in the documentation.

A test that has proven a client says so to the fixture `proves`. `pytest tests/clients
--clients-table write` keeps what they said in `proven.json` and writes the table; with `check` the
run fails where all of them together said anything else. Wherever a test runs, what it proves must
be known; the table is compared in every run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, get_args

from written_docs import WrittenPart

from pytest_llmreplay import Event

__all__ = ["HERE", "IN_DOCS", "Proofs", "added", "known_proofs", "table", "way_of", "write"]

Way = Literal["plain", "streamed", "async", "async streamed"]
"""How a client was called."""

Proofs = dict[str, dict[str, list[Way]]]
"""For each client the tests, as `file.py::function`, and what each has proven."""

HERE = Path(__file__).parent
KNOWN = HERE / "proven.json"
IN_DOCS = WrittenPart(file="recording.md", command="pytest tests/clients --clients-table write")
"""The table as the documentation has it."""
WAYS: tuple[Way, ...] = get_args(Way)


def way_of(event: Event, *, awaited: bool) -> Way:
    """How the call of an event was made."""
    if awaited:
        return "async streamed" if event.request.stream else "async"
    return "streamed" if event.request.stream else "plain"


def known_proofs() -> Proofs:
    """What the last run of all tests has proven."""
    proofs: Proofs = json.loads(KNOWN.read_text(encoding="utf-8"))
    return proofs


def added(proofs: Proofs, client: str, test: str, ways: Iterable[Way]) -> None:
    """Note what a test has proven."""
    tests = proofs.setdefault(client, {})
    tests[test] = sorted({*tests.get(test, ()), *ways}, key=WAYS.index)


def table(proofs: Proofs) -> str:
    """The table; a proof is of a recording and its playback, so that nothing is in it by half."""
    head = ["client", "recorded", "played back", *WAYS[1:]]
    rows = [_row(client, proofs[client]) for client in sorted(proofs, key=str.casefold)]
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _row(client: str, tests: Mapping[str, Iterable[Way]]) -> list[str]:
    proven = {way for ways in tests.values() for way in ways}
    return [client, "yes", "yes", *("yes" if way in proven else "" for way in WAYS[1:])]


def write(found: Proofs, ran: set[str]) -> None:
    """Keep what the tests of a run have proven, in the place of what they had proven before."""
    proofs: Proofs = {}
    known = {client: _without(tests, ran) for client, tests in known_proofs().items()}
    for client, tests in (*known.items(), *found.items()):
        for test, ways in tests.items():
            added(proofs, client, test, ways)
    KNOWN.write_text(json.dumps(proofs, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    IN_DOCS.write(table(proofs))


def _without(tests: Mapping[str, list[Way]], ran: set[str]) -> dict[str, list[Way]]:
    return {test: ways for test, ways in tests.items() if test not in ran}
