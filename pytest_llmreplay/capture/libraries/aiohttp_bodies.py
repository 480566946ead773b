"""The bodies of aiohttp's requests, read before they are sent."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

__all__ = ["Bodies"]


class Bodies:
    """Reads what a call was given as its body.

    Args:
        library: aiohttp.
    """

    def __init__(self, library: ModuleType) -> None:
        self._library = library

    async def read(self, session: Any, options: dict[str, Any]) -> bytes:
        """The body as it will be sent; what can be read once is replaced by its bytes."""
        if options.get("json") is not None:
            return _dumped(session, options["json"])
        data = options.get("data")
        if data is None or isinstance(data, (bytes, bytearray, memoryview)):
            return bytes(data or b"")
        if isinstance(data, str):
            return data.encode()
        payload = self._payload(data)
        content = _Collected()
        await payload.write(content)
        headers = session._prepare_headers(options.get("headers"))
        headers.setdefault("content-type", payload.content_type)
        options.update(data=bytes(content.data), headers=headers)
        return bytes(content.data)

    def _payload(self, data: Any) -> Any:
        form, payload = self._library.FormData, self._library.payload
        if isinstance(data, form):
            return data()
        try:
            return payload.PAYLOAD_REGISTRY.get(data, disposition=None)
        except payload.LookupError:
            return form(data)()


class _Collected:
    """A writer that keeps what a payload writes."""

    def __init__(self) -> None:
        self.data = bytearray()

    async def write(self, data: bytes) -> None:
        self.data += data


def _dumped(session: Any, value: Any) -> bytes:
    as_bytes: Callable[[Any], bytes] | None = getattr(session, "_json_serialize_bytes", None)
    if as_bytes is not None:
        return as_bytes(value)
    text: str = session.json_serialize(value)
    return text.encode()
