"""Sees to it that work which a test gives to a pool of processes knows whose it is.

A worker that was started before the test, or for another one, does not know its tape: LLM calls
would go out in silence, or to the wrong cassette. So each task is told on its way which tape is
open.

And a worker of `multiprocessing.pool`, be it a thread, hands on any `Exception` of its task. Of
what is none, as a refusal has to be, it dies, and whoever waits for the result waits for ever. So
that travels in one. Where its initializer fails, another worker is started in its place, and so on
for ever: what is refused there fails its tasks instead.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial, wraps
from types import ModuleType
from typing import Any, Final, TypeAlias

from pytest_llmreplay.capture.active import Number, current_number, tape_of
from pytest_llmreplay.capture.patching import CallSite, Patch

__all__ = ["Errand", "call_sites", "executor_call_sites", "executor_patches", "forks", "patches"]

Errand: TypeAlias = Callable[[], AbstractContextManager[None]]
"""Opens, in a worker, what its LLM calls go to while it works for the test that made this."""
ErrandOf: TypeAlias = Callable[[Any], Errand | None]
"""Makes one where a task is given to a pool; none where it needs none."""


def patches(module: ModuleType, errand_of: ErrandOf) -> tuple[Patch, ...]:
    """The ways into a pool of `multiprocessing`, and the ways out."""
    given = partial(_given, module.ThreadPool, errand_of)
    return (
        Patch(owner=module.Pool, name="__init__", around=_made),
        *(Patch(owner=module.Pool, name=name, around=given) for name in _WAYS_IN),
        *(Patch(owner=getattr(module, owner), name="_set", around=_brought) for owner in _WAYS_OUT),
    )


def call_sites(module: ModuleType) -> tuple[CallSite, ...]:
    """Every task is a function that one of these methods takes first."""
    return (
        CallSite(owner=module.Pool, name="__init__", parameters=("self", *_MADE_OF)),
        *(CallSite(owner=module.Pool, name=name, parameters=("self", "func")) for name in _WAYS_IN),
        *(
            CallSite(owner=getattr(module, owner), name="_set", parameters=("self", "i"))
            for owner in _WAYS_OUT
        ),
    )


def executor_patches(module: ModuleType, errand_of: ErrandOf) -> tuple[Patch, ...]:
    """The way into a pool of `concurrent.futures.process`, or of loky."""
    submitted = partial(_submitted, errand_of)
    return (Patch(owner=module.ProcessPoolExecutor, name="submit", around=submitted),)


def executor_call_sites(module: ModuleType) -> tuple[CallSite, ...]:
    """Every task is a function that this method takes first; `map` goes through it."""
    pool = module.ProcessPoolExecutor
    return (CallSite(owner=pool, name="submit", parameters=("self", "fn")),)


def forks(pool: Any) -> bool:
    """Whether a pool starts its workers by fork."""
    context = getattr(pool, "_ctx", None) or getattr(pool, "_mp_context", None)
    return context is not None and context.get_start_method() == "fork"


_MADE_OF = ("processes", "initializer")
_WAYS_IN = ("apply_async", "_map_async", "imap", "imap_unordered")
_WAYS_OUT = ("ApplyResult", "MapResult", "IMapIterator", "IMapUnorderedIterator")


class _Died(Exception):
    """What would have been the death of a worker.

    Args:
        of: The refusal.
        number: Of the tape that was open for the task, where there was one.
    """

    def __init__(self, of: BaseException, number: Number | None) -> None:
        super().__init__(of, number)
        self.of, self.number = of, number


@dataclass(frozen=True, slots=True)
class _Task:
    """A function of a test, on its way to a worker and there."""

    function: Callable[..., Any]
    errand: Errand

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Do it, on behalf of the test."""
        with self.errand():
            return self.function(*arguments, **options)


class _Here(threading.local):
    """What a worker knows of itself."""

    refused: BaseException | None = None
    """What was refused as it started."""


_here: Final = _Here()


@dataclass(frozen=True, slots=True)
class _Start:
    """An initializer of a test that no worker dies of."""

    initializer: Callable[..., Any]

    def __call__(self, *arguments: Any) -> None:
        """Do it."""
        try:
            self.initializer(*arguments)
        except (Exception, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - raised again by each task
            _here.refused = error


@dataclass(frozen=True, slots=True)
class _Survived:
    """A task that no worker dies of."""

    task: _Task
    number: Number | None

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Do it."""
        if _here.refused is not None:
            raise _Died(_here.refused, self.number)
        try:
            return self.task(*arguments, **options)
        except (Exception, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            raise _Died(error, self.number) from None


def _made(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def __init__(  # noqa: N807 - it takes the place of that of a class
        pool: Any, processes: Any = None, initializer: Any = None, *others: Any, **options: Any
    ) -> None:
        if callable(initializer) and current_number() is not None:
            initializer = _Start(initializer)
        original(pool, processes, initializer, *others, **options)

    return __init__


def _submitted(errand_of: ErrandOf, original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def submit(pool: Any, fn: Callable[..., Any], /, *arguments: Any, **options: Any) -> Any:
        errand = errand_of(pool)
        if errand is not None:
            fn = _Task(fn, errand)
        return original(pool, fn, *arguments, **options)

    return submit


def _given(
    of_threads: type, errand_of: ErrandOf, original: Callable[..., Any]
) -> Callable[..., Any]:
    @wraps(original)
    def submit(pool: Any, func: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        errand = nullcontext if isinstance(pool, of_threads) else errand_of(pool)
        if errand is not None:
            func = _Survived(_Task(func, errand), current_number())
        return original(pool, func, *arguments, **options)

    return submit


def _brought(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def _set(result: Any, place: Any, outcome: tuple[bool, Any]) -> None:
        succeeded, value = outcome
        if isinstance(value, _Died):
            _note(value)
            value = value.of
        original(result, place, (succeeded, value))

    return _set


def _note(died: _Died) -> None:
    """Let the tape remember a refusal that nobody may ever ask for."""
    note = getattr(tape_of(died.number), "note", None)
    if note is not None:
        note(died.of)
