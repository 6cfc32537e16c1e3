"""Whole units: a list is handed out, filled from a table, looked through, saved, and kept by its leader."""

import json
from io import BytesIO
from types import ModuleType
from typing import Any

import httpx
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from tests.people import (
    SIGNER,
    Union,
    counted_statements,
    in_days,
    let_in,
    make_account,
    make_activity,
    make_organization,
    make_session,
    make_terms,
    make_union,
    register,
)

from events_app.accounts.tables import Role
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.programmes.tables import Activity, Admission, Extent, Session
from events_app.registration.actions import imports, rosters
from events_app.registration.actions.waiting import cancel
from events_app.registration.forms import ImportForm, LeaderForm, UnitForm
from events_app.registration.queries import find_ticket
from events_app.registration.queries.rosters import RosterRow, list_people
from events_app.registration.rules.questions import Option, Question, QuestionKind
from events_app.registration.rules.rosters import Checked

pytestmark = pytest.mark.anyio
HEADER = "姓名\t手机号码\n"


async def make_roster(union: Union, unit: str = "昆明一中", activity: Activity | None = None) -> RosterRow:
    code = (activity or union.activity).code
    form = UnitForm(unit=unit, leader_name="孙老师", leader_phone="13700001111")
    roster = await rosters.invite_unit(union.wang, code, form)
    return await rosters.own_roster(union.wang, code, roster)


async def upload(
    roster: RosterRow, table: str, sessions: list[Session] | None = None, file: bytes = b""
) -> str:
    form = ImportForm(table=table, session=[session.code for session in sessions or []])
    return await imports.create_import(roster, form, file)


async def dry_run(roster: RosterRow, code: str) -> list[Checked]:
    return (await imports.look(roster, await imports.find_own_import(roster, code))).rows


async def save(roster: RosterRow, code: str) -> imports.Saved:
    terms = (await rosters.asking_of(roster, [])).terms.number
    return await imports.save_import(None, roster.secret, code, terms, SIGNER)


async def save_table(roster: RosterRow, table: str, sessions: list[Session] | None = None) -> imports.Saved:
    return await save(roster, await upload(roster, table, sessions))


async def states(db: ModuleType, session: Session) -> dict[str, str]:
    rows = await db.fetch(
        """SELECT p.name, seat.state FROM seat JOIN registration r ON r.id = seat.registration
             JOIN person p ON p.id = r.person WHERE seat.session = $1 ORDER BY seat.id""",
        session.id,
    )
    return {row["name"]: row["state"] for row in rows}


async def counters(db: ModuleType, session: Session) -> tuple[int, int, int]:
    return tuple(await db.find("SELECT taken, waiting, waiting_last FROM session WHERE id = $1", session.id))


def workbook(rows: list[list[Any]], hidden: tuple[int, ...] = ()) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                else:
                    sheet.write(number, column, value)
        for number in hidden:
            sheet.set_row(number, options={"hidden": True})
    return out.getvalue()


async def test_list_is_saved_in_the_order_of_the_file_and_the_rest_waits(db: ModuleType) -> None:
    union = await make_union()
    session = await make_session(await make_activity(union.organization), capacity=2)
    roster = await make_roster(union, activity=await Activity.objects().get(Activity.id == session.activity))

    saved = await save_table(
        roster, HEADER + "甲\t13800000001\n乙\t13800000002\n丙\t13800000003\n丁\t13800000004"
    )

    assert saved == (4, 0)
    assert await states(db, session) == {
        "甲": "confirmed",
        "乙": "confirmed",
        "丙": "waitlisted",
        "丁": "waitlisted",
    }
    assert await counters(db, session) == (2, 2, 2)


