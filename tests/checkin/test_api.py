"""Checking in by script: the contract's answers, word for word."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.people import (
    Union,
    authorization,
    let_in,
    make_account,
    make_activity,
    make_session,
    make_union,
    register,
)

from events_app.accounts.tables import Account, Membership, Role, Token
from events_app.lib import clock, database
from events_app.lib.codes import digest, ticket_text
from events_app.programmes.tables import Session
from events_app.registration.actions import sessions
from events_app.registration.actions import waiting as registration
from events_app.registration.queries import SeatTaken, find_ticket

CHECK_INS = "/api/v1/check-ins"


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def li(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A script that acts for Li at the gate."""
    client.headers.update(await authorization(union.li))
    return client


def body_of(to: Session, seat: SeatTaken, **changes: Any) -> dict[str, Any]:
    ticket = ticket_text(seat.ticket, seat.signature)
    return {"session": to.code, "ticket": ticket, "nonce": uuid4().hex, "direction": "in"} | changes


async def check_in(client: httpx.AsyncClient, to: Session, seat: SeatTaken, **changes: Any) -> httpx.Response:
    return await client.post(CHECK_INS, json=body_of(to, seat, **changes))


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.headers["content-type"], answer.json()["reason"]


def problem(status: int, reason: str) -> tuple[int, str, str]:
    return status, "application/problem+json", reason


async def test_admitted_guest_is_named_and_counted(li: httpx.AsyncClient, union: Union) -> None:
    await register(union.session, "钱二")
    seat = await register(union.session, "𬱖㛃·赵敏", unit="昆明机床厂")

    answer = await check_in(li, union.session, seat)

    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    assert body.pop("at").endswith("+08:00")
    assert body == {
        "verdict": "admitted",
        "holder": "𬱖㛃·赵敏",
        "unit": "昆明机床厂",
        "attended": 1,
        "expected": 2,
    }


