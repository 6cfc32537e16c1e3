"""The approval desk: yes and no to one or many, with a message, and taking back a no."""

from typing import Any

import httpx
import pytest
from tests.people import (
    Union,
    counted_statements,
    let_in,
    make_activity,
    make_session,
    make_union,
    register,
)

from events_app.lib import clock, database
from events_app.lib.errors import NotFound, Refused
from events_app.programmes.tables import Activity, Admission, Extent, Session
from events_app.registration.actions import decisions as actions
from events_app.registration.rules.seats import state_name
from events_app.registration.tables import Cause, SeatState


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


@pytest.fixture
async def activity(union: Union) -> Activity:
    return await make_activity(union.organization, title="法律援助进驿站", admission=Admission.APPROVAL)


def desk(activity: Activity) -> str:
    return f"/manage/activities/{activity.code}/approvals"


async def standing(session: Session) -> tuple[list[str], int, int]:
    """Its seats' states by joining, and its counters."""
    rows = await database.fetch("SELECT state FROM seat WHERE session = $1 ORDER BY id", session.id)
    row = await database.find("SELECT taken, waiting FROM session WHERE id = $1", session.id)
    assert row
    return [seat["state"] for seat in rows], row["taken"], row["waiting"]


async def told() -> list[str]:
    rows = await database.fetch("SELECT text FROM message WHERE recipient_kind = 'registration' ORDER BY id")
    return [row["text"] for row in rows]


async def test_many_are_accepted_at_once_and_told(wang: httpx.AsyncClient, activity: Activity) -> None:
    first, second = await make_session(activity), await make_session(activity)
    seats = [await register(first, "赵一"), await register(first, "赵二"), await register(second, "赵三")]

    answer = await wang.post(
        f"{desk(activity)}/acceptances",
        data={"seats": [str(seat.seat) for seat in seats], "message": "请带身份证"},
    )

    shown = await wang.get(answer.headers["location"])
    assert (answer.status_code, "已通过3人" in shown.text) == (303, True)
    assert await standing(first) == (["confirmed", "confirmed"], 2, 0)
    assert await standing(second) == (["confirmed"], 1, 0)
    texts = await told()
    assert len(texts) == 3
    assert all("已通过审核。组织者留言：请带身份证。" in text for text in texts)


async def test_declined_gives_the_place_to_the_next_in_line(
    wang: httpx.AsyncClient, activity: Activity
) -> None:
    session = await make_session(activity, capacity=1)
    seat, _next = await register(session, "赵一"), await register(session, "赵二")

    await wang.post(f"{desk(activity)}/refusals", data={"seats": str(seat.seat), "message": "名额只给新人"})

    assert await standing(session) == (["released", "pending"], 1, 0)
    declined = (await wang.get(f"{desk(activity)}?state=declined")).text
    assert "未通过" in declined
    assert "名额只给新人" in declined
    assert any("没有通过审核。组织者留言：名额只给新人。" in text for text in await told())


async def test_declined_reads_declined_and_cancelled_reads_cancelled() -> None:
    assert state_name(SeatState.RELEASED, Cause.DECLINED) == "未通过"
    assert state_name(SeatState.RELEASED, Cause.CANCELLED) == "已取消"


async def test_somebody_who_waits_or_has_a_place_can_be_declined(union: Union, activity: Activity) -> None:
    session = await make_session(activity, capacity=1)
    held, waits = await register(session, "赵一"), await register(session, "赵二")
    await actions.accept(union.wang, activity.code, [held.seat], "")

    await actions.decline_many(union.wang, activity.code, [waits.seat], "")
    assert await standing(session) == (["confirmed", "released"], 1, 0)

    await actions.decline_many(union.wang, activity.code, [held.seat], "")
    assert await standing(session) == (["released", "released"], 0, 0)


async def test_a_no_is_taken_back_while_there_is_a_place(wang: httpx.AsyncClient, activity: Activity) -> None:
    session = await make_session(activity, capacity=1)
    seat = await register(session, "赵一")
    await wang.post(f"{desk(activity)}/refusals", data={"seats": str(seat.seat)})

    answer = await wang.post(f"{desk(activity)}/restorations?state=declined", data={"seats": str(seat.seat)})

    assert (answer.status_code, await standing(session)) == (303, (["pending"], 1, 0))
    assert "将重新审核" in (await told())[-1]


