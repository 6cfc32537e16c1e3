"""Where organisers lay out the questions of an activity."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.lib.errors import Invalid, Refused
from events_app.registration.actions import builder as actions
from events_app.registration.actions.builder import TermsConflict, own_question, own_terms
from events_app.registration.forms import QuestionForm, QuestionStepForm, VersionForm
from events_app.registration.queries.terms import list_versions
from events_app.registration.rules import builder as rules
from events_app.registration.rules.questions import Question, QuestionKind, Stage
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import either, page, see_other

# What may follow an address to say what was done.
_DONE = frozenset({"added", "changed", "removed", "moved"})


class QuestionController(Controller):
    """Of activities that `me` organises; those of other organizations are not found."""

    path = "/manage/activities/{code:str}/questions"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request, code: FromPath[str]) -> Response:
        done = request.query_params.get("done", "")
        return await _questions_page(request, code, done=done if done in _DONE else "")

    @get("/new")
    async def new(self, request: Request, code: FromPath[str]) -> Response:
        kind = _kind(request.query_params.get("kind", ""))
        values = {"stage": Stage.REGISTRATION, "required": kind == QuestionKind.AGREEMENT}
        values["sensitive"] = kind in rules.SENSITIVE_BY_ITSELF
        return await _question_page(request, code, "", kind, values, {})

    @post("/")
    async def create(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            question = await actions.add_question(request.user, code, read_form(QuestionForm, form))
        except (BadForm, Invalid, Refused) as bad:
            kind = _kind(str(form.get("kind", "")))
            return await _question_page(request, code, "", kind, dict(form), bad.errors, bad=bad)
        return _back(code, question, "added")

    @post("/preview")
    async def preview(self, request: Request, code: FromPath[str]) -> Response:
        """How the question looks, nothing saved; it is checked when it is saved."""
        form = await request.form()
        kind, own = _kind(str(form.get("kind", ""))), str(form.get("question", ""))
        try:
            shown = actions.drafted(read_form(QuestionForm, form), None)
        except BadForm as bad:
            return await _question_page(request, code, own, kind, dict(form), bad.errors)
        return await _question_page(request, code, own, kind, dict(form), {}, shown=shown)

    @get("/{question:str}/edit")
    async def edit(self, request: Request, code: FromPath[str], question: FromPath[str]) -> Response:
        _activity, _terms, found = await own_question(request.user, code, question)
        return await _question_page(request, code, question, found.kind, _values(found), {}, shown=found)

    @post("/{question:str}")
    async def update(
        self, request: Request, code: FromPath[str], question: FromPath[str]
    ) -> Response | Redirect:
        form = await request.form()
        try:
            await actions.change_question(request.user, code, question, read_form(QuestionForm, form))
        except (BadForm, Invalid, Refused) as bad:
            kind = _kind(str(form.get("kind", "")))
            return await _question_page(request, code, question, kind, dict(form), bad.errors, bad=bad)
        return _back(code, question, "changed")

    @post("/{question:str}/moves")
    async def move(
        self, request: Request, code: FromPath[str], question: FromPath[str]
    ) -> Response | Redirect:
        try:
            sent = read_form(QuestionStepForm, await request.form())
            await actions.move_question(request.user, code, question, sent)
        except (BadForm, Refused) as bad:
            return await _questions_page(request, code, bad=bad)
        return _back(code, question, "moved")

    @post("/{question:str}/removal")
    async def remove(
        self, request: Request, code: FromPath[str], question: FromPath[str]
    ) -> Response | Redirect:
        try:
            sent = read_form(VersionForm, await request.form())
            await actions.remove_question(request.user, code, question, sent)
        except (BadForm, Refused) as bad:
            return await _questions_page(request, code, bad=bad)
        return see_other(f"/manage/activities/{code}/questions?done=removed")


def _back(code: str, question: str, done: str) -> Redirect:
    return see_other(f"/manage/activities/{code}/questions?done={done}#question-{question}")


def _kind(name: str) -> QuestionKind:
    return QuestionKind(name) if name in set(QuestionKind) else QuestionKind.TEXT


async def _questions_page(
    request: Request, code: str, *, done: str = "", bad: BadForm | Refused | None = None
) -> Response:
    activity, terms = await own_terms(request.user, code)
    versions = await list_versions(activity.id, 1)
    errors = bad.errors if bad else {}
    return page(
        request,
        "registration/questions.html",
        409 if isinstance(bad, Refused) else (422 if bad else 200),
        activity=activity,
        terms=terms,
        agreed=sum(version.agreed for version in versions),
        kinds=[(kind.value, rules.question_kind_name(kind)) for kind in QuestionKind],
        conditions={
            q.code: rules.condition_text(terms.questions, q.only_if) for q in terms.questions if q.only_if
        },
        done=done,
        refusal=next(iter(errors.values()), ""),
        changes=bad.changes if isinstance(bad, TermsConflict) else [],
    )


async def _question_page(
    request: Request,
    code: str,
    question: str,
    kind: QuestionKind,
    values: dict[str, Any],
    errors: dict[str, str],
    *,
    bad: Exception | None = None,
    shown: Question | None = None,
) -> Response:
    """Built on the version that stands now: what changed since the typed one is told in a conflict alone."""
    activity, terms = await own_terms(request.user, code)
    stage = Stage.DOOR if values.get("stage") == Stage.DOOR else Stage.REGISTRATION
    deciding = rules.deciding(terms.questions, question, Stage.DOOR)
    return either(
        request,
        "registration/question_form.html",
        "registration/_question_preview.html",
        409 if isinstance(bad, Refused) else (422 if errors else 200),
        activity=activity,
        terms=terms,
        question=question,
        kind=kind,
        stage=stage,
        values=values,
        errors=errors,
        conditions=[(rules.condition_value(c), words) for c, words in rules.conditions(deciding)],
        changes=bad.changes if isinstance(bad, TermsConflict) else [],
        shown=shown,
    )


def _values(question: Question) -> dict[str, Any]:
    return {
        "label": question.label,
        "help": question.help,
        "required": question.required,
        "options": "\n".join(option.label for option in question.options),
        "least": question.least,
        "most": question.most,
        "stage": question.stage,
        "condition": rules.condition_value(question.only_if),
        "purpose": question.purpose,
        "keep_days": question.keep_days,
        "sensitive": question.sensitive,
    }