async def test_newcomers_of_a_list_stand_behind_those_who_wait(db: ModuleType) -> None:
    union = await make_union()
    activity = await make_activity(union.organization)
    session = await make_session(activity, capacity=1)
    first = await register(session, "先来", "13900000001")
    await register(session, "候补", "13900000002")
    roster = await make_roster(union, activity=activity)
    ticket = await find_ticket(first.ticket, first.signature)
    assert ticket

    await save_table(roster, HEADER + "甲\t13800000001")
    await cancel(ticket, session.code)

    assert await states(db, session) == {"先来": "released", "候补": "confirmed", "甲": "waitlisted"}


async def test_same_file_again_changes_nothing(db: ModuleType) -> None:
    union = await make_union()
    roster = await make_roster(union)
    table = HEADER + "甲\t13800000001\n乙\t13800000002"
    await save_table(roster, table)
    before = await db.fetch("SELECT * FROM registration"), await db.fetch("SELECT * FROM seat")

    rows = await dry_run(roster, code := await upload(roster, table))
    saved = await save(roster, code)

    assert [row.state for row in rows] == ["same", "same"]
    assert saved == (0, 0)
    assert (await db.fetch("SELECT * FROM registration"), await db.fetch("SELECT * FROM seat")) == before


async def test_same_file_that_is_not_saved_yet_is_looked_through_once(db: ModuleType) -> None:
    roster = await make_roster(await make_union())

    assert await upload(roster, HEADER + "甲\t13800000001") == await upload(
        roster, HEADER + "甲\t13800000001"
    )


async def test_rows_are_told_apart(db: ModuleType) -> None:
    union = await make_union()
    await make_terms(union.activity, [_size(required=True)])
    roster = await make_roster(union)
    await register(union.session, "自己", "13800000009")
    await save_table(roster, "姓名\t手机\t衣服尺码\n甲\t13800000001\t大\n乙\t13800000002\t小")

    rows = await dry_run(
        roster,
        await upload(
            roster,
            "姓名\t手机\t衣服尺码\n"
            "甲\t13800000001\t大\n"  # as it is
            "乙\t13800000002\t大\n"  # another answer
            "丙\t138000\t大\n"  # no phone
            "丁\t13800000004\t加大\n"  # no such option
            "戊\t13800000005\t小\n"  # new
            "戊\t13800000005\t小\n"  # twice
            "自己\t13800000009\t小",  # registered alone
        ),
    )

    assert [row.state for row in rows] == ["same", "changed", "wrong", "wrong", "new", "same", "same"]
    assert list(rows[2].errors) == ["phone"]
    assert list(rows[3].errors) == ["q-size"]


async def test_good_rows_are_saved_and_the_others_stay_to_be_mended(db: ModuleType) -> None:
    union = await make_union()
    roster = await make_roster(union)
    code = await upload(roster, HEADER + "甲\t13800000001\n乙\t1.39E+10\n丙\t13800000003")

    assert await save(roster, code) == (2, 1)
    assert [row.row["name"] for row in await dry_run(roster, code)] == ["乙"]

    await imports.edit_import(roster, code, {"3": {"phone": "13900000000"}})
    assert await save(roster, code) == (1, 0)
    assert list(await states(db, union.session)) == ["甲", "丙", "乙"]


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("１３８００００００００１", None),
        ("１３８０００００００１", "13800000001"),
        ("138 0000 0001", "13800000001"),
        ("+86 138-0000-0001", "13800000001"),
        ("1.3800000001E+10", "13800000001"),
        ("1.38E+10", None),
        ("13800000001.0", "13800000001"),
        ("'13800000001", None),
    ],
)
async def test_phones_are_read_as_tables_write_them(db: ModuleType, typed: str, phone: str | None) -> None:
    roster = await make_roster(await make_union())

    (row,) = await dry_run(roster, await upload(roster, f"{HEADER}甲\t{typed}"))

    assert (row.entry and row.entry.phone) == phone
    assert list(row.errors) == ([] if phone else ["phone"])


