"""The HTTP library beneath an SDK: httpx2, and httpx in those of before 2026."""

from __future__ import annotations

import sys
from types import ModuleType

__all__ = ["http_of"]


def http_of(sdk: ModuleType) -> ModuleType:
    """The library whose client the SDK's own is made of."""
    base: type = sdk.DefaultHttpxClient.__mro__[1]
    return sys.modules[base.__module__.partition(".")[0]]
