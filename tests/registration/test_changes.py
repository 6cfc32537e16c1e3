"""Changes reach people: what is shown before, what is told, and two organisers at one session."""

import asyncio
import re
from collections.abc import Coroutine
from contextvars import Context
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import msgspec
import pytest
from tests.conftest import new_client
from tests.people import (
    Union,
    counted_statements,
    let_in,
    make_account,
    make_organization,
    make_session,
    make_union,
    moment_field,
    register,
)
from tests.races import scan_of

from events_app.accounts.rules import Me
from events_app.accounts.tables import Role
from events_app.checkin.actions import admitting as checkin
from events_app.lib import clock, codes, database
from events_app.lib.errors import Refused
from events_app.notifications import queries
from events_app.notifications.queries import list_messages
from events_app.notifications.tables import Recipient
from events_app.programmes.tables import Session
from events_app.registration.actions import sessions
from events_app.registration.forms import MoveForm
from events_app.web.edge import Edge

WEEK = timedelta(days=7)


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


async def row_of(session: Session) -> Session:
    row = await Session.objects().get(Session.id == session.id)
    assert row
    return row


def shown(page: str, name: str) -> str:
    """What stands in the form under this name."""
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page) or re.search(
        rf'<input[^>]*value="([^"]*)"[^>]*name="{name}"', page
    )
    assert found, name
    return unescape(found[1])


def form_on(page: str) -> dict[str, str]:
    """Everything that a browser would send from the form on this page, but for radios that are not chosen."""
    form = page[page.index(' method="post" action="/manage/sessions/') :].partition("</form>")[0]
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form):
        fields = {name: unescape(text) for name, text in re.findall(r'([a-z-]+)="([^"]*)"', tag)}
        if fields.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        sent[fields["name"]] = fields.get("value", "")
    for name, inner in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        sent[name] = unescape(inner).removeprefix("\n")
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        sent[name] = unescape(chosen[1]) if chosen else ""
    return sent


async def later(session: Session, **more: Any) -> dict[str, Any]:
    """A week later at the same place."""
    row = await row_of(session)
    times = {name: moment_field(getattr(row, name) + WEEK) for name in ("starts_at", "ends_at")}
    return {**times, "venue": "大礼堂", **more}


async def move(client: httpx.AsyncClient, session: Session, **typed: Any) -> httpx.Response:
    """As people do it: look who will be told, then save."""
    address = f"/manage/sessions/{session.code}/move"
    preview = await client.get(address, params=typed)
    return await client.post(address, data=typed | {"told": shown(preview.text, "told")})


async def told(session: Session) -> list[tuple[str, int, str]]:
    rows = await database.fetch(
        "SELECT recipient_kind, recipient, text FROM message WHERE session = $1 ORDER BY id", session.code
    )
    return [(row["recipient_kind"], row["recipient"], row["text"]) for row in rows]


async def audited(session: Session) -> list[tuple[str, dict[str, Any]]]:
    rows = await database.fetch("SELECT action, detail FROM audit_entry WHERE subject = $1", session.code)
    return [(row["action"], msgspec.json.decode(row["detail"])) for row in rows]


async def test_who_is_in_charge_stays_though_they_organise_no_more(
    wang: httpx.AsyncClient, union: Union
) -> None:
    former = await make_account("sun", Role.ORGANIZER, union.organization)
    await Session.update({Session.in_charge: former.account}).where(Session.id == union.session.id)
    await database.fetch("DELETE FROM membership WHERE account = $1", former.account)
    address = f"/manage/sessions/{union.session.code}/edit"

    typed = form_on((await wang.get(address)).text) | {"title": "第二场", "accept_clashes": "yes"}
    saved = await wang.post(address, data=typed)

    row = await row_of(union.session)
    assert saved.status_code == 303
    assert (row.title, row.in_charge) == ("第二场", former.account)


async def zhao_of(session: Session) -> int:
    return int(await database.value("SELECT registration FROM seat WHERE session = $1", session.id))


# Moving


