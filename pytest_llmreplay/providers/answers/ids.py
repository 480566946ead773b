"""Ids of answers that have none."""

from __future__ import annotations

import hashlib

from pytest_llmreplay.event import Response

__all__ = ["made_id"]


def made_id(prefix: str, response: Response, salt: str = "") -> str:
    """An id for an answer that has none: the same answer gets the same id."""
    content = repr((response.model, response.choices, salt)).encode("utf-8", errors="surrogatepass")
    return prefix + hashlib.blake2b(content, digest_size=12).hexdigest()
