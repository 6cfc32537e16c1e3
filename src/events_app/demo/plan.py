"""The words in which the demo's facts are written. Days count from today; clock times are Shanghai's."""

from enum import StrEnum

import msgspec

from events_app.accounts.tables import OrganizationKind, Role
from events_app.programmes.tables import Admission, HostRole, Kind
from events_app.registration.rules.questions import Question


class Part(StrEnum):
    """What scripts may rely on: an empty session to race for, an empty one to walk through, one full of tickets."""

    RACE = "race"
    WALK = "walk"
    TICKETS = "tickets"


class Organization(msgspec.Struct, frozen=True):
    """`region` is a GB/T 2260 code, `parent` another organization's code."""

    code: str
    name: str
    kind: OrganizationKind
    region: str
    parent: str = ""


class Staff(msgspec.Struct, frozen=True):
    login: str
    name: str
    role: Role
    organization: str


class Programme(msgspec.Struct, frozen=True):
    key: str
    organization: str
    name: str
    since_year: int | None = None


class Place(msgspec.Struct, frozen=True):
    """`hours` are those of every day, as an organiser types them; "" is always open."""

    name: str
    address: str
    capacity: int
    latitude: float
    longitude: float
    step_free: bool = False
    hearing_loop: bool = False
    access: str = ""
    hours: str = ""


class Guest(msgspec.Struct, frozen=True):
    """Shown by title, honour and unit; `fields` are parted by “、”, `region` is a GB/T 2260 code."""

    name: str
    honour: str
    unit: str = ""
    fields: str = ""
    region: str = ""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """`registered` people ask for a place; `given_up` of them return it, `attended` of them come, `pending` wait
    for the organiser. `lasts` is in hours; `site` is the code of the host school or company."""

    day: int
    at: str = "09:30"
    lasts: float = 2
    place: Place
    capacity: int
    title: str = ""
    site: str = ""
    registered: int = 0
    given_up: int = 0
    attended: int = 0
    pending: int = 0
    called_off: str = ""
    guests: tuple[Guest, ...] = ()
    part: Part | None = None


class Credit(msgspec.Struct, frozen=True):
    """What coming is worth: a session of so many `minutes` counts `hours`, and so many of them give a certificate."""

    minutes: int
    hours: str
    certificate: str


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """`hosts` are organization codes with their roles in the order shown; `units` is where people come from.

    A `submitted` draft waits for the union above.
    """

    key: str
    organization: str
    programme: str = ""
    kind: Kind
    title: str
    description: str
    notice: str = ""
    purpose: str = ""
    recipients: str = ""
    keep_days: int = 180
    questions: tuple[Question, ...] = ()
    admission: Admission = Admission.OPEN
    walk_ins: bool = False
    credit: Credit | None = None
    draft: bool = False
    submitted: bool = False
    hosts: tuple[tuple[HostRole, str], ...]
    units: tuple[str, ...]
    sessions: tuple[Session, ...]
