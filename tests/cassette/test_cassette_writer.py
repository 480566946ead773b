"""A cassette is replaced whole, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pytest_llmreplay.cassette.places.locks import cassette_lock
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.cassette.writing.writer import replace_cassette
from pytest_llmreplay.errors import CassetteError, SecretFound


def write(path: Path, text: str) -> bool:
    """Write a cassette with the scan for secrets."""
    return replace_cassette(
        path, text, root=path.parents[1], checks=(Redactor().check_before_write,)
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a cassette shall be."""
    return tmp_path / "cassettes" / "test_a.yaml"


def test_a_new_cassette_is_written_with_its_directory(path: Path) -> None:
    """Its permissions are those of any new file."""
    assert write(path, "cassette: 1\n")
    assert "cassette: 1\n" == path.read_text()
    plain = path.with_name("plain")
    plain.touch()
    assert plain.stat().st_mode == path.stat().st_mode


def test_permissions_survive(path: Path) -> None:
    """A rewrite is no reason to change them."""
    write(path, "cassette: 1\n")
    path.chmod(0o640)
    assert write(path, "cassette: 1\n# new\n")
    assert 0o640 == path.stat().st_mode & 0o777


def test_nothing_is_written_where_nothing_changed(path: Path) -> None:
    """The file keeps its identity, and the checks need not run."""
    write(path, "cassette: 1\n")
    before = path.stat()
    assert not write(path, "cassette: 1\n")
    assert (before.st_ino, before.st_mtime_ns) == (path.stat().st_ino, path.stat().st_mtime_ns)


def test_a_failed_check_leaves_the_old_file(path: Path) -> None:
    """Neither a secret nor a text that does not read back replaces it."""
    write(path, "old\n")
    with pytest.raises(SecretFound):
        write(path, "key: sk-a8Kd93LmQ0zX7vB2nT5yRw1c\n")

    def refuse(data: bytes) -> None:
        raise CassetteError(f"{len(data)} bytes do not read back")

    with pytest.raises(CassetteError, match="do not read back"):
        replace_cassette(path, "new\n", root=path.parent, checks=(refuse,))
    assert ("old\n", [path]) == (path.read_text(), list(path.parent.iterdir()))


def test_a_failing_disk_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No temporary file is left behind."""
    write(path, "old\n")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CassetteError, match="cannot be written: No space left on device"):
        write(path, "new\n")
    assert ("old\n", [path]) == (path.read_text(), list(path.parent.iterdir()))


@pytest.mark.parametrize("kind", ["link", "directory", "fifo"])
def test_only_plain_files_are_replaced(path: Path, kind: str) -> None:
    """A link or a pipe in the place of a cassette is refused."""
    path.parent.mkdir()
    if kind == "link":
        (path.parent / "target").write_text("x")
        path.symlink_to(path.parent / "target")
    elif kind == "directory":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(CassetteError, match="plain files only"):
        write(path, "new\n")


def test_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    """Also where the directory is the link."""
    project, outside = tmp_path / "project", tmp_path / "outside"
    project.mkdir()
    outside.mkdir()
    (project / "cassettes").symlink_to(outside)
    with pytest.raises(CassetteError, match="leads out of"):
        replace_cassette(project / "cassettes" / "a.yaml", "x\n", root=project, checks=())
    assert [] == list(outside.iterdir())


def test_one_process_at_a_time_holds_the_lock_of_a_cassette(tmp_path: Path, path: Path) -> None:
    """Another one waits; a killed holder lets go at once."""
    program = (
        "import sys; from pathlib import Path\n"
        "from pytest_llmreplay.cassette.places.locks import cassette_lock\n"
        f"with cassette_lock(Path({str(tmp_path)!r}), Path({str(path)!r})):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    taken = threading.Event()

    def take() -> None:
        with cassette_lock(tmp_path, path):
            taken.set()

    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert b"held\n" == process.stdout.readline()
        thread = threading.Thread(target=take)
        thread.start()
        assert not taken.wait(0.2)
        process.kill()
        process.wait()
    assert taken.wait(10)
    thread.join()
