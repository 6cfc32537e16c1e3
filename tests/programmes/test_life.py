"""From draft to finished: who may take which step, what it needs, and that no way ends in a wall."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import product
from typing import Any

import httpx
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
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
    register,
)

from events_app.accounts.rules import Me
from events_app.accounts.tables import Organization, Role
from events_app.lib import clock, database
from events_app.lib.errors import Refused
from events_app.programmes.queries.policies import PolicyRow, save_policy
from events_app.programmes.rules.life import (
    STEPS,
    VISIBLE,
    Standing,
    Verb,
    Who,
    check_step,
    offered_steps,
    published_at,
    stage,
)
from events_app.programmes.tables import Activity, ActivityState, Session

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
FORM = {
    "title": "劳模工匠进校园",
    "kind": "visit",
    "description": "",
    "host_organization": ["云南省总工会"],
    "host_role": ["host"],
}


class Life(RuleBasedStateMachine):
    """Any organiser and any reviewer, pressing whatever they like, while sessions come, pass and are called off."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ActivityState.DRAFT
        self.visible_since: datetime | None = None
        self.reviewed = False
        self.sessions: list[str] = []  # planned, postponed, over or off
        self.registered = 0

    @initialize(reviewed=st.booleans())
    def begin(self, reviewed: bool) -> None:
        self.reviewed = reviewed

    @property
    def standing(self) -> Standing:
        return Standing(
            state=self.state,
            sessions=sum(s != "off" for s in self.sessions),
            coming=sum(s in ("planned", "postponed") for s in self.sessions),
            overdue=self.sessions.count("overdue"),
            registered=self.registered,
            reviewed=self.reviewed,
            reviewer="云南省总工会",
        )

    @rule(verb=st.sampled_from(Verb))
    def press(self, verb: Verb) -> None:
        if sentence := _refusal(verb, self.standing):
            assert sentence.endswith("。")
            assert "%(" not in sentence
            return
        step = STEPS[verb]
        self.state, self.visible_since = step.end, published_at(step.end, self.visible_since, NOW)
        if verb == Verb.POSTPONE:
            self.sessions = ["postponed" if s == "planned" else s for s in self.sessions]
        if verb == Verb.RESUME:
            self.sessions = ["planned" if s == "postponed" else s for s in self.sessions]
        if verb == Verb.CALL_OFF:
            self.sessions = [s if s == "over" else "off" for s in self.sessions]

    @precondition(lambda self: self.state not in (ActivityState.CALLED_OFF, ActivityState.POSTPONED))
    @rule()
    def add_session(self) -> None:
        self.sessions.append("planned")

    @rule(moved=st.booleans())
    def time_passes(self, moved: bool) -> None:
        """Or what was postponed and overdue is given a new time."""
        if moved:
            self.sessions = ["planned" if s == "overdue" else s for s in self.sessions]
        else:
            after = {"planned": "over", "postponed": "overdue"}
            self.sessions = [after.get(s, s) for s in self.sessions]

    @precondition(lambda self: self.state == ActivityState.PUBLISHED and "planned" in self.sessions)
    @rule()
    def somebody_registers(self) -> None:
        self.registered += 1

    @rule()
    def union_above_changes_its_mind(self) -> None:
        self.reviewed = not self.reviewed

    @invariant()
    def everybody_sees_exactly_what_was_published(self) -> None:
        seen = (ActivityState.PUBLISHED, ActivityState.POSTPONED, ActivityState.CALLED_OFF)
        assert (self.visible_since is not None) == (self.state in seen)

    @invariant()
    def there_is_a_way_out(self) -> None:
        """A step that somebody is offered and that is not refused; at most a session has to be added first."""
        assert self._ways(self.standing) or self._ways(self._with_a_session(self.standing))

    @staticmethod
    def _ways(standing: Standing) -> list[Verb]:
        offered = [*offered_steps(standing, Who.ORGANISER), *offered_steps(standing, Who.REVIEWER)]
        return [step.verb for step in offered if not _refusal(step.verb, standing)]

    @staticmethod
    def _with_a_session(standing: Standing) -> Standing:
        if standing.state in (ActivityState.CALLED_OFF, ActivityState.POSTPONED):
            return standing
        return Standing(state=standing.state, sessions=1, coming=1, reviewed=standing.reviewed)


def _refusal(verb: Verb, standing: Standing) -> str:
    try:
        check_step(verb, standing)
    except Refused as refused:
        return refused.sentence
    return ""


