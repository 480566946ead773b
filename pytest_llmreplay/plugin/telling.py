"""From a result to what the report stage shows of it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from pytest_llmreplay.event import Session
from pytest_llmreplay.replay.run import Result
from pytest_llmreplay.report.divergence import (
    DivergenceView,
    FailureView,
    divergence_text,
    failure_text,
)
from pytest_llmreplay.report.place import Standing
from pytest_llmreplay.report.result import EventResult, compared
from pytest_llmreplay.report.tally import Tally

from .collection import ReplayItem
from .settings import Settings
from .shelf import open_cassette

__all__ = ["Telling", "result_of"]


class Telling:
    """Writes failures, and the commands that go on from them.

    Args:
        settings: The options of the run.
        here: Where pytest was started.
    """

    def __init__(self, settings: Settings, here: Path) -> None:
        self._settings, self._here = settings, here

    def failure(self, item: ReplayItem, result: Result, width: int) -> str:
        """The failure of an item."""
        standing = self._standing(item)
        sent = tuple(self._settings.overrides)
        if result.pair is None:
            view = FailureView(
                problem=result.comparison.error or "no answer",
                standing=standing,
                target=item.target.name,
                sent=sent,
                again=self._command(item),
            )
            return failure_text(view, width)
        accepted = result.baseline is not None and result.baseline.model != item_model(item)
        return divergence_text(
            DivergenceView(
                pair=result.pair,
                comparison=result.comparison,
                standing=standing,
                target=item.target.name,
                baseline="accepted" if accepted else "recorded",
                sent=sent,
                checks=_checks(item),
                accept=self._accept(item),
            ),
            width,
        )

    def again(self, tallies: Sequence[Tally]) -> str | None:
        """The command that repeats only what failed."""
        failed = any(tally.causes for tally in tallies)
        return f"{self._base()} --lf" if failed else None

    def _accept(self, item: ReplayItem) -> str | None:
        if item.target.kind == "recorded":
            return None
        return self._command(item) + " --llm-record"

    def _command(self, item: ReplayItem) -> str:
        return f"{self._base(item.target.name)} {shlex.quote(self._node_id(item))}"

    def _base(self, target: str | None = None) -> str:
        models = self._settings.models if target is None else (target,)
        words = ["pytest", "--llm-replay"]
        for model in models:
            words += [] if model == "recorded" else ["--llm-model", model]
        if self._settings.base_url is not None:
            words += ["--llm-base-url", self._settings.base_url]
        for override in self._settings.overrides:
            words += ["--llm-set", override]
        return shlex.join(words)

    def _node_id(self, item: ReplayItem) -> str:
        return f"{self._shown(item.path)}::{item.name}"

    def _shown(self, path: Path) -> str:
        return Path(os.path.relpath(path, self._here)).as_posix()

    def _standing(self, item: ReplayItem) -> Standing:
        cassette = open_cassette(item.path)
        document = cassette.document(item.place)
        return Standing(
            cassette=self._shown(item.path),
            line=document.place.line,
            event=document.number,
            session=document.head.session,
            turn=item.place + 1,
            turns=len(cassette.index.events),
            history="recorded history",
        )


def item_model(item: ReplayItem) -> str | None:
    """The model that an item's recording was asked of."""
    return open_cassette(item.path).document(item.place).head.model


def result_of(item: ReplayItem, result: Result) -> EventResult:
    """The result as summary and JUnit take it."""
    document = open_cassette(item.path).document(item.place)
    session = _session_key(item, document.head.session)
    if result.pair is not None:
        return compared(
            result.pair,
            result.comparison,
            node_id=item.nodeid,
            target=item.target.name,
            session=session,
        )
    return EventResult(
        node_id=item.nodeid,
        target=item.target.name,
        outcome=result.comparison.outcome,
        reason=result.comparison.error,
        session=session,
        live=result.comparison.outcome == "error",
        recorded_at=document.measured.at,
    )


def _session_key(item: ReplayItem, session: Session | None) -> str:
    return (session and (session.id or session.name)) or str(item.path)


def _checks(item: ReplayItem) -> tuple[str, ...]:
    document = open_cassette(item.path).document(item.place)
    return document.head.checks if document.head.checks is not None else document.header.checks
