"""What holds for every page: nobody is shut out by it, on a phone, in the dark, by keyboard, or on paper."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, Page, Response, expect
from tests.browser.conftest import Axe
from tests.browser.visitors import DESK, PHONE, Visitors, commit, scan
from tests.certified import certify
from tests.gates import make_gate
from tests.people import (
    PASSWORD,
    SIGNER,
    Union,
    make_account,
    make_activity,
    make_organization,
    make_session,
    make_terms,
    make_union,
    register,
)
from tests.races import scan_of

from events_app.accounts.rules import Me
from events_app.accounts.tables import Organization, Role
from events_app.checkin.actions import selves
from events_app.checkin.actions.admitting import admit
from events_app.checkin.actions.later import add_later
from events_app.checkin.actions.recording import record_all
from events_app.checkin.actions.rosters import Hand
from events_app.checkin.actions.sheets import make_sheet
from events_app.checkin.actions.undoing import undo_attendance
from events_app.checkin.forms.later import LaterForm
from events_app.checkin.queries.rosters import find_line
from events_app.checkin.queries.selves import list_claims_of_phone
from events_app.checkin.queries.sessions import Doorkeeper, find_gate_session
from events_app.checkin.rules.venue_codes import qr_code
from events_app.demo import facts
from events_app.lib import clock, codes, database
from events_app.programmes.actions import feeds
from events_app.programmes.actions import invitations as asking
from events_app.programmes.actions.life import submit
from events_app.programmes.actions.venues import create_venue
from events_app.programmes.forms.venues import VenueForm
from events_app.programmes.queries.guests import GuestRow, set_guests
from events_app.programmes.queries.policies import PolicyRow, save_policy
from events_app.programmes.queries.sessions import find_own_session
from events_app.programmes.queries.venues import find_or_add_venue
from events_app.programmes.tables import Absence, Host, HostRole, Session
from events_app.registration.actions import activities as lives
from events_app.registration.actions import decisions, draws, imports, rosters
from events_app.registration.actions.lines import move_in_line
from events_app.registration.actions.waiting import cancel
from events_app.registration.forms import ImportForm, LineForm, LineTarget, UnitForm
from events_app.registration.queries import SeatTaken, find_ticket
from events_app.registration.queries.rosters import list_people
from events_app.registration.rules.questions import Condition, Option, Question, QuestionKind, Stage
from events_app.registration.tables import Registration, Seat
from events_app.web.forms import read_values

FIRST_VISIT = 30 * 1024  # bytes
STORY = facts.yunnan.ACTIVITIES[0]  # as long as what unions write
WORDS = "弘扬劳模精神劳动精神工匠精神走进校园走进车间走进社区，" * 8
LONG_UNIT = "云南省昆明市安宁市禄脿街道" * 4

# What one would have to scroll sideways for, and what is cut off by its box; an ellipsis says that there is more.
OUT_OF_SIGHT = """() => {
    const hides = (style) => ["hidden", "clip"].includes(style.overflowX) && style.clipPath === "none"
        && style.textOverflow !== "ellipsis";
    const right = (box) => box.getBoundingClientRect().right;
    const words = document.createRange();
    const cuts = (box) => (words.selectNodeContents(box), right(words) > right(box) + 1);
    const found = [...document.querySelectorAll("main *")]
        .filter((box) => box.matches(":not(input)") && hides(getComputedStyle(box)) && cuts(box));
    const root = document.documentElement;
    return [...found, ...(root.scrollWidth > screen.width ? [root] : [])]
        .map((box) => `${box.localName}.${box.className}`);
}"""
# In the evening the makers' session of an hour from now would last until tomorrow, of which pages say other things.
END_BEFORE_MIDNIGHT = """
    UPDATE session
    SET starts_at = least(starts_at, midnight - interval '31 minutes'), ends_at = midnight - interval '1 minute'
    FROM (
        SELECT id, date_trunc('day', starts_at + interval '1 day', 'Asia/Shanghai') FROM session
    ) AS day (id, midnight)
    WHERE day.id = session.id AND ends_at >= midnight AND starts_at < now() + interval '2 hours'
"""
FIRST_STOP = "a[href], button:not([hidden]), input:not([type=hidden]), select, textarea, [tabindex='0']"
FOCUSED = "[document.activeElement.matches(':focus-visible'), getComputedStyle(document.activeElement).outlineStyle]"
# From 0, black, to 1, white; the canvas shows the root's background.
LIGHTNESS = """(name) => {
    const [r, g, b] = getComputedStyle(document.documentElement)[name].match(/[\\d.]+/g).map(Number);
    return Math.round(21.26 * r + 71.52 * g + 7.22 * b) / 25500;
}"""


@dataclass
class World:
    """One union with sessions in every state, and who came."""

    union: Union
    yang: Me  # owns it
    school: Organization
    sessions: dict[str, Session]
    tickets: dict[str, str]
    draft: str
    approving: Session
    asked: dict[str, str]


@dataclass
class Place:
    """A page: who looks at it, its address, and what is done there before one looks."""

    who: str
    address: str
    status: int = 200
    then: Callable[[Page], None] = field(default=lambda page: None)


@dataclass(frozen=True)
class View:
    """A place in a width and a colour scheme."""

    look: str
    place: str

    def __str__(self) -> str:
        return f"{self.place}-{self.look}"


@dataclass
class Shown:
    """What a view's address answered, and the page that was made of it."""

    page: Page
    status: int


def send_empty(page: Page) -> None:
    """Press the form's last button as a browser does that checks nothing itself."""
    page.evaluate(
        """() => {
            const form = document.querySelector("main form[method=post]:not([action$='/publication'])");
            form.noValidate = true;
            for (const box of form.querySelectorAll("input.box, textarea")) box.value = "";
        }"""
    )
    page.locator("main form[method=post] button").last.click()
    expect(page.get_by_role("alert")).to_be_visible()


def save_empty(page: Page) -> None:
    """Like `send_empty`, where other forms and buttons follow the one that saves."""
    form = page.locator("main form[method=post]:has(.save-bar)")
    form.evaluate(
        """(form) => {
            form.noValidate = true;
            for (const box of form.querySelectorAll("input.box, textarea")) box.value = "";
        }"""
    )
    form.locator(".save-bar button:not([formaction])").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def send_empty_group(page: Page) -> None:
    """With one companion whose phone number is wrong."""
    page.locator("#field-companions > summary").click()
    page.locator("[name=companion-2-phone]").fill("12")
    page.locator("main form[method=post]").evaluate("(form) => { form.noValidate = true; }")
    page.locator("main form[method=post] button").last.click()
    expect(page.locator("#field-companion-2-phone-wrong")).to_be_visible()


