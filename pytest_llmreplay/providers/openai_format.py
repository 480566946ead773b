"""What OpenAI's formats do alike."""

from __future__ import annotations

from pytest_llmreplay.event import FIRST_SERVER_ERROR, Json

from .wire_format import WireFormat

__all__ = ["OpenAiFormat"]

_ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


class OpenAiFormat(WireFormat):
    """An API format of OpenAI's."""

    def encode_error(self, status: int, error_type: str | None, message: str) -> Json:
        """`{"error": {…}}`."""
        usual = "server_error" if status >= FIRST_SERVER_ERROR else "invalid_request_error"
        kind = error_type or _ERROR_TYPES.get(status, usual)
        return {"error": {"message": message, "type": kind, "param": None, "code": None}}
