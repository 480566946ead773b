"""Lets a process that is started anew, by spawn or forkserver, know what it is started for.

It gets data from its parent before anything else. A ticket travels there in front, and is redeemed
as it is unpickled: before the main module and the function to run are imported.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from importlib import import_module
from types import ModuleType
from typing import Any

from pytest_llmreplay.capture.patching import CallSite, Patch

from .asking import Ticket

__all__ = ["call_sites", "patches"]


def patches(
    module: ModuleType, ticket: Callable[[], Ticket | None], redeem: Callable[[Ticket], object]
) -> tuple[Patch, ...]:
    """What to replace so that processes which `module` starts are told.

    Args:
        module: `popen_spawn_posix` or `popen_forkserver` of `multiprocessing`, or what loky has
            in their place.
        ticket: Makes one; none where no tape is open.
        redeem: Is called with it in the new process, where it is looked up by its name.
    """
    told = partial(_told, ticket, redeem)
    return (Patch(owner=module.spawn, name="get_preparation_data", around=told),)


def call_sites(module: ModuleType) -> tuple[CallSite, ...]:
    """Every process is launched with what that function gives."""
    return (
        CallSite(
            owner=module.spawn,
            name="get_preparation_data",
            parameters=("name",),
            caller="_launch",
            of_caller=module.Popen,
        ),
    )


class _Done:
    """Is unpickled as what a function returns, which is called then."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self._call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self._call


def _told(
    ticket: Callable[[], Ticket | None],
    redeem: Callable[[Ticket], object],
    original: Callable[..., dict[str, Any]],
) -> Callable[..., dict[str, Any]]:
    @wraps(original)
    def get_preparation_data(*name: Any) -> dict[str, Any]:
        data = original(*name)
        given = ticket()
        if given is None:
            return data
        # Else `redeem` might not be found: the process gets this path a moment later.
        path = _Done(setattr, _Done(import_module, "sys"), "path", data["sys_path"])
        return {"llmreplay_path": path, "llmreplay": _Done(redeem, given), **data}

    return get_preparation_data
