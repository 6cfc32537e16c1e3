"""What is offered: programmes, activities, who hosts them, their sessions, venues and guests."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    Boolean,
    Bytea,
    Date,
    DoublePrecision,
    ForeignKey,
    Integer,
    Numeric,
    OnDelete,
    Serial,
    SmallInt,
    Text,
    Time,
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


class ActivityState(StrEnum):
    """Where an activity stands in its life. That it runs or is finished is seen from its sessions' times."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    POSTPONED = "postponed"
    CALLED_OFF = "called_off"


class Answer(StrEnum):
    """What an invited guest, school or company has said."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    COUNTERED = "countered"


class Admission(StrEnum):
    """Who of those who register gets a place: whoever comes first, whom an organiser accepts, or whom a draw picks."""

    OPEN = "open"
    APPROVAL = "approval"
    DRAW = "draw"


class Extent(StrEnum):
    """How many of an activity's sessions one person may take part in."""

    ONE = "one"
    SEVERAL = "several"
    COURSE = "course"


class BatchSource(StrEnum):
    """What a batch of planned sessions was made from."""

    REPEAT = "repeat"
    TABLE = "table"
    COPY = "copy"


class Programme(Table):
    """A brand that runs over years, such as 云南省“劳模工匠进校园”.

    `most_sessions`: in so many sessions of all its activities may one person hold a seat; None for any number.
    """

    id = Serial(primary_key=True)
    code = Varchar(length=20, unique=True)
    organization = ForeignKey(Organization, null=False, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=100)
    since_year = Integer(null=True, default=None)
    most_sessions = SmallInt(null=True, default=None)


class Activity(Table):
    """One thing announced and registered for.

    `state` is where it stands; it can be seen by everybody while `published_at` is set. Who may register:
    `most_sessions` counts one person's seats where the `extent` is several; `eligible_only` admits nobody but people
    of the named units; `unit_quota` counts one unit's seats in one session; `minimum_age` is in full years, and asks
    for the birth year, as `asks_birth_year` does; `offer_minutes` is how long a freed place is offered to the next in
    line, who gets it at once where it is None; `group_most` people may be registered together, the first included.
    What having come is worth: whoever was present for `minimum_minutes` of a session (and, with `must_check_out`, was
    checked out) gets its `session_hours` (学时); `certificates` are for those with `certificate_hours`, or any session.
    Whatever of its registrations was due to be erased by `erased_until` is.
    """

    id = Serial(primary_key=True)
    code = Varchar(length=20, unique=True)
    organization = ForeignKey(Organization, null=False, on_delete=OnDelete.restrict, index=True)
    programme = ForeignKey(Programme, null=True, on_delete=OnDelete.restrict, index=True)
    kind = Varchar(length=20, choices=Kind)
    title = Varchar(length=120)
    description = Text(default="")
    admission = Varchar(length=10, choices=Admission, default=Admission.OPEN)
    extent = Varchar(length=10, choices=Extent, default=Extent.SEVERAL)
    most_sessions = SmallInt(null=True, default=None)
    eligible_only = Boolean(default=False)
    unit_quota = Integer(null=True, default=None)
    walk_ins = Boolean(default=False)
    minimum_age = SmallInt(null=True, default=None)
    asks_birth_year = Boolean(default=False)
    offer_minutes = Integer(null=True, default=None)
    group_most = SmallInt(default=1)
    minimum_minutes = SmallInt(null=True, default=None)
    must_check_out = Boolean(default=False)
    session_hours = Numeric(digits=(4, 1), null=True, default=None)
    certificates = Boolean(default=False)
    certificate_hours = Numeric(digits=(5, 1), null=True, default=None)
    state = Varchar(length=12, choices=ActivityState, default=ActivityState.DRAFT)
    created_at = Timestamptz()
    created_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)
    updated_at = Timestamptz()
    published_at = Timestamptz(null=True, default=None)
    published_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)
    erased_until = Timestamptz(null=True, default=None)


