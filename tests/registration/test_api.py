"""Registering by script: the contract's answers, word for word."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.conftest import new_client
from tests.people import (
    Union,
    authorization,
    counted_statements,
    make_account,
    make_activity,
    make_session,
    make_terms,
    make_union,
    register,
)

from events_app.accounts.tables import Account, Membership, Role, Token
from events_app.lib import clock, database
from events_app.lib.codes import read_ticket
from events_app.programmes.tables import Session
from events_app.registration import queries
from events_app.registration.actions import sessions
from events_app.registration.actions import waiting as actions
from events_app.registration.rules.questions import Question, QuestionKind
from events_app.web.edge import Edge

REGISTRATIONS = "/api/v1/registrations"
ALREADY = "这个姓名和手机号码已经报过名。请本人用报名时的六位查询码找回入场码，或联系主办单位。"
ARRIVES = Question("day", QuestionKind.TEXT, "几号到")
ZHAO = {"name": "赵敏", "phone": "19900001234", "consent": True}


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A script that acts for Wang."""
    client.headers.update(await authorization(union.wang))
    return client


@pytest.fixture
async def qian(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A script that acts for another union's organiser."""
    other = await make_union("浙江省总工会", "qian", "zhou")
    client.headers.update(await authorization(other.wang))
    return client


async def post(
    client: httpx.AsyncClient, to: Session, key: str | None = None, **changes: Any
) -> httpx.Response:
    headers = {} if key is None else {"idempotency-key": key}
    return await client.post(REGISTRATIONS, json={"session": to.code, **ZHAO, **changes}, headers=headers)


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.headers["content-type"], answer.json()["reason"]


def problem(status: int, reason: str) -> tuple[int, str, str]:
    return status, "application/problem+json", reason


async def test_registering_answers_with_a_ticket(wang: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [ARRIVES])

    answer = await post(wang, union.session, unit="昆明机床厂", answers={"几号到": "五号"})

    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    assert set(body) == {"ticket", "state"}
    assert body["state"] == "confirmed"
    assert read_ticket(body["ticket"]) is not None
    assert (await wang.get(f"/t/{body['ticket']}")).status_code == 200


async def test_what_was_sent_is_what_is_kept(wang: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [ARRIVES])

    await post(wang, union.session, name=" 𬱖㛃·Ñandú ", unit="昆明 机床厂", answers={"几号到": "五号"})

    row = await database.find(
        """SELECT p.name, p.phone, r.unit, r.answers->>'day' AS answer
             FROM registration r JOIN person p ON p.id = r.person"""
    )

    assert row is not None
    assert tuple(row) == ("𬱖㛃·Ñandú", "19900001234", "昆明 机床厂", "五号")


async def test_registering_is_written_down(wang: httpx.AsyncClient, union: Union) -> None:
    answer = await post(wang, union.session)
    await post(wang, union.session)  # changes nothing
    await register(union.session, "钱二")  # not by staff

    rows = await database.fetch(
        "SELECT account, organization, action, subject, address, request_id FROM audit_entry"
    )
    seat = await database.value("SELECT min(id) FROM seat")
    assert [tuple(row) for row in rows] == [
        (
            union.wang.account,
            union.organization.id,
            "registration.create",
            f"{union.session.code}/{seat}",
            "127.0.0.1",
            answer.headers["x-request-id"],
        )
    ]


async def test_registering_is_one_statement(wang: httpx.AsyncClient, union: Union) -> None:
    async with counted_statements() as statements:
        await post(wang, union.session)

    assert sum("INSERT" in statement for statement in statements) == 1
    assert sum(statement.lstrip().startswith(("SELECT", "WITH")) for statement in statements) == 3


async def test_viewer_registers_nobody(union: Union, client: httpx.AsyncClient) -> None:
    viewer = await make_account("sun", Role.VIEWER, union.organization)
    client.headers.update(await authorization(viewer))

    assert refusal(await post(client, union.session)) == problem(403, "forbidden")
    assert await database.value("SELECT count(*) FROM registration") == 0


async def test_full_session_gives_a_number(wang: httpx.AsyncClient, union: Union) -> None:
    session = await make_session(union.activity, capacity=1)
    await register(session, "钱二")

    answers = [(await post(wang, session, name=name)).json() for name in ("赵一", "赵二")]

    assert [(a["state"], a["position"]) for a in answers] == [("waitlisted", 1), ("waitlisted", 2)]


async def test_full_session_without_a_waiting_list_is_a_conflict(
    wang: httpx.AsyncClient, union: Union
) -> None:
    session = await make_session(union.activity, capacity=1, waiting_list=False)
    await register(session, "钱二")

    answer = await post(wang, session)

    assert refusal(answer) == problem(409, "full")
    assert answer.json()["detail"] == "本场名额已满，也没有候补名单。请选择其他场次。"


async def test_approval_leaves_the_registration_pending(wang: httpx.AsyncClient, union: Union) -> None:
    session = await make_session(await make_activity(union.organization, admission="approval"))

    answer = await post(wang, session)

    assert (answer.status_code, answer.json()["state"]) == (201, "pending")


async def test_registered_person_keeps_the_ticket(wang: httpx.AsyncClient, union: Union) -> None:
    first, second = await post(wang, union.session), await post(wang, union.session)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"opens_at": timedelta(minutes=1)}, "not_open"),
        ({"closes_at": timedelta(minutes=-1)}, "closed"),
        (
            {
                "starts_at": timedelta(hours=-2),
                "ends_at": timedelta(hours=-1),
                "closes_at": timedelta(hours=-2),
            },
            "closed",
        ),
    ],
    ids=["not yet", "closed", "over"],
)
async def test_outside_the_window_nobody_registers(
    wang: httpx.AsyncClient, union: Union, changes: dict[str, timedelta], reason: str
) -> None:
    session = await make_session(union.activity, 50, **{k: clock.now() + v for k, v in changes.items()})

    assert refusal(await post(wang, session)) == problem(409, reason)
    assert await database.value("SELECT count(*) FROM person") == 0


