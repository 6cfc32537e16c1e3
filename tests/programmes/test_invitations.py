"""Guests and host schools are asked by a private link, and answer while it can still be answered."""

import asyncio
import re
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from piccolo.columns import Column
from tests.people import (
    Union,
    counted_statements,
    let_in,
    make_account,
    make_activity,
    make_organization,
    make_session,
    make_union,
    moment_field,
)

from events_app.accounts.rules import Me
from events_app.accounts.tables import Organization, Role
from events_app.lib import clock, codes, database
from events_app.lib.errors import NotFound, Refused
from events_app.notifications.actions import tell
from events_app.notifications.tables import Recipient
from events_app.programmes.actions import invitations as actions
from events_app.programmes.actions.guests import place_guests
from events_app.programmes.forms.invitations import AnswerForm
from events_app.programmes.queries.guests import GuestRow, set_guests
from events_app.programmes.tables import Answer, Session

GENG = GuestRow("耿家盛", "全国劳动模范", "昆明机床厂")
LI = GuestRow("李律师", "", "")


@dataclass
class World:
    """Wang's session next week at a school, with two guests."""

    union: Union
    school: Organization
    teacher: Me
    session: Session


async def make_world() -> World:
    school = await make_organization("云南技师学院", "school", code="school")
    union = await make_union()
    teacher = await make_account("teacher", Role.VIEWER, school)
    start = clock.local(clock.now() + timedelta(days=7)).replace(minute=0, second=0, microsecond=0)
    session = await make_session(
        union.activity,
        site=school.id,
        starts_at=start,
        ends_at=start + timedelta(hours=2),
        closes_at=start,
    )
    await set_guests(session.id, union.organization.id, [GENG, LI])
    return World(union, school, teacher, session)


@pytest.fixture
async def world(db: object) -> World:
    return await make_world()


@pytest.fixture
async def wang(world: World, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, world.union.wang)
    return client


async def ask_all(world: World) -> dict[str, str]:
    """Everybody is asked; names to secrets."""
    await actions.invite_guests(world.union.wang, world.session.code)
    await actions.ask_site(world.union.wang, world.session.code)
    rows = await database.fetch(
        """SELECT COALESCE(g.name, o.name) AS who, i.secret FROM invitation i
             LEFT JOIN guest g ON g.id = i.guest LEFT JOIN organization o ON o.id = i.organization"""
    )
    return {row["who"]: row["secret"] for row in rows}


async def standing(who: str = "耿家盛") -> tuple[Any, ...]:
    """Answer and remark of one invitation."""
    row = await database.find(
        """SELECT i.answer, i.remark FROM invitation i
             LEFT JOIN guest g ON g.id = i.guest LEFT JOIN organization o ON o.id = i.organization
            WHERE COALESCE(g.name, o.name) = $1""",
        who,
    )
    return tuple(row or ())


async def told() -> list[tuple[Any, ...]]:
    rows = await database.fetch("SELECT recipient_kind, text FROM message ORDER BY id")
    return [tuple(row) for row in rows]


async def move(session: Session, by: timedelta) -> None:
    """As moving it does, in one transaction."""
    async with database.transaction():
        await Session.update(
            {
                Session.starts_at: session.starts_at + by,
                Session.ends_at: session.ends_at + by,
                Session.sequence: Session.sequence + 1,
            }
        ).where(Session.id == session.id)
        await actions.reopen(session.id, lambda: "改期。")


def said(answer: str = "accepted", sequence: int = 0, **more: str) -> dict[str, str]:
    return {"answer": answer, "sequence": str(sequence), "remark": "自带工具", **more}


