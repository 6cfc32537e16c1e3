"""Which scans one statement can judge at once."""

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Claim(Protocol):
    """What two scans can have in common."""

    @property
    def session(self) -> str: ...
    @property
    def nonce(self) -> str: ...
    @property
    def ticket(self) -> str: ...


C = TypeVar("C", bound=Claim)


def split_round(scans: Iterable[C], most: int) -> tuple[list[C], list[C]]:
    """At most `most` scans that one statement can judge at once, and the rest, both in order.

    In one round no ticket stands twice, and no nonce of one session: the second scan has to see what the first one
    did.
    """
    now: list[C] = []
    later: list[C] = []
    seen: set[tuple[str, ...]] = set()
    for scan in scans:
        # A ticket that had to wait keeps its later scans waiting too: they are judged in order.
        names = {("nonce", scan.session, scan.nonce), ("ticket", scan.ticket)}
        (later if len(now) >= most or seen & names else now).append(scan)
        seen |= names
    return now, later