def send_no_speed(page: Page) -> None:
    page.locator("[name=travel_speed]").fill("0")
    page.locator("form[action$='/policy']").evaluate(
        "(form) => { form.noValidate = true; form.requestSubmit(); }"
    )
    expect(page.get_by_role("alert")).to_be_visible()


def publish(page: Page) -> None:
    page.locator("form[action$='/publication'] button").click()
    expect(page.get_by_role("alert")).to_be_visible()


def plan_on_a_holiday(page: Page) -> None:
    """On New Year's Day."""
    for name, hour in (("starts_at", "09:00"), ("ends_at", "11:00")):
        page.locator(f"#field-{name}").fill(f"2027-01-01T{hour}")
    page.locator("#field-capacity").fill("1000000")
    page.locator(".save-bar button").click()
    expect(page.locator(".clashes[role=alert]")).to_be_visible()


def save_elsewhere(page: Page) -> None:
    """Another venue for a session in which people are registered."""
    page.locator("#field-venue").fill("体育馆")
    page.locator(".save-bar button").click()
    expect(page.locator(".touched")).to_be_visible()


def save_what_changed_meanwhile(page: Page) -> None:
    """As if the form had been opened before somebody else saved."""
    page.evaluate(
        """() => {
            const base = document.querySelector("[name=base]");
            base.value = JSON.stringify({...JSON.parse(base.value), capacity: "7", title: "原来的名称"});
        }"""
    )
    page.locator("#field-capacity").fill("900")
    page.locator(".save-bar button").click()
    expect(page.locator(".conflict")).to_be_visible()


def check_table(page: Page) -> None:
    """A batch with rows of every kind: wrong, warned, ready, and a school that nobody knows."""
    day = f"{clock.today() + timedelta(days=45)}"
    rows = [
        "学校\t场地\t日期\t时间\t名额\t嘉宾\t备注",
        f"没有登记的学校\t礼堂\t{day}\t9:00-11:00\t300\t耿家盛\t无",
        f"曲靖技师学院\t{WORDS[:100]}\t2月31日\t25:00\t很多\t{WORDS[:70]}\t无",
        *[f"曲靖技师学院\t大礼堂\t{day}\t9:00-11:00\t{n}\t{WORDS[:50]}\t无" for n in (100, 200)],
        f"\t{WORDS[:90]}\t{day}\t14:00-16:00\t50\t\t无",
    ]
    page.locator("#field-table").fill("\n".join(rows))
    page.locator("main form[method=post] button").last.click()
    expect(page.locator(".batch-rows > li")).to_have_count(5)


def send_odd_heads(page: Page) -> None:
    page.locator("[name^=heads-]").first.fill("很多")
    page.locator("form[action$='/headcounts'] button").click()
    expect(page.get_by_role("alert")).to_be_visible()


def undo_speechless(page: Page) -> None:
    page.locator("#field-reason").fill("")
    page.locator("form[action$='/undo']").evaluate("(form) => (form.noValidate = true)")
    page.locator("form[action$='/undo'] button").click()
    expect(page.get_by_role("alert")).to_be_visible()


def walk_in(page: Page) -> None:
    page.locator("#field-name").fill("周杰")
    page.locator("#field-phone").fill("19900008888")
    page.locator("#field-unit").fill(LONG_UNIT)
    page.locator("#field-consent").check()
    page.locator("form.walk-in > .button").click()
    expect(page.locator("#scan-result")).to_be_visible()


def tap(page: Page) -> None:
    page.locator("main form button").first.click()
    expect(page.get_by_role("status")).to_be_visible()


def arrive_oddly(page: Page) -> None:
    page.locator("#field-heads").fill("很多")
    page.locator(".group-go").click()
    expect(page.get_by_role("alert")).to_be_visible()


def sign_at_no_time(page: Page) -> None:
    page.locator("#field-at").fill("")
    page.locator("main form").evaluate("(form) => (form.noValidate = true)")
    page.locator(".group-go").click()
    expect(page.get_by_role("alert")).to_be_visible()


def add_speechless(page: Page) -> None:
    page.locator("main form[method=post]").evaluate("(form) => (form.noValidate = true)")
    page.locator("main form[method=post] .button").last.click()
    expect(page.get_by_role("alert")).to_be_visible()


def save_unagreed(page: Page) -> None:
    page.locator("button[formaction$='/saving']").click()
    expect(page.get_by_role("alert")).to_be_visible()


def return_speechless(page: Page) -> None:
    page.locator("#field-remark").evaluate("(box) => (box.form.noValidate = true)")
    page.locator("form[action$='/return'] button").click()
    expect(page.get_by_role("alert")).to_be_visible()


def delete_venue(page: Page) -> None:
    page.locator("form[action$='/removal'] button").click()
    expect(page.get_by_role("alert")).to_be_visible()


