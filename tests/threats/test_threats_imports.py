"""Logs are data (T5, T7, T14, T19): they name no file, start nothing, and fill no memory."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from importing import ANSWER, QUESTION, Importing, lines
from shell import environment

from pytest_llmreplay.cassette.cassette import Cassette

KEEP = ("--redact", "none")

NAMES = [
    "../../escaped",
    "/tmp/escaped",
    "..",
    ".",
    "~/escaped",
    "a/../../escaped",
    "C:\\escaped",
    "\\\\host\\share",
    "CON",
    "nul.txt",
    "a" * 5_000,
    "new\nline",
    "\x1b]52;c;aGk=\x07",
    "\u202eexe.yaml",
    ".hidden",
    "--force",
    "e\u0301",
    "\ud800",
    " ",
    "x\x00y",
]


@pytest.fixture
def project(tmp_path: Path) -> Importing:
    """A project inside of a directory that must stay as it is."""
    inner = tmp_path / "outer" / "project"
    inner.mkdir(parents=True)
    return Importing(inner)


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_an_id_never_becomes_a_path(project: Importing, name: str) -> None:
    """Whatever a session is called, its cassette is one file in the directory that was named."""
    session = {"id": name, "name": name, "path": name}
    project.file(
        "calls.jsonl", lines({"request": QUESTION, "response": ANSWER, "session": session})
    )
    project.good("jsonl", "calls.jsonl", *KEEP)
    [written] = project.written()
    assert "/" not in written
    assert len(written.encode()) < 120
    assert name == Cassette.load(project.path / "out" / written).header.session.id
    assert ["project"] == [path.name for path in project.path.parent.iterdir()]


def test_a_link_in_the_place_of_a_cassette_is_not_followed(project: Importing) -> None:
    """It would write outside of the project."""
    outside = project.path.parent / "outside.yaml"
    outside.write_text("keep")
    (project.path / "out").mkdir()
    (project.path / "out/calls.yaml").symlink_to(outside)
    project.file("calls.jsonl", lines({"request": QUESTION, "response": ANSWER}))
    done = project.run("jsonl", "calls.jsonl", *KEEP, "--force")
    assert 1 == done.returncode
    assert "calls.yaml: leads out of " in done.stderr
    assert "keep" == outside.read_text()


WATCH = """
import re, sys
GUARDED = (
    "subprocess.Popen", "os.system", "os.exec", "os.fork", "socket.connect", "pickle.find_class"
)
def watch(event, arguments):
    if event in GUARDED:
        print("GUARD", event, arguments, file=sys.stderr)
from pytest_llmreplay.cli import main
sys.addaudithook(watch)
code = main(sys.argv[1:])
# The most that this process has had; ru_maxrss would count what its parent had before.
print(int(re.search("VmHWM:\\s*([0-9]+)", open("/proc/self/status").read())[1]) // 1024)
sys.exit(code)
"""


def long_line(path: Path) -> None:
    """A line of 200 MB between two good ones."""
    good = lines({"request": QUESTION, "response": ANSWER}).encode()
    with path.open("wb") as file:
        file.write(good)
        for _ in range(200):
            file.write(b"x" * 1_000_000)
        file.write(b"\n" + good)


def bomb(path: Path) -> None:
    """200 MB of blanks, which are 200 kB as gzip, behind a good line."""
    stream = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    with path.open("wb") as file:
        file.write(stream.compress(lines({"request": QUESTION, "response": ANSWER}).encode()))
        for _ in range(200):
            file.write(stream.compress(b" " * 1_000_000))
        file.write(stream.flush())


def deep(path: Path) -> None:
    """A line that is nested a million deep."""
    path.write_bytes(
        b"[" * 1_000_000 + b"\n" + b'{"request": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"
    )


def crowded(path: Path) -> None:
    """A line of 60 MB that would be thirty million lists."""
    path.write_bytes(b'{"request": [' + b"[]," * 20_000_000 + b"1]}")


def infinite(path: Path) -> None:
    """Numbers that Python reads as infinite, and numbers that it does not read."""
    path.write_bytes(
        b'{"request": {"x": 1e999}, "response": {"object": "response"}}\n'
        b'{"request": {"x": 1}, "response": "[1e999]", "api": "responses"}\n'
        b'{"request": {"x": 1}, "response": {"object": "response"}, "duration": 1e999}\n'
        b'{"request": {"x": 1}, "response": {"object": "response"}}\n'
        b'{"request": {"x": ' + b"9" * 5_000 + b'}, "response": {"object": "response"}}\n'
    )


def torn(path: Path) -> None:
    """A compressed export that was cut off."""
    good = lines(*({"request": QUESTION, "response": ANSWER, "at": n} for n in range(50)))
    path.write_bytes(gzip.compress(good.encode())[:-30])


def utf_16(path: Path) -> None:
    """An export in another encoding."""
    path.write_bytes(json.dumps({"request": {}}).encode("utf-16"))


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (long_line, "calls.jsonl:2: is longer than 64 MB\n"),
        (bomb, "calls.jsonl: expands to more than 100 times its size\n"),
        (deep, "calls.jsonl:1: is nested more than 200 deep\n"),
        (crowded, "calls.jsonl:1: holds more than 2,000,000 values\n"),
        (infinite, "calls.jsonl:1: is no JSON: 1e999 is a number beyond what can be read"),
        (infinite, "calls.jsonl:5: is no JSON: a number of 5000 digits is more than can be read"),
        (torn, "calls.jsonl: is a gzip file that was cut off; what it still holds was read\n"),
        (utf_16, "calls.jsonl: is UTF-16; write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE\n"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_hostile_log_is_one_line_within_bounds(
    project: Importing, write: Callable[[Path], None], said: str
) -> None:
    """No process, no socket, no object of a pickle, and less than 300 MB of memory."""
    write(project.path / "calls.jsonl")
    done = subprocess.run(
        [sys.executable, "-c", WATCH, "import", "jsonl", "calls.jsonl", *KEEP],
        cwd=project.path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert 1 == done.returncode, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "GUARD" not in done.stderr
    megabytes = int(done.stdout.splitlines()[-1])
    assert 300 > megabytes


def test_what_a_log_says_is_shown_without_effect(project: Importing) -> None:
    """Terminal sequences and CI commands of a file name or a field do nothing."""
    evil = "\x1b]52;c;aGk=\x07\n::stop-commands::x"
    project.file("calls.jsonl", lines({"request": QUESTION, "response": {}, "origin": evil}))
    project.file("more.jsonl", lines({"request": QUESTION, "response": ANSWER, "origin": evil}))
    done = project.run("jsonl", "calls.jsonl", "more.jsonl", *KEEP)
    assert "\x1b" not in done.stderr
    assert not any(line.lstrip().startswith("::") for line in done.stderr.splitlines())
    assert 2 == len(done.stderr.splitlines())


def test_an_event_that_no_cassette_may_hold_is_told_alone(project: Importing) -> None:
    """A secret that only the last look at the bytes finds refuses its event, not the others."""
    project.file(
        "calls.jsonl",
        lines(
            {"request": QUESTION, "response": ANSWER},
            {"request": QUESTION, "response": {**ANSWER, "x" * 70_000_000: 1}},
        ),
    )
    done = project.run("jsonl", "calls.jsonl", *KEEP)
    assert 1 == done.returncode
    assert 1 == len(project.events("out/calls.yaml"))
