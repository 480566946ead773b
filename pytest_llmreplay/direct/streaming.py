"""An answer while it comes: its words in pieces, then the result."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Self

from pytest_llmreplay.errors import ConfigError, LlmReplayError
from pytest_llmreplay.providers.streamed_words import StreamedWords
from pytest_llmreplay.replay.blocking import BlockingClient, OpenReply
from pytest_llmreplay.replay.bounds import Limits
from pytest_llmreplay.replay.outgoing import Outgoing
from pytest_llmreplay.replay.result import CallFailed, Reply
from pytest_llmreplay.replay.sdk import family_of

from .asking import Asked, Asking
from .judging import Judging
from .means import Means
from .result import ReplayResult

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

    def _read(self, outgoing: Outgoing) -> Iterator[str]:
        if outgoing.endpoint.client is not None:
            raise ConfigError("a client of pytest_llmreplay_client gives no stream; use replay()")
        means = self._means
        spender, reservation = means.spender, None
        if spender is not None:
            reservation = spender.reserve_within(outgoing, means.timeout)
        client = BlockingClient(
            outgoing.endpoint,
            family_of(outgoing.api),
            concurrency=1,
            timeout=means.timeout,
            limits=Limits(),
        )
        came: Reply | CallFailed | None = None
        try:
            with means.aside():
                reply = client.ask(outgoing, target=self._asked.target.name)
            yield from _pieces(reply, outgoing.api)
            came = self._came = reply.reply()
        except CallFailed as failure:
            came = failure
            raise
        finally:
            client.close()
            if spender is not None:
                spender.charge(reservation, came)


def _pieces(reply: OpenReply, api: str) -> Iterator[str]:
    """The words as they come; those of an answer that is no stream, when it is whole."""
    words = StreamedWords(api, reply.headers.get("content-type", ""))
    while (data := reply.read()) is not None:
        yield from words.feed(data)
    yield from words.end()