PLACES = {
    "agenda": Place("anyone", "/"),
    "agenda-nothing": Place("anyone", "/?words=找不到的活动"),
    "agenda-month": Place("anyone", "/?view=month&month={month}"),
    "activity": Place("anyone", "/activities/{activity}"),
    "session-open": Place("anyone", "/s/{open}"),
    "session-wrong": Place("anyone", "/s/{open}", 422, send_empty),
    "session-waiting": Place("anyone", "/s/{waiting}"),
    "session-called-off": Place("anyone", "/s/{called_off}"),
    "session-over": Place("anyone", "/s/{over}"),
    "poster": Place("anyone", "/s/{open}/poster"),
    "ticket": Place("anyone", "/t/{confirmed}"),
    "party": Place("anyone", "/t/{confirmed}/party"),
    "session-group": Place("anyone", "/s/{group}"),
    "session-group-wrong": Place("anyone", "/s/{group}", 422, send_empty_group),
    "session-course": Place("anyone", "/s/{course}"),
    "ticket-waiting": Place("anyone", "/t/{waitlisted}"),
    "ticket-offered": Place("anyone", "/t/{offered_ticket}"),
    "offer": Place("anyone", "/t/{offered_ticket}/offer/{offered_session}"),
    "ticket-cancel": Place("anyone", "/t/{confirmed}/cancellation/{open}"),
    "find": Place("anyone", "/tickets/find?registered=yes"),
    "find-wrong": Place("anyone", "/tickets/find", 422, send_empty),
    "my": Place("zhao", "/my"),
    "my-nothing": Place("anyone", "/my"),
    "my-data": Place("zhao", "/my/data"),
    "my-deletion": Place("zhao", "/my/deletion"),
    "ticket-answers": Place("zhao", "/t/{confirmed}/answers"),
    "login": Place("anyone", "/login"),
    "login-wrong": Place("anyone", "/login", 422, send_empty),
    "organization": Place("anyone", "/o/{school}"),
    "organization-month": Place("anyone", "/o/{school}?view=month&month={month}"),
    "not-found": Place("anyone", "/s/nothing", 404),
    "manage": Place("wang", "/manage"),
    "activity-new": Place("wang", "/manage/activities/new"),
    "activity-wrong": Place("wang", "/manage/activities/new", 422, send_empty),
    "activity-edit": Place("wang", "/manage/activities/{activity}/edit"),
    "planning": Place("wang", "/manage/activities/{activity}"),
    "planning-refused": Place("wang", "/manage/activities/{draft}", 409, publish),
    "preview": Place("wang", "/manage/activities/{activity}/preview"),
    "planned-session-new": Place("wang", "/manage/activities/{activity}/sessions/new"),
    "planned-session-wrong": Place("wang", "/manage/activities/{activity}/sessions/new", 422, send_empty),
    "planned-session-clashing": Place(
        "wang", "/manage/activities/{activity}/sessions/new", 409, plan_on_a_holiday
    ),
    "planned-session-edit": Place("wang", "/manage/sessions/{open}/edit"),
    "planned-session-touching": Place("wang", "/manage/sessions/{open}/edit", 409, save_elsewhere),
    "planned-session-conflict": Place(
        "wang", "/manage/sessions/{open}/edit", 409, save_what_changed_meanwhile
    ),
    "move": Place("wang", "/manage/sessions/{open}/move"),
    "move-preview": Place("wang", "/manage/sessions/{open}/move?venue=体育馆&reason=停电"),
    "move-wrong": Place("wang", "/manage/sessions/{open}/move", 422, send_empty),
    "poster-called-off": Place("anyone", "/s/{called_off}/poster"),
    "gate-called-off": Place("li", "/gate/{called_off}"),
    "table-new": Place("wang", "/manage/activities/{draft}/batches/new"),
    "table-wrong": Place("wang", "/manage/activities/{draft}/batches/new", 422, send_empty),
    "batch": Place("wang", "/manage/activities/{draft}/batches/new", 200, check_table),
    "repeat-new": Place("wang", "/manage/activities/{draft}/repeats/new"),
    "repeat-wrong": Place("wang", "/manage/activities/{draft}/repeats/new", 422, send_empty),
    "copies-new": Place("wang", "/manage/activities/{activity}/copies/new?sessions={open}"),
    "copies-wrong": Place("wang", "/manage/activities/{activity}/copies/new", 422, send_empty),
    "copy-new": Place("wang", "/manage/activities/{activity}/copy"),
    "copy-wrong": Place("wang", "/manage/activities/{activity}/copy", 422, send_empty),
    "settings": Place("yang", "/manage/settings?year=2026"),
    "settings-wrong": Place("yang", "/manage/settings?year=2060", 422, send_no_speed),
    "settings-read": Place("wang", "/manage/settings?year=2060"),
    "attendees": Place("wang", "/manage/sessions/{open}"),
    "attendees-nobody": Place("wang", "/manage/sessions/{open}?words=没有这个人"),
    "attendees-pending": Place("wang", "/manage/sessions/{approving}"),
    "session-questions": Place("anyone", "/s/{questions}"),
    "session-questions-wrong": Place("anyone", "/s/{questions}", 422, send_empty),
    "door": Place("li", "/manage/sessions/{questions}/door"),
    "door-nobody": Place("li", "/manage/sessions/{questions}/door?words=没有这个人"),
    "answers": Place("wang", "/manage/sessions/{questions}/seats/{answered}/answers"),
    "answers-wrong": Place("li", "/manage/sessions/{questions}/seats/{answered}/answers", 422, send_empty),
    "builder": Place("wang", "/manage/activities/{asking}/questions"),
    "builder-nothing": Place("wang", "/manage/activities/{draft}/questions"),
    "builder-new": Place("wang", "/manage/activities/{asking}/questions/new?kind=many_of"),
    "builder-wrong": Place("wang", "/manage/activities/{asking}/questions/new?kind=one_of", 422, save_empty),
    "builder-edit": Place("wang", "/manage/activities/{asking}/questions/child/edit"),
    "notice": Place("wang", "/manage/activities/{asking}/notice"),
    "notice-wrong": Place("wang", "/manage/activities/{asking}/notice", 422, save_empty),
    "line": Place("wang", "/manage/sessions/{offered_session}/line"),
    "line-nobody": Place("wang", "/manage/sessions/{open}/line"),
    "line-move": Place("wang", "/manage/sessions/{offered_session}/line/{offered_next}"),
    "line-move-wrong": Place(
        "wang", "/manage/sessions/{offered_session}/line/{offered_next}", 422, send_empty
    ),
    "call-off": Place("wang", "/manage/sessions/{open}/call-off"),
    "call-off-wrong": Place("wang", "/manage/sessions/{open}/call-off", 422, send_empty),
    "calendar-month": Place("wang", "/manage/calendar?view=month&date={month}-15"),
    "calendar-week": Place("wang", "/manage/calendar?view=week"),
    "calendar-agenda": Place("wang", "/manage/calendar?view=agenda"),
    "calendar-venues": Place("wang", "/manage/calendar?view=venues&activity={activity}"),
    "calendar-guests": Place("wang", "/manage/calendar?view=guests"),
    "calendar-sites": Place("wang", "/manage/calendar?view=sites&words=没有这样的场次"),
    "agenda-day": Place("anyone", "/?date={month}-15"),
    "planning-postponed": Place("wang", "/manage/activities/{postponed}"),
    "activity-postponed": Place("anyone", "/activities/{postponed}"),
    "session-postponed": Place("anyone", "/s/{postponed_session}"),
    "ticket-postponed": Place("anyone", "/t/{postponed_ticket}"),
    "postpone": Place("wang", "/manage/activities/{activity}/postponement"),
    "postpone-wrong": Place("wang", "/manage/activities/{activity}/postponement", 422, send_empty),
    "call-off-activity": Place("wang", "/manage/activities/{activity}/calling-off"),
    "removal": Place("wang", "/manage/activities/{draft}/removal"),
    "reviews": Place("wang", "/manage/reviews"),
    "review": Place("wang", "/manage/reviews/{submitted}"),
    "review-wrong": Place("wang", "/manage/reviews/{submitted}", 422, return_speechless),
    "venues": Place("wang", "/manage/venues"),
    "venues-nothing": Place("wang", "/manage/venues?words=没有这个场地"),
    "venue": Place("wang", "/manage/venues/{venue}"),
    "venue-refused": Place("wang", "/manage/venues/{venue}", 409, delete_venue),
    "venue-new": Place("wang", "/manage/venues/new"),
    "venue-wrong": Place("wang", "/manage/venues/new", 422, send_empty),
    "venue-edit": Place("wang", "/manage/venues/{venue}/edit"),
    "organization-new": Place("wang", "/manage/organizations/new"),
    "organization-wrong": Place("wang", "/manage/organizations/new", 422, send_empty),
    "guests": Place("wang", "/manage/guests"),
    "guests-nobody": Place("wang", "/manage/guests?words=没有这个人&day=2026-12-05"),
    "guest-new": Place("wang", "/manage/guests/new"),
    "guest-wrong": Place("wang", "/manage/guests/new", 422, send_empty),
    "guest": Place("wang", "/manage/guests/{guest}"),
    "guest-edit": Place("wang", "/manage/guests/{guest}/edit"),
    "invitations": Place("wang", "/manage/invitations"),
    "invitations-nothing": Place("wang", "/manage/invitations?answer=declined"),
    "invitation-link": Place("wang", "/manage/sessions/{open}/invitations/{invitation}"),
    "invitation-guest": Place("anyone", "/invitations/{guest_secret}"),
    "invitation-site": Place("anyone", "/invitations/{site_secret}"),
    "invitation-unknown": Place("anyone", "/invitations/unknown", 404),
    "proposals": Place("wang", "/invitations"),
    "statistics": Place("wang", "/manage/statistics"),
    "statistics-wrong": Place("wang", "/manage/statistics?from=2026-12-31&to=2026-01-01", 422),
    "statistics-nothing": Place("wang", "/manage/statistics?kind=lecture"),
    "units": Place("wang", "/manage/activities/{activity}/units"),
    "units-wrong": Place("wang", "/manage/activities/{activity}/units", 422, send_empty),
    "unit": Place("wang", "/manage/activities/{activity}/units/{roster_id}"),
    "rosters": Place("wang", "/rosters"),
    "roster": Place("anyone", "/rosters/{roster}"),
    "roster-heads-wrong": Place("anyone", "/rosters/{roster}", 422, send_odd_heads),
    "roster-unknown": Place("anyone", "/rosters/unknown", 404),
    "roster-import-new": Place("anyone", "/rosters/{roster}/imports/new"),
    "roster-import-wrong": Place("anyone", "/rosters/{roster}/imports/new", 422, send_empty),
    "roster-import": Place("anyone", "/rosters/{roster}/imports/{roster_file}"),
    "roster-import-unagreed": Place("anyone", "/rosters/{roster}/imports/{roster_file}", 422, save_unagreed),
    "roster-exchange": Place("anyone", "/rosters/{roster}/people/{roster_person}/exchange"),
    "roster-exchange-wrong": Place(
        "anyone", "/rosters/{roster}/people/{roster_person}/exchange", 422, send_empty
    ),
    "roster-removal": Place("anyone", "/rosters/{roster}/people/{roster_person}/removal"),
    "roster-tickets": Place("anyone", "/rosters/{roster}/tickets"),
    "gate-list": Place("li", "/gate/{open}/roster"),
    "gate-list-nobody": Place("li", "/gate/{open}/roster?words=qqqq"),
    "gate-list-undo": Place("li", "/gate/{open}/roster/{roster_seat}/undo"),
    "gate-list-undo-wrong": Place("li", "/gate/{open}/roster/{roster_seat}/undo", 422, undo_speechless),
    "gate-unit": Place("li", "/gate/{open}/units/{arrival}"),
    "gate-unit-wrong": Place("li", "/gate/{open}/units/{arrival}", 422, arrive_oddly),
    "gate-party": Place("li", "/gate/{open}/parties/{roster_seat}"),
    "walk-in": Place("li", "/gate/{walk_in}/walk-in"),
    "walk-in-wrong": Place("li", "/gate/{walk_in}/walk-in", 422, send_empty),
    "walk-in-full": Place("li", "/gate/{walk_in_full}/walk-in", 409, walk_in),
    "walk-in-namesake": Place("li", "/gate/{walk_in_twice}/walk-in", 409, walk_in),
    "walk-in-done": Place("li", "/gate/{walk_in}/walk-in", 200, walk_in),
    "walk-in-not-here": Place("li", "/gate/{open}/walk-in"),
    "sheets": Place("wang", "/manage/sessions/{walk_in}/sheets"),
    "sheets-wrong": Place("wang", "/manage/sessions/{walk_in}/sheets", 422, send_empty),
    "sheet-paper": Place("wang", "/manage/sessions/{walk_in}/sheets/{sheet}"),
    "signatures": Place("li", "/gate/{walk_in}/sheets/{sheet}/1"),
    "signatures-last": Place("li", "/gate/{walk_in}/sheets/{sheet}/2"),
    "signatures-wrong": Place("li", "/gate/{walk_in}/sheets/{sheet}/1", 422, sign_at_no_time),
    "later": Place("wang", "/manage/sessions/{added}/later"),
    "later-early": Place("wang", "/manage/sessions/{walk_in}/later"),
    "later-nobody": Place("wang", "/manage/sessions/{added}/later?words=qqqq"),
    "conflicts": Place("wang", "/manage/sessions/{conflicts}/conflicts"),
    "conflicts-none": Place("wang", "/manage/sessions/{self_one}/conflicts"),
    "scans": Place("wang", "/manage/sessions/{conflicts}/scans"),
    "scans-none": Place("wang", "/manage/sessions/{conflicts}/scans?words=qqqq"),
    "later-wrong": Place("wang", "/manage/sessions/{added}/later", 422, add_speechless),
    "attendees-added": Place("wang", "/manage/sessions/{added}"),
    "ticket-added": Place("anyone", "/t/{added_ticket}"),
    "undo": Place("wang", "/manage/sessions/{walk_in}/seats/{walked_in}/undo"),
    "undo-wrong": Place("wang", "/manage/sessions/{walk_in}/seats/{walked_in}/undo", 422, undo_speechless),
    "arrival-code": Place("anyone", "/u/{arrival}"),
    "room": Place("wang", "/manage/sessions/{open}/check-in"),
    "room-called-off": Place("wang", "/manage/sessions/{called_off}/check-in"),
    "session-gates": Place("wang", "/manage/sessions/{open}/gates"),
    "session-gates-wrong": Place("wang", "/manage/sessions/{over}/gates", 422, send_empty),
    "activity-gates": Place("wang", "/manage/activities/{activity}/gates"),
    "gate-waiting": Place("wang", "/manage/gates/{gate_waiting}"),
    "gate-opened": Place("wang", "/manage/gates/{gate_opened}"),
    "gate-revoked": Place("wang", "/manage/gates/{gate_revoked}"),
    "gate-link": Place("anyone", "/gates/{gate_link}"),
    "gate-link-used": Place("device", "/gates/used", 404),
    "gates-device": Place("device", "/gate"),
    "screen": Place("li", "/screen/{open}"),
    "self-digits": Place("anyone", "/c/{open}"),
    "self-late": Place("anyone", "/c/{open}?k=old", 409),
    "self-wrong": Place("anyone", "/c/{open}", 422, send_empty),
    "self-form": Place("zhao", "/c/{self_two}?k={self_two_shown}"),
    "self-form-stranger": Place("anyone", "/c/{self_one}?k={self_one_shown}"),
    "self-form-wrong": Place("anyone", "/c/{self_one}?k={self_one_shown}", 422, send_empty),
    "self-done": Place("zhao", "/c/{self_one}?k={self_one_shown}", 200, tap),
    "self-flagged": Place("zhao", "/c/{self_two}?k={self_two_shown}", 200, tap),
    "hours": Place("wang", "/manage/activities/{certifying}/hours"),
    "hours-nobody": Place("wang", "/manage/activities/{draft}/hours?who=qualified"),
    "own-hours": Place("anyone", "/t/{graduate}/hours"),
    "certificate": Place("anyone", "/certificates/{certificate}"),
    "verify-revoked": Place("anyone", "/certificates/{certificate_revoked}"),
    "verify-erased": Place("anyone", "/certificates/{certificate_erased}"),
    "verify-wrong": Place("anyone", "/certificates/{certificate_erased}", 422, send_empty),
    "verify-unknown": Place("anyone", "/certificates/unknown", 404),
    "rules": Place("wang", "/manage/activities/{activity}/rules"),
    "rules-wrong": Place("wang", "/manage/activities/{activity}/rules", 422, send_empty),
    "approvals": Place("wang", "/manage/activities/{approving_activity}/approvals"),
    "approvals-declined": Place("wang", "/manage/activities/{approving_activity}/approvals?state=declined"),
    "approvals-refused": Place("wang", "/manage/activities/{approving_activity}/approvals", 409, send_empty),
    "draw-desk-new": Place("wang", "/manage/sessions/{undrawn}/draw"),
    "draw-desk": Place("wang", "/manage/sessions/{drawn}/draw"),
    "draw-told": Place("anyone", "/s/{seeded}/draw"),
    "draw": Place("anyone", "/s/{drawn}/draw"),
    "ticket-entered": Place("anyone", "/t/{entered_ticket}"),
    "gates": Place("li", "/gate"),
    "gate": Place("li", "/gate/{open}"),
    "forbidden": Place("li", "/manage", 403),
}
LOOKS = {
    "light-390": PHONE | {"color_scheme": "light"},
    "light-1280": DESK | {"color_scheme": "light"},
    "dark-1280": DESK | {"color_scheme": "dark"},
}
ENGLISH = "english-390"
# Tests that look at the same view share one visit: pytest puts what has the same place in these lists together.
# White in the dark as well.
PAPER = ("poster", "roster-tickets", "certificate", "sheet-paper")
VIEWS = [View(look, place) for look in LOOKS for place in PLACES]
every_view = pytest.mark.parametrize("shown", VIEWS, ids=str, indirect=True)
every_english_phone = pytest.mark.parametrize(
    "shown", [View(ENGLISH, place) for place in PLACES], ids=str, indirect=True
)
every_phone = pytest.mark.parametrize("shown", VIEWS[: len(PLACES)], ids=str, indirect=True)


