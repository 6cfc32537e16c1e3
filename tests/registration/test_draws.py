"""Drawing lots: a seed told beforehand, one draw, and a result that anybody can repeat with the shown program."""

import asyncio
import re
import subprocess
import sys
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest
from tests.people import Union, let_in, make_activity, make_session, make_union, register

from events_app.lib import clock, codes, database
from events_app.lib.errors import Refused
from events_app.programmes.tables import Activity, Admission, Kind, Session
from events_app.registration.actions import draws as actions
from events_app.registration.queries import SeatTaken
from events_app.registration.rules import draws as rules
from events_app.registration.rules.draws import PROGRAM, Entry

SEED = "2026年11月23日 职工代表大会"


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(union: Union, client: httpx.AsyncClient) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


@pytest.fixture
async def activity(union: Union) -> Activity:
    return await make_activity(union.organization, title="高压氧舱体验", admission=Admission.DRAW)


async def close(session: Session) -> None:
    """Registration ends now."""
    await Session.update({Session.closes_at: clock.now() - timedelta(minutes=1)}).where(
        Session.id == session.id
    )


async def enter(session: Session, *names: str) -> list[SeatTaken]:
    return [await register(session, name) for name in names]


async def as_party(seats: list[SeatTaken]) -> None:
    """They registered together, the first of them for all."""
    ids = [seat.seat for seat in seats]
    await database.fetch(
        "UPDATE seat SET party = (SELECT registration FROM seat WHERE id = $1) WHERE id = ANY($2)",
        ids[0],
        ids,
    )


async def states(session: Session) -> dict[int, str]:
    """By entry number."""
    rows = await database.fetch(
        "SELECT entry_number, state FROM seat WHERE session = $1 ORDER BY entry_number", session.id
    )
    return {row["entry_number"]: row["state"] for row in rows}


async def line(session: Session) -> list[int]:
    """Entry numbers of those who wait, as they stand."""
    rows = await database.fetch(
        "SELECT entry_number FROM seat WHERE session = $1 AND state = 'waitlisted' ORDER BY waiting_number",
        session.id,
    )
    return [row["entry_number"] for row in rows]


async def counters(session: Session) -> tuple[int, int]:
    row = await database.find("SELECT taken, waiting FROM session WHERE id = $1", session.id)
    assert row
    return row["taken"], row["waiting"]


async def held(union: Union, session: Session, seed: str = SEED) -> None:
    await actions.tell_seed(union.wang, session.code, seed)
    await close(session)
    await actions.hold_draw(union.wang, session.code)


# The algorithm


def test_order_depends_on_the_seed_and_on_every_entry() -> None:
    entries = [Entry(n, n, rules.mark(f"ticket {n}")) for n in range(1, 101)]
    other = [*entries[:-1], Entry(100, 100, rules.mark("another ticket"))]

    orders = [
        tuple(rules.order(seed, rules.entries_file(listed), 10).everybody)
        for seed, listed in (("a", entries), ("b", entries), ("a", other))
    ]

    assert len(set(orders)) == 3
    assert all(sorted(order) == list(range(1, 101)) for order in orders)


def test_everybody_has_the_same_chance() -> None:
    file = rules.entries_file([Entry(n, n, rules.mark(f"ticket {n}")) for n in range(1, 11)])
    wins = [0] * 11

    for seed in range(2_000):
        for number in rules.order(str(seed), file, 3).drawn:
            wins[number] += 1

    assert all(500 < count < 700 for count in wins[1:]), wins


def test_a_group_that_does_not_fit_lets_nobody_pass() -> None:
    groups = {1: [1, 2, 3], 4: [4], 5: [5, 6, 7], 8: [8]}
    entries = [Entry(n, group, "0" * 12) for group, numbers in groups.items() for n in numbers]
    file = rules.entries_file(entries)

    for seed in map(str, range(50)):
        result = rules.order(seed, file, 4)

        first_waiting = next(group for group in groups if groups[group][0] == result.waiting[0])
        assert len(result.drawn) <= 4 < len(result.drawn) + len(groups[first_waiting])
        assert all(
            not set(numbers) & set(result.drawn) or set(numbers) <= set(result.drawn)
            for numbers in groups.values()
        )


