"""What an idle plugin adds to the start of pytest.

    python benchmarks/start.py [--rounds 25]

Whole processes in turns: `pytest` with the plugin installed and nothing that needs it, and the
same with `-p no:llmreplay`. Once it collects an empty directory, once it runs a single test.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pytest_process import pytest_run
from side_by_side import in_turns, table


def compared(folder: Path, rounds: int, options: Sequence[str]) -> dict[str, float]:
    """Median seconds without the plugin, with it, and without it again: the noise."""
    without = (*options, "-p", "no:llmreplay")
    return in_turns(
        {
            "without": lambda: [pytest_run(folder, *without).seconds],
            "idle plugin": lambda: [pytest_run(folder, *options).seconds],
            "without again": lambda: [pytest_run(folder, *without).seconds],
        },
        rounds,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    args = parser.parse_args()
    print(f"pytest with the plugin idle ÷ without, median of {args.rounds} processes, in turns")
    with tempfile.TemporaryDirectory() as name:
        empty, one = Path(name, "empty"), Path(name, "one")
        for folder in (empty, one):
            folder.mkdir()
            (folder / "pytest.ini").write_text("[pytest]\n")
        (one / "test_one.py").write_text("def test_one():\n    assert 2 == 1 + 1\n")
        rows = [
            ("collect an empty directory", compared(empty, args.rounds, ["--collect-only"])),
            ("run one test", compared(one, args.rounds, [])),
        ]
        table("wall time of the process (bar: 1.02)", rows, unit="s")


if __name__ == "__main__":
    main()
