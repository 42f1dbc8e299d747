"""What was typed is never lost: a page that could not be saved is shown again, as it was typed.

It is shown to whoever sent it and kept nowhere. One button sends it again, or starts a new visit
that begins with it. Without scripts too.
"""

from flask import render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from decision_aid.model import Page
from decision_aid.web import forms
from decision_aid.web.session import Session, services

#: The input that names the page whose answers a new visit begins with.
BEGINS_WITH = "begins_with"


def sent_page() -> Page | None:
    """The page of questions that this request sent in, or None."""
    name = (request.view_args or {}).get("page_id") if request.endpoint == "journey.answer" else ""
    if request.endpoint == "journey.begin":
        name = _posted().get(BEGINS_WITH)
    page = services().aid.page_by_id.get(str(name))
    return page if page and request.method == "POST" and page.questions else None


def typed(page: Page) -> tuple[forms.FieldView, ...]:
    """The questions of this page in which something was typed or chosen, with what it was."""
    posted = _posted()
    fields = forms.repeat(page.questions, posted, helper=False)
    return tuple(f for f in fields if f.value.strip() or f.values or any(o[2] for o in f.others))


def shown_again(problem: str, visit: Session | None, *, start: bool) -> str | None:
    """The page with what was typed, or None when this request sent in no words.

    ``problem`` is ``ended`` (no visit is open here), ``old`` (an old form) or ``down``.
    """
    page = sent_page()
    fields = typed(page) if page else ()
    if page is None or not fields:
        return None
    rev = "" if visit is None else str(visit.rev)
    return render_template(
        "journey/not_saved.html", problem=problem, page=page, fields=fields, start=start, rev=rev
    )


def _posted() -> MultiDict[str, str]:
    """What was sent; nothing when it was too long to be read."""
    try:
        return request.form
    except HTTPException:
        return MultiDict()
