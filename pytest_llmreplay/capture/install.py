"""Installs the capture in the libraries that are in use, and in others once they are imported."""

from __future__ import annotations

import functools
import operator
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final
from weakref import WeakSet

from pytest_llmreplay.capture.processes.answering import answer_no_more
from pytest_llmreplay.capture.processes.asking import Asking, Ticket
from pytest_llmreplay.capture.processes.tickets import ticket_from_here

from .active import (
    CallRefused,
    anything_open,
    close_tape,
    open_tape,
    refuse_with,
    tape_of,
)
from .libraries import (
    aiohttp_session,
    httpcore_pool,
    httplib2_client,
    httpx_client,
    lm15_transport,
    stdlib_http,
    tornado_client,
    urllib3_pool,
    vcrpy,
)
from .patching import AfterImport, CallSite, Patch, Patches, check
from .processes import pools, starting
from .routing import IsLlmCall, calls_are, let_pass
from .sockets import tripwire, watch
from .tape import LetPass, Tape

__all__ = ["install", "redeem", "uninstall"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seam:
    """How one library is captured."""

    patches: Callable[[ModuleType], tuple[Patch, ...]]
    call_sites: Callable[[ModuleType], tuple[CallSite, ...]]


def redeem(ticket: Ticket) -> None:
    """Take part, from now on, in the capture of the process that this one was started by."""
    open_tape(_asking(ticket))


@contextmanager
def _working_for(ticket: Ticket) -> Iterator[None]:
    """Take part in the capture of another process, for the length of a task from there."""
    if tape_of(ticket.number) is not None:  # it came by fork
        yield
        return
    with _open(_asking(ticket)):
        yield


@contextmanager
def _working_for_nobody() -> Iterator[None]:
    """Let the calls of a task go out, whatever the tape that its worker was started with."""
    if not anything_open():
        yield
        return
    with _open(LetPass()):
        yield


def _errand_of(pool: Any) -> pools.Errand | None:
    """What a worker of a pool opens for a task that it is given here and now, if anything."""
    ticket = ticket_from_here(by_fork=pools.forks(pool))
    if ticket is not None:
        _told.add(pool)
        return functools.partial(_working_for, ticket)
    return _working_for_nobody if pool in _told else None


def _asking(ticket: Ticket) -> Asking:
    install(ticket.is_llm_call, failure=ticket.failure)
    for server in ticket.own_servers:
        let_pass(server)
    if ticket.is_llm_host is not None and tripwire() is None:
        offline = operator.attrgetter("offline")
        watch(ticket.is_llm_host, offline=offline, failure=ticket.failure)
    return Asking(ticket)


@contextmanager
def _open(tape: Tape) -> Iterator[None]:
    open_tape(tape)
    try:
        yield
    finally:
        close_tape(tape)


_told: Final[WeakSet[object]] = WeakSet()
"""Pools some of whose workers may have been started with a tape."""

_STARTED: Final = _Seam(
    patches=functools.partial(starting.patches, ticket=ticket_from_here, redeem=redeem),
    call_sites=starting.call_sites,
)
_GIVEN_WORK: Final = _Seam(
    patches=functools.partial(pools.executor_patches, errand_of=_errand_of),
    call_sites=pools.executor_call_sites,
)
_OF_LM15: Final = _Seam(patches=lm15_transport.patches, call_sites=lm15_transport.call_sites)
_SEAMS: Final = {
    "httplib2": _Seam(patches=httplib2_client.patches, call_sites=httplib2_client.call_sites),
    "tornado.simple_httpclient": _Seam(
        patches=tornado_client.patches, call_sites=tornado_client.call_sites
    ),
    "aiohttp": _Seam(patches=aiohttp_session.patches, call_sites=aiohttp_session.call_sites),
    "http.client": _Seam(patches=stdlib_http.patches, call_sites=stdlib_http.call_sites),
    "httpcore": _Seam(patches=httpcore_pool.patches, call_sites=httpcore_pool.call_sites),
    "httpcore2": _Seam(patches=httpcore_pool.patches, call_sites=httpcore_pool.call_sites),
    "httpx": _Seam(patches=httpx_client.patches, call_sites=httpx_client.call_sites),
    "httpx2": _Seam(patches=httpx_client.patches, call_sites=httpx_client.call_sites),
    "dspy._vendor.lm15.transports": _OF_LM15,
    "lm15.transports": _OF_LM15,
    "concurrent.futures.process": _GIVEN_WORK,
    "joblib.externals.loky.backend.popen_loky_posix": _STARTED,
    "joblib.externals.loky.process_executor": _GIVEN_WORK,
    "loky.backend.popen_loky_posix": _STARTED,
    "loky.process_executor": _GIVEN_WORK,
    "multiprocessing.pool": _Seam(
        patches=functools.partial(pools.patches, errand_of=_errand_of), call_sites=pools.call_sites
    ),
    "multiprocessing.popen_forkserver": _STARTED,
    "multiprocessing.popen_spawn_posix": _STARTED,
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
    answer_no_more()
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
