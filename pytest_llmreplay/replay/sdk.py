"""The SDKs of OpenAI and Anthropic: which speaks a format, what is taken of it."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Literal

from .endpoint import Endpoint

__all__ = ["Family", "family_headers", "family_of", "httpx_of", "load_sdk"]

Family = Literal["openai", "anthropic"]

KEPT = frozenset({"accept", "content-type", "user-agent"})
"""Headers of the SDK that leave, beside the request's own; it reads others from the environment."""

ACCOUNT_HEADERS = frozenset({"openai-organization", "openai-project"})


def family_of(api: str) -> Family:
    """The SDK that speaks an API format."""
    return "anthropic" if api == "messages" else "openai"


def family_headers(client: Any, endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    """How a client of an SDK presents itself, and at its own provider the account."""
    kept = KEPT | ACCOUNT_HEADERS if endpoint.own_headers else KEPT
    for name, value in client.default_headers.items():
        if name.lower() in kept and isinstance(value, str):
            yield name.lower(), value


def load_sdk(family: Family) -> ModuleType:
    """Import an SDK: half a second or more, once."""
    if family in sys.modules:
        return sys.modules[family]
    # Thousands of classes come to stay; looking for garbage among them is a tenth of the import.
    collects = gc.isenabled()
    gc.disable()
    try:
        return importlib.import_module(family)
    finally:
        if collects:
            gc.enable()


def httpx_of(sdk: ModuleType) -> ModuleType:
    """The httpx that this SDK is built on: `httpx`, or `httpx2` since openai 3 and anthropic 2."""
    modules = (base.__module__.partition(".")[0] for base in sdk.DefaultAsyncHttpxClient.__mro__)
    return sys.modules[next(name for name in modules if name.startswith("httpx"))]
