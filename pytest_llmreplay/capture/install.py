"""Installs the capture in the libraries that are in use, and in others once they are imported."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from . import aiohttp_session, httpx_client, long_tail, pools, stdlib_http, urllib3_pool, vcrpy
from .active import (
    CallRefused,
    close_tape,
    failure_in_force,
    open_tape,
    refuse_with,
    tape_of,
)
from .patching import AfterImport, CallSite, Patch, Patches, check
from .routing import IsLlmCall, calls_are, let_pass, rules
from .strangers import Stranger

__all__ = ["install", "uninstall"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seam:
    """How one library is captured."""

    patches: Callable[[ModuleType], tuple[Patch, ...]]
    call_sites: Callable[[ModuleType], tuple[CallSite, ...]]


def _errand_of(number: int | None) -> pools.Errand:
    """What a worker opens for a task that it is given while the tape with this number is open."""
    if number is None or getattr(tape_of(number), "lets_pass", False):
        return nullcontext
    return functools.partial(_working_for, number, failure_in_force(), *rules())


@contextmanager
def _working_for(
    number: int,
    failure: Callable[[str], BaseException],
    is_llm_call: IsLlmCall,
    own_servers: frozenset[str],
) -> Iterator[None]:
    """Refuse LLM calls inside, unless this process knows the tape with this number."""
    if tape_of(number) is not None:
        yield
        return
    install(is_llm_call, failure=failure)
    for server in own_servers:
        let_pass(server)
    stranger = Stranger()
    open_tape(stranger)
    try:
        yield
    finally:
        close_tape(stranger)


_SEAMS: Final = {
    "httplib2": _Seam(patches=long_tail.httplib2_patches, call_sites=long_tail.no_call_sites),
    "tornado.simple_httpclient": _Seam(
        patches=long_tail.tornado_patches, call_sites=long_tail.tornado_call_sites
    ),
    "aiohttp": _Seam(patches=aiohttp_session.patches, call_sites=aiohttp_session.call_sites),
    "http.client": _Seam(patches=stdlib_http.patches, call_sites=stdlib_http.call_sites),
    "httpx": _Seam(patches=httpx_client.patches, call_sites=httpx_client.call_sites),
    "httpx2": _Seam(patches=httpx_client.patches, call_sites=httpx_client.call_sites),
    "multiprocessing.pool": _Seam(
        patches=functools.partial(pools.patches, errand_of=_errand_of), call_sites=pools.call_sites
    ),
    "urllib3": _Seam(patches=urllib3_pool.patches, call_sites=urllib3_pool.call_sites),
    "vcr.cassette": _Seam(patches=vcrpy.patches, call_sites=vcrpy.call_sites),
}
"""Module to wait for: how to capture it."""

_lock: Final = threading.Lock()
_patches: Final = Patches()


def install(
    is_llm_call: IsLlmCall, *, failure: Callable[[str], BaseException] = CallRefused
) -> None:
    """Capture LLM calls from now on, in the whole process.

    Calling it again changes the two arguments, and puts back patches that somebody removed:
    cheap enough to do whenever a tape is opened.

    Args:
        is_llm_call: Tells from method and absolute URL whether a call is one.
        failure: Makes the exception for a call that cannot be let through; a BaseException,
            because SDKs swallow and retry others.

    Raises:
        CaptureUnsupported: An imported library moved a name that the capture patches. A library
            imported later raises it from its import statement.
    """
    calls_are(is_llm_call)
    refuse_with(failure)
    with _lock:
        if _watch not in sys.meta_path:
            sys.meta_path.insert(0, _watch)
    for module in _imported():
        _capture(module)


def uninstall() -> None:
    """Put every name back."""
    with _lock:
        if _watch in sys.meta_path:
            sys.meta_path.remove(_watch)
        _patches.restore()


def _imported() -> list[ModuleType]:
    found = (sys.modules.get(name) for name in _SEAMS)
    return [module for module in found if module is not None]


@functools.cache
def _plan(module: ModuleType) -> tuple[Patch, ...]:
    """What to replace in one imported library, once it is known to be as expected."""
    seam = _SEAMS[module.__name__]
    check(module.__name__, seam.call_sites(module))
    return seam.patches(module)


def _capture(module: ModuleType) -> None:
    plan = _plan(module)  # may import, which must not wait for anyone who waits for our lock
    with _lock:
        _patches.apply(plan)


_watch: Final = AfterImport(_SEAMS, _capture)
