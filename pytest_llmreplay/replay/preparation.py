"""The request of each entry, made when its turn comes; what is known of its answer already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.event import Event
from pytest_llmreplay.providers.conversion.policy import LossPolicy
from pytest_llmreplay.replay.calls.call import Call, CallStore, digest_of
from pytest_llmreplay.replay.calls.decode import replayed_event
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, NotReplayed, NotRun, Reply, Stale
from pytest_llmreplay.replay.requests.request import prepare
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.unsent.unsendable import not_replayed

from .entry import Entry
from .overrides import Overrides
from .simulated_servers import SimulatedServers, reference

if TYPE_CHECKING:
    from pytest_llmreplay.replay.sessions.history import History

__all__ = ["Preparation", "RequestRules", "Unsent"]

Unsent: TypeAlias = Stale | NotReplayed
"""Why a recording that could be sent is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRules:
    """What a person wants of every request."""

    overrides: Overrides = field(default_factory=Overrides)
    """What is changed in it."""
    allow: Sequence[str] = ()
    """What `--llm-allow` lets through."""
    on_loss: LossPolicy = field(default_factory=LossPolicy)
    """Which losses of a conversion stop an event, and which are told."""


class Preparation:
    """Reads recordings and makes requests of them; called by several threads.

    Args:
        endpoints: Knows hosts and keys.
        rules: What a person wants of every request.
        store: Keeps what came of calls, and may know what was answered before.
        history: Makes the requests of sessions that run freely; none sends what was recorded.
        unsent: Says why a recording that could be sent is not; none where it is.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        rules: RequestRules,
        *,
        store: CallStore | None = None,
        history: History | None = None,
        unsent: Callable[[Entry], Unsent | None] = lambda _: None,
    ) -> None:
        self.rules, self._endpoints = rules, endpoints
        self._store, self._unsent = store, unsent
        self.keeps = store is not None
        """Whether what comes of calls is kept."""
        self.history = history
        """Where sessions run freely."""
        self.simulated = SimulatedServers(endpoints)
        """The servers of simulated targets."""
        self._calls: dict[Entry, Call] = {}
        """Calls under way or soon to be made, until what came of them is kept."""
        self._loaded: dict[Entry, EventDocument] = {}
        """Recordings of calls under way or soon to be made, so that none is parsed twice."""

    def hold(self, entry: Entry, document: EventDocument, *, most: int) -> None:
        """Take a recording over that was read already, unless so many are held."""
        if len(self._loaded) < most:
            self._loaded[entry] = document

    def request(self, entry: Entry) -> Outgoing | Reply:
        """The request of an entry, or the answer to it that is stored.

        Raises:
            Stale: The recording is not worth a call.
            NotReplayed: It is not sent, by decision.
            LlmReplayError: It cannot be sent.
        """
        self.refuse_unsent(entry)
        _ = entry.checks  # nobody pays for an answer that cannot be judged
        document = self._loaded[entry] = self.document(entry)
        if entry.target.kind == "simulated":
            self.simulated.expect(entry, document)
        outgoing = prepare(
            document.question if self.history is None else self.history.asked(entry),
            entry.target,
            self.rules.overrides,
            self._endpoints,
            allow=self.rules.allow,
            reference=reference(entry),
            on_loss=self.rules.on_loss,
        )
        return self._answered_before(entry, outgoing) or outgoing

    def keep(self, entry: Entry, outcome: Reply | CallFailed) -> None:
        """Take what came of the call of an entry."""
        assert self._store is not None  # nothing is kept without one
        self._store.keep(self._calls.pop(entry), outcome)

    def stored(self, entry: Entry) -> Reply:
        """What the store has, where nothing is asked.

        Raises:
            NotReplayed: The event is not sent, by decision.
            CallFailed: The call failed then.
            NotRun: It has nothing.
        """
        question = self.document(entry).question
        if self.history is not None:
            question = self.history.asked(entry)  # whether it was sent, and what came then
        reason = self.left_out(entry, question)
        if reason is not None:
            raise NotReplayed(reason)
        reply = None if self._store is None else self._store.find(_call(entry, None))
        if isinstance(reply, CallFailed):
            raise reply
        if reply is None:
            raise NotRun("the run has no answer to the request that is recorded now")
        return reply

    def left_out(self, entry: Entry, event: Event) -> str | None:
        """Why the event of an entry is not sent to its target; none where it is."""
        return not_replayed(event, account=entry.target.has_account, allow=self.rules.allow)

    def refuse_unsent(self, entry: Entry) -> None:
        """Stop where a recording could be sent and is not.

        Raises:
            Stale: It is not worth a call.
            NotReplayed: Nobody needs its answer.
        """
        if (reason := self._unsent(entry)) is not None:
            raise reason

    def event(self, entry: Entry) -> Event:
        """The recording; its request was parsed when it was sent, its answer is parsed now."""
        return self.document(entry).event

    def document(self, entry: Entry) -> EventDocument:
        """The recording, as far as it was read already."""
        return self._loaded.get(entry) or entry.document

    def release(self, entry: Entry) -> None:
        """Forget an entry."""
        self._loaded.pop(entry, None)
        if entry.target.kind == "simulated":
            self.simulated.forget(entry)

    def _answered_before(self, entry: Entry, outgoing: Outgoing) -> Reply | None:
        """An answer to this very request; an error is none, and is asked again."""
        if self._store is None:
            return None
        session = None if self.history is None else self.history.session(entry)
        self._calls[entry] = call = replace(_call(entry, outgoing), session=session)
        reply = self._store.find(call)
        if not isinstance(reply, Reply):
            return None
        reply = replace(reply, outgoing=outgoing)
        try:
            replayed_event(self.document(entry).question, reply, target=entry.target.name)
        except CallFailed:
            return None
        self.keep(entry, reply)
        return reply


def _call(entry: Entry, outgoing: Outgoing | None) -> Call:
    digest = None if outgoing is None else digest_of(outgoing)
    return Call(
        identity=entry.identity,
        target=entry.target.name,
        digest=digest,
        sample=entry.sample,
        purpose=entry.purpose,
    )
