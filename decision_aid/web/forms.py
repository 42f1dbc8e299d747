"""Forms from questions: the only module that knows WTForms.

WTForms parses and validates; the templates write the inputs. Every question can be skipped:
what is empty is absent from the answers.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict
from wtforms import SelectMultipleField, StringField, ValidationError
from wtforms.fields import Field
from wtforms.form import BaseForm

from decision_aid.answers import AnswerError, check, clean_text
from decision_aid.model import Answer, Answers, Option, Question

#: For a unit: the other units that may be used instead, each as name, words and size in the unit.
OTHER_UNITS: Mapping[str, tuple[tuple[str, str, float], ...]] = {
    "cm": (("ft", "feet", 30.48), ("in", "inches", 2.54)),
    "kg": (("st", "stone", 6.35029318), ("lb", "pounds", 0.45359237)),
}
#: Two measures of the same thing may differ by this much of the unit before we ask.
_TOLERANCE = 1.5
_ONE_OF_THESE = "Please choose one of the answers shown."


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """One question as a template shows it: its wording, what stands in it, what is wrong."""

    question: Question
    text: str
    options: tuple[Option, ...]
    value: str = ""
    values: tuple[str, ...] = ()
    others: tuple[tuple[str, str, str], ...] = ()
    same: str = ""
    error: str = ""

    @property
    def id(self) -> str:
        """The question's id, which is the name of the input."""
        return self.question.id

    @property
    def described(self) -> str:
        """The ids of what describes the input: the hint, the message."""
        hint = f"{self.id}-hint" if self.question.hint else ""
        return f"{hint} {self.id}-error".strip() if self.error else hint

    def options_among(self, names: Container[str]) -> tuple[Option, ...]:
        """The options with these ids, as they stand on one side of the picture."""
        return tuple(option for option in self.options if option.id in names)

    def options_beside(self, *sides: Container[str]) -> tuple[Option, ...]:
        """The options on no side of the picture."""
        return tuple(o for o in self.options if not any(o.id in names for names in sides))

    @property
    def target(self) -> str:
        """The id of the first input, where a link in the error summary leads."""
        match self.question.kind:
            case "one" | "many" | "body":
                return f"{self.id}-{self.options[0].id}" if self.options else self.id
            case "scale" | "rating":
                return f"{self.id}-{self.question.minimum}"
            case _:
                return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one posted page said: the answers that are sound, and a message for each that is not.

    ``fields`` shows it again as it was sent, when there is a message.
    """

    answers: dict[str, Answer]
    errors: dict[str, str]
    fields: tuple[FieldView, ...]


def show(questions: Iterable[Question], answers: Answers, *, helper: bool) -> tuple[FieldView, ...]:
    """The questions of a page with what was answered before."""
    return tuple(
        FieldView(
            question=q,
            text=q.wording(helper=helper),
            options=q.offered(answers.get(q.id)),
            value=str(answers.get(q.id, "")),
            values=_as_tuple(answers.get(q.id)),
            others=tuple((name, words, "") for name, words, _ in OTHER_UNITS.get(q.unit, ())),
            same=in_other_units(q.unit, answers.get(q.id)),
        )
        for q in questions
    )


def in_other_units(unit: str, answer: Answer | None) -> str:
    """A kept measure in the other units, as it was typed: ``5 feet 7 inches``; or nothing."""
    units = OTHER_UNITS.get(unit)
    if units is None or not isinstance(answer, int | float):
        return ""
    (_, large, _), (_, small, size) = units
    parts = round(units[0][2] / size)
    halves = round(2 * answer / size)  # to the nearest half inch or half pound
    whole, rest = divmod(halves / 2, parts)
    return f"{whole:g} {large} {rest:g} {small}"


def read(questions: tuple[Question, ...], posted: MultiDict[str, str], *, helper: bool) -> Reading:
    """Parse and check a posted page; nothing that was typed is lost."""
    form = BaseForm({q.id: _field(q, posted) for q in questions})
    form.process(posted)
    form.validate()
    errors = {q.id: str(form[q.id].errors[0]) for q in questions if form[q.id].errors}
    found = {q.id: _answer(q, form[q.id].data, posted) for q in questions if q.id not in errors}
    return Reading(
        answers={key: answer for key, answer in found.items() if answer is not None},
        errors=errors,
        fields=tuple(
            [_posted_view(q, posted, errors, helper) for q in questions] if errors else ()
        ),
    )


def repeat(
    questions: Iterable[Question], posted: MultiDict[str, str], *, helper: bool
) -> tuple[FieldView, ...]:
    """The questions of a page with what was typed, as it was typed and without a judgement."""
    return tuple(_posted_view(q, posted, {}, helper) for q in questions)


def _as_tuple(answer: Answer | None) -> tuple[str, ...]:
    return answer if isinstance(answer, tuple) else ()


def _posted_view(
    question: Question, posted: MultiDict[str, str], errors: Mapping[str, str], helper: bool
) -> FieldView:
    return FieldView(
        question=question,
        text=question.wording(helper=helper),
        options=question.offered(tuple(posted.getlist(question.id))),
        value=posted.get(question.id, ""),
        values=tuple(posted.getlist(question.id)),
        others=tuple(
            (name, words, posted.get(f"{question.id}_{name}", ""))
            for name, words, _ in OTHER_UNITS.get(question.unit, ())
        ),
        error=errors.get(question.id, ""),
    )


# --- the form class --------------------------------------------------------------------------


def _field(question: Question, posted: Mapping[str, str]) -> Field:
    """One that takes what was sent as it is: ``_complaint`` says what does not fit."""
    fits = [_validator(question, posted)]
    if question.kind in ("many", "body"):
        return SelectMultipleField(validators=fits, validate_choice=False)
    return StringField(validators=fits)


def _validator(question: Question, posted: Mapping[str, str]) -> Callable[[BaseForm, Field], None]:
    def validate(_form: BaseForm, field: Field) -> None:
        complaint = _complaint(question, field.data, posted)
        if complaint:
            raise ValidationError(complaint)

    return validate


def _complaint(question: Question, data: object, posted: Mapping[str, str]) -> str:
    """What to ask the person to change, or an empty string."""
    match question.kind:
        case "many" | "body":
            return _complaint_many(question, data if isinstance(data, list) else [])
        case "number":
            return _complaint_number(question, posted)
        case "text":
            length = len(clean_text(str(data or "")))
            over = length > question.limit
            return (
                f"Please shorten this to {question.limit} characters. It has {length} now."
                if over
                else ""
            )
        case _:
            return _ONE_OF_THESE if data and _plain(question, data) is None else ""


def _complaint_many(question: Question, chosen: list[str]) -> str:
    options = [question.option(item) for item in dict.fromkeys(chosen)]
    known = [option for option in options if option]
    if len(known) < len(options):
        return _ONE_OF_THESE
    exclusive = [option for option in known if option.exclusive]
    if exclusive and len(known) > 1:
        return (
            f"“{exclusive[0].text}” cannot be chosen together with another answer. "
            "Please keep either that one or the others."
        )
    if question.limit and len(known) > question.limit:
        return f"Please choose up to {question.limit}. You chose {len(known)}."
    return ""


def _complaint_number(question: Question, posted: Mapping[str, str]) -> str:
    measures = _measures(question, posted)
    if None in measures:
        return "Please write this in figures, such as 70 or 70.5."
    values = [value for value in measures if value is not None]
    if len(values) == 2 and abs(values[0] - values[1]) > _TOLERANCE:
        return "The two ways you wrote this do not match. Please keep one and empty the other."
    if values and not question.minimum <= values[0] <= question.maximum:
        return (
            f"Please give a number between {question.minimum} and {question.maximum}"
            f" {question.unit}."
        )
    return ""


# --- answers out of what was posted ----------------------------------------------------------


def _answer(question: Question, data: object, posted: Mapping[str, str]) -> Answer | None:
    if question.kind == "number":
        measures = [value for value in _measures(question, posted) if value is not None]
        return check(question, measures[0]) if measures else None
    return _plain(question, data) if data else None


def _plain(question: Question, data: object) -> Answer | None:
    try:
        if question.kind in ("scale", "rating"):
            text = str(data)
            return check(question, int(text)) if text.isascii() and text.isdigit() else None
        return check(question, data)
    except AnswerError:
        return None


def _measures(question: Question, posted: Mapping[str, str]) -> list[float | None]:
    """What was typed, in the question's unit: at most two ways; None for what is no number."""
    measures: list[float | None] = []
    if posted.get(question.id, "").strip():
        measures.append(_number(posted[question.id]))
    parts = [
        (posted.get(f"{question.id}_{name}", "").strip(), size)
        for name, _, size in OTHER_UNITS.get(question.unit, ())
    ]
    if any(text for text, _ in parts):
        numbers = [(_number(text) if text else 0.0, size) for text, size in parts]
        total = sum(number * size for number, size in numbers if number is not None)
        measures.append(None if any(n is None for n, _ in numbers) else round(total, 1))
    return measures


def _number(text: str) -> float | None:
    text = text.strip().replace(",", ".", 1)
    digits = text.replace(".", "", 1)
    return float(text) if digits.isascii() and digits.isdigit() and len(text) < 8 else None
