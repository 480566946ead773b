"""Keeps the workers of `multiprocessing.pool` alive when a call of theirs is refused.

A worker hands on any `Exception` of its task. Of what is none, as a refusal has to be, it dies, and
whoever waits for the result of that task waits for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from types import ModuleType
from typing import Any

from .patching import CallSite, Patch

__all__ = ["call_sites", "patches"]


def patches(module: ModuleType) -> tuple[Patch, ...]:
    """The loop of a worker, of a thread's as of a process's."""
    return (Patch(owner=module, name="worker", around=_surviving),)


def call_sites(module: ModuleType) -> tuple[CallSite, ...]:
    """The loop takes its tasks from one queue and puts their results into the other."""
    return (CallSite(owner=module, name="worker", parameters=("inqueue", "outqueue")),)


@dataclass(frozen=True, slots=True)
class _Died:
    """The result of a task that would have been its worker's death."""

    of: BaseException


class _Tasks:
    """The queue of tasks, none of which ends its worker."""

    def __init__(self, queue: Any) -> None:
        self._queue = queue

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queue, name)

    def get(self) -> Any:
        """The next task; none at the end."""
        task = self._queue.get()
        if task is None:
            return None
        job, place, function, arguments, options = task
        return job, place, partial(_result, function), arguments, options


class _Results:
    """The queue of results, in which a death is a failure."""

    def __init__(self, queue: Any) -> None:
        self._queue = queue

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queue, name)

    def put(self, result: Any) -> None:
        """Hand a result on."""
        job, place, (_, value) = result
        self._queue.put((job, place, (False, value.of)) if isinstance(value, _Died) else result)


def _surviving(original: Callable[..., None]) -> Callable[..., None]:
    @wraps(original)
    def worker(inqueue: Any, outqueue: Any, *arguments: Any, **options: Any) -> None:
        original(_Tasks(inqueue), _Results(outqueue), *arguments, **options)

    return worker


def _result(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    try:
        return function(*arguments, **options)
    except (Exception, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
        return _Died(error)
