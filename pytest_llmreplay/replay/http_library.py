"""The HTTP library that the application's own SDKs are built on."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

__all__ = ["httpx_of_sdks"]


def httpx_of_sdks() -> ModuleType:
    """`httpx2`, on which openai 3 and anthropic 2 are built; `httpx` where only older ones are."""
    newer = importlib.util.find_spec("httpx2") is not None
    return importlib.import_module("httpx2" if newer else "httpx")