async def test_guest_answers_by_the_link_and_the_organiser_sees_it(
    wang: httpx.AsyncClient, world: World
) -> None:
    guest = await database.value("SELECT code FROM guest WHERE name = '耿家盛'")
    address = f"/manage/sessions/{world.session.code}"

    asked = await wang.post(f"{address}/invitations", data={"guest": guest})
    secret = await database.value("SELECT secret FROM invitation")
    wang.cookies.clear()
    shown = await wang.get(f"/invitations/{secret}")
    answered = await wang.post(f"/invitations/{secret}", data=said())
    again = await wang.get(f"/invitations/{secret}")

    assert asked.headers["location"] == f"{address}#invitations"
    text = unescape(shown.text)
    assert all(
        part in text
        for part in ("劳模工匠进校园", "大礼堂", "宁波路1号", "云南省总工会", "耿家盛", "云南技师学院")
    )
    assert (shown.headers["cache-control"], shown.headers["x-robots-tag"]) == (
        "no-store",
        "noindex, nofollow",
    )
    assert shown.headers.get_list("referrer-policy") == ["same-origin"]
    assert (answered.status_code, answered.headers["location"]) == (303, f"/invitations/{secret}")
    assert all(part in again.text for part in ("您的答复", "已答应", "自带工具"))
    await let_in(wang, world.union.wang)
    page = (await wang.get(address)).text
    assert all(part in page for part in ("已答应", "自带工具", "未邀请"))
    actions_taken = await database.fetch("SELECT action, account FROM audit_entry ORDER BY id")
    assert [tuple(row) for row in actions_taken] == [
        ("invitation.create", world.union.wang.account),
        ("invitation.answer", None),
    ]


async def test_asking_twice_is_one_invitation_with_one_secret(wang: httpx.AsyncClient, world: World) -> None:
    first = await ask_all(world)

    answers = [
        await wang.post(f"/manage/sessions/{world.session.code}/invitations", data=data)
        for data in ({}, {"site": "yes"})
    ]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert await ask_all(world) == first
    assert len(first) == 3


async def test_two_organisers_who_ask_at_once_ask_once(committed_db: str) -> None:
    world = await make_world()
    hurried = [
        asyncio.create_task(actions.invite_guests(world.union.wang, world.session.code), context=Context())
        for _each in range(6)
    ]

    asked = await asyncio.gather(*hurried)

    assert sorted(asked) == [0, 0, 0, 0, 0, 2]
    assert await database.value("SELECT count(*) FROM invitation") == 2


async def test_answer_may_change_until_the_session_begins(client: httpx.AsyncClient, world: World) -> None:
    secret = (await ask_all(world))["耿家盛"]
    for answer in ("accepted", "declined"):
        await client.post(f"/invitations/{secret}", data=said(answer))
    declined = await standing()
    await Session.update({Session.starts_at: clock.now() - timedelta(minutes=1)}).where(
        Session.id == world.session.id
    )

    late = await client.post(f"/invitations/{secret}", data=said())

    assert declined == ("declined", "自带工具")
    assert (late.status_code, "本场已经开始，不能再答复。" in late.text) == (409, True)
    assert 'name="answer"' not in late.text
    assert await standing() == declined


async def test_answer_to_a_page_from_before_the_move_is_refused_and_asked_again(
    client: httpx.AsyncClient, world: World
) -> None:
    secret = (await ask_all(world))["耿家盛"]
    await move(world.session, timedelta(days=1))

    refused = await client.post(f"/invitations/{secret}", data=said(sequence=0))
    after = await standing()
    accepted = await client.post(f"/invitations/{secret}", data=said(sequence=1))

    new_day = clock.day_text(clock.local(world.session.starts_at + timedelta(days=1)).date())
    assert (refused.status_code, after) == (409, ("open", ""))
    assert "本场刚刚有变动，请看清现在的时间和地点，再答复一次。" in refused.text
    assert new_day in refused.text
    assert 'name="sequence" value="1"' in refused.text
    assert ">自带工具</textarea>" in refused.text.replace("\n", "")
    assert (accepted.status_code, await standing()) == (303, ("accepted", "自带工具"))


async def test_move_takes_every_answer_back_and_tells_who_gave_one(
    client: httpx.AsyncClient, world: World
) -> None:
    secrets = await ask_all(world)
    await client.post(f"/invitations/{secrets['耿家盛']}", data=said())
    await client.post(f"/invitations/{secrets['云南技师学院']}", data=said("declined"))

    await move(world.session, timedelta(hours=1))

    assert [await standing(who) for who in secrets] == [("open", "")] * 3
    assert [kind for kind, _text in await told()] == ["guest", "organization"]
    assert all("请从原来的邀请链接再答复一次。" in text for _kind, text in await told())
    assert await ask_all(world) == secrets
    shown = (await client.get(f"/invitations/{secrets['耿家盛']}")).text
    assert "您以前的答复不再有效" in shown
    assert "您以前的答复不再有效" not in (await client.get(f"/invitations/{secrets['李律师']}")).text