Life.TestCase.settings = settings(max_examples=300, stateful_step_count=30, deadline=None)
TestNoWayEndsInAWall = Life.TestCase


@pytest.mark.parametrize(("verb", "state"), list(product(Verb, ActivityState)))
def test_step_that_does_not_fit_the_state_is_refused_with_a_sentence(
    verb: Verb, state: ActivityState
) -> None:
    standing = Standing(state=state, sessions=1, coming=1, reviewed=verb != Verb.PUBLISH, reviewer="省总工会")

    if state in STEPS[verb].start:
        assert check_step(verb, standing).end != state
    else:
        with pytest.raises(Refused, match=r"^活动现在是“.+”，不能“.+”。.+。$"):
            check_step(verb, standing)


def test_every_state_but_the_first_is_reached_and_every_one_is_left() -> None:
    reached = {step.end for step in STEPS.values()}
    left = {state for step in STEPS.values() for state in step.start}

    assert (reached, left) == (set(ActivityState), set(ActivityState))
    assert reached > VISIBLE


@pytest.mark.parametrize(
    ("hours", "expected"), [(-1, "published"), (0, "running"), (47, "running"), (48, "finished")]
)
def test_running_and_finished_are_seen_from_the_times(hours: int, expected: str) -> None:
    last = NOW + timedelta(hours=48)

    assert stage("published", NOW, last, NOW + timedelta(hours=hours)) == expected
    assert stage("postponed", NOW, last, NOW + timedelta(hours=hours)) == "postponed"
    assert stage("published", None, None, NOW) == "published"


class Above:
    """云南省总工会 below a union that reviews, where Sun organises."""

    def __init__(self, province: Organization, sun: Me, union: Union, draft: Activity) -> None:
        self.province, self.sun, self.union, self.draft = province, sun, union, draft
        self.page = f"/manage/activities/{draft.code}"
        self.review = f"/manage/reviews/{draft.code}"


@pytest.fixture
async def above(db: object) -> Above:
    province = await make_organization("中华全国总工会")
    sun = await make_account("sun", Role.ORGANIZER, province)
    union = await make_union()
    await Organization.update({Organization.parent: province.id}).where(
        Organization.id == union.organization.id
    )
    await save_policy(province.id, PolicyRow(reviews=True))
    draft = await make_activity(union.organization, published_at=None, title="未完的活动")
    await make_session(draft)
    return Above(province, sun, union, draft)


async def state_of(activity: Activity) -> tuple[str, bool]:
    row = await database.find("SELECT state, published_at FROM activity WHERE id = $1", activity.id)
    assert row is not None
    return row["state"], row["published_at"] is not None


async def steps_of(activity: Activity) -> list[tuple[str, str, str, str]]:
    rows = await database.fetch(
        """SELECT c.login, t.from_state, t.to_state, t.remark FROM transition t JOIN account c ON c.id = t.account
            WHERE activity = $1 ORDER BY t.id""",
        activity.id,
    )
    return [tuple(row) for row in rows]


async def test_union_above_returns_with_a_remark_then_approves(
    above: Above, client: httpx.AsyncClient
) -> None:
    await let_in(client, above.union.wang)
    unapproved = await client.post(f"{above.page}/publication")
    submitted = await client.post(f"{above.page}/submission")
    await let_in(client, above.sun)
    listed = await client.get("/manage/reviews")
    read = await client.get(above.review)
    speechless = await client.post(f"{above.review}/return", data={"remark": " "})
    returned = await client.post(f"{above.review}/return", data={"remark": "请写明交通安排"})
    await let_in(client, above.union.wang)
    seen = await client.get(above.page)
    await client.post(f"{above.page}/submission")
    await let_in(client, above.sun)
    approved = await client.post(f"{above.review}/approval")
    await let_in(client, above.union.wang)
    published = await client.post(f"{above.page}/publication")

    assert (unapproved.status_code, "请先提交审核。" in unapproved.text) == (409, True)
    assert [a.status_code for a in (submitted, returned, approved, published)] == [303] * 4
    assert "未完的活动" in listed.text
    assert all(text in read.text for text in ("未完的活动", "大礼堂", "云南省总工会"))
    assert (speechless.status_code, "这一项必须填写。" in speechless.text) == (422, True)
    assert "退回原因：请写明交通安排" in unescape(seen.text)
    assert await state_of(above.draft) == ("published", True)
    assert await steps_of(above.draft) == [
        ("wang", "draft", "submitted", ""),
        ("sun", "submitted", "returned", "请写明交通安排"),
        ("wang", "returned", "submitted", ""),
        ("sun", "submitted", "approved", ""),
        ("wang", "approved", "published", ""),
    ]
    audited = await database.fetch(
        "SELECT action FROM audit_entry WHERE action LIKE 'activity.%' ORDER BY id"
    )
    assert [row["action"] for row in audited] == [
        f"activity.{verb}" for verb in ("submit", "return", "submit", "approve", "publish")
    ]


