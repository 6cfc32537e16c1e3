"""What is offered: programmes, activities, who hosts them, their sessions, venues and guests."""

from enum import StrEnum

from piccolo.columns import (
    Boolean,
    Bytea,
    DoublePrecision,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Unique
from piccolo.table import Table

from events_app.accounts.tables import Account, Organization


class Kind(StrEnum):
    """Kinds differ in wording and defaults, not in code."""

    VISIT = "visit"
    HEALTH = "health"
    SOLICITATION = "solicitation"
    FACILITY = "facility"
    LEGAL_AID = "legal_aid"
    TRAINING = "training"
    CONTEST = "contest"
    JOB_FAIR = "job_fair"
    CULTURE = "culture"
    LECTURE = "lecture"


class HostRole(StrEnum):
    HOST = "host"
    ORGANIZER = "organizer"
    CO_ORGANIZER = "co_organizer"
    SUPPORTER = "supporter"


class Programme(Table):
    """A brand that runs over years, such as 云南省“劳模工匠进校园”."""

    id = Serial(primary_key=True)
    code = Varchar(length=20, unique=True)
    organization = ForeignKey(Organization, null=False, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=100)
    since_year = Integer(null=True, default=None)


class Activity(Table):
    """One thing announced and registered for. `approval`: an organiser confirms every registration."""

    id = Serial(primary_key=True)
    code = Varchar(length=20, unique=True)
    organization = ForeignKey(Organization, null=False, on_delete=OnDelete.restrict, index=True)
    programme = ForeignKey(Programme, null=True, on_delete=OnDelete.restrict, index=True)
    kind = Varchar(length=20, choices=Kind)
    title = Varchar(length=120)
    description = Text(default="")
    notice = Text(default="")
    approval = Boolean(default=False)
    created_at = Timestamptz()
    created_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)
    updated_at = Timestamptz()
    published_at = Timestamptz(null=True, default=None)
    published_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)


class Picture(Table):
    """An activity's picture, re-encoded as WebP so that nothing of the upload's metadata stays."""

    id = Serial(primary_key=True)
    activity = ForeignKey(Activity, null=False, on_delete=OnDelete.cascade, unique=True)
    code = Varchar(length=20, unique=True)
    image = Bytea()
    width = Integer()
    height = Integer()


class Host(Table):
    """An organization's part in an activity."""

    id = Serial(primary_key=True)
    activity = ForeignKey(Activity, null=False, on_delete=OnDelete.cascade)
    organization = ForeignKey(Organization, null=False, on_delete=OnDelete.restrict, index=True)
    role = Varchar(length=20, choices=HostRole)
    position = Integer(default=0)

    host_activity_organization_role_uq = Unique([activity, organization, role])


class Venue(Table):
    """A place with a capacity and coordinates (WGS 84 degrees)."""

    id = Serial(primary_key=True)
    organization = ForeignKey(Organization, null=False, on_delete=OnDelete.restrict)
    name = Varchar(length=100)
    address = Varchar(length=200, default="")
    capacity = Integer(null=True, default=None)
    latitude = DoublePrecision(null=True, default=None)
    longitude = DoublePrecision(null=True, default=None)

    venue_organization_name_uq = Unique([organization, name])


class Session(Table):
    """One dated occurrence of an activity.

    `taken` counts seats that are pending, offered or confirmed, `waiting` those on the waiting list now;
    `waiting_last` is the last number given out on it and never falls; `attended` counts seats that somebody came to.
    `site` is the host school or company.
    """

    id = Serial(primary_key=True)
    code = Varchar(length=20, unique=True)
    activity = ForeignKey(Activity, null=False, on_delete=OnDelete.restrict, index=True)
    title = Varchar(length=120, default="")
    starts_at = Timestamptz(index=True)
    ends_at = Timestamptz()
    venue = ForeignKey(Venue, null=False, on_delete=OnDelete.restrict, index=True)
    site = ForeignKey(Organization, null=True, on_delete=OnDelete.restrict, index=True)
    capacity = Integer()
    taken = Integer(default=0)
    waiting_list = Boolean(default=True)
    waiting = Integer(default=0)
    waiting_last = Integer(default=0)
    attended = Integer(default=0)
    opens_at = Timestamptz()
    closes_at = Timestamptz()
    check_in_opens_at = Timestamptz()
    check_in_closes_at = Timestamptz()
    called_off_at = Timestamptz(null=True, default=None)
    called_off_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)
    called_off_reason = Varchar(length=200, default="")
    sequence = Integer(default=0)
    created_at = Timestamptz()
    updated_at = Timestamptz()


class Guest(Table):
    """A model worker, craftsman, lawyer, judge or trainer, shown by honour and title."""

    id = Serial(primary_key=True)
    organization = ForeignKey(Organization, null=False, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=60)
    honour = Varchar(length=120, default="")
    unit = Varchar(length=100, default="")


class Appearance(Table):
    """A guest in a session."""

    id = Serial(primary_key=True)
    session = ForeignKey(Session, null=False, on_delete=OnDelete.cascade)
    guest = ForeignKey(Guest, null=False, on_delete=OnDelete.restrict, index=True)

    appearance_session_guest_uq = Unique([session, guest])
