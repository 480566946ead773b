"""Every finished call is kept, whatever kills the process."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.partial.file import Kept, partial_path, read_partial
from pytest_llmreplay.cassette.partial.journal import Journal
from pytest_llmreplay.cassette.partial.unfinished import unfinished
from pytest_llmreplay.errors import CassetteError, CassetteTooNew

TEST = "tests/test_a.py::test_a"


def line(number: int, filler: str = "") -> bytes:
    """A call as a recording appends it."""
    return json.dumps({"number": number, "answer": f"...\n---\n{filler}"}).encode() + b"\n"


def numbers(kept: Kept) -> list[object]:
    """The calls that a partial file holds."""
    return [entry.value["number"] for entry in kept.entries]


def test_what_was_appended_is_read_again(tmp_path: Path) -> None:
    """Each call is a line; the journal says where it stands."""
    path = partial_path(tmp_path, tmp_path / "cassettes" / "a" / "test.yaml")
    with Journal.open(path, TEST) as journal:
        places = [journal.append(line(1)), journal.append(line(2))]
    kept = read_partial(path)
    assert (TEST, [1, 2], 0) == (kept.test, numbers(kept), kept.torn)
    assert [entry.value for entry in kept.entries] == [place.read().value for place in places]
    assert tmp_path / ".llmreplay" / "partial" / "cassettes" / "a" / "test.jsonl" == path


def test_a_place_is_right_behind_what_other_runs_left(tmp_path: Path) -> None:
    """A file may hold calls of an earlier run, and a torn one."""
    (tmp_path / "a.jsonl").write_bytes(line(1) + b'{"number": 2, "ans')
    with Journal.open(tmp_path / "a.jsonl", TEST) as journal:
        places = [journal.append(line(number)) for number in (3, 4)]
    assert [3, 4] == [place.read().value["number"] for place in places]


class Late(Exception):
    """What an alarm raises wherever the program is."""


def test_an_alarm_in_the_middle_of_a_write_displaces_no_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does one keep the file locked that comes as it is opened."""

    def ring(_: int) -> None:
        raise Late

    path, write = tmp_path / "a.jsonl", os.write
    monkeypatch.setattr(os, "fsync", ring)
    with pytest.raises(Late):
        Journal.open(path, TEST)
    monkeypatch.undo()
    with Journal.open(path, TEST) as journal:
        monkeypatch.setattr(os, "write", lambda file, data: ring(write(file, data)))
        with pytest.raises(Late):
            journal.append(line(1))
        monkeypatch.undo()
        assert 2 == journal.append(line(2)).read().value["number"]
    assert (TEST, [1, 2]) == (read_partial(path).test, numbers(read_partial(path)))