async def test_whoever_has_no_phone_is_reached_by_the_leaders(db: ModuleType) -> None:
    union = await make_union()
    roster = await make_roster(union)

    await save_table(roster, HEADER + "初二3班01号\t\n初二3班02号\t")

    people = await list_people(roster.id, "", 10, 0)
    assert [(person.name, person.phone) for person in people] == [
        ("初二3班01号", "13700001111"),
        ("初二3班02号", "13700001111"),
    ]
    await rosters.change_leader(None, roster, LeaderForm(leader_name="", leader_phone=""))
    roster = await rosters.roster_by(roster.secret)
    (row,) = await dry_run(roster, await upload(roster, HEADER + "初二3班03号\t"))
    assert list(row.errors) == ["phone"]


async def test_workbook_is_read_with_its_hidden_rows_and_says_so(db: ModuleType) -> None:
    roster = await make_roster(await make_union())
    rows: list[list[Any]] = [
        ["序号", "Name", "Mobile"],
        [1, "甲", 13800000001],
        [2, "乙", "13800000002"],
        ["", "合计2人", ""],
    ]

    code = await upload(roster, "", file=workbook(rows, hidden=(2,)))

    kept = await imports.find_own_import(roster, code)
    assert [(row["name"], row["phone"], row["line"]) for row in kept.rows] == [
        ("甲", "13800000001", "2"),
        ("乙", "13800000002", "3"),
    ]
    assert kept.remarks == [
        "没有用到这些列：序号。",
        "文件里隐藏的行也读进来了：第3行。不要的请删去。",
    ]


async def test_people_are_pasted_without_a_header(db: ModuleType) -> None:
    roster = await make_roster(await make_union())

    rows = await dry_run(roster, await upload(roster, "甲\t13800000001\n乙\t13800000002"))

    assert [(row.entry and row.entry.name, row.state) for row in rows] == [("甲", "new"), ("乙", "new")]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("颜色\t形状\n红\t圆", "no_header"),
        (HEADER, "no_row"),
        ("", "no_header"),
        (
            "\t".join(["姓名", "手机", *(f"列{n}" for n in range(198))]) + "\n甲\t13800000001",
            "too_many_columns",
        ),
    ],
)
async def test_what_is_no_list_is_refused(db: ModuleType, table: str, reason: str) -> None:
    roster = await make_roster(await make_union())

    with pytest.raises(Refused) as refused:
        await upload(roster, table)

    assert refused.value.reason == reason


async def test_workbook_of_200_columns_is_refused_with_a_sentence(db: ModuleType) -> None:
    roster = await make_roster(await make_union())
    header = ["姓名", "手机", *(f"列{n}" for n in range(198))]

    with pytest.raises(Refused) as refused:
        await upload(roster, "", file=workbook([header, ["甲", "13800000001"]]))

    assert refused.value.reason == "too_many_columns"


async def test_formula_in_a_name_stays_a_text_in_what_is_exported(
    db: ModuleType, client: httpx.AsyncClient
) -> None:
    union = await make_union()
    roster = await make_roster(union)
    name = '=HYPERLINK("http://x.example")'
    await save_table(roster, f"{HEADER}{name.replace(chr(34), '')}\t13800000001")
    await let_in(client, union.wang)

    answer = await client.get(f"/manage/sessions/{union.session.code}/attendees.xlsx")

    cells = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert any("=HYPERLINK(http://x.example)" in row for row in cells)
    assert b"<f>" not in answer.content


async def test_second_of_two_different_rows_of_one_person_is_wrong(db: ModuleType) -> None:
    union = await make_union()
    await make_terms(union.activity, [_size()])
    roster = await make_roster(union)

    rows = await dry_run(
        roster, await upload(roster, "姓名\t手机\t衣服尺码\n甲\t13800000001\t大\n甲\t13800000001\t小")
    )

    assert [row.state for row in rows] == ["new", "wrong"]


