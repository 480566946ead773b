"""One run: events on their way to targets, sent ahead, each judged when its turn comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.compare.ladder import FailOn
from pytest_llmreplay.errors import LlmReplayError, ReplayError
from pytest_llmreplay.replay.calls.result import CallFailed, NotReplayed, NotRun, Reply, Stale
from pytest_llmreplay.replay.sending.engine import Engine
from pytest_llmreplay.replay.sending.job import Job

from .entry import Entry, Result
from .entry_judge import EntryJudge
from .preparation import Preparation
from .scoring import Arrivals, Scoring

__all__ = ["Run"]


class Run:
    """Sends the entries of live and simulated targets ahead and judges them one by one.

    Args:
        engine: Makes the calls.
        preparation: Makes the requests.
        fail_on: From which rung of the ladder on a divergence fails its event.
        ask: Whether what is not stored is asked for.
    """

    def __init__(
        self,
        engine: Engine,
        preparation: Preparation,
        *,
        fail_on: FailOn = "equivalent",
        ask: bool = True,
    ) -> None:
        self._engine, self._preparation = engine, preparation
        self._judge, self._asks = EntryJudge(preparation, fail_on), ask
        self._scoring: Scoring[Any] | None = None
        self._arrivals: Arrivals[Entry] | None = None
        self._jobs: dict[Entry, Job] = {}
        self._entries: dict[Job, Entry] = {}
        """The same the other way round."""
        self._arrived: SimpleQueue[Entry] = SimpleQueue()
        self._tells = False

    def keep(self, entry: Entry, document: EventDocument) -> None:
        """Take a recording over that was read before the start; as many as will wait anyway."""
        self._preparation.hold(entry, document, most=self._engine.window)

    def score(self, scoring: Scoring[Any]) -> None:
        """Let judges be asked about the answers, as soon as each arrives; before the start.

        Args:
            scoring: Knows the entries as whoever made them does.
        """
        self._scoring, self._arrivals = scoring, Arrivals(self._begin_scoring)

    def start(self, entries: Iterable[Entry], *, more: bool = False) -> None:
        """Begin to send the requests of the entries.

        Args:
            entries: In the order in which they are judged.
            more: Whether `add` and `arrived` will be called.

        Raises:
            UnknownTarget: A simulated model does not exist.
        """
        self._tells = more
        if self._arrivals is not None:
            self._arrivals.start()
        jobs = self._jobs_of(entries)
        if self._asks and (jobs or more):
            self._engine.start(jobs, arrived=self._tell if more else None)

    def add(self, entries: Iterable[Entry]) -> None:
        """Send further entries before all that wait to be sent."""
        if jobs := self._jobs_of(entries):
            self._engine.add(jobs)

    def want(self, entry: Entry) -> None:
        """Let everything up to this entry through: somebody waits for it."""
        if job := self._jobs.get(entry):
            self._engine.want(job)

    def arrived(self, timeout: float) -> Entry | None:
        """The next entry that has an outcome; none where none came in so many seconds."""
        with suppress(Empty):
            return self._arrived.get(timeout=timeout)
        return None

    def result(self, entry: Entry) -> Result:
        """Wait for the answer of an entry and judge it."""
        try:
            return self._outcome(entry)
        except NotReplayed as reason:
            spared = self._preparation.event(entry) if reason.spares else None
            return replace(
                self._judge.without_answer(entry, "not_replayed", str(reason)), spared=spared
            )
        except NotRun as reason:
            return self._judge.without_answer(entry, "not_run", str(reason))
        except Stale as reason:
            return self._judge.without_answer(entry, "stale", str(reason))
        except LlmReplayError as error:
            failure = error if isinstance(error, CallFailed) and self._asks else None
            return self._judge.without_answer(entry, "error", str(error), failure)

    def release(self, entry: Entry) -> None:
        """Forget the answer of an entry, and make room for another."""
        self._preparation.release(entry)
        job = self._jobs.pop(entry, None)
        if job is not None:
            del self._entries[job]
            self._engine.release(job)

    def unclaimed(self) -> Iterator[Result]:
        """What came for entries that were not released, judged by nobody."""
        for entry, job in self._jobs.items():
            came = self._engine.came(job)
            if isinstance(came, Reply) and came.taken_from is None:
                yield self._judge.unjudged(entry, came)

    def stop(self) -> None:
        """End all calls."""
        self._engine.stop()
        if self._arrivals is not None:
            self._arrivals.stop()
        if self._scoring is not None:
            self._scoring.stop()
        self._preparation.simulated.stop()

    def _jobs_of(self, entries: Iterable[Entry]) -> list[Job]:
        """The calls to be made; where nothing is asked, the answers are there at once."""
        sent = (entry for entry in entries if entry.target.kind != "recorded")
        if self._asks:
            return [self._job(entry) for entry in sent]
        for entry in sent:
            self._take_stored(entry)
        return []

    def _job(self, entry: Entry) -> Job:
        preparation = self._preparation
        job = Job(
            target=entry.target.name,
            prepare=partial(preparation.request, entry),
            keep=partial(preparation.keep, entry) if preparation.keeps else None,
            then=None if self._arrivals is None else partial(self._arrivals.take, entry),
        )
        self._jobs[entry], self._entries[job] = job, entry
        preparation.simulated.serve(entry.target)
        return job

    def _take_stored(self, entry: Entry) -> None:
        if self._arrivals is not None:
            self._arrivals.take(entry)
        if self._tells:
            self._arrived.put(entry)

    def _tell(self, job: Job) -> None:
        if (entry := self._entries.get(job)) is not None:
            self._arrived.put(entry)

    def _outcome(self, entry: Entry) -> Result:
        if entry.target.kind == "recorded":
            return self._judge.recorded(entry)
        pair = self._judge.pair(entry, reply := self._reply(entry))
        if self._scoring is not None and self._scoring.wants(entry):
            pair = replace(pair, scores=self._scoring.scores(entry, pair))
        lost = self._preparation.rules.on_loss.reported(reply.outgoing.losses)
        return replace(self._judge.judged(entry, pair, reply), lost=lost)

    def _begin_scoring(self, entry: Entry, reply: Reply | None) -> None:
        """Ask about an answer that arrived, or that was stored."""
        if self._scoring is not None and self._scoring.wants(entry):
            self._scoring.begin(
                entry, self._judge.pair(entry, reply or self._preparation.stored(entry))
            )

    def _reply(self, entry: Entry) -> Reply:
        if not self._asks:
            return self._preparation.stored(entry)
        reply = self._engine.result(self._jobs[entry])
        if isinstance(reply, ReplayError):
            raise reply
        return reply