async def test_answer_and_move_at_once_leave_no_answer_to_the_old_time(committed_db: str) -> None:
    """Whoever comes second waits for the first, and then sees what it did."""
    world = await make_world()
    secret = (await ask_all(world))["耿家盛"]
    form = AnswerForm(sequence=0, answer=Answer.ACCEPTED, remark="")
    async with database.transaction():
        await Session.update({Session.sequence: 1}).where(Session.id == world.session.id)
        late = asyncio.create_task(actions.answer(secret, form, None), context=Context())
        await asyncio.sleep(0.2)
        waited = not late.done()
        await actions.reopen(world.session.id, lambda: "改期。")

    with pytest.raises(Refused) as refused:
        await late

    assert (waited, refused.value.reason, await standing()) == (True, "moved", ("open", ""))


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"called_off_at": clock.now(), "called_off_reason": "台风"}, "本场已取消：台风"),
        ({"postponed_at": clock.now()}, "本场已经延期，新的时间还没有定。定下后会通知您。"),
    ],
)
async def test_what_is_off_says_so_and_asks_nothing(
    client: httpx.AsyncClient, world: World, columns: dict[Column | str, Any], sentence: str
) -> None:
    secret = (await ask_all(world))["耿家盛"]
    await Session.update(columns).where(Session.id == world.session.id)

    shown = await client.get(f"/invitations/{secret}")
    answered = await client.post(f"/invitations/{secret}", data=said())

    assert (shown.status_code, answered.status_code) == (200, 409)
    assert (sentence in shown.text, '<form method="post" action="/invitations' in shown.text) == (True, False)
    assert "待答复" not in shown.text
    assert await standing() == ("open", "")


@pytest.mark.parametrize("columns", [{"called_off_at": clock.now()}, {"postponed_at": clock.now()}])
async def test_nobody_is_asked_to_what_is_off(
    wang: httpx.AsyncClient, world: World, columns: dict[Column | str, Any]
) -> None:
    await Session.update(columns).where(Session.id == world.session.id)

    answer = await wang.post(f"/manage/sessions/{world.session.code}/invitations", data={})
    page = await wang.get(f"/manage/sessions/{world.session.code}")

    assert answer.status_code == 409
    assert f'action="/manage/sessions/{world.session.code}/invitations"' not in page.text
    assert await database.value("SELECT count(*) FROM invitation") == 0


async def test_school_proposes_another_time_and_the_organiser_is_led_to_move(
    wang: httpx.AsyncClient, world: World
) -> None:
    secret = (await ask_all(world))["云南技师学院"]
    other = world.session.starts_at + timedelta(days=2)
    times = {"starts_at": moment_field(other), "ends_at": moment_field(other + timedelta(hours=2))}

    answer = await wang.post(
        f"/invitations/{secret}/proposal", data={"sequence": "0", **times, "reason": "当天考试"}
    )

    assert (answer.status_code, await standing("云南技师学院")) == (303, ("countered", "当天考试"))
    shown = unescape((await wang.get(f"/invitations/{secret}")).text)
    when = clock.span_text(other, other + timedelta(hours=2))
    assert f"您建议的时间：{when}" in shown
    link = f"/manage/sessions/{world.session.code}/move?starts_at={times['starts_at']}&ends_at={times['ends_at']}"
    for page in (f"/manage/sessions/{world.session.code}", "/manage/invitations"):
        text = unescape((await wang.get(page)).text)
        assert (link in text, when in text, "当天考试" in text) == (True, True, True)


async def test_time_that_was_taken_up_needs_no_second_yes(client: httpx.AsyncClient, world: World) -> None:
    secrets = await ask_all(world)
    by = timedelta(days=2)
    times = {
        "starts_at": moment_field(world.session.starts_at + by),
        "ends_at": moment_field(world.session.ends_at + by),
    }
    await client.post(f"/invitations/{secrets['云南技师学院']}/proposal", data={"sequence": "0", **times})
    await client.post(f"/invitations/{secrets['耿家盛']}", data=said())

    await move(world.session, by)

    assert [await standing(who) for who in ("云南技师学院", "耿家盛")] == [("accepted", ""), ("open", "")]
    assert ["已按您提出的时间" in text for _kind, text in await told()] == [True, False]