async def test_a_no_is_not_taken_back_when_the_place_is_gone(
    wang: httpx.AsyncClient, activity: Activity
) -> None:
    session = await make_session(activity, capacity=1)
    seat = await register(session, "赵一")
    await wang.post(f"{desk(activity)}/refusals", data={"seats": str(seat.seat)})
    await register(session, "赵二")

    answer = await wang.post(f"{desk(activity)}/restorations?state=declined", data={"seats": str(seat.seat)})

    assert (answer.status_code, "不能撤销" in answer.text) == (409, True)
    assert await standing(session) == (["released", "pending"], 1, 0)


async def test_a_no_is_not_taken_back_for_whoever_chose_another_session(
    union: Union, activity: Activity
) -> None:
    await Activity.update({"extent": Extent.ONE}).where(Activity.id == activity.id)
    first, second = await make_session(activity), await make_session(activity)
    seat = await register(first)
    await actions.decline_many(union.wang, activity.code, [seat.seat], "")
    await register(second)

    with pytest.raises(Refused):
        await actions.restore(union.wang, activity.code, [seat.seat], "")

    assert await standing(first) == (["released"], 0, 0)


@pytest.mark.parametrize(
    ("rule", "unit", "reason"),
    [({"unit_quota": 1}, "第一小学", "unit_full"), ({"most_sessions": 1}, "", "limit")],
)
async def test_a_no_is_not_taken_back_against_the_rules(
    union: Union, activity: Activity, rule: dict[Any, Any], unit: str, reason: str
) -> None:
    await Activity.update(rule).where(Activity.id == activity.id)
    first, second = await make_session(activity), await make_session(activity)
    seat = await register(first, "赵一", unit=unit)
    await actions.decline_many(union.wang, activity.code, [seat.seat], "")
    if unit:
        await register(first, "钱二", unit=unit)
    else:
        await register(second, "赵一")

    with pytest.raises(Refused) as refused:
        await actions.restore(union.wang, activity.code, [seat.seat], "")

    assert (refused.value.reason, (await standing(first))[0][0]) == (reason, "released")


async def test_places_are_looked_at_again_when_accepting(union: Union, activity: Activity) -> None:
    session = await make_session(activity, capacity=2)
    seats = [await register(session, name) for name in ("赵一", "赵二")]
    await Session.update({Session.capacity: 2, Session.taken: 3}, force=True).where(Session.id == session.id)

    with pytest.raises(Refused) as refused:
        await actions.accept(union.wang, activity.code, [seat.seat for seat in seats], "")

    assert (refused.value.reason, (await standing(session))[0]) == ("full", ["pending", "pending"])


async def test_what_is_over_is_not_accepted_any_more(union: Union, activity: Activity) -> None:
    session = await make_session(activity)
    seat = await register(session)
    await Session.update({Session.called_off_at: clock.now()}).where(Session.id == session.id)

    with pytest.raises(Refused) as refused:
        await actions.accept(union.wang, activity.code, [seat.seat], "")

    assert refused.value.reason == "closed"


async def test_what_a_colleague_decided_is_passed_over(wang: httpx.AsyncClient, activity: Activity) -> None:
    session = await make_session(activity)
    first, second = await register(session, "赵一"), await register(session, "赵二")
    await wang.post(f"{desk(activity)}/refusals", data={"seats": str(first.seat)})
    both = {"seats": [str(first.seat), str(second.seat)]}

    answers = [await wang.post(f"{desk(activity)}/acceptances", data=both) for _twice in range(2)]

    assert [answer.status_code for answer in answers] == [303, 409]
    assert "accepted=1" in answers[0].headers["location"]
    assert "已经处理过了" in answers[1].text
    assert await standing(session) == (["released", "confirmed"], 1, 0)


async def test_nobody_ticked_is_said_and_the_message_is_kept(
    wang: httpx.AsyncClient, activity: Activity
) -> None:
    await register(await make_session(activity))

    answer = await wang.post(f"{desk(activity)}/acceptances", data={"message": "请带身份证"})

    assert answer.status_code == 409
    assert "还没有选人" in answer.text
    assert 'value="请带身份证"' in answer.text


