"""Keeps live LLM calls out of a cassette of vcrpy that is open around them.

vcrpy patches beneath our seam in some libraries and above it in others. Either way it would write
the call down as well, with the key, because it filters no header by itself; or refuse the call.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from pytest_llmreplay.capture.patching import CallSite, Patch
from pytest_llmreplay.capture.routing import is_routed, tape_for

__all__ = ["call_sites", "patches"]

_ASKED = {"append": ("self", "request", "response")} | dict.fromkeys(
    ("can_play_response_for", "filter_request"), ("self", "request")
)
"""What the stubs of vcrpy ask their cassette; each says None where a call is none of its own."""


def patches(module: ModuleType) -> tuple[Patch, ...]:
    """Let calls that are ours pass `vcr.cassette.Cassette` by."""
    return tuple(Patch(owner=module.Cassette, name=name, around=_not_ours) for name in _ASKED)


def call_sites(module: ModuleType) -> tuple[CallSite, ...]:
    """The methods that the stubs call."""
    return tuple(
        CallSite(owner=module.Cassette, name=name, parameters=parameters)
        for name, parameters in _ASKED.items()
    )


def _not_ours(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def asked(self: Any, request: Any, *arguments: Any) -> Any:
        ours = is_routed() or tape_for(request.method, request.uri) is not None
        return None if ours else original(self, request, *arguments)

    return asked