@pytest.mark.parametrize(
    ("starts", "ends", "sentence"),
    [
        ("2020-01-01T09:00", "2020-01-01T11:00", "请选择以后的时间。"),
        ("2030-01-01T09:00", "2030-01-01T09:00", "结束时间应晚于开始时间。"),
        ("2030-01-01T09:00", "2031-01-01T09:00", "一个场次最长31天"),
        ("明天", "", "请选择日期和时间"),
    ],
)
async def test_impossible_other_time_is_refused(
    client: httpx.AsyncClient, world: World, starts: str, ends: str, sentence: str
) -> None:
    secret = (await ask_all(world))["云南技师学院"]

    answer = await client.post(
        f"/invitations/{secret}/proposal", data={"sequence": "0", "starts_at": starts, "ends_at": ends}
    )

    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert await standing("云南技师学院") == ("open", "")


@pytest.mark.parametrize(
    "changes",
    [
        {"answer": "countered"},
        {"answer": "open"},
        {"answer": ""},
        {"sequence": "x"},
        {"sequence": "9" * 30},
        {"sequence": ""},
        {"remark": "字" * 301},
        {"remark": "耿\u202e"},
    ],
)
async def test_answer_that_is_none_is_refused(
    client: httpx.AsyncClient, world: World, changes: dict[str, str]
) -> None:
    secret = (await ask_all(world))["耿家盛"]

    answer = await client.post(f"/invitations/{secret}", data=said() | changes)

    assert (answer.status_code, await standing()) == (422, ("open", ""))


async def test_guest_proposes_no_other_time(client: httpx.AsyncClient, world: World) -> None:
    secret = (await ask_all(world))["耿家盛"]
    times = {"starts_at": "2030-01-01T09:00", "ends_at": "2030-01-01T11:00"}

    answer = await client.post(f"/invitations/{secret}/proposal", data={"sequence": "0", **times})

    assert (answer.status_code, await standing()) == (404, ("open", ""))


async def test_new_secret_replaces_the_old_one(wang: httpx.AsyncClient, world: World) -> None:
    old = (await ask_all(world))["耿家盛"]
    await wang.post(f"/invitations/{old}", data=said())
    invitation = await database.value("SELECT id FROM invitation WHERE secret = $1", old)

    renewed = await wang.post(f"/manage/sessions/{world.session.code}/invitations/{invitation}/renewal")
    link = await wang.get(renewed.headers["location"])
    gone = await wang.get(f"/invitations/{old}")
    answered = await wang.post(f"/invitations/{old}", data=said())

    new = await database.value("SELECT secret FROM invitation WHERE id = $1", invitation)
    assert (gone.status_code, answered.status_code) == (404, 404)
    assert "它可能已经换成新的链接，或者邀请已经撤回" in gone.text
    assert f"http://testserver/invitations/{new}" in unescape(link.text)
    assert "<svg" in link.text
    assert await standing() == ("open", "")


@pytest.mark.parametrize("secret", ["x", "%00", "字" * 50, "a" * 3000, "' OR 1=1 --"])
async def test_secret_that_is_none_is_not_found(client: httpx.AsyncClient, world: World, secret: str) -> None:
    await ask_all(world)

    answer = await client.get(f"/invitations/{secret}")

    assert answer.status_code in (400, 404)
    assert "耿家盛" not in answer.text


async def test_address_that_guesses_is_stopped_and_right_links_are_not(
    client: httpx.AsyncClient, world: World
) -> None:
    secret = (await ask_all(world))["耿家盛"]

    tries = [(await client.get(f"/invitations/{codes.new_secret()}")).status_code for _try in range(60)]
    miss = await client.get(f"/invitations/{codes.new_secret()}")
    hit = await client.get(f"/invitations/{secret}")

    assert (set(tries), miss.status_code, hit.status_code) == ({404}, 429, 200)
    assert int(miss.headers["retry-after"]) > 0


