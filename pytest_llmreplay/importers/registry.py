"""The importers by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .jsonl import JSONL
from .source import Source
from .vcrpy import VCRPY

__all__ = ["SOURCES"]

SOURCES: Mapping[str, Source] = MappingProxyType({one.name: one for one in (JSONL, VCRPY)})
