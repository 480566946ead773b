"""Why a request gets no answer."""

from __future__ import annotations

from pytest_llmreplay.event import Json

from .reply import Reply

__all__ = ["Refused"]


class Refused(Exception):
    """The request gets no answer but its refusal.

    Args:
        status: Of HTTP.
        reason: A sentence for whoever wrote the client.
        data: The refusal as it goes over the wire, where it is not HTTP/1.1.
    """

    def __init__(self, status: int, reason: str, data: bytes = b"") -> None:
        super().__init__(reason)
        error: Json = {"type": "refused_by_loopback_server", "message": reason}
        reply = Reply.plain({"error": error}, status=status, headers=[("connection", "close")])
        self.data = data or b"".join(piece.data for piece in reply.framed())
