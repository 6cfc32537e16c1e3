"""What somebody answers to an activity's questions."""

import msgspec

from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.registration.rules.questions import Answers


class Reply(msgspec.Struct, frozen=True):
    """Answers to the questions of this version of the terms, or to those that stand now where it is 0.

    `files` are the codes of the attachments among the answers.
    """

    terms: int = 0
    answers: Answers = {}
    files: list[str] = []


NO_ANSWERS = Reply()


def terms_changed() -> Refused:
    return Refused(_("组织者刚刚修改了问题或告知。请看下面的新内容，补充后再提交一次。"), "terms_changed")
