"""Who exists: organizations in a tree, accounts with a role in them, their logins and tokens, and the audit."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Bytea,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Unique
from piccolo.table import Table


class OrganizationKind(StrEnum):
    UNION = "union"
    SCHOOL = "school"
    COMPANY = "company"
    AGENCY = "agency"
    LAW_FIRM = "law_firm"
    PLATFORM = "platform"


class Role(StrEnum):
    OWNER = "owner"
    ORGANIZER = "organizer"
    GATE = "gate"
    VIEWER = "viewer"


class Organization(Table):
    """A union, school, company, agency, law firm or platform. `region` is a GB/T 2260 code, such as 530000."""

    id = Serial(primary_key=True)
    code = Varchar(length=40, unique=True)
    name = Varchar(length=100, unique=True)
    kind = Varchar(length=20, choices=OrganizationKind)
    parent: ForeignKey = ForeignKey("self", null=True, on_delete=OnDelete.restrict, index=True)
    region = Varchar(length=6, default="")
    created_at = Timestamptz()


class Account(Table):
    """Someone who logs in."""

    id = Serial(primary_key=True)
    login = Varchar(length=60, unique=True)
    name = Varchar(length=50)
    password_hash = Varchar(length=200, secret=True)
    created_at = Timestamptz()
    disabled_at = Timestamptz(null=True, default=None)


class Membership(Table):
    """An account's role in an organization."""

    id = Serial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.restrict)
    organization = ForeignKey(Organization, null=False, on_delete=OnDelete.restrict, index=True)
    role = Varchar(length=20, choices=Role)
    created_at = Timestamptz()

    membership_account_organization_role_uq = Unique([account, organization, role])


class Login(Table):
    """One browser in which an account is logged in. Only the SHA-256 of its cookie is kept."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, index=True)
    secret_digest = Bytea(unique=True, secret=True)
    user_agent = Varchar(length=300, default="")
    address = Varchar(length=45, default="")
    created_at = Timestamptz()
    seen_at = Timestamptz()
    ended_at = Timestamptz(null=True, default=None)


class Token(Table):
    """A bearer token for scripts, acting for an account. Only its SHA-256 is kept."""

    id = Serial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=60)
    secret_digest = Bytea(unique=True, secret=True)
    created_at = Timestamptz()
    expires_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)


class AuditEntry(Table):
    """One write by staff: who did what to which thing, when, from where. Never changed, never deleted.

    `account` and `organization` are ids without a foreign key: an entry outlives what it names.
    """

    id = BigSerial(primary_key=True)
    at = Timestamptz(index=True)
    account = Integer(null=True, default=None)
    organization = Integer(null=True, default=None, index=True)
    action = Varchar(length=60)
    subject = Varchar(length=80)
    detail = JSONB(default="{}")
    address = Varchar(length=45, default="")
    request_id = Varchar(length=40, default="")


class Throttle(Table):
    """How often something was tried in a period of time, counted over all processes."""

    id = BigSerial(primary_key=True)
    bucket = Varchar(length=120)
    period = BigInt()
    hits = Integer(default=0)

    throttle_bucket_period_uq = Unique([bucket, period])
