"""The table of clients in the documentation says what tests prove, and nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest
from clients.proven import HERE, IN_DOCS, known_proofs, table


def functions() -> Iterator[str]:
    """Every test function of this directory."""
    for path in HERE.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{path.name}::{node.name}"


def test_the_documentation_has_the_table_of_what_is_proven() -> None:
    """To write it anew: `pytest tests/clients --clients-table write`."""
    assert table(known_proofs()) == IN_DOCS.read()


def test_each_proof_is_the_word_of_a_test_that_is_there() -> None:
    """A test that is renamed or removed takes its proofs with it."""
    named = {test for tests in known_proofs().values() for test in tests}
    assert set() == named - set(functions())


def test_proofs_of_several_processes_are_refused() -> None:
    """No worker knows them all; that is said before any test runs."""
    pytest.importorskip("xdist")
    words = ("pytest", __file__, "--clients-table=check", "-n2")
    done = subprocess.run(
        [sys.executable, "-m", *words], capture_output=True, text=True, timeout=60, check=False
    )
    said = "ERROR: --clients-table needs all proofs in one process: leave -n out"
    assert (pytest.ExitCode.USAGE_ERROR, said) == (done.returncode, done.stderr.strip())
