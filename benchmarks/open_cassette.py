"""How long a large cassette takes from closed to its first answer.

    python benchmarks/open_cassette.py [--rounds 7] [--no-vcrpy]

5,000 events, 20 MB. The clock runs from the path of the file to the answer of an openai SDK call,
which asks for an event in the middle; the same call from a cassette of one event stands beside it,
and vcrpy, once, with the same calls in its own format.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openai
from made_calls import request_of, write_cassette
from played import captured, open_cassette
from side_by_side import Figure, in_turns, table, timed

EVENTS = 5000
REQUEST = 2500
"""Bytes, so that the file has 20 MB."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-vcrpy", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        measure(Path(name), rounds=args.rounds, vcrpy=not args.no_vcrpy)


def measure(folder: Path, *, rounds: int, vcrpy: bool) -> None:
    """Both cassettes in turns, and vcrpy once."""
    small, large = folder / "1.yaml", folder / "5000.yaml"
    write_cassette(small, 1, size=REQUEST)
    write_cassette(large, EVENTS, size=REQUEST)
    client = openai.OpenAI(api_key="none")

    def first_answers(path: Path, number: int) -> Iterator[list[float]]:
        def first_answer() -> None:
            with captured(open_cassette(path)):
                client.chat.completions.create(**request_of(number, size=REQUEST))

        while True:
            yield [timed(first_answer)]

    ways = {
        "1 event": lambda: first_answers(small, 1),
        "5,000 events": lambda: first_answers(large, EVENTS // 2),
    }
    figures = in_turns(ways, rounds)
    if vcrpy:
        seconds = timed(_vcrpy(folder / "vcr.yaml", client))
        figures["vcrpy, 5,000"] = Figure(seconds, seconds / figures["1 event"].seconds)
    print(
        f"from a closed cassette to its first answer; {large.stat().st_size / 1e6:.1f} MB, "
        f"median of {rounds}, in turns (bar: 0.15 s)"
    )
    table("seconds", [("first answer", figures)], unit="s")


def _vcrpy(path: Path, client: openai.OpenAI) -> Callable[[], None]:
    from vcr_cassette import vcr_playing, write_vcr_cassette  # noqa: PLC0415 - only where asked for

    write_vcr_cassette(path, EVENTS, size=REQUEST)

    def first_answer() -> None:
        with vcr_playing(path):
            client.chat.completions.create(**request_of(1, size=REQUEST))

    return first_answer


if __name__ == "__main__":
    main()