class Transition(Table):
    """One step of an activity's life: from which state to which, who took it, when, and what they remarked."""

    id = Serial(primary_key=True)
    activity = ForeignKey(Activity, null=False, on_delete=OnDelete.cascade, index=True)
    at = Timestamptz()
    account = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)
    from_state = Varchar(length=12, choices=ActivityState)
    to_state = Varchar(length=12, choices=ActivityState)
    remark = Varchar(length=300, default="")


class Host(Table):
    """An organization's part in an activity."""

    id = Serial(primary_key=True)
    activity = ForeignKey(Activity, null=False, on_delete=OnDelete.cascade)
    organization = ForeignKey(Organization, null=False, on_delete=OnDelete.restrict, index=True)
    role = Varchar(length=20, choices=HostRole)
    position = Integer(default=0)

    host_activity_organization_role_uq = Unique([activity, organization, role])


class Venue(Table):
    """A place with a capacity and coordinates (WGS 84 degrees). A room's `parent` is the venue it lies in.

    Within one organization no two have the same parent, name and address.
    """

    id = Serial(primary_key=True)
    code = Varchar(length=20)
    organization = ForeignKey(Organization, null=False, on_delete=OnDelete.restrict)
    parent: ForeignKey = ForeignKey("self", null=True, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=100)
    address = Varchar(length=200, default="")
    capacity = Integer(null=True, default=None)
    latitude = DoublePrecision(null=True, default=None)
    longitude = DoublePrecision(null=True, default=None)
    step_free = Boolean(default=False)
    hearing_loop = Boolean(default=False)
    access = Varchar(length=300, default="")


class OpeningHours(Table):
    """When a venue is open, in Shanghai's time; `weekday` 0 is Monday. A venue without any is always open."""

    id = Serial(primary_key=True)
    venue = ForeignKey(Venue, null=False, on_delete=OnDelete.cascade, index=True)
    weekday = SmallInt()
    opens = Time()
    closes = Time()


class Picture(Table):
    """An activity's or a venue's picture, re-encoded as WebP so that nothing of the upload's metadata stays."""

    id = Serial(primary_key=True)
    activity = ForeignKey(Activity, null=True, on_delete=OnDelete.cascade, unique=True)
    venue = ForeignKey(Venue, null=True, on_delete=OnDelete.cascade, unique=True)
    code = Varchar(length=20, unique=True)
    image = Bytea()
    width = Integer()
    height = Integer()


class Session(Table):
    """One dated occurrence of an activity.

    `taken` counts seats that are pending, offered or confirmed and unnamed heads, `waiting` those in line now;
    `waiting_last` is the last number given out on it and never falls; `attended` counts seats that somebody came to
    and unnamed heads that came.
    `site` is the host school or company, `in_charge` the organiser who looks after it. `sequence` rises with every
    change that people and calendars must hear of.
    """

    id = Serial(primary_key=True)
    code = Varchar(length=20, unique=True)
    activity = ForeignKey(Activity, null=False, on_delete=OnDelete.restrict, index=True)
    title = Varchar(length=120, default="")
    starts_at = Timestamptz(index=True)
    ends_at = Timestamptz()
    venue = ForeignKey(Venue, null=False, on_delete=OnDelete.restrict)
    site = ForeignKey(Organization, null=True, on_delete=OnDelete.restrict)
    in_charge = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)
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
    postponed_at = Timestamptz(null=True, default=None)
    called_off_at = Timestamptz(null=True, default=None)
    called_off_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)
    called_off_reason = Varchar(length=200, default="")
    sequence = Integer(default=0)
    created_at = Timestamptz()
    updated_at = Timestamptz()


