"""What collecting events costs beside an empty pytest run: seconds, and memory per item.

    python benchmarks/collection.py [--rounds 5] [--large 100000]

Time: `pytest --llm-replay --co -q` over 10,000 events in 1,000 cassettes, less an empty run,
in turns. Memory: the largest resident set of the process that collects 100,000 events in 1,000
cassettes, less that of an empty run, by the item; and the same for a run that plays and judges
them all, without a call.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from made_calls import write_cassette
from pytest_process import Used, pytest_run
from side_by_side import compared, table

CASSETTES = 1000


def project(folder: Path, events: int, cassettes: int) -> Path:
    """A project with this many cassettes, of equal contents and distinct names."""
    tests = folder / "cassettes" / "tests"
    tests.mkdir(parents=True)
    (folder / "pytest.ini").write_text("[pytest]\n")
    if events:
        write_cassette(tests / "0000.yaml", events // cassettes)
        text = (tests / "0000.yaml").read_bytes()
        for number in range(1, cassettes):
            (tests / f"{number:04d}.yaml").write_bytes(text)
    return folder


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", type=int, default=100_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        empty = project(Path(name, "empty"), 0, 0)
        many = project(Path(name, "many"), 10_000, CASSETTES)
        collect(empty, many, args.rounds)
        large = project(Path(name, "large"), args.large, CASSETTES)
        remember(empty, large, args.large)


def collect(empty: Path, many: Path, rounds: int) -> None:
    """Print the seconds, of the clock and of the processor: the latter is told on busy machines."""
    print(f"collecting 10,000 events in {CASSETTES} cassettes, median of {rounds}, in turns")
    processes: dict[str, list[Used]] = {"empty pytest run": [], "with --llm-replay": []}
    for number in range(rounds + 1):
        used = pytest_run(empty, "--co"), pytest_run(many, "--llm-replay", "--co")
        if number:
            for way, process in zip(processes.values(), used, strict=True):
                way.append(process)
    for clock, figure in (("wall", "seconds"), ("processor", "processor")):
        taken = {
            name: [[getattr(process, figure)] for process in way] for name, way in processes.items()
        }
        figures = compared(taken)
        table(f"{clock} time of the process", [("", figures)], unit="s")
        more = figures["with --llm-replay"].seconds - figures["empty pytest run"].seconds
        print(f"over an empty run: {more:.2f} s (bar: 1 s)")


def remember(empty: Path, large: Path, events: int) -> None:
    """Print the memory."""
    print(f"\nmemory of {events:,} events in {CASSETTES} cassettes over an empty pytest run")
    least = pytest_run(empty, "--co").memory
    for label, options in (("collected", ["--llm-replay", "--co"]), ("run", ["--llm-replay"])):
        used = pytest_run(large, *options)
        share = (used.memory - least) / events
        print(
            f"{label:10} {used.memory / 1e6:8.0f} MB less {least / 1e6:.0f} MB: "
            f"{share / 1e3:.2f} kB an item (bar: 8 KB), {used.seconds:.0f} s"
        )


if __name__ == "__main__":
    main()
