"""Whether a figure holds for this person: the one place that decides it.

A figure of other people is never opened, shown or printed as if it were this person's.
"""

from typing import Literal

from decision_aid.answers import is_unknown
from decision_aid.model import Answers, AppliesTo

Fit = Literal["fits", "general", "unknown", "other_people"]


def fit(applies_to: AppliesTo, answers: Answers) -> Fit:
    """How the people of a figure compare with the person of these answers.

    *fits*: every field meets an answer. *general*: no field. *unknown*: an answer is missing, or
    the person does not know it, and no other rules the figure out. *other_people*: an answer
    rules it out. Of several options chosen one that meets is enough.
    """
    if not applies_to:
        return "general"
    known = True
    for condition in applies_to:
        answer = answers.get(condition.question)
        chosen = answer if isinstance(answer, tuple) else (answer,)
        if not set(condition.wanted).isdisjoint(chosen):
            continue
        wider = not set(condition.unsure).isdisjoint(chosen)
        if answer is not None and not wider and not is_unknown(answer):
            return "other_people"
        known = False
    return "fits" if known else "unknown"