async def test_called_off_session_takes_nobody(wang: httpx.AsyncClient, union: Union) -> None:
    await sessions.call_off(union.wang, union.session.code, "暴雨红色预警")

    assert refusal(await post(wang, union.session)) == problem(409, "cancelled")


async def test_another_unions_script_gets_no_ticket_for_a_name_and_a_number(
    union: Union, qian: httpx.AsyncClient
) -> None:
    seat = await register(union.session)

    answer, keyed = await post(qian, union.session), await post(qian, union.session, "k-1")

    assert refusal(answer) == refusal(keyed) == problem(409, "already_registered")
    assert answer.json()["detail"] == ALREADY
    assert seat.ticket not in answer.text + keyed.text
    assert refusal(await post(qian, union.session, "k-1")) == problem(409, "already_registered")


@pytest.mark.parametrize(
    "released", [False, True], ids=["through another session", "after it was given back"]
)
async def test_another_unions_script_gets_no_ticket_by_a_detour(
    union: Union, qian: httpx.AsyncClient, released: bool
) -> None:
    seat = await register(union.session)
    ticket = await queries.find_ticket(seat.ticket, seat.signature)
    assert ticket
    if released:
        await actions.cancel(ticket, union.session.code)
    session = union.session if released else await make_session(union.activity)

    answer = await post(qian, session)

    assert refusal(answer) == problem(409, "already_registered")
    assert await database.value("SELECT taken FROM session WHERE id = $1", session.id) == 0
    assert (await register(session)).ticket == seat.ticket


async def test_another_unions_script_keeps_the_tickets_that_it_made(
    union: Union, qian: httpx.AsyncClient
) -> None:
    first, again = await post(qian, union.session, "k-1"), await post(qian, union.session)
    keyed = await post(qian, union.session, "k-1")
    elsewhere = await post(qian, await make_session(union.activity))

    assert [a.status_code for a in (first, again, keyed, elsewhere)] == [201, 200, 201, 201]
    assert first.json() == again.json() == keyed.json() == elsewhere.json()


