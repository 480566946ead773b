"""What every seam does the same, whichever library it sits in: the pure core of the capture.

A call that a seam has routed is marked for as long as it is made, so that a library beneath it
(urllib3 beneath requests, aiohttp beneath httpx) does not take the same call for another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Final, TypeAlias

from .active import anything_open, current_tape
from .arriving import waited_async
from .endings import failure_kind, words_of
from .tape import Decision, Elsewhere, Playback, Recorder, Settled, Tape

__all__ = [
    "IsLlmCall",
    "Live",
    "answer_headers",
    "calls_are",
    "is_routed",
    "let_pass",
    "let_pass_no_more",
    "rules",
    "settled",
    "settled_async",
    "tape_for",
    "without_body_headers",
]

IsLlmCall: TypeAlias = Callable[[str, str], bool]
"""Whether a method and an absolute URL are an LLM call."""

_BODY_HEADERS: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class _Rules:
    """What the whole process goes by."""

    is_llm_call: IsLlmCall = staticmethod(lambda _method, _url: False)
    own_servers: frozenset[str] = frozenset()


_routed: ContextVar[Live | None] = ContextVar("pytest_llmreplay_routed", default=None)


def calls_are(is_llm_call: IsLlmCall) -> None:
    """Say which calls are LLM calls, for the whole process."""
    _Rules.is_llm_call = staticmethod(is_llm_call)


def let_pass(base_url: str) -> None:
    """Calls to a server of ours, which asks the tape itself, are no LLM calls of this process."""
    _Rules.own_servers |= {f"{base_url.removesuffix('/')}/"}


def let_pass_no_more(base_url: str) -> None:
    """The server of ours has stopped."""
    _Rules.own_servers -= {f"{base_url}/"}


def rules() -> tuple[IsLlmCall, frozenset[str]]:
    """What LLM calls are, and the servers of ours."""
    return _Rules.is_llm_call, _Rules.own_servers


def is_routed() -> bool:
    """Whether a seam is making a call in this context, so that layers beneath let it pass."""
    live = _routed.get()
    return live is not None and live.going


def tape_for(method: str, url: str) -> Tape | None:
    """The tape that has a say in this call; none lets it pass."""
    if not anything_open():
        return None
    live = _routed.get()
    if (live is not None and live.going) or not _Rules.is_llm_call(method, url):
        return None
    if _Rules.own_servers and url.startswith(tuple(_Rules.own_servers)):
        return None
    return current_tape()


def settled(decision: Decision) -> Settled:
    """What becomes of a call, once somebody else has answered, if he is asked."""
    return decision.ask() if isinstance(decision, Elsewhere) else decision


async def settled_async(decision: Decision) -> Settled:
    """What becomes of a call, like `settled`, while other tasks go on."""
    if not isinstance(decision, Elsewhere):
        return decision
    return await waited_async(decision.begin())


class Live:
    """Marks a live call as routed, and tells the recorder when no answer came of it.

    A task or thread that the call leaves behind inherits the mark, but not its effect: it ends
    with the call.
    """

    __slots__ = ("_recorder", "_token", "going")

    def __init__(self, recorder: Recorder | None = None) -> None:
        self.going = False
        self._recorder = recorder
        self._token: Token[Live | None] | None = None

    def __enter__(self) -> None:
        self.going = True
        self._token = _routed.set(self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.going = False
        assert self._token is not None
        _routed.reset(self._token)
        if error is not None and self._recorder is not None:
            self._recorder.fail(failure_kind(error), words_of(error))


def answer_headers(playback: Playback) -> list[tuple[str, str]]:
    """Headers of a played answer: what describes the bytes fits the decoded body."""
    headers = without_body_headers(playback.all_headers)
    chunks = playback.chunks
    if playback.ended == "complete" and isinstance(chunks, tuple) and _had_length(playback):
        headers.append(("content-length", str(sum(map(len, chunks)))))
    return headers


def without_body_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Headers of an answer but for those that describe the bytes of its body."""
    return [pair for pair in headers if pair[0].lower() not in _BODY_HEADERS]


def _had_length(playback: Playback) -> bool:
    one = isinstance(playback.chunks, tuple) and len(playback.chunks) == 1
    return one or any(name.lower() == "content-length" for name, _ in playback.headers)