@pytest.mark.parametrize("places", [0, 1, 7, 40, 500])
def test_shown_program_draws_the_same(tmp_path: Path, places: int) -> None:
    entries = [Entry(n, n - n % 3 if n % 3 and n > 3 else n, rules.mark(str(n))) for n in range(1, 51)]
    file = rules.entries_file(entries)

    result = rules.order(SEED, file, places)

    assert run_program(tmp_path, PROGRAM, SEED, places, file) == said(result)
    assert len(PROGRAM.splitlines()) == 15


def run_program(directory: Path, program: str, seed: str, places: int, file: str) -> list[str]:
    (directory / "draw.py").write_text(program, encoding="utf-8")
    (directory / "draw.csv").write_bytes(file.encode())
    command = [sys.executable, "-I", "draw.py", seed, str(places), "draw.csv"]
    return subprocess.run(
        command, cwd=directory, capture_output=True, text=True, check=True
    ).stdout.splitlines()


def said(result: rules.Result) -> list[str]:
    return [f"drawn {n}" for n in result.drawn] + [f"waiting {n}" for n in result.waiting]


# What becomes of the seats


async def test_entries_are_numbered_and_take_no_place(union: Union, activity: Activity) -> None:
    session = await make_session(activity, capacity=1)

    await enter(session, "赵一", "赵二", "赵三")

    assert await states(session) == {1: "entered", 2: "entered", 3: "entered"}
    assert await counters(session) == (0, 0)


async def test_first_drawn_have_places_and_the_others_wait_as_they_were_drawn(
    union: Union, activity: Activity
) -> None:
    session = await make_session(activity, capacity=2)
    await enter(session, *(f"赵{n}" for n in range(5)))

    await held(union, session)

    draw = await actions.own_draw(union.wang, session.code)
    result = rules.order(draw.seed, draw.entries, 2)
    now = await states(session)
    assert sorted(n for n in now if now[n] == "confirmed") == sorted(result.drawn)
    assert await line(session) == result.waiting
    assert await counters(session) == (2, 3)
    texts = [row["text"] for row in await database.fetch("SELECT text FROM message ORDER BY id")]
    assert sum("中签，报名成功" in text for text in texts) == 2
    assert sum("没有中签，已按抽签顺序排入候补" in text for text in texts) == 3


