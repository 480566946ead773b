"""What an idle plugin adds to the start of pytest.

    python benchmarks/start.py [--rounds 40] [--no-instructions]

Whole processes in turns: `pytest` with the plugin installed and nothing that needs it, and the
same with `-p no:llmreplay`. Once it collects an empty directory, once it runs a single test.

Both ways differ by less than two processes that are equal differ by chance, so the same way is
measured twice, and the processor's time stands beside that of the clock. Where valgrind is
installed, the instructions are counted too: they hardly vary, so a single process tells.

Last, the same against an environment in which the plugin is not installed at all: pytest reads the
list of files of every distribution that has a plugin, blocked or not.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import which
from statistics import median

from pytest_process import Used, instructions, pytest_run

WITHOUT = ("-p", "no:llmreplay")
WAYS = {"without": WITHOUT, "idle plugin": (), "without again": WITHOUT}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--no-instructions", action="store_true")
    args = parser.parse_args()
    print(f"pytest with the plugin idle ÷ without, {args.rounds} processes of each, in turns")
    print("(bar: 1.02)")
    with tempfile.TemporaryDirectory() as name:
        empty, one = Path(name, "empty"), Path(name, "one")
        for folder in (empty, one):
            folder.mkdir()
            (folder / "pytest.ini").write_text("[pytest]\n")
        (one / "test_one.py").write_text("def test_one():\n    assert 2 == 1 + 1\n")
        for title, folder, options in (
            ("collect an empty directory", empty, ["--collect-only"]),
            ("run one test", one, []),
        ):
            print(f"\n{title}")
            show(alternated(folder, options, args.rounds))
            if which("valgrind") and not args.no_instructions:
                show_instructions(folder, options)
        if which("valgrind") and not args.no_instructions:
            print("\ninstalled, as from a wheel, ÷ not installed; the empty directory")
            show_installed(empty, Path(name))


def alternated(folder: Path, options: Sequence[str], rounds: int) -> dict[str, list[Used]]:
    """What each process needed; every second round the other way round, none counted first."""
    used: dict[str, list[Used]] = {name: [] for name in WAYS}
    for number in range(rounds + 1):
        for name in list(WAYS)[:: 1 if number % 2 else -1]:
            process = pytest_run(folder, *options, *WAYS[name])
            if number:
                used[name].append(process)
    return used


def show(used: dict[str, list[Used]]) -> None:
    """Print the least and the median of both clocks, and their ratio to the first way."""
    for clock, figure in (("processor", "processor"), ("wall", "seconds")):
        for label, reduce in (("least", min), ("median", median)):
            figures = {
                name: reduce([getattr(process, figure) for process in processes])
                for name, processes in used.items()
            }
            row(f"{label}, {clock}", figures, "{:.4f} s")


def show_instructions(folder: Path, options: Sequence[str]) -> None:
    """Print the instructions of one process of each way; the first of them compiles modules."""
    instructions(folder, *options)
    counted = {name: instructions(folder, *options, *WAYS[name]) for name in WAYS}
    row("instructions", counted, "{:,.0f}")


def show_installed(folder: Path, scratch: Path) -> None:
    """Print the instructions of one process without the plugin, and of one with it idle."""
    counted = {}
    for title, packages in environments(scratch).items():
        instructions(folder, "--collect-only", packages=packages)
        counted[title] = instructions(folder, "--collect-only", packages=packages)
    without, idle = counted.values()
    print(
        f"instructions       without {without:,}  idle plugin {idle:,}  idle {idle / without:.3f}"
    )


def environments(scratch: Path) -> dict[str, Path]:
    """This environment's packages but for the plugin, and the same with it."""
    without, idle = scratch / "without", scratch / "idle"
    for packages in (without, idle):
        packages.mkdir()
        for package in Path(sysconfig.get_path("purelib")).iterdir():
            if "llmreplay" not in package.name and package.suffix != ".pth":
                (packages / package.name).symlink_to(package)
    root = Path(__file__).parents[1]
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(idle)]
    subprocess.run([*pip, str(root)], check=True)
    return {"without": without, "idle": idle}


def row(label: str, figures: Mapping[str, float], style: str) -> None:
    """Print one line."""
    first = figures["without"]
    cells = (f"{name} {style.format(figure)}" for name, figure in figures.items())
    ratios = figures["idle plugin"] / first, figures["without again"] / first
    print(f"{label:18} {'  '.join(cells)}  idle {ratios[0]:.3f}  noise {ratios[1]:.3f}", flush=True)


if __name__ == "__main__":
    main()
