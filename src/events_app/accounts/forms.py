"""What people send about accounts."""

from typing import Annotated

import msgspec

from events_app.accounts.tables import OrganizationKind
from events_app.web.forms import Reader, digits, line, one_of, optional


class LoginForm(msgspec.Struct):
    login: Annotated[str, line(60)]
    # As typed: a password is not text to be tidied.
    password: Annotated[str, Reader(lambda raw: raw if isinstance(raw, str) else "")]


class OrganizationForm(msgspec.Struct):
    """`region` is a GB/T 2260 code, or nothing."""

    name: Annotated[str, line(100)]
    kind: Annotated[OrganizationKind, one_of(OrganizationKind)]
    region: Annotated[str, optional(digits(6))]