async def test_parties_are_drawn_as_one_and_wait_together(union: Union, activity: Activity) -> None:
    session = await make_session(activity, capacity=4)
    for party in range(4):
        await as_party(await enter(session, *(f"{'赵钱孙李'[party]}{n}" for n in range(3))))

    await held(union, session)

    now = await states(session)
    confirmed = [n for n in now if now[n] == "confirmed"]
    waiting = await line(session)
    assert len(confirmed) == 3
    assert len({(n - 1) // 3 for n in confirmed}) == 1
    assert [(n - 1) // 3 for n in waiting] == [g for n in waiting[::3] for g in [(n - 1) // 3] * 3]
    assert await counters(session) == (3, 9)


async def test_without_a_waiting_list_nothing_is_kept_of_those_not_drawn(
    union: Union, activity: Activity
) -> None:
    session = await make_session(activity, capacity=1, waiting_list=False)
    await enter(session, "赵一", "赵二")

    await held(union, session)

    assert sorted((await states(session)).values()) == ["confirmed", "released"]
    assert await counters(session) == (1, 0)


async def test_more_places_than_entries_give_everybody_one(union: Union, activity: Activity) -> None:
    session = await make_session(activity, capacity=9)
    await enter(session, "赵一", "赵二")

    await held(union, session)

    assert list((await states(session)).values()) == ["confirmed", "confirmed"]
    assert await counters(session) == (2, 0)


async def test_whoever_cancels_before_is_not_in_the_draw(
    client: httpx.AsyncClient, union: Union, activity: Activity
) -> None:
    session = await make_session(activity, capacity=1)
    first, _second = await enter(session, "赵一", "赵二")
    ticket = codes.ticket_text(first.ticket, first.signature)

    answer = await client.post(f"/t/{ticket}/cancellation/{session.code}")
    await held(union, session)

    draw = await actions.own_draw(union.wang, session.code)
    assert answer.status_code == 303
    assert [entry.number for entry in rules.read_entries(draw.entries)] == [2]
    assert sorted((await states(session)).values()) == ["confirmed", "released"]
    assert await counters(session) == (1, 0)


# The order of things


async def test_nothing_is_drawn_before_the_seed_and_before_the_list_is_whole(
    union: Union, activity: Activity
) -> None:
    session = await make_session(activity)
    await enter(session, "赵一")
    reasons = []

    for step in (close, None):
        with pytest.raises(Refused) as refused:
            await actions.hold_draw(union.wang, session.code)
        reasons.append(refused.value.reason)
        if step:
            await step(session)

    assert reasons == ["not_closed", "no_seed"]
    assert await states(session) == {1: "entered"}


async def test_seed_is_told_once(union: Union, activity: Activity) -> None:
    session = await make_session(activity)
    await actions.tell_seed(union.wang, session.code, SEED)

    with pytest.raises(Refused) as refused:
        await actions.tell_seed(union.wang, session.code, "另一个种子")

    assert refused.value.reason == "seed_told"
    assert (await actions.own_draw(union.wang, session.code)).seed == SEED


async def test_seed_cannot_be_chosen_once_the_list_is_known(union: Union, activity: Activity) -> None:
    session = await make_session(activity)
    await close(session)

    await actions.tell_seed(union.wang, session.code, SEED)

    assert re.fullmatch(r"[0-9a-f]{32}", (await actions.own_draw(union.wang, session.code)).seed)


async def test_it_is_drawn_once(union: Union, activity: Activity) -> None:
    session = await make_session(activity, capacity=1)
    await enter(session, "赵一", "赵二")
    await held(union, session)
    before = await states(session)

    with pytest.raises(Refused) as refused:
        await actions.hold_draw(union.wang, session.code)

    assert (refused.value.reason, await states(session)) == ("drawn", before)


async def test_two_organisers_draw_at_once_and_it_is_drawn_once(committed_db: str) -> None:
    union = await make_union()
    activity = await make_activity(union.organization, admission=Admission.DRAW)
    session = await make_session(activity, capacity=3)
    await enter(session, *(f"赵{n}" for n in range(10)))
    await actions.tell_seed(union.wang, session.code, SEED)
    await close(session)

    answers = await asyncio.gather(
        *(actions.hold_draw(union.wang, session.code) for _n in range(4)), return_exceptions=True
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Refused"] * 3 + ["Result"]
    assert await counters(session) == (3, 7)


async def test_an_activity_that_does_not_draw_has_no_seed(union: Union) -> None:
    with pytest.raises(Refused) as refused:
        await actions.tell_seed(union.wang, union.session.code, SEED)

    assert refused.value.reason == "no_draw"


# The pages


async def test_anybody_repeats_it_from_the_page(
    wang: httpx.AsyncClient, union: Union, activity: Activity, tmp_path: Path
) -> None:
    session = await make_session(activity, capacity=3)
    await enter(session, *(f"赵{n}" for n in range(8)))
    desk = f"/manage/sessions/{session.code}/draw"
    await wang.post(f"{desk}/seed", data={"seed": SEED})
    told = (await wang.get(f"/s/{session.code}/draw")).text
    await close(session)
    answers = [await wang.post(f"{desk}/{step}") for step in ("drawing", "publication")]

    wang.cookies.clear()
    page = unescape((await wang.get(f"/s/{session.code}/draw")).text)
    file = (await wang.get(f"/s/{session.code}/draw.csv")).content

    assert [answer.status_code for answer in answers] == [303, 303]
    assert SEED in told
    program = page.rpartition("<pre><code>")[2].partition("</code></pre>")[0]
    repeated = run_program(tmp_path, program, SEED, 3, file.decode())
    rows = re.findall(r'<td class="num">(\d+)</td><th scope="row" class="num">(\d+)</th>', page)
    assert [number for _rank, number in rows] == [line.split()[1] for line in repeated]
    assert rules.list_digest(file.decode()) in page
    drawn = [line for line in repeated if line.startswith("drawn")]
    assert page.count('data-state="confirmed"') == len(drawn) == 3


async def test_public_list_masks_names_and_has_no_phone(
    client: httpx.AsyncClient, union: Union, activity: Activity
) -> None:
    session = await make_session(activity, capacity=1, title="")
    await register(session, "欧阳娜娜", "19900005678", "第一小学")
    await held(union, session)
    await actions.publish_draw(union.wang, session.code)

    page = (await client.get(f"/s/{session.code}/draw")).text
    file = (await client.get(f"/s/{session.code}/draw.csv")).text

    assert "欧阳*" in page
    assert not any(secret in page + file for secret in ("娜", "5678", "第一小学"))


async def test_list_and_result_are_not_shown_before_they_are_published(
    client: httpx.AsyncClient, union: Union, activity: Activity
) -> None:
    session = await make_session(activity)
    await enter(session, "赵一")
    nothing = await client.get(f"/s/{session.code}/draw")
    await held(union, session)

    page = await client.get(f"/s/{session.code}/draw")
    file = await client.get(f"/s/{session.code}/draw.csv")

    assert (nothing.status_code, page.status_code, file.status_code) == (404, 200, 404)
    assert "还没有公示" in page.text
    assert "赵*" not in page.text


@pytest.mark.parametrize("kind", [Kind.LEGAL_AID, Kind.HEALTH])
async def test_confidential_draw_is_shown_to_its_tickets_alone_and_without_names(
    client: httpx.AsyncClient, union: Union, kind: Kind
) -> None:
    activity = await make_activity(union.organization, admission=Admission.DRAW)
    session, other = await make_session(activity), await make_session(activity)
    seat, strange = await register(session, "赵一"), await register(other, "钱二")
    await Activity.update({Activity.kind: kind}).where(Activity.id == activity.id)
    await held(union, session)
    await actions.publish_draw(union.wang, session.code)
    ticket = codes.ticket_text(seat.ticket, seat.signature)
    stranger = codes.ticket_text(strange.ticket, strange.signature)

    def address(name: str, who: str) -> str:
        return f"/s/{session.code}/{name}?ticket={who}"

    own = [await client.get(address(name, ticket)) for name in ("draw", "draw.csv")]
    others = [
        await client.get(address(name, who))
        for name in ("draw", "draw.csv")
        for who in ("", "x", stranger, ticket[:-2] + "AA")
    ]

    assert [answer.status_code for answer in own] == [200, 200]
    assert {answer.status_code for answer in others} == {404}
    assert "赵" not in own[0].text


async def test_result_stays_when_people_cancel_afterwards(
    client: httpx.AsyncClient, union: Union, activity: Activity
) -> None:
    session = await make_session(activity, capacity=1)
    seats = await enter(session, "赵一", "赵二")
    await held(union, session)
    await actions.publish_draw(union.wang, session.code)
    before = (await client.get(f"/s/{session.code}/draw.csv")).content

    for seat in seats:
        ticket = codes.ticket_text(seat.ticket, seat.signature)
        await client.post(f"/t/{ticket}/cancellation/{session.code}")

    assert (await client.get(f"/s/{session.code}/draw.csv")).content == before


async def test_ticket_tells_the_entry_number(
    client: httpx.AsyncClient, union: Union, activity: Activity
) -> None:
    session = await make_session(activity)
    seat = (await enter(session, "赵一", "赵二"))[1]
    ticket = codes.ticket_text(seat.ticket, seat.signature)
    await actions.tell_seed(union.wang, session.code, SEED)

    page = (await client.get(f"/t/{ticket}")).text

    assert "您的抽签编号是2。" in page
    assert f"/s/{session.code}/draw" in page


async def test_steps_out_of_turn_are_refused_on_the_page(wang: httpx.AsyncClient, activity: Activity) -> None:
    session = await make_session(activity)
    desk = f"/manage/sessions/{session.code}/draw"

    drawing, publication = await wang.post(f"{desk}/drawing"), await wang.post(f"{desk}/publication")

    assert (drawing.status_code, publication.status_code) == (409, 409)
    assert "报名还没有截止" in drawing.text
    assert "抽签还没有进行" in publication.text


async def test_another_unions_organiser_draws_nothing(
    client: httpx.AsyncClient, union: Union, activity: Activity
) -> None:
    session = await make_session(activity)
    theirs = await make_union("浙江省总工会", "qian", "zhou")
    await let_in(client, theirs.wang)
    desk = f"/manage/sessions/{session.code}/draw"

    answers = [await client.get(desk)]
    answers += [await client.post(f"{desk}/{step}") for step in ("seed", "drawing", "publication")]

    assert [answer.status_code for answer in answers] == [404] * 4


@pytest.mark.parametrize("entry", ["2", "99", "x", "9" * 40])
async def test_a_number_is_looked_up(
    client: httpx.AsyncClient, union: Union, activity: Activity, entry: str
) -> None:
    session = await make_session(activity, capacity=1)
    await enter(session, "赵一", "钱二")
    await held(union, session)
    await actions.publish_draw(union.wang, session.code)

    page = await client.get(f"/s/{session.code}/draw", params={"entry": entry})

    assert page.status_code == 200
    assert ("钱*" in page.text) == (entry != "99")
    assert ("赵*" in page.text) == (entry not in ("2", "99"))
