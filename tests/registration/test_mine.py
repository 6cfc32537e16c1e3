"""The participant's own page: all tickets of a phone, changing answers, having everything forgotten."""

import re

import httpx
import pytest
from tests.conftest import new_client
from tests.people import Union, counted_statements, make_activity, make_session, make_terms, make_union

from events_app.lib import database
from events_app.programmes.tables import Kind, Session
from events_app.registration.rules.questions import Question, QuestionKind
from events_app.web.edge import Edge

SIZE = Question("q1", QuestionKind.TEXT, "衣服尺码", required=True)
ZHAO = {"name": "赵敏", "phone": "19900001234", "unit": "昆明机床厂", "consent": "yes"}


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


async def sign_up(client: httpx.AsyncClient, session: Session, **more: str) -> str:
    """The ticket's path."""
    answer = await client.post(f"/s/{session.code}/registrations", data=ZHAO | more)
    assert answer.status_code == 303, answer.text
    path: str = answer.headers["location"]
    assert path.startswith("/t/")
    return path


async def test_phone_without_registrations_is_told_where_to_look(
    union: Union, client: httpx.AsyncClient
) -> None:
    pages = [await client.get(path) for path in ("/my", "/my/deletion", "/my/data")]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert "这部手机上还没有报名" in pages[0].text
    assert "确定删除" not in pages[1].text


async def test_phone_sees_its_tickets_and_nobody_elses(
    union: Union, app: Edge, client: httpx.AsyncClient
) -> None:
    mine = [await sign_up(client, union.session), await sign_up(client, union.session, name="赵大")]
    async with new_client(app) as other:
        theirs = await sign_up(other, union.session, name="钱伟")

        page, other_page = (await client.get("/my")).text, (await other.get("/my")).text

    assert [path in page for path in [*mine, theirs]] == [True, True, False]
    assert [path in other_page for path in [*mine, theirs]] == [False, False, True]


async def test_what_is_to_come_first_stands_on_top(union: Union, client: httpx.AsyncClient) -> None:
    later = await make_session(await make_activity(union.organization, title="更晚的活动"))
    await database.fetch(
        """UPDATE session SET starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day'
            WHERE id = $1""",
        later.id,
    )
    await sign_up(client, later)
    given_back = await sign_up(client, union.session)
    next_one = await sign_up(
        client, await make_session(await make_activity(union.organization, title="最近的活动"))
    )
    await client.post(f"{given_back}/cancellation/{union.session.code}")

    page = (await client.get("/my")).text

    titles = re.findall(r'<h3><a href="[^"]+">([^<]+)<', page)
    assert titles == ["最近的活动", "更晚的活动", "劳模工匠进校园"]
    assert next_one in page


@pytest.mark.parametrize("people", [1, 3, 30])
async def test_page_costs_the_same_for_many_tickets(
    union: Union, client: httpx.AsyncClient, people: int
) -> None:
    for n in range(people):
        await sign_up(client, union.session, name=f"赵{n}")
    await client.get("/my")

    async with counted_statements() as statements:
        assert (await client.get("/my")).status_code == 200

    assert len(statements) == 2


async def test_scripts_digest_is_no_phones_cookie(union: Union, client: httpx.AsyncClient) -> None:
    path = await sign_up(client, union.session)
    await database.fetch("UPDATE registration SET phone_digest = 'token 1'::bytea")

    assert path not in (await client.get("/my")).text


async def test_deletion_takes_two_steps_and_erases_what_this_phone_registered(
    union: Union, app: Edge, client: httpx.AsyncClient
) -> None:
    mine = await sign_up(client, union.session)
    async with new_client(app) as other:
        theirs = await sign_up(other, union.session, name="钱伟", phone="19900005678")

    first = await client.get("/my/deletion")
    kept = await database.value("SELECT count(*) FROM person WHERE name = '赵敏'")
    second = await client.post("/my/deletion")

    names = [row["name"] for row in await database.fetch("SELECT name FROM person ORDER BY id")]
    assert ("确定删除" in first.text, kept) == (True, 1)
    assert (second.status_code, second.headers["location"]) == (303, "/my?deleted=yes")
    assert sorted(names) == ["钱伟", "（已删除）"]
    assert [(await client.get(path)).status_code for path in (mine, theirs)] == [404, 200]
    assert "已经清除" in (await client.get("/my?deleted=yes")).text