@pytest.mark.parametrize("extent", [Extent.COURSE, Extent.SEVERAL])
async def test_a_course_is_decided_as_a_whole(union: Union, activity: Activity, extent: Extent) -> None:
    sessions = [await make_session(activity) for _n in range(3)]
    if extent == Extent.COURSE:
        await Activity.update({"extent": extent}).where(Activity.id == activity.id)
        seat = await register(sessions[0])
    else:
        seat, *_others = [await register(session) for session in sessions]

    await actions.accept(union.wang, activity.code, [seat.seat], "")

    others = ["confirmed"] if extent == Extent.COURSE else ["pending"]
    assert [(await standing(session))[0] for session in sessions] == [["confirmed"], others, others]
    assert len(await told()) == 1


async def test_desk_finds_by_session_unit_state_and_words(
    wang: httpx.AsyncClient, activity: Activity
) -> None:
    first, second = await make_session(activity), await make_session(activity)
    await register(first, "赵一", unit="第一小学")
    await register(second, "钱二", unit="第二小学")

    async def found(**sought: str) -> list[str]:
        text = (await wang.get(desk(activity), params=sought)).text
        return [name for name in ("赵一", "钱二") if f"选择{name}" in text]

    assert await found() == ["赵一", "钱二"]
    assert await found(session=second.code) == ["钱二"]
    assert await found(unit="第一小学") == ["赵一"]
    assert await found(words="钱") == ["钱二"]
    assert await found(state="declined") == []
    assert await found(state="nonsense") == ["赵一", "钱二"]


async def test_all_of_a_page_are_ticked_by_a_link(wang: httpx.AsyncClient, activity: Activity) -> None:
    session = await make_session(activity)
    await register(session, "赵一")
    await register(session, "赵二")

    text = (await wang.get(f"{desk(activity)}?everybody=1")).text

    assert text.count(" checked") == 2


async def test_pages_say_how_many_wait_for_a_yes(wang: httpx.AsyncClient, activity: Activity) -> None:
    session = await make_session(activity)
    await register(session, "赵一")
    await register(session, "赵二")

    activities = (await wang.get("/manage")).text
    own = (await wang.get(f"/manage/sessions/{session.code}")).text

    assert "待审核2人" in activities
    assert f'/approvals?session={session.code}">2</a>' in own


async def test_another_unions_organiser_sees_and_decides_nothing(
    client: httpx.AsyncClient, union: Union, activity: Activity
) -> None:
    session = await make_session(activity)
    seat = await register(session)
    theirs = await make_union("浙江省总工会", "qian", "zhou")
    await let_in(client, theirs.wang)

    page = await client.get(desk(activity))
    posted = await client.post(f"{desk(activity)}/acceptances", data={"seats": str(seat.seat)})
    own_desk = f"/manage/activities/{theirs.activity.code}/approvals"
    smuggled = await client.post(f"{own_desk}/acceptances", data={"seats": str(seat.seat)})

    assert (page.status_code, posted.status_code, smuggled.status_code) == (404, 404, 404)
    with pytest.raises(NotFound):
        await actions.decline_many(theirs.wang, activity.code, [seat.seat], "")
    assert (await standing(session))[0] == ["pending"]


@pytest.mark.parametrize("seats", [["x"], ["9" * 30], ["-1"], ["0"]])
async def test_ids_that_are_none_do_no_harm(
    wang: httpx.AsyncClient, activity: Activity, seats: list[str]
) -> None:
    await register(await make_session(activity))

    answer = await wang.post(f"{desk(activity)}/acceptances", data={"seats": seats})

    assert answer.status_code in (404, 409)


async def test_every_decision_is_written_down(union: Union, activity: Activity) -> None:
    session = await make_session(activity)
    seat = await register(session)

    await actions.decline_many(union.wang, activity.code, [seat.seat], "资料不全")
    await actions.restore(union.wang, activity.code, [seat.seat], "")
    await actions.accept(union.wang, activity.code, [seat.seat], "")

    rows = await database.fetch(
        "SELECT action, subject FROM audit_entry WHERE action LIKE 'seat.%' ORDER BY id"
    )
    assert [tuple(row) for row in rows] == [
        (f"seat.{verb}", f"{session.code}/{seat.seat}") for verb in ("decline", "restore", "confirm")
    ]


async def test_desk_costs_the_same_for_few_and_for_many(wang: httpx.AsyncClient, activity: Activity) -> None:
    session = await make_session(activity)
    await wang.get(desk(activity))  # the first look makes the activity's first terms
    counts: list[Any] = []
    for names in (["赵一"], [f"赵{n}" for n in range(30)]):
        for name in names:
            await register(session, name)
        async with counted_statements() as statements:
            await wang.get(desk(activity))
        counts.append(len(statements))

    assert counts[0] == counts[1]
