"""Everything is said in Chinese and in English: the catalogue is whole, and no English page has a Chinese word."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from python_calamine import CalamineWorkbook
from tests.certified import certify
from tests.gates import make_gate
from tests.pages import fields_of
from tests.people import (
    SIGNER,
    Union,
    authorization,
    let_in,
    make_activity,
    make_organization,
    make_session,
    make_terms,
    make_union,
    moment_field,
    register,
)
from tests.races import scan_of

from events_app.accounts.tables import Organization
from events_app.checkin.actions import selves
from events_app.checkin.actions.admitting import admit
from events_app.checkin.actions.later import add_later
from events_app.checkin.actions.sheets import make_sheet
from events_app.checkin.forms.later import LaterForm
from events_app.checkin.rules.venue_codes import qr_code
from events_app.lib import clock, codes, database
from events_app.lib.language import LOCALE, current, listed
from events_app.lib.language import gettext as _
from events_app.programmes.actions.batches import create_batch
from events_app.programmes.actions.invitations import invite_guests
from events_app.programmes.queries.guests import GuestRow, set_guests
from events_app.programmes.queries.sessions import find_own_session
from events_app.programmes.rules.rows import Defaults
from events_app.programmes.tables import Activity, BatchSource, Session, Venue
from events_app.registration.actions import draws, imports, rosters
from events_app.registration.actions.lines import move_in_line
from events_app.registration.actions.waiting import cancel
from events_app.registration.actions.walk_ins import register_at_door
from events_app.registration.forms import ImportForm, LineForm, LineTarget, RegistrationForm, UnitForm
from events_app.registration.queries import SeatTaken, find_ticket
from events_app.registration.queries.rosters import list_people
from events_app.registration.rules.answers import NO_ANSWERS
from events_app.registration.rules.questions import Condition, Option, Question, QuestionKind
from events_app.registration.tables import Seat
from events_app.schedules.rules.schedule import headline
from events_app.web.edge import Edge

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "events_app"
ENGLISH = LOCALE / "en" / "LC_MESSAGES" / "messages.po"
PYTHON = [path for path in sorted(SOURCE.rglob("*.py")) if "demo" not in path.parts]
TEMPLATES = sorted(SOURCE.rglob("*.html"))

# Chinese characters and their punctuation.
CHINESE = re.compile(r"[\u3001-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]+")
HAN = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%")
# Addresses that answer machines, or with files.
MACHINES = (
    *("/api/", "/schema", "/static/", "/metrics", "/healthz", "/readyz"),
    *(
        "/pictures/",
        "/calendars/",
        ".xlsx",
        ".csv",
        ".ics",
        ".json",
        "/gate/sw.js",
        "/registrations",
        "/saving",
        "/attachments/",
    ),
)
# Addresses that answer a piece of a page.
FRAGMENTS = ("/now",)
# What is Chinese in both languages, or writes both languages itself; and what people write in their tables.
NOT_MESSAGES = {
    *("lib/clock.py", "lib/language.py", "programmes/rules/workdays.py"),
    *(f"programmes/rules/{name}.py" for name in ("headers", "rows", "typed")),
    *(
        "registration/queries/erasure.py",
        "registration/rules/answer_kinds.py",
        "registration/rules/roster_rows.py",
    ),
}

LATER = datetime(2026, 12, 5, 1, 0, tzinfo=UTC)


@cache
def catalogue() -> Catalog:
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en", abort_invalid=True)


@cache
def extracted() -> set[str]:
    """What `make messages` would find now."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(
        SOURCE, methods, options, directory_filter=lambda path: Path(path).name != "demo"
    )
    return {str(message) for _file, _line, message, _comments, _context in found}


def messages() -> list[Message]:
    return [message for message in catalogue() if message.id]


# The catalogue


def test_catalogue_has_every_message_and_no_other() -> None:
    known = {str(message.id) for message in messages()}

    assert (extracted() - known, known - extracted()) == (set(), set()), "Run: make messages"


