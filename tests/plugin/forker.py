"""Starts runs of pytest that can be killed, without a new interpreter for each: by `fork`.

Run as a program. A line on its standard input is the arguments of a run, as JSON; it answers with
the process of the run, and with its exit code once it has ended, negative where a signal ended it.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pkgutil import walk_packages

import pytest

import pytest_llmreplay


def main() -> None:
    """Serve runs until nobody asks for more."""
    for module in ("openai", "genai_prices.data", "yaml"):
        import_module(module)
    for found in walk_packages(pytest_llmreplay.__path__, "pytest_llmreplay."):
        import_module(found.name)
    for line in sys.stdin:
        arguments = json.loads(line)
        process = os.fork()
        if not process:
            _run(arguments)
        _tell(process)
        _, status = os.waitpid(process, 0)
        _tell(os.waitstatus_to_exitcode(status))


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _run(arguments: list[str]) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os._exit(int(pytest.main(arguments)))


if __name__ == "__main__":
    main()