async def test_nobody_else_reviews(above: Above, client: httpx.AsyncClient) -> None:
    qian = await make_union("青海省总工会", "qian", "other-gate")
    await let_in(client, above.union.wang)
    await client.post(f"{above.page}/submission")

    for stranger in (above.union.wang, qian.wang):
        await let_in(client, stranger)
        assert "未完的活动" not in (await client.get("/manage/reviews")).text
        assert (await client.get(above.review)).status_code == 404
        for verdict in ("approval", "return"):
            answer = await client.post(f"{above.review}/{verdict}", data={"remark": "不行"})
            assert answer.status_code == 404

    assert await state_of(above.draft) == ("submitted", False)
    await let_in(client, above.sun)
    assert (await client.get(above.review)).status_code == 200  # so that the 404s say something


async def test_what_is_being_reviewed_is_not_changed(above: Above, client: httpx.AsyncClient) -> None:
    await let_in(client, above.union.wang)
    await client.post(f"{above.page}/submission")

    refused = await client.post(above.page, data=FORM | {"title": "另一个题目"})
    await client.post(f"{above.page}/withdrawal")
    changed = await client.post(above.page, data=FORM | {"title": "另一个题目"})

    assert (refused.status_code, changed.status_code) == (409, 303)
    assert all(text in unescape(refused.text) for text in ("请先撤回。", 'value="另一个题目"'))
    assert await database.value("SELECT title FROM activity WHERE id = $1", above.draft.id) == "另一个题目"


@pytest.mark.parametrize(("title", "state"), [("另一个题目", "draft"), ("未完的活动", "approved")])
async def test_other_words_need_another_approval(
    above: Above, client: httpx.AsyncClient, title: str, state: str
) -> None:
    await let_in(client, above.union.wang)
    await client.post(f"{above.page}/submission")
    await let_in(client, above.sun)
    await client.post(f"{above.review}/approval")
    await let_in(client, above.union.wang)

    answer = await client.post(above.page, data=FORM | {"title": title})

    assert answer.status_code == 303
    assert await state_of(above.draft) == (state, False)


async def test_second_of_two_who_press_gets_a_sentence(above: Above, client: httpx.AsyncClient) -> None:
    await let_in(client, above.union.wang)

    answers = [await client.post(f"{above.page}/submission") for _time in range(2)]

    assert [answer.status_code for answer in answers] == [303, 409]
    assert "活动现在是“待上级审核”，不能“提交审核”。" in unescape(answers[1].text)
    assert len(await steps_of(above.draft)) == 1


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


async def test_published_is_taken_back_until_somebody_registers(
    wang: httpx.AsyncClient, union: Union
) -> None:
    page = f"/manage/activities/{union.activity.code}"

    taken_back = await wang.post(f"{page}/unpublication")
    hidden = await wang.get(f"/activities/{union.activity.code}")
    again = await wang.post(f"{page}/publication")
    await register(union.session)
    refused = await wang.post(f"{page}/unpublication")

    assert [a.status_code for a in (taken_back, hidden, again, refused)] == [303, 404, 303, 409]
    assert "已有1人报名，不能撤下。" in unescape(refused.text)
    assert await state_of(union.activity) == ("published", True)


async def test_draft_is_deleted_with_its_sessions(wang: httpx.AsyncClient, union: Union) -> None:
    draft = await make_activity(union.organization, published_at=None)
    session = await make_session(draft)
    page = f"/manage/activities/{draft.code}"

    alone = await wang.post(f"/manage/sessions/{(await make_session(draft)).code}/removal")
    answers = [await wang.get(f"{page}/removal"), await wang.post(f"{page}/removal"), await wang.get(page)]

    assert (alone.status_code, alone.headers["location"]) == (303, page)
    assert [answer.status_code for answer in answers] == [200, 303, 404]
    assert await database.value("SELECT count(*) FROM session WHERE id = $1", session.id) == 0


