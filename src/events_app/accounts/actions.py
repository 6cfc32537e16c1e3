"""Logging in and out, making accounts and tokens, and writing down what staff do."""

import asyncio
from functools import cache

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


async def log_in(login: str, password: str, *, user_agent: str) -> tuple[str, str]:
    """A new cookie value, and the page they work on, for whoever knows the password; raises Refused or TooMany.

    An unknown name costs the same time and gets the same sentence as a wrong password.
    """
    tries = (f"login:{login.lower()}", 10), (f"login-from:{address.get()}", 60)
    for bucket, most in tries:
        await throttle(bucket, most, _QUARTER_HOUR)
    account = (
        await Account.select(Account.id, Account.password_hash)
        .where(Account.login == login, Account.disabled_at.is_null())
        .first()
    )
    known = await asyncio.to_thread(
        _matches, account["password_hash"] if account else _nobodys_hash(), password
    )
    if not (account and known):
        raise Refused(_("用户名或密码不对，请重新输入。"), "wrong_password")
    for bucket, _most in tries:  # only what failed counts
        await queries.take_try_back(bucket, _QUARTER_HOUR)
    secret = codes.new_secret()
    await _begin_login(account["id"], secret, user_agent)
    opened = await queries.find_login(codes.digest(secret))
    return secret, opened[0].home if opened else "/"


async def log_out(me: Me) -> None:
    await Login.update({Login.ended_at: clock.now()}).where(Login.id == me.credential)


async def keep_awake(login: int) -> None:
    """Note that this login was used just now."""
    await Login.update({Login.seen_at: clock.now()}).where(Login.id == login)


async def throttle(bucket: str, most: int, seconds: int) -> None:
    """Count a try; raises TooMany when there were more than `most` in this period of `seconds`."""
    hits, seconds_left = await queries.count_try(bucket[:120], seconds)
    if hits > most:
        raise TooMany(seconds_left)


async def found_organization(code: str, name: str, kind: OrganizationKind, region: str) -> None:
    """An organization made from the terminal, such as the first one; raises Refused when code or name is taken."""
    if not await queries.add_organization(code, name, kind, region):
        raise Refused(_("已有同名或同代码的组织，请直接使用它。"), "taken")


async def create_account(login: str, name: str, password: str, organization: str, role: Role) -> int:
    """Raises NotFound for an unknown organization and Refused for a login that is taken."""
    found = await queries.find_organization(organization)
    if found is None:
        raise NotFound(_("没有代码为“%(code)s”的组织。", code=organization))
    if await Account.exists().where(Account.login == login):
        raise Refused(_("用户名“%(login)s”已被使用。", login=login), "taken")
    async with transaction():
        account = Account(
            login=login, name=name, password_hash=hash_password(password), created_at=clock.now()
        )
        await account.save()
        await join(account.id, found.id, role)
    return int(account.id)


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


async def create_token(login: str, name: str) -> str:
    """A bearer token acting for `login`, shown this once; raises NotFound."""
    account = await Account.select(Account.id).where(Account.login == login).first()
    if account is None:
        raise NotFound(_("没有用户名为“%(login)s”的账号。", login=login))
    secret = codes.new_secret()
    digest = codes.digest(secret)
    await Token(account=account["id"], name=name, secret_digest=digest, created_at=clock.now()).save()
    return secret


async def create_organization(me: Me, form: OrganizationForm) -> str:
    """A school or company that activities can name; returns its code. Raises Refused when the name is taken."""
    code = codes.new_code()
    async with transaction():
        if not await queries.add_organization(code, form.name, form.kind, form.region):
            raise Refused(_("已有同名的组织，请直接使用它。"), "taken")
        await audit(me, "organization.create", code, organization=me.organizations()[0], name=form.name)
    return code


async def audit(me: Me, action: str, subject: str, *, organization: int | None, **detail: object) -> None:
    """Write down a staff write, inside the transaction that does it."""
    await AuditEntry(
        at=clock.now(),
        account=me.account,
        organization=organization,
        action=action,
        subject=subject,
        detail=msgspec.json.encode(detail).decode(),
        address=address.get(),
        request_id=request_id.get(),
    ).save()


def hash_password(password: str) -> str:
    return _hasher().hash(password)


async def _begin_login(account: int, secret: str, user_agent: str) -> None:
    now = clock.now()
    await Login(
        account=account,
        secret_digest=codes.digest(secret),
        user_agent=user_agent[:300],
        address=address.get(),
        created_at=now,
        seen_at=now,
    ).save()


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
