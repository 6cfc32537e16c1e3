"""The list of everything: which controllers answer, and what surrounds them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from litestar import Litestar, Response, get
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ControllerRouterHandler

from events_app import schema
from events_app.accounts.controllers import LanguageController, LoginController, OrganizationController
from events_app.accounts.guards import WhoIsAsking
from events_app.checkin.controllers.api import CheckInApi
from events_app.checkin.controllers.arrivals import ArrivalCodeController, ArrivalController
from events_app.checkin.controllers.certificates import CertificateController
from events_app.checkin.controllers.conflicts import ConflictController
from events_app.checkin.controllers.gate import GateController
from events_app.checkin.controllers.gates import (
    ActivityGateController,
    GateKeepingController,
    GateLinkController,
    SessionGateController,
)
from events_app.checkin.controllers.hours import HoursController
from events_app.checkin.controllers.later import LaterController
from events_app.checkin.controllers.my_data import MyDataController
from events_app.checkin.controllers.rooms import RoomController
from events_app.checkin.controllers.rosters import TickController
from events_app.checkin.controllers.scan_logs import ScanLogController
from events_app.checkin.controllers.screens import ScreenController
from events_app.checkin.controllers.selves import SelfController
from events_app.checkin.controllers.sheets import SheetController, SignatureController
from events_app.checkin.controllers.shell import ShellController
from events_app.checkin.controllers.sync import SyncController
from events_app.checkin.controllers.undoing import UndoController
from events_app.checkin.controllers.walk_ins import WalkInController
from events_app.checkin.rules.conflicts import what_to_do, why_refused
from events_app.checkin.rules.gates import gate_state, gate_state_colour, gate_state_name
from events_app.checkin.rules.hours import finding_name
from events_app.checkin.rules.lists import masked_name
from events_app.checkin.rules.verdicts import verdict_colour, verdict_name, verdict_sentence
from events_app.lib import clock, clockwork, database, logs
from events_app.lib.clockwork import Job
from events_app.lib.language import listed
from events_app.programmes.controllers.activities import ActivityController, ActivityPageController
from events_app.programmes.controllers.batches import BatchController, TableController
from events_app.programmes.controllers.copies import CopyController
from events_app.programmes.controllers.feeds import FeedController
from events_app.programmes.controllers.guests import GuestController
from events_app.programmes.controllers.invitations import AnswerController, InvitationController
from events_app.programmes.controllers.repeats import RepeatController
from events_app.programmes.controllers.reviews import ReviewController
from events_app.programmes.controllers.sessions import NewSessionController
from events_app.programmes.controllers.settings import SettingsController
from events_app.programmes.controllers.venues import VenueController
from events_app.programmes.rules.activities import admission_name, host_role_name, kind_name
from events_app.programmes.rules.admission import rule_sentences
from events_app.programmes.rules.guests import day_state_name, weekdays_text
from events_app.programmes.rules.invitations import answer_colour, answer_name
from events_app.programmes.rules.life import activity_state_name, stage, verb_name
from events_app.programmes.rules.regions import region_name
from events_app.programmes.rules.sessions import phase, phase_name, phase_sentence
from events_app.programmes.rules.worth import hours_text
from events_app.registration.actions import attachments, offers, retention, waiting
from events_app.registration.controllers.activities import (
    ActivityStepController,
    SessionRemovalController,
)
from events_app.registration.controllers.answering import AnsweringController
from events_app.registration.controllers.answers import DoorController, FileController
from events_app.registration.controllers.api import RegistrationApi, SeatApi
from events_app.registration.controllers.approvals import ApprovalController
from events_app.registration.controllers.attendees import AttendeeController
from events_app.registration.controllers.builder import QuestionController
from events_app.registration.controllers.changes import ChangeController
from events_app.registration.controllers.copies import ActivityCopyController
from events_app.registration.controllers.draws import DrawController, PublicDrawController
from events_app.registration.controllers.imports import ImportController
from events_app.registration.controllers.lines import LineController
from events_app.registration.controllers.mine import MyController
from events_app.registration.controllers.moves import MoveController
from events_app.registration.controllers.notices import NoticeController
from events_app.registration.controllers.offers import OfferController
from events_app.registration.controllers.parties import PartyController
from events_app.registration.controllers.rosters import RosterController
from events_app.registration.controllers.rules import RulesController
from events_app.registration.controllers.sessions import SessionController
from events_app.registration.controllers.tickets import TicketController
from events_app.registration.controllers.units import UnitController
from events_app.registration.rules.builder import question_kind_name
from events_app.registration.rules.consent import child_from, needs_birth_year
from events_app.registration.rules.draws import is_confidential
from events_app.registration.rules.history import deed_name, field_name, field_words
from events_app.registration.rules.seats import evidence_name, state_name
from events_app.schedules.controllers.api import SessionApi
from events_app.schedules.controllers.calendar import CalendarController
from events_app.schedules.controllers.private import PrivateCalendarController
from events_app.schedules.controllers.schedule import ScheduleController
from events_app.settings import Settings, from_environment
from events_app.statistics.controllers import StatisticsController
from events_app.web import assets, metrics
from events_app.web.edge import Edge
from events_app.web.errors import answer_error, refuse_cross_site
from events_app.web.forms import LARGEST_BODY, MOST_FIELDS, FormRequest
from events_app.web.security import anyone, content_policy, fixed_headers
from events_app.web.templates import Pages

CONTROLLERS: list[ControllerRouterHandler] = [
    LoginController,
    LanguageController,
    ScheduleController,
    CalendarController,
    PrivateCalendarController,
    SessionApi,
    OrganizationController,
    ActivityPageController,
    ActivityController,
    NewSessionController,
    TableController,
    BatchController,
    RepeatController,
    GuestController,
    InvitationController,
    AnswerController,
    FeedController,
    CopyController,
    SettingsController,
    ReviewController,
    VenueController,
    ActivityStepController,
    SessionRemovalController,
    SessionController,
    TicketController,
    MyController,
    AnsweringController,
    PartyController,
    OfferController,
    AttendeeController,
    DoorController,
    FileController,
    RulesController,
    ApprovalController,
    DrawController,
    PublicDrawController,
    ChangeController,
    MoveController,
    LineController,
    QuestionController,
    NoticeController,
    ActivityCopyController,
    UnitController,
    RosterController,
    ImportController,
    RegistrationApi,
    SeatApi,
    GateController,
    ShellController,
    SyncController,
    TickController,
    WalkInController,
    UndoController,
    ArrivalController,
    ArrivalCodeController,
    SessionGateController,
    ActivityGateController,
    GateKeepingController,
    GateLinkController,
    RoomController,
    ScreenController,
    SelfController,
    CheckInApi,
    MyDataController,
    HoursController,
    CertificateController,
    LaterController,
    ConflictController,
    ScanLogController,
    SheetController,
    SignatureController,
    StatisticsController,
]

# Words for codes, as filters in every template: {{ session | phase | phase_name }}.
WORDS: dict[str, Callable[..., Any]] = {
    "listed": listed,
    "is_confidential": is_confidential,
    "kind_name": kind_name,
    "admission_name": admission_name,
    "rule_sentences": rule_sentences,
    "host_role_name": host_role_name,
    "answer_name": answer_name,
    "answer_colour": answer_colour,
    "weekdays_text": weekdays_text,
    "day_state_name": day_state_name,
    "region_name": region_name,
    "activity_state_name": activity_state_name,
    "verb_name": verb_name,
    "stage": lambda activity: stage(activity.state, activity.first_at, activity.last_at, clock.now()),
    "phase": lambda session: phase(session, clock.now()),
    "phase_name": phase_name,
    "phase_sentence": phase_sentence,
    "needs_birth_year": needs_birth_year,
    "child_from": lambda _session: child_from(clock.today().year),
    "state_name": state_name,
    "evidence_name": evidence_name,
    "deed_name": deed_name,
    "question_kind_name": question_kind_name,
    "field_name": field_name,
    "field_words": field_words,
    "hours_text": hours_text,
    "finding_name": finding_name,
    "masked_name": masked_name,
    "gate_state": lambda gate: gate_state(gate, clock.now()),
    "gate_state_name": gate_state_name,
    "gate_state_colour": gate_state_colour,
    "verdict_name": verdict_name,
    "what_to_do": what_to_do,
    "why_refused": why_refused,
    "verdict_colour": verdict_colour,
    "verdict_sentence": verdict_sentence,
}

# What is done every so often, by one process of the cluster at a time.
JOBS = [
    Job("lapsed offers", 15, offers.lapse),
    Job("courses", 300, waiting.go_on_with_courses),
    Job("retention", 3600, retention.erase_due),
    Job("unsent files", 3600, attachments.drop_drafts),
]

# What looks the same whoever asks: no login is looked up for it.
_FOR_NOBODY = ["^/(gate/)?static/", "^/healthz$", "^/readyz$", "^/metrics$"]


def create_app(settings: Settings) -> Edge:
    """The whole application for one process. The database is opened by its lifespan."""
    if settings.database_url:
        database.configure(settings.database_url)
    files = assets.Assets(assets.STATIC, settings.data_dir / "assets")
    litestar = Litestar(
        route_handlers=[*CONTROLLERS, assets.route(files), metrics.show_metrics, healthz, readyz],
        middleware=[DefineMiddleware(WhoIsAsking, exclude=_FOR_NOBODY)],
        request_class=FormRequest,
        before_request=refuse_cross_site,
        exception_handlers={Exception: answer_error},
        lifespan=[_open_database],
        compression_config=CompressionConfig(
            backend="brotli", brotli_quality=4, exclude=["^/(gate/)?static/", "^/api/"]
        ),
        openapi_config=_openapi(settings),
        request_max_body_size=LARGEST_BODY,
        multipart_form_part_limit=MOST_FIELDS,
        logging_config=None,
        state=State({"settings": settings, "assets": files, "pages": Pages(files, settings.base_url, WORDS)}),
    )
    return Edge(litestar, fixed_headers(https=settings.https), content_policy(files.importmap_source))


@cache
def served() -> Edge:
    """The application as the environment sets it up: made once, before the workers are forked from us."""
    logs.configure()
    return create_app(from_environment())


@get("/healthz", guards=[anyone], sync_to_thread=False, include_in_schema=False)
def healthz() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok"}


@get("/readyz", guards=[anyone], include_in_schema=False)
async def readyz() -> Response[dict[str, str]]:
    """The database is reachable and its schema is the one this code knows."""
    if await schema.is_current():
        return Response({"status": "ok"})
    return Response({"status": "migrations are missing; run: events migrate"}, status_code=503)


@asynccontextmanager
async def _open_database(_app: Litestar) -> AsyncIterator[None]:
    if database.engine.pool:  # the tests bring their own
        yield
        return
    await database.open_pool()
    try:
        async with clockwork.running(JOBS):
            yield
    finally:
        await database.close_pool()


def _openapi(settings: Settings) -> OpenAPIConfig:
    return OpenAPIConfig(
        title="events_app",
        version="1",
        path="/schema",
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer", description="events tokens create")
            }
        ),
        security=[{"bearer": []}],
    )