async def test_what_people_registered_for_is_not_deleted(wang: httpx.AsyncClient, union: Union) -> None:
    await register(union.session)
    await database.fetch("UPDATE activity SET state = 'draft', published_at = NULL")

    for address in (f"activities/{union.activity.code}", f"sessions/{union.session.code}"):
        answer = await wang.post(f"/manage/{address}/removal")
        assert (answer.status_code, "入场码要保留" in answer.text) == (409, True)

    assert await database.value("SELECT count(*) FROM session") == 1


async def test_published_is_not_deleted(wang: httpx.AsyncClient, union: Union) -> None:
    for address in (f"activities/{union.activity.code}", f"sessions/{union.session.code}"):
        answer = await wang.post(f"/manage/{address}/removal")
        assert answer.status_code == 409

    assert await database.value("SELECT count(*) FROM session") == 1


_STEPS = (
    *("submission", "withdrawal", "publication", "unpublication", "restoration", "resumption"),
    *("postponement", "calling-off", "removal"),
)


@pytest.mark.parametrize("step", _STEPS)
async def test_another_union_takes_no_step(union: Union, client: httpx.AsyncClient, step: str) -> None:
    qian = await make_union("青海省总工会", "qian", "other-gate")
    await let_in(client, qian.wang)

    for code in (union.activity.code, "nowhere", "%F0%9F%98%80"):
        answer = await client.post(f"/manage/activities/{code}/{step}", data={"reason": "暴雨"})
        assert answer.status_code == 404

    assert await state_of(union.activity) == ("published", True)


@pytest.mark.parametrize("reason", ["", " ", "长" * 201, "\u202e暴雨"])
async def test_reason_is_asked_for_and_kept(wang: httpx.AsyncClient, union: Union, reason: str) -> None:
    for step in ("postponement", "calling-off"):
        answer = await wang.post(f"/manage/activities/{union.activity.code}/{step}", data={"reason": reason})
        assert answer.status_code == 422
        assert reason.strip() in unescape(answer.text)

    assert await state_of(union.activity) == ("published", True)


async def statements(client: httpx.AsyncClient, address: str) -> int:
    async with counted_statements() as sent:
        assert (await client.get(address)).status_code == 200
    return len(sent)


async def test_list_of_reviews_costs_the_same_for_many(above: Above, client: httpx.AsyncClient) -> None:
    await let_in(client, above.union.wang)
    counts: Iterator[int] = iter((1, 2, 27))
    costs = set()
    for more in counts:
        for _number in range(more):
            draft = await make_activity(above.union.organization, published_at=None)
            await make_session(draft)
            await let_in(client, above.union.wang)
            await client.post(f"/manage/activities/{draft.code}/submission")
        await let_in(client, above.sun)
        costs.add(await statements(client, "/manage/reviews"))

    assert len(costs) == 1
    assert costs.pop() <= 6


async def test_sessions_times_are_shown_as_a_stage(wang: httpx.AsyncClient, union: Union) -> None:
    page = f"/manage/activities/{union.activity.code}"
    now = clock.now()
    seen = []
    for starts, ends in ((1, 2), (-1, 1), (-2, -1)):
        times: dict[Any, Any] = {
            Session.starts_at: now + timedelta(hours=starts),
            Session.ends_at: now + timedelta(hours=ends),
            Session.closes_at: now + timedelta(hours=ends),
        }
        await Session.update(times).where(Session.id == union.session.id)
        text = (await wang.get(page)).text
        seen.append(next(word for word in ("已发布", "进行中", "已结束") if f">{word}</span>" in text))

    assert seen == ["已发布", "进行中", "已结束"]


@pytest.mark.parametrize("state", ["postponed", "called_off"])
async def test_session_is_added_only_where_it_could_be_registered_for(
    wang: httpx.AsyncClient, union: Union, state: str
) -> None:
    await database.fetch("UPDATE activity SET state = $1", state)
    start = clock.now() + timedelta(days=7)
    times = {
        "starts_at": start,
        "ends_at": start + timedelta(hours=2),
        "closes_at": start,
        "opens_at": clock.now(),
    }
    form = {name: moment_field(at) for name, at in times.items()}
    form |= {"venue": "大礼堂", "capacity": "20", "check_in_lead": "60"}

    refused = await wang.post(f"/manage/activities/{union.activity.code}/sessions", data=form)
    await database.fetch("UPDATE activity SET state = 'published'")
    added = await wang.post(f"/manage/activities/{union.activity.code}/sessions", data=form)

    assert (refused.status_code, "不能添加场次" in refused.text, added.status_code) == (422, True, 303)
    assert f'value="{form["starts_at"]}"' in refused.text  # nothing typed is lost