async def test_right_links_are_never_too_many(client: httpx.AsyncClient, world: World) -> None:
    """A school's whole staff comes from one address."""
    secret = (await ask_all(world))["云南技师学院"]

    assert {(await client.get(f"/invitations/{secret}")).status_code for _look in range(70)} == {200}


async def test_guest_who_leaves_hears_of_it_and_who_stays_keeps_the_answer(
    client: httpx.AsyncClient, world: World
) -> None:
    secrets = await ask_all(world)
    for who in ("耿家盛", "李律师"):
        await client.post(f"/invitations/{secrets[who]}", data=said())

    await place_guests(world.session.id, world.union.organization.id, [GENG])

    assert await standing() == ("accepted", "自带工具")
    assert (await client.get(f"/invitations/{secrets['李律师']}")).status_code == 404
    ((kind, text),) = await told()
    assert (kind, "原来的邀请已撤回" in text) == ("guest", True)


async def test_host_that_is_another_now_is_not_asked_any_more(
    client: httpx.AsyncClient, world: World
) -> None:
    secrets = await ask_all(world)
    await Session.update({Session.site: None}).where(Session.id == world.session.id)

    gone = await client.get(f"/invitations/{secrets['云南技师学院']}")
    await place_guests(world.session.id, world.union.organization.id, [GENG, LI])

    assert gone.status_code == 404
    assert [kind for kind, _text in await told()] == ["organization"]
    assert await database.value("SELECT count(*) FROM invitation") == 2


async def test_member_of_the_school_answers_on_its_own_page(world: World, client: httpx.AsyncClient) -> None:
    secrets = await ask_all(world)
    await let_in(client, world.teacher)

    page = (await client.get("/invitations")).text
    answered = await client.post(f"/invitations/{secrets['云南技师学院']}", data=said())

    assert re.findall(r'href="/invitations/([^"]+)"', page) == [secrets["云南技师学院"]]
    assert (answered.status_code, await standing("云南技师学院")) == (303, ("accepted", "自带工具"))
    assert await database.value("SELECT answered_by FROM invitation WHERE organization IS NOT NULL") == (
        world.teacher.account
    )


async def test_school_that_was_never_asked_reads_what_it_was_told(
    world: World, client: httpx.AsyncClient
) -> None:
    other = await make_organization("昆明学校", "school", code="kunming")
    union = world.union.organization.id
    await tell(union, Recipient.ORGANIZATION, [world.school.id], world.session.code, "本校改期")
    await tell(union, Recipient.ORGANIZATION, [other.id], world.session.code, "别校改期")
    await let_in(client, world.teacher)

    page = (await client.get("/invitations")).text

    assert ("本校改期" in page, "别校改期" in page) == (True, False)


async def test_school_sees_which_session_is_postponed(world: World, client: httpx.AsyncClient) -> None:
    await ask_all(world)
    columns: dict[Column | str, Any] = {Session.title: "第三课", Session.postponed_at: clock.now()}
    await Session.update(columns).where(Session.id == world.session.id)
    await let_in(client, world.teacher)

    page = (await client.get("/invitations")).text

    assert ("第三课" in page, "已延期" in page, ">查看</a>" in page) == (True, True, True)


async def test_member_who_opens_anothers_link_answers_in_nobodys_name(
    world: World, client: httpx.AsyncClient
) -> None:
    secrets = await ask_all(world)
    await let_in(client, world.teacher)

    await client.post(f"/invitations/{secrets['耿家盛']}", data=said())

    row = await database.find(
        "SELECT answer, answered_by FROM invitation WHERE secret = $1", secrets["耿家盛"]
    )
    assert tuple(row or ()) == ("accepted", None)


