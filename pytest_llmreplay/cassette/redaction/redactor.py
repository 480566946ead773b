"""Takes secrets out of what is about to be written; always on.

Headers are kept by name, fields are redacted by name, texts by shape; a user's rules only add.
Redacting twice changes nothing, so a match key can be made from what was sent and from what
was stored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from copy import copy
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from pytest_llmreplay.cassette.json_paths import changed_at
from pytest_llmreplay.cassette.side_files.extractor import without_media
from pytest_llmreplay.cassette.side_files.media_kinds import sniffed
from pytest_llmreplay.event import (
    BinaryBody,
    Body,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    StreamBody,
    TextBody,
)

from .cheap_look import CleanPieces, folded, hides_ascii, might_join
from .kept_headers import kept_request_headers, kept_response_headers
from .own_data import Finder
from .placeholders import Placeholders
from .rules import RedactionRules
from .secret_names import might_name_secret, redacted_query
from .secret_scan import SecretFinding, allowed_hashes, check_before_write, scan
from .secret_shapes import might_show_secret
from .stream_redaction import redacted_stream
from .user_spans import UserSpans
from .value_redaction import ValueRedaction, blank

__all__ = ["Redactor"]

_encoded = json.JSONEncoder(separators=(",", ":")).encode
_HEADER = re.compile(r"[a-z0-9_-]+")
"""What headers are called; logs may tell others."""


class Redactor:
    """Redacts one session's requests and answers.

    A person, a number or an address keeps its placeholder as long as the redactor lives.

    Args:
        rules: The user's rules, one a line (see rules.py).
        allow: Hashes of texts that look like secrets and are none.
        own: Functions of the user that find personal data, by the names of its kinds.

    Raises:
        ConfigError: A rule or a hash is none.
    """

    def __init__(
        self,
        rules: RedactionRules | Iterable[str] = (),
        allow: Collection[str] = (),
        own: Mapping[str, Finder] | None = None,
    ) -> None:
        self._rules = rules if isinstance(rules, RedactionRules) else RedactionRules.parse(rules)
        self._allow = allowed_hashes(allow)
        self._own = own or {}
        self._user = UserSpans(self._rules, self._own)
        self._clean_pieces = CleanPieces()
        self._values = ValueRedaction(self._rules, self._allow, self._user)

    @property
    def fingerprint(self) -> str:
        """The user's rules as one text, empty for none; part of `MatchRules.fingerprint`."""
        return self._rules.fingerprint

    def anew(self) -> Redactor:
        """A redactor with the same rules that has met nobody, so its placeholders are its own."""
        return Redactor(self._rules, self._allow, self._own)

    def noting(self, noted: dict[str, str]) -> Redactor:
        """The same one, which notes what only the name of its field makes a secret.

        Args:
            noted: Takes the hash of each such text, with that name.
        """
        one = copy(self)
        one._values = self._values.noting(noted)  # noqa: SLF001 - one of its own kind
        return one

    @property
    def numbers_people(self) -> bool:
        """Whether personal data become placeholders, numbered as they are met."""
        return self._user.numbers_people

    @property
    def placeholders(self) -> Placeholders:
        """What stands in the place of people."""
        return self._user.placeholders

    def might_hold_secret(self, text: str) -> bool:
        """Whether redaction could change a text, or the JSON value that it stands for.

        Cheap. A no is always right; with rules or functions of the user it says yes to every text.
        """
        return self._might_hold_secret(text.encode(errors="surrogatepass"))

    def _might_hold_secret(self, data: bytes) -> bool:
        if self._user.any:
            return True
        text = folded(data)
        return might_show_secret(data, text) or might_name_secret(text)

    def might_change(self, data: bytes) -> bool:
        """Whether redaction could change JSON or other text that came over the wire like this.

        Cheap. A no is always right but for forms, the parameters of a URL, and what shows only
        when the pieces of a stream are read as one, each of which has a question of its own.
        """
        if self._user.any:
            return True
        pieces = self._clean_pieces.others(data)
        others = b'"'.join(pieces)
        if self._might_hold_secret(others) or hides_ascii(others):
            return True
        self._clean_pieces.remember(pieces)
        return False

    def might_change_url(self, url: str) -> bool:
        """Whether redaction could change a URL for more than its look."""
        return ("?" in url or "@" in url) and self.url(url) != url

    def might_change_form(self, body: bytes) -> bool:
        """Whether redaction could change a body because it is a form, or no text at all."""
        if body.startswith(b"{") and body.isascii():  # nearly always
            return False
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return True
        return not text.startswith("{") and _redacted_form(text) != text

    def might_join(self, stream: bytes) -> bool:
        """Whether redaction could change what shows when the pieces of a stream are joined."""
        try:
            text = stream.decode()
        except UnicodeDecodeError:
            return True
        return might_join(text, self.might_hold_secret)

    def request(self, request: HttpRequest) -> HttpRequest:
        """The request as it may be written."""
        return replace(
            request,
            url=self.url(request.url),
            headers=self._headers(kept_request_headers(request.headers)),
            body=None if request.body is None else self.body(request.body),
        )

    def response(self, response: HttpResponse) -> HttpResponse:
        """The answer as it may be written."""
        body = response.body
        return replace(
            response,
            headers=self._headers(kept_response_headers(response.headers, response.status)),
            body=self._stream(body) if isinstance(body, StreamBody) else body and self.body(body),
        )

    def body(self, body: Body) -> Body:
        """A body as it may be written; the same object where nothing had to change."""
        if isinstance(body, JsonBody):
            return JsonBody(value=self.json(body.value))
        if isinstance(body, TextBody):
            return TextBody(text=self.text(_redacted_form(body.text)))
        if sniffed(body.data):
            return body
        text = body.data.decode("latin-1")
        clean = self._values.text(text)
        return body if clean == text else BinaryBody(data=clean.encode("latin-1"))

    def json(self, value: Json) -> Json:
        """A JSON value as it may be written; the same object where nothing had to change."""
        text = _encoded(value)
        if not self.might_hold_secret(text):
            return value
        self._user.reserve(text)
        for path in self._rules.paths:
            value = changed_at(value, path, blank)
        return self._values.value(value)

    def text(self, text: str) -> str:
        """A text as it may be written."""
        self._user.reserve(text)
        return self._values.text(text)

    def url(self, url: str) -> str:
        """A URL without credentials in its authority, its query or anywhere else.

        Nor has it a fragment, which is never sent.
        """
        parts = urlsplit(url)
        userinfo, at, host = parts.netloc.rpartition("@")
        if userinfo not in {"", "REDACTED"}:
            # Brackets in the authority would make the URL unreadable for urlsplit.
            parts = parts._replace(netloc=f"REDACTED{at}{host}")
        plain = urlunsplit(parts._replace(query="", fragment=""))
        query = redacted_query(parts.query)
        return self.text(f"{plain}?{query}" if query else plain)

    def scan(self, data: bytes) -> list[SecretFinding]:
        """Every secret that shows in the bytes of a cassette."""
        return scan(data, self._allow)

    def check_line(self, line: bytes) -> None:
        """Refuse the line of a call that holds a secret outside its media.

        Raises:
            SecretFound: It does.
        """
        self.check_before_write(without_media(line))

    def check_before_write(self, data: bytes) -> None:
        """Refuse bytes that hold a secret.

        Raises:
            SecretFound: They do.
        """
        check_before_write(data, self._allow)

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        kept = ((name, value) for name, value in headers.items() if name not in self._rules.headers)
        return {
            name if _HEADER.fullmatch(name) else self._values.text(name): self.text(value)
            for name, value in kept
        }

    def _stream(self, stream: StreamBody) -> StreamBody:
        return redacted_stream(
            stream,
            might_change=self.might_hold_secret,
            json_of=self.json,
            spans_of=self._values.spans,
        )


def _redacted_form(text: str) -> str:
    is_form = "=" in text and not any(char in text for char in ' \n\r\t<>{}"')
    return redacted_query(text) if is_form else text
