"""The command `pytest-llmreplay`: parses, hands over to a subcommand, shows errors as one line."""

from __future__ import annotations

import codecs
import errno
import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from io import TextIOWrapper

from pytest_llmreplay.report.text.sanitise import for_encoding, safe

from .commands import COMMANDS, Exit
from .errors import LlmReplayError, did_you_mean

__all__ = ["main"]

_INTERRUPTED = 130
"""As shells tell a process that SIGINT has ended."""
_IN_ASCII = "llmreplay-in-ascii"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code.

    Args:
        arguments: What follows the command's name; by default what the shell gave.
    """
    _show_in_any_encoding()
    parser, words = _parser(), sys.argv[1:] if arguments is None else arguments
    if not words:
        parser.print_help(sys.stderr)
        return int(Exit.WRONG_USE)
    _refuse_unknown(words[0], parser)
    given = parser.parse_args(words)
    try:
        code = int(given.run(given))
        sys.stdout.flush()
    except LlmReplayError as error:
        print(safe(f"pytest-llmreplay: {error}"), file=sys.stderr)
        return int(Exit.WRONG_USE)
    except KeyboardInterrupt:
        print("pytest-llmreplay: interrupted", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:  # whoever read the output has read enough
        sys.stderr.close()
        return int(Exit.OK)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print(f"pytest-llmreplay: the output is not whole: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is left of it
        return int(Exit.WRONG_USE)
    return code


def _refuse_unknown(word: str, parser: ArgumentParser) -> None:
    """End with the nearest command, where argparse would list all of them."""
    names = sorted(command.name for command in COMMANDS)
    if not word.startswith("-") and word not in names:
        guess = did_you_mean(word, names, f"; there are {', '.join(names)}")
        parser.error(f"no command {word!r}{guess}")


def _show_in_any_encoding() -> None:
    """Let outputs that know fewer characters show our own signs in ASCII, and others as escapes."""
    codecs.register_error(_IN_ASCII, _in_ascii)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=_IN_ASCII)


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return for_encoding(error.object[error.start : error.end], "ascii"), error.end


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="pytest-llmreplay",
        description="Tools around recorded LLM calls.",
        epilog="Exit codes: 0 all is well, 1 a finding, 2 wrong use.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        sub = commands.add_parser(command.name, help=command.help, description=command.help)
        command.add_arguments(sub)
        sub.set_defaults(run=command.run)
    return parser
