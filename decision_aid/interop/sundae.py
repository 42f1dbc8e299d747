"""What a study says about the decision aid it used, ready to copy.

Source: SUNDAE checklist (Sepucha and others, BMJ Qual Saf 2018), items 8 to 12.
"""

from collections.abc import Callable
from statistics import median

from decision_aid.content.lint.readability import section_grades
from decision_aid.interop.fhir import Json
from decision_aid.model import Aid

#: Components of a decision aid (SUNDAE item 12), each with what shows that it is there.
_COMPONENTS: tuple[tuple[str, Callable[[Aid], bool]], ...] = (
    ("explicit decision", lambda aid: "decision" in aid.words),
    ("health problem", lambda aid: any(s.group == "condition" for s in aid.sections)),
    ("options and their consequences", lambda aid: any(s.group == "option" for s in aid.sections)),
    ("numerical probabilities", lambda aid: any(e.measure == "people" for e in aid.evidence)),
    ("values clarification", lambda aid: bool(aid.bearings)),
    ("tailoring to the patient", lambda aid: any(s.enable_when.conditions for s in aid.sections)),
    ("knowledge check", lambda aid: any(q.right for q in aid.questions.values())),
    ("guidance in deliberation", lambda aid: bool(aid.suggested_questions)),
    ("summary for the clinician", lambda aid: "surgeon_title" in aid.words),
)


def about(aid: Aid) -> Json:
    """Name, date, version, access, formats, options and components, computed from the content."""
    grades = section_grades(aid).values()
    return {
        "name": aid.title,
        "identifier": aid.url,
        "version": aid.version,
        "content": aid.checksum,
        "published": aid.published.isoformat(),
        "reviewDue": aid.review_by.isoformat(),
        "approvedBy": aid.approved_by or None,
        "language": aid.language,
        "access": "in a web browser at the clinic's address, and on paper",
        "formats": ["web page", "PDF for the surgeon", "PDF for the patient", "paper form"],
        "decision": aid.words["decision"],
        "options": [section.title for section in aid.sections if section.group == "option"],
        "components": [name for name, there in _COMPONENTS if there(aid)],
        "questions": len(aid.questions),
        "sections": len(aid.sections),
        "figures": len(aid.evidence),
        "sources": len(aid.sources),
        "readingGrade": {"median": round(median(grades), 1), "highest": round(max(grades), 1)},
        "funding": aid.words["funding"],
        "interests": aid.words["interests"],
    }
