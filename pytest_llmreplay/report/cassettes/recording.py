"""What is said about recordings: events that nobody played, calls that were kept."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.report.text.sanitise import safe_line

__all__ = [
    "ANY_KEY_WILL_DO",
    "all_failed_text",
    "homeless_text",
    "kept_text",
    "left_text",
    "named_secret_text",
    "nearer_file_text",
    "other_version_text",
    "twin_text",
    "unread_keys_text",
    "unused_text",
]

ANY_KEY_WILL_DO = (
    "Nothing is sent in playback. Where a client wants a key all the same, any text\n"
    "will do: set its variable, as in OPENAI_API_KEY=none."
)
"""What is said with the failure of a test whose client has no key."""
_MOST = 10


def unused_text(
    cassette: str,
    unused: Sequence[str],
    total: int,
    record: str,
    *,
    unknown_hosts: Sequence[str] = (),
) -> str:
    """The failure of a passing test that left events of its cassette unplayed.

    Args:
        cassette: Path as people type it.
        unused: Labels of the events, as `0002-support-agent`.
        total: How many events the cassette holds.
        record: Command that records the test.
        unknown_hosts: Of events that went to such a host, whose calls pass by the cassette.
    """
    shown = [f"  {safe_line(label)}" for label in unused[:_MOST]]
    if len(unused) > _MOST:
        shown.append(f"  and {len(unused) - _MOST} more")
    headline = f"{len(unused)} of {total} recorded events were not played"
    reasons = {
        "the test no longer makes these calls": len(unused) > len(unknown_hosts),
        "their host is not known": bool(unknown_hosts),
    }
    lines = [
        f"{headline}: {', or '.join(why for why, holds in reasons.items() if holds)}",
        safe_line(cassette),
        *shown,
        "",
        *(_unknown_lines(unknown_hosts) if unknown_hosts else ()),
        "You meant this change? Drop them from the cassette:",
        f"  {safe_line(record)}",
        "You did not? Then the recording is right and the code changed by accident.",
        "--llm-unused=warn only warns.",
    ]
    return "\n".join(lines)


def other_version_text(name: str, recorded: str, sent: str) -> str:
    """What is said of calls that are played under another version of their API.

    Args:
        name: Of the header or parameter that tells the version.
        recorded: Its value in the recording.
        sent: Its value now.
    """
    return (
        f"{name} was {safe_line(recorded)} when the calls were recorded, and is {safe_line(sent)} "
        "now: the version does not count, so they are played; --llm-record-mode=all asks again"
    )


def _unknown_lines(hosts: Sequence[str]) -> list[str]:
    names = " ".join(dict.fromkeys(hosts))
    return [
        "Calls to a host that is not known to serve models go out, past the cassette.",
        "It does serve them? Write in the ini file:",
        f"  llm_hosts = {safe_line(names)}",
        "",
    ]


def kept_text(partial: str, count: int, *, existed: bool) -> str:
    """What is said with the failure of a test that had recorded calls.

    Args:
        partial: Path as people type it.
        count: How many calls it holds.
        existed: Whether there is a cassette of an earlier recording.
    """
    calls = "1 call" if count == 1 else f"{count} calls"
    return (
        f"{_unwritten(existed=existed)}; kept {calls} in {safe_line(partial)}.\n"
        "The next --llm-record of this test plays what was answered before it pays again."
    )


def all_failed_text(*, existed: bool) -> str:
    """What is said where no call was answered in a way that another recording would play.

    Args:
        existed: Whether there is a cassette of an earlier recording.
    """
    return f"{_unwritten(existed=existed)}: every call of the recording failed."


def _unwritten(*, existed: bool) -> str:
    return "The cassette was left as it was" if existed else "No cassette was written"


def left_text(partial: str, count: int | None, record: str) -> str:
    """What is said of a partial file that an earlier run left behind.

    Args:
        partial: Path as people type it.
        count: How many calls it holds; none where this version cannot read it.
        record: Command that takes them over.
    """
    if count is None:
        return safe_line(
            f"{partial} holds calls that another version of pytest-llmreplay recorded and this "
            "one cannot read; it stays as it is, and deleting the file forgets them"
        )
    calls, them = ("1 call", "it") if count == 1 else (f"{count} calls", "them")
    return safe_line(
        f"{partial} holds {calls} of an earlier recording that was killed or has failed; "
        f"`{record}` plays what was answered before it pays again, and deleting the file forgets "
        f"{them}"
    )


def named_secret_text(cassette: str, name: str, hashed: str) -> str:
    """What is said of a text of an answer that was redacted because of the name of its field.

    Args:
        cassette: Path as people type it.
        name: Of the field.
        hashed: What `llm_redact_allow` takes for the text.
    """
    return safe_line(
        f"{cassette}: {name!r} of an answer plays as [REDACTED], as its name is that of a secret. "
        f"It is none? Add {hashed} to llm_redact_allow, and record the test again"
    )


def unread_keys_text(file: str, keys: Sequence[str], read: str | None) -> str:
    """What is said once where an ini file that pytest does not read has keys that do not count.

    Args:
        file: That ini file, as people type it.
        keys: Those keys.
        read: The ini file that pytest reads, if there is one.
    """
    reads = f"reads {read}" if read else "reads no ini file"
    counts = "it does not count" if len(keys) == 1 else "they do not count"
    return safe_line(
        f"{file} says {', '.join(keys)}, but this run {reads}, so that {counts}; say the same "
        "there, or start pytest where that file is"
    )


def nearer_file_text(file: str, read: str, cassettes: str) -> str:
    """What is said once where pytest would look for cassettes elsewhere if it were started there.

    Args:
        file: An ini file that names no root of cassettes, as people type it.
        read: The ini file that pytest reads, and that names one.
        cassettes: That root.
    """
    return safe_line(
        f"{read} says llm_cassettes = {cassettes}, and {file} says none: where pytest is started "
        "beside that, it looks in 'cassettes'; name the root there, too"
    )


def twin_text(twin: str) -> str:
    """What is said of a cassette that another machine takes for another one.

    Args:
        twin: Path of the other as people type it.
    """
    return safe_line(
        f"is one file with {twin} where case does not count, as on macOS and Windows, where the "
        "two tests would lose each other's calls; let their folders differ by more than case"
    )


def homeless_text(root: str) -> str:
    """What is said once where cassettes are below rootdir for want of a project.

    Args:
        root: Rootdir as people type it.
    """
    return safe_line(
        "no pyproject.toml, pytest.ini, tox.ini, setup.cfg or .git is above these tests, so that "
        f"their cassettes are below pytest's rootdir ({root}); an empty pytest.ini there keeps "
        "them found from wherever pytest is started"
    )