async def test_quota_of_the_unit_counts_whoever_is_there_already(db: ModuleType) -> None:
    union = await make_union()
    activity = await make_activity(union.organization, unit_quota=3)
    session = await make_session(activity)
    roster = await make_roster(union, activity=activity)
    await register(session, "自己", "13800000009", unit="昆明一中")
    await rosters.set_headcounts(None, roster, {session.code: 1})

    rows = await dry_run(roster, code := await upload(roster, HEADER + "甲\t13800000001\n乙\t13800000002"))

    assert [row.state for row in rows] == ["new", "over"]
    assert await save(roster, code) == (1, 1)
    assert "乙" not in await states(db, session)
    assert await db.value("SELECT count(*) FROM person WHERE name = '乙'") == 0


async def test_limit_of_sessions_holds_for_lists(db: ModuleType) -> None:
    union = await make_union()
    activity = await make_activity(union.organization, most_sessions=1)
    first, second = await make_session(activity), await make_session(activity)
    roster = await make_roster(union, activity=activity)
    await save_table(roster, HEADER + "甲\t13800000001", [first])

    (row,) = await dry_run(roster, await upload(roster, HEADER + "甲\t13800000001", [second]))

    assert row.state == "over"


async def test_course_is_taken_in_all_its_sessions_in_one_state(db: ModuleType) -> None:
    union = await make_union()
    activity = await make_activity(union.organization, extent=Extent.COURSE)
    wide, narrow = await make_session(activity, capacity=9), await make_session(activity, capacity=1)
    roster = await make_roster(union, activity=activity)

    await save_table(roster, HEADER + "甲\t13800000001\n乙\t13800000002")

    assert await states(db, wide) == await states(db, narrow) == {"甲": "confirmed", "乙": "waitlisted"}
    assert await counters(db, wide) == await counters(db, narrow) == (1, 1, 1)


async def test_people_of_a_list_enter_a_draw(db: ModuleType) -> None:
    union = await make_union()
    activity = await make_activity(union.organization, admission=Admission.DRAW)
    session = await make_session(activity, capacity=1)
    roster = await make_roster(union, activity=activity)

    await save_table(roster, HEADER + "甲\t13800000001\n乙\t13800000002")

    assert await states(db, session) == {"甲": "entered", "乙": "entered"}
    numbers = await db.fetch("SELECT entry_number FROM seat WHERE session = $1 ORDER BY id", session.id)
    assert [row["entry_number"] for row in numbers] == [1, 2]
    assert await counters(db, session) == (0, 0, 0)
    with pytest.raises(Invalid):
        await rosters.set_headcounts(None, roster, {session.code: 3})


async def test_people_of_a_list_wait_for_a_yes(db: ModuleType) -> None:
    union = await make_union()
    activity = await make_activity(union.organization, admission=Admission.APPROVAL)
    session = await make_session(activity, capacity=1)
    roster = await make_roster(union, activity=activity)

    await save_table(roster, HEADER + "甲\t13800000001\n乙\t13800000002")

    assert await states(db, session) == {"甲": "pending", "乙": "waitlisted"}


async def test_child_needs_a_guardian(db: ModuleType) -> None:
    union = await make_union()
    activity = await make_activity(union.organization, asks_birth_year=True)
    await make_session(activity)
    roster = await make_roster(union, activity=activity)
    header = "姓名\t手机\t出生日期\t家长\t家长电话\n"

    rows = await dry_run(
        roster,
        code := await upload(
            roster,
            header
            + "大人\t13800000001\t1990-05-06\t\t\n小孩\t\t2019年3月\t\t\n小小\t\t2019\t王五\t13800000003",
        ),
    )

    assert [row.state for row in rows] == ["new", "wrong", "new"]
    assert sorted(rows[1].errors) == ["guardian_name", "guardian_phone"]
    await save(roster, code)
    kept = await db.find(
        """SELECT birth_year, guardian_name, guardian_consented_at IS NOT NULL AS agreed
             FROM registration JOIN person ON person.id = person WHERE name = '小小'"""
    )
    assert tuple(kept) == (2019, "王五", True)


