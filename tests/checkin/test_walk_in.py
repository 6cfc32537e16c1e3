"""Whoever comes without having registered: one form at the door, and they are in, or a clear no."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image
from tests import races
from tests.conftest import new_client
from tests.gates import make_gate
from tests.hostile import HOSTILE
from tests.people import (
    Union,
    counted_statements,
    let_in,
    make_activity,
    make_organization,
    make_session,
    make_terms,
    make_union,
    register,
)
from tests.races import Racers, halves

from events_app.lib import clock, database
from events_app.programmes.tables import Activity, Session
from events_app.registration.rules.questions import Question, QuestionKind, Stage
from events_app.registration.tables import EligibleUnit
from events_app.web.edge import Edge

ZHAO = {"name": "赵敏", "phone": "19900001234", "unit": "昆明机床厂", "consent": "yes"}


@pytest.fixture
async def union(db: object) -> Union:
    union = await make_union()
    await allow(union.activity)
    return union


@pytest.fixture
async def li(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    await let_in(client, union.li)
    return client


async def allow(activity: Activity, **columns: Any) -> None:
    given: dict[Any, Any] = {Activity.walk_ins: True} | columns
    await Activity.update(given).where(Activity.id == activity.id)


async def change(session: Session, columns: str) -> None:
    await database.fetch(f"UPDATE session SET {columns} WHERE id = $1", session.id)


def door(session: Session) -> str:
    return f"/gate/{session.code}/walk-in"


async def come(client: httpx.AsyncClient, session: Session, nonce: str = "", **fields: str) -> httpx.Response:
    return await client.post(door(session), data={**ZHAO, "nonce": nonce or uuid4().hex, **fields})


def kind_of(page: httpx.Response) -> str:
    found = re.search(r'id="scan-result" data-kind="(\w*)"', page.text)
    return found.group(1) if found else ""


async def counts(session: Session) -> tuple[int, int, int]:
    """Places taken, people who wait, people who came."""
    row = await database.find("SELECT taken, waiting, attended FROM session WHERE id = $1", session.id)
    assert row
    return (row["taken"], row["waiting"], row["attended"])


async def scans(session: Session) -> list[tuple[str, str, str]]:
    rows = await database.fetch(
        "SELECT direction, verdict, evidence FROM scan WHERE session = $1 ORDER BY id", session.id
    )
    return [tuple(row) for row in rows]


async def test_walk_in_is_registered_and_in_at_once(li: httpx.AsyncClient, union: Union) -> None:
    answer = await come(li, union.session)

    assert (answer.status_code, kind_of(answer)) == (200, "admitted")
    assert "赵敏" in answer.text
    assert "已登记，并已签到。" in answer.text
    assert await counts(union.session) == (1, 0, 1)
    seat = await database.find("SELECT state, walk_in, evidence, inside FROM seat")
    assert seat
    assert tuple(seat) == ("confirmed", True, "roster", True)
    assert await scans(union.session) == [("in", "admitted", "roster")]


async def test_form_for_the_next_one_is_empty_and_has_a_nonce_of_its_own(
    li: httpx.AsyncClient, union: Union
) -> None:
    answer = await come(li, union.session, "first")

    assert "登记下一位" in answer.text
    assert 'value="赵敏"' not in answer.text
    assert 'name="consent" value="yes" required' in answer.text
    assert 'name="nonce" value="first"' not in answer.text


async def test_ticket_is_given_once(li: httpx.AsyncClient, union: Union) -> None:
    answer = await come(li, union.session)
    again = await come(li, union.session)

    assert "给来人入场码" in answer.text
    assert "给来人入场码" not in again.text


async def test_staff_write_is_in_the_audit(li: httpx.AsyncClient, union: Union) -> None:
    await come(li, union.session)

    entries = await database.fetch(
        "SELECT action, account, organization FROM audit_entry WHERE action IN ('seat.walk_in', 'scan.admitted')"
        " ORDER BY id"
    )

    who = (union.li.account, union.organization.id)
    assert [tuple(entry) for entry in entries] == [("scan.admitted", *who), ("seat.walk_in", *who)]


async def test_form_sent_twice_is_one_person_and_one_coming(li: httpx.AsyncClient, union: Union) -> None:
    first, second = [await come(li, union.session, "the-same") for _ in range(2)]

    assert [kind_of(answer) for answer in (first, second)] == ["admitted", "admitted"]
    assert await counts(union.session) == (1, 0, 1)
    assert len(await scans(union.session)) == 1


async def test_form_filled_again_after_going_back_is_another_person(
    li: httpx.AsyncClient, union: Union
) -> None:
    await come(li, union.session, "the-same")

    answer = await come(li, union.session, "the-same", name="钱亮")

    assert kind_of(answer) == "admitted"
    assert await counts(union.session) == (2, 0, 2)


async def test_whoever_is_registered_already_is_let_in_as_they_are(
    li: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session, unit="省总工会")

    answer = await come(li, union.session)

    assert kind_of(answer) == "admitted"
    assert ("原来就报过名" in answer.text, "给来人入场码" in answer.text) == (True, False)
    assert await counts(union.session) == (1, 0, 1)
    kept = await database.find(
        "SELECT seat.id, walk_in, unit FROM seat JOIN registration r ON r.id = seat.registration"
    )
    assert kept
    assert tuple(kept) == (seat.seat, False, "省总工会")


async def test_one_of_the_same_name_on_the_list_is_asked_about_first(
    li: httpx.AsyncClient, union: Union
) -> None:
    """A unit registers its people without phones: registered again, one of the two would never come."""
    await register(union.session, phone="19900009999")

    asked = await come(li, union.session)
    another = await come(li, union.session, another="yes")

    assert (asked.status_code, kind_of(asked)) == (409, "warning")
    assert ("请核对" in asked.text, "名单上有1位赵敏还没有到" in asked.text) == (True, True)
    assert "/roster?words=%E8%B5%B5%E6%95%8F" in asked.text
    assert 'name="another"' in asked.text
    assert kind_of(another) == "admitted"
    assert await counts(union.session) == (2, 0, 1)


async def test_nobody_is_asked_about_who_has_come_or_is_on_the_list_themselves(
    li: httpx.AsyncClient, union: Union
) -> None:
    await register(union.session, phone="19900009999")
    await register(union.session)

    own = await come(li, union.session)
    other = await come(li, union.session, phone="19900009999")
    third = await come(li, union.session, phone="19900008888")

    assert [kind_of(answer) for answer in (own, other, third)] == ["admitted"] * 3


async def test_whoever_is_in_already_is_a_repetition(li: httpx.AsyncClient, union: Union) -> None:
    await come(li, union.session)

    answer = await come(li, union.session)

    assert (kind_of(answer), "首次签到" in answer.text) == ("warning", True)
    assert await counts(union.session) == (1, 0, 1)


async def test_full_session_lets_nobody_in_and_says_what_to_do(li: httpx.AsyncClient, union: Union) -> None:
    await change(union.session, "capacity = 1")
    await register(union.session, "钱亮")

    answer = await come(li, union.session)

    assert (answer.status_code, kind_of(answer)) == (409, "warning")
    assert "没有空余名额" in answer.text
    assert "增加名额" in answer.text
    assert 'value="赵敏"' in answer.text
    assert await counts(union.session) == (1, 0, 0)
    assert await scans(union.session) == []
    assert await database.value("SELECT count(*) FROM registration") == 1


async def test_nobody_joins_the_line_at_the_door(li: httpx.AsyncClient, union: Union) -> None:
    await change(union.session, "capacity = 1, waiting_list = true")
    await register(union.session, "钱亮")

    answer = await come(li, union.session)

    assert answer.status_code == 409
    assert await counts(union.session) == (1, 0, 0)


async def test_whoever_waits_is_told_so_while_there_is_no_place(li: httpx.AsyncClient, union: Union) -> None:
    await change(union.session, "capacity = 1, waiting_list = true")
    await register(union.session, "钱亮")
    await register(union.session)

    answer = await come(li, union.session)

    assert kind_of(answer) == "warning"
    assert "还在候补名单上" in answer.text
    assert await counts(union.session) == (1, 1, 0)
    assert await scans(union.session) == [("in", "waitlisted", "roster")]


async def test_whoever_waits_gets_a_place_that_is_free(li: httpx.AsyncClient, union: Union) -> None:
    await change(union.session, "capacity = 1, waiting_list = true")
    await register(union.session, "钱亮")
    await register(union.session)
    await change(union.session, "capacity = 2")

    answer = await come(li, union.session)

    assert kind_of(answer) == "admitted"
    assert "原来在候补名单上" in answer.text
    assert await counts(union.session) == (2, 0, 1)


async def test_newcomer_does_not_pass_those_who_wait(li: httpx.AsyncClient, union: Union) -> None:
    await change(union.session, "capacity = 1, waiting_list = true")
    await register(union.session, "钱亮")
    await register(union.session, "孙兰")
    await change(union.session, "capacity = 2")

    answer = await come(li, union.session)

    assert (answer.status_code, "前面还有人候补" in answer.text) == (409, True)
    assert await counts(union.session) == (1, 1, 0)


async def test_place_that_is_offered_is_theirs_at_the_door(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await database.fetch(
        "UPDATE seat SET state = 'offered', offer_ends_at = now() + interval '1 hour' WHERE id = $1",
        seat.seat,
    )

    assert kind_of(await come(li, union.session)) == "admitted"
    assert await counts(union.session) == (1, 0, 1)


async def test_door_decides_where_an_organiser_approves(li: httpx.AsyncClient, union: Union) -> None:
    await allow(union.activity, admission="approval")

    answer = await come(li, union.session)

    assert kind_of(answer) == "admitted"


async def test_whoever_was_turned_down_is_not_let_in_by_the_door(li: httpx.AsyncClient, union: Union) -> None:
    await allow(union.activity, admission="approval")
    seat = await register(union.session)
    await database.fetch(
        "UPDATE seat SET state = 'released', released_at = now(), cause = 'declined' WHERE id = $1", seat.seat
    )
    await change(union.session, "taken = 0")

    answer = await come(li, union.session)

    assert (answer.status_code, "没有通过审核" in answer.text) == (409, True)
    assert await counts(union.session) == (0, 0, 0)


async def test_whoever_waits_for_approval_is_told_so(li: httpx.AsyncClient, union: Union) -> None:
    await allow(union.activity, admission="approval")
    await register(union.session)

    answer = await come(li, union.session)

    assert kind_of(answer) == "warning"
    assert "还没有审核" in answer.text


async def test_seat_that_was_given_back_is_taken_anew(li: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await database.fetch(
        "UPDATE seat SET state = 'released', released_at = now(), cause = 'cancelled' WHERE id = $1",
        seat.seat,
    )
    await change(union.session, "taken = 0")

    answer = await come(li, union.session)

    assert kind_of(answer) == "admitted"
    assert await database.value("SELECT walk_in FROM seat WHERE id = $1", seat.seat) is True


async def test_unit_has_no_more_places_at_the_door_than_elsewhere(
    li: httpx.AsyncClient, union: Union
) -> None:
    await allow(union.activity, unit_quota=1)

    answers = [await come(li, union.session, name=name) for name in ("赵一", "赵二")]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert "昆明机床厂在这一场的名额是1个" in answers[1].text


async def test_only_units_of_the_list_walk_in(li: httpx.AsyncClient, union: Union) -> None:
    await allow(union.activity, eligible_only=True)
    factory = await make_organization("昆明机床厂")
    await EligibleUnit(activity=union.activity.id, organization=factory.id, quota=None).save()

    page = await li.get(door(union.session))
    stranger = await come(li, union.session, unit="别的厂")
    worker = await come(li, union.session)

    assert '<option value="昆明机床厂">' in page.text
    assert (stranger.status_code, kind_of(worker)) == (422, "admitted")


async def test_whoever_has_another_session_of_the_activity_is_told_so(
    li: httpx.AsyncClient, union: Union
) -> None:
    await allow(union.activity, extent="one")
    await register(await make_session(union.activity))

    answer = await come(li, union.session)

    assert (answer.status_code, "每人最多参加1场" in answer.text) == (409, True)
    assert await counts(union.session) == (0, 0, 0)


async def test_walk_in_too_young_is_refused(li: httpx.AsyncClient, union: Union) -> None:
    await allow(union.activity, minimum_age=18)

    answer = await come(li, union.session, birth_year=str(clock.today().year - 16))

    assert (answer.status_code, "年满18周岁" in answer.text) == (422, True)


async def test_questions_of_the_registration_are_asked_and_those_of_the_door_are_not(
    li: httpx.AsyncClient, union: Union
) -> None:
    size = Question(code="size", kind=QuestionKind.TEXT, label="工服尺码", required=True)
    later = Question(code="meal", kind=QuestionKind.TEXT, label="用餐", stage=Stage.DOOR)
    await make_terms(union.activity, [size, later])

    page = await li.get(door(union.session))
    without = await come(li, union.session)
    answered = await come(li, union.session, **{"q-size": "XL"})

    assert ("工服尺码" in page.text, "q-meal" in page.text) == (True, False)
    assert (without.status_code, kind_of(answered)) == (422, "admitted")
    assert await database.value("SELECT answers ->> 'size' FROM registration") == "XL"


@pytest.mark.parametrize(
    ("field", "wrong", "sentence"),
    [("consent", "", "请先阅读并同意"), ("phone", "12345", "手机"), ("name", " ", "姓名")],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(
    li: httpx.AsyncClient, union: Union, field: str, wrong: str, sentence: str
) -> None:
    answer = await come(li, union.session, **{field: wrong})

    assert answer.status_code == 422
    assert sentence in answer.text
    kept = {name: value for name, value in ZHAO.items() if name not in (field, "consent")}
    assert all(f'value="{value}"' in answer.text for value in kept.values())
    assert await counts(union.session) == (0, 0, 0)


async def test_notice_that_changed_meanwhile_is_agreed_to_anew(li: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, purpose="第一版")
    await make_terms(union.activity, purpose="第二版")

    answer = await come(li, union.session, terms="1")

    assert answer.status_code == 409
    assert "第二版" in answer.text
    assert not re.search(r'name="consent"[^>]*checked', answer.text)
    assert await counts(union.session) == (0, 0, 0)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ("check_in_opens_at = now() + interval '1 hour'", "现在不是签到时间"),
        ("check_in_closes_at = now() - interval '1 minute'", "现在不是签到时间"),
        ("called_off_at = now()", "本场已取消"),
        ("postponed_at = now()", "本场已延期"),
    ],
)
async def test_door_that_is_closed_registers_nobody(
    li: httpx.AsyncClient, union: Union, columns: str, sentence: str
) -> None:
    await change(union.session, columns)

    page = await li.get(door(union.session))
    answer = await come(li, union.session)

    assert (page.status_code, answer.status_code) == (200, 409)
    assert sentence in page.text
    assert "<form" not in page.text
    assert await counts(union.session) == (0, 0, 0)


async def test_registration_that_closed_long_ago_does_not_close_the_door(
    li: httpx.AsyncClient, union: Union
) -> None:
    await change(union.session, "closes_at = now() - interval '1 day'")

    assert kind_of(await come(li, union.session)) == "admitted"


@pytest.mark.parametrize("columns", [{"walk_ins": False}, {"admission": "draw"}])
async def test_activity_without_walk_ins_registers_nobody(
    li: httpx.AsyncClient, union: Union, columns: dict[str, Any]
) -> None:
    await allow(union.activity, **columns)

    page = await li.get(door(union.session))
    answer = await come(li, union.session)

    assert ("不做现场登记" in page.text, answer.status_code) == (True, 409)
    await register(union.session)
    assert (await come(li, union.session)).status_code == 409
    assert await scans(union.session) == []


async def test_gate_without_account_registers_and_is_named_in_the_log(app: Edge, union: Union) -> None:
    gate = await make_gate(union.session, "东门", "device")

    async with new_client(app) as phone:
        phone.cookies.set("events_gate", "device")
        page = await phone.get(door(union.session))
        answer = await come(phone, union.session)

    assert page.status_code == 200
    assert kind_of(answer) == "admitted"
    row = await database.find("SELECT gate, place, account FROM scan")
    assert row
    assert tuple(row) == (gate.id, "东门", None)


async def test_door_of_others_is_not_found(app: Edge, union: Union) -> None:
    other = await make_union("红河州总工会", "qian", "sun")
    await allow(other.activity)
    await make_gate(other.session, "西门", "device-of-others")
    elsewhere = await make_session(union.activity)
    await make_gate(elsewhere, "北门", "device-of-another-session")

    async with new_client(app) as sun, new_client(app) as phone, new_client(app) as near:
        await let_in(sun, other.li)
        phone.cookies.set("events_gate", "device-of-others")
        near.cookies.set("events_gate", "device-of-another-session")
        answers = [await come(client, union.session) for client in (sun, phone, near)]
        pages = [await client.get(door(union.session)) for client in (sun, phone, near)]

    assert [answer.status_code for answer in answers + pages] == [404] * 6
    assert await counts(union.session) == (0, 0, 0)


@pytest.mark.parametrize(
    "columns", [{"revoked_at": clock.now()}, {"closes_at": clock.now() - timedelta(minutes=1)}]
)
async def test_gate_that_is_none_any_more_registers_nobody(
    app: Edge, union: Union, columns: dict[str, Any]
) -> None:
    await make_gate(union.session, "东门", "device", **columns)

    async with new_client(app) as phone:
        phone.cookies.set("events_gate", "device")
        answer = await come(phone, union.session)

    assert answer.status_code == 403
    assert await counts(union.session) == (0, 0, 0)


async def test_nobody_else_walks_in(app: Edge, union: Union) -> None:
    async with new_client(app) as stranger:
        answer = await come(stranger, union.session)

    assert answer.status_code in (303, 401)
    assert await counts(union.session) == (0, 0, 0)


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_harms_nothing(li: httpx.AsyncClient, union: Union, text: str) -> None:
    answers = [
        await come(li, union.session, **{field: text})
        for field in ("name", "unit", "nonce", "phone", "terms")
    ]

    assert all(answer.status_code in (200, 409, 422) for answer in answers)
    assert "<script>alert" not in "".join(answer.text for answer in answers)


async def test_name_comes_back_as_it_was_typed(li: httpx.AsyncClient, union: Union) -> None:
    answer = await come(li, union.session, name="买买提·吐尔逊𬱖㛃")

    assert "买买提·吐尔逊𬱖㛃" in answer.text
    assert await database.value("SELECT name FROM person") == "买买提·吐尔逊𬱖㛃"


async def test_doors_lead_to_the_form_where_walk_ins_are_welcome(li: httpx.AsyncClient, union: Union) -> None:
    shut = await make_activity(union.organization)
    closed = await make_session(shut)
    pages = [f"/gate/{union.session.code}", f"/gate/{union.session.code}/roster"]

    texts = [(await li.get(address)).text for address in pages]
    others = [(await li.get(f"/gate/{closed.code}{end}")).text for end in ("", "/roster")]

    assert [door(union.session) in text for text in texts] == [True, True]
    assert ["walk-in" in text for text in others] == [False, False]


async def test_half_of_it_does_not_happen(li: httpx.AsyncClient, union: Union, monkeypatch: Any) -> None:
    """The registration goes when the coming cannot be written down."""

    async def fails(_scan: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("events_app.checkin.actions.walk_ins.record", fails)

    answer = await come(li, union.session)

    assert answer.status_code == 500
    assert await counts(union.session) == (0, 0, 0)
    assert await database.value("SELECT count(*) FROM registration") == 0


@pytest.fixture(scope="module")
def racers() -> Iterator[Racers]:
    with races.racers() as ready:
        yield ready


@pytest.fixture
async def committed(committed_db: str) -> Union:
    union = await make_union()
    await allow(union.activity)
    return union


async def rush(
    racers: Racers, dsn: str, committed: Union, people: list[list[str]], without: str = ""
) -> list[str]:
    code, account = committed.session.code, committed.li.account
    return racers.run(races.walk_in_all, dsn, [code] * 2, [account] * 2, people, [without] * 2)


async def test_many_at_two_doors_get_the_last_places_and_no_more(
    racers: Racers, committed: Union, committed_db: str
) -> None:
    await change(committed.session, "capacity = 3")

    results = await rush(racers, committed_db, committed, halves([f"赵{n}" for n in range(20)]))

    assert Counter(results) == {"admitted": 3, "full": 17}
    assert await counts(committed.session) == (3, 0, 3)
    assert await database.value("SELECT count(*) FROM registration") == 3


async def test_without_the_lock_more_come_than_there_are_places(
    racers: Racers, committed: Union, committed_db: str
) -> None:
    """The control: shows that the test above would notice. One rush may be lucky, five are not."""
    await change(committed.session, "capacity = 3")

    for turn in range(5):
        people = halves([f"赵{turn}-{n}" for n in range(20)])
        results = await rush(racers, committed_db, committed, people, "FOR NO KEY UPDATE OF s")
        if any(result not in ("admitted", "full") for result in results) or results.count("admitted") > 3:
            return

    pytest.fail("nobody noticed")


async def test_one_form_that_arrives_at_two_servers_is_one_coming(
    racers: Racers, committed: Union, committed_db: str
) -> None:
    results = await rush(racers, committed_db, committed, [["赵敏"] * 6] * 2)

    assert Counter(results) == {"admitted": 12}
    assert await counts(committed.session) == (1, 0, 1)
    assert await database.value("SELECT count(*) FROM scan") == 1


async def test_child_comes_in_with_a_guardian_who_agrees(li: httpx.AsyncClient, union: Union) -> None:
    await allow(union.activity, asks_birth_year=True)
    child = {"birth_year": str(clock.today().year - 10)}
    guardian = {"guardian_name": "赵刚", "guardian_phone": "19900005555", "guardian_consent": "yes"}

    alone = await come(li, union.session, **child)
    together = await come(li, union.session, **child, **guardian)

    assert (alone.status_code, "未满14周岁" in alone.text) == (422, True)
    assert kind_of(together) == "admitted"
    assert await database.value("SELECT guardian_name FROM registration") == "赵刚"


async def test_sensitive_data_take_a_consent_of_their_own(li: httpx.AsyncClient, union: Union) -> None:
    await allow(union.activity, kind="legal_aid")

    without = await come(li, union.session)
    agreed = await come(li, union.session, sensitive_consent="yes")

    assert (without.status_code, kind_of(agreed)) == (422, "admitted")
    assert await database.value("SELECT sensitive_consented_at IS NOT NULL FROM registration") is True


async def test_whoever_walks_into_a_course_has_all_that_is_left_of_it(
    li: httpx.AsyncClient, union: Union
) -> None:
    await allow(union.activity, extent="course")
    second = await make_session(union.activity)

    answer = await come(li, union.session)

    assert kind_of(answer) == "admitted"
    assert [await counts(session) for session in (union.session, second)] == [(1, 0, 1), (1, 0, 0)]
    rows = await database.fetch("SELECT walk_in FROM seat ORDER BY session")
    assert [row["walk_in"] for row in rows] == [True, False]


async def test_picture_that_is_asked_for_is_kept_with_the_registration(
    li: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity, [Question("badge", QuestionKind.PICTURE, "工作证", required=True)])
    data = {**ZHAO, "nonce": "one"}

    without = await li.post(door(union.session), data=data)
    answer = await li.post(
        door(union.session), data=data, files={"f-badge": ("badge.jpg", a_picture(), "image/jpeg")}
    )

    assert (without.status_code, kind_of(answer)) == (422, "admitted")
    assert await database.value("SELECT count(*) FROM attachment WHERE registration IS NOT NULL") == 1


def a_picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (40, 40), "red").save(file, "JPEG")
    return file.getvalue()


async def test_page_costs_the_same_for_one_and_for_thirty(li: httpx.AsyncClient, union: Union) -> None:
    numbers = []
    for people in (range(1), range(1, 30)):
        for n in people:
            await register(union.session, f"钱{n}", f"199000{n:05}")
        await li.get(door(union.session))
        async with counted_statements() as statements:
            await li.get(door(union.session))
        numbers.append(len(statements))

    assert numbers[0] == numbers[1]