@pytest.fixture(scope="module")
def world(live_database: str) -> World:
    return commit(live_database, _make_world)


@pytest.fixture(scope="module")
def cookies(live_server: str, world: World) -> dict[str, list[dict[str, str]]]:
    """By person, what their browser holds."""
    phone = {"name": "events_phone", "value": "a-phone", "url": live_server}
    device = {"name": "events_gate", "value": "a-device", "url": live_server}
    kept: dict[str, list[dict[str, str]]] = {"anyone": [], "zhao": [phone], "device": [device]}
    for person, me in (("wang", world.union.wang), ("li", world.union.li), ("yang", world.yang)):
        answer = httpx.post(f"{live_server}/login", data={"login": me.login, "password": PASSWORD})
        jar = answer.cookies.items()
        kept[person] = [{"name": name, "value": value, "url": live_server} for name, value in jar]
    return kept


@pytest.fixture(scope="module")
def visitors(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Visitors]:
    people = Visitors(browser, browser_context_args)
    yield people
    people.leave()


@pytest.fixture(scope="module")
def desks(
    visitors: Visitors, cookies: dict[str, list[dict[str, str]]], live_server: str
) -> dict[tuple[str, str], Page]:
    """By look and person, the page that goes from place to place."""
    pages = {(look, who): visitors.come(LOOKS[look], jar) for look in LOOKS for who, jar in cookies.items()}
    english = {"name": "language", "value": "en", "url": live_server}
    return pages | {(ENGLISH, who): visitors.come(PHONE, [*jar, english]) for who, jar in cookies.items()}