async def test_heads_without_names_count_for_the_quota(db: ModuleType) -> None:
    union = await make_union()
    activity = await make_activity(union.organization, unit_quota=3)
    session = await make_session(activity)
    roster = await make_roster(union, activity=activity)
    await save_table(roster, HEADER + "甲\t13800000001")

    with pytest.raises(Invalid):
        await rosters.set_headcounts(None, roster, {session.code: 3})
    await rosters.set_headcounts(None, roster, {session.code: 2})

    assert await counters(db, session) == (3, 0, 0)


async def test_heads_without_names_count_for_the_units_own_quota_as_it_stands(db: ModuleType) -> None:
    union = await make_union()
    activity = await make_activity(union.organization)
    session = await make_session(activity)
    roster = await make_roster(union, activity=activity)
    school = await make_organization(roster.unit, kind="school")
    await save_table(roster, HEADER + "甲\t13800000001")
    await db.fetch(
        "INSERT INTO eligible_unit (activity, organization, quota) VALUES ($1, $2, 2)", activity.id, school.id
    )

    with pytest.raises(Invalid):
        await rosters.set_headcounts(None, roster, {session.code: 2})
    await rosters.set_headcounts(None, roster, {session.code: 1})

    assert await counters(db, session) == (2, 0, 0)


async def test_changed_row_renews_what_was_answered_and_leaves_the_rest(db: ModuleType) -> None:
    union = await make_union()
    await make_terms(union.activity, [_size(), Question("diet", QuestionKind.TEXT, "忌口")])
    roster = await make_roster(union)
    await save_table(roster, "姓名\t手机\t衣服尺码\t忌口\n甲\t13800000001\t大\t花生")
    before = await db.fetch("SELECT id, ticket, pin FROM registration")

    assert await save_table(roster, "姓名\t手机\t衣服尺码\n甲\t13800000001\t小") == (1, 0)

    answers = await db.value("SELECT answers::text FROM registration")
    assert json.loads(answers) == {"size": "s", "diet": "花生"}
    assert await db.fetch("SELECT id, ticket, pin FROM registration") == before


async def test_heads_without_names_take_places_and_give_them_back(db: ModuleType) -> None:
    union = await make_union()
    activity = await make_activity(union.organization)
    session = await make_session(activity, capacity=5)
    roster = await make_roster(union, activity=activity)

    await rosters.set_headcounts(None, roster, {session.code: 5})
    await register(session, "候补", "13900000002")
    assert await counters(db, session) == (5, 1, 1)
    with pytest.raises(Invalid):
        await rosters.set_headcounts(None, roster, {session.code: 6})

    await rosters.set_headcounts(None, roster, {session.code: 3})

    assert await states(db, session) == {"候补": "confirmed"}
    assert await counters(db, session) == (4, 0, 1)


async def test_leader_puts_one_person_in_anothers_place(db: ModuleType) -> None:
    union = await make_union()
    activity = await make_activity(union.organization)
    session = await make_session(activity, capacity=1)
    roster = await make_roster(union, activity=activity)
    await save_table(roster, HEADER + "甲\t13800000001\n乙\t13800000002")
    old = (await list_people(roster.id, "甲", 10, 0))[0]

    await rosters.exchange_person(
        None, roster, old.registration, {"name": "新人", "phone": "13800000009"}, SIGNER
    )

    assert await states(db, session) == {"甲": "released", "乙": "waitlisted", "新人": "confirmed"}
    assert await counters(db, session) == (1, 1, 1)
    assert (await list_people(roster.id, "新人", 10, 0))[0].former == "甲"


async def test_leader_cannot_take_over_who_registered_alone(db: ModuleType) -> None:
    union = await make_union()
    roster = await make_roster(union)
    await save_table(roster, HEADER + "甲\t13800000001")
    alone = await register(union.session, "自己", "13800000009")
    ticket = await find_ticket(alone.ticket, alone.signature)
    assert ticket
    await cancel(ticket, union.session.code)
    old = (await list_people(roster.id, "甲", 10, 0))[0]

    with pytest.raises(Refused) as refused:
        await rosters.exchange_person(
            None, roster, old.registration, {"name": "自己", "phone": "13800000009"}, SIGNER
        )

    assert refused.value.reason == "already_registered"


