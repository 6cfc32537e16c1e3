"""The doors of one long exhibition: a phone that waits to be one, one that is, one that was lost."""

from datetime import datetime, timedelta
from typing import Any

from events_app.checkin.tables import Gate
from events_app.demo import chance
from events_app.lib import codes
from events_app.programmes.tables import Session

ACTIVITY = "zhanshi"
_SESSION = 0


async def set_up(account: int, now: datetime) -> None:
    """Made by `account` for the exhibition's session."""
    found = Session.select(Session.id, Session.check_in_opens_at, Session.check_in_closes_at)
    session = await found.where(Session.code == chance.code("session", ACTIVITY, _SESSION)).first()
    assert session is not None
    opened: dict[str, Any] = {"opened_at": now - timedelta(hours=2), "seen_at": now}
    for label, more in (
        ("东门", {"link": codes.new_secret()}),
        ("西门·志愿者手机", opened | {"device_digest": codes.digest(codes.new_secret())}),
        ("签到台2号", opened | {"device_digest": codes.digest(codes.new_secret()), "revoked_at": now}),
    ):
        await Gate(
            code=chance.code("gate", ACTIVITY, label),
            session=session["id"],
            label=label,
            opens_at=session["check_in_opens_at"] - timedelta(hours=1),
            closes_at=session["check_in_closes_at"] + timedelta(hours=1),
            created_at=now - timedelta(hours=3),
            created_by=account,
            **more,
        ).save()
