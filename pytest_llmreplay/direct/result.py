"""What came of one call that was sent again."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, ClassVar

from pytest_llmreplay.compare.answers.content import calls_of, texts_of, tokens_of
from pytest_llmreplay.compare.check import Diverged, Held, Pair
from pytest_llmreplay.compare.checks.tool_calls import ToolCalls
from pytest_llmreplay.compare.figures.prices import cost
from pytest_llmreplay.compare.outcome import Comparison, Outcome
from pytest_llmreplay.event import Event, Json, ToolCallPart
from pytest_llmreplay.report.calls.replayed import ReplayedView, replayed_lines, replayed_summary

from .ids import id_of
from .printing import print_lines

__all__ = ["ReplayResult"]

_TOLD = (
    *("is_replay", "original_request_id", "new_request_id", "target", "provider", "model"),
    *("replayed_at", "outcome", "error_message", "text_before", "text_after", "text_diff"),
    *("text_identical", "tool_calls_identical", "finish_reason_before", "finish_reason_after"),
    *("tokens_before", "tokens_after", "tokens_delta", "latency_ms_before", "latency_ms_after"),
    *("latency_ms_delta", "cost_before", "cost_after", "cost_delta"),
)

_SAME_CALLS = ToolCalls(spec="tool_calls", gated=True, asked=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    """A recorded call and the same call sent again, side by side.

    A figure that nobody measured is `None`, never zero; so is a delta that needs it.
    """

    is_replay: ClassVar[bool] = True

    original: Event
    """The recorded call."""
    replayed: Event | None
    """The call as it was answered now; none where there is no answer."""
    comparison: Comparison
    """What every check found."""
    target: str
    """Where it went, as `--llm-model` names it."""
    error_message: str | None = None
    """Why there is no answer; none where there is one."""
    changed: tuple[str, ...] = ()
    """What was changed in the request, in words: `temperature=0`."""
    losses: tuple[str, ...] = ()
    """What could not be carried over into the target's API format."""
    live: bool = True
    """Whether the answer came from a server; that of `recorded` did not, and has no latency."""
    _made_at: str = field(default_factory=_now, init=False, repr=False, compare=False)

    @property
    def original_request_id(self) -> str:
        """The provider's id of the recorded call, else the event's label in its cassette."""
        return id_of(self.original) or self.original.label

    @property
    def new_request_id(self) -> str | None:
        """The provider's id of the new call."""
        return None if self.replayed is None or not self.live else id_of(self.replayed)

    @property
    def provider(self) -> str:
        """Who was asked; where nobody was, who answered the recorded call."""
        return (self.replayed or self.original).provider

    @property
    def model(self) -> str | None:
        """The model that answered, by its own word, else the one that was asked for."""
        event = self.replayed or self.original
        return event.response.model or event.model

    @property
    def replayed_at(self) -> str:
        """When the new call was sent, else when there was this result: ISO 8601, UTC."""
        sent = self.replayed.measured.at if self.replayed is not None and self.live else None
        return sent or self._made_at

    @property
    def outcome(self) -> Outcome:
        """One word for what the checks found."""
        return self.comparison.outcome

    @property
    def divergences(self) -> tuple[Diverged, ...]:
        """Gated checks that do not hold, worst first."""
        return self.comparison.diverged

    @property
    def text_before(self) -> str | None:
        """The recorded words; none where the answer has no words."""
        return _text(self.original)

    @property
    def text_after(self) -> str | None:
        """The words of the new answer."""
        return _text(self.replayed)

    @property
    def text_identical(self) -> bool:
        """Whether both calls were answered in the same words, in every choice."""
        now = self.replayed
        return now is not None and texts_of(self.original.response) == texts_of(now.response)

    @property
    def text_diff(self) -> str | None:
        """A unified diff of all choices; none where the words are the same, or one is missing."""
        if self.replayed is None or self.text_identical:
            return None
        before, after = _lines(self.original), _lines(self.replayed)
        return "\n".join(difflib.unified_diff(before, after, "recorded", "replayed", lineterm=""))

    @property
    def tool_calls_before(self) -> tuple[ToolCallPart, ...]:
        """Functions that the recorded answer asks for."""
        return calls_of(self.original.response)

    @property
    def tool_calls_after(self) -> tuple[ToolCallPart, ...]:
        """Functions that the new answer asks for."""
        return () if self.replayed is None else calls_of(self.replayed.response)

    @property
    def tool_calls_identical(self) -> bool:
        """Whether the same functions are asked for with equal arguments; ids do not count."""
        if self.replayed is None:
            return False
        pair = Pair(baseline=self.original, replayed=self.replayed, live=self.live)
        return isinstance(_SAME_CALLS.judge(pair), Held)

    @property
    def finish_reason_before(self) -> str | None:
        """Class of ending of the recorded answer."""
        return self.original.response.finish_reason

    @property
    def finish_reason_after(self) -> str | None:
        """Class of ending of the new answer."""
        return None if self.replayed is None else self.replayed.response.finish_reason

    @property
    def tokens_before(self) -> int | None:
        """All tokens of the recorded call, read and written."""
        return tokens_of(self.original, "tokens")

    @property
    def tokens_after(self) -> int | None:
        """All tokens of the new call, read and written."""
        return None if self.replayed is None else tokens_of(self.replayed, "tokens")

    @property
    def tokens_delta(self) -> int | None:
        """How many more the new call took."""
        before, after = self.tokens_before, self.tokens_after
        return None if before is None or after is None else after - before

    @property
    def latency_ms_before(self) -> int | None:
        """Milliseconds from sending the recorded request to the end of its answer."""
        return _milliseconds(self.original.measured.duration)

    @property
    def latency_ms_after(self) -> int | None:
        """Milliseconds from sending the new request to the end of its answer."""
        if self.replayed is None or not self.live:
            return None
        return _milliseconds(self.replayed.measured.duration)

    @property
    def latency_ms_delta(self) -> int | None:
        """How many more the new call took."""
        before, after = self.latency_ms_before, self.latency_ms_after
        return None if before is None or after is None else after - before

    @property
    def cost_before(self) -> float | None:
        """USD of the recorded call."""
        return cost(self.original)

    @property
    def cost_after(self) -> float | None:
        """USD of the new call."""
        return None if self.replayed is None or not self.live else cost(self.replayed)

    @property
    def cost_delta(self) -> float | None:
        """How much more the new call cost."""
        before, after = self.cost_before, self.cost_after
        return None if before is None or after is None else after - before

    def summary(self) -> str:
        """One line: what is the same, and what the new call took."""
        return replayed_summary(self._view())

    def pretty_print(self, file: IO[str] | None = None) -> None:
        """Print both answers, what differs, and what they took.

        Args:
            file: Where to; by default the screen.
        """
        print_lines(lambda width: replayed_lines(self._view(), width), file)

    def as_dict(self) -> dict[str, Json]:
        """The result as plain data, for JSON."""
        fields: dict[str, Json] = {name: getattr(self, name) for name in _TOLD}
        return fields | {"changed": list(self.changed), "losses": list(self.losses)}

    def _view(self) -> ReplayedView:
        return ReplayedView(
            id=self.original_request_id,
            new_id=self.new_request_id,
            target=self.target,
            original=self.original,
            replayed=self.replayed,
            live=self.live,
            comparison=self.comparison,
            problem=self.error_message,
            text_identical=self.text_identical,
            tool_calls_identical=self.tool_calls_identical,
            losses=self.losses,
        )


def _text(event: Event | None) -> str | None:
    return None if event is None else event.response.text or None


def _lines(event: Event) -> list[str]:
    """The words of all choices; only a line feed ends a line, so no other end gets lost."""
    return "\n".join(texts_of(event.response)).split("\n")


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(1000 * seconds)
