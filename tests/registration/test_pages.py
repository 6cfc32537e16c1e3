"""What a participant sees after scanning a poster, and what registering does."""

import re
from datetime import timedelta
from html import unescape

import httpx
import pytest
from tests.conftest import new_client
from tests.people import (
    Union,
    counted_statements,
    let_in,
    make_activity,
    make_session,
    make_terms,
    make_union,
    register,
)

from events_app.lib import clock, database
from events_app.programmes.tables import Kind, Session
from events_app.registration.actions import sessions
from events_app.web.edge import Edge

ZHAO = {"name": "赵敏", "phone": "199 0000 1234", "unit": "昆明机床厂", "consent": "yes"}
FIND = "/tickets/find?registered=yes"


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


async def post(client: httpx.AsyncClient, to: Session, **changes: str) -> httpx.Response:
    return await client.post(f"/s/{to.code}/registrations", data=ZHAO | changes)


async def test_page_says_what_when_where_and_how_many_are_left(
    union: Union, client: httpx.AsyncClient
) -> None:
    session = await make_session(union.activity, capacity=3)
    await register(session)

    answer = await client.get(f"/s/{session.code}")

    assert answer.status_code == 200
    for text in (
        "劳模工匠进校园",
        "大礼堂",
        "昆明市安宁市宁波路1号",
        "云南省总工会",
        "还剩2个名额",
        "个人信息告知",
    ):
        assert text in answer.text


async def test_registering_leads_to_the_ticket(union: Union, client: httpx.AsyncClient) -> None:
    answer = await post(client, union.session)

    assert answer.status_code == 303
    ticket = await client.get(answer.headers["location"])
    assert answer.headers["location"].startswith("/t/")
    assert all(text in ticket.text for text in ("报名成功", "赵敏", "昆明机床厂", "<svg"))


async def test_phone_is_kept_as_digits(union: Union, client: httpx.AsyncClient) -> None:
    await post(client, union.session, phone="＋８６ １９９－００００－１２３４")

    assert await database.value("SELECT phone FROM person") == "19900001234"


async def test_full_session_gives_a_number_on_the_waiting_list(
    union: Union, client: httpx.AsyncClient
) -> None:
    session = await make_session(union.activity, capacity=1)
    await register(session, "钱二")
    await register(session, "孙三")

    page = await client.get(f"/s/{session.code}")
    answer = await post(client, session)

    assert "候补名单第2位" in page.text
    ticket = (await client.get(answer.headers["location"])).text
    assert "第2位" in ticket
    assert "入场二维码" not in ticket


async def test_same_phone_gets_the_same_ticket(union: Union, client: httpx.AsyncClient) -> None:
    first, second = await post(client, union.session), await post(client, union.session)

    assert first.headers["location"] == second.headers["location"]
    assert await database.value("SELECT taken FROM session WHERE id = $1", union.session.id) == 1


async def test_another_phone_has_to_find_the_ticket(
    union: Union, client: httpx.AsyncClient, app: Edge
) -> None:
    await post(client, union.session)

    async with new_client(app) as other:
        answer = await post(other, union.session)

        assert answer.headers["location"] == FIND
        assert "set-cookie" not in answer.headers
        assert "已经报过名" in (await other.get(FIND)).text


async def test_another_phone_gets_no_ticket_through_another_session(
    union: Union, client: httpx.AsyncClient, app: Edge
) -> None:
    """One ticket is good for all sessions of an activity: a name and a number must not be enough for it."""
    await post(client, union.session)
    other_session = await make_session(union.activity)

    async with new_client(app) as other:
        answer = await post(other, other_session)

    assert answer.headers["location"] == FIND
    assert (await post(client, other_session)).headers["location"].startswith("/t/")


async def test_another_phone_gets_no_ticket_that_was_given_back(
    union: Union, client: httpx.AsyncClient, app: Edge
) -> None:
    ticket = (await post(client, union.session)).headers["location"]
    await client.post(f"{ticket}/cancellation/{union.session.code}")

    async with new_client(app) as other:
        assert (await post(other, union.session)).headers["location"] == FIND


async def test_whole_family_registers_from_one_phone(union: Union, client: httpx.AsyncClient) -> None:
    tickets = {
        (await post(client, union.session, name=name)).headers["location"] for name in ("赵敏", "赵小敏")
    }

    assert len(tickets) == 2


async def test_wrong_form_keeps_what_was_typed(union: Union, client: httpx.AsyncClient) -> None:
    answer = await post(client, union.session, phone="1990000123", consent="")

    text = unescape(answer.text)
    assert answer.status_code == 422
    assert all(f'value="{typed}"' in text for typed in ("赵敏", "1990000123", "昆明机床厂"))
    assert text.count("请填写11位手机号码，或带区号的固定电话。") == 2
    assert text.count("请先阅读并同意上面的告知。") == 2


