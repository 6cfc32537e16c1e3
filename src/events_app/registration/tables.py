"""Who takes part: people, their registrations, and the seats these hold in sessions."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Unique
from piccolo.table import Table

from events_app.accounts.tables import Account, Organization, Token
from events_app.programmes.tables import Activity, Session


class SeatState(StrEnum):
    """`entered` waits for the draw: it neither holds a place nor stands in line."""

    ENTERED = "entered"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    RELEASED = "released"


class Cause(StrEnum):
    """Why a seat is where it is, where that is not the ordinary way; of a released one, why it was released."""

    CANCELLED = "cancelled"
    DECLINED = "declined"
    LAPSED = "lapsed"
    EXCHANGED = "exchanged"
    MOVED = "moved"
    REMOVED = "removed"


class Evidence(StrEnum):
    SCAN = "scan"
    SELF = "self"
    ROSTER = "roster"
    PAPER = "paper"
    LATER = "later"


class Person(Table):
    """A participant, known by name and phone: several people may share one phone."""

    id = BigSerial(primary_key=True)
    name = Varchar(length=50)
    phone = Varchar(length=15)
    created_at = Timestamptz()

    person_phone_name_uq = Unique([phone, name])


class Terms(Table):
    """What a participant reads, answers and agrees to: one version, never changed once somebody agreed to it.

    `questions` is a list of rules.questions.Question. `keep_days` after its end everything personal is erased.
    """

    id = BigSerial(primary_key=True)
    activity = ForeignKey(Activity, null=False, on_delete=OnDelete.cascade)
    number = SmallInt()
    questions = JSONB(default="[]")
    purpose = Varchar(length=300, default="")
    recipients = Varchar(length=300, default="")
    text = Text(default="")
    keep_days = Integer(default=180)
    created_at = Timestamptz()
    created_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)

    terms_activity_number_uq = Unique([activity, number])


class EligibleUnit(Table):
    """A unit whose people may register, and how many of them in one session where that is not the activity's quota."""

    id = BigSerial(primary_key=True)
    activity = ForeignKey(Activity, null=False, on_delete=OnDelete.cascade)
    organization = ForeignKey(Organization, null=False, on_delete=OnDelete.restrict, index=True)
    quota = Integer(null=True, default=None)

    eligible_unit_activity_organization_uq = Unique([activity, organization])


class Roster(Table):
    """A unit's list for one activity, kept by its leader: whoever has the `secret`, or works for `organization`.

    `arrival_code` is what the leader shows at the door, where the whole unit comes in together.
    """

    id = BigSerial(primary_key=True)
    activity = ForeignKey(Activity, null=False, on_delete=OnDelete.cascade)
    organization = ForeignKey(Organization, null=True, on_delete=OnDelete.restrict, index=True)
    unit = Varchar(length=100)
    secret = Varchar(length=43, unique=True)
    arrival_code = Varchar(length=26, null=True, default=None, unique=True)
    leader_name = Varchar(length=50, default="")
    leader_phone = Varchar(length=15, default="")
    created_at = Timestamptz()
    created_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)
    revoked_at = Timestamptz(null=True, default=None)

    roster_activity_unit_uq = Unique([activity, unit])


class RosterImport(Table):
    """A file of people, looked through before it is saved: `rows` as they were typed, for these `sessions`' codes.

    `digest` is the SHA-256 of what was sent. `done` of the rows are saved so far, all of them in one transaction.
    """

    id = BigSerial(primary_key=True)
    code = Varchar(length=20, unique=True)
    roster = ForeignKey(Roster, null=False, on_delete=OnDelete.cascade, index=True)
    rows = JSONB()
    sessions = JSONB()
    digest = Bytea()
    created_at = Timestamptz()
    started_at = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)
    done = Integer(default=0)
    problem = Varchar(length=300, default="")


class Headcount(Table):
    """People of a unit in a session who are a number and have no names, such as pupils; they take places.

    `attended` of them came; None before anybody counted.
    """

    id = BigSerial(primary_key=True)
    roster = ForeignKey(Roster, null=False, on_delete=OnDelete.cascade)
    session = ForeignKey(Session, null=False, on_delete=OnDelete.restrict, index=True)
    number = Integer()
    attended = Integer(null=True, default=None)
    created_at = Timestamptz()

    headcount_roster_session_uq = Unique([roster, session])


