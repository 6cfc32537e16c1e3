"""A form with an activity's questions in it, as it came."""

from typing import Any

from litestar.datastructures import FormMultiDict, UploadFile

from events_app.registration.actions.answers import Filled
from events_app.registration.actions.attachments import LARGEST_FILE, Upload
from events_app.web.forms import LARGEST_BODY

# Three large files and all the words.
LARGEST_WITH_FILES = 3 * LARGEST_FILE + 4 * LARGEST_BODY


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