async def test_moving_shows_how_many_it_touches_and_the_very_words_they_read(
    wang: httpx.AsyncClient, union: Union
) -> None:
    session = await make_session(union.activity, capacity=2)
    seats = [await register(session, name) for name in ("赵一", "赵二", "赵三")]
    typed = await later(session, reason="暴雨红色预警")

    preview = await wang.get(f"/manage/sessions/{session.code}/move", params=typed)
    before = await told(session)
    saved = await move(wang, session, **typed)
    ticket = await wang.get(f"/t/{codes.ticket_text(seats[0].ticket, seats[0].signature)}")

    words = unescape(preview.text)
    said = (await told(session))[0][2]
    assert (preview.status_code, before, saved.status_code) == (200, [], 303)
    assert re.findall(r"<dt>(报名成功|待审核|候补)</dt><dd>(\d+)</dd>", words) == [
        ("报名成功", "2"),
        ("待审核", "0"),
        ("候补", "1"),
    ]
    assert said.startswith("改期：“劳模工匠进校园”原定")
    assert said.endswith("原因：暴雨红色预警。您的报名或候补继续有效；不能来时，请在入场码页面取消。")
    assert said in words
    assert said in unescape(ticket.text)
    assert [kind for kind, _id, _text in await told(session)] == ["registration"] * 3


async def test_closing_and_check_in_move_along_and_it_is_postponed_no_longer(
    wang: httpx.AsyncClient, union: Union
) -> None:
    now = clock.now().replace(second=0, microsecond=0)
    times = {"starts_at": now + timedelta(hours=4), "ends_at": now + timedelta(hours=6)}
    session = await make_session(
        union.activity,
        50,
        **times,
        closes_at=times["starts_at"],
        check_in_opens_at=times["starts_at"] - timedelta(minutes=45),
        check_in_closes_at=times["ends_at"],
        postponed_at=now,
    )

    answer = await move(wang, session, **await later(session))

    row = await row_of(session)
    assert answer.status_code == 303
    assert (row.starts_at, row.ends_at) == (times["starts_at"] + WEEK, times["ends_at"] + WEEK)
    assert row.closes_at == row.starts_at
    assert row.check_in_opens_at == row.starts_at - timedelta(minutes=45)
    assert row.check_in_closes_at == row.ends_at
    assert row.postponed_at is None
    assert (row.sequence, row.opens_at) == (1, session.opens_at)


