"""Keys that are not what today's rules make of a request: playback finds the event by detours."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.matching.keys import key_of_stored
from pytest_llmreplay.commands.projects.project import Project

from .finding import Finding
from .orphans import test_file
from .places import home_of

__all__ = ["current_keys", "outdated_keys"]


def outdated_keys(cassette: Cassette, project: Project) -> Iterator[Finding]:
    """A finding where key lines of a cassette are out of date."""
    places = list(current_keys(cassette, project))
    if not places:
        return
    all_of_them = len(cassette.index.events)
    yield Finding(
        kind="outdated key",
        path=cassette.path,
        line=cassette.document(places[0]).place.line,
        problem=f"{len(places)} of {all_of_them} keys, this one first, are not what the rules of "
        "today make of the request; playback makes them anew each time",
        fixable=True,
    )


def current_keys(cassette: Cassette, project: Project) -> dict[int, str]:
    """Place of an event whose key line is out of date → its key.

    A marker may add rules (`match_ignore`) that only a run of the test knows: where the test file
    has such, keys made by other rules than the project's are left alone.
    """
    folder = cassette.path.parent
    rules, others = project.rules(folder), _adds_rules(cassette, project)
    redactor = project.redactor(folder)
    found = {}
    for place, slot in enumerate(cassette.index.events):
        fingerprint = (slot.key or "").partition(":")[0]
        if slot.key is None or (others and fingerprint != rules.fingerprint):
            continue
        request = cassette.document(place).request
        key = f"{rules.fingerprint}:{key_of_stored(request, rules, redactor)}"
        if key != slot.key:
            found[place] = key
    return found


def _adds_rules(cassette: Cassette, project: Project) -> bool:
    file = test_file(cassette, home_of(cassette.path, project))
    return file is not None and b"match_ignore" in file.read_bytes()
