"""Which question stands where on the surgeon's page: ids of the content, by area."""

from decision_aid.model import Aid

#: Rows of symptoms in the order of the page. The first question of a row gives it its label; each
#: moves to the next sheet at its own level.
SYMPTOM_ROWS = (
    (("walking", 99), ("stops_walking", 10), ("relief", 9)),
    (("nerve_symptoms", 11), ("weak_movement", 11)),
    (("duration", 99), ("back_duration", 10), ("trend", 11)),
    (("condition", 99), ("slip_type", 10), ("slip_told_unstable", 10), ("scan", 8)),
    (("operation", 12),),
    (("daily_life", 4), ("work", 4), ("sick_leave", 6)),
)
#: What is looked for first.
STRONG = ("walking", "duration", "condition", "operation")
_PAINS = (
    *("leg_pain", "back_pain", "worse_pain", "leg_side", "body_map"),
    *("leg_pain_average", "back_pain_average"),
)
#: Shown with a mark when they change risk, else in one line with the others.
HEALTH = (
    "other_cause",
    "blood_thinner",
    "steroids",
    "opioids",
    "smoking",
    "earlier_surgery",
    "health",
    "diabetes_control",
)
#: The same, for planning: they move to the next sheet when the page is full.
PLANNING = ("weight_medicines", "allergies", "sleep_apnoea", "anaesthetic_trouble", "frailty")
#: Their units say what they are.
BODY = ("height_cm", "weight_kg")
PERSON = ("sex", "home", "carer")
#: Printed below the scales of the worst pain.
AVERAGES = {"leg_pain": "leg_pain_average", "back_pain": "back_pain_average"}
SURE = ("sure_certain", "sure_informed", "sure_values", "sure_support")
DECIDING = ("leaning", "role", "decision_stage")
#: Room for more, not questions that everyone answers.
OPTIONAL = ("question_picks", "own_value_weight")
#: Expectation -> the question with the short name of the thing.
EXPECTED = {
    "expect_leg_pain": "leg_pain",
    "expect_back_pain": "back_pain",
    "expect_walking": "walking",
}
#: The area in which the answer to a question stands, for what is not answered.
_AREA = {
    **dict.fromkeys((*_PAINS, *(q for row in SYMPTOM_ROWS for q, _ in row)), "3"),
    **dict.fromkeys((*HEALTH, *PLANNING, *BODY, *PERSON), "5"),
    **dict.fromkeys(DECIDING, "8"),
    "tried": "4",
    "worries": "6",
}
#: In the head of the page, in area 1 or among the patient's own words.
_NAMED = (
    *("answered_by", "age", "medicine_list", "allergy_words"),
    *("emergency_symptoms", "urgent_symptoms", "symptom_onset", "seen_by_doctor"),
    *("checked_where", "checked_when", "checked_scan", "checked_change"),
    *("goal", "activity", "other_worry", "own_value", "own_value_weight", "others"),
    *("own_question_1", "own_question_2", "own_question_3", "question_picks"),
)
#: The area by the first word of the id.
_AREA_OF_KIND = {"helped": "4", "value": "6", "expect": "7", "know": "8", "sure": "8"}


def number(question: str) -> str:
    """The number of the area in which the answer to a question stands; empty for head and foot."""
    return _AREA.get(question) or _AREA_OF_KIND.get(question.partition("_")[0], "")


def unplaced(aid: Aid) -> tuple[str, ...]:
    """The questions that an author has added: they stand together under "Also asked"."""
    placed = {
        *_NAMED,
        *SURE,
        *_AREA,
        *(row.question for row in aid.expectations),
        *(f"helped_{option.id}" for option in aid.questions["tried"].options),
    }
    return tuple(
        question.id
        for question in aid.questions.values()
        if not (question.id in placed or question.right or question.id.startswith("value_"))
    )
