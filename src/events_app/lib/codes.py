"""Codes that cannot be guessed, and the signature that lets a gate trust a ticket without asking.

A ticket is written `<code>.<signature>`: 128 random bits in Crockford's base 32 (26 characters, no I L O U), and
the ECDSA P-256 signature of that code as r‖s in base64url (86 characters). P-256, because WebCrypto in older web
views has no Ed25519. The key is derived from EVENTS_SECRET_KEY, so every node signs alike.
"""

import hashlib
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TICKET_LENGTH = 26
NUMBER_LENGTH = 8
# What a hurried reader writes for what the alphabet holds (Crockford's base 32).
_MISREAD = str.maketrans("ILO", "110")
_SIGNATURE = re.compile(r"[\w-]{86}", re.ASCII)  # 64 bytes in base64url
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Signer:
    """Signs ticket codes with the platform's key."""

    def __init__(self, secret: bytes) -> None:
        seed = HKDF(hashes.SHA256(), 48, None, b"events_app ticket key").derive(secret)
        self._key = ec.derive_private_key(int.from_bytes(seed) % (_P256_ORDER - 1) + 1, ec.SECP256R1())

    def sign(self, code: str) -> bytes:
        """64 bytes, r‖s; the same code always gives the same signature (RFC 6979)."""
        der = self._key.sign(code.encode(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return r.to_bytes(32) + s.to_bytes(32)

    def public_key(self) -> bytes:
        """What gates verify with while they are without network: a DER SubjectPublicKeyInfo (RFC 5480)."""
        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@cache
def signer(secret: bytes) -> Signer:
    return Signer(secret)


def new_ticket_code() -> str:
    bits = secrets.randbits(128)
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(125, -1, -5))


def ticket_text(code: str, signature: bytes) -> str:
    return f"{code}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def read_ticket(text: str) -> tuple[str, bytes] | None:
    """Code and signature out of a ticket or of its whole address; None when it is neither."""
    code, dot, signature = text.strip().rpartition("/")[2].partition(".")
    if not dot or len(code) != TICKET_LENGTH or not _SIGNATURE.fullmatch(signature):
        return None
    raw = urlsafe_b64decode(signature + "==")
    # base64 has several spellings for the same bytes; only the one that was printed is the ticket.
    return (code, raw) if ticket_text(code, raw) == f"{code}.{signature}" else None


def read_any_ticket(text: str) -> tuple[str, bytes]:
    """Like read_ticket; for what is no ticket its beginning, with a signature that fits nothing."""
    return read_ticket(text) or (text[:TICKET_LENGTH], b"")


def read_arrival(text: str) -> str | None:
    """The code by which a unit comes in, out of the address that its leader shows."""
    before, _slash, code = text.strip().upper().rpartition("/")
    return (
        code if before.endswith("/U") and len(code) == TICKET_LENGTH and set(code) <= set(ALPHABET) else None
    )


def ticket_number(code: str) -> str:
    """What a person reads out at the door: the code's first eight characters, 7KQ2-M9XD."""
    return f"{code[:4]}-{code[4:NUMBER_LENGTH]}"


def read_ticket_number(text: str) -> str | None:
    """`7kq2 m9xd` or `7KQ2-M9XD` as the first eight characters of a code; None when it cannot be one."""
    number = "".join(c for c in text.upper() if c.isalnum()).translate(_MISREAD)
    return number if len(number) == NUMBER_LENGTH and set(number) <= set(ALPHABET) else None


def new_code(length: int = 8) -> str:
    """For addresses: lower case, short enough to type."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length)).lower()


def new_pin() -> str:
    """Six digits by which a ticket is found again."""
    return f"{secrets.randbelow(1_000_000):06}"


def new_secret() -> str:
    """256 bits for a cookie or a bearer token."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is stored of a secret: its SHA-256. 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
