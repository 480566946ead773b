"""Files that are sent to a provider in several requests."""

from __future__ import annotations

import pytest
from projects import Project
from servers.provider_server import ProviderServer, raw

NEEDLE = "AbiPqvXneedle01"
UPLOAD = """
    import os
    import httpx

    SAY = "x-goog-upload-command"

    @pytest.mark.llm_cassette
    def test_it():
        with httpx.Client(headers={"x-goog-api-key": "test-key-0123456789abcdef"}) as client:
            begin = os.environ["MESSAGES_URL"] + "/upload/v1beta/files"
            begun = client.post(begin, headers={SAY: "start"}, json={"file": {"sizeBytes": "9"}})
            place = begun.headers["x-goog-upload-url"]
            sent = client.post(place, headers={SAY: "upload"}, content=b"one\\xff two")
            assert "active" == sent.headers["x-goog-upload-status"]
            ended = client.post(place, headers={SAY: "finalize"})
        assert "final" == ended.headers["x-goog-upload-status"]
        assert {"file": {"name": "files/abc"}} == ended.json()
"""


@pytest.fixture
def upload(project: Project) -> Project:
    """A test that sends a file as Google's SDK does, recorded.

    https://ai.google.dev/api/files#method:-media.upload
    """
    place = f"{project.server.url}/upload/v1beta/files?upload_id={NEEDLE}&upload_protocol=resumable"
    host = project.server.url.removeprefix("http://")
    project.write("pytest.ini", f"[pytest]\nllm_hosts = {host}\n")
    project.tests(UPLOAD)
    answers = [
        raw(b"{}", x_goog_upload_url=place, x_goog_upload_status="active"),
        raw(b"", x_goog_upload_status="active"),
        raw(b'{"file": {"name": "files/abc"}}', x_goog_upload_status="final"),
    ]
    project.server.next(*answers, *answers)
    project.record().assert_outcomes(passed=1)
    return project


def test_an_upload_in_pieces_is_played(upload: Project) -> None:
    """The place that the first answer names is kept, without what lets anybody write to it."""
    assert NEEDLE not in upload.cassette().read_text()
    upload.server.stop()
    upload.run().assert_outcomes(passed=1)


def test_a_failed_upload_keeps_no_place_of_the_account(upload: Project) -> None:
    """Nor does the partial file, from which the next recording plays."""
    upload.tests(UPLOAD.replace("files/abc", "files/other"))
    upload.run("--llm-record-mode=all").assert_outcomes(failed=1)
    assert 6 == len(upload.server.seen)
    (partial,) = upload.partials
    assert NEEDLE not in partial.read_text()


def test_an_edited_place_of_an_upload_leads_to_no_other_host(upload: Project) -> None:
    """The pieces, and the key with them, go where the first request went."""
    path, text = upload.cassette(), upload.cassette().read_text()
    assert "x-goog-upload-url: '/upload/v1beta/files?upload_id=[REDACTED]&" in text
    with ProviderServer() as other:
        places = (f"{other.url}/upload", f"//127.0.0.1:{other.port}/upload", "http://[::1")
        for place in (*places, f"@127.0.0.1:{other.port}/upload"):
            edited = text.replace("x-goog-upload-url: '/upload", f"x-goog-upload-url: '{place}")
            path.write_text(edited)
            upload.run()
        assert [] == other.seen
