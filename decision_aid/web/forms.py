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

from decision_aid import measures
from decision_aid.answers import AnswerError, check, clean_text
from decision_aid.model import Answer, Answers, Option, Question

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
    #: What stands in the main box of a measure by the program, not by the person.
    shown: str = ""
    error: str = ""
    #: The name of the box that the message is about, when it is not the first one.
    box: str = ""

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
                return f"{self.id}_{self.box}" if self.box else self.id


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
            others=tuple((name, words, "") for name, words, *_ in measures.PARTS.get(q.unit, ())),
            same=in_other_units(q.unit, answers.get(q.id)),
            shown=str(answers.get(q.id, "")) if q.kind == "number" else "",
        )
        for q in questions
    )


def in_other_units(unit: str, answer: Answer | None) -> str:
    """A kept measure in the other units, as it was typed: ``5 feet 7 inches``; or nothing."""
    units = measures.PARTS.get(unit)
    if units is None or not isinstance(answer, int | float):
        return ""
    (_, large, *_), (_, small, size, parts) = units
    halves = round(2 * answer / size)  # to the nearest half inch or half pound
    whole, rest = divmod(halves / 2, parts or 1)
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
            for name, words, *_ in measures.PARTS.get(question.unit, ())
        ),
        shown=posted.get(f"{question.id}_shown", ""),
        error=errors.get(question.id, ""),
        box=_wrong_box(question, posted) if question.id in errors else "",
    )


def _wrong_box(question: Question, posted: Mapping[str, str]) -> str:
    """Which box of a measure the message is about; empty for the first."""
    if question.kind == "number":
        try:
            _measure(question, posted)
        except measures.MeasureError as error:
            return error.box
    return ""


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
    try:
        _measure(question, posted)
    except measures.MeasureError as error:
        return str(error)
    return ""


def _measure(question: Question, posted: Mapping[str, str]) -> float | None:
    """What was typed, in the question's unit; None for nothing. Raises MeasureError.

    A box that still holds what the page showed gives way to one that was typed into.
    """
    main = posted.get(question.id, "")
    shown = posted.get(f"{question.id}_shown", "")
    typed = measures.plain(main)
    value = measures.main(main, question.unit, *_range(question)) if typed else None
    others: float | None = None
    if question.unit in measures.PARTS:
        boxes = {part.name: f"{question.id}_{part.name}" for part in measures.PARTS[question.unit]}
        others = measures.parts(
            {name: posted.get(box, "") for name, box in boxes.items()}, question.unit
        )
    if others is not None and shown and measures.plain(shown) == typed:
        value = others
    elif others is not None and value is not None and abs(value - others) > _TOLERANCE:
        raise measures.MeasureError(
            "The two ways you wrote this do not match. Please keep one and empty the other."
        )
    chosen = others if value is None else value
    low, high = _range(question)
    if chosen is not None and not low <= round(chosen, 1) <= high:
        raise measures.MeasureError(
            f"Please give a number between {question.minimum} and {question.maximum}"
            f" {question.unit}."
        )
    return chosen


def _range(question: Question) -> tuple[float, float]:
    return question.minimum, question.maximum


# --- answers out of what was posted ----------------------------------------------------------


def _answer(question: Question, data: object, posted: Mapping[str, str]) -> Answer | None:
    if question.kind == "number":
        value = _measure(question, posted)
        return None if value is None else check(question, value)
    return _plain(question, data) if data else None


def _plain(question: Question, data: object) -> Answer | None:
    try:
        if question.kind in ("scale", "rating"):
            text = str(data)
            return check(question, int(text)) if text.isascii() and text.isdigit() else None
        return check(question, data)
    except AnswerError:
        return None