async def test_deletion_gives_places_back_and_the_next_moves_up(
    union: Union, app: Edge, client: httpx.AsyncClient
) -> None:
    session = await make_session(union.activity, capacity=1)
    await sign_up(client, session)
    async with new_client(app) as other:
        await sign_up(other, session, name="钱伟", phone="19900005678")

        await client.post("/my/deletion")

    rows = await database.fetch("SELECT state FROM seat WHERE session = $1 ORDER BY id", session.id)
    row = await database.find("SELECT taken, waiting FROM session WHERE id = $1", session.id)
    assert row
    assert [r["state"] for r in rows] == ["released", "confirmed"]
    assert tuple(row) == (1, 0)


async def test_whoever_was_erased_can_register_again(union: Union, client: httpx.AsyncClient) -> None:
    old = await sign_up(client, union.session)
    await client.post("/my/deletion")

    new = await sign_up(client, union.session)

    assert new != old
    assert await database.value("SELECT taken FROM session WHERE id = $1", union.session.id) == 1


async def test_answers_and_unit_are_changed(union: Union, client: httpx.AsyncClient) -> None:
    await make_terms(union.activity, [SIZE])
    path = await sign_up(client, union.session, **{"q-q1": "L"})

    form = await client.get(f"{path}/answers")
    answer = await client.post(f"{path}/answers", data={"unit": "昆明钢铁厂", "q-q1": "XL"})

    row = await database.find("SELECT unit, answers::text AS answers FROM registration")
    assert row
    assert ('value="L"' in form.text, 'value="昆明机床厂"' in form.text) == (True, True)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert tuple(row) == ("昆明钢铁厂", '{"q1": "XL"}')


async def test_wrong_change_keeps_what_was_typed(union: Union, client: httpx.AsyncClient) -> None:
    await make_terms(union.activity, [SIZE])
    path = await sign_up(client, union.session, **{"q-q1": "L"})

    answer = await client.post(f"{path}/answers", data={"unit": "昆明钢铁厂", "q-q1": ""})

    assert answer.status_code == 422
    assert ("这一项必须填写。" in answer.text, 'value="昆明钢铁厂"' in answer.text) == (True, True)
    assert await database.value("SELECT unit FROM registration") == "昆明机床厂"


async def test_new_version_has_to_be_agreed_to_before_a_change(
    union: Union, client: httpx.AsyncClient
) -> None:
    await make_terms(union.activity, [SIZE])
    path = await sign_up(client, union.session, **{"q-q1": "L"})
    await make_terms(union.activity, [SIZE], purpose="发放服装")

    form = await client.get(f"{path}/answers")
    change = {"unit": "", "q-q1": "XL", "terms": "2"}
    refused = await client.post(f"{path}/answers", data=change)
    stale = await client.post(f"{path}/answers", data=change | {"consent": "yes", "terms": "1"})
    agreed = await client.post(f"{path}/answers", data=change | {"consent": "yes"})

    assert ("组织者修改了问题或告知" in form.text, "发放服装" in form.text) == (True, True)
    assert [answer.status_code for answer in (refused, stale, agreed)] == [422, 422, 303]
    assert await database.value("SELECT terms FROM registration") == 2


