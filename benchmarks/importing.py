"""What an import takes: seconds beside the reading alone, and memory as a log grows.

    python benchmarks/importing.py [--megabytes 10 100] [--recordings DIR]

JSON Lines of calls of some 4 kB, a session for every ten of them, mixed; each size is imported by a
process of its own, whose peak memory is told. Beside it the same file read by `json.loads`, line by
line. With a folder of vcrpy cassettes also those, beside `yaml.load` with libyaml.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = 400
TOGETHER = 10
"""Calls of one session."""
MIXED = 100
"""Sessions that go on at the same time."""

IMPORT = """
import re, sys, time
from pytest_llmreplay.cli import main
begin = time.process_time()
code = main(["import", *sys.argv[1:]])
peak = re.search("VmHWM:\\s*([0-9]+)", open("/proc/self/status").read())[1]
print(time.process_time() - begin, int(peak) / 1024, file=sys.stderr)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--recordings", type=Path)
    args = parser.parse_args()
    print(f"{'':24}{'import':>10}{'reading':>10}{'ratio':>8}{'peak memory':>14}")
    for size in args.megabytes:
        with tempfile.TemporaryDirectory() as name:
            log = Path(name) / "calls.jsonl"
            write_log(log, size)
            row(f"{size:,} MB of JSON Lines", imported(log, "jsonl"), read_lines(log))
    if args.recordings:
        row("vcrpy cassettes", imported(args.recordings, "vcrpy"), read_yaml(args.recordings))


def row(title: str, done: tuple[float, float], alone: float) -> None:
    """One line of the table."""
    seconds, megabytes = done
    ratio = seconds / alone
    print(f"{title:24}{seconds:8.1f} s{alone:8.2f} s{ratio:8.1f}{megabytes:11.0f} MB", flush=True)


def write_log(path: Path, megabytes: int) -> None:
    """A log of this size."""
    lot = random.Random(1)  # words, no secrets
    words = ["".join(lot.choices("abcdefghijklmnop", k=lot.randint(2, 9))) for _ in range(5000)]
    number = 0
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < megabytes * 1_000_000:
            file.write(json.dumps(_call(number, lot, words)) + "\n")
            number += 1


def _call(number: int, lot: random.Random, words: list[str]) -> dict[str, object]:
    block, place = divmod(number, TOGETHER * MIXED)
    question = " ".join(lot.choices(words, k=WORDS))
    message = {"role": "assistant", "content": " ".join(lot.choices(words, k=WORDS // 2))}
    return {
        "id": f"call-{number}",
        "session": f"session-{block * MIXED + place % MIXED}",
        "at": 1795194000 + number,
        "request": {"model": "gpt-5-mini", "messages": [{"role": "user", "content": question}]},
        "response": {
            "id": f"chatcmpl-{number}",
            "object": "chat.completion",
            "model": "gpt-5-mini-2026-08-14",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 500, "completion_tokens": 250, "total_tokens": 750},
        },
    }


def imported(source: Path, kind: str) -> tuple[float, float]:
    """Seconds of the processor and megabytes at the peak of an import."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", IMPORT, kind, str(source), "-o", "out", "--redact", "none"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    seconds, megabytes = done.stderr.split()[-2:]
    return float(seconds), float(megabytes)


def read_lines(path: Path) -> float:
    """Seconds of the processor to parse every line."""
    begin = time.process_time()
    with path.open("rb") as file:
        for line in file:
            json.loads(line)
    return time.process_time() - begin


def read_yaml(folder: Path) -> float:
    """Seconds of the processor to parse every cassette as vcrpy does."""
    import yaml  # noqa: PLC0415  # only where it is asked for

    begin = time.process_time()
    for path in folder.glob("*.yaml"):
        yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return time.process_time() - begin


if __name__ == "__main__":
    main()