def test_every_message_is_translated() -> None:
    assert [message.id for message in messages() if not message.string or message.fuzzy] == []
    assert list(catalogue().obsolete) == []


def test_translations_are_english() -> None:
    assert [message.id for message in messages() if CHINESE.search(str(message.string))] == []


def test_translations_keep_the_placeholders() -> None:
    def names(text: object) -> set[str]:
        return set(PLACEHOLDER.findall(str(text)))

    assert [message.id for message in messages() if names(message.id) != names(message.string)] == []


def test_whole_sentences_stay_whole_sentences() -> None:
    sentences = [m for m in messages() if str(m.id).endswith("。")]

    assert [m.string for m in sentences if not str(m.string).endswith((".", "?", "…", "”"))] == []


def test_compiled_catalogue_is_up_to_date() -> None:
    with ENGLISH.with_suffix(".mo").open("rb") as file:
        compiled = {str(message.id): message.string for message in read_mo(file) if message.id}

    assert compiled == {str(message.id): message.string for message in messages()}, "Run: make setup"


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_chinese_in_python_is_a_message(path: Path) -> None:
    """Written out where it is used, so that the extraction finds it."""
    tree = ast.parse(path.read_text())
    said = {id(part) for call in calls(tree) for part in ast.walk(call.args[0])}
    chinese = [text.value for text in texts(tree) if id(text) not in said and HAN.search(str(text.value))]

    assert [ast.unparse(call) for call in calls(tree) if not isinstance(call.args[0], ast.Constant)] == []
    assert path.relative_to(SOURCE).as_posix() in NOT_MESSAGES or chinese == []


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Everything that is said through `_`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
            yield node


