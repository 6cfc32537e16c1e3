"""How people and tickets stand on a list that is kept on a device: as little as is enough at the door."""

import hashlib
from base64 import urlsafe_b64encode

from events_app.lib.codes import NUMBER_LENGTH


def ticket_name(code: str) -> str:
    """By which a device finds the ticket that it reads; the ticket cannot be made out of it."""
    return _short_digest(code)


def number_name(code: str) -> str:
    """The same for the typed number."""
    return _short_digest(f"number:{code[:NUMBER_LENGTH]}")


def masked_name(name: str) -> str:
    """赵*敏, 赵*: enough to hold it against a ticket."""
    if len(name) < 3:
        return name[:1] + "*" * (len(name) - 1)
    return f"{name[0]}{'*' * min(len(name) - 2, 3)}{name[-1]}"


def _short_digest(text: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()