async def test_no_cookie_stands_for_a_script(union: Union, qian: httpx.AsyncClient, app: Edge) -> None:
    await post(qian, union.session)
    token = await database.value("SELECT max(id) FROM token")

    async with new_client(app) as stranger:
        stranger.cookies.set("events_phone", f"token {token}")
        sent = {**ZHAO, "unit": "", "consent": "yes"}
        answer = await stranger.post(f"/s/{union.session.code}/registrations", data=sent)

    assert answer.headers["location"] == "/tickets/find?registered=yes"


async def test_gate_of_the_union_gets_the_ticket_that_is_held(
    union: Union, client: httpx.AsyncClient
) -> None:
    seat = await register(union.session)
    client.headers.update(await authorization(union.li))

    answer = await post(client, union.session)

    assert (answer.status_code, read_ticket(answer.json()["ticket"])) == (200, (seat.ticket, seat.signature))


async def test_draft_and_unknown_sessions_look_alike(wang: httpx.AsyncClient, union: Union) -> None:
    draft = await make_session(await make_activity(union.organization, published_at=None))

    answers = [await post(wang, draft), await post(wang, draft, session="nowhere")]

    assert [refusal(answer) for answer in answers] == [problem(404, "unknown_session")] * 2


async def test_same_key_and_body_get_the_same_answer(wang: httpx.AsyncClient, union: Union) -> None:
    session = await make_session(union.activity, capacity=1)
    await register(session, "钱二")
    first = await post(wang, session, "k-1")
    await Session.update({Session.closes_at: clock.now() - timedelta(minutes=1)}).where(
        Session.id == session.id
    )

    again = await post(wang, session, "k-1")

    assert (again.status_code, again.json()) == (first.status_code, first.json()) == (201, again.json())
    assert await database.value("SELECT waiting FROM session WHERE id = $1", session.id) == 1


async def test_same_key_for_another_body_is_invalid(wang: httpx.AsyncClient, union: Union) -> None:
    await post(wang, union.session, "k-1")

    answer = await post(wang, union.session, "k-1", name="钱二")

    assert refusal(answer) == problem(422, "invalid")
    assert set(answer.json()["errors"]) == {"Idempotency-Key"}
    assert await database.value("SELECT count(*) FROM registration") == 1


async def test_key_of_a_person_who_was_registered_is_remembered_too(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await post(wang, union.session)
    first = await post(wang, union.session, "k-1")

    again, other = await post(wang, union.session, "k-1"), await post(wang, union.session, "k-1", name="钱二")

    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert refusal(other) == problem(422, "invalid")


async def test_keys_belong_to_their_token(wang: httpx.AsyncClient, union: Union) -> None:
    await post(wang, union.session, "k-1")
    wang.headers.update(await authorization(union.wang))

    assert (await post(wang, union.session, "k-1", name="钱二")).status_code == 201


async def test_refused_try_leaves_its_key_free(wang: httpx.AsyncClient, union: Union) -> None:
    session = await make_session(union.activity, capacity=1, waiting_list=False)
    await register(session, "钱二")
    await post(wang, session, "k-1")

    assert (await post(wang, union.session, "k-1")).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
async def test_odd_key_is_invalid(wang: httpx.AsyncClient, union: Union, key: str) -> None:
    answer = await post(wang, union.session, key)

    assert refusal(answer) == problem(422, "invalid")
    assert await database.value("SELECT count(*) FROM registration") == 0


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic bGk6bGk="])
async def test_without_a_valid_token_nothing_happens(
    union: Union, client: httpx.AsyncClient, header: str | None
) -> None:
    client.headers.update({} if header is None else {"authorization": header})

    assert refusal(await post(client, union.session)) == problem(401, "unauthorized")
    assert await database.value("SELECT count(*) FROM registration") == 0


async def test_seats_are_read_from_end_to_end(wang: httpx.AsyncClient, union: Union) -> None:
    names = [f"赵{n}" for n in range(5)]
    for name in names:
        await register(union.session, name, unit="昆明机床厂")
    pages, after = [], ""

    while after is not None:
        answer = await wang.get(
            f"/api/v1/sessions/{union.session.code}/seats", params={"limit": 2, "after": after}
        )
        pages.append(answer.json()["items"])
        after = answer.json()["next"]

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [seat["name"] for page in pages for seat in page] == names
    assert set(pages[0][0]) == {
        "seat",
        "name",
        "phone",
        "unit",
        "state",
        "joined_at",
        "attended_at",
        "evidence",
    }


async def test_last_page_of_seats_says_so(wang: httpx.AsyncClient, union: Union) -> None:
    for name in ("赵一", "赵二"):
        await register(union.session, name)

    answer = await wang.get(f"/api/v1/sessions/{union.session.code}/seats", params={"limit": 2})

    assert (len(answer.json()["items"]), answer.json()["next"]) == (2, None)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=-1", "limit=many", "limit=", "after=x", f"after={10**30}", "limit=%00"]
)
async def test_odd_paging_is_no_crash(wang: httpx.AsyncClient, union: Union, query: str) -> None:
    answer = await wang.get(f"/api/v1/sessions/{union.session.code}/seats?{query}")

    assert answer.status_code in (200, 400)


