"""API formats that are imported when they are first asked for: most runs meet one or two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from .api import ApiFormat

__all__ = ["OnDemand"]


class OnDemand(Mapping[str, ApiFormat]):
    """Formats by name; each is the constant of its module that bears its name in capitals."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        """Take the names, each with its module in this package, without importing any."""
        self._modules = modules
        self._known: dict[str, ApiFormat] = {}

    def __getitem__(self, name: str) -> ApiFormat:
        known = self._known.get(name)
        if known is None:
            module = import_module(f"{__package__}.{self._modules[name]}")
            known = self._known[name] = getattr(module, name.upper())
        return known

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)