async def test_moving_is_written_down_with_what_it_was_and_who_was_told(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await register(union.session)
    row = await row_of(union.session)
    typed = await later(union.session)

    await move(wang, union.session, **typed)

    [(action, detail)] = await audited(union.session)
    assert (action, detail["sequence"], detail["told"]) == ("session.move", 1, 1)
    assert detail["changes"]["starts_at"] == [moment_field(row.starts_at), typed["starts_at"]]


async def test_another_venue_is_told_with_the_old_one(wang: httpx.AsyncClient, union: Union) -> None:
    await register(union.session)
    row = await row_of(union.session)
    same = {name: moment_field(getattr(row, name)) for name in ("starts_at", "ends_at")}

    await move(wang, union.session, **same, venue="体育馆", address="昆明市安宁市宁波路2号")

    [(_kind, _id, said)] = await told(union.session)
    assert said.startswith("换场地：“劳模工匠进校园”")
    assert "原定在大礼堂（昆明市安宁市宁波路1号），现改在体育馆（昆明市安宁市宁波路2号）。" in said


async def test_guests_and_the_host_school_are_told_and_the_removed_are_not(
    wang: httpx.AsyncClient, union: Union
) -> None:
    school = await make_organization("云南技师学院", "school")
    session = await make_session(union.activity, site=school.id)
    for number, name in enumerate(("耿家盛", "李师傅")):
        await database.fetch(
            """WITH g AS (INSERT INTO guest (code, organization, name) VALUES ($1, $2, $3) RETURNING id)
               INSERT INTO appearance (session, guest) SELECT $4, id FROM g""",
            f"g{number}",
            union.organization.id,
            name,
            session.id,
        )
    page = await wang.get(f"/manage/sessions/{session.code}/edit")
    sent = form_on(page.text) | await later(session, guests="耿家盛")
    sent["closes_at"] = sent["starts_at"]

    asked = await wang.post(f"/manage/sessions/{session.code}/edit", data=sent)
    saved = await wang.post(f"/manage/sessions/{session.code}/edit", data=form_on(asked.text))

    stays = await database.value("SELECT id FROM guest WHERE name = '耿家盛'")
    assert (asked.status_code, saved.status_code) == (409, 303)
    assert [(kind, who) for kind, who, _text in await told(session)] == [
        ("guest", stays),
        ("organization", school.id),
    ]
    assert all("如果与您的安排冲突，请告诉主办单位。" in text for _kind, _who, text in await told(session))


async def test_who_had_answered_is_told_once_of_the_move_and_asked_again(
    wang: httpx.AsyncClient, union: Union
) -> None:
    school = await make_organization("云南技师学院", "school")
    session = await make_session(union.activity, site=school.id)
    await database.fetch(
        """WITH g AS (INSERT INTO guest (code, organization, name) VALUES ('g1', $1, '耿家盛'), ('g2', $1, '李律师')
                      RETURNING id, code),
                ap AS (INSERT INTO appearance (session, guest) SELECT $2, id FROM g)
           INSERT INTO invitation (session, guest, secret, answer, remark, asked_at, asked_by)
                SELECT $2, id, code, CASE code WHEN 'g1' THEN 'accepted' ELSE 'open' END, '', now(), $3 FROM g""",
        union.organization.id,
        session.id,
        union.wang.account,
    )

    await move(wang, session, **await later(session))

    texts = {(kind, who): text for kind, who, text in await told(session)}
    assert len(texts) == len(await told(session)) == 3
    assert all(text.startswith("改期：“劳模工匠进校园”原定") for text in texts.values())
    geng = await database.value("SELECT id FROM guest WHERE code = 'g1'")
    asked_again = [who for who, text in texts.items() if "您以前的答复不再有效" in text]
    assert asked_again == [("guest", geng)]
    [(_action, detail)] = [entry for entry in await audited(session) if entry[0] == "session.move"]
    assert detail["told"] == 3


async def test_messages_are_kept_in_both_languages_whoever_saves(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await register(union.session)

    wang.cookies.set("events_language", "en")
    await move(wang, union.session, **await later(union.session))

    row = await database.find("SELECT text, english FROM message")
    assert row
    assert row["text"].startswith("改期：")
    assert row["english"] != row["text"]


@pytest.mark.parametrize(("off", "why"), [(True, "本场已经取消"), (False, "本场已经结束")])
async def test_what_does_not_take_place_is_not_moved(
    wang: httpx.AsyncClient, union: Union, off: bool, why: str
) -> None:
    typed = await later(union.session)
    now = clock.now()
    columns: dict[Any, Any] = (
        {"called_off_at": now}
        if off
        else {
            "starts_at": now - timedelta(hours=3),
            "ends_at": now - timedelta(hours=1),
            "closes_at": now - timedelta(hours=2),
        }
    )
    await Session.update(columns).where(Session.id == union.session.id)
    address = f"/manage/sessions/{union.session.code}/move"

    answers = [await wang.get(address), await wang.post(address, data=typed)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert all(f"{why}，不能再改期或换场地。" in answer.text for answer in answers)
    assert await told(union.session) == []


async def test_what_somebody_came_to_is_not_moved_to_later(wang: httpx.AsyncClient, union: Union) -> None:
    seat = await register(union.session)
    await checkin.admit(scan_of(union.session.code, seat.ticket, seat.signature, union.li.account))

    answer = await wang.post(f"/manage/sessions/{union.session.code}/move", data=await later(union.session))

    assert (answer.status_code, "本场已有1人签到，不能再改到以后。" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"starts_at": "明天"}, "请选择日期和时间"),
        ({"venue": ""}, "这一项必须填写。"),
        ({"ends_at": "2020-01-01T09:00"}, "结束时间应晚于开始时间。"),
        ({"starts_at": "2020-01-01T09:00", "ends_at": "2020-01-01T10:00"}, "报名截止时间随开始时间移动"),
        ({"venue": "场" * 204}, "最多203"),
        ({"reason": "因" * 201}, "最多200"),
    ],
)
async def test_bad_moves_come_back_with_what_was_typed(
    wang: httpx.AsyncClient, union: Union, typed: dict[str, str], sentence: str
) -> None:
    sent = await later(union.session, address="某街<b>1号") | typed

    answer = await wang.post(f"/manage/sessions/{union.session.code}/move", data=sent)

    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert "某街&lt;b&gt;1号" in answer.text
    assert (await row_of(union.session)).sequence == 0


@pytest.mark.parametrize("text", ["%00", "%FF%FE", "<b>%0d%0a", "x" * 3000, "%F0%AC%B1%96", "%E2%80%AE"])
@pytest.mark.parametrize("name", ["starts_at", "venue", "address", "reason", "unknown"])
async def test_address_of_a_move_may_say_anything(
    wang: httpx.AsyncClient, union: Union, name: str, text: str
) -> None:
    answer = await wang.get(f"/manage/sessions/{union.session.code}/move?{name}={text}")

    assert answer.status_code in (200, 422)
    assert "<b>" not in answer.text