async def test_leader_gives_places_back_and_who_waits_moves_up(db: ModuleType) -> None:
    union = await make_union()
    activity = await make_activity(union.organization)
    session = await make_session(activity, capacity=1)
    roster = await make_roster(union, activity=activity)
    await save_table(roster, HEADER + "甲\t13800000001\n乙\t13800000002")
    old = (await list_people(roster.id, "甲", 10, 0))[0]

    await rosters.remove_person(None, roster, old.registration)

    assert await states(db, session) == {"甲": "released", "乙": "confirmed"}
    cause = await db.value("SELECT cause FROM seat WHERE registration = $1", old.registration)
    assert cause == "removed"


async def test_removed_person_may_be_uploaded_again(db: ModuleType) -> None:
    union = await make_union()
    roster = await make_roster(union)
    await save_table(roster, HEADER + "甲\t13800000001")
    old = (await list_people(roster.id, "甲", 10, 0))[0]
    await rosters.remove_person(None, roster, old.registration)

    assert await save_table(roster, HEADER + "甲\t13800000001") == (1, 0)
    assert await states(db, union.session) == {"甲": "confirmed"}


async def test_nothing_is_saved_once_registration_has_closed(db: ModuleType) -> None:
    union = await make_union()
    roster = await make_roster(union)
    code = await upload(roster, HEADER + "甲\t13800000001")
    await Session.update({Session.closes_at: in_days(-1)}).where(Session.id == union.session.id)

    with pytest.raises(Refused) as refused:
        await save(roster, code)

    assert refused.value.reason == "closed"
    with pytest.raises(Refused):
        await upload(roster, HEADER + "乙\t13800000002")


async def test_unit_that_is_not_on_the_list_is_not_invited(db: ModuleType) -> None:
    union = await make_union()
    activity = await make_activity(union.organization, eligible_only=True)
    school = await make_organization("昆明一中", "school")
    await db.fetch(
        "INSERT INTO eligible_unit (activity, organization, quota) VALUES ($1, $2, 1)", activity.id, school.id
    )
    session = await make_session(activity)

    with pytest.raises(Invalid):
        await make_roster(union, "昆明二中", activity)
    roster = await make_roster(union, "昆明一中", activity)
    await save_table(roster, HEADER + "甲\t13800000001\n乙\t13800000002")

    assert await states(db, session) == {"甲": "confirmed"}


async def test_link_opens_until_it_is_changed(db: ModuleType, client: httpx.AsyncClient) -> None:
    union = await make_union()
    roster = await make_roster(union)
    assert (await client.get(f"/rosters/{roster.secret}")).status_code == 200

    await rosters.renew_link(union.wang, union.activity.code, roster.id, revoked=False)

    assert (await client.get(f"/rosters/{roster.secret}")).status_code == 404


async def test_lists_of_other_unions_are_not_found(db: ModuleType, client: httpx.AsyncClient) -> None:
    roster = await make_roster(union := await make_union())
    qian = await make_account("qian", Role.ORGANIZER, await make_organization())
    await let_in(client, qian)

    for path in ("", f"/{roster.id}"):
        answer = await client.get(f"/manage/activities/{union.activity.code}/units{path}")
        assert answer.status_code == 404
    with pytest.raises(NotFound):
        await rosters.renew_link(qian, union.activity.code, roster.id, revoked=True)