class Registration(Table):
    """One person's registration for one activity. `ticket` and `signature` make its QR; `pin` finds it again.

    `terms` is the number of the Terms that were agreed to and answered. `participant` tells people apart in counts
    and stays when the registration is erased: it then belongs to a person without a name.
    """

    id = BigSerial(primary_key=True)
    activity = ForeignKey(Activity, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    participant = BigInt()
    unit = Varchar(length=100, default="")
    roster = ForeignKey(Roster, null=True, on_delete=OnDelete.restrict)
    terms = SmallInt(default=1)
    answers = JSONB(default="{}")
    birth_year = SmallInt(null=True, default=None)
    guardian_name = Varchar(length=50, default="")
    guardian_phone = Varchar(length=15, default="")
    ticket = Varchar(length=26, unique=True)
    signature = Bytea()
    pin = Varchar(length=6)
    phone_digest = Bytea(null=True, default=None)
    consented_at = Timestamptz()
    sensitive_consented_at = Timestamptz(null=True, default=None)
    guardian_consented_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()
    erased_at = Timestamptz(null=True, default=None)

    registration_activity_person_uq = Unique([activity, person])


class Attachment(Table):
    """A file that answers a question. Without a registration it was uploaded into a form that is not sent yet."""

    id = BigSerial(primary_key=True)
    code = Varchar(length=26, unique=True)
    activity = ForeignKey(Activity, null=False, on_delete=OnDelete.cascade, index=True)
    registration = ForeignKey(Registration, null=True, on_delete=OnDelete.cascade, index=True)
    question = Varchar(length=20)
    name = Varchar(length=200)
    media_type = Varchar(length=100)
    content = Bytea()
    created_at = Timestamptz()


class Seat(Table):
    """A registration's place in one session, and whether somebody came to it.

    What is known of the attendance follows from the seat's scans (checkin): `attended_at` is the first arrival,
    `evidence` how it is known; `inside` falls when the holder is scanned out; `moved_at` is the last time they came or
    went, and `seconds` how long they were in before, over all the stays that are finished. `walk_in` was registered at
    the door.

    Seats of one session with the same `party`, the id of its leader's registration, get their places together.
    `entry_number` counts the entries of a draw. `replaces` is the seat whose place this one took over in an exchange.
    """

    id = BigSerial(primary_key=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.restrict)
    session = ForeignKey(Session, null=False, on_delete=OnDelete.restrict)
    state = Varchar(length=10, choices=SeatState)
    party = BigInt(null=True, default=None)
    waiting_number = Integer(null=True, default=None)
    entry_number = Integer(null=True, default=None)
    joined_at = Timestamptz()
    offer_ends_at = Timestamptz(null=True, default=None)
    released_at = Timestamptz(null=True, default=None)
    cause = Varchar(length=10, null=True, default=None, choices=Cause)
    reason = Varchar(length=200, default="")
    replaces: ForeignKey = ForeignKey("self", null=True, on_delete=OnDelete.restrict)
    attended_at = Timestamptz(null=True, default=None)
    inside = Boolean(default=False)
    evidence = Varchar(length=10, null=True, default=None, choices=Evidence)
    moved_at = Timestamptz(null=True, default=None)
    seconds = Integer(default=0)
    walk_in = Boolean(default=False)

    seat_registration_session_uq = Unique([registration, session])


class Draw(Table):
    """How a session's places are drawn. The `seed` is public from `created_at` on. What is known when it is drawn:
    the list of `entries` as a CSV file, its SHA-256 in hexadecimal (`list_digest`), and for how many `places`.
    """

    id = BigSerial(primary_key=True)
    session = ForeignKey(Session, null=False, on_delete=OnDelete.restrict, unique=True)
    seed = Varchar(length=100)
    created_at = Timestamptz()
    created_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)
    drawn_at = Timestamptz(null=True, default=None)
    drawn_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)
    entries = Text(default="")
    list_digest = Varchar(length=64, default="")
    places = Integer(null=True, default=None)
    published_at = Timestamptz(null=True, default=None)


class IdempotencyKey(Table):
    """The first answer to a registration sent with this key, given again to every repetition."""

    id = BigSerial(primary_key=True)
    token = ForeignKey(Token, null=False, on_delete=OnDelete.restrict)
    key = Varchar(length=255)
    fingerprint = Bytea()
    seat = ForeignKey(Seat, null=False, on_delete=OnDelete.restrict, index=True)
    state = Varchar(length=10, choices=SeatState)
    position = Integer(null=True, default=None)
    created_at = Timestamptz()

    idempotency_key_token_key_uq = Unique([token, key])