async def test_another_union_finds_nothing_to_move(wang: httpx.AsyncClient, app: Edge) -> None:
    theirs = await make_union("浙江省总工会", "qian", "zhou")
    address = f"/manage/sessions/{theirs.session.code}"

    answers = [
        await wang.get(f"{address}/move"),
        await wang.post(f"{address}/move", data=await later(theirs.session)),
        await wang.get(f"{address}/edit"),
        await wang.post(f"{address}/edit", data={"mine": "{}"}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert (await row_of(theirs.session)).sequence == 0


async def test_saving_the_same_move_twice_is_no_conflict(wang: httpx.AsyncClient, union: Union) -> None:
    await register(union.session)
    address = f"/manage/sessions/{union.session.code}/move"
    page = await wang.get(address, params=await later(union.session))
    typed = form_on(page.text)

    saved = [await wang.post(address, data=typed) for _tap in range(2)]

    assert [answer.status_code for answer in saved] == [303, 303]
    assert len(await told(union.session)) == 1
    assert (await row_of(union.session)).sequence == union.session.sequence + 1


async def test_looking_changes_nothing(wang: httpx.AsyncClient, union: Union) -> None:
    await register(union.session)
    before = await database.find("SELECT s.* FROM session s WHERE id = $1", union.session.id)

    answer = await wang.get(
        f"/manage/sessions/{union.session.code}/move", params=await later(union.session, venue="新场地")
    )

    assert answer.status_code == 200
    assert await database.find("SELECT s.* FROM session s WHERE id = $1", union.session.id) == before
    assert await database.value("SELECT count(*) FROM venue WHERE name = '新场地'") == 0
    assert await told(union.session) == []


async def test_part_of_a_page_is_enough_beside_the_calendar(wang: httpx.AsyncClient, union: Union) -> None:
    address = f"/manage/sessions/{union.session.code}/move"

    part = await wang.get(address, headers={"hx-request": "true", "hx-request-type": "partial"})

    assert (part.status_code, "<html" in part.text, 'id="move"' in part.text) == (200, False, True)


@pytest.mark.parametrize(
    ("came_from", "led_to"),
    [
        (
            "https://x.test/manage/calendar?view=week&date=2027-03-10",
            "/manage/calendar?view=week&date=2027-03-10",
        ),
        ("/manage/calendar", "/manage/calendar"),
        ("https://evil.test/elsewhere", ""),
        ("//evil.test/manage/calendars", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
async def test_saving_a_move_leads_back_to_the_calendar_it_was_opened_from(
    wang: httpx.AsyncClient, union: Union, came_from: str, led_to: str
) -> None:
    address = f"/manage/sessions/{union.session.code}/move"
    await register(union.session)

    page = await wang.get(address, headers={"referer": came_from})
    typed = form_on(page.text) | await later(union.session)
    asked = await wang.post(address, data=typed)
    saved = await wang.post(address, data=form_on(asked.text))

    assert (asked.status_code, saved.status_code) == (409, 303)
    assert saved.headers["location"] == (led_to or f"/manage/sessions/{union.session.code}")


async def test_nobody_is_told_before_the_words_were_shown(wang: httpx.AsyncClient, union: Union) -> None:
    await register(union.session)
    typed = await later(union.session)

    answer = await wang.post(f"/manage/sessions/{union.session.code}/move", data=typed | {"told": "0" * 16})

    assert (answer.status_code, await told(union.session)) == (409, [])
    assert "这次改动会通知下面的人。请核对后再保存。" in answer.text
    assert (await row_of(union.session)).sequence == 0


async def test_a_move_that_touches_nobody_is_saved_at_once(wang: httpx.AsyncClient, union: Union) -> None:
    typed = await later(union.session)

    answer = await wang.post(f"/manage/sessions/{union.session.code}/move", data=typed)

    assert (answer.status_code, (await row_of(union.session)).sequence) == (303, 1)


@pytest.mark.parametrize("people", [1, 3, 30])
async def test_moving_costs_the_same_for_many_people(
    wang: httpx.AsyncClient, union: Union, people: int
) -> None:
    for number in range(people):
        await register(union.session, f"赵{number}")
    typed = await later(union.session)
    preview = await wang.get(f"/manage/sessions/{union.session.code}/move", params=typed)
    typed["told"] = shown(preview.text, "told")

    async with counted_statements() as statements:
        answer = await wang.post(f"/manage/sessions/{union.session.code}/move", data=typed)

    assert answer.status_code == 303
    assert len([s for s in statements if "INSERT INTO message" in s]) == 1
    assert len(statements) <= 40


# One transaction


async def test_move_that_is_cut_off_half_way_has_told_nobody(
    union: Union, monkeypatch: pytest.MonkeyPatch
) -> None:
    await register(union.session)
    row = await row_of(union.session)
    form = MoveForm(starts_at=row.starts_at + WEEK, ends_at=row.ends_at + WEEK, venue="大礼堂", address="")
    preview, _clashes = await sessions.preview_move(union.wang, union.session.code, form)
    assert preview
    form.told = preview.key
    told_before_the_cut: list[int] = []

    async def cut_off(*_args: object, **_named: object) -> None:
        told_before_the_cut.append(len(await told(union.session)))
        raise ConnectionError

    monkeypatch.setattr(sessions, "audit", cut_off)
    with pytest.raises(ConnectionError):
        await sessions.move_session(union.wang, union.session.code, form)

    assert told_before_the_cut == [1]
    assert await told(union.session) == []
    assert (await row_of(union.session)).starts_at == row.starts_at


async def test_message_that_cannot_be_written_moves_nothing(
    union: Union, monkeypatch: pytest.MonkeyPatch
) -> None:
    await register(union.session)

    async def full(*_args: object) -> int:
        raise OSError("disk full")

    monkeypatch.setattr(queries, "add_messages", full)
    with pytest.raises(OSError, match="disk full"):
        await sessions.call_off(union.wang, union.session.code, "暴雨")

    row = await row_of(union.session)
    assert row.called_off_at is None
    assert (row.sequence, await audited(union.session)) == (0, [])


async def test_calling_off_shows_whom_it_touches_and_tells_them(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await register(union.session)
    address = f"/manage/sessions/{union.session.code}/call-off"

    page = unescape((await wang.get(address)).text)
    await wang.post(address, data={"reason": "因暴雨红色预警。"})

    [message] = await list_messages(Recipient.REGISTRATION, await zhao_of(union.session))
    shown_text = re.search(r"<blockquote>(.*?)</blockquote>", page)
    assert shown_text
    assert "<dt>报名成功</dt><dd>1</dd>" in page
    assert message.text == shown_text[1] + "原因：因暴雨红色预警。"


async def test_what_was_called_off_looks_so_on_the_poster_and_at_the_gate(
    wang: httpx.AsyncClient, union: Union
) -> None:
    paths = (f"/s/{union.session.code}/poster", f"/gate/{union.session.code}")
    alive = [(await wang.get(path)).text for path in paths]
    await sessions.call_off(union.wang, union.session.code, "因暴雨红色预警")

    poster, gate = [unescape((await wang.get(path)).text) for path in paths]

    assert ('class="poster-code"' in alive[0], "door-off" in alive[1]) == (True, False)
    assert ("本场已取消：因暴雨红色预警" in poster, "扫码报名" in poster) == (True, False)
    assert "本场已取消，谁的入场码都不能放行。" in gate


async def test_calendar_file_of_the_ticket_hears_of_every_change(
    wang: httpx.AsyncClient, union: Union
) -> None:
    seat = await register(union.session)
    address = f"/t/{codes.ticket_text(seat.ticket, seat.signature)}/calendar.ics"
    typed = await later(union.session)

    await move(wang, union.session, **typed)
    moved = (await wang.get(address)).text
    await sessions.call_off(union.wang, union.session.code, "暴雨")
    off = (await wang.get(address)).text

    start = clock.local((await row_of(union.session)).starts_at)
    assert f"{start:%Y%m%dT%H%M}" in moved
    assert ("SEQUENCE:1" in moved, "SEQUENCE:2" in off) == (True, True)
    assert ("STATUS:CANCELLED" in moved, "STATUS:CANCELLED" in off) == (False, True)


# Two people


async def two_at_one_form(
    app: Edge, union: Union, first: dict[str, str], second: dict[str, str]
) -> tuple[httpx.Response, httpx.AsyncClient, Me]:
    """Both open the form, the first saves, then the second: their answer."""
    chen = await make_account("chen", Role.ORGANIZER, union.organization)
    one, two = new_client(app), new_client(app)
    await let_in(one, union.wang)
    await let_in(two, chen)
    address = f"/manage/sessions/{union.session.code}/edit"
    forms = [form_on((await someone.get(address)).text) for someone in (one, two)]
    saved = await one.post(address, data=forms[0] | first)
    assert saved.status_code == 303, saved.text
    return await two.post(address, data=forms[1] | second), two, chen


def cells(page: str) -> list[list[str]]:
    """The words of each row, side by side."""
    body = page.partition("<tbody")[2].partition("</tbody>")[0]
    rows = re.findall(r'<tr role="row"[^>]*>(.*?)</tr>', body, re.DOTALL)
    return [
        [
            re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", cell)))
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


async def test_second_save_gets_what_the_first_changed_side_by_side(app: Edge, union: Union) -> None:
    answer, _two, _chen = await two_at_one_form(
        app, union, {"capacity": "80", "title": "第一场"}, {"capacity": "60", "guests": "耿家盛"}
    )

    row = await row_of(union.session)
    assert (answer.status_code, row.capacity, row.title) == (409, 80, "第一场")
    rows = {field: rest for field, *rest in cells(answer.text)}
    assert rows.keys() == {"场次名称", "嘉宾", "名额"}
    assert [re.sub(r"\d\d:\d\d$", "", cell) for cell in rows["名额"]] == [
        "50",
        "用对方的：80wang",
        "用我的：60",
    ]
    assert rows["嘉宾"] == ["（空）", "用对方的：（空）", "用我的：耿家盛"]


async def test_who_was_chosen_is_saved_and_the_other_does_not_come_back(app: Edge, union: Union) -> None:
    answer, two, _chen = await two_at_one_form(
        app, union, {"capacity": "80", "title": "第一场"}, {"capacity": "60", "guests": "耿家盛"}
    )
    address = f"/manage/sessions/{union.session.code}/edit"
    preset = form_on(answer.text)

    saved = await two.post(address, data=preset | {"keep_capacity": "mine"})

    row = await row_of(union.session)
    assert {name: said for name, said in preset.items() if name.startswith("keep_")} == {
        "keep_title": "theirs",
        "keep_guests": "mine",
    }
    assert (saved.status_code, row.capacity, row.title, row.sequence) == (303, 60, "第一场", 2)
    assert await database.value("SELECT name FROM guest") == "耿家盛"


async def test_a_real_conflict_has_to_be_chosen_and_nothing_typed_is_lost(app: Edge, union: Union) -> None:
    answer, two, _chen = await two_at_one_form(app, union, {"capacity": "80"}, {"capacity": "60"})
    address = f"/manage/sessions/{union.session.code}/edit"

    again = await two.post(address, data=form_on(answer.text))
    saved = await two.post(address, data=form_on(again.text) | {"keep_capacity": "theirs"})

    assert (again.status_code, "请为“名额”选择一项。" in unescape(again.text)) == (409, True)
    assert "用我的：60" in cells(again.text)[0]
    assert (saved.status_code, (await row_of(union.session)).capacity) == (303, 80)


async def test_guest_whose_honour_has_commas_stays_the_same_guest(
    wang: httpx.AsyncClient, union: Union
) -> None:
    honour, unit = "全国劳动模范，中华技能大奖获得者, 全国技术能手", "Kunming Tools Co., Ltd.，一车间"
    await wang.post(
        "/manage/guests", data={"name": "耿家盛", "honour": honour, "unit": unit, "weekdays": "0"}
    )
    guest = await database.value("SELECT id FROM guest")
    await database.fetch("INSERT INTO appearance (session, guest) VALUES ($1, $2)", union.session.id, guest)
    address = f"/manage/sessions/{union.session.code}/edit"
    page = await wang.get(address)

    asked = await wang.post(address, data=form_on(page.text) | {"capacity": "77"})

    assert asked.status_code == 303
    kept = await database.fetch("SELECT guest FROM appearance WHERE session = $1", union.session.id)
    assert [row["guest"] for row in kept] == [guest]
    assert await database.value("SELECT count(*) FROM guest") == 1
    assert (
        await database.value("SELECT honour FROM guest") == "全国劳动模范、中华技能大奖获得者、全国技术能手"
    )


async def test_a_third_save_while_choosing_is_shown_too(app: Edge, union: Union) -> None:
    answer, two, _chen = await two_at_one_form(app, union, {"capacity": "80"}, {"capacity": "60"})
    await Session.update({Session.capacity: 90}).where(Session.id == union.session.id)

    again = await two.post(
        f"/manage/sessions/{union.session.code}/edit",
        data=form_on(answer.text) | {"keep_capacity": "mine"},
    )

    assert again.status_code == 409
    assert cells(again.text)[0][1].startswith("80")
    assert cells(again.text)[0][2].startswith("用对方的：90")


async def test_the_same_change_twice_is_no_conflict(app: Edge, union: Union) -> None:
    answer, _two, _chen = await two_at_one_form(app, union, {"capacity": "80"}, {"capacity": "80"})

    assert (answer.status_code, (await row_of(union.session)).sequence) == (303, 1)


async def test_move_over_somebody_elses_is_asked_about(wang: httpx.AsyncClient, union: Union) -> None:
    await register(union.session)
    address = f"/manage/sessions/{union.session.code}/move"
    opened = form_on(f'<form method="post" action="/manage/sessions/{(await wang.get(address)).text}')
    typed = await later(union.session)
    await move(wang, union.session, **await later(union.session, venue="体育馆"))
    preview = {"told": shown((await wang.get(address, params=typed)).text, "told")}

    answer = await wang.post(address, data=typed | preview | {"sequence": opened.get("sequence", "0")})
    saved = await wang.post(address, data=form_on(answer.text.replace('class="card move" id="move" ', "")))

    assert (answer.status_code, "您填写的时候，本场已被别人改过" in answer.text) == (409, True)
    assert "体育馆" in answer.text
    assert saved.status_code == 303


@pytest.mark.parametrize("hostile", ['{"capacity": 5}', "[1]", "“", '{"x": "' + "y" * 9000 + '"}'])
async def test_a_base_that_is_none_of_ours_does_no_harm(
    wang: httpx.AsyncClient, union: Union, hostile: str
) -> None:
    address = f"/manage/sessions/{union.session.code}/edit"
    sent = form_on((await wang.get(address)).text) | {"base": hostile, "capacity": "70"}

    answers = [
        await wang.post(address, data=sent),
        await wang.post(address, data=sent | {"mine": hostile, "theirs": hostile}),
    ]

    assert answers[0].status_code == 303
    assert answers[1].status_code in (303, 409, 422)


def elsewhere(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """On another connection, in a transaction of its own."""
    return asyncio.create_task(work, context=Context())


async def test_of_two_saves_at_the_same_moment_one_is_asked(committed_db: str) -> None:
    union = await make_union()
    await register(union.session)
    chen = await make_account("chen", Role.ORGANIZER, union.organization)
    row = await row_of(union.session)
    forms = [
        MoveForm(
            starts_at=row.starts_at + days * WEEK,
            ends_at=row.ends_at + days * WEEK,
            venue="大礼堂",
            address="",
            sequence=0,
        )
        for days in (1, 2)
    ]
    for form in forms:
        preview, _clashes = await sessions.preview_move(union.wang, union.session.code, form)
        assert preview
        form.told = preview.key

    async with database.transaction():
        await database.fetch("SELECT FROM session WHERE id = $1 FOR UPDATE", union.session.id)
        saving = [
            elsewhere(sessions.move_session(me, union.session.code, form))
            for me, form in zip((union.wang, chen), forms, strict=True)
        ]
        await asyncio.sleep(0.5)  # until both wait
    answers = await asyncio.gather(*saving, return_exceptions=True)

    assert sorted(type(answer).__name__ for answer in answers) == ["ChangedMeanwhile", "NoneType"]
    assert isinstance(next(answer for answer in answers if answer), Refused)
    assert len(await told(union.session)) == 1
    assert (await row_of(union.session)).sequence == 1


# History


async def test_history_says_who_did_what_when_in_words(app: Edge, union: Union) -> None:
    await two_at_one_form(app, union, {"capacity": "80"}, {"capacity": "80"})
    async with new_client(app) as wang:
        await let_in(wang, union.wang)
        await move(wang, union.session, **await later(union.session, reason="停电", venue="体育馆"))

        page = unescape((await wang.get(f"/manage/sessions/{union.session.code}")).text)

    history = page[page.index('class="history"') :]
    assert "改动记录（2条）" in history
    assert "名额：由“50”改为“80”" in history
    assert "场地：由“大礼堂”改为“体育馆”" in history
    assert "原因：停电" in history
    assert "wang" in history
