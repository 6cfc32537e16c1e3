"""One school's list: some of its people stand on it already, and a file waits to be looked through."""

import hashlib
from datetime import datetime

from events_app.demo import chance, queries
from events_app.lib.codes import new_secret, new_ticket_code
from events_app.registration.queries.imports import add_import
from events_app.registration.tables import Roster

ACTIVITY, SCHOOL, UNIT = "zhanshi", "ynjd", "云南机电职业技术学院"
_CLASS = "机电一体化2401班"
_SESSION = 0
# As a teacher types them: two without a whole number, one twice.
_TYPED = (
    ("陆一鸣", "13900010001"),
    ("和丽梅", "１３９０００１０００２"),
    ("阿依古丽·买买提", "139 0001 0003"),
    ("㛃文斌", "1.39E+10"),
    ("杨𬱖", "13900010005"),
    ("普建军", "1390001"),
    ("机电2401班07号", ""),
    ("机电2401班08号", ""),
    ("陆一鸣", "13900010001"),
    ("岩温", "13900010010"),
)


async def hand_out(organization: int, account: int, now: datetime) -> None:
    """The list of `organization`, handed out by `account`; the class that registered stands on it."""
    activity = await queries.find_activity(chance.code("activity", ACTIVITY))
    roster = Roster(
        activity=activity,
        organization=organization,
        unit=UNIT,
        secret=new_secret(),
        arrival_code=new_ticket_code(),
        leader_name="和志强",
        leader_phone="13900010000",
        created_at=now,
        created_by=account,
    )
    await roster.save()
    await queries.put_on_roster(roster.id, activity, _CLASS)
    rows = [{"line": str(line), "name": name, "phone": phone} for line, (name, phone) in enumerate(_TYPED, 2)]
    code = chance.code("import", ACTIVITY, SCHOOL)
    session = chance.code("session", ACTIVITY, _SESSION)
    await add_import(code, roster.id, rows, [session], [], hashlib.sha256(code.encode()).digest())
