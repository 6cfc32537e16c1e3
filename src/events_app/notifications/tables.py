"""What was told to whom."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, ForeignKey, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table

from events_app.accounts.tables import Organization


class Recipient(StrEnum):
    """To whom: the holder of a registration, a guest, or a school or company."""

    REGISTRATION = "registration"
    GUEST = "guest"
    ORGANIZATION = "organization"


class Message(Table):
    """Something that people must hear of, written in the transaction in which it happened.

    `recipient` is the id of the row that `recipient_kind` names, without a foreign key: the tables above are not known
    here. `session` is the code of the session it is about.
    """

    id = BigSerial(primary_key=True)
    organization = ForeignKey(Organization, null=False, on_delete=OnDelete.restrict, index=True)
    recipient_kind = Varchar(length=12, choices=Recipient)
    recipient = BigInt()
    session = Varchar(length=20, index=True)
    text = Text()
    english = Text(default="")
    created_at = Timestamptz()
