"""Every finished call is kept, whatever kills the process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.journal import Journal, partial_path, unfinished
from pytest_llmreplay.errors import CassetteError

HEADER = "cassette: 1\ntest: tests/test_a.py::test_a\n"


def document(number: int, filler: str = "") -> str:
    """A document as a recording appends it."""
    return f"--- # key r1:{number:016x}\nevent: {number}\nanswer: |\n  ...\n  ---\n{filler}...\n"


def test_what_was_appended_is_read_again(tmp_path: Path) -> None:
    """Marks inside a text do not end a document."""
    path = partial_path(tmp_path, tmp_path / "cassettes" / "a" / "test.yaml")
    with Journal.open(path, HEADER) as journal:
        journal.append(document(1))
        journal.append(document(2))
    kept = Journal.read(path)
    assert (HEADER, (document(1), document(2)), 0) == (kept.header, kept.documents, kept.torn)
    assert tmp_path / ".llmreplay" / "partial" / "cassettes" / "a" / "test.yaml" == path


def test_nothing_is_read_where_nothing_is(tmp_path: Path) -> None:
    """A missing file holds nothing."""
    assert ("", (), 0) == (
        (kept := Journal.read(tmp_path / "none.yaml")).header,
        kept.documents,
        kept.torn,
    )


def test_a_torn_tail_is_left_out_wherever_it_was_torn(tmp_path: Path) -> None:
    """The documents before it are whole, and what is appended later too."""
    whole = HEADER + document(1) + document(2)
    for length in range(len(HEADER) + len(document(1)), len(whole) - 1):
        path = tmp_path / f"{length}.yaml"
        path.write_text(whole[:length])
        assert (document(1),) == Journal.read(path).documents
        with Journal.open(path, HEADER) as journal:
            journal.append(document(3))
        assert (document(1), document(3)) == Journal.read(path).documents


def test_runs_that_counted_alike_are_numbered_through(tmp_path: Path) -> None:
    """Two failed runs may have left an event 1 each."""
    with Journal.open(tmp_path / "a.yaml", HEADER) as journal:
        for number in (1, 2, 1):
            journal.append(document(number))
    numbers = [text.split("\n")[1] for text in Journal.read(tmp_path / "a.yaml").documents]
    assert ["event: 1", "event: 2", "event: 3"] == numbers


def test_threads_do_not_mix_their_documents(tmp_path: Path) -> None:
    """Eight threads append at once."""
    with Journal.open(tmp_path / "a.yaml", HEADER, fsync=False) as journal:

        def work(first: int) -> None:
            for number in range(first, first + 25):
                journal.append(document(number, "# " + "x" * 5000 + "\n"))

        threads = [threading.Thread(target=work, args=(25 * n + 1,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    kept = Journal.read(tmp_path / "a.yaml")
    assert (200, 0) == (len(set(kept.documents)), kept.torn)


def test_a_killed_process_loses_nothing_that_was_finished(tmp_path: Path) -> None:
    """And its file is found by the next run, but not while it lives."""
    path = partial_path(tmp_path, tmp_path / "cassettes" / "test.yaml")
    program = (
        "import sys; from pathlib import Path\n"
        "from pytest_llmreplay.cassette.journal import Journal\n"
        f"journal = Journal.open(Path({str(path)!r}), {HEADER!r})\n"
        f"journal.append({document(1)!r})\n"
        "print('written', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert b"written\n" == process.stdout.readline()
        assert [] == unfinished(tmp_path)
        with pytest.raises(CassetteError, match="another process is recording"):
            Journal.open(path, HEADER)
        process.send_signal(signal.SIGKILL)
        process.wait()
    (left,) = unfinished(tmp_path)
    assert (path, "tests/test_a.py::test_a", 1) == (left.path, left.test, left.events)


def test_a_discarded_journal_is_gone(tmp_path: Path) -> None:
    """Its calls are in the cassette now."""
    journal = Journal.open(tmp_path / "a.yaml", HEADER)
    journal.append(document(1))
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
    (tmp_path / "link.yaml").symlink_to(tmp_path / "elsewhere" / "x")
    with pytest.raises(CassetteError, match="cannot be written"):
        Journal.open(tmp_path / "link.yaml", HEADER)
    assert [] == list((tmp_path / "elsewhere").iterdir())


def test_a_full_disk_is_said_and_does_not_spoil_what_follows(tmp_path: Path) -> None:
    """The torn document is left out, the next one is whole."""
    journal = Journal.open(tmp_path / "a.yaml", HEADER)
    journal.append(document(1))
    real = os.write
    torn = document(2).encode()

    def full(descriptor: int, data: bytes) -> int:
        return real(descriptor, data[: len(data) // 2])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(CassetteError, match=f"bytes of {len(torn)}|of {len(torn)} bytes"):
            journal.append(document(2))
    journal.append(document(3))
    journal.close()
    kept = Journal.read(tmp_path / "a.yaml")
    assert ((document(1), document(3)), 1) == (kept.documents, kept.torn)


def test_a_journal_that_cannot_be_written_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk's own words are in the message."""
    journal = Journal.open(tmp_path / "a.yaml", HEADER)

    def refuse(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refuse)
        with pytest.raises(CassetteError, match="cannot be written: No space left"):
            journal.append(document(1))
    journal.close()


def test_only_readable_plain_files_count_as_unfinished(tmp_path: Path) -> None:
    """Nothing at all, or a link, is no recording."""
    assert [] == unfinished(tmp_path)
    path = partial_path(tmp_path, tmp_path / "a.yaml")
    path.symlink_to(tmp_path / "elsewhere.yaml")
    assert [] == unfinished(tmp_path)


def test_a_file_in_the_place_of_the_own_directory_is_refused(tmp_path: Path) -> None:
    """It is not ours to remove."""
    (tmp_path / ".llmreplay").touch()
    with pytest.raises(CassetteError, match="not a file or a link"):
        partial_path(tmp_path, tmp_path / "a.yaml")
