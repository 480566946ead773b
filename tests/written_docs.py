"""Parts of the documentation that tests write: between two marks, the first of which says how."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["WrittenPart"]

DOCS = Path(__file__).parents[1] / "docs"
END = "<!-- end -->\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPart:
    """What stands in a file of the documentation between the marks."""

    file: str
    """Name of a file in `docs/`."""
    command: str
    """What writes it anew."""

    def read(self) -> str:
        """As the documentation has it."""
        return self._text().partition(self._begin)[2].partition(END)[0]

    def write(self, text: str) -> None:
        """Put a text in its place."""
        before, begin, rest = self._text().partition(self._begin)
        end, after = rest.partition(END)[1:]
        (DOCS / self.file).write_text(f"{before}{begin}{text}{end}{after}", encoding="utf-8")

    @property
    def _begin(self) -> str:
        return f"<!-- written by `{self.command}` -->\n"

    def _text(self) -> str:
        return (DOCS / self.file).read_text(encoding="utf-8")
