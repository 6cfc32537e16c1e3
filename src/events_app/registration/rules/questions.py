"""What an activity asks of those who register: questions as an organiser lays them out."""

from enum import StrEnum
from typing import TypeAlias

import msgspec


class QuestionKind(StrEnum):
    TEXT = "text"
    PARAGRAPH = "paragraph"
    NUMBER = "number"
    DATE = "date"
    ONE_OF = "one_of"
    MANY_OF = "many_of"
    PHONE = "phone"
    ID_NUMBER = "id_number"
    FILE = "file"
    PICTURE = "picture"
    AGREEMENT = "agreement"


class Stage(StrEnum):
    """When a question is asked."""

    REGISTRATION = "registration"
    DOOR = "door"


class Option(msgspec.Struct, frozen=True):
    """What one can choose. The code stays when the words change."""

    code: str
    label: str


class Condition(msgspec.Struct, frozen=True):
    """Asked only where the `question` that stands before it was answered so: by an option's code, or "yes"."""

    question: str
    answer: str


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question of one version of the terms; its `code` stays the same from version to version.

    `purpose` tells why it is asked. `keep_days` after the activity ends its answer is erased, where that is sooner
    than the terms say. A `sensitive` one needs a consent of its own.
    """

    code: str
    kind: QuestionKind
    label: str
    help: str = ""
    required: bool = False
    options: list[Option] = []
    stage: Stage = Stage.REGISTRATION
    only_if: Condition | None = None
    purpose: str = ""
    keep_days: int | None = None
    sensitive: bool = False
    least: int | None = None
    most: int | None = None


# By question code: a text, the code of an option, of an attachment, "yes"; or several codes of options.
Answers: TypeAlias = dict[str, str | list[str]]
