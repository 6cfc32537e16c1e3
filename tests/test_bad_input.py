"""What people, scripts and attackers send that does not fit: a 4xx with a sentence, and nothing half saved."""

import json
import re
from html import unescape
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.people import Union, authorization, let_in, make_session, make_union, register

from events_app.lib import database
from events_app.lib.codes import ticket_text
from events_app.registration.actions import sessions

ZHAO = {"name": "赵敏", "phone": "19900001234", "unit": "昆明机床厂"}
REGISTRATIONS = "/api/v1/registrations"
CHECK_INS = "/api/v1/check-ins"
INVISIBLE = "含有看不见的控制字符，请删去后重新填写。"
TOO_LONG = "太长了，最多50个字，现在有5000个。"
MISSING = "这一项必须填写。"
NO_PHONE = "请填写11位手机号码，或带区号的固定电话。"
TABLES = ("person", "registration", "seat", "scan", "idempotency_key", "activity", "session", "organization")

BAD_FIELDS = [
    ("name", "", MISSING),
    ("name", " \u3000\t", MISSING),
    ("name", "长" * 5_000, TOO_LONG),
    ("name", "赵\x00敏", INVISIBLE),
    ("name", "赵\x07敏", INVISIBLE),
    ("name", "赵\x7f敏", INVISIBLE),
    ("name", "赵\n敏", INVISIBLE),
    ("name", "赵\u202e敏", INVISIBLE),
    ("name", "赵\u2066敏", INVISIBLE),
    ("name", "赵\u200f敏", INVISIBLE),
    ("name", "赵\u200b敏", INVISIBLE),
    ("name", "赵\ufeff敏", INVISIBLE),
    ("name", "赵\u2028敏", INVISIBLE),
    ("name", "赵\ue000敏", INVISIBLE),
    ("name", "赵\ufffd敏", "有些文字在传送中损坏了，请重新填写。"),
    ("name", "赵\uffff敏", INVISIBLE),
    ("unit", "长" * 101, "太长了，最多100个字，现在有101个。"),
    ("unit", "厂\x00", INVISIBLE),
    ("phone", "", MISSING),
    ("phone", "1990000123", NO_PHONE),
    ("phone", "199000012345", NO_PHONE),
    ("phone", "12900001234", NO_PHONE),
    ("phone", "1990000123x", NO_PHONE),
    ("phone", "1990000\x001234", NO_PHONE),
    ("phone", "١٩٩٠٠٠٠١٢٣٤", NO_PHONE),
    ("phone", "1" * 10_000, NO_PHONE),
    ("consent", "", "请先阅读并同意上面的告知。"),
    ("consent", "no", "请先阅读并同意上面的告知。"),
]
IDS = [f"{field} {value[:8]!r} {len(value)}" for field, value, _sentence in BAD_FIELDS]


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def script(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A browser and a script in one: it has a token and a login."""
    client.headers.update(await authorization(union.wang))
    await let_in(client, union.wang)
    return client


async def counts() -> list[int]:
    return [await database.value(f"SELECT count(*) FROM {table}") for table in TABLES]


def form(union: Union) -> str:
    return f"/s/{union.session.code}/registrations"


def has_sentence(answer: httpx.Response) -> bool:
    """A page or a problem document that says something in Chinese, whole."""
    if answer.headers["content-type"].startswith("text/html"):
        return re.search(r"[\u4e00-\u9fff]+[^<]*。", answer.text) is not None
    return bool(answer.json()["detail"].endswith("。"))


@pytest.mark.parametrize(("field", "value", "sentence"), BAD_FIELDS, ids=IDS)
async def test_bad_field_of_the_form_is_explained(
    union: Union, client: httpx.AsyncClient, field: str, value: str, sentence: str
) -> None:
    before = await counts()

    answer = await client.post(form(union), data=ZHAO | {"consent": "yes"} | {field: value})

    assert (answer.status_code, answer.text.count(sentence)) == (422, 2)
    assert await counts() == before


@pytest.mark.parametrize(("field", "value", "sentence"), BAD_FIELDS, ids=IDS)
async def test_bad_field_of_a_script_is_explained(
    script: httpx.AsyncClient, union: Union, field: str, value: str, sentence: str
) -> None:
    before = await counts()
    sent = {"session": union.session.code, **ZHAO, "consent": True} | {field: value}

    answer = await script.post(REGISTRATIONS, json=sent, headers={"idempotency-key": "k"})

    assert (answer.status_code, answer.json()["errors"]) == (422, {field: sentence})
    assert await counts() == before


@pytest.mark.parametrize(
    "name",
    [
        "𬱖㛃·赵敏",
        "买买提·艾力",
        "Ñandú O’Brien",
        "㐀𠀀𪜶𫝀𫠠𬺰𰀀",
        "𱍐",
        "𮯰",
        "ᠮᠣᠩᠭᠣᠯ",
        "བོད་ཡིག",
        "Zhao Min",
        "长" * 50,
    ],
)
async def test_names_come_back_as_they_were_typed(script: httpx.AsyncClient, union: Union, name: str) -> None:
    answer = await script.post(form(union), data=ZHAO | {"name": f" {name} ", "consent": "on"})
    sent = {"session": union.session.code, **ZHAO, "consent": True, "name": name}
    again = await script.post(REGISTRATIONS, json=sent)
    seats = (await script.get(f"/api/v1/sessions/{union.session.code}/seats")).json()["items"]

    assert answer.headers["location"] == f"/t/{again.json()['ticket']}"
    assert f'<p class="ticket-holder">{name}</p>' in unescape(
        (await script.get(answer.headers["location"])).text
    )
    assert [seat["name"] for seat in seats] == [name]
    assert name in unescape((await script.get(f"/manage/sessions/{union.session.code}")).text)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("１９９００００１２３４", "19900001234"),
        ("199-0000-1234", "19900001234"),
        ("+86 199 0000 1234", "19900001234"),
        ("８６１９９００００１２３４", "19900001234"),
        ("0871-63112233", "087163112233"),
        ("（０１０）６３１１２２３３", "01063112233"),
    ],
)
async def test_phones_are_kept_as_plain_digits(
    script: httpx.AsyncClient, union: Union, typed: str, kept: str
) -> None:
    await script.post(form(union), data=ZHAO | {"phone": typed, "consent": "on"})
    await script.post(
        REGISTRATIONS, json={"session": union.session.code, **ZHAO, "consent": True, "phone": typed}
    )

    assert [row["phone"] for row in await database.fetch("SELECT phone FROM person")] == [kept]


DEEP = 10_000
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"name=x",
    "half": b'{"name": "',
    "a list": b"[]",
    "a text": b'"text"',
    "null": b"null",
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a deep answer": b'{"answers":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "a lone surrogate": b'{"name": "\\ud800"}',
    "half a pair": b'{"name": "\\ud800x"}',
    "wrong UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "赵"}'.encode("utf-16"),
    "a huge number": b'{"name": 1e999}',
    "a long number": b'{"name": ' + b"1" * 10_000 + b"}",
    "NaN": b'{"name": NaN}',
    "a key twice": b'{"name": "a", "name": 1}',
    "odd keys": b'{"\\u0000": 1, "": 2, "__class__": 3}',
}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param(path, body, id=f"{path} {name}")
        for path in (REGISTRATIONS, CHECK_INS, f"{CHECK_INS}/batch")
        for name, body in BODIES.items()
        if (path, name) != (f"{CHECK_INS}/batch", "a list")
    ],
)
async def test_body_that_is_no_such_json_is_refused(
    script: httpx.AsyncClient, union: Union, path: str, body: bytes
) -> None:
    before = await counts()

    answer = await script.post(path, content=body, headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["reason"], has_sentence(answer)) == (422, "invalid", True)
    assert await counts() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"surprise": 1},
        {"name": None},
        {"name": 1},
        {"name": ["赵敏"]},
        {"phone": 19900001234},
        {"consent": False},
        {"consent": 1},
        {"consent": None},
        {"answers": "text"},
        {"answers": {"q": {"a": 1}}},
        {"answers": {"q": "长" * 2001}},
        {"answers": {"q\x00": "a"}},
        {"answers": {"": "a"}},
        {"answers": {str(n): "a" for n in range(51)}},
        {"session": ""},
        {"session": "\x00"},
        {"session": 10**21},
    ],
    ids=str,
)
async def test_json_of_another_shape_is_refused(
    script: httpx.AsyncClient, union: Union, changes: dict[str, Any]
) -> None:
    before = await counts()
    sent = {"session": union.session.code, **ZHAO, "consent": True} | changes

    answer = await script.post(REGISTRATIONS, json=sent)

    assert (answer.status_code, set(answer.json()["errors"])) == (422, set(changes))
    assert await counts() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"surprise": 1},
        {"ticket": ""},
        {"ticket": 7},
        {"ticket": "x" * 501},
        {"ticket": "a\x00b"},
        {"nonce": ""},
        {"nonce": None},
        {"nonce": "n" * 65},
        {"direction": "up"},
        {"direction": ""},
        {"at": "yesterday"},
        {"at": "2026-12-05T09:00:00"},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"at": "9999-12-31T23:59:59-12:00"},
        {"at": 1},
    ],
    ids=str,
)
async def test_check_in_of_another_shape_is_refused(
    script: httpx.AsyncClient, union: Union, changes: dict[str, Any]
) -> None:
    seat = await register(union.session)
    ticket = ticket_text(seat.ticket, seat.signature)
    before = await counts()

    answer = await script.post(
        CHECK_INS, json={"session": union.session.code, "ticket": ticket, "nonce": "n"} | changes
    )

    assert (answer.status_code, set(answer.json()["errors"])) == (422, set(changes))
    assert await counts() == before


PATHS = [
    "/s/{}",
    "/s/{}/poster",
    "/t/{}",
    "/t/{}/calendar.ics",
    "/t/{}/cancellation/{}",
    "/activities/{}",
    "/pictures/{}",
    "/o/{}",
    "/o/{}.ics",
    "/manage/activities/{}",
    "/manage/activities/{}/edit",
    "/manage/activities/{}/preview",
    "/manage/sessions/{}",
    "/manage/sessions/{}/edit",
    "/manage/sessions/{}/call-off",
    "/manage/sessions/{}/move",
    "/manage/sessions/{}/attendees.xlsx",
    "/gate/{}",
    "/static/{}",
    "/api/v1/sessions/{}",
    "/api/v1/sessions/{}/seats",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "name",
    ["1" * 21, "-1", "x" * 5000, "%00", "a%00b", "%FF%FE", "%ED%A0%80", "..%2f..%2fetc%2fpasswd", "𬱖", "'"],
)
async def test_address_of_nothing_is_a_page_that_says_so(
    script: httpx.AsyncClient, union: Union, path: str, name: str
) -> None:
    answer = await script.get(path.format(*[name] * path.count("{}")))

    assert answer.status_code == (400 if answer.status_code == 400 and "%00" in name else 404)
    assert has_sentence(answer)


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=" + "9" * 30,
        "page=%00",
        "page=１",
        "words=%00",
        "words=%FF",
        "words=" + "x" * 5000,
        "words=a&words=b",
        "words=",
        "&&=&",
        "%00=1",
    ],
)
@pytest.mark.parametrize(
    "path", ["/manage", "/manage/sessions/{}", "/login", "/tickets/find", "/", "/manage/statistics"]
)
async def test_odd_query_never_crashes(
    script: httpx.AsyncClient, union: Union, path: str, query: str
) -> None:
    answer = await script.get(f"{path.format(union.session.code)}?{query}")

    assert answer.status_code in (200, 303, 400)


@pytest.mark.parametrize("path", ["/s/nowhere/registrations", "/s/{}/registrations"])
async def test_registering_for_what_is_not_there_is_not_found(
    script: httpx.AsyncClient, union: Union, path: str
) -> None:
    before = await counts()

    answer = await script.post(path.format("1" * 21), data=ZHAO | {"consent": "yes"})

    assert (answer.status_code, "没有这个场次。请核对海报上的二维码或网址。" in answer.text) == (404, True)
    assert await counts() == before


async def test_called_off_and_full_sessions_take_nobody(script: httpx.AsyncClient, union: Union) -> None:
    full = await make_session(union.activity, capacity=1, waiting_list=False)
    await register(full, "先到")
    await sessions.call_off(union.wang, union.session.code, "暴雨红色预警")
    before = await counts()

    answers = [
        answer
        for code in (full.code, union.session.code)
        for answer in (
            await script.post(f"/s/{code}/registrations", data=ZHAO | {"consent": "yes"}),
            await script.post(REGISTRATIONS, json={"session": code, **ZHAO, "consent": True}),
        )
    ]

    assert [answer.status_code for answer in answers] == [409] * 4
    assert all(has_sentence(answer) for answer in answers)
    assert await counts() == before


FORMS = [
    "/s/{}/registrations",
    "/tickets/find",
    "/login",
    "/language",
    "/manage/activities",
    "/manage/organizations",
    "/manage/sessions/{}/edit",
    "/manage/sessions/{}/call-off",
    "/manage/sessions/{}/move",
    "/gate/{}/scans",
]
ODD_BODIES: dict[str, tuple[str, bytes]] = {
    "JSON": ("application/json", b'{"name": "x"}'),
    "deep JSON": ("application/json", b"[" * DEEP),
    "text": ("text/plain", b"name=x"),
    "an unknown type": ("application/x-nothing", b"\x00\x01"),
    "no type": ("", b"name=x"),
    "an odd type": ("; charset=;;", b"name=x"),
    "an unknown charset": ("application/x-www-form-urlencoded; charset=klingon", b"name=x"),
    "wrong UTF-8": ("application/x-www-form-urlencoded", b"name=%FF%FE&phone=\xff\xfe&reason=%ED%A0%80"),
    "NUL": ("application/x-www-form-urlencoded", b"name=%00&%00=1&reason=%00&ticket=%00&login=%00"),
    "no pairs": ("application/x-www-form-urlencoded", b"&&&=&=%"),
    "5,000 fields": ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(5000))),
    "no boundary": ("multipart/form-data", b"--x\r\n\r\n--x--"),
    "another boundary": ("multipart/form-data; boundary=x", b"--y\r\n\r\n--y--"),
    "no end": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nabc',
    ),
    "no name": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n",
    ),
    "no headers": ("multipart/form-data; boundary=x", b"--x\r\n\r\nabc\r\n--x--\r\n"),
    "wrong bytes": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\xfe\xed\xa0\x80\r\n--x--\r\n',
    ),
    "an unknown part charset": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n'
        b"Content-Type: text/plain; charset=klingon\r\n\r\nabc\r\n--x--\r\n",
    ),
    "a lone surrogate": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n'
        b"Content-Type: text/plain; charset=unicode_escape\r\n\r\n\\ud800\r\n--x--\r\n",
    ),
    "a file for a text": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="name"; filename="a.txt"\r\n\r\nabc\r\n--x--\r\n',
    ),
    "1,100 parts": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" * 1100 + b"--x--\r\n",
    ),
}


@pytest.mark.parametrize("odd", ODD_BODIES.values(), ids=ODD_BODIES)
@pytest.mark.parametrize("path", FORMS)
async def test_body_that_is_no_such_form_is_refused(
    script: httpx.AsyncClient, union: Union, path: str, odd: tuple[str, bytes]
) -> None:
    before = await counts()
    media_type, body = odd

    answer = await script.post(
        path.format(union.session.code),
        content=body,
        headers={"content-type": media_type} if media_type else {},
    )

    # Which language somebody did not choose is nothing to complain about.
    assert answer.status_code in (400, 422) or (path, answer.status_code) == ("/language", 303)
    assert answer.status_code == 303 or has_sentence(answer)
    assert await counts() == before


@pytest.mark.parametrize("path", [*FORMS, REGISTRATIONS, CHECK_INS, f"{CHECK_INS}/batch"])
async def test_eleven_megabytes_are_too_large_everywhere(
    script: httpx.AsyncClient, union: Union, path: str
) -> None:
    media_type = "application/json" if path.startswith("/api") else "application/x-www-form-urlencoded"

    answer = await script.post(
        path.format(union.session.code),
        content=b"name=" + b"x" * (11 * 1024 * 1024),
        headers={"content-type": media_type},
    )

    assert (answer.status_code, has_sentence(answer)) == (413, True)


WITH_PICTURE = ["/manage/activities", "/manage/activities/{}"]
SIZES = [
    *[(path, 65) for path in (*FORMS, REGISTRATIONS, CHECK_INS) if path not in WITH_PICTURE],
    (f"{CHECK_INS}/batch", 2049),
    *[(path, 10 * 1024 + 65) for path in WITH_PICTURE],
]


@pytest.mark.parametrize(("path", "kilobytes"), SIZES)
async def test_each_address_takes_no_more_than_it_needs(
    script: httpx.AsyncClient, union: Union, path: str, kilobytes: int
) -> None:
    media_type = "application/json" if path.startswith("/api") else "application/x-www-form-urlencoded"

    largest, larger = [
        await script.post(
            path.format(union.session.code),
            content=b"name=".ljust(n * 1024, b"x"),
            headers={"content-type": media_type},
        )
        for n in (kilobytes - 1, kilobytes)
    ]

    assert largest.status_code in (404, 422) or (path, largest.status_code) == ("/language", 303)
    assert (larger.status_code, has_sentence(larger)) == (413, True)


@pytest.mark.parametrize(("fields", "status"), [(1000, 422), (1001, 400)])
async def test_form_of_more_fields_than_any_of_ours_is_refused(
    script: httpx.AsyncClient, fields: int, status: int
) -> None:
    answer = await script.post("/login", content=b"&".join([b"a="] * fields), headers=FORM)

    assert (answer.status_code, has_sentence(answer)) == (status, True)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
async def test_other_methods_are_refused_in_words(script: httpx.AsyncClient, method: str) -> None:
    answers = [await script.request(method, path) for path in ("/login", REGISTRATIONS, "/manage")]

    assert [answer.status_code for answer in answers] == [405] * 3
    assert all(has_sentence(answer) for answer in answers)


# Text with a taste for trouble: anything at all, and what programs trip over.
TROUBLE = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="赵敏·𬱖㛃 \t\r\n\x00\u202e\u200b\ufeffA'\"<&%{}\\", max_size=20),
    st.sampled_from(
        [
            "赵敏",
            "19900001234",
            "yes",
            "on",
            "",
            "null",
            "{{ 7*7 }}",
            "'; DROP TABLE seat; --",
            "%s%n",
            "０１２",
        ]
    ),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TROUBLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TROUBLE, inner, max_size=3),
    max_leaves=6,
)
FUZZED = settings(
    max_examples=200,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@FUZZED
@given(
    sent=st.fixed_dictionaries(
        {}, optional={"name": TROUBLE, "phone": TROUBLE, "unit": TROUBLE, "consent": TROUBLE}
    )
)
async def test_fuzzed_form_is_taken_whole_or_not_at_all(
    union: Union, client: httpx.AsyncClient, sent: dict[str, str]
) -> None:
    before = await counts()

    answer = await client.post(form(union), content=_urlencoded(sent), headers=FORM)

    assert answer.status_code in (303, 422)
    if answer.status_code == 422:
        assert await counts() == before


@FUZZED
@given(
    sent=st.dictionaries(
        st.sampled_from(["name", "phone", "unit", "answers", "consent", "session"]) | TROUBLE,
        VALUES,
        max_size=7,
    ),
    right=st.booleans(),
)
async def test_fuzzed_json_is_taken_whole_or_not_at_all(
    script: httpx.AsyncClient, union: Union, sent: dict[str, Any], right: bool
) -> None:
    if right:
        sent = {"session": union.session.code, **ZHAO, "consent": True, **sent}
    before = await counts()

    answer = await script.post(REGISTRATIONS, content=_json(sent))

    assert answer.status_code in (200, 201, 404, 422)
    if answer.status_code >= 400:
        assert await counts() == before


@FUZZED
@given(
    ticket=TROUBLE | st.text(alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ.-_!", min_size=113, max_size=113),
    number=st.text(alphabet="0123456789abcdefghilmnopqrstuvwxyz- ", max_size=12),
)
async def test_fuzzed_ticket_is_let_in_nowhere(
    script: httpx.AsyncClient, union: Union, ticket: str, number: str
) -> None:
    sent = {"session": union.session.code, "ticket": ticket, "nonce": "n"}

    scanned = await script.post(CHECK_INS, content=_json(sent))
    typed = await script.post(
        f"/gate/{union.session.code}/scans", content=_urlencoded({"ticket": number}), headers=FORM
    )
    shown = await script.get(httpx.URL("http://testserver/t/").join(f"/t/{number}x"))

    assert scanned.status_code in (404, 422)
    assert typed.status_code in (200, 422)
    assert shown.status_code == 404
    assert await database.value("SELECT count(*) FROM scan WHERE verdict = 'admitted'") == 0


FORM = {"content-type": "application/x-www-form-urlencoded"}


def _urlencoded(fields: dict[str, str]) -> bytes:
    """With whatever a text holds, lone surrogates as their three bytes."""
    return b"&".join(
        b"=".join(
            b"".join(b"%%%02X" % byte for byte in part.encode("utf-8", "surrogatepass")) for part in pair
        )
        for pair in fields.items()
    )


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
