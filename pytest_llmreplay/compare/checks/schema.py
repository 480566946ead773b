"""`schema:request`, `schema:FILE`: the answer is valid against a JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pytest_llmreplay.compare.answers.answer_view import AnswerView, JsonAnswer
from pytest_llmreplay.compare.answers.arguments import dotted
from pytest_llmreplay.compare.check import Finding, Pair
from pytest_llmreplay.compare.code_digest import digest
from pytest_llmreplay.compare.project_file import FileRefused, project_text
from pytest_llmreplay.compare.schemas.validity import Unchecked, violation
from pytest_llmreplay.compare.syntax.bad_spec import BadSpec
from pytest_llmreplay.event import Json

from .base import Rule

__all__ = ["FileSchema", "RequestSchema"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conforms(Rule):
    """The words of every choice are JSON and valid; a code fence around them is no JSON."""

    def conform(self, view: AnswerView, schema: Json) -> Finding:
        """Validate each choice that has words."""
        both = zip(view.texts, view.json, strict=True)
        found = (self._judge_choice(text, answer, schema) for text, answer in both if text)
        return next((one for one in found if one is not None), self.held())

    def _judge_choice(self, text: str, answer: JsonAnswer, schema: Json) -> Finding | None:
        if answer.problem or answer.fenced:
            problem = answer.problem or "no JSON: it stands in a code fence"
            return self.diverged(
                f"the answer is {problem}",
                "structure",
                cause=problem.partition(":")[0],
                replayed=tuple(text.split("\n")),
            )
        try:
            found = violation(answer.value, schema)
        except Unchecked as part:
            return self.not_measured(f"the schema has {part}, which is not checked")
        if found is None:
            return None
        place = dotted(found.path).removeprefix(".") or "the answer"
        return self.diverged(f"{place!r} {found.problem}", "structure")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSchema(Conforms):
    """Every choice that has words is valid, where the request asked for a schema."""

    def judge(self, pair: Pair) -> Finding:
        """Validate; a request that asks for no schema holds."""
        schema = pair.baseline.request.output_schema
        if schema is None:
            return self.idle("no schema was asked for")
        if not isinstance(schema, dict) or not any(pair.now.texts):
            return self.held()
        return self.conform(pair.now, schema)


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


def read_schema(name: str, project: Path) -> Json:
    """Read a schema; a cassette names it, so it never comes from outside the project.

    Args:
        name: Path relative to the project.
        project: Directory of the project.

    Raises:
        BadSpec: It leaves the project, is no regular file, is too large, or no schema.
    """
    try:
        schema = json.loads(project_text(name, project))
    except (ValueError, RecursionError) as error:
        raise BadSpec(f"the schema file {_why(error)}") from None
    if not isinstance(schema, dict | bool):
        raise BadSpec("the schema file holds no JSON object")
    return schema


def _why(error: ValueError | RecursionError) -> str:
    """Why a file is not taken, without a word of what is in it."""
    if isinstance(error, FileRefused):
        return str(error)
    if isinstance(error, json.JSONDecodeError):
        return f"is no JSON: {error.msg} in line {error.lineno}"
    return "cannot be read"
