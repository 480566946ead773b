"""Interactions: Google's format for models and agents whose conversations it keeps.

https://ai.google.dev/gemini-api/docs/interactions
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.event import FIRST_SERVER_ERROR, Json
from pytest_llmreplay.providers.api import Assembled
from pytest_llmreplay.providers.fields import as_object, as_text
from pytest_llmreplay.providers.wire_format import WireFormat

from .answer import read_answer
from .assemble import assemble, is_end
from .encode import encode_answer
from .request import read_request
from .stream import stream_of
from .transcript import InteractionsTranscript

__all__ = ["INTERACTIONS", "Interactions"]

_AGENT = "agent"
_CODES = {429: "too_many_requests"}
"""Words of errors by their status; all that is known of them beside `invalid_request`."""


class Interactions(WireFormat):
    """The format `interactions`; an agent stands for a model where one is asked."""

    name = "interactions"
    path = stream_path = "/interactions"

    transcript = InteractionsTranscript()

    _read_request = staticmethod(read_request)
    _read_answer = staticmethod(read_answer)
    _encode_answer = staticmethod(encode_answer)
    _stream_of = staticmethod(stream_of)

    def model(self, url: str, body: Json) -> str | None:  # noqa: ARG002  # other formats need it
        """The body names it, or an agent in its place."""
        asked = as_object(body)
        return as_text(asked.get("model")) or as_text(asked.get(_AGENT))

    def with_model(self, body: dict[str, Json], model: str) -> dict[str, Json]:
        """The same body with another model, or another agent where it asks one."""
        return body | {_AGENT if _AGENT in body and "model" not in body else "model": model}

    def assemble(self, chunks: Sequence[bytes]) -> Assembled:
        """The interaction that the events amount to."""
        return assemble(chunks)

    def is_end(self, chunk: bytes) -> bool:
        """`interaction.completed`."""
        return is_end(chunk)

    def encode_error(self, status: int, error_type: str | None, message: str) -> Json:
        """`{"error": {"message": …, "code": …}}`; the code is a word."""
        usual = "internal_error" if status >= FIRST_SERVER_ERROR else "invalid_request"
        return {"error": {"message": message, "code": error_type or _CODES.get(status, usual)}}


INTERACTIONS = Interactions()
