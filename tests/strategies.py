"""Random answers that fit the questions, for Hypothesis."""

from hypothesis import strategies as st

from decision_aid.answers import check
from decision_aid.model import Aid, Answer, Question


def an_answer(question: Question) -> st.SearchStrategy[object]:
    """Any answer that this question takes."""
    ids = [option.id for option in question.options]
    if question.kind == "one":
        return st.sampled_from(ids)
    if question.options:
        alone = [[option.id] for option in question.options if option.exclusive]
        others = [option.id for option in question.options if not option.exclusive]
        several = st.lists(
            st.sampled_from(others), min_size=1, max_size=question.limit or None, unique=True
        )
        return st.sampled_from(alone) | several if alone else several
    if question.kind == "text":
        return st.text(max_size=question.limit).filter(
            lambda text: len(str(check_text(question, text) or "")) <= question.limit
        )
    if question.kind == "number":
        return st.integers(question.minimum * 10, question.maximum * 10).map(lambda n: n / 10)
    return st.integers(question.minimum, question.maximum)


def check_text(question: Question, text: str) -> Answer | None:
    """The text as it is kept, or None when it does not fit."""
    try:
        return check(question, text)
    except ValueError:
        return "x" * (question.limit + 1)


def raw_answers(aid: Aid) -> st.SearchStrategy[dict[str, object]]:
    """Any answers file that fits: each question answered or skipped."""
    return st.fixed_dictionaries({}, optional={q.id: an_answer(q) for q in aid.questions.values()})
