"""What people send about accounts."""

from typing import Annotated

import msgspec

from events_app.accounts.tables import OrganizationKind
from events_app.web.forms import Reader, line, one_of


class LoginForm(msgspec.Struct):
    login: Annotated[str, line(60)]
    # As typed: a password is not text to be tidied.
    password: Annotated[str, Reader(lambda raw: raw if isinstance(raw, str) else "")]


class OrganizationForm(msgspec.Struct):
    """`code` stands in the address of the organization's page."""

    name: Annotated[str, line(100)]
    kind: Annotated[OrganizationKind, one_of(OrganizationKind)]
    region: Annotated[str, line(6, required=False)]
