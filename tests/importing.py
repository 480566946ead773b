"""A project into which logs are imported, as a shell would."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from shell import inside

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.event import Event

__all__ = ["ANSWER", "QUESTION", "Importing", "lines"]

QUESTION: Any = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Hello?"}]}
ANSWER: Any = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-5-mini-2026-08-14",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Hi."}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 8, "completion_tokens": 2, "total_tokens": 10},
}


class Importing:
    """A project; what is imported goes to `out`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "pytest.ini").write_text("[pytest]\n")

    def file(self, name: str, content: str | bytes) -> Path:
        """A file of the project."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, *words: str) -> CompletedProcess[str]:
        """Import; without a word about where, to `out`."""
        where = () if "-o" in words else ("-o", "out")
        return inside("import", *words, *where, cwd=self.path)

    def good(self, *words: str) -> str:
        """Import what is all well; what is printed."""
        done = self.run(*words)
        assert (0, "") == (done.returncode, done.stderr)
        return done.stdout

    def events(self, name: str) -> Sequence[Event]:
        """The events of a cassette, read by the reader that decides."""
        cassette = Cassette.load(self.path / name)
        cassette.check()
        return list(cassette.events)

    def written(self) -> list[str]:
        """All cassettes of `out`."""
        out = self.path / "out"
        return sorted(str(path.relative_to(out)) for path in out.rglob("*.yaml"))


def lines(*values: object) -> str:
    """JSON Lines."""
    return "".join(f"{json.dumps(value)}\n" for value in values)