async def test_seats_of_another_union_are_not_found(wang: httpx.AsyncClient, union: Union) -> None:
    other = await make_union("浙江省总工会", "qian", "zhou")
    await register(other.session)

    answer = await wang.get(f"/api/v1/sessions/{other.session.code}/seats")

    assert refusal(answer) == problem(404, "unknown_session")
    assert "赵敏" not in answer.text


async def test_description_lists_what_the_contract_promises(client: httpx.AsyncClient) -> None:
    document = (await client.get("/schema/openapi.json")).json()

    methods = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert methods >= {
        ("POST", "/api/v1/registrations"),
        ("POST", "/api/v1/check-ins"),
        ("POST", "/api/v1/check-ins/batch"),
        ("GET", "/api/v1/sessions"),
        ("GET", "/api/v1/sessions/{code}"),
        ("GET", "/api/v1/sessions/{code}/seats"),
    }
    assert all(path.startswith("/api/v1/") for _method, path in methods)
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


async def test_description_says_what_to_send(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/schema/openapi.json")).json()["paths"]

    def sent(path: str) -> Any:
        body = paths[path]["post"]["requestBody"]
        assert body["required"]
        return body["content"]["application/json"]["schema"]

    registration, check_in = sent("/api/v1/registrations"), sent("/api/v1/check-ins")
    assert list(registration["properties"]) == [
        *("session", "name", "phone", "unit", "answers", "consent"),
        *("birth_year", "guardian_name", "guardian_phone", "guardian_consent", "sensitive_consent", "terms"),
    ]
    assert registration["required"] == ["session", "name", "phone", "consent"]
    assert list(check_in["properties"]) == [
        *("session", "ticket", "nonce", "direction", "at", "sent_at", "offline", "place"),
    ]
    assert check_in["required"] == ["session", "ticket", "nonce"]
    assert check_in["properties"]["direction"]["enum"] == ["in", "out"]
    assert sent("/api/v1/check-ins/batch") == {"type": "array", "items": check_in, "maxItems": 500}
    assert [p["name"] for p in paths["/api/v1/registrations"]["post"]["parameters"]] == ["Idempotency-Key"]


@pytest.mark.parametrize("change", ["revoked", "expired", "disabled", "left"])
async def test_what_was_taken_away_counts_at_once(wang: httpx.AsyncClient, union: Union, change: str) -> None:
    """Although the token was remembered from the first registration."""
    assert (await post(wang, union.session)).status_code == 201
    now = clock.now()
    if change == "revoked":
        await Token.update({Token.revoked_at: now}, force=True)
    elif change == "expired":
        await Token.update({Token.expires_at: now - timedelta(days=1)}, force=True)
    elif change == "disabled":
        await Account.update({Account.disabled_at: now}).where(Account.id == union.wang.account)
    else:
        await Membership.delete().where(Membership.account == union.wang.account)

    answer = await post(wang, union.session, name="钱二")

    assert answer.status_code == 401
    assert await database.value("SELECT count(*) FROM seat") == 1
