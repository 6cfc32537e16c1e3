"""Answers as columns of a table, headed by the words that were asked: in other words it is another column."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from events_app.registration.rules.answers import worded
from events_app.registration.rules.questions import Answers, Question


class AnswerColumns(msgspec.Struct, frozen=True):
    """`headings` in order; `places` are those of a version's questions, by its number and the question's code."""

    headings: list[str]
    questions: dict[int, list[Question]]
    places: dict[tuple[int, str], int]

    def row(self, terms: int, answers: Answers, files: Mapping[str, str]) -> list[str]:
        """One cell for each heading; `files` are names by code."""
        cells = [""] * len(self.headings)
        for answer in worded(self.questions.get(terms, []), answers, files):
            cells[self.places[terms, answer.question.code]] = answer.text
        return cells


def answer_columns(versions: Mapping[int, Sequence[Question]]) -> AnswerColumns:
    """Of the versions by number, the first one's order leading."""
    headings: dict[str, int] = {}
    places = {}
    for number, questions in sorted(versions.items()):
        for code, heading in _headings(questions):
            places[number, code] = headings.setdefault(heading, len(headings))
    return AnswerColumns(list(headings), {n: list(qs) for n, qs in versions.items()}, places)


def _headings(questions: Sequence[Question]) -> Iterator[tuple[str, str]]:
    """Codes, and words that are told apart within one version."""
    seen: Counter[str] = Counter()
    for question in questions:
        seen[question.label] += 1
        times = seen[question.label]
        yield question.code, question.label if times == 1 else f"{question.label}（{times}）"
