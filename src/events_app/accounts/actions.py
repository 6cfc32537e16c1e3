"""Logging in and out, making accounts and tokens, and writing down what staff do."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import cache
from time import monotonic

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from events_app.accounts import queries
from events_app.accounts.forms import OrganizationForm
from events_app.accounts.rules import Me
from events_app.accounts.tables import (
    Account,
    AuditEntry,
    Login,
    Membership,
    OrganizationKind,
    Role,
    Token,
)
from events_app.lib import clock, codes
from events_app.lib.database import transaction
from events_app.lib.errors import NotFound, Refused, TooMany
from events_app.lib.language import gettext as _
from events_app.lib.request_context import address, request_id

_QUARTER_HOUR = 900
_LONGEST_BUCKET = 120
# Tries that were counted and not made yet, and until when they may be, by bucket.
_written_down: dict[str, tuple[int, float]] = {}
_MOST_WRITTEN_DOWN = 10_000
# A password is compared only after the count before it was read: many sent at once do not slip past the limits.
_verifying = asyncio.Semaphore(4)


async def log_in(login: str, password: str, *, user_agent: str) -> tuple[str, str]:
    """A new cookie value, and the page they work on, for whoever knows the password; raises Refused or TooMany.

    An unknown name costs the same time and gets the same sentence as a wrong password.
    """
    limits = _login_limits(login)
    async with _verifying:
        await check_failures(limits, _QUARTER_HOUR)
        account = await _account_with(login, password)
        if account is None:
            await count_failure(limits, _QUARTER_HOUR)
            raise Refused(_("用户名或密码不对，请重新输入。"), "wrong_password")
    secret = codes.new_secret()
    return secret, await _begin_login(account, secret, user_agent)


async def log_out(me: Me) -> None:
    async with transaction():
        await Login.update({Login.ended_at: clock.now()}).where(Login.id == me.credential)
        await audit(me, "login.remove", me.login, organization=_first_organization(me))


async def keep_awake(login: int) -> None:
    """Note that this login was used just now."""
    await Login.update({Login.seen_at: clock.now()}).where(Login.id == login)


async def check_failures(limits: dict[str, int], seconds: int) -> None:
    """Raises TooMany when one of these buckets has as many failures in this period of `seconds` as it may."""
    if (seconds_left := await queries.find_wait(limits, seconds)) is not None:
        raise TooMany(seconds_left)


async def count_failure(limits: dict[str, int], seconds: int) -> None:
    for bucket in limits:
        await queries.count_try(bucket, seconds)


async def throttle(bucket: str, most: int, seconds: int, *, at_once: int = 1) -> None:
    """Count a try; raises TooMany when there were more than `most` in this period of `seconds`.

    With `at_once` this process writes so many tries down together and spends them before it asks the database again:
    for a limit that a whole hall comes near, where up to so many fewer for each process do no harm.
    """
    bucket = bucket[:_LONGEST_BUCKET]
    left, until = _written_down.get(bucket, (0, 0.0))
    if not left or monotonic() >= until:
        hits, seconds_left = await queries.count_try(bucket, seconds, at_once)
        if hits > most:
            raise TooMany(seconds_left)
        left, until = at_once, monotonic() + seconds_left
    if at_once > 1:
        _spend(bucket, left, until)


def _spend(bucket: str, left: int, until: float) -> None:
    if len(_written_down) >= _MOST_WRITTEN_DOWN:
        _written_down.clear()
    _written_down[bucket] = (left - 1, until)


async def found_organization(code: str, name: str, kind: OrganizationKind, region: str) -> None:
    """An organization made from the terminal, such as the first one; raises Refused when code or name is taken."""
    async with transaction():
        if not await queries.add_organization(code, name, kind, region):
            raise Refused(_("已有同名或同代码的组织，请直接使用它。"), "taken")
        await audit(None, "organization.create", code, organization=None, name=name)


async def create_account(login: str, name: str, password: str, organization: str, role: Role) -> int:
    """Raises NotFound for an unknown organization and Refused for a login that is taken."""
    found = await queries.find_organization(organization)
    if found is None:
        raise NotFound(_("没有代码为“%(code)s”的组织。", code=organization))
    async with transaction():
        account = await _add_account(login, name, password)
        await join(account, found.id, role)
        await audit(None, "account.create", login, organization=found.id, role=role)
    return account


async def join(account: int, organization: int, role: Role) -> None:
    await Membership(account=account, organization=organization, role=role, created_at=clock.now()).save()


async def change_password(login: str, password: str) -> None:
    """Set a new password and end every login that the old one opened; raises NotFound."""
    account = await Account.select(Account.id).where(Account.login == login).first()
    if account is None:
        raise NotFound(_("没有用户名为“%(login)s”的账号。", login=login))
    async with transaction():
        await Account.update({Account.password_hash: hash_password(password)}).where(
            Account.id == account["id"]
        )
        await Login.update({Login.ended_at: clock.now()}).where(
            Login.account == account["id"], Login.ended_at.is_null()
        )
        await audit(None, "password.update", login, organization=None)


async def create_token(login: str, name: str) -> str:
    """A bearer token acting for `login`, shown this once; raises NotFound."""
    account = await Account.select(Account.id).where(Account.login == login).first()
    if account is None:
        raise NotFound(_("没有用户名为“%(login)s”的账号。", login=login))
    secret = codes.new_secret()
    digest = codes.digest(secret)
    async with transaction():
        await Token(account=account["id"], name=name, secret_digest=digest, created_at=clock.now()).save()
        await audit(None, "token.create", login, organization=None, name=name)
    return secret


async def create_organization(me: Me, form: OrganizationForm) -> str:
    """A school or company that activities can name; returns its code. Raises Refused when the name is taken."""
    code = codes.new_code()
    async with transaction():
        if not await queries.add_organization(code, form.name, form.kind, form.region):
            raise Refused(_("已有同名的组织，请直接使用它。"), "taken")
        await audit(me, "organization.create", code, organization=me.organizations()[0], name=form.name)
    return code


async def create_organizations(me: Me, names: list[str], kind: OrganizationKind) -> int:
    """Schools or companies that a table names, all at once; returns how many were new."""
    async with transaction():
        added = await queries.add_organizations([codes.new_code() for _name in names], names, kind)
        entries = [("organization.create", code, {"name": name}) for code, name in added.items()]
        await audit_all(me, me.organizations()[0], entries)
    return len(added)


async def audit(
    me: Me | None, action: str, subject: str, *, organization: int | None, **detail: object
) -> None:
    """Write down a staff write, inside the transaction that does it; `me` is None at the terminal."""
    await AuditEntry(
        at=clock.now(),
        account=me and me.account,
        organization=organization,
        action=action,
        subject=subject,
        detail=msgspec.json.encode(detail).decode(),
        address=address.get(),
        request_id=request_id.get(),
    ).save()


async def audit_all(
    me: Me, organization: int, entries: Iterable[tuple[str, str, Mapping[str, object]]]
) -> None:
    """Like `audit`, for many writes at once: action, subject and detail of each."""
    lines = [(name, subject, msgspec.json.encode(detail).decode()) for name, subject, detail in entries]
    await queries.add_audit_entries(
        clock.now(), me.account, organization, lines, address.get(), request_id.get()
    )


def hash_password(password: str) -> str:
    return _hasher().hash(password)


async def _add_account(login: str, name: str, password: str) -> int:
    account = await queries.add_account(login, name, hash_password(password))
    if account is None:
        raise Refused(_("用户名“%(login)s”已被使用。", login=login), "taken")
    return account


def _login_limits(login: str) -> dict[str, int]:
    """How many wrong passwords in a quarter of an hour: of a name from one address, of the name, of the address.

    The middle one is wide, so that a stranger elsewhere does not keep the owner out.
    """
    here, name = address.get(), login.lower()
    limits = {f"login-at:{here} {name}": 10, f"login:{name}": 50, f"login-from:{here}": 60}
    return {bucket[:_LONGEST_BUCKET]: most for bucket, most in limits.items()}


async def _account_with(login: str, password: str) -> int | None:
    """The account that this password opens."""
    found = (
        await Account.select(Account.id, Account.password_hash)
        .where(Account.login == login, Account.disabled_at.is_null())
        .first()
    )
    known = await asyncio.to_thread(_matches, found["password_hash"] if found else _nobodys_hash(), password)
    return found["id"] if found and known else None


async def _begin_login(account: int, secret: str, user_agent: str) -> str:
    """Returns the page that they work on."""
    async with transaction():
        await _add_login(account, secret, user_agent)
        opened = await queries.find_login(codes.digest(secret))
        if opened is None:  # disabled just now
            return "/"
        me = opened[0]
        await audit(me, "login.create", me.login, organization=_first_organization(me))
    return me.home


async def _add_login(account: int, secret: str, user_agent: str) -> None:
    now = clock.now()
    await Login(
        account=account,
        secret_digest=codes.digest(secret),
        user_agent=user_agent[:300],
        address=address.get(),
        created_at=now,
        seen_at=now,
    ).save()


def _first_organization(me: Me) -> int | None:
    return next(iter(me.organizations()), None)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher().verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return hash_password(codes.new_secret())