async def test_whole_address_of_a_ticket_will_do(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    address = f"https://events.example.org/t/{ticket_text(seat.ticket, seat.signature)}"

    assert (await check_in(li, union.session, seat, ticket=address)).status_code == 201


async def test_replayed_nonce_gets_the_same_body(li: httpx.AsyncClient, union: Union) -> None:
    sent = body_of(union.session, await register(union.session))
    first = await li.post(CHECK_INS, json=sent)
    await check_in(li, union.session, await register(union.session, "钱二"))

    replay = await li.post(CHECK_INS, json=sent)

    assert (first.status_code, replay.status_code) == (201, 200)
    assert replay.json() == first.json()
    assert await database.value("SELECT count(*) FROM scan WHERE nonce = $1", sent["nonce"]) == 1


async def test_replayed_nonce_is_answered_whatever_has_changed(li: httpx.AsyncClient, union: Union) -> None:
    sent = body_of(union.session, await register(union.session))
    first = await li.post(CHECK_INS, json=sent)
    await Session.update({Session.called_off_at: clock.now()}).where(Session.id == union.session.id)

    assert (await li.post(CHECK_INS, json=sent)).json() == first.json()


@pytest.mark.parametrize("change", ["ticket", "direction"])
async def test_nonce_of_another_scan_is_refused_and_tells_nothing(
    li: httpx.AsyncClient, union: Union, change: str
) -> None:
    sent = body_of(union.session, await register(union.session))
    other = body_of(union.session, await register(union.session, "钱二")) | {"direction": "out"}
    await li.post(CHECK_INS, json=sent)

    answer = await li.post(CHECK_INS, json=sent | {change: other[change]})

    assert refusal(answer) == problem(422, "invalid")
    assert answer.json()["errors"] == {"nonce": "这个编号已经用于另一次扫码。请换一个新的编号，再扫一次。"}
    assert "赵敏" not in answer.text
    assert await database.value("SELECT count(*) FROM scan") == 1
    assert (await li.post(CHECK_INS, json=sent)).status_code == 200


async def test_nonce_of_another_scan_in_one_batch_spoils_its_row_alone(
    li: httpx.AsyncClient, union: Union
) -> None:
    rows = [
        body_of(union.session, await register(union.session, name), nonce="1") for name in ("赵一", "赵二")
    ]

    answer = await li.post(f"{CHECK_INS}/batch", json=[*rows, rows[0]])

    assert [row["status"] for row in answer.json()] == [201, 422, 200]
    assert list(answer.json()[1]["errors"]) == ["nonce"]


async def test_each_session_has_nonces_of_its_own(li: httpx.AsyncClient, union: Union) -> None:
    other = await make_session(await make_activity(union.organization))
    rows = [
        body_of(union.session, await register(union.session), nonce="1"),
        body_of(other, await register(other, "钱二"), nonce="1"),
    ]

    together = await li.post(f"{CHECK_INS}/batch", json=rows)
    again = await li.post(f"{CHECK_INS}/batch", json=rows)

    assert [(row["status"], row["holder"]) for row in together.json()] == [(201, "赵敏"), (201, "钱二")]
    assert [(row["status"], row["holder"]) for row in again.json()] == [(200, "赵敏"), (200, "钱二")]


async def test_replayed_refusal_stays_a_refusal(li: httpx.AsyncClient, union: Union) -> None:
    session = await make_session(union.activity, check_in_opens_at=clock.now() + timedelta(minutes=5))
    sent = body_of(session, await register(session))
    await li.post(CHECK_INS, json=sent)
    await Session.update({Session.check_in_opens_at: clock.now() - timedelta(hours=1)}).where(
        Session.id == session.id
    )

    assert refusal(await li.post(CHECK_INS, json=sent)) == problem(409, "not_open")


async def test_second_scan_says_when_the_first_one_was(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    first = await check_in(li, union.session, seat)

    second = await check_in(li, union.session, seat)

    assert refusal(second) == problem(409, "already_in")
    body = second.json()
    assert body["first_at"] == first.json()["at"]
    assert set(body) == {"type", "title", "status", "reason", "detail", "request_id", "first_at"}


async def test_out_and_in_again_counts_once(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)

    answers = [await check_in(li, union.session, seat, direction=d) for d in ("in", "out", "in", "in")]

    assert [a.status_code for a in answers] == [201, 201, 201, 409]
    assert [a.json()["attended"] for a in answers[:3]] == [1, 1, 1]


async def test_ticket_of_another_session_is_refused(li: httpx.AsyncClient, union: Union) -> None:
    other = await make_session(await make_activity(union.organization))

    answer = await check_in(li, union.session, await register(other))

    assert refusal(answer) == problem(409, "wrong_session")
    assert "first_at" not in answer.json()


async def test_cancelled_ticket_is_refused(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    ticket = await find_ticket(seat.ticket, seat.signature)
    assert ticket
    await registration.cancel(ticket, union.session.code)

    assert refusal(await check_in(li, union.session, seat)) == problem(409, "cancelled")


async def test_called_off_session_lets_nobody_in(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await sessions.call_off(union.wang, union.session.code, "暴雨红色预警")

    assert refusal(await check_in(li, union.session, seat)) == problem(409, "cancelled")


async def test_waiting_guest_is_refused(li: httpx.AsyncClient, union: Union) -> None:
    session = await make_session(union.activity, capacity=1)
    await register(session, "钱二")

    assert refusal(await check_in(li, session, await register(session))) == problem(409, "waitlisted")


async def test_unconfirmed_guest_is_refused(li: httpx.AsyncClient, union: Union) -> None:
    session = await make_session(await make_activity(union.organization, admission="approval"))

    assert refusal(await check_in(li, session, await register(session))) == problem(409, "pending")


@pytest.mark.parametrize(
    ("opens", "closes"), [(1, 2), (-2, -1)], ids=["before the doors open", "after they closed"]
)
async def test_closed_doors_let_nobody_in(
    li: httpx.AsyncClient, union: Union, opens: int, closes: int
) -> None:
    now = clock.now()
    session = await make_session(
        union.activity,
        check_in_opens_at=now + timedelta(hours=opens),
        check_in_closes_at=now + timedelta(hours=closes),
    )

    assert refusal(await check_in(li, session, await register(session))) == problem(409, "not_open")


async def test_offline_scan_counts_at_the_time_it_was_made(li: httpx.AsyncClient, union: Union) -> None:
    now = clock.now()
    session = await make_session(
        union.activity,
        check_in_opens_at=now - timedelta(hours=3),
        check_in_closes_at=now - timedelta(hours=1),
    )
    seat = await register(session)
    at = (now - timedelta(hours=2)).isoformat()

    late = await check_in(li, session, seat, at=at, offline=False)
    answer = await check_in(li, session, seat, at=at, offline=True)

    assert refusal(late) == problem(409, "not_open")
    assert answer.status_code == 201
    row = await database.find("SELECT at, offline FROM scan WHERE verdict = 'admitted'")
    assert row is not None
    assert (row["at"].isoformat(), row["offline"]) == (at, True)


async def test_online_scan_counts_at_our_time(li: httpx.AsyncClient, union: Union) -> None:
    before = clock.now()
    other = (before - timedelta(minutes=30)).isoformat()

    answer = await check_in(li, union.session, await register(union.session), at=other)

    assert answer.status_code == 201
    assert before <= await database.value("SELECT at FROM scan") <= clock.now()


async def test_scan_of_a_device_whose_clock_runs_ahead_is_put_right(
    li: httpx.AsyncClient, union: Union
) -> None:
    now = clock.now()
    ahead = timedelta(hours=20)
    seat = await register(union.session)
    times = {"at": (now + ahead - timedelta(minutes=10)).isoformat(), "sent_at": (now + ahead).isoformat()}

    answer = await check_in(li, union.session, seat, offline=True, **times)

    row = await database.find("SELECT at, device_at, sent_at FROM scan")
    assert answer.status_code == 201
    assert row is not None
    assert abs(row["at"] - (now - timedelta(minutes=10))) < timedelta(seconds=30)
    assert (row["device_at"].isoformat(), row["sent_at"].isoformat()) == (times["at"], times["sent_at"])


async def test_scan_out_of_the_future_counts_now(li: httpx.AsyncClient, union: Union) -> None:
    at = (clock.now() + timedelta(days=3)).isoformat()

    answer = await check_in(li, union.session, await register(union.session), at=at, offline=True)

    assert answer.status_code == 201
    assert await database.value("SELECT at FROM scan") <= clock.now()


@pytest.mark.parametrize(
    ("direction", "minutes", "status"), [("out", 59, 201), ("out", 61, 409), ("in", 1, 409)]
)
async def test_going_out_is_taken_for_an_hour_longer(
    li: httpx.AsyncClient, union: Union, direction: str, minutes: int, status: int
) -> None:
    seat = await register(union.session)
    await check_in(li, union.session, seat)
    closed = clock.now() - timedelta(minutes=minutes)
    times: dict[Any, Any] = {
        Session.check_in_opens_at: closed - timedelta(hours=1),
        Session.check_in_closes_at: closed,
    }
    await Session.update(times).where(Session.id == union.session.id)

    answer = await check_in(li, union.session, seat, direction=direction)

    assert answer.status_code == status


def forged(seat: SeatTaken) -> list[str]:
    text = ticket_text(seat.ticket, seat.signature)
    other = ticket_text("0" * 26, seat.signature)
    return [
        other,
        ticket_text(seat.ticket, bytes(64)),
        text[:-2] + ("AA" if text[-2:] != "AA" else "BA"),
        text[:-1],
        text + "A",
        text.lower(),
        text.partition(".")[0],
        text[:30] + "!" + text[31:],
        text[:30] + "~~" + text[32:],
        "https://events.example.org/t/",
        "今天天气不错",
        ".",
    ]


async def test_forged_and_edited_tickets_are_unknown(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)

    answers = [await check_in(li, union.session, seat, ticket=text) for text in forged(seat)]

    assert [refusal(answer) for answer in answers] == [problem(404, "unknown")] * len(answers)
    assert {"holder", "unit", "first_at"} & {key for answer in answers for key in answer.json()} == set()
    assert await database.value("SELECT attended FROM session WHERE id = $1", union.session.id) == 0


async def test_another_unions_script_learns_nothing(union: Union, client: httpx.AsyncClient) -> None:
    other = await make_union("浙江省总工会", "qian", "zhou")
    client.headers.update(await authorization(other.wang))
    seat = await register(union.session)

    answer = await check_in(client, union.session, seat)

    assert refusal(answer) == problem(404, "unknown_session")
    assert refusal(await check_in(client, other.session, seat)) == problem(409, "wrong_session")
    assert "赵敏" not in answer.text
    assert await database.value("SELECT attended FROM session WHERE id = $1", union.session.id) == 0


async def test_another_unions_nonce_is_no_key_to_its_answers(union: Union, client: httpx.AsyncClient) -> None:
    sent = body_of(union.session, await register(union.session), nonce="1")
    other = await make_union("浙江省总工会", "qian", "zhou")
    foreign = body_of(other.session, await register(other.session, "孙七"), nonce="1")
    first = await client.post(CHECK_INS, json=sent, headers=await authorization(union.li))

    answers = [
        await client.post(CHECK_INS, json=json, headers=await authorization(other.wang))
        for json in (sent, foreign)
    ]

    assert first.json()["holder"] == "赵敏"  # there is something to find out
    assert refusal(answers[0]) == problem(404, "unknown_session")
    assert (answers[1].status_code, answers[1].json()["holder"]) == (
        201,
        "孙七",
    )  # nonces are each session's own
    assert ["赵敏" in answer.text for answer in answers] == [False, False]


@pytest.mark.parametrize("session", ["nowhere", "0" * 20])
async def test_unknown_session_is_not_found(li: httpx.AsyncClient, union: Union, session: str) -> None:
    seat = await register(union.session)

    assert refusal(await check_in(li, union.session, seat, session=session)) == problem(
        404, "unknown_session"
    )


async def test_draft_has_no_door(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await database.fetch("UPDATE activity SET published_at = NULL")

    assert refusal(await check_in(li, union.session, seat)) == problem(404, "unknown_session")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic bGk6bGk="])
async def test_without_a_valid_token_nothing_is_answered(
    union: Union, client: httpx.AsyncClient, header: str | None
) -> None:
    seat = await register(union.session)
    headers = {} if header is None else {"authorization": header}

    answer = await client.post(CHECK_INS, json=body_of(union.session, seat), headers=headers)

    assert refusal(answer) == problem(401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_login_cookie_is_no_token(union: Union, client: httpx.AsyncClient) -> None:
    await let_in(client, union.li)

    answer = await check_in(client, union.session, await register(union.session))

    assert refusal(answer) == problem(401, "unauthorized")


@pytest.mark.parametrize("change", ["revoked", "expired", "disabled", "left"])
async def test_what_was_taken_away_counts_at_once(li: httpx.AsyncClient, union: Union, change: str) -> None:
    """Although the token was remembered from the first scan."""
    assert (await check_in(li, union.session, await register(union.session))).status_code == 201
    secret = li.headers["authorization"].removeprefix("Bearer ")
    token, long_ago = Token.secret_digest == digest(secret), clock.now() - timedelta(days=1)
    if change == "revoked":
        await Token.update({Token.revoked_at: clock.now()}).where(token)
    elif change == "expired":
        await Token.update({Token.expires_at: long_ago}).where(token)
    elif change == "disabled":
        await Account.update({Account.disabled_at: clock.now()}).where(Account.id == union.li.account)
    else:
        await Membership.delete().where(Membership.account == union.li.account)

    answer = await check_in(li, union.session, await register(union.session, "钱二"))

    assert answer.status_code in (401, 404)
    assert await database.value("SELECT attended FROM session WHERE id = $1", union.session.id) == 1


async def test_viewer_lets_nobody_in(union: Union, client: httpx.AsyncClient) -> None:
    client.headers.update(await authorization(await make_account("sun", Role.VIEWER, union.organization)))

    answer = await check_in(client, union.session, await register(union.session))

    assert refusal(answer) == problem(404, "unknown_session")


async def test_scans_are_written_down_with_who_and_from_where(li: httpx.AsyncClient, union: Union) -> None:
    sent = body_of(union.session, await register(union.session))
    answer = await li.post(CHECK_INS, json=sent)

    row = await database.find(
        "SELECT account, organization, action, subject, address, request_id FROM audit_entry"
    )

    assert row is not None
    assert tuple(row) == (
        union.li.account,
        union.organization.id,
        "scan.admitted",
        f"{union.session.code}/{sent['nonce']}",
        "127.0.0.1",
        answer.headers["x-request-id"],
    )


async def test_batch_answers_in_order(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    rows = [body_of(union.session, seat, direction=d) for d in ("in", "in", "out", "in")]

    answer = await li.post(f"{CHECK_INS}/batch", json=[*rows, rows[0]])

    assert answer.status_code == 200
    assert [(row["nonce"], row["status"]) for row in answer.json() if "nonce" in row] == [
        (row["nonce"], status)
        for row, status in zip([*rows, rows[0]], [201, 409, 201, 201, 200], strict=True)
    ]


async def test_bad_row_of_a_batch_spoils_no_other(li: httpx.AsyncClient, union: Union) -> None:
    good = [body_of(union.session, await register(union.session, name)) for name in ("赵一", "赵二")]
    bad: list[Any] = [
        None,
        [],
        {},
        good[0] | {"nonce": "a\x00b"},
        good[0] | {"nonce": "x" * 65},
        good[0] | {"nonce": "other", "direction": "up"},
        good[0] | {"nonce": "other", "at": "yesterday"},
        good[0] | {"nonce": "other", "at": "2026-12-05T09:00:00"},
        good[0] | {"nonce": "other", "surprise": 1},
        good[0] | {"nonce": "other", "session": "nowhere"},
        good[0] | {"nonce": "other", "ticket": "nothing"},
    ]

    answer = await li.post(f"{CHECK_INS}/batch", json=[good[0], *bad, good[1]])

    assert [row["status"] for row in answer.json()] == [201, *[422] * 9, 404, 404, 201]


async def test_batch_of_a_device_without_network_counts_each_scan_once_and_when_it_was(
    li: httpx.AsyncClient, union: Union
) -> None:
    seats = [await register(union.session, name) for name in ("赵一", "赵二", "赵三")]
    at = [(clock.now() - timedelta(minutes=minutes)).isoformat() for minutes in (30, 20, 10)]
    late = [
        body_of(union.session, seats[0], offline=True, at=at[1], place="东门"),
        body_of(union.session, seats[0], offline=True, at=at[0]),
        body_of(union.session, seats[1], offline=True, at=at[2], ticket="forged"),
    ]
    now = body_of(union.session, seats[2], at=at[0])

    first = await li.post(f"{CHECK_INS}/batch", json=[now, *late, late[0], {"offline": True}])
    again = await li.post(f"{CHECK_INS}/batch", json=[*late, now])

    assert [row["status"] for row in first.json()] == [201, 201, 201, 404, 200, 422]
    assert [row["status"] for row in again.json()] == [200, 200, 404, 200]
    assert [row["at"] for row in again.json()[:2]] == [
        clock.local(datetime.fromisoformat(moment)).isoformat() for moment in (at[1], at[0])
    ]
    assert await database.value("SELECT attended FROM session WHERE id = $1", union.session.id) == 2
    came = await database.value("SELECT attended_at FROM seat WHERE id = $1", seats[0].seat)
    assert came.isoformat() == at[0]
    assert await database.value("SELECT place FROM scan WHERE nonce = $1", late[0]["nonce"]) == "东门"


async def test_nonce_of_another_scan_without_network_spoils_its_row_alone(
    li: httpx.AsyncClient, union: Union
) -> None:
    one, two = [
        body_of(union.session, await register(union.session, name), nonce="1", offline=True)
        for name in ("赵一", "赵二")
    ]
    fresh = await li.post(f"{CHECK_INS}/batch", json=[one, two])

    again = await li.post(f"{CHECK_INS}/batch", json=[two, one, two])

    assert [row["status"] for row in fresh.json()] == [201, 422]
    assert [row["status"] for row in again.json()] == [422, 200, 422]
    assert "赵二" not in again.text
    assert await database.value("SELECT count(*) FROM scan") == 1


@pytest.mark.parametrize("body", [{}, "text", [{}] * 501])
async def test_batch_is_a_list_of_500_at_most(li: httpx.AsyncClient, union: Union, body: Any) -> None:
    assert refusal(await li.post(f"{CHECK_INS}/batch", json=body)) == problem(422, "invalid")


async def test_empty_batch_has_an_empty_answer(li: httpx.AsyncClient, union: Union) -> None:
    answer = await li.post(f"{CHECK_INS}/batch", json=[])

    assert (answer.status_code, answer.json()) == (200, [])
