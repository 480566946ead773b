"""The imitated provider over HTTP/2, with a certificate of its own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import trustme
from servers.exchange import Exchange, Seen
from servers.provider_server import ProviderServer

__all__ = ["Http2Server"]


class Http2Server(ProviderServer):
    """A provider that speaks HTTP/2 alone.

    Args:
        directory: Where the certificate of its authority is written, for clients to trust.
    """

    def __init__(self, directory: Path) -> None:
        authority = trustme.CA()
        self.authority = directory / "authority.pem"
        authority.cert_pem.write_to_path(str(self.authority))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        context.set_alpn_protocols(["h2"])
        super().__init__(tls=context)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = _Talk(writer)
        while data := await reader.read(65536):
            for asked, stream in talk.requests(data):
                seen = self._note(*asked)
                await self._pick()(_Http2Exchange(seen, talk, stream))
            await talk.send()


class _Talk:
    """One connection."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        self.state = h2.connection.H2Connection(config)
        self.state.initiate_connection()
        self.writer = writer
        self._headers: dict[int, dict[str, str]] = {}
        self._bodies: dict[int, bytes] = {}

    def requests(
        self, data: bytes
    ) -> Iterable[tuple[tuple[str, str, Mapping[str, str], bytes], int]]:
        """The requests that these bytes complete, each with the number of its stream."""
        for event in self.state.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                self._headers[event.stream_id] = dict(event.headers)
                self._bodies[event.stream_id] = b""
            elif isinstance(event, h2.events.DataReceived):
                self._bodies[event.stream_id] += event.data
                self.state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                headers = self._headers.pop(event.stream_id)
                body = self._bodies.pop(event.stream_id)
                yield (headers[":method"], headers[":path"], headers, body), event.stream_id

    async def send(self) -> None:
        """Send what the state has ready."""
        self.writer.write(self.state.data_to_send())
        await self.writer.drain()


class _Http2Exchange(Exchange):
    """One stream of a connection; bodies are smaller than the window of a client."""

    def __init__(self, seen: Seen, talk: _Talk, stream: int) -> None:
        super().__init__(seen, talk.writer)
        self._talk, self._stream = talk, stream

    async def plain(
        self, body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """Send a body."""
        known = {"content-type": "application/json", **(headers or {})}
        await self._send([body], status, known)

    async def chunked(
        self,
        chunks: Iterable[bytes],
        *,
        delay: float = 0.0,
        headers: Mapping[str, str] | None = None,
        finish: bool = True,
    ) -> None:
        """Send a body in frames, each after a delay."""
        assert finish
        known = {"content-type": "text/event-stream", **(headers or {})}
        await self._send(chunks, 200, known, delay=delay)

    async def _send(
        self, chunks: Iterable[bytes], status: int, headers: Mapping[str, str], delay: float = 0.0
    ) -> None:
        state = self._talk.state
        state.send_headers(self._stream, [(":status", str(status)), *headers.items()])
        for chunk in chunks:
            await asyncio.sleep(delay)
            state.send_data(self._stream, chunk)
            await self._talk.send()
        state.end_stream(self._stream)
        await self._talk.send()