@pytest.fixture(scope="module")
def shown(request: pytest.FixtureRequest, desks: dict[tuple[str, str], Page], world: World) -> Shown:
    place = PLACES[request.param.place]
    page = desks[request.param.look, place.who]
    statuses: list[int] = []

    def note(answer: Response) -> None:
        if answer.request.is_navigation_request() and answer.status not in range(300, 400):
            statuses.append(answer.status)

    page.on("response", note)
    page.goto(address(place, world))
    place.then(page)
    page.remove_listener("response", note)
    return Shown(page, statuses[-1])


@pytest.fixture(autouse=True)
def nothing_to_complain_about(visitors: Visitors) -> Iterator[None]:
    yield
    complaints = visitors.complaints.copy()
    visitors.complaints.clear()
    assert complaints == []


@every_view
def test_axe_finds_nothing(shown: Shown, axe: Axe) -> None:
    assert axe(shown.page) == []


@every_view
def test_everything_is_within_the_width_of_the_screen(shown: Shown) -> None:
    assert shown.page.evaluate(OUT_OF_SIGHT) == []


@every_english_phone
def test_everything_in_english_is_within_the_width_of_a_phone(shown: Shown) -> None:
    expect(shown.page.locator("html")).to_have_attribute("lang", "en")

    assert shown.page.evaluate(OUT_OF_SIGHT) == []


@every_phone
def test_page_says_what_it_is(shown: Shown, request: pytest.FixtureRequest) -> None:
    page = shown.page

    assert shown.status == PLACES[request.node.callspec.params["shown"].place].status
    assert re.fullmatch(r".+ · 工会活动", page.title())
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("main")).to_have_count(1)
    expect(page.locator("h1")).to_have_count(1)
    assert page.locator("h1").inner_text().strip()


@every_phone
def test_first_stop_of_the_keyboard_leads_past_the_navigation(shown: Shown) -> None:
    if shown.page.locator("header").count() == 0:
        return  # the poster begins with its words

    assert shown.page.locator(FIRST_STOP).first.get_attribute("href") == "#main"


