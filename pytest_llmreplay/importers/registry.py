"""The importers by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .source import Source

__all__ = ["SOURCES"]

SOURCES: Mapping[str, Source] = MappingProxyType({})