ROUTES = [
    ("POST", "/manage/sessions/{session}/invitations"),
    ("GET", "/manage/sessions/{session}/invitations/{invitation}"),
    ("POST", "/manage/sessions/{session}/invitations/{invitation}/renewal"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(("who", "expected"), [("wang", (200, 303)), ("qian", (404,))])
async def test_invitations_belong_to_their_union(
    world: World, client: httpx.AsyncClient, method: str, path: str, who: str, expected: tuple[int, ...]
) -> None:
    secrets = await ask_all(world)
    other = await make_union("浙江省总工会", "qian", "zhou")
    invitation = await database.value("SELECT min(id) FROM invitation")
    await let_in(client, world.union.wang if who == "wang" else other.wang)

    address = path.format(session=world.session.code, invitation=invitation)
    answer = await client.request(method, address, data={} if method == "POST" else None)
    lists = [(await client.get(page)).text for page in ("/manage/invitations", "/invitations")]

    assert answer.status_code in expected
    assert any("耿家盛" in text for text in lists) == (who == "wang")
    assert who == "wang" or await ask_all(world) == secrets


async def test_invitation_of_another_session_is_not_found(wang: httpx.AsyncClient, world: World) -> None:
    await ask_all(world)
    invitation = await database.value("SELECT min(id) FROM invitation")

    for address in (
        f"/manage/sessions/{world.union.session.code}/invitations/{invitation}",
        f"/manage/sessions/{world.session.code}/invitations/0",
        f"/manage/sessions/{world.session.code}/invitations/{'9' * 21}",
    ):
        assert (await wang.get(address)).status_code == 404


async def test_only_guests_of_the_session_are_asked(world: World) -> None:
    await set_guests(world.union.session.id, world.union.organization.id, [GuestRow("王法官", "", "")])
    stranger = await database.value("SELECT code FROM guest WHERE name = '王法官'")

    for asked in (
        actions.invite_guests(world.union.wang, world.session.code, [stranger]),
        actions.ask_site(world.union.wang, world.union.session.code),
    ):
        with pytest.raises(NotFound):
            await asked

    assert await database.value("SELECT count(*) FROM invitation") == 0


async def test_list_begins_with_what_is_overdue(wang: httpx.AsyncClient, world: World) -> None:
    secrets = await ask_all(world)
    await database.fetch(
        "UPDATE invitation SET asked_at = now() - interval '4 days' WHERE secret = $1", secrets["李律师"]
    )
    await wang.post(f"/invitations/{secrets['耿家盛']}", data=said())

    async def names(answer: str = "") -> list[str]:
        text = unescape((await wang.get("/manage/invitations", params={"answer": answer})).text)
        return re.findall(r'scope="row">(?:<a [^>]*>)?([^<]+)<', text)

    assert await names() == ["李律师", "云南技师学院", "耿家盛"]
    assert await names("accepted") == ["耿家盛"]
    assert await names("declined") == []
    assert await names("nonsense") == await names()


async def asked_session(world: World, number: int) -> None:
    session = await make_session(
        world.union.activity,
        site=world.school.id,
        starts_at=clock.now() + timedelta(days=number),
        ends_at=clock.now() + timedelta(days=number, hours=1),
    )
    await set_guests(session.id, world.union.organization.id, [GuestRow(f"嘉宾{number}", "", "")])
    await actions.invite_guests(world.union.wang, session.code)
    await actions.ask_site(world.union.wang, session.code)


@pytest.mark.parametrize("rows", [1, 3, 30])
@pytest.mark.parametrize(("page", "cost"), [("/manage/invitations", 3), ("/invitations", 5)])
async def test_lists_of_invitations_cost_the_same(
    world: World, client: httpx.AsyncClient, rows: int, page: str, cost: int
) -> None:
    for number in range(1, rows + 1):
        await asked_session(world, number)
    await let_in(client, world.union.wang if page.startswith("/manage") else world.teacher)

    async with counted_statements() as statements:
        answer = await client.get(page)

    assert (answer.status_code, len(statements)) == (200, cost)
    assert answer.text.count('scope="row"') == min(rows * (2 if page.startswith("/manage") else 1), 30)


async def test_unpublished_proposal_can_be_asked_and_answered(
    client: httpx.AsyncClient, world: World
) -> None:
    draft = await make_activity(world.union.organization, published_at=None)
    start: datetime = clock.now() + timedelta(days=3)
    session = await make_session(
        draft, site=world.school.id, starts_at=start, ends_at=start + timedelta(hours=1)
    )
    await actions.ask_site(world.union.wang, session.code)
    secret = await database.value("SELECT secret FROM invitation")

    answered = await client.post(f"/invitations/{secret}", data=said())

    assert (answered.status_code, await standing("云南技师学院")) == (303, ("accepted", "自带工具"))