def test_registering_needs_no_mouse(visitors: Visitors, world: World) -> None:
    page = visitors.come(DESK)
    page.goto(f"/s/{world.sessions['open'].code}")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    for label, typed in (("姓名", "冯涛"), ("手机号码", "19900008888"), ("我已阅读并同意", "")):
        tab_to(page, label)
        page.keyboard.press("Space") if not typed else page.keyboard.type(typed)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator(".ticket")).to_contain_text("冯涛")


@pytest.mark.parametrize(
    "shown",
    [
        view
        for view in VIEWS
        if view.look == "dark-1280"
        and not view.place.startswith(("poster", "roster-tickets", "certificate", "sheet-paper"))
    ],
    ids=str,
    indirect=True,
)
def test_dark_is_dark(shown: Shown) -> None:
    assert shown.page.evaluate(LIGHTNESS, "backgroundColor") < 0.1
    assert shown.page.evaluate(LIGHTNESS, "color") > 0.8


@pytest.mark.parametrize("name", ["agenda", "organization", "attendees", "statistics"])
def test_paper_is_white_and_has_no_navigation(
    desks: dict[tuple[str, str], Page], name: str, world: World
) -> None:
    page = desks["dark-1280", PLACES[name].who]
    page.goto(address(PLACES[name], world))
    bars = page.locator("header.top, nav, footer, [role=search], form, button").filter(visible=True)
    expect(bars.first).to_be_visible()

    page.emulate_media(media="print")
    try:
        expect(bars).to_have_count(0)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate(LIGHTNESS, "backgroundColor") == 1
        assert page.evaluate(LIGHTNESS, "color") == 0
    finally:
        page.emulate_media(media="screen")


@pytest.mark.parametrize("name", ["open", "wordy-20", "wordy-40", "wordy-60", "wordy-80", "wordy-100"])
def test_poster_keeps_its_code_and_hosts_on_its_sheet(visitors: Visitors, world: World, name: str) -> None:
    page = visitors.come(DESK)
    page.goto(f"/s/{world.sessions[name].code}/poster")
    page.emulate_media(media="print")

    overhang = "sheet => sheet.scrollHeight - sheet.clientHeight"
    assert page.locator(".poster").evaluate(overhang) == 0
    assert scan(page.get_by_role("img", name="报名二维码")) == [f"{page.url.removesuffix('/poster')}"]
    assert page.locator(".poster .qr").evaluate("qr => qr.offsetWidth") > 200


def test_first_visit_to_a_session_is_light(visitors: Visitors, world: World) -> None:
    """Everything a phone fetches after it scanned a poster: page, style, scripts, pictures, with their headers."""
    page = visitors.come(PHONE)
    network = page.context.new_cdp_session(page)
    sizes: list[float] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    network.send("Network.enable")

    page.goto(f"/s/{world.sessions['open'].code}", wait_until="networkidle")

    assert len(sizes) >= 4
    assert sum(sizes) <= FIRST_VISIT


def tab_to(page: Page, label: str) -> None:
    """At most thirty stops, each of which can be seen."""
    for _stop in range(30):
        page.keyboard.press("Tab")
        visible, outline = page.evaluate(FOCUSED)
        assert visible
        assert outline != "none"
        if page.get_by_label(label).evaluate("box => box === document.activeElement"):
            return
    pytest.fail(f"The keyboard does not come to {label}.")


def address(place: Place, world: World) -> str:
    sessions = {name: session.code for name, session in world.sessions.items()}
    return place.address.format(
        activity=world.union.activity.code,
        approving=world.approving.code,
        draft=world.draft,
        school=world.school.code,
        month=f"{clock.today():%Y-%m}",
        **{
            f"{name}_shown": qr_code(b"0" * 64, world.asked[name], clock.now())
            for name in ("self_one", "self_two")
        },
        **sessions,
        **world.tickets,
        **world.asked,
    )


async def _make_world() -> World:
    union = await make_union("曲靖市总工会", "wang-pages", "li-pages")
    school = await make_organization("曲靖技师学院", "school", code="qjjs-pages")
    activity, now = union.activity, clock.now()
    activity.title, activity.description = STORY.title, STORY.description
    await activity.save()
    await Host(activity=activity.id, organization=school.id, role=HostRole.ORGANIZER).save()
    sessions = {
        "open": await make_session(activity, site=school.id, title="启动仪式"),
        "waiting": await make_session(activity, 1, site=school.id),
        "called_off": await make_session(
            activity, site=school.id, called_off_at=now, called_off_reason="因暴雨红色预警"
        ),
        "over": await make_session(activity, 20, site=school.id),
    }
    guests = [GuestRow("耿家盛", "全国劳动模范", "昆明机床厂"), GuestRow("李卫平", "", "")]
    await set_guests(sessions["open"].id, union.organization.id, guests)
    tickets = await _make_tickets(sessions)
    over: dict[Any, Any] = {
        Session.starts_at: now - timedelta(hours=3),
        Session.ends_at: now - timedelta(hours=1),
        Session.closes_at: now - timedelta(hours=2),
    }
    await Session.update(over).where(Session.id == sessions["over"].id)
    approving = await make_session(
        await make_activity(union.organization, admission="approval", title="技能培训")
    )
    await register(approving, "周杰", "19900007777")
    for percent in range(20, 101, 20):
        sessions[f"wordy-{percent}"] = await _make_wordy(union, percent)
    for name, rules in (("group", {"group_most": 4, "minimum_age": 18}), ("course", {"extent": "course"})):
        ruled = await make_activity(union.organization, title=STORY.title, **rules)
        sessions[name], _other = [await make_session(ruled, title=WORDS[:120]) for _ in range(2)]
    draft = await make_activity(union.organization, published_at=None, title="未完的活动")
    yang = await make_account("yang-pages", Role.OWNER, union.organization)
    asked = await _ask(union, sessions["open"]) | await _live(union)
    asked |= await _list_people(union, sessions["open"])
    asked |= await _question(union)
    asked |= await _draw(union) | {"approving_activity": await _decline_one(union, approving)}
    asked |= await _offer(union)
    asked |= await _gates(union, sessions["open"])
    asked |= await _walk_ins(union)
    asked |= await _selves(union) | await _conflicts(union)
    asked |= await _on_paper(union, asked["walk_in"])
    asked |= await certify(union, WORDS[:120], ["周杰", WORDS[:50], "郑洁", "王芳"], LONG_UNIT)
    await database.fetch(END_BEFORE_MIDNIGHT)
    return World(union, yang, school, sessions, tickets, draft.code, approving, asked)