def test_a_disk_that_keeps_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems tell only then that there is no room."""

    def full(_: int) -> None:
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    with Journal.open(tmp_path / "a.jsonl", TEST) as journal:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(CassetteError, match=r"a\.jsonl: cannot be written: .*quota"):
            journal.append(line(1))


def test_a_file_that_was_taken_away_meanwhile_is_said(tmp_path: Path) -> None:
    """Also one that somebody cut short."""
    with Journal.open(tmp_path / "a.jsonl", TEST) as journal:
        place = journal.append(line(1))
    (tmp_path / "a.jsonl").write_bytes(b"")
    with pytest.raises(CassetteError, match="was changed by somebody else"):
        place.read()
    (tmp_path / "a.jsonl").unlink()
    with pytest.raises(CassetteError, match="cannot be read: No such file"):
        place.read()


def test_nothing_is_read_where_nothing_is(tmp_path: Path) -> None:
    """A missing file holds nothing."""
    assert Kept() == read_partial(tmp_path / "none.jsonl")


def test_a_torn_tail_is_left_out_wherever_it_was_torn(tmp_path: Path) -> None:
    """The calls before it are whole, and what is appended later too."""
    head = b'{"partial": 1, "test": "x"}\n'
    whole = head + line(1) + line(2)
    for length in range(len(head) + len(line(1)), len(whole) - 1):
        path = tmp_path / f"{length}.jsonl"
        path.write_bytes(whole[:length])
        assert [1] == numbers(read_partial(path))
        with Journal.open(path, TEST) as journal:
            journal.append(line(3))
        assert [1, 3] == numbers(read_partial(path))


def test_a_line_without_its_line_feed_is_whole(tmp_path: Path) -> None:
    """The write was cut one byte before its end."""
    (tmp_path / "a.jsonl").write_bytes(line(1)[:-1])
    assert [1] == numbers(read_partial(tmp_path / "a.jsonl"))


def test_lines_that_are_no_objects_are_left_out(tmp_path: Path) -> None:
    """Bytes of all kinds, and nesting that no parser bears."""
    text = b"\xff\xfe\n[1]\n3\n" + b"[" * 100_000 + b"\n" + line(1)
    (tmp_path / "a.jsonl").write_bytes(text)
    kept = read_partial(tmp_path / "a.jsonl")
    assert ([1], 4) == (numbers(kept), kept.torn)


@pytest.mark.parametrize("version", [2, "x", None])
def test_a_file_of_another_version_is_refused_and_stays(tmp_path: Path, version: object) -> None:
    """With both numbers and the ways out; at the end of a run it is told as well."""
    path = partial_path(tmp_path, tmp_path / "a.yaml")
    text = json.dumps({"partial": version, "test": TEST}).encode() + b"\n"
    path.write_bytes(text)
    with pytest.raises(CassetteTooNew, match=r"reads format 1; upgrade it .* or delete the file"):
        read_partial(path)
    (left,) = unfinished(tmp_path)
    assert (path, None) == (left.path, left.events)
    assert text == path.read_bytes()


def test_a_file_of_the_first_kind_is_found_and_stays(tmp_path: Path) -> None:
    """It was a cassette once."""
    path = partial_path(tmp_path, tmp_path / "a.yaml").with_suffix(".yaml")
    path.write_text(f"cassette: 1\ntest: {TEST}\n--- # key r1:0\nevent: 1\n...\n")
    (left,) = unfinished(tmp_path)
    assert (path, TEST, None) == (left.path, left.test, left.events)


def test_threads_do_not_mix_their_documents(tmp_path: Path) -> None:
    """Eight threads append at once."""
    with Journal.open(tmp_path / "a.jsonl", TEST, fsync=False) as journal:

        def work(first: int) -> None:
            for number in range(first, first + 25):
                journal.append(line(number, "x" * 5000))

        threads = [threading.Thread(target=work, args=(25 * n + 1,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    kept = read_partial(tmp_path / "a.jsonl")
    assert (200, 0) == (len(set(numbers(kept))), kept.torn)


def test_a_killed_process_loses_nothing_that_was_finished(tmp_path: Path) -> None:
    """And its file is found by the next run, but not while it lives."""
    path = partial_path(tmp_path, tmp_path / "cassettes" / "test.yaml")
    program = (
        "import sys; from pathlib import Path\n"
        "from pytest_llmreplay.cassette.partial.journal import Journal\n"
        f"journal = Journal.open(Path({str(path)!r}), {TEST!r})\n"
        f"journal.append({line(1)!r})\n"
        "print('written', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert b"written\n" == process.stdout.readline()
        assert [] == unfinished(tmp_path)
        with pytest.raises(CassetteError, match="another process is recording"):
            Journal.open(path, TEST)
        process.send_signal(signal.SIGKILL)
        process.wait()
    (left,) = unfinished(tmp_path)
    assert (path, "tests/test_a.py::test_a", 1) == (left.path, left.test, left.events)


def test_a_discarded_journal_is_gone(tmp_path: Path) -> None:
    """Its calls are in the cassette now."""
    journal = Journal.open(tmp_path / "a.jsonl", TEST)
    journal.append(line(1))
    journal.discard()
    journal.close()
    assert [] == list(tmp_path.iterdir())


def test_the_own_directory_is_private_and_ignored_by_git(tmp_path: Path) -> None:
    """Prompts in it are nobody else's business."""
    partial_path(tmp_path, Path("/elsewhere/x.yaml"))
    own = tmp_path / ".llmreplay"
    assert 0o700 == own.stat().st_mode & 0o777
    assert "*\n" == (own / ".gitignore").read_text()