async def test_typed_html_stays_text(union: Union, client: httpx.AsyncClient) -> None:
    answer = await post(client, union.session, name='"><script>alert(1)</script>', phone="x")

    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"opens_at": timedelta(minutes=1)}, "报名还没有开始，请在开放时间之后再来。"),
        ({"closes_at": timedelta(minutes=-1)}, "报名已经截止。需要参加时，请联系主办单位。"),
        (
            {
                "starts_at": timedelta(hours=-2),
                "ends_at": timedelta(hours=-1),
                "closes_at": timedelta(hours=-2),
            },
            "本场已经结束。请看看其他场次。",
        ),
    ],
    ids=["not yet", "closed", "over"],
)
async def test_outside_the_window_the_page_says_why(
    union: Union, client: httpx.AsyncClient, changes: dict[str, timedelta], sentence: str
) -> None:
    session = await make_session(union.activity, 50, **{k: clock.now() + v for k, v in changes.items()})

    page, answer = await client.get(f"/s/{session.code}"), await post(client, session)

    assert (page.status_code, sentence in page.text, '<form method="post" action="/s/' in page.text) == (
        200,
        True,
        False,
    )
    assert (answer.status_code, sentence in answer.text) == (409, True)
    assert await database.value("SELECT count(*) FROM person") == 0


async def test_full_session_without_waiting_list_says_so(union: Union, client: httpx.AsyncClient) -> None:
    session = await make_session(union.activity, capacity=1, waiting_list=False)
    await register(session, "钱二")

    answer = await post(client, session)

    assert (answer.status_code, "本场名额已满，也没有候补名单。请选择其他场次。" in answer.text) == (
        409,
        True,
    )


async def test_called_off_session_says_why(union: Union, client: httpx.AsyncClient) -> None:
    await sessions.call_off(union.wang, union.session.code, "暴雨红色预警")

    page, answer = await client.get(f"/s/{union.session.code}"), await post(client, union.session)

    assert "暴雨红色预警" in page.text
    assert (answer.status_code, await database.value("SELECT count(*) FROM person")) == (409, 0)


async def test_draft_is_nobodys_page(union: Union, client: httpx.AsyncClient) -> None:
    session = await make_session(await make_activity(union.organization, published_at=None))
    await let_in(client, union.wang)

    answers = [
        await client.get(f"/s/{session.code}"),
        await client.get(f"/s/{session.code}/poster"),
        await post(client, session),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "没有这个场次。请核对海报上的二维码或网址。" in answers[0].text


async def test_poster_carries_code_and_address(union: Union, client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/s/{union.session.code}/poster")

    assert answer.status_code == 200
    assert "<svg" in answer.text
    assert f"http://testserver/s/{union.session.code}" in unescape(answer.text)


async def test_own_notice_is_what_people_agree_to(union: Union, client: httpx.AsyncClient) -> None:
    await make_terms(union.activity, text="只用于**无人机**考试。")

    assert "只用于<strong>无人机</strong>考试。" in (await client.get(f"/s/{union.session.code}")).text


async def test_approval_is_announced_and_shown(union: Union, client: httpx.AsyncClient) -> None:
    session = await make_session(await make_activity(union.organization, admission="approval"))

    page, answer = await client.get(f"/s/{session.code}"), await post(client, session)

    ticket = (await client.get(answer.headers["location"])).text
    assert "报名后由组织者审核" in page.text
    assert ("待审核" in ticket, "入场二维码" in ticket) == (True, False)


@pytest.mark.parametrize("kind", list(Kind))
async def test_every_kind_has_the_same_good_page(union: Union, client: httpx.AsyncClient, kind: Kind) -> None:
    session = await make_session(await make_activity(union.organization, kind=kind))

    answer = await post(client, session, sensitive_consent="yes")

    assert answer.headers["location"].startswith("/t/")


@pytest.mark.parametrize("people", [1, 3, 30])
async def test_pages_cost_the_same_for_many_people(
    union: Union, client: httpx.AsyncClient, people: int
) -> None:
    for n in range(people):
        await register(union.session, f"赵{n}")
    await let_in(client, union.wang)

    counts = []
    for path in (f"/s/{union.session.code}", f"/manage/sessions/{union.session.code}"):
        await client.get(path)  # the driver asks the server about types once a connection
        async with counted_statements() as statements:
            assert (await client.get(path)).status_code == 200
        counts.append(len(statements))

    assert counts == [2, 8]


async def test_second_tap_before_the_first_answer_opens_the_same_ticket(union: Union, app: Edge) -> None:
    async with new_client(app) as first, new_client(app) as second:
        visit = re.search(r'name="visit" value="([^"]+)"', (await first.get(f"/s/{union.session.code}")).text)
        assert visit

        answers = [await post(phone, union.session, visit=visit[1]) for phone in (first, second)]

    assert answers[0].headers["location"].startswith("/t/")
    assert answers[1].headers["location"] == answers[0].headers["location"]


async def test_refused_forms_address_leads_back_to_the_form(union: Union, client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/s/{union.session.code}/registrations")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/s/{union.session.code}")
