"""One key for what was sent and for what was stored."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.cassette.matching.keys import (
    MatchRules,
    key_of_raw,
    key_of_stored,
    key_unredacted,
    match_key,
)
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import BinaryBody, Body, HttpRequest, Json, JsonBody, TextBody

URL = "https://api.openai.com/v1/chat/completions"
RULES = MatchRules()
SECRET = "sk-a8Kd93LmQ0zX7vB2nT5yRw1c"


def key(body: Json, url: str = URL, method: str = "POST", rules: MatchRules = RULES) -> str:
    """The key of a call with a JSON body."""
    return match_key(method, url, JsonBody(value=body), rules)


def test_the_algorithm_has_not_changed() -> None:
    """Whoever changes a key raises the digit of the fingerprint."""
    assert "r1" == RULES.fingerprint
    assert key({}) != "9b8d4d2e1a1f0a55"
    assert 16 == len(key({"model": "m"}))


def test_host_and_header_do_not_count_but_method_and_path_do() -> None:
    """A proxy gives the same key, another endpoint another one."""
    body: Json = {"model": "m"}
    assert key(body) == key(body, "http://localhost:8080/v1/chat/completions?beta=true#x", "post")
    assert key(body) != key(body, "https://api.openai.com/v1/responses")
    assert key(body) != key(body, method="PUT")


@pytest.mark.parametrize(
    ("logged", "sent"),
    [
        ("projects/<PROJECT>/models/m", "projects/%3CPROJECT%3E/models/m"),
        ("deployments/größe 2", "deployments/gr%C3%B6%C3%9Fe%202"),
        ("model/meta.llama3%3A1/invoke", "model/meta.llama3%3A1/invoke"),
    ],
)
def test_a_path_is_one_however_a_log_spells_it(logged: str, sent: str) -> None:
    """Clients escape what a URL cannot hold; a recording tool may have blotted out a part of it."""
    address = "https://api.example.com/v1/{}?alt=sse"
    assert key({}, address.format(logged)) == key({}, address.format(sent))


def test_what_a_client_escapes_though_it_need_not_is_alike() -> None:
    """A colon in the path of Gemini and Bedrock: escaped by some clients, and by others not."""
    plain, escaped = (
        f"https://api.example.com/model/nova{colon}0/converse" for colon in (":", "%3A")
    )
    inexact = RULES.inexact
    assert key({}, plain) != key({}, escaped)
    body = JsonBody(value={})
    alike = {match_key("POST", url, body, inexact) for url in (plain, escaped)}
    assert 1 == len(alike)
    assert alike != {match_key("POST", plain.replace("nova", "titan"), body, inexact)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"temperature": 1.0}, {"temperature": 1}),
        ({"seed": 1e22}, {"seed": 10**22}),
        ([{"t": 0.0}], [{"t": 0}]),
    ],
)
def test_json_that_means_the_same_has_one_key(one: Json, other: Json) -> None:
    """The order of keys and the spelling of numbers do not count."""
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": True}, {"a": 1}),
        ({"a": None}, {}),
        ({"a": "1"}, {"a": 1}),
        ({"m": ["x", "y"]}, {"m": ["y", "x"]}),
        ({"a": 0.5}, {"a": 0.25}),
        ({"a": "ü"}, {"a": "u"}),
    ],
)
def test_json_that_means_another_thing_has_another_key(one: Json, other: Json) -> None:
    """Everything else counts."""
    assert key(one) != key(other)


def test_the_query_counts_only_without_a_body() -> None:
    """Noise and keys in it never do."""

    def bare(url: str) -> str:
        return match_key("GET", url, None, RULES)

    assert bare("https://h/m?a=1&b=2") == bare("https://h/m?b=2&a=1&key=K&api-version=7&beta=true")
    assert bare("https://h/m?a=1") != bare("https://h/m?a=2")
    assert bare("https://h/m?api_key=[REDACTED]") == bare("https://h/m?api_key=abc")


def test_multipart_bodies_differ_by_their_parts_alone() -> None:
    """The boundary is drawn by lot on every call."""

    def sent(boundary: str, data: bytes) -> bytes:
        line = f"--{boundary}".encode()
        return line + b"\r\n\r\n" + data + b"\r\n" + line + b"--\r\n"

    one, same, other = sent("abc", b"\xff1"), sent("d4f5", b"\xff1"), sent("abc", b"\xff2")
    keys = [match_key("POST", URL, BinaryBody(data=data), RULES) for data in (one, same, other)]
    assert keys[0] == keys[1] != keys[2]
    assert keys == [key_of_raw("POST", URL, data, RULES, Redactor()) for data in (one, same, other)]
    texts = [match_key("POST", URL, TextBody(text=sent(b, b"x").decode()), RULES) for b in "ab"]
    assert texts[0] == texts[1]
    empty = [match_key("POST", URL, TextBody(text=f"--{b}--\r\n"), RULES) for b in ("a1", "b2")]
    assert empty[0] == empty[1]


def test_a_gzip_body_has_the_key_of_its_text() -> None:
    """Its time stamp does not count."""
    content = json.dumps({"model": "m"}).encode()
    zipped = [gzip.compress(content, mtime=time) for time in (1, 2)]
    assert {key({"model": "m"})} == {key_of_raw("POST", URL, z, RULES, Redactor()) for z in zipped}
    assert 16 == len(key_of_raw("POST", URL, b"\x1f\x8bno", RULES, Redactor()))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from([SECRET, f"x {SECRET}", "[EMAIL_3]", "Bearer a1b2c3d4e5", "ada@x.org"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=5) | st.sampled_from(["password", "api_key", "a-token"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values, st.sampled_from([True, False]), st.sampled_from([(), ("email",)]))
def test_what_was_sent_and_what_was_stored_have_one_key(
    value: Json, ascii_only: object, redact: tuple[str, ...]
) -> None:
    """Redaction before or after makes no difference, whatever the spelling on the wire."""
    content = json.dumps(value, ensure_ascii=bool(ascii_only), indent=1).encode(
        errors="surrogatepass"
    )
    try:
        content.decode()
    except UnicodeDecodeError:
        content = json.dumps(value).encode()
    rules = MatchRules(redaction=Redactor(redact).fingerprint)
    stored = Redactor(redact).body(JsonBody(value=value))
    raw = key_of_raw("POST", URL, content, rules, Redactor(redact))
    assert match_key("POST", URL, stored, rules) == raw
    request = HttpRequest(method="POST", url=URL, body=stored)
    assert raw == key_of_stored(request, rules, Redactor(redact))


def test_a_request_without_secrets_has_its_key_without_redaction() -> None:
    """The quick key is the true one unless redaction changes the request."""
    content = json.dumps({"model": "m", "messages": [{"content": "Hi"}], "t": 1.0}).encode()
    found, parsed = key_unredacted("POST", URL, content, RULES)
    assert found == key_of_raw("POST", URL, content, RULES, Redactor())
    assert {"model": "m", "messages": [{"content": "Hi"}], "t": 1} == parsed
    secret = content.replace(b"Hi", SECRET.encode())
    quick, _ = key_unredacted("POST", URL, secret, RULES)
    assert quick != key_of_raw("POST", URL, secret, RULES, Redactor())


@pytest.mark.parametrize(
    "content", [b"", b"null", b" {}\n", b"{", b"\xff", b"a=b", b"NaN", b"[1e999]", b"{} x"]
)
def test_any_bytes_have_a_key(content: bytes) -> None:
    """Nothing that a client sends makes the key fail."""
    assert 16 == len(key_of_raw("POST", URL, content, RULES, Redactor()))


def test_a_body_that_is_too_deep_has_a_key() -> None:
    """Also where a person stands in it."""
    nested = '{"m":' * 900 + '"[EMAIL_7]"' + "}" * 900
    assert 16 == len(key_unredacted("POST", URL, nested.encode(), RULES)[0])


@pytest.mark.parametrize("character", [*map(chr, range(32, 128)), "\n", "é", "\u2028", "😀"])
@pytest.mark.parametrize("escaped", [True, False])
def test_a_text_has_the_same_key_however_it_was_written(character: str, escaped: bool) -> None:
    """Text that needs no escape is quoted without a search for what does."""
    value: Json = {
        "messages": [{"role": "user", "content": f"{'word ' * 40}{character}"}],
        "b": 1.0,
    }
    content = json.dumps(value, ensure_ascii=escaped).encode()
    assert key_unredacted("POST", URL, content, RULES)[0] == key(value)


def test_placeholders_count_by_their_order_alone() -> None:
    """Their numbers depend on what else was said in the session."""
    redactor = Redactor(["email"])
    redactor.text("first@x.org second@x.org")
    content = json.dumps({"m": "ada@x.org bob@x.org ada@x.org"}).encode()
    found = key_of_raw("POST", URL, content, RULES, redactor)
    assert key({"m": "[EMAIL_1] [EMAIL_2] [EMAIL_1]"}) == found
    assert key({"m": "[EMAIL_1] [EMAIL_1] [EMAIL_2]"}) != found


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("system", {"system": 1}),
        ("$.system", {"system": 1}),
        ("metadata.user_id", {"metadata": {"user_id": 1}}),
        ("tools[0].name", {"tools": [{"name": 1}]}),
        ("tools[-1].name", {"tools": [{"name": 1}]}),
        ("m[*].content", {"m": [{"content": 1}, {"content": 2}]}),
        ("**.timestamp", {"a": [{"timestamp": 1}, {"b": {"timestamp": 2}}], "timestamp": 3}),
        ("['a.b']", {"a.b": 1}),
        ("metadata.*", {"metadata": {"a": 1, "b": 2}}),
    ],
)
def test_ignored_paths_do_not_count(path: str, body: dict[str, Json]) -> None:
    """What a path leads to may differ or be missing; everything else counts."""
    rules = MatchRules(ignore=(path,))
    changed = json.loads(json.dumps(body).replace("1", '"new"'))
    assert key({**body, "x": 5}, rules=rules) == key({**changed, "x": 5}, rules=rules)
    assert key({**body, "x": 5}, rules=rules) != key({**body, "x": 6}, rules=rules)
    content = json.dumps({**changed, "x": 5}).encode()
    assert key({**body, "x": 5}, rules=rules) == key_of_raw("POST", URL, content, rules, Redactor())


@pytest.mark.parametrize(
    "bodies",
    [
        (JsonBody(value={"a": 1}), JsonBody(value={"b": [2]})),
        (TextBody(text="--x\r\none"), TextBody(text="--y\r\ntwo")),
        (BinaryBody(data=b"\xff"), BinaryBody(data=b"\xfe")),
    ],
)
def test_the_whole_body_may_be_ignored(bodies: tuple[Body, Body]) -> None:
    """`*` leaves method and path, as vcrpy matches, also for an upload; the path still counts."""
    rules = MatchRules(ignore=("*",))
    one, other = (match_key("POST", URL, body, rules) for body in bodies)
    assert one == other
    assert one != match_key("POST", f"{URL}/more", bodies[0], rules)


def test_replaced_texts_count_as_what_takes_their_place() -> None:
    """Volatile parts of a text are declared by a regular expression."""
    rules = MatchRules(
        replace=((r"\d{4}-\d\d-\d\d", "DATE"), (r"(?i)run (?P<n>\w+)", r"run <\g<n>>"))
    )
    assert key({"a": ["on 2026-01-01", 1]}, rules=rules) == key(
        {"a": ["on 2026-12-31", 1]}, rules=rules
    )
    text: Body = TextBody(text="on 2026-01-01")
    assert match_key("POST", URL, text, rules) == match_key(
        "POST", URL, TextBody(text="on 2026-02-02"), rules
    )


@pytest.mark.parametrize(
    ("pattern", "text", "counted"),
    [
        ("id{e}x+", "ix", "ix"),
        ("id{e}x+", "id{e}xx", "N"),
        ("(id){e}+", "id{e", "id{e"),
        (r"\{\{\w+\}\}", "{{name}}", "N"),
        (r"\N{DIGIT ONE}{2,3}", "1111", "N1"),
        ("[{]a{1,2}[}]", "{aa}", "N"),
    ],
)
def test_braces_of_a_replaced_text_mean_what_they_mean_in_python(
    pattern: str, text: str, counted: str
) -> None:
    """Whatever engine looks for it: in others `{e}` is a mistake that a match may have."""
    assert counted == MatchRules(replace=((pattern, "N"),)).applied(text)


def test_the_fingerprint_tells_rules_apart() -> None:
    """Any rule dates the keys; the order of ignored paths does not."""
    marks = {
        MatchRules(ignore=("a",)).fingerprint,
        MatchRules(ignore=("b",)).fingerprint,
        MatchRules(replace=(("a", "b"),)).fingerprint,
        MatchRules(redaction=Redactor(["email"]).fingerprint).fingerprint,
    }
    assert 4 == len(marks)
    assert all(mark.startswith("r1-") and len(mark) == 9 for mark in marks)
    assert MatchRules(ignore=("a", "b")).fingerprint == MatchRules(ignore=("b", "a")).fingerprint


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "character 1: expected a name"),
        ("a..b", "character 3: expected a name, [N], [*], * or **, not '.'"),
        ("messages[x]", "character 9: expected"),
        ("a.", "character 3: expected a name, [N], [*], * or **, but the path ends"),
        ("a**", "character 2: expected"),
        ("a.**", "** needs a name after it"),
    ],
)
def test_a_wrong_path_is_refused_at_its_character(path: str, message: str) -> None:
    """The error names the setting, the path and the place in it."""
    with pytest.raises(ConfigError) as caught:
        MatchRules(ignore=(path,))
    assert message in str(caught.value)
    assert f"llm_match_ignore {path!r}" in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "replacement", "message"),
    [
        ("a(b", "x", "character 2: no regular expression, missing ), unterminated subpattern"),
        ("a", r"\1", "cannot take the place of 'a'"),
        ("a", r"\g<x>", "cannot take the place of 'a'"),
    ],
)
def test_a_wrong_replacement_is_refused(pattern: str, replacement: str, message: str) -> None:
    """Before the first call, not in the middle of a test."""
    with pytest.raises(ConfigError) as caught:
        MatchRules(replace=((pattern, replacement),))
    assert message in str(caught.value)
