"""Files that answer questions: taken in, kept through a refused form, claimed by the registration, handed out."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import msgspec

from events_app.accounts.actions import audit, throttle
from events_app.accounts.rules import ORGANIZING, Me
from events_app.lib import clock, codes, filetypes, text
from events_app.lib.errors import Invalid, NotFound, TooMany
from events_app.lib.language import gettext as _
from events_app.lib.picture import webp
from events_app.lib.request_context import address
from events_app.registration.queries import attachments as queries
from events_app.registration.queries.attachments import Draft, File
from events_app.registration.rules.questions import Question, QuestionKind
from events_app.registration.rules.terms import TermsVersion

LARGEST_FILE = 8 * 1024 * 1024
_WEBP = "image/webp"
_LONGEST_NAME = 100
# A whole hall may register through one school's network at once.
_MOST_PER_HOUR = 600
# Files of forms that are not sent yet may take so many bytes: nobody fills our disk with them.
_MOST_UNSENT = 4 * 1024**3
_DRAFTS_LIVE = timedelta(days=1)
# A large picture takes a second and its pixels' memory: so many at once in each process.
_drawing = asyncio.Semaphore(2)


class Upload(msgspec.Struct, frozen=True):
    """One file of a form: what it calls itself, and at most one byte more than we take."""

    name: str
    body: bytes


async def keep_uploads(
    terms: TermsVersion, uploads: Mapping[str, Upload]
) -> tuple[dict[str, Draft], dict[str, str]]:
    """The drafts, and what is wrong with the others as sentences, both by question code."""
    drafts: dict[str, Draft] = {}
    errors: dict[str, str] = {}
    asked = {q.code: q for q in terms.questions if q.kind in (QuestionKind.FILE, QuestionKind.PICTURE)}
    for code, upload in uploads.items():
        if code not in asked:
            continue
        try:
            drafts[code] = await _keep(terms.activity, asked[code], upload)
        except ValueError as error:
            errors[code] = str(error)
    return drafts, errors


async def download_own(me: Me, code: str) -> File:
    """For an organiser of the activity; raises NotFound for a file of others."""
    file = await queries.find_own_file(code, me.organizations(ORGANIZING))
    if file is None:
        raise NotFound
    await audit(me, "attachment.download", code, organization=file.organization)
    return file


async def claim(seat: int, files: list[str]) -> None:
    """To be called inside the transaction that took this seat, where `files` were among the answers."""
    registration = await queries.find_registration_of(seat)
    assert registration
    await queries.claim_attachments(registration, files)


async def drop_drafts() -> int:
    """Files that were uploaded into forms which nobody sent; how many."""
    return await queries.drop_drafts(clock.now() - _DRAFTS_LIVE)


async def _keep(activity: int, question: Question, upload: Upload) -> Draft:
    """Raises ValueError with a sentence for what is too large or not what it should be."""
    if len(upload.body) > LARGEST_FILE:
        raise ValueError(_("“%(name)s”太大了，请压缩到8 MB以内再上传。", name=_shown(upload.name)))
    name, kind, content = await _examined(question, upload)
    try:
        await throttle(f"upload:{address.get()}", _MOST_PER_HOUR, 3600)
    except TooMany:
        raise ValueError(_("这个网络上传的文件太多了，请过一小时再试。")) from None
    if await queries.measure_drafts() > _MOST_UNSENT:
        raise ValueError(_("现在不能上传文件，请过一小时再试，或者联系主办单位。"))
    code = codes.new_ticket_code()
    await queries.add_attachment(code, activity, question.code, name, kind, content)
    return Draft(code, question.code, name)


async def _examined(question: Question, upload: Upload) -> tuple[str, str, bytes]:
    """Name, media type and content to keep: pictures are made anew, without what they carried along."""
    name = _shown(upload.name)
    kind = filetypes.media_type(name, upload.body)
    if not filetypes.is_picture(kind):
        if question.kind == QuestionKind.PICTURE:
            raise ValueError(_("请上传JPEG、PNG或WebP图片。"))
        return name, kind, upload.body
    try:
        async with _drawing:
            content, _size = await asyncio.to_thread(webp, upload.body)
    except Invalid as invalid:
        raise ValueError(next(iter(invalid.errors.values()))) from None
    return f"{name.rpartition('.')[0]}.webp", _WEBP, content


def _shown(name: str) -> str:
    """A file's name without its folders, short enough, ending kept."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    try:
        clean = text.one_line(bare, 1000)
    except ValueError:
        clean = _("文件") + "." + bare.rpartition(".")[2][:5]
    return clean[-_LONGEST_NAME:]
