"""A session that runs freely: what the target said stands in its later requests.

A recorded request quotes what the recorded model said before. Here its words give way to those of
the target, and the results of the tools that it called to those of the calls that the target made,
as far as the recording has them: no tool is ever run. A target that takes another number of rounds
with its tools than the recorded model meets the recording again at the next thing that the user
says: rounds that it does not need are spared, and for further ones it is asked further.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Protocol

from pytest_llmreplay.event import Event, Json, ToolCallPart
from pytest_llmreplay.replay.calls.result import NotRun
from pytest_llmreplay.replay.entry import Entry

from .conversation import Conversation, Part, conversation_of
from .free_turn import MOST_FURTHER, Left, Spared, Step, Turn, quotes, quoting
from .going_on import going_on
from .manner import Manner
from .quotations import Quotations, said_in
from .tool_results import ToolAnswer, ToolResults, shown_call

__all__ = ["FreeSession", "History", "Left", "Spared"]


class History(Protocol):
    """Knows what was said in the sessions of a run."""

    def asked(self, entry: Entry) -> Event:
        """The event of an entry, as it is to be sent; called by any thread, in the order of it.

        Raises:
            NotRun: It cannot be sent.
            Spared: It need not be sent.
        """
        ...

    def session(self, entry: Entry) -> str:
        """Id of the session in which an entry is asked now."""
        ...

    def told(self, entry: Entry, event: Event) -> Event:
        """The recording of an entry, as the answer to it is to be known: in a new session."""
        ...


class FreeSession:
    """The events of one session on their way to one target; any thread may use it.

    Args:
        events: As recorded, in their order.
        tool: Asked for the result of a call that the recording does not know.
    """

    def __init__(
        self, events: Sequence[Event], tool: ToolAnswer = lambda _name, _args: None
    ) -> None:
        self._turns = [
            Turn(number=number, recorded=event) for number, event in enumerate(events, 1)
        ]
        self._quotations = Quotations(events)
        self._results = ToolResults(events, self._quotations, tool)
        self._manner = Manner(events, self._quotations)
        self._tool, self._lock = tool, Lock()

    def take(self, place: int, answer: Event) -> None:
        """Note what the target answered to the event at a place of the session, or went on with."""
        self._turns[place].steps.append(Step(answer=self._manner.named(answer)))

    def goes_on(self, place: int) -> bool:
        """Whether the target is to be asked further before the session goes on."""
        turn = self._turns[place]
        return turn.goes_on and not turn.is_exhausted

    def asked(self, place: int) -> Event:
        """The event at a place, as it is to be sent.

        Raises:
            Left: The request cannot be made of what the recording knows.
            Spared: The target has no need of it.
        """
        turn = self._turns[place]
        talk = conversation_of(turn.recorded)
        if isinstance(talk, str):
            if place == 0:
                return turn.recorded
            with self._lock:
                return going_on(turn, self._turns[:place], talk, self._tool)
        with self._lock:
            told = list(self._entries_so_far(turn))
        return turn.recorded if told == talk.entries else talk.saying(told)

    def asked_on(self, place: int) -> Event:
        """The event at a place, with the target's own answers and results in its conversation.

        Raises:
            Left: A result is unknown.
        """
        turn = self._turns[place]
        talk = conversation_of(self.asked(place))
        if isinstance(talk, str):
            raise _left(turn)
        with self._lock:
            since = self._steps(turn, turn.steps, talk)
            return talk.saying([*talk.entries, *since])

    def _entries_so_far(self, asked: Turn) -> Iterator[Json]:
        """The conversation, with the answers of the target in place of the recorded ones."""
        turns = self._turns[: asked.number - 1]
        quoted, ended = dict(quotes(turns)), None
        read = self._quotations.of(len(turns))
        assert read is not None  # its conversation is read
        talk, parts = read
        retold = self._quotations.retold(len(turns))
        for part, place in parts:
            yield from (quoting(entry, quoted) for entry in part.others)
            ended = None if part.others else ended
            if part.said is None:
                continue
            _refuse_retold(turns, retold.get(part.said.start))
            turn = None if place is None else turns[place]
            if turn is None and ended is None:
                yield from (*part.told, *(quoting(entry, quoted) for entry in part.results))
            elif turn is not None and ended is None:
                yield from self._instead(turn, part, talk)
                ended = turn if _ends_early(turn, part) else None
            if ended is not None:
                others = talk.transcript.with_results(part.results, [])
                yield from others
                ended = None if others else ended
        if ended is not None:
            asked.spared_by = ended
            raise Spared("its target had ended the turn before")

    def _instead(self, turn: Turn, part: Part, talk: Conversation) -> Iterator[Json]:
        """What the target said in a turn, and the results of its calls."""
        last = turn.last
        if last is None or (turn.goes_on and not (turn.is_exhausted or turn.unanswered)):
            raise NotRun(f"turn {turn.number} of the session has no answer")
        if last.answer.response.tool_calls and not part.results:
            raise _left(turn)
        yield from self._steps(turn, turn.steps or [last], talk, part)

    def _steps(
        self, turn: Turn, steps: Sequence[Step], talk: Conversation, part: Part | None = None
    ) -> Iterator[Json]:
        """Answers of the target, each with the results of its calls, in the words of a request.

        Args:
            turn: In whose place they were said.
            steps: The answers.
            talk: The request.
            part: What it told of the recorded answer, if it did.
        """
        api, transcript = talk.event.api, talk.transcript
        results = () if part is None else part.results
        for step in steps:
            yield from self._as_told(turn, step, talk, () if part is None else part.told)
            if calls := step.answer.response.tool_calls:
                if api not in step.results:
                    step.results[api] = [self._result(turn, call, talk) for call in calls]
                yield from transcript.with_results(results, step.results[api])

    def _as_told(
        self, turn: Turn, step: Step, talk: Conversation, told: Sequence[Json]
    ) -> list[Json]:
        """An answer as the application tells it: nearly always as it first told that turn."""
        place, api = turn.number - 1, talk.event.api
        if self._manner.is_other(told, place, api):
            return self._manner.tell(step.answer, place, talk, told)
        if api not in step.told:
            step.told[api] = self._manner.tell(step.answer, place, talk)
        return step.told[api]

    def _result(
        self, turn: Turn, call: ToolCallPart, talk: Conversation
    ) -> tuple[ToolCallPart, Json]:
        """A call, and the result that the recording has of an equal one, or the hook."""
        result = self._results.answering(call, talk.event.api, talk.transcript)
        if result is None:
            turn.unanswered = call
            raise _left(turn)
        return call, result


def _left(turn: Turn) -> Left:
    assert turn.last is not None  # nobody leaves without a word
    calls = turn.last.answer.response.tool_calls
    after = f"after {MOST_FURTHER} further calls " if turn.is_exhausted else ""
    call = shown_call(turn.unanswered or calls[0])
    return Left(f"the session left the recording at turn {turn.number}: {after}{call}")


def _refuse_retold(turns: Sequence[Turn], place: int | None) -> None:
    """Refuse to tell another answer as the application told that of a place, which nobody knows."""
    if place is None:
        return
    if (last := turns[place].last) is None:
        raise NotRun(f"turn {place + 1} of the session has no answer")
    if said_in(last.answer) != said_in(turns[place].recorded):
        raise NotRun(
            f"the application tells the answer of turn {place + 1} in other words than it came in, "
            "and the target answered otherwise; replay it with the recorded history"
        )


def _ends_early(turn: Turn, part: Part) -> bool:
    """Whether the target answered at once where the recorded model called tools."""
    last = turn.last
    return bool(part.results and last and not last.answer.response.tool_calls)