async def _walk_ins(union: Union) -> dict[str, str]:
    """Doors that register whoever comes: one with a long name who came, one without a place."""
    activity = await make_activity(union.organization, title=STORY.title, walk_ins=True)
    session, full, twice = [await make_session(activity, places) for places in (50, 1, 50)]
    await register(full, "郑洁")
    await register(twice, "周杰")
    seat = await register(session, WORDS[:50], unit=LONG_UNIT)
    await admit(scan_of(session.code, seat.ticket, seat.signature, union.li.account))
    sessions = {"walk_in": session.code, "walk_in_full": full.code, "walk_in_twice": twice.code}
    return sessions | {"walked_in": str(seat.seat)}


async def _selves(union: Union) -> dict[str, str]:
    """Sessions in which one person, and two, registered with Zhao's phone; it has checked in one of the two."""
    activity = await make_activity(union.organization, title=WORDS[:120])
    one, two = [await make_session(activity) for _ in range(2)]
    await register(one, WORDS[:50])
    for name, number in (("周杰", "19900008888"), (WORDS[:49], "19900008889")):
        await register(two, name, number)
    hall = await selves.open_hall(two.code)
    first, *_rest = await list_claims_of_phone(two.id, codes.digest("a-phone"))
    await selves.check_in(hall, first, selves.Presence("a-phone", "first", None))
    return {"self_one": one.code, "self_two": two.code}


async def _on_paper(union: Union, walk_in: str) -> dict[str, str]:
    """A sheet of two pages, and a session of which one was added afterwards, taken back, and added again."""
    session = await find_own_session(walk_in, [union.organization.id])
    door = await Session.objects().get(Session.code == walk_in)
    assert session
    assert door
    await register(door, WORDS[:49], unit=LONG_UNIT)
    activity = await make_activity(union.organization, title=WORDS[:120])
    begun = await make_session(activity)
    seats = [await register(begun, WORDS[: 50 - n], unit=LONG_UNIT) for n in range(3)]
    start = clock.now() - timedelta(minutes=30)
    await Session.update({Session.starts_at: start, Session.closes_at: start}).where(Session.id == begun.id)
    row = await find_own_session(begun.code, [union.organization.id])
    assert row
    for n, seat in enumerate(seats[:2]):
        form = LaterForm(seat=[seat.seat], at=start, reason=WORDS[:200], nonce=str(n))
        await add_later(union.wang, row, form)
    held = await find_gate_session(begun.code, Doorkeeper(union.wang.account, [union.organization.id], []))
    line = await find_line(row.id, seats[1].seat)
    assert held
    assert line
    await undo_attendance(Hand(held, union.wang.account, organiser=True), line, "back", WORDS[:200])
    return {
        "sheet": await make_sheet(union.wang, session, 25),
        "added": begun.code,
        "added_ticket": _text(seats[0]),
    }


async def _conflicts(union: Union) -> dict[str, str]:
    """A second person by one phone, one whom two doors let in without network, and a ticket that there is not."""
    session = await make_session(await make_activity(union.organization, title=WORDS[:120]))
    seats = [await register(session, name) for name in ("周杰", WORDS[:49], WORDS[:50])]
    hall = await selves.open_hall(session.code)
    claims = await list_claims_of_phone(session.id, codes.digest("a-phone"))
    for claim in claims[:2]:
        await selves.check_in(hall, claim, selves.Presence("a-phone", f"tap-{claim.seat}", None))
    ticket = next(seat for seat in seats if seat.seat == claims[2].seat)
    here = scan_of(session.code, ticket.ticket, ticket.signature, union.li.account)
    brought = msgspec.structs.replace(here, nonce="east", offline=True, place=WORDS[:40])
    again = {
        "place": "西门",
        "at": clock.now() + timedelta(minutes=9),
        "device_at": clock.now() + timedelta(hours=1),
    }
    forged = {"nonce": "forged", "ticket": "z" * 26, "signature": None}
    doubles = [brought, msgspec.structs.replace(brought, nonce="west", **again)]
    await record_all([*doubles, msgspec.structs.replace(brought, **forged)])
    return {"conflicts": session.code}


async def _offer(union: Union) -> dict[str, str]:
    """One of several who waited was offered a place, and another was moved, for a long reason."""
    activity = await make_activity(union.organization, title=STORY.title, offer_minutes=600)
    session = await make_session(activity, 1)
    seats = [await register(session, name) for name in ("周杰", "郑洁", WORDS[:50], "王芳")]
    form = LineForm(to=LineTarget.POSITION, position=2, reason=WORDS[:200])
    await move_in_line(union.wang, session.code, seats[3].seat, form)
    first = await find_ticket(seats[0].ticket, seats[0].signature)
    assert first
    await cancel(first, session.code)
    return {
        "offered_session": session.code,
        "offered_ticket": _text(seats[1]),
        "offered_next": str(seats[3].seat),
    }


async def _live(union: Union) -> dict[str, str]:
    """An activity that is postponed, one of a union below that waits for a review, and a hall with its rooms."""
    postponed = await make_activity(union.organization, title=STORY.title)
    session = await make_session(postponed)
    ticket = _text(await register(session, "郑洁", "19900008888"))
    await lives.postpone(union.wang, postponed.code, WORDS[:200])
    below = await make_union("曲靖市麒麟区总工会", "below-pages", "below-gate-pages")
    await Organization.update({Organization.parent: union.organization.id}).where(
        Organization.id == below.organization.id
    )
    await save_policy(union.organization.id, PolicyRow(reviews=True))
    submitted = await make_activity(
        below.organization, published_at=None, title=WORDS[:120], description=STORY.description
    )
    await make_session(submitted, title=WORDS[:120])
    await submit(below.wang, submitted.code)
    return {
        "postponed": postponed.code,
        "postponed_session": session.code,
        "postponed_ticket": ticket,
        "submitted": submitted.code,
        "venue": await _make_hall(union),
    }


async def _draw(union: Union) -> dict[str, str]:
    """A session without a seed, one whose seed is told, and one that was drawn; each with people in it."""
    activity = await make_activity(union.organization, title=STORY.title, admission="draw", group_most=3)
    sessions = [await make_session(activity, 2) for _state in range(3)]
    seats = [await register(session, name) for session in sessions for name in ("周杰", "郑洁", WORDS[:50])]
    for session in sessions[1:]:
        await draws.tell_seed(union.wang, session.code, WORDS[:100])
    await Session.update({Session.closes_at: clock.now()}).where(Session.id == sessions[2].id)
    await draws.hold_draw(union.wang, sessions[2].code)
    await draws.publish_draw(union.wang, sessions[2].code)
    codes = zip(("undrawn", "seeded", "drawn"), (session.code for session in sessions), strict=True)
    return {**dict(codes), "entered_ticket": _text(seats[3])}


