"""What the screen in the hall shows for a moment, and what it is worth to a phone that saw it in time.

The QR's code changes every 15 s, the six digits that are said aloud every 30 s; of each the current one and the one
before are good. A page that was opened in time keeps its right for three minutes, on that phone alone. All of them
are HMACs with the platform's secret: nothing is stored, and every node agrees.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from events_app.lib.codes import ALPHABET

QR_SECONDS = 15
DIGITS_SECONDS = 30
GRANT = timedelta(minutes=3)
_QR_LENGTH = 16  # 80 bits


def qr_code(secret: bytes, session: str, at: datetime) -> str:
    return _qr_code(secret, session, _step(at, QR_SECONDS))


def spoken_digits(secret: bytes, session: str, at: datetime) -> str:
    return _digits(secret, session, _step(at, DIGITS_SECONDS))


def is_shown(secret: bytes, session: str, code: str, at: datetime) -> bool:
    """Whether the screen shows this code, or did so in the step before."""
    step = _step(at, QR_SECONDS)
    return any(_same(code.upper(), _qr_code(secret, session, one)) for one in (step, step - 1))


def is_said(secret: bytes, session: str, digits: str, at: datetime) -> bool:
    step = _step(at, DIGITS_SECONDS)
    return any(_same(digits, _digits(secret, session, one)) for one in (step, step - 1))


def grant(secret: bytes, session: str, device: str, at: datetime) -> str:
    """The right of this device to check in until three minutes from now."""
    until = int((at + GRANT).timestamp())
    return f"{until}.{_mac(secret, 'grant', session, device, until).hex()}"


def is_granted(secret: bytes, session: str, device: str, given: str, at: datetime) -> bool:
    until, _dot, mac = given.partition(".")
    if not (until.isascii() and until.isdecimal() and len(until) <= 12):
        return False
    wanted = _mac(secret, "grant", session, device, int(until)).hex()
    return _same(mac, wanted) and at.timestamp() <= int(until)


def _step(at: datetime, seconds: int) -> int:
    return int(at.timestamp()) // seconds


def _qr_code(secret: bytes, session: str, step: int) -> str:
    bits = int.from_bytes(_mac(secret, "qr", session, step))
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in range(_QR_LENGTH))


def _digits(secret: bytes, session: str, step: int) -> str:
    return f"{int.from_bytes(_mac(secret, 'digits', session, step)) % 1_000_000:06}"


def _mac(secret: bytes, *parts: object) -> bytes:
    key = hmac.digest(secret, b"events_app self check-in", hashlib.sha256)
    return hmac.digest(key, "\n".join(map(str, parts)).encode(), hashlib.sha256)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
