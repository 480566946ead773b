"""`schema:FILE`: the answer is valid against a JSON Schema of the project."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pytest_llmreplay.compare.check import Finding, Pair
from pytest_llmreplay.compare.code_digest import digest
from pytest_llmreplay.compare.schemas.file import read_schema
from pytest_llmreplay.compare.syntax.bad_spec import BadSpec
from pytest_llmreplay.event import Json

from .conforms import Conforms

__all__ = ["FileSchema"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSchema(Conforms):
    """Every choice that has words is valid; a turn without words where one was recorded holds."""

    schema: Json

    @property
    def settings(self) -> Mapping[str, str]:
        """What stands in the file."""
        return {"schema": digest(json.dumps(self.schema, sort_keys=True))}

    @classmethod
    def read(cls, written: str, project: Path | None, **asked: Any) -> Self:
        """Read what stands behind `schema:`, and the file that it names.

        Raises:
            BadSpec: The file is not one of the project, or holds no schema.
        """
        if not written:
            raise BadSpec("'request', or the path of a JSON Schema in the project, follows here")
        if project is None:
            raise BadSpec("a schema file is read for a cassette of a project alone")
        return cls(schema=read_schema(written, project), **asked)

    def judge(self, pair: Pair) -> Finding:
        """Validate."""
        if any(pair.now.texts):
            return self.conform(pair.now, self.schema)
        if not any(pair.then.texts):
            return self.held("no words, as recorded")
        return self.diverged("the answer has no words", "structure")
