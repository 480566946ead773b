"""Sees to it that LLM calls of the workers of `multiprocessing.pool` fail as those of a test do.

A worker that was started before the cassette of a test, or not by fork, does not know it: its calls
would go out in silence. So each task is told on its way which tape is open, and its worker refuses
the calls of one that it does not know.

And a worker, be it a thread, hands on any `Exception` of its task. Of what is none, as a refusal
has to be, it dies, and whoever waits for the result waits for ever. So that travels in one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial, wraps
from types import ModuleType
from typing import Any, TypeAlias

from .active import current_number, tape_of
from .patching import CallSite, Patch

__all__ = ["Errand", "call_sites", "patches"]

Errand: TypeAlias = Callable[[], AbstractContextManager[None]]
"""Opens, in a worker, what its LLM calls go to while it works for the test that made this."""


def patches(module: ModuleType, errand_of: Callable[[int | None], Errand]) -> tuple[Patch, ...]:
    """The ways into a pool, and the ways out."""
    given = partial(_given, errand_of)
    return (
        *(Patch(owner=module.Pool, name=name, around=given) for name in _WAYS_IN),
        *(Patch(owner=getattr(module, owner), name="_set", around=_brought) for owner in _WAYS_OUT),
    )


def call_sites(module: ModuleType) -> tuple[CallSite, ...]:
    """Every task is a function that one of these methods takes first."""
    return (
        *(CallSite(owner=module.Pool, name=name, parameters=("self", "func")) for name in _WAYS_IN),
        *(
            CallSite(owner=getattr(module, owner), name="_set", parameters=("self", "i"))
            for owner in _WAYS_OUT
        ),
    )


_WAYS_IN = ("apply_async", "_map_async", "imap", "imap_unordered")
_WAYS_OUT = ("ApplyResult", "MapResult", "IMapIterator", "IMapUnorderedIterator")


class _Died(Exception):
    """What would have been the death of a worker.

    Args:
        of: The refusal.
        number: Of the tape that was open for the task, where there was one.
    """

    def __init__(self, of: BaseException, number: int | None) -> None:
        super().__init__(of, number)
        self.of, self.number = of, number


@dataclass(frozen=True, slots=True)
class _Task:
    """A function of a test, on its way to a worker and there."""

    function: Callable[..., Any]
    number: int | None
    errand: Errand

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Do it, on behalf of the test."""
        try:
            with self.errand():
                return self.function(*arguments, **options)
        except (Exception, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            raise _Died(error, self.number) from None


def _given(
    errand_of: Callable[[int | None], Errand], original: Callable[..., Any]
) -> Callable[..., Any]:
    @wraps(original)
    def submit(pool: Any, func: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        number = current_number()
        task = _Task(func, number, errand_of(number))
        return original(pool, task, *arguments, **options)

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
