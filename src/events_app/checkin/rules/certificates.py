"""Certificates of attendance: whether one still holds, what it is about, and for whom it was made."""

import hmac
import unicodedata
from decimal import Decimal
from typing import Protocol

from events_app.checkin.rules.hours import Record
from events_app.lib.language import gettext as _
from events_app.programmes.rules.activities import CONFIDENTIAL
from events_app.programmes.tables import Kind

# People write the dot in a name in many ways.
_DOTS = str.maketrans(dict.fromkeys("•・‧∙.．", "·"))


class Issued(Protocol):
    """What a certificate says."""

    @property
    def hours(self) -> Decimal | None: ...
    @property
    def sessions(self) -> int: ...


def still_holds(certificate: Issued, record: Record) -> bool:
    """Whether the attendances of today bear what it says; more than it says does no harm."""
    enough = certificate.hours is None or record.hours is None or record.hours >= certificate.hours
    return record.sessions > 0 and record.sessions >= certificate.sessions and enough


def is_outgrown(certificate: Issued, record: Record) -> bool:
    """Whether it could say more, or has to say something else."""
    return (certificate.sessions, certificate.hours) != (record.sessions, record.hours)


def name_digest(secret: bytes, code: str, name: str) -> bytes:
    """By which a name can be checked when it is no longer kept; nobody without `secret` can try names out."""
    return hmac.digest(secret, f"events_app certificate {code} {_plain(name)}".encode(), "sha256")


def is_name(secret: bytes, code: str, name: str, digest: bytes) -> bool:
    return hmac.compare_digest(name_digest(secret, code, name), digest)


def certificate_title(title: str, kind: Kind) -> str:
    """What it is called where others may read it: that somebody had legal aid is nobody's business."""
    return _("工会服务") if kind in CONFIDENTIAL else title


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).translate(_DOTS).split()).casefold()
