"""One run: events on their way to targets, sent ahead, each judged when its turn comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from pytest_llmreplay.cassette.document import EventDocument
from pytest_llmreplay.compare.check import Pair
from pytest_llmreplay.compare.ladder import FailOn, fails
from pytest_llmreplay.compare.outcome import Comparison, Outcome, compare
from pytest_llmreplay.errors import LlmReplayError, ReplayError
from pytest_llmreplay.event import Event
from pytest_llmreplay.providers.conversion import LossPolicy

from .calls import Call, CallStore, digest_of
from .decode import replayed_event
from .endpoints import Endpoints
from .engine import Engine
from .entry import Entry, Result
from .lane import Job
from .outgoing import Outgoing
from .overrides import Overrides
from .request import prepare
from .result import CallFailed, NotReplayed, NotRun, Reply, Stale
from .scoring import Arrivals, Scoring
from .targets import SIMULATED, Target
from .unsendable import RECORDED_ERRORS, is_recorded_error, not_replayed

if TYPE_CHECKING:
    from .history import History
    from .simulated import SimulatedServer

__all__ = ["Run"]

LATE = "our own event loop was late while the call was under way"


class Run:
    """Sends the entries of live and simulated targets ahead and judges them one by one.

    Args:
        engine: Makes the calls.
        endpoints: Knows hosts and keys.
        overrides: What a person changed in every request.
        allow: What `--llm-allow` lets through.
        on_loss: Which losses of a conversion stop an event, and which are told.
        fail_on: From which rung of the ladder on a divergence fails its event.
        store: Keeps what came of calls, and may know what was answered before.
        ask: Whether what the store does not know is asked for.
        history: Makes the requests of sessions that run freely; none sends what was recorded.
        stale: Says why a recording is not worth a call; none where it is.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        endpoints: Endpoints,
        overrides: Overrides,
        allow: Sequence[str] = (),
        on_loss: LossPolicy | None = None,
        fail_on: FailOn = "equivalent",
        store: CallStore | None = None,
        ask: bool = True,
        history: History | None = None,
        stale: Callable[[Entry], str | None] = lambda _: None,
    ) -> None:
        self._engine, self._endpoints = engine, endpoints
        self._overrides, self._allow = overrides, allow
        self._on_loss = on_loss or LossPolicy()
        self._fail_on = fail_on
        self._store, self._asks = store, ask
        self._history, self._stale = history, stale
        self._scoring: Scoring[Any] | None = None
        self._arrivals: Arrivals[Entry] | None = None
        self._jobs: dict[Entry, Job] = {}
        self._entries: dict[Job, Entry] = {}
        """The same the other way round."""
        self._simulated: dict[str, Entry] = {}
        """What was sent to a simulated server, by the name it knows it by."""
        self._calls: dict[Entry, Call] = {}
        """Calls under way or soon to be made, until what came of them is kept."""
        self._loaded: dict[Entry, EventDocument] = {}
        """Recordings of calls under way or soon to be made, so that none is parsed twice."""
        self._servers: dict[str, SimulatedServer] = {}
        self._arrived: SimpleQueue[Entry] = SimpleQueue()
        self._tells = False

    def keep(self, entry: Entry, document: EventDocument) -> None:
        """Take a recording over that was read before the start; as many as will wait anyway."""
        if len(self._loaded) < self._engine.window:
            self._loaded[entry] = document

    def score(self, scoring: Scoring[Any]) -> None:
        """Let judges be asked about the answers, as soon as each arrives; before the start.

        Args:
            scoring: Knows the entries as whoever made them does.
        """
        self._scoring, self._arrivals = scoring, Arrivals(self._begin_scoring)

    def start(self, entries: Iterable[tuple[Entry, str]], *, more: bool = False) -> None:
        """Begin to send.

        Args:
            entries: Each with the API format that its call is made in, in the order in which they
                are judged.
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

    def add(self, entries: Iterable[tuple[Entry, str]]) -> None:
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
            left_out = self._without_answer(entry, "not_replayed", str(reason))
            return replace(left_out, spared=self._event(entry) if reason.spares else None)
        except NotRun as reason:
            return self._without_answer(entry, "not_run", str(reason))
        except Stale as reason:
            return self._without_answer(entry, "stale", str(reason))
        except LlmReplayError as error:
            failure = error if isinstance(error, CallFailed) and self._asks else None
            return self._without_answer(entry, "error", str(error), failure)

    def release(self, entry: Entry) -> None:
        """Forget the answer of an entry, and make room for another."""
        self._loaded.pop(entry, None)
        self._simulated.pop(_reference(entry), None)
        job = self._jobs.pop(entry, None)
        if job is not None:
            del self._entries[job]
            self._engine.release(job)

    def stop(self) -> None:
        """End all calls."""
        self._engine.stop()
        if self._arrivals is not None:
            self._arrivals.stop()
        if self._scoring is not None:
            self._scoring.stop()
        for server in self._servers.values():
            server.stop()

    def _jobs_of(self, entries: Iterable[tuple[Entry, str]]) -> list[Job]:
        """The calls to be made; where nothing is asked, the answers are there at once."""
        sent = [(entry, api) for entry, api in entries if entry.target.kind != "recorded"]
        if self._asks:
            return [self._job(entry, api) for entry, api in sent]
        for entry, _ in sent:
            self._take_stored(entry)
        return []

    def _job(self, entry: Entry, api: str) -> Job:
        job = Job(
            target=entry.target.name,
            api=api,
            prepare=partial(self._prepare, entry),
            keep=partial(self._keep, entry) if self._store is not None else None,
            then=None if self._arrivals is None else partial(self._arrivals.take, entry),
        )
        self._jobs[entry], self._entries[job] = job, entry
        self._serve_simulated(entry.target)
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
            return self._by_itself(entry)
        pair = self._pair(entry, reply := self._reply(entry))
        if self._scoring is not None and self._scoring.wants(entry):
            pair = replace(pair, scores=self._scoring.scores(entry, pair))
        lost = self._on_loss.reported(reply.outgoing.losses)
        return replace(self._judged(entry, pair, reply), lost=lost)

    def _pair(self, entry: Entry, reply: Reply) -> Pair:
        event = self._event(entry)
        asked = event if self._history is None else self._history.told(entry, event)
        return Pair(
            baseline=entry.accepted or event,
            replayed=replayed_event(
                asked, reply, target=entry.target.name, errors=self._answers_with_errors(event)
            ),
            live=True,
            unmeasured=LATE if reply.lagged else None,
        )

    def _answers_with_errors(self, event: Event) -> bool:
        """Whether a refusal is an answer: one was recorded, and is asked for again."""
        return RECORDED_ERRORS in self._allow and is_recorded_error(event)

    def _begin_scoring(self, entry: Entry, reply: Reply | None) -> None:
        """Ask about an answer that arrived, or that was stored."""
        if self._scoring is not None and self._scoring.wants(entry):
            self._scoring.begin(entry, self._pair(entry, reply or self._stored(entry)))

    def _reply(self, entry: Entry) -> Reply:
        if not self._asks:
            return self._stored(entry)
        reply = self._engine.result(self._jobs[entry])
        if isinstance(reply, ReplayError):
            raise reply
        return reply

    def _stored(self, entry: Entry) -> Reply:
        reason = self._left_out(entry, self._document(entry).question)
        if reason is not None:
            raise NotReplayed(reason)
        if self._history is not None:
            self._history.asked(entry)  # whether it was sent, and what came then
        reply = None if self._store is None else self._store.find(_call(entry, None))
        if isinstance(reply, CallFailed):
            raise reply
        if reply is None:
            raise NotRun("the run has no answer to the request that is recorded now")
        return reply

    def _left_out(self, entry: Entry, event: Event) -> str | None:
        return not_replayed(event, account=entry.target.has_account, allow=self._allow)

    def _by_itself(self, entry: Entry) -> Result:
        self._refuse_stale(entry)
        event = entry.document.event
        reason = self._left_out(entry, event)
        if reason is not None:
            raise NotReplayed(reason)
        return self._judged(entry, Pair(baseline=event, replayed=event, live=False), None)

    def _judged(self, entry: Entry, pair: Pair, reply: Reply | None) -> Result:
        return Result(
            entry=entry,
            comparison=compare(pair, entry.checks, fail_on=self._fail_on),
            baseline=pair.baseline,
            replayed=pair.replayed,
            pair=pair,
            reply=reply,
        )

    def _without_answer(
        self, entry: Entry, outcome: Outcome, problem: str, failure: CallFailed | None = None
    ) -> Result:
        failed = outcome == "error" and fails("error", self._fail_on)
        comparison = Comparison(outcome=outcome, error=problem, fails=failed)
        return Result(entry=entry, comparison=comparison, failure=failure)

    def _keep(self, entry: Entry, outcome: Reply | CallFailed) -> None:
        assert self._store is not None  # nothing is kept without one
        self._store.keep(self._calls.pop(entry), outcome)

    def _prepare(self, entry: Entry) -> Outgoing | Reply:
        self._refuse_stale(entry)
        _ = entry.checks  # nobody pays for an answer that cannot be judged
        document = self._loaded[entry] = self._document(entry)
        if entry.target.kind == "simulated":
            self._simulated[_reference(entry)] = entry
        outgoing = prepare(
            document.question if self._history is None else self._history.asked(entry),
            entry.target,
            self._overrides,
            self._endpoints,
            allow=self._allow,
            reference=_reference(entry),
            on_loss=self._on_loss,
        )
        return self._answered_before(entry, outgoing) or outgoing

    def _refuse_stale(self, entry: Entry) -> None:
        if (reason := self._stale(entry)) is not None:
            raise Stale(reason)

    def _answered_before(self, entry: Entry, outgoing: Outgoing) -> Reply | None:
        """An answer to this very request; an error is none, and is asked again."""
        if self._store is None:
            return None
        session = None if self._history is None else self._history.session(entry)
        self._calls[entry] = call = replace(_call(entry, outgoing), session=session)
        reply = self._store.find(call)
        if not isinstance(reply, Reply):
            return None
        reply = replace(reply, outgoing=outgoing)
        try:
            replayed_event(self._document(entry).question, reply, target=entry.target.name)
        except CallFailed:
            return None
        self._keep(entry, reply)
        return reply

    def _serve_simulated(self, target: Target) -> None:
        if target.kind != "simulated" or target.named in self._servers:
            return
        from .simulated import SimulatedServer  # noqa: PLC0415 - most replays need none

        name = target.named
        server = SimulatedServer(name.removeprefix(SIMULATED), recorded=self._recorded)
        self._servers[name] = server
        self._endpoints.serve_simulated(name, server.start())

    def _recorded(self, reference: str) -> Event | None:
        entry = self._simulated.get(reference)
        return self._event(entry) if entry else None

    def _event(self, entry: Entry) -> Event:
        """The recording; its request was parsed when it was sent, its answer is parsed now."""
        return self._document(entry).event

    def _document(self, entry: Entry) -> EventDocument:
        return self._loaded.get(entry) or entry.document


def _call(entry: Entry, outgoing: Outgoing | None) -> Call:
    digest = None if outgoing is None else digest_of(outgoing)
    return Call(
        identity=entry.identity,
        target=entry.target.name,
        digest=digest,
        sample=entry.sample,
        purpose=entry.purpose,
    )


def _reference(entry: Entry) -> str:
    """Names an entry to a simulated server: plain ASCII, and no other's as long as it lives."""
    return f"{id(entry):x}"