async def test_nothing_is_changed_after_registration_closed(union: Union, client: httpx.AsyncClient) -> None:
    path = await sign_up(client, union.session)
    before = (await client.get(path)).text
    await database.fetch("UPDATE session SET closes_at = now() - interval '1 minute'")

    answers = [await client.get(f"{path}/answers"), await client.post(f"{path}/answers", data={"unit": "x"})]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "报名已经截止，内容不能再修改" in answers[0].text
    assert [f"{path}/answers" in text for text in (before, (await client.get(path)).text)] == [True, False]


@pytest.mark.parametrize(
    "counting",
    [
        "UPDATE activity SET unit_quota = 5",
        "INSERT INTO eligible_unit (activity, organization, quota) SELECT id, organization, 5 FROM activity",
    ],
)
async def test_unit_that_counts_is_not_changed_by_oneself(
    union: Union, client: httpx.AsyncClient, counting: str
) -> None:
    path = await sign_up(client, union.session)
    await database.fetch(counting)

    await client.post(f"{path}/answers", data={"unit": "昆明钢铁厂"})

    assert await database.value("SELECT unit FROM registration") == "昆明机床厂"


async def test_child_needs_a_guardian(union: Union, client: httpx.AsyncClient) -> None:
    session = await make_session(await make_activity(union.organization, asks_birth_year=True))
    child = ZHAO | {"birth_year": "2020"}
    guardian = {"guardian_name": "赵大", "guardian_phone": "19900000001", "guardian_consent": "yes"}

    refused = await client.post(f"/s/{session.code}/registrations", data=child)
    await sign_up(client, session, birth_year="2020", **guardian)

    row = await database.find(
        "SELECT birth_year, guardian_name, guardian_phone, guardian_consented_at IS NULL FROM registration"
    )
    assert row
    assert refused.status_code == 422
    assert [s in refused.text for s in ("请填写监护人姓名", "监护人的手机号码", "须由监护人阅读告知")] == [
        True
    ] * 3
    assert tuple(row) == (2020, "赵大", "19900000001", False)


async def test_adults_guardian_is_not_kept(union: Union, client: httpx.AsyncClient) -> None:
    session = await make_session(await make_activity(union.organization, asks_birth_year=True))

    await sign_up(client, session, birth_year="1990", guardian_name="赵大", guardian_consent="yes")

    assert await database.value("SELECT guardian_name FROM registration") == ""


async def test_birth_year_is_not_kept_where_nobody_asks(union: Union, client: httpx.AsyncClient) -> None:
    await sign_up(client, union.session, birth_year="1990")

    assert await database.value("SELECT birth_year FROM registration") is None


async def test_health_needs_a_consent_of_its_own(union: Union, client: httpx.AsyncClient) -> None:
    session = await make_session(await make_activity(union.organization, kind=Kind.HEALTH))

    refused = await client.post(f"/s/{session.code}/registrations", data=ZHAO)
    await sign_up(client, session, sensitive_consent="yes")

    assert (refused.status_code, "须另行勾选同意" in refused.text) == (422, True)
    assert await database.value("SELECT sensitive_consented_at IS NULL FROM registration") is False


async def test_everything_stored_can_be_read_and_downloaded(
    union: Union, app: Edge, client: httpx.AsyncClient
) -> None:
    await make_terms(union.activity, [SIZE])
    await sign_up(client, union.session, **{"q-q1": "加大码"})
    async with new_client(app) as other:
        await sign_up(other, union.session, name="钱伟", phone="19900005678", **{"q-q1": "小码"})

    page, file = await client.get("/my/data"), await client.get("/my/data.json")

    (stored,) = file.json()
    said = ("赵敏", "19900001234", "昆明机床厂", "衣服尺码", "加大码")
    assert [word in page.text for word in (*said, "钱伟", "小码")] == [True] * 5 + [False] * 2
    assert (stored["name"], stored["phone"], stored["unit"]) == ("赵敏", "19900001234", "昆明机床厂")
    assert stored["answers"] == [{"question": "衣服尺码", "answer": "加大码"}]
    assert "钱伟" not in file.text
    assert file.headers["content-disposition"].startswith("attachment")