async def test_file_of_another_unit_is_not_found(db: ModuleType, client: httpx.AsyncClient) -> None:
    union = await make_union()
    ours, theirs = await make_roster(union), await make_roster(union, "昆明二中")
    code = await upload(ours, HEADER + "甲\t13800000001")
    await save(ours, code)
    person = (await list_people(ours.id, "", 10, 0))[0].registration

    for path in (f"imports/{code}", f"people/{person}/exchange", f"people/{person}/removal"):
        assert (await client.get(f"/rosters/{theirs.secret}/{path}")).status_code == 404
        assert (await client.get(f"/rosters/{ours.secret}/{path}")).status_code == 200


async def test_school_finds_its_list_by_its_own_account(db: ModuleType, client: httpx.AsyncClient) -> None:
    union = await make_union()
    school = await make_organization("昆明一中", "school")
    sun = await make_account("sun", Role.VIEWER, school)
    roster = await make_roster(union, "昆明一中")
    await make_roster(union, "昆明二中")
    await let_in(client, sun)

    html = (await client.get("/rosters")).text

    assert f"/rosters/{roster.secret}" in html
    assert "昆明二中" not in html


async def test_leader_walks_from_the_file_to_the_tickets(db: ModuleType, client: httpx.AsyncClient) -> None:
    """As a browser without scripts does: every form as it stands on the page."""
    union = await make_union()
    roster = await make_roster(union)
    here = f"/rosters/{roster.secret}"
    table = {"table": HEADER + "甲\t13800000001\n乙\t138"}

    sent = await client.post(f"{here}/imports", data=table)
    file = sent.headers["location"]
    looked = await client.get(file)
    assert "请填写11位手机号码" in looked.text
    refused = await client.post(f"{file}/saving", data={"line": "3", "phone-3": "13800000002", "terms": "1"})
    assert refused.status_code == 422
    assert "13800000002" in refused.text
    saved = await client.post(f"{file}/saving", data={"consent": "yes", "terms": "1"})
    assert saved.headers["location"] == f"{here}?saved=2"

    listed = (await client.get(saved.headers["location"])).text
    tickets = (await client.get(f"{here}/tickets")).text
    assert "已保存2人" in listed
    assert tickets.count("<svg") == 2
    assert (await client.get(f"{here}/template.xlsx")).content.startswith(b"PK")


async def test_notice_that_changed_meanwhile_has_to_be_agreed_to_again(
    db: ModuleType, client: httpx.AsyncClient
) -> None:
    union = await make_union()
    await make_terms(union.activity)
    roster = await make_roster(union)
    code = await upload(roster, HEADER + "甲\t13800000001")
    await make_terms(union.activity, text="新的告知")

    answer = await client.post(
        f"/rosters/{roster.secret}/imports/{code}/saving", data={"consent": "yes", "terms": "1"}
    )

    assert answer.status_code == 409
    assert await states(db, union.session) == {}


def _size(*, required: bool = False) -> Question:
    options = [Option("l", "大"), Option("s", "小")]
    return Question("size", QuestionKind.ONE_OF, "衣服尺码", options=options, required=required)


async def test_pages_of_a_list_ask_as_often_for_one_person_as_for_thirty(
    db: ModuleType, client: httpx.AsyncClient
) -> None:
    union = await make_union()
    roster = await make_roster(union)
    await let_in(client, union.wang)
    counts = []
    for people in (1, 3, 30):
        table = HEADER + "\n".join(f"职工{n}\t{13_800_000_000 + n}" for n in range(people))
        await save_table(roster, table)
        file = await upload(roster, table + "\n新人\t1")
        here = f"/rosters/{roster.secret}"
        for path in (here, f"{here}/tickets", f"{here}/imports/{file}", "/rosters"):
            async with counted_statements() as statements:
                assert (await client.get(path)).status_code == 200
            counts.append((path.rpartition("/")[2][:7], len(statements)))
        await imports.discard_import(roster, file)

    assert [count for _path, count in counts[:4]] == [count for _path, count in counts[4:8]]
    assert [count for _path, count in counts[:4]] == [count for _path, count in counts[8:]]


