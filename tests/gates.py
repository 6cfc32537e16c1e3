"""Devices that are gates, or are going to be."""

from datetime import timedelta
from typing import Any

from events_app.checkin.tables import Gate
from events_app.lib import clock, codes
from events_app.programmes.tables import Activity, Session


async def make_gate(of: Session | Activity, label: str = "东门", device: str = "", **columns: Any) -> Gate:
    """Good for an hour; opened by the device with this secret, or else waiting for one to open its link."""
    now = clock.now()
    given: dict[str, Any] = {
        "code": codes.new_code(),
        "session": of.id if isinstance(of, Session) else None,
        "activity": of.id if isinstance(of, Activity) else None,
        "label": label,
        "opens_at": now - timedelta(hours=1),
        "closes_at": now + timedelta(hours=1),
        "link": None if device or "revoked_at" in columns else codes.new_secret(),
        "created_at": now,
    }
    if device:
        given |= {"device_digest": codes.digest(device), "opened_at": now, "seen_at": now}
    gate = Gate(**given | columns)
    await gate.save()
    return gate