async def _question(union: Union) -> dict[str, str]:
    """A session that asks questions of every kind, at the door as well, and the seat of somebody who answered."""
    activity = await make_activity(union.organization, title=STORY.title)
    session = await make_session(activity)
    options = [Option(str(n), WORDS[: 20 * n]) for n in range(1, 4)]
    kinds = [Question(kind, kind, WORDS[:60], help=WORDS[:80], options=options) for kind in QuestionKind]
    at_door = [msgspec.structs.replace(q, code=f"{q.code}-d", stage=Stage.DOOR, required=True) for q in kinds]
    child = Question(
        "child", QuestionKind.TEXT, "孩子几岁？", required=True, only_if=Condition("agreement", "yes")
    )
    await make_terms(activity, kinds[:3], purpose=WORDS[:200], keep_days=30)
    terms = await make_terms(activity, [*kinds, child, *at_door], recipients=WORDS[:100])
    seat = await register(session, WORDS[:50], "19900009999", LONG_UNIT)
    answers = {"text": WORDS[:200], "many_of": ["1", "2"], "agreement": "yes", "child": "5"}
    registration = await database.value("SELECT registration FROM seat WHERE id = $1", seat.seat)
    await Registration.update(
        {Registration.answers: msgspec.json.encode(answers).decode(), Registration.terms: terms.number}
    ).where(Registration.id == registration)
    return {"questions": session.code, "answered": str(seat.seat), "asking": activity.code}


async def _decline_one(union: Union, session: Session) -> str:
    """One of those who wait for a yes gets a no; returns the activity's code."""
    code = await database.value("SELECT code FROM activity WHERE id = $1", session.activity)
    declined = await register(session, WORDS[:50], "19900007778", LONG_UNIT)
    await decisions.decline_many(union.wang, code, [declined.seat], WORDS[:200])
    await register(session, "吴彤", "19900007779", LONG_UNIT)
    return str(code)


async def _list_people(union: Union, session: Session) -> dict[str, str]:
    """A unit's list with people on it, and a file with rows of every kind."""
    form = UnitForm(unit=LONG_UNIT, leader_name="孙老师", leader_phone="19900005550")
    id = await rosters.invite_unit(union.wang, union.activity.code, form)
    roster = await rosters.own_roster(union.wang, union.activity.code, id)
    await rosters.set_headcounts(None, roster, {session.code: 5})
    rows = ["姓名\t手机", "郑洁\t19900005551", f"{WORDS[:50]}\t19900005552"]
    for more in (["甲\t1.99E+10"], ["甲\t1.99E+10", "乙\t", f"{WORDS[:60]}\t12", "丙\t19900005553"]):
        wanted = ImportForm(table="\n".join([*rows, *more]), session=[session.code])
        code = await imports.create_import(roster, wanted, b"")
        if len(more) == 1:
            terms = (await rosters.asking_of(roster, [])).terms.number
            await imports.save_import(None, roster.secret, code, terms, SIGNER)
    person = (await list_people(roster.id, "", 1, 0))[0]
    return {
        "roster": roster.secret,
        "roster_id": str(id),
        "roster_file": code,
        "roster_person": str(person.registration),
        "roster_seat": str(person.seats[0].id),
        "arrival": str(roster.arrival_code),
    }


async def _make_hall(union: Union) -> str:
    facts = {"name": "宫" + WORDS[:99], "address": WORDS[:200], "capacity": "900", "latitude": "25.04, 102.7"}
    access = {"step_free": "yes", "hearing_loop": "yes", "access": WORDS[:300]}
    hours = {"hours_0": "09:00-12:00，14:00-17:30，18:30-21:00", "hours_5": "09:00-24:00"}
    code = await create_venue(union.wang, read_values(VenueForm, facts | access | hours), None)
    for room in ("三楼会议室", WORDS[:100]):
        await create_venue(union.wang, read_values(VenueForm, {"name": room, "parent": code}), None)
    return code


async def _ask(union: Union, session: Session) -> dict[str, str]:
    """The school and a guest, who has a calendar of their own and is away for a week."""
    await asking.invite_guests(union.wang, session.code)
    await asking.ask_site(union.wang, session.code)
    sql = "SELECT id, guest, secret FROM invitation WHERE session = $1 ORDER BY guest"
    rows = await database.fetch(sql, session.id)
    secrets = {"guest_secret" if row["guest"] else "site_secret": row["secret"] for row in rows}
    guest = await database.find("SELECT id, code FROM guest WHERE id = $1", rows[0]["guest"])
    assert guest
    day = clock.today()
    absence = Absence(
        guest=guest["id"], first_day=day, last_day=day + timedelta(days=7), reason="参加省里的培训"
    )
    await absence.save()
    await feeds.renew_feed(union.wang, await feeds.guests_calendar(union.wang, guest["code"]))
    return secrets | {"guest": guest["code"], "invitation": str(rows[0]["id"])}


async def _make_wordy(union: Union, percent: int) -> Session:
    """Over midnight, with that share of the words that the forms let an organiser write."""

    def words(most: int) -> str:
        return WORDS[: most * percent // 100]

    organization = union.organization.id
    activity = await make_activity(union.organization, title=words(120), description=WORDS)
    for role in HostRole:
        host = await make_organization(f"{percent}{role}{words(80)}")
        await Host(activity=activity.id, organization=host.id, role=role).save()
    venue = await find_or_add_venue(organization, words(100), words(200))
    night = datetime.combine(clock.today() + timedelta(days=8), time(22), clock.ZONE)
    return await make_session(
        activity,
        1_000_000,
        title=words(120),
        venue=venue,
        starts_at=night,
        ends_at=night + timedelta(hours=3),
    )


async def _make_tickets(sessions: dict[str, Session]) -> dict[str, str]:
    zhao = await register(sessions["open"], "赵敏", "19900005555", LONG_UNIT)
    for number in range(12):
        seat = await register(sessions["over"], f"工友{number}", f"199000066{number:02}", "昆明机床厂")
        if number % 4:
            await Seat.update({Seat.attended_at: clock.now(), Seat.evidence: "scan"}).where(
                Seat.id == seat.seat
            )
    await register(sessions["waiting"], "孙丽", "19900006666")
    waiting = await register(sessions["waiting"], "吴桐", "19900006667")
    return {"confirmed": _text(zhao), "waitlisted": _text(waiting)}


def _text(seat: SeatTaken) -> str:
    return codes.ticket_text(seat.ticket, seat.signature)


async def _gates(union: Union, session: Session) -> dict[str, str]:
    """One that waits for its device, one whose device is there, and what that device was before."""
    waiting = await make_gate(session, WORDS[:40])
    opened = await make_gate(session, "东门", "a-device")
    revoked = await make_gate(union.activity, WORDS[:40], "a-device", revoked_at=clock.now())
    return {
        "gate_waiting": waiting.code,
        "gate_link": str(waiting.link),
        "gate_opened": opened.code,
        "gate_revoked": revoked.code,
    }
