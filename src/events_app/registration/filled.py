"""A form with an activity's questions in it, as it came.

A file of its own beside the six: several controllers read such forms, those at the door among them.
"""

from typing import Any

from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import HTTPException

from events_app.lib import clock
from events_app.programmes.queries.sessions import SessionPage
from events_app.registration.actions import answers
from events_app.registration.actions.answers import Filled
from events_app.registration.actions.attachments import LARGEST_FILE, Upload
from events_app.registration.actions.terms import terms_of
from events_app.registration.forms import ConsentFields, RegistrationForm, read_wish, version
from events_app.registration.rules.admission import Wish, entry_errors
from events_app.registration.rules.answers import Reply
from events_app.registration.rules.consent import consent_errors
from events_app.web.forms import LARGEST_BODY, BadForm, read_form

# Three large files and all the words.
LARGEST_WITH_FILES = 3 * LARGEST_FILE + 4 * LARGEST_BODY


async def read_registration(
    session: str, form: FormMultiDict, values: dict[str, Any]
) -> tuple[RegistrationForm, Reply, Wish]:
    """The whole form; raises BadForm with every mistake in it. Files are kept, and `values` told where."""
    sent: RegistrationForm | None = None
    errors: dict[str, str] = {}
    try:
        sent = read_form(RegistrationForm, form)
    except BadForm as bad:
        errors = bad.errors
    terms = await answers.terms_shown(session, version().read(form.get("terms")))
    answered = await answers.answer(terms, await read_filled(form))
    values |= answered.values()
    wish, wrong = read_wish(values)
    if sent is None or wrong or answered.errors:
        raise BadForm(values, errors | wrong | answered.errors)
    return sent, answered.reply, wish


async def rule_errors(session: SessionPage, form: FormMultiDict, values: dict[str, Any]) -> dict[str, str]:
    """What the activity's rules find wrong with a form that is wrong already: told at once, not one by one."""
    try:
        given = read_form(ConsentFields, form)
    except BadForm:
        return {}
    year = clock.today().year
    terms = await terms_of(session.activity, session.terms)
    unit = str(values.get("unit", "")).strip()
    by_rules = entry_errors(session, unit, given.birth_year, read_wish(values)[0], year)
    return by_rules | consent_errors(session, terms, given, year)


async def check_size(request: Request, session: str) -> None:
    """Only a form that asks for files may be large."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > LARGEST_BODY and not await answers.asks_files(session):
        raise HTTPException(status_code=413)


def typed(form: FormMultiDict) -> dict[str, Any]:
    """All that was typed, by field, for the page that shows it again; of several ticks a list."""
    names = dict.fromkeys(name for name, value in form.multi_items() if isinstance(value, str))
    values = {name: _texts(form, name) for name in names}
    return {name: texts if len(texts) > 1 else texts[0] for name, texts in values.items()}


async def read_filled(form: FormMultiDict) -> Filled:
    """Answers are sent as q-<code>, new files as f-<code>; x-<code> takes a kept file away."""
    names = dict.fromkeys(form.keys())
    dropped = {name[2:] for name in names if name.startswith("x-")}
    sent = {name[2:]: _texts(form, name) for name in names if name.startswith("q-")}
    files = {name[2:]: form[name] for name in names if name.startswith("f-")}
    return Filled(
        {code: texts for code, texts in sent.items() if code not in dropped},
        {code: await _upload(file) for code, file in files.items() if _is_file(file)},
    )


def _texts(form: FormMultiDict, name: str) -> list[str]:
    return [value for value in form.getall(name) if isinstance(value, str)]


def _is_file(sent: object) -> bool:
    """A file box that was left empty sends a file without a name."""
    return isinstance(sent, UploadFile) and bool(sent.filename)


async def _upload(file: UploadFile) -> Upload:
    return Upload(file.filename, await file.read(LARGEST_FILE + 1))