async def test_saving_asks_as_often_for_two_people_as_for_thirty(db: ModuleType) -> None:
    union = await make_union()
    roster = await make_roster(union)
    counts = []
    for first, people in ((0, 2), (100, 30)):
        rows = "\n".join(f"职工{n}\t{13_800_000_000 + n}" for n in range(first, first + people))
        code = await upload(roster, HEADER + rows)
        async with counted_statements() as statements:
            await save(roster, code)
        counts.append(len(statements))

    assert counts[0] == counts[1]


async def test_row_may_not_touch_what_is_not_asked(db: ModuleType, client: httpx.AsyncClient) -> None:
    roster = await make_roster(await make_union())
    code = await upload(roster, HEADER + "甲\t13800000001\n乙\t13800000002")

    odd = {"line": "2", "line-2": "9", "roster-2": "1", "name-2": "丙", "name-3": "丁", "phone-77": "1"}
    await client.post(f"/rosters/{roster.secret}/imports/{code}", data=odd)

    rows = (await imports.find_own_import(roster, code)).rows
    assert [(row["line"], row["name"]) for row in rows] == [("2", "丙"), ("3", "乙")]
    assert "roster" not in rows[0]


async def test_what_leaders_do_is_written_down(db: ModuleType) -> None:
    union = await make_union()
    roster = await make_roster(union)
    await save_table(roster, HEADER + "甲\t13800000001\n乙\t13800000002")
    (first, second) = await list_people(roster.id, "", 10, 0)

    await rosters.exchange_person(
        None, roster, first.registration, {"name": "丙", "phone": "13800000003"}, SIGNER
    )
    await rosters.remove_person(None, roster, second.registration)
    await rosters.set_headcounts(None, roster, {union.session.code: 7})

    rows = await db.fetch(
        "SELECT action, account, organization FROM audit_entry WHERE action LIKE 'roster.%' ORDER BY id"
    )
    assert [(row["action"], row["account"] is None) for row in rows] == [
        ("roster.create", False),
        ("roster.import", True),
        ("roster.exchange", True),
        ("roster.remove", True),
        ("roster.headcount", True),
    ]
    assert {row["organization"] for row in rows} == {union.organization.id}


async def test_place_on_offer_goes_to_the_other_person_with_its_end(db: ModuleType) -> None:
    union = await make_union()
    activity = await make_activity(union.organization, offer_minutes=60)
    session = await make_session(activity, capacity=1, starts_at=in_days(9), ends_at=in_days(10))
    roster = await make_roster(union, activity=activity)
    await save_table(roster, HEADER + "甲\t13800000001\n乙\t13800000002")
    first, second = await list_people(roster.id, "", 10, 0)
    await rosters.remove_person(None, roster, first.registration)
    ends = await db.value("SELECT offer_ends_at FROM seat WHERE state = 'offered'")

    await rosters.exchange_person(
        None, roster, second.registration, {"name": "丙", "phone": "13800000003"}, SIGNER
    )

    assert await states(db, session) == {"甲": "released", "乙": "released", "丙": "offered"}
    assert await db.value("SELECT offer_ends_at FROM seat WHERE state = 'offered'") == ends


async def test_course_changes_hands_as_a_whole(db: ModuleType) -> None:
    union = await make_union()
    activity = await make_activity(union.organization, extent=Extent.COURSE)
    sessions = [await make_session(activity, capacity=1) for _n in range(3)]
    roster = await make_roster(union, activity=activity)
    await save_table(roster, HEADER + "甲\t13800000001\n乙\t13800000002")
    first, _second = await list_people(roster.id, "", 10, 0)

    await rosters.exchange_person(
        None, roster, first.registration, {"name": "丙", "phone": "13800000003"}, SIGNER
    )
    heir = (await list_people(roster.id, "丙", 10, 0))[0]
    await rosters.remove_person(None, roster, heir.registration)

    for session in sessions:
        assert await states(db, session) == {"甲": "released", "乙": "confirmed", "丙": "released"}
        assert await counters(db, session) == (1, 0, 1)