def texts(tree: ast.AST) -> Iterator[ast.Constant]:
    """Strings, without docstrings."""
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_chinese_in_templates_is_a_message(path: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    unsaid = re.sub(r'\b_\("[^"]*"', "", source)

    assert CHINESE.findall(unsaid) == (["中文"] if path.name == "foot.html" else [])


def test_no_name_of_a_day_or_month_comes_from_the_locale_of_the_process() -> None:
    assert [path.name for path in PYTHON if re.search(r"%-?[aAbBcxXp]\b", path.read_text())] == []


# Dates and lists


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    token = current.set(request.param)
    yield request.param
    current.reset(token)


def test_session_of_hours(language: str) -> None:
    expected = {"zh": "2026年12月5日（周六）09:00–11:00", "en": "Sat 5 Dec 2026, 09:00–11:00"}

    assert clock.span_text(LATER, LATER + timedelta(hours=2)) == expected[language]


def test_session_over_night(language: str) -> None:
    expected = {
        "zh": "2026年12月5日（周六）09:00 – 2027年1月1日（周五）00:30",
        "en": "Sat 5 Dec 2026, 09:00 – Fri 1 Jan 2027, 00:30",
    }

    assert clock.span_text(LATER, datetime(2026, 12, 31, 16, 30, tzinfo=UTC)) == expected[language]


def test_moment_and_its_parts(language: str) -> None:
    day = clock.local(LATER).date()
    written = [
        clock.moment_text(LATER),
        clock.day_text(day),
        clock.short_day_text(day),
        clock.month_text(day),
        clock.hours_text(LATER, LATER + timedelta(minutes=90)),
        clock.second_text(LATER),
    ]

    expected = {
        "zh": ["2026年12月5日（周六）09:00", "2026年12月5日（周六）", "12月5日", "2026年12月"],
        "en": ["Sat 5 Dec 2026, 09:00", "Sat 5 Dec 2026", "5 Dec", "December 2026"],
    }
    assert written == [*expected[language], "09:00–10:30", "09:00:00"]


def test_weekdays_begin_on_monday(language: str) -> None:
    names = [clock.weekday(date(2024, 1, day)) for day in range(1, 8)]

    assert (
        names
        == {
            "zh": ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
            "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        }[language]
    )


def test_names_in_one_line(language: str) -> None:
    assert listed(["A", "B"]) == {"zh": "A、B", "en": "A, B"}[language]
    assert headline("Pilots", "Day 2") == {"zh": "Pilots：Day 2", "en": "Pilots: Day 2"}[language]


def test_values_are_filled_in_after_translating(language: str) -> None:
    assert _("还剩%(n)s个名额", n=3) == {"zh": "还剩3个名额", "en": "3 left"}[language]


# Pages


@pytest.fixture
async def union(db: object) -> Union:
    """Everything that people typed is English; two sessions more, so that pages have other states to show."""
    union = await make_union("Yunnan Federation of Trade Unions")
    await Organization.update({Organization.region: "530100"}, force=True)
    await Activity.update(
        {Activity.title: "Model workers visit", Activity.description: "**Come**."}, force=True
    )
    soon, hour = clock.now() + timedelta(days=3), timedelta(hours=1)
    times: dict[str, Any] = {
        "opens_at": soon - hour,
        "closes_at": soon,
        "starts_at": soon,
        "ends_at": soon + hour,
    }
    await make_session(union.activity, 1, title="Second", **times)
    off: dict[str, Any] = {"called_off_at": clock.now(), "called_off_reason": "Storm"}
    await make_session(union.activity, 9, title="Third", **off)
    await Venue.update({Venue.name: "Great hall", Venue.address: "1 Ningbo Road"}, force=True)
    return union


@pytest.fixture
async def seat(union: Union) -> SeatTaken:
    """Zhao's, who came."""
    taken = await register(union.session, "Zhao Min", unit="Kunming Vocational College")
    await Seat.update({Seat.attended_at: clock.now(), Seat.evidence: "scan"}, force=True)
    return taken


@pytest.fixture
async def reader(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    """Wang's browser, in English; Zhao registered with it."""
    await let_in(client, union.wang)
    client.cookies.set("events_phone", "a-phone")
    client.cookies.set("language", "en")
    return client


def chinese(page: str) -> list[str]:
    """What is Chinese of a page, but for the switch's own word."""
    return [word for word in CHINESE.findall(page) if word != "中文"]


@pytest.fixture
async def planned(union: Union) -> dict[str, str]:
    """What else pages are about: a guest who is invited, rows to be saved, a draft from below."""
    below = await make_organization("Kunming Federation", parent=union.organization.id)
    submitted = await make_activity(below, title="Sent up", published_at=None, state="submitted")
    await set_guests(union.session.id, union.organization.id, [GuestRow("Geng Jiasheng", "Model worker", "")])
    await invite_guests(union.wang, union.session.code)
    rows = [{"venue": "Great hall", "day": "2027-03-01", "starts": "9:00", "ends": "8:00"}]
    invitation = await database.find("SELECT id, secret FROM invitation")
    assert invitation is not None
    drawn = await _drawn(union)
    others = await _offered(union) | await _list_of_a_unit(union)
    names = ["Zhou Jie", "Wu Tong", "Feng Bo", "Chen Li"]
    certified = await certify(union, "Pilots' course", names, "Kunming College")
    gate = await make_gate(union.session, "East door")
    others |= await _walked_in(union)
    others |= await _on_paper(union)
    await database.fetch(
        "UPDATE venue SET name = 'Hall ' || id, address = '2 Ningbo Road' WHERE name = '大礼堂'"
    )
    batch = await create_batch(
        union.wang, union.activity.code, BatchSource.TABLE, rows, Defaults(clock.now())
    )
    return others | {
        "/s/{session:str}/draw": f"/s/{drawn}/draw",
        "/manage/reviews/{code:str}": f"/manage/reviews/{submitted.code}",
        "/manage/guests/{code:str}": f"/manage/guests/{await database.value('SELECT code FROM guest')}",
        "/manage/venues/{code:str}": f"/manage/venues/{await database.value('SELECT code FROM venue')}",
        "/manage/batches/{code:str}": f"/manage/batches/{batch}",
        "/invitations/{secret:str}": f"/invitations/{invitation['secret']}",
        "{invitation:str}": str(invitation["id"]),
        "{question:str}": await _asked(union),
        "/t/{ticket:str}/hours": f"/t/{certified['graduate']}/hours",
        "/manage/activities/{code:str}/hours": f"/manage/activities/{certified['certifying']}/hours",
        "/certificates/{code:str}": f"/certificates/{certified['certificate']}",
        "/manage/gates/{code:str}": f"/manage/gates/{gate.code}",
        "/gates/{link:str}": f"/gates/{gate.link}",
    }


async def _asked(union: Union) -> str:
    """The code of one question among others, the second version of them."""
    meal = Question("meal", QuestionKind.ONE_OF, "Lunch", options=[Option("a", "Meat"), Option("b", "None")])
    others = [
        Question(kind.value, kind, f"A {kind}", purpose="Lunch", keep_days=3, only_if=Condition("meal", "a"))
        for kind in QuestionKind
        if kind not in (QuestionKind.ONE_OF, QuestionKind.MANY_OF)
    ]
    await make_terms(union.activity, [meal, *others], purpose="Lunch", recipients="The cook")
    await make_terms(union.activity, [*others[:3], meal], text="Ask us.", keep_days=7)
    return "meal"


async def _drawn(union: Union) -> str:
    """The code of a session that was drawn, its list published."""
    activity = await make_activity(union.organization, title="Oxygen cabin", admission="draw")
    session = await make_session(activity)
    await register(session, "Zhou Jie")
    await draws.tell_seed(union.wang, session.code, "Works council of November")
    await Session.update({Session.closes_at: clock.now()}).where(Session.id == session.id)
    await draws.hold_draw(union.wang, session.code)
    await draws.publish_draw(union.wang, session.code)
    return session.code


async def _walked_in(union: Union) -> dict[str, str]:
    """A door that registers whoever comes, and one who came."""
    activity = await make_activity(union.organization, title="Job fair", walk_ins=True, minimum_age=16)
    session = await make_session(activity)
    seat = await register_at_door(
        session.code,
        RegistrationForm(name="Zhou Jie", phone="19900008888", unit="", consent=True, birth_year=1990),
        SIGNER,
        NO_ANSWERS,
    )
    await admit(scan_of(session.code, seat.seat.ticket, seat.seat.signature, union.li.account))
    undo = f"/manage/sessions/{session.code}/seats/{seat.seat.seat}/undo"
    return {
        "/gate/{code:str}/walk-in": f"/gate/{session.code}/walk-in",
        "/manage/sessions/{code:str}/seats/{seat:str}/undo": undo,
    }


async def _on_paper(union: Union) -> dict[str, str]:
    """A session under way with a sheet of two people, one of whom was added afterwards."""
    activity = await make_activity(union.organization, title="Skills contest")
    session = await make_session(activity)
    seats = [
        await register(session, name, f"1990000666{n}") for n, name in enumerate(("Zhou Jie", "Wu Tong"))
    ]
    begun = clock.now() - timedelta(minutes=30)
    await Session.update({Session.starts_at: begun, Session.closes_at: begun}).where(Session.id == session.id)
    row = await find_own_session(session.code, [union.organization.id])
    assert row
    form = LaterForm(seat=[seats[0].seat], at=begun, reason="Her phone was empty", nonce="later")
    await add_later(union.wang, row, form)
    sheet = await make_sheet(union.wang, row, 3)
    return {
        "{sheet:str}/{page:str}": f"{sheet}/1",
        "{sheet:str}": sheet,
        "/manage/sessions/{code:str}/sheets": f"/manage/sessions/{session.code}/sheets",
        "/gate/{code:str}/sheets": f"/gate/{session.code}/sheets",
        "/manage/sessions/{code:str}/later": f"/manage/sessions/{session.code}/later",
    }


async def _offered(union: Union) -> dict[str, str]:
    """One of two who waited was offered a place."""
    activity = await make_activity(union.organization, title="Health day", offer_minutes=30)
    session = await make_session(activity, 1)
    seats = [await register(session, name) for name in ("Zhou Jie", "Wu Tong", "Feng Bo", "Chen Li")]
    for seat, reason in ((seats[3], "Has to leave early"), (seats[2], "Comes from far away")):
        form = LineForm(to=LineTarget.POSITION, position=2, reason=reason)
        await move_in_line(union.wang, session.code, seat.seat, form)
    first = await find_ticket(seats[0].ticket, seats[0].signature)
    assert first
    await cancel(first, session.code)
    ticket = codes.ticket_text(seats[1].ticket, seats[1].signature)
    return {
        "/t/{ticket:str}/answers": f"/t/{ticket}/answers",
        "/t/{ticket:str}/offer/{session:str}": f"/t/{ticket}/offer/{session.code}",
        "/manage/sessions/{code:str}/line/{seat:str}": f"/manage/sessions/{session.code}/line/{seats[3].seat}",
        "/manage/sessions/{code:str}/line": f"/manage/sessions/{session.code}/line",
    }


async def _list_of_a_unit(union: Union) -> dict[str, str]:
    """A roster with one person on it, and a file of which one row is wrong."""
    form = UnitForm(unit="Kunming College", leader_name="Sun", leader_phone="19900005555")
    roster = await rosters.own_roster(
        union.wang, union.activity.code, await rosters.invite_unit(union.wang, union.activity.code, form)
    )
    table = "Name\tPhone\nZhou Jie\t19900007777\nWu Tong\t1.99E+10"
    code = await imports.create_import(roster, ImportForm(table=table, session=[union.session.code]), b"")
    terms = (await rosters.asking_of(roster, [])).terms.number
    await imports.save_import(union.wang, roster.secret, code, terms, SIGNER)
    return {
        "/rosters/{secret:str}/imports/{code:str}": f"/rosters/{roster.secret}/imports/{code}",
        "/rosters/{secret:str}": f"/rosters/{roster.secret}",
        "{roster:str}": str(roster.id),
        "{arrival:str}": str(roster.arrival_code),
        "{person:str}": str((await list_people(roster.id, "", 1, 0))[0].registration),
    }


def addresses(app: Edge, union: Union, seat: SeatTaken, planned: dict[str, str]) -> list[str]:
    """Every page there is, with something behind it."""
    values = planned | {
        "{ticket:str}": codes.ticket_text(seat.ticket, seat.signature),
        "{organization:str}": union.organization.code,
        "/activities/{code:str}": f"/activities/{union.activity.code}",
        "{code:str}": union.session.code,
        "{session:str}": union.session.code,
        "{seat:str}": str(seat.seat),
    }
    paths = [route.path for route in app.inner.routes if "GET" in route.methods]
    pages = [path for path in paths if not any(part in path for part in MACHINES)]
    for name, value in values.items():
        pages = [path.replace(name, value) for path in pages]
    return pages


async def test_no_english_page_has_a_chinese_word(
    app: Edge, reader: httpx.AsyncClient, union: Union, seat: SeatTaken, planned: dict[str, str]
) -> None:
    pages = {address: await reader.get(address) for address in addresses(app, union, seat, planned)}

    assert {address: page.status_code for address, page in pages.items() if page.status_code != 200} == {}
    assert {address: words for address, page in pages.items() if (words := chinese(page.text))} == {}
    whole = {address: page for address, page in pages.items() if not address.endswith(FRAGMENTS)}
    assert [address for address, page in whole.items() if '<html lang="en">' not in page.text] == []
    assert len(pages) >= 20


async def test_nor_has_a_page_in_another_state(
    reader: httpx.AsyncClient, union: Union, seat: SeatTaken
) -> None:
    draft = await make_activity(union.organization, title="Draft", published_at=None)
    sessions = [s.code for s in await Session.objects().where(Session.activity == union.activity.id)]
    found = [
        "/?view=month",
        "/?words=nothing",
        "/?kind=lecture",
        "/?region=53",
        f"/?organization={union.organization.code}",
        f"/o/{union.organization.code}?view=month",
        f"/manage/activities/{draft.code}",
        f"/manage/activities/{draft.code}/preview",
        f"/manage/sessions/{union.session.code}?words=nobody",
        "/manage/statistics?to=2000-01-01",
        "/manage/statistics?from=x",
        "/manage/statistics?kind=visit",
        "/tickets/find?registered=yes",
        "/nowhere",
        "/s/nowhere",
        "/t/nowhere",
        "/gate/nowhere",
        "/o/nowhere",
        *(f"/s/{code}" for code in sessions),
    ]
    pages = {address: await reader.get(address) for address in found}

    assert {address: words for address, page in pages.items() if (words := chinese(page.text))} == {}
    assert {page.status_code for page in pages.values()} == {200, 404, 422}


async def test_strangers_pages_are_english_too(client: httpx.AsyncClient, union: Union) -> None:
    client.cookies.set("language", "en")
    found = ["/", "/login", "/tickets/find", f"/s/{union.session.code}", "/nowhere"]

    assert [chinese((await client.get(address)).text) for address in found] == [[], [], [], [], []]


async def test_checking_oneself_in_is_english(
    reader: httpx.AsyncClient, union: Union, seat: SeatTaken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zhao has come; a friend's taps wait for an organiser; nobody has such a name; and whoever guesses is stopped."""
    await Seat.update({Seat.attended_at: None, Seat.evidence: None}, force=True)
    await register(union.session, "Zhou Jie", "19900008888")
    door, now = f"/c/{union.session.code}", clock.now()
    shown = await reader.get(f"{door}?k={qr_code(b'0' * 64, union.session.code, now)}")
    right = {name: values[0] for name, values in fields_of(shown.text).items()}
    tickets = re.findall(r'name="ticket" value="(.+?)"', shown.text)
    taps = [await reader.post(f"{door}/check-ins", data=right | {"ticket": one}) for one in tickets]
    monkeypatch.setattr(selves, "_OF_A_PHONE", 1)
    nobody = {"ticket": "", "name": "Nobody", "phone": "19900007777", "pin": "123456"}
    others = [
        await reader.get(f"{door}?k=late"),
        await reader.post(f"{door}/check-ins", data=right | nobody),
        await reader.post(f"{door}/check-ins", data=right | nobody | {"grant": "x"}),
        *[
            await reader.post(f"{door}/digits", data={"digits": digits})
            for digits in ("", "000000", "000000")
        ],
    ]

    pages = [shown, *taps, *others]
    assert [page.status_code for page in pages] == [200, 200, 200, 409, 409, 409, 422, 409, 429]
    assert [chinese(page.text) for page in pages] == [[]] * len(pages)


FORMS = {
    "/login": {"login": "", "password": ""},
    "/tickets/find": {"name": "Zhao Min", "phone": "12", "pin": "x"},
    "/s/SESSION/registrations": {"name": "x" * 51, "phone": "1"},
    "/gate/SESSION/scans": {"ticket": "nonsense", "nonce": "1234567890123456"},
    "/gate/SESSION/walk-in": {"name": "", "phone": "1"},
    "/manage/organizations": {"name": "", "kind": "none", "region": "x"},
    "/manage/activities": {"title": "", "kind": "none", "host_organization": "Nobody", "host_role": "host"},
    "/manage/activities/ACTIVITY": {
        "title": "T",
        "kind": "visit",
        "host_organization": "A",
        "host_role": "host",
    },
    "/manage/activities/ACTIVITY/sessions": {"starts_at": "soon", "capacity": "0", "check_in_lead": "x"},
    "/manage/sessions/SESSION/edit": {"starts_at": "1999-01-01T00:00", "capacity": "many"},
    "/manage/sessions/SESSION/call-off": {"reason": "\u202e"},
    "/manage/sessions/SESSION/move": {"starts_at": "soon", "venue": "", "reason": "\u202e"},
}


@pytest.mark.parametrize(("address", "fields"), FORMS.items())
async def test_what_is_wrong_with_a_form_is_said_in_english(
    reader: httpx.AsyncClient, union: Union, address: str, fields: dict[str, str]
) -> None:
    address = address.replace("SESSION", union.session.code).replace("ACTIVITY", union.activity.code)

    answer = await reader.post(address, data=fields)

    assert (answer.status_code, chinese(answer.text)) == (200 if "scans" in address else 422, [])


async def test_sessions_that_cannot_be_are_refused_in_english(
    reader: httpx.AsyncClient, union: Union
) -> None:
    start = clock.now() + timedelta(days=1)
    typed = {"starts_at": start, "ends_at": start, "opens_at": start, "closes_at": start - timedelta(days=1)}
    fields = {name: moment_field(moment) for name, moment in typed.items()}
    numbers = {
        "capacity": "1",
        "check_in_lead": "30",
        "venue": "Great hall",
        "site": "Nobody",
        "guests": ",,,,",
    }

    answer = await reader.post(f"/manage/activities/{union.activity.code}/sessions", data=fields | numbers)

    assert (answer.status_code, chinese(answer.text)) == (422, [])


async def test_workbooks_are_english(reader: httpx.AsyncClient, union: Union, seat: SeatTaken) -> None:
    for address in ("/manage/statistics.xlsx", f"/manage/sessions/{union.session.code}/attendees.xlsx"):
        answer = await reader.get(address)
        book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
        rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]

        assert chinese(f"{book.sheet_names} {rows} {answer.headers['content-disposition']}") == []


async def test_calendar_of_a_ticket_is_english(
    reader: httpx.AsyncClient, union: Union, seat: SeatTaken
) -> None:
    await Session.update({Session.called_off_at: clock.now()}, force=True)

    answer = await reader.get(f"/t/{codes.ticket_text(seat.ticket, seat.signature)}/calendar.ics")

    assert (answer.status_code, chinese(answer.text)) == (200, [])
    assert "SUMMARY:[Cancelled] Model workers visit" in answer.text


@pytest.mark.parametrize(("language", "title"), [("", "没有找到"), ("zh", "没有找到"), ("en", "Not found")])
async def test_problems_of_the_api_follow_the_language(
    client: httpx.AsyncClient, union: Union, language: str, title: str
) -> None:
    cookie = {"cookie": f"language={language}"} if language else {}

    answer = await client.get("/api/v1/sessions/none", headers=await authorization(union.wang) | cookie)

    assert (answer.status_code, answer.json()["title"]) == (404, title)
    assert bool(chinese(answer.text)) == (language != "en")


# The switch


async def test_switch_sets_a_cookie_for_a_year_and_leads_back(
    client: httpx.AsyncClient, union: Union
) -> None:
    back = "/?kind=visit&view=month"

    answer = await client.post("/language", data={"language": "en", "back": back})

    assert (answer.status_code, answer.headers["location"]) == (303, back)
    assert answer.headers["set-cookie"].lower().startswith("language=en;")
    assert "max-age=31536000" in answer.headers["set-cookie"].lower()


async def test_switch_knows_the_whole_address_of_its_page(client: httpx.AsyncClient, union: Union) -> None:
    page = (await client.get("/?kind=visit&view=month")).text

    assert 'name="back" value="/?kind=visit&amp;view=month"' in page.replace("&#x2f;", "/")


async def test_switch_below_a_refused_form_leads_to_the_form(client: httpx.AsyncClient, union: Union) -> None:
    form = f"/s/{union.session.code}"

    page = (await client.post(f"{form}/registrations", data={"name": ""})).text

    assert f'name="back" value="{form}"' in page.replace("&#x2f;", "/")


async def test_each_language_says_which_it_is(client: httpx.AsyncClient) -> None:
    client.cookies.set("language", "en")
    page = (await client.get("/login")).text

    assert re.findall(r'value="(\w+)" lang="([\w-]+)" aria-pressed="(\w+)"', page) == [
        ("zh", "zh-CN", "false"),
        ("en", "en", "true"),
    ]
