"""The store of a run under way: appends what comes, and finds what earlier runs have."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from pytest_llmreplay.cassette.json_dump import json_bytes
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.errors import CassetteError, RedactionFailed, SecretFound
from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.calls.call import Call
from pytest_llmreplay.replay.calls.result import CallFailed, Reply, is_answer
from pytest_llmreplay.replay.entry import Result

from .clean import clean, might_hold_secret, needed
from .opinions import opinions_of, opinions_row
from .rows import row_of
from .run_file import RunFile
from .stored import StoredRun

__all__ = ["Keeping"]


class Keeping:
    """Keeps the calls of a run in its file.

    A file that cannot be written any more stops no run: what was paid for is judged all the same.

    Args:
        file: Of this run; none where it cannot be kept.
        redactor: Takes secrets out of what is written.
        earlier: Runs whose answers are taken over, the first that has one before the others.
    """

    def __init__(
        self, file: RunFile | None, redactor: Redactor, earlier: Sequence[StoredRun] = ()
    ) -> None:
        self._file, self._redactor, self._earlier = file, redactor, earlier
        self._lock = threading.Lock()
        self.problem: str | None = None
        """What keeps calls from being written, once something does."""
        self.withheld = 0
        """Answers that are not in the file because they would show a secret there."""
        self.taken: Counter[str] = Counter()
        """Answers that were taken over, by the run that has them."""
        self.answers = 0
        """What came of calls of targets, as far as it is in the file; not of a calibration."""

    def find(self, call: Call) -> Reply | CallFailed | None:
        """What came of a call in the last earlier run that made it; an answer before an error."""
        found = [(run.header.id, run.find(call)) for run in self._earlier]
        for name, outcome in found:
            if is_answer(outcome):
                return replace(outcome, taken_from=name)
        return next((outcome for _, outcome in found if outcome is not None), None)

    def keep(self, call: Call, outcome: Reply | CallFailed) -> None:
        """Append what came of a call."""
        with self._lock:
            if call.purpose != "judge" and isinstance(outcome, Reply) and outcome.taken_from:
                self.taken[outcome.taken_from] += 1
            if self._append(lambda: self._line(call, outcome)) and call.purpose == "answer":
                self.answers += 1

    def note(self, result: Result) -> None:
        """Append what a judge and a user's checks thought of an answer, if any did."""
        clean = self._redactor.text
        if (opinions := opinions_of(result)) is not None:
            with self._lock:
                self._append(lambda: self._noted(opinions_row(result, opinions, clean)))

    def _append(self, line: Callable[[], bytes]) -> bool:
        """Whether the line is in the file now."""
        if self._file is None or self.problem is not None:
            return False
        try:
            self._file.append(line())
        except SecretFound:
            self.withheld += 1
        except (CassetteError, RedactionFailed) as error:
            self.problem = str(error)
        else:
            return True
        return False

    def _noted(self, row: dict[str, Json]) -> bytes:
        line = json_bytes(row) + b"\n"
        if self._redactor.might_change(line):
            self._redactor.check_line(line)
        return line

    def _line(self, call: Call, outcome: Reply | CallFailed) -> bytes:
        kept = needed(outcome)
        if not might_hold_secret(call, kept, self._redactor):
            return _line_of(call, kept)
        line = _line_of(call, clean(kept, self._redactor))
        self._redactor.check_line(line)
        return line


def _line_of(call: Call, outcome: Reply | CallFailed) -> bytes:
    return json_bytes(row_of(call, outcome)) + b"\n"