def test_a_link_in_its_place_is_refused(tmp_path: Path) -> None:
    """A repository must not choose where prompts are written."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".llmreplay").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CassetteError, match="not a file or a link"):
        partial_path(tmp_path, tmp_path / "a.yaml")
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "elsewhere" / "x")
    with pytest.raises(CassetteError, match="cannot be written"):
        Journal.open(tmp_path / "link.jsonl", TEST)
    assert [] == list((tmp_path / "elsewhere").iterdir())


def test_a_full_disk_is_said_and_does_not_spoil_what_follows(tmp_path: Path) -> None:
    """The torn document is left out, the next one is whole."""
    journal = Journal.open(tmp_path / "a.jsonl", TEST)
    journal.append(line(1))
    real = os.write
    torn = line(2)

    def full(descriptor: int, data: bytes) -> int:
        return real(descriptor, data[: len(data) // 2])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(CassetteError, match=f"bytes of {len(torn)}|of {len(torn)} bytes"):
            journal.append(line(2))
    journal.append(line(3))
    journal.close()
    kept = read_partial(tmp_path / "a.jsonl")
    assert ([1, 3], 1) == (numbers(kept), kept.torn)


def test_a_journal_that_cannot_be_written_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk's own words are in the message."""
    journal = Journal.open(tmp_path / "a.jsonl", TEST)

    def refuse(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refuse)
        with pytest.raises(CassetteError, match="cannot be written: No space left"):
            journal.append(line(1))
    journal.close()


def test_what_was_left_is_counted_line_by_line(tmp_path: Path) -> None:
    """Every run asks, be the pictures in it ever so large."""
    path = partial_path(tmp_path, tmp_path / "a.yaml")
    with Journal.open(path, TEST, fsync=False) as journal:
        for number in range(40):
            journal.append(line(number, "x" * 50_000))
    path.write_bytes(path.read_bytes()[:-20])
    tracemalloc.start()
    try:
        (left,) = unfinished(tmp_path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (TEST, 39) == (left.test, left.events)
    assert peak < path.stat().st_size / 4


def test_only_readable_plain_files_count_as_unfinished(tmp_path: Path) -> None:
    """Nothing at all, or a link, is no recording."""
    assert [] == unfinished(tmp_path)
    path = partial_path(tmp_path, tmp_path / "a.yaml")
    path.symlink_to(tmp_path / "elsewhere.jsonl")
    path.with_name("directory.jsonl").mkdir()
    assert [] == unfinished(tmp_path)


def test_a_file_in_the_place_of_the_own_directory_is_refused(tmp_path: Path) -> None:
    """It is not ours to remove."""
    (tmp_path / ".llmreplay").touch()
    with pytest.raises(CassetteError, match="not a file or a link"):
        partial_path(tmp_path, tmp_path / "a.yaml")


def test_what_keeps_the_own_directory_from_being_written_is_one_sentence(tmp_path: Path) -> None:
    """A full disk or a read-only one is no traceback."""
    own = tmp_path / ".llmreplay"
    own.mkdir()
    (own / ".gitignore").symlink_to(tmp_path / "gone" / "ignored")
    with pytest.raises(CassetteError, match=r"\.gitignore: cannot be written: Too many levels"):
        partial_path(tmp_path, tmp_path / "cassettes" / "test.yaml")


def test_a_gitignore_that_a_full_disk_left_empty_is_written_again(tmp_path: Path) -> None:
    """Partial recordings never show up in version control."""
    own = tmp_path / ".llmreplay"
    own.mkdir()
    (own / ".gitignore").touch()
    partial_path(tmp_path, tmp_path / "cassettes" / "test.yaml")
    assert "*\n" == (own / ".gitignore").read_text()