class Guest(Table):
    """A model worker, craftsman, lawyer, judge or trainer, shown by honour and title.

    `fields` and `languages` are lists parted by “、”. `weekdays` has bit 0 set for a Monday on which they can come.
    """

    id = Serial(primary_key=True)
    code = Varchar(length=20)
    organization = ForeignKey(Organization, null=False, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=60)
    honour = Varchar(length=120, default="")
    unit = Varchar(length=100, default="")
    fields = Varchar(length=200, default="")
    languages = Varchar(length=100, default="")
    region = Varchar(length=6, default="")
    phone = Varchar(length=15, default="")
    introduction = Text(default="")
    weekdays = SmallInt(default=127)


class Absence(Table):
    """Days, the last one included, on which a guest cannot come."""

    id = Serial(primary_key=True)
    guest = ForeignKey(Guest, null=False, on_delete=OnDelete.cascade, index=True)
    first_day = Date()
    last_day = Date()
    reason = Varchar(length=100, default="")


class Appearance(Table):
    """A guest in a session."""

    id = Serial(primary_key=True)
    session = ForeignKey(Session, null=False, on_delete=OnDelete.cascade)
    guest = ForeignKey(Guest, null=False, on_delete=OnDelete.restrict, index=True)

    appearance_session_guest_uq = Unique([session, guest])


class Invitation(Table):
    """What a guest, or the host school or company, was asked about a session, and what they said.

    Exactly one of `guest` and `organization` is set. Whoever has the `secret` may answer. `starts_at` and `ends_at`
    are the other time that was proposed.
    """

    id = Serial(primary_key=True)
    session = ForeignKey(Session, null=False, on_delete=OnDelete.cascade)
    guest = ForeignKey(Guest, null=True, on_delete=OnDelete.restrict, index=True)
    organization = ForeignKey(Organization, null=True, on_delete=OnDelete.restrict, index=True)
    secret = Varchar(length=43, unique=True)
    answer = Varchar(length=10, choices=Answer, default=Answer.OPEN)
    remark = Varchar(length=300, default="")
    starts_at = Timestamptz(null=True, default=None)
    ends_at = Timestamptz(null=True, default=None)
    asked_at = Timestamptz()
    asked_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)
    answered_at = Timestamptz(null=True, default=None)
    answered_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)

    invitation_session_guest_uq = Unique([session, guest])
    invitation_session_organization_uq = Unique([session, organization])


class Feed(Table):
    """A private calendar address of a guest, or of a school or company; revoked, it is not found."""

    id = Serial(primary_key=True)
    guest = ForeignKey(Guest, null=True, on_delete=OnDelete.cascade, index=True)
    organization = ForeignKey(Organization, null=True, on_delete=OnDelete.cascade, index=True)
    secret = Varchar(length=43, unique=True)
    created_at = Timestamptz()
    revoked_at = Timestamptz(null=True, default=None)


class Batch(Table):
    """Sessions planned together and not saved yet: `rows` as they were typed, `defaults` for what a row leaves open."""

    id = Serial(primary_key=True)
    code = Varchar(length=20, unique=True)
    activity = ForeignKey(Activity, null=False, on_delete=OnDelete.cascade, index=True)
    source = Varchar(length=10, choices=BatchSource)
    rows = JSONB()
    defaults = JSONB()
    created_at = Timestamptz()
    created_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)


class Policy(Table):
    """How a union plans. `travel_speed` is in km/h. `reviews`: it approves what unions below it publish."""

    id = Serial(primary_key=True)
    organization = ForeignKey(Organization, null=False, on_delete=OnDelete.restrict, unique=True)
    travel_speed = Integer(default=40)
    reviews = Boolean(default=False)


class Holiday(Table):
    """A day on which a union's calendar differs from the State Council's table: a day off, or one that is worked."""

    id = Serial(primary_key=True)
    organization = ForeignKey(Organization, null=False, on_delete=OnDelete.cascade)
    day = Date()
    works = Boolean()
    name = Varchar(length=60)

    holiday_organization_day_uq = Unique([organization, day])
