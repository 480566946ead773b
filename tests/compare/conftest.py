"""Events as tests write them, and a tokenizer that needs no network."""

from __future__ import annotations

import base64
import hashlib
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from compared_events import event

from pytest_llmreplay.compare.figures import tokens

__all__ = ["event"]


@pytest.fixture
def no_tokenizer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Tiktoken's directory, empty; whoever opens a connection fails."""

    def refuse(*_: object) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    tokens._counter.cache_clear()
    yield tmp_path
    tokens._counter.cache_clear()


@pytest.fixture
def tokenizer(no_tokenizer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that stands for the one of `gpt-4o` and its like: each byte is a token."""
    import tiktoken_ext.openai_public as known  # noqa: PLC0415  # tiktoken reads it when it needs it

    data = b"".join(b"%s %d\n" % (base64.b64encode(bytes([byte])), byte) for byte in range(256))
    (no_tokenizer / "fb374d419588a4632f3f557e76b4b70aebbca790").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    monkeypatch.setitem(tokens._SHA256, "o200k_base", digest)
    monkeypatch.setattr(known, "load_tiktoken_bpe", _loading_any(known.load_tiktoken_bpe))
    monkeypatch.setattr(sys.modules["tiktoken.registry"], "ENCODINGS", {})


def _loading_any(load: object) -> object:
    return lambda address, **_expected: load(address)  # type: ignore[operator]
