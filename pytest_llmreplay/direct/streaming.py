"""An answer while it comes: its words in pieces, then the result."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from typing import Self

from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.providers.retelling.streamed_words import StreamedWords
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, Reply
from pytest_llmreplay.replay.sending.blocking import BlockingClient
from pytest_llmreplay.replay.sending.bounds import Limits

from .asking import Asked, Asking
from .judging import Judging
from .means import Means
from .result import ReplayResult
from .threaded_call import ThreadedCall

__all__ = ["ReplayStream"]


class ReplayStream(Iterator[str]):
    """The words of an answer, piece by piece; the call is made when the first is asked for.

    The call is made once: what a caller has seen already cannot be taken back. It ends when this
    is closed, or left by `with`.

    Args:
        asked: The call.
        means: What it is made with.
        judging: Makes the result.
    """

    def __init__(self, asked: Asked, means: Means, judging: Judging) -> None:
        self._asked, self._means, self._judging = asked, means, judging
        self._came: Reply | LlmReplayError | None = asked.problem
        self._pieces = self._words()

    def __next__(self) -> str:
        return next(self._pieces)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def result(self) -> ReplayResult:
        """What came of the call; what was not read yet is read first."""
        for _ in self._pieces:
            pass
        return self._judging.result(self._asked, self._came)

    def close(self) -> None:
        """End the call; what was not read is lost."""
        self._pieces.close()

    def _words(self) -> Generator[str, None, None]:
        if not self._asked.sent:
            if self._came is None:
                yield self._asked.original.response.text
            return
        self._came = CallFailed("the stream was closed before its end", kind="stopped")
        try:
            with Asking([self._asked], self._means) as asking:
                yield from self._read(asking.prepared(0))
        except LlmReplayError as error:
            self._came = error

    def _read(self, outgoing: Outgoing) -> Generator[str, None, None]:
        means = self._means
        spender, reservation = means.spender, None
        if spender is not None:
            reservation = spender.reserve_within(outgoing, means.timeout)
        came: Reply | CallFailed | None = None
        try:
            came = self._came = yield from self._pieces_of(outgoing)
        except CallFailed as failure:
            came = failure
            raise
        finally:
            if spender is not None:
                spender.charge(reservation, came)

    def _pieces_of(self, outgoing: Outgoing) -> Generator[str, None, Reply]:
        """The words, from whoever makes the call, and at their end all that came."""
        if outgoing.endpoint.client is not None:
            with ThreadedCall(outgoing, target=self._asked.target.name, means=self._means) as call:
                yield from _words(outgoing.api, call, lambda: call.headers)
                return call.reply()
        client = BlockingClient(
            outgoing.endpoint,
            concurrency=1,
            timeout=self._means.timeout,
            limits=Limits(),
        )
        with closing(client):
            with self._means.aside():
                reply = client.ask(outgoing, target=self._asked.target.name)
            yield from _words(outgoing.api, iter(reply.read, None), lambda: reply.headers)
            return reply.reply()


def _words(
    api: str, pieces: Iterable[bytes], headers: Callable[[], Mapping[str, str]]
) -> Iterator[str]:
    """The words as they come; those of an answer that is no stream, when it is whole."""
    words: StreamedWords | None = None
    for data in pieces:
        words = words or StreamedWords(api, headers().get("content-type", ""))
        yield from words.feed(data)
    yield from () if words is None else words.end()
