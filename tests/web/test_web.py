"""The journey in the browser, seen from outside: pages, posts, guards, messages."""

import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from decision_aid import create_app, rules
from decision_aid.content.loader import load
from decision_aid.model import Danger, Journey
from decision_aid.settings import Settings
from decision_aid.summary import build
from decision_aid.web import forms, progress, session
from decision_aid.web.views import guide
from tests.walk import Browser, meanwhile, other_tab, store_of

AID = load()
NOW = datetime(2026, 5, 12, 9, 40).astimezone()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh store, at a fixed time; it leaves the line for papers free."""
    settings = Settings(instance=tmp_path, database_url="memory", clinic_phone="01 234 567")
    app = create_app(settings, clock=lambda: NOW)
    yield app
    app.extensions["decision_aid"].ahead.close()


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser that has not started."""
    return Browser(app)


@pytest.fixture
def started(browser: Browser) -> Browser:
    """A browser after Start."""
    return browser.start(answered_by="patient")


def test_no_cookie_is_set_before_start(browser: Browser) -> None:
    """The first screen stores nothing; Start sets one cookie that scripts cannot read."""
    assert browser.get("/").headers.getlist("Set-Cookie") == []

    cookies = browser.send("/start").headers.getlist("Set-Cookie")

    assert len(cookies) == 1
    assert "HttpOnly" in cookies[0]


def test_every_question_can_be_skipped(started: Browser) -> None:
    """Pressing Continue on every page, with nothing chosen, leads to the last page."""
    place, walked = "/page/safety", []
    while not place.endswith("/done"):
        page = place.rsplit("/", 1)[1]
        walked.append(page)
        if AID.page_by_id[page].kind == "questions":
            response = started.send(place)
            assert response.status_code == 303
            place = response.headers["Location"]
        else:
            found = re.search(r'class="button primary" href="([^"]+)"', started.get(place).text)
            assert found
            place = found[1]

    expected = [page.id for page in rules.visible_pages(AID, {})]
    assert walked == expected[1:-1]
    assert started.journey().answers == {"answered_by": "patient"}


def test_an_open_journey_is_gone_on_with(started: Browser) -> None:
    """The first screen leads back to where the person was."""
    started.send("/page/safety")

    assert 'href="/page/scope"' in started.get("/").text


def test_an_answer_that_is_no_option_is_refused(started: Browser) -> None:
    """The page comes back with a message and nothing is saved."""
    response = started.send("/page/scope", {"age": "immortal", "decision_stage": "thinking"})

    assert response.status_code == 422
    assert "<title>Error: " in response.text
    assert "decision_stage" not in started.journey().answers


def test_what_was_typed_is_not_lost_on_an_error(started: Browser) -> None:
    """Over the limit: the text stands in the box, the message says how long it is, focus moves."""
    long = "I want to walk " * 20
    response = started.send("/page/goal", {"goal": long, "activity": "cook"})

    assert response.status_code == 422
    assert long.strip() in response.text
    assert 'value="cook"' in response.text or ">\ncook<" in response.text
    assert 'href="#goal"' in response.text
    assert re.search(r'id="errors"[^>]*autofocus', response.text)


def test_none_of_these_stands_alone(started: Browser) -> None:
    """Without a script, the server asks which of the two is meant."""
    response = started.send("/page/safety", {"emergency_symptoms": ["none", "bladder"]})

    assert response.status_code == 422
    assert "cannot be chosen together" in response.text


def test_no_more_than_three_worries(started: Browser) -> None:
    """A fourth worry is answered with a kind sentence."""
    worries = [o.id for o in AID.questions["worries"].options][:4]
    response = started.send("/page/worries", {"worries": worries})

    assert response.status_code == 422
    assert "Please choose up to 3. You chose 4." in response.text


def test_an_emergency_stops_every_later_page(started: Browser) -> None:
    """After an emergency sign each later page leads to the stop page; earlier ones stay open."""
    started.send("/page/safety", {"emergency_symptoms": ["bladder"]})

    for page in AID.pages[2:]:
        assert started.get(f"/page/{page.id}").headers["Location"] == "/stop"
    for path in ("/document/surgeon.pdf", "/document/patient.pdf", "/text"):
        assert started.get(path).headers["Location"] == "/stop"
    assert started.get("/page/safety").status_code == 200


def test_the_stop_page_says_what_to_do(started: Browser) -> None:
    """It calls for help, gives the number and the words, and its time is kept."""
    started.send("/page/safety", {"emergency_symptoms": ["bladder"]})
    html = started.text("/stop")

    assert 'href="tel:112"' in html
    assert "cauda equina" in html
    assert AID.words["stop_say"] in html
    assert started.journey().advice_shown == NOW


def test_going_on_after_the_stop_page_takes_a_tick(started: Browser) -> None:
    """Without the tick the page stays; with it the time is recorded and the journey goes on."""
    started.send("/page/safety", {"emergency_symptoms": ["bladder"]})

    assert started.send("/stop", {"how": "go_on"}).status_code == 422
    assert started.journey().went_on is None
    response = started.send("/stop", {"how": "go_on", "understood": "yes"})

    assert response.headers["Location"] == "/page/safety_onset"
    assert started.journey().went_on == NOW
    assert started.get("/page/goal").status_code == 200


def test_a_doctors_check_neither_spares_the_stop_page_nor_takes_the_strip_away(
    started: Browser,
) -> None:
    """Yes leads to the safety net; the sign and the strip stay. Worse since then stops again."""
    started.send("/page/safety", {"emergency_symptoms": ["bladder"]})
    assert started.send("/stop", {"how": "seen"}).status_code == 422
    started.send("/stop", {"understood": "yes"})
    answered = {"symptom_onset": "today", "seen_by_doctor": "yes"}
    response = started.send("/page/safety_onset", answered)

    assert response.headers["Location"] == "/page/safety_checked"
    assert started.journey().answers["emergency_symptoms"] == ("bladder",)
    for path in ("/page/safety_checked", "/page/scope", "/page/goal", "/page/guide", "/about"):
        html = started.text(path)
        strip = html.partition('class="strip"')[2].partition("</aside>")[0]
        assert "bladder change" in strip or path == "/about"
        assert 'href="tel:112"' in strip or path == "/about"
    started.send("/page/safety_checked", {"checked_change": "worse"})
    assert started.get("/page/scope").headers["Location"] == "/stop"


@pytest.mark.parametrize("way", ["full", "short"])
def test_either_way_tells_who_was_checked_when_to_go_again(browser: Browser, way: str) -> None:
    """The strip says it on every later screen, only after a yes."""
    browser.start(way=way)
    browser.send("/page/safety", {"emergency_symptoms": ["bladder"]})
    browser.send("/stop", {"understood": "yes"})
    assert AID.words["strip_checked"] not in browser.text("/page/safety_onset")
    browser.send("/page/safety_onset", {"seen_by_doctor": "yes"})

    for path in ("/page/scope", "/page/goal", "/page/guide"):
        assert AID.words["strip_checked"] in browser.text(path)


@pytest.mark.parametrize("danger", AID.dangers, ids=lambda danger: danger.id)
def test_the_stop_page_says_the_words_of_what_was_ticked_and_no_others(
    started: Browser, danger: Danger
) -> None:
    """Each sign alone brings the lines of its danger, and of no other."""
    asked = AID.questions["emergency_symptoms"]
    for sign in filter(asked.option, danger.signs):
        response = started.send("/page/safety", {"emergency_symptoms": [sign]})
        assert response.headers["Location"] == "/page/safety_onset"
        assert started.get("/page/safety_onset").headers["Location"] == "/stop"
        html = started.text("/stop")
        assert danger.lead in html
        for other in AID.dangers:
            assert (other.say in html) == (other is danger)
            assert (other.why in html) == (other is danger)


def test_an_older_foot_drop_stops_when_its_onset_says_otherwise(started: Browser) -> None:
    """What is asked later can make a sign an emergency: the stop page comes next, in its words."""
    started.send("/page/safety", {"urgent_symptoms": ["foot_drop"]})
    assert started.get("/stop").status_code == 303
    started.send("/page/safety_onset", {"symptom_onset": "today"})
    assert started.get("/page/scope").headers["Location"] == "/stop"
    assert "A nerve may be pressed" in started.text("/stop")
    assert "cauda equina" not in started.text("/stop")
    started.send("/stop", {"understood": "yes"}, shown=started.text("/stop"))
    assert "Foot drop".lower() in started.text("/page/scope")


def test_signs_left_empty_are_asked_once_more_and_then_let_go(started: Browser) -> None:
    """What was ticked is kept, the empty question is asked kindly, the second try goes on."""
    response = started.send("/page/safety", {"urgent_symptoms": ["swollen_calf"], "again": []})
    assert response.headers["Location"] == "/page/safety?again=1"
    assert started.journey().answers["urgent_symptoms"] == ("swollen_calf",)
    html = started.text("/page/safety?again=1")
    assert html.count(AID.words["please_tick"]) == 2  # in the list above, and at the question
    assert 'name="again" value="1"' in html
    response = started.send("/page/safety", {"urgent_symptoms": ["swollen_calf"], "again": "1"})
    assert response.headers["Location"] == "/page/safety_onset"
    assert "emergency_symptoms" not in started.journey().answers


def test_an_emergency_sign_is_never_kept_waiting_by_an_empty_question(started: Browser) -> None:
    """The stop page comes next, though the other question was left empty."""
    started.send("/page/safety", {"emergency_symptoms": ["bladder"], "again": []})
    assert started.get("/page/scope").headers["Location"] == "/stop"
    response = started.send("/page/safety", {"emergency_symptoms": ["bladder"], "again": []})
    assert "again" not in response.headers["Location"]


@pytest.mark.parametrize(
    "sent",
    [
        {"emergency_symptoms": ["none", "bladder"], "urgent_symptoms": ["none"]},
        {"emergency_symptoms": ["bladder", "no_such_sign"], "urgent_symptoms": ["none"]},
        {"emergency_symptoms": ["bladder"], "urgent_symptoms": ["none", "foot_drop"]},
        {"emergency_symptoms": ["\u202ebladder"], "urgent_symptoms": ["none"]},
    ],
    ids=str,
)
def test_signs_sent_by_hand_that_cannot_be_are_shown_again_and_not_saved(
    started: Browser, sent: dict[str, str | list[str]]
) -> None:
    """Nothing of the page is kept; the stop page is skipped by no other page sent after it."""
    response = started.send("/page/safety", sent)
    assert response.status_code == 422
    assert "emergency_symptoms" not in started.journey().answers
    started.send("/page/safety", {"emergency_symptoms": ["bladder"]})
    shown = started.text("/page/safety")
    for later in ("safety_onset", "scope", "goal"):
        response = started.send(f"/page/{later}", {"goal": "x"}, shown=shown)
        assert response.headers["Location"] == "/stop"
    assert "goal" not in started.journey().answers


def test_years_of_both_legs_aching_are_not_stopped(started: Browser) -> None:
    """How a narrow canal usually feels brings no stop page, no strip and no advice."""
    answers = {"emergency_symptoms": ["none"], "urgent_symptoms": ["both_legs_long"]}
    response = started.send("/page/safety", answers)
    assert response.headers["Location"] == "/page/scope"
    html = started.text("/page/scope")
    assert AID.words["strip_help"] not in html
    assert AID.section_by_id["advice_urgent"].title not in html


def test_with_several_dangers_the_most_pressing_leads(started: Browser) -> None:
    """The first line is that of the danger that leaves the least time; each has its words."""
    started.send("/page/safety", {"emergency_symptoms": ["bladder", "tearing_pain"]})
    html = started.text("/stop")

    assert f'<p class="lead">{AID.dangers[0].lead}</p>' in html
    assert html.index("main artery") < html.index("cauda equina")


def test_a_new_emergency_sign_stops_again(started: Browser) -> None:
    """Who went on past one sign is stopped again for another."""
    started.send("/page/safety", {"emergency_symptoms": ["bladder"]})
    started.send("/stop", {"how": "go_on", "understood": "yes"})
    started.send("/page/safety", {"emergency_symptoms": ["bladder", "bowel"]})

    assert started.get("/page/goal").headers["Location"] == "/stop"


def test_out_of_scope_leads_to_the_exit_page(started: Browser) -> None:
    """The exit page names the reason and carries the safety card; later pages lead there."""
    started.send("/page/scope", {"age": "under_18"})
    option = AID.questions["age"].option("under_18")
    assert option

    assert started.get("/page/goal").headers["Location"] == "/exit"
    html = started.text("/exit")
    assert option.text in html
    assert AID.section_by_id["safety_card"].title in html


def test_an_emergency_comes_before_the_scope(started: Browser) -> None:
    """A child with an emergency sign sees the stop page."""
    started.send("/page/scope", {"age": "under_18"})
    started.send("/page/safety", {"emergency_symptoms": ["bladder"]})

    assert started.get("/exit").headers["Location"] == "/stop"


def test_urgent_signs_are_advised_on_the_next_page_and_the_guide(started: Browser) -> None:
    """The advice stands on the page after safety and on top of the guide; its time is kept."""
    started.send("/page/safety", {"urgent_symptoms": ["foot_drop"]})
    title = AID.section_by_id["advice_urgent"].title

    assert title in started.text("/page/scope")
    assert title in started.text("/page/guide")
    assert title not in started.text("/page/goal")
    assert started.journey().advice_shown == NOW


def test_two_tabs_lose_neither_version(started: Browser) -> None:
    """The older tab gets a page with both versions; what it sent can still be used."""
    older = started.get("/page/goal").text
    started.send("/page/goal", {"goal": "Walk to church"})
    response = started.send("/page/goal", {"goal": "Sleep through"}, shown=older)

    assert response.status_code == 409
    assert "Walk to church" in response.text
    assert "Sleep through" in response.text
    assert started.journey().answers["goal"] == "Walk to church"

    assert (
        started.send("/page/goal", {"goal": "Sleep through"}, shown=response.text).status_code
        == 303
    )
    assert started.journey().answers["goal"] == "Sleep through"


def test_answers_deleted_while_a_page_is_sent_are_explained(app: Flask, started: Browser) -> None:
    """Cleared in another tab in the same moment: the page that says so, not the start page."""
    meanwhile(app, lambda found: store_of(app).delete(found.token))
    response = started.send("/page/goal", {"goal": "Walk to church"})

    assert response.status_code == 403
    assert "We cannot find your answers" in response.text


def test_a_page_saved_by_another_tab_in_the_same_moment_loses_nothing(
    app: Flask, started: Browser
) -> None:
    """Between reading and saving too: both versions, and a choice."""
    meanwhile(app, lambda found: other_tab(found, goal="Sleep through"))
    response = started.send("/page/goal", {"goal": "Walk to church"})

    assert response.status_code == 409
    assert "Walk to church" in response.text
    assert "Sleep through" in response.text


def test_passing_the_stop_page_in_the_same_moment_as_another_tab_saves_loses_nothing(
    app: Flask, started: Browser
) -> None:
    """What the other tab saved stands, and so does going on, or that a doctor has seen it."""
    for form in ({"understood": "yes"}, {"understood": "yes", "how": "seen"}):
        started.send("/page/safety", {"emergency_symptoms": ["saddle_numbness"]})
        shown = started.get("/stop").text
        meanwhile(app, lambda found: other_tab(found, goal="Sleep through"))
        response = started.send("/stop", form, shown=shown)

        assert response.headers["Location"] == "/page/safety_onset"
        assert started.journey().answers["goal"] == "Sleep through"
        assert started.get("/page/goal").status_code == 200
        started.send("/page/safety", {"emergency_symptoms": ["none"]})


def test_a_sign_ticked_in_another_tab_in_the_same_moment_is_not_passed_by(
    app: Flask, started: Browser
) -> None:
    """Whoever goes on past one sign sees the stop page again for the one that came meanwhile."""
    for form in ({"understood": "yes"}, {"understood": "yes", "how": "seen"}):
        started.send("/page/safety", {"emergency_symptoms": ["saddle_numbness"]})
        shown = started.get("/stop").text
        signs = ("saddle_numbness", "bladder")
        meanwhile(app, lambda found, s=signs: other_tab(found, emergency_symptoms=s))
        started.send("/stop", form, shown=shown)

        assert started.get("/page/goal").headers["Location"] == "/stop"
        assert started.journey().went_on is None
        assert "seen_by_doctor" not in started.journey().answers


def test_the_full_way_is_taken_while_another_tab_saves(app: Flask, browser: Browser) -> None:
    """Both are kept."""
    browser.start(way="short")
    shown = browser.get("/page/check").text
    meanwhile(app, lambda found: other_tab(found, goal="Sleep through"))

    assert browser.send("/all-questions", shown=shown).status_code == 303
    assert not browser.journey().short
    assert browser.journey().answers["goal"] == "Sleep through"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/stop", {"understood": "yes"}),
        ("/all-questions", {}),
        ("/come-back/code", {}),
        ("/stay", {}),
    ],
)
def test_a_small_form_sent_while_the_answers_are_deleted_says_so(
    app: Flask, browser: Browser, path: str, data: dict[str, str | list[str]]
) -> None:
    """Cleared in another tab in the same moment: the page that says so, never an error of ours."""
    browser.start(way="short")
    browser.send("/page/safety", {"emergency_symptoms": ["saddle_numbness"]})
    shown = browser.get("/stop").text
    meanwhile(app, lambda found: store_of(app).delete(found.token))
    response = browser.send(path, data, shown=shown)

    assert response.status_code == 403
    assert "We cannot find your answers" in response.text


def test_a_double_click_is_no_conflict(started: Browser) -> None:
    """The same page sent twice leads on, both times."""
    shown = started.get("/page/goal").text
    first = started.send("/page/goal", {"goal": "Walk"}, shown=shown)
    second = started.send("/page/goal", {"goal": "Walk"}, shown=shown)

    assert first.headers["Location"] == second.headers["Location"] == "/page/pain"


def test_an_older_tab_on_another_page_is_no_conflict(started: Browser) -> None:
    """Where nothing stands to be overwritten, an old page is saved."""
    shown = started.get("/page/goal").text
    started.send("/page/scope", {"age": "45_64"})

    assert started.send("/page/goal", {"goal": "Walk"}, shown=shown).status_code == 303
    assert started.journey().answers["age"] == "45_64"


def test_answers_that_no_longer_apply_are_set_aside_and_come_back(started: Browser) -> None:
    """The person is told which; the answer is kept, not shown, and returns with the change."""
    started.send("/page/tried", {"tried": ["exercise"]})
    started.send("/page/helped", {"helped_exercise": "a_lot"})
    response = started.send("/page/tried?return=check", {"tried": ["none"]})

    assert response.headers["Location"] == "/page/check?changed=1"
    html = started.text("/page/check?changed=1")
    assert AID.words["set_aside_lead"] in html
    assert AID.questions["helped_exercise"].text in html
    assert 'href="/page/helped' not in html

    started.send("/page/tried?return=check", {"tried": ["exercise"]})
    assert started.journey().answers["helped_exercise"] == "a_lot"
    assert 'href="/page/helped?return=check#q-helped_exercise"' in started.text("/page/check")


def test_a_change_that_asks_something_new_leads_to_it(started: Browser) -> None:
    """From the check page the way goes to the new question and then back to the check page."""
    started.send("/page/operation", {"earlier_surgery": "none"})
    started.send("/page/tried", {"tried": ["none"]})
    response = started.send("/page/condition?return=check", {"condition": ["spondylolisthesis"]})

    assert response.headers["Location"].startswith("/page/operation?")
    html = started.text(response.headers["Location"])
    assert "new for you" in html
    assert started.send("/page/operation?return=check").headers["Location"] == "/page/check"


def test_pages_that_were_passed_by_are_not_called_new(started: Browser) -> None:
    """Only what the change brought is named as new, until it is sent in or the change undone."""
    started.send("/page/tried", {"tried": ["none"]})
    started.send("/page/check_understanding", {"know_back_pain": "false"})
    response = started.send("/page/tried?return=check", {"tried": ["exercise"]})

    assert response.headers["Location"].startswith("/page/helped?")
    assert new_for_you(started.text(response.headers["Location"])) == ["helped"]
    assert new_for_you(started.text("/page/check")) == ["helped"]

    started.send("/page/tried?return=check", {"tried": ["none"]})
    assert new_for_you(started.text("/page/check")) == []
    started.send("/page/tried?return=check", {"tried": ["exercise"]})
    started.send("/page/helped?return=check")
    assert new_for_you(started.text("/page/check")) == []


def new_for_you(html: str) -> list[str]:
    """The pages that the notice on a page calls new."""
    _, _, after = html.partition("These questions are new for you:")
    items = re.findall(r"<li>(.*?)</li>", after.partition("</ul>")[0])
    titles = {page.title: page.id for page in AID.pages}
    return [titles[re.sub(r"<.*?>| \(this page\)", "", item)] for item in items]


@pytest.mark.parametrize("who", ["patient", "someone_else"])
def test_reasons_are_told_in_the_words_of_the_screen(browser: Browser, who: str) -> None:
    """The guide repeats the question and the answer as both stood there, not in short labels."""
    browser.start(answered_by=who)
    browser.send("/page/condition", {"condition": ["spinal_stenosis"]})
    asked = AID.questions["condition"]
    question = asked.text if who == "patient" else asked.helper_text
    answer = asked.option("spinal_stenosis")
    assert answer

    reason = f"{AID.words['because_intro']}:<br>{question} <strong>{answer.text}</strong>"
    assert reason in browser.text("/page/guide")


def test_an_answer_can_be_taken_back(started: Browser) -> None:
    """A chosen radio button can be unchosen without a script."""
    started.send("/page/pain", {"leg_pain": "7", "back_pain": "3"})
    started.send("/page/pain", {"leg_pain": "7", "back_pain": "3", "take_back": "leg_pain"})

    assert "leg_pain" not in started.journey().answers
    assert started.journey().answers["back_pain"] == 3


def test_the_check_page_names_what_was_not_answered(started: Browser) -> None:
    """Every asked question has a change link; skipped ones say so."""
    started.send("/page/pain", {"leg_pain": "7"})
    html = started.text("/page/check")

    for page in rules.visible_pages(AID, started.journey().answers):
        for question in rules.visible_questions(AID, page, started.journey().answers):
            assert f"#q-{question.id}" in html
    assert AID.words["not_answered"] in html


def test_the_check_page_repeats_the_questions_as_they_were_asked(started: Browser) -> None:
    """A statement stands there as it was put: a bare "false" would say the opposite."""
    started.send("/page/check_understanding", {"know_back_pain": "false"})
    started.send("/page/pain", {"leg_pain": "7"})
    html = " ".join(started.text("/page/check").split())

    assert f'<dt>{AID.questions["know_back_pain"].text}</dt> <dd dir="auto">False</dd>' in html
    assert AID.questions["know_back_pain"].short not in html
    assert "7 of 10" in html


def test_the_guide_weighs_ratings_and_names_own_words(started: Browser) -> None:
    """What was rated highest stands with every option; own words are shown; nothing is added."""
    started.send("/page/worries", {"worries": ["infection"], "other_worry": "My cat & me"})
    values = {"value_walking": "5", "own_value": "My garden", "own_value_weight": "4"}
    started.send("/page/values", values)
    html = " ".join(started.text("/page/guide").split())

    assert "Walking further: 5 of 5" in html
    assert "No good figure for you." in html
    assert "× +1" not in html
    assert "You added “My garden”: 4 of 5." in html
    assert "“My cat & me”" in html
    assert html.index("You named this as a worry") < html.index('id="group-option"')


def test_options_stand_side_by_side_under_one_heading() -> None:
    """What begins alike in every option becomes the heading of the row; no word is lost."""
    views = build(AID, {}, made_on=NOW).group("option")
    rows = guide.option_rows(views)

    assert rows[0][0] == "What it is"
    assert len({heading for heading, _ in rows}) == len(rows)
    for place, view in enumerate(views):
        told = [f"{heading}: {texts[place]}" for heading, texts in rows[1:]]
        assert [t.lower() for t in told] == [t.lower() for t in view.section.text[1:]]


def test_suggested_questions_come_from_the_rules(started: Browser) -> None:
    """Only questions that the answers suggest are offered."""
    found = {f.id for f in rules.findings(AID, started.journey().answers).questions}
    html = started.text("/page/questions")
    offered = set(re.findall(r'name="question_picks" value="([a-z0-9_]+)"', html))

    assert offered == found


def test_somebody_elses_answers_are_asked_in_their_words(browser: Browser) -> None:
    """Someone who answers for the patient reads "the patient", not "you"."""
    browser.start(answered_by="someone_else")
    question = AID.questions["goal"]

    assert (question.helper_text or question.text) in browser.text("/page/goal")


def test_without_a_journey_a_page_offers_to_start(browser: Browser) -> None:
    """Every page that needs answers says that there are none; nothing breaks."""
    for path in ("/page/goal", "/page/guide", "/page/done", "/stop", "/exit", "/text"):
        response = browser.get(path)
        assert response.status_code == 403
        assert "Go to the start" in response.text


@pytest.mark.parametrize(("path", "code"), [("/nope", 404), ("/page/nope", 404), ("/stop/", 404)])
def test_an_unknown_address_has_a_kind_page(started: Browser, path: str, code: int) -> None:
    """Wrong addresses are answered in plain words."""
    response = started.get(path)

    assert response.status_code == code
    assert "There is no page here" in response.text


def test_a_form_without_its_key_is_refused(started: Browser) -> None:
    """A post from elsewhere saves nothing and gets a page in plain words."""
    response = started.client.post("/page/goal", data={"goal": "forged"})

    assert response.status_code == 400
    assert "This page is not saved yet" in response.text
    assert "goal" not in started.journey().answers


def test_a_huge_form_is_refused_kindly(started: Browser) -> None:
    """More than the limit of a request gets its own page."""
    response = started.send("/page/goal", {"goal": "x" * 400_000})

    assert response.status_code == 413
    assert "too long" in response.text


def test_clearing_deletes_row_and_cookie(started: Browser) -> None:
    """After Clear the answers are gone, the cookie too, and the browser forgets its pages."""
    cookie = started.client.get_cookie("decision-aid")
    assert cookie
    response = started.send("/clear")

    assert response.headers["Location"] == "/cleared"
    assert "cache" in response.headers["Clear-Site-Data"]
    assert started.client.get_cookie("decision-aid") is None
    assert started.app.extensions["decision_aid"].store.load(cookie.value) is None


def test_leaving_keeps_the_answers_and_shows_nothing(started: Browser) -> None:
    """Leave quickly goes to a page without a word about health."""
    shown = started.get("/page/goal").text
    response = started.send("/leave", shown=shown)
    html = started.text(response.headers["Location"])

    assert AID.title not in html
    assert started.journey().answers["answered_by"] == "patient"


@pytest.mark.parametrize(
    "path", ["/", "/about", "/safety-card", "/page/goal", "/page/guide", "/nope"]
)
def test_the_draft_notice_is_on_every_screen(started: Browser, path: str) -> None:
    """Content that nobody approved says so."""
    assert AID.draft_notice in started.text(path)


def test_no_page_needs_inline_code(started: Browser) -> None:
    """The content security policy forbids inline styles and scripts; no page has any."""
    paths = ["/", "/stop", "/about", *(f"/page/{page.id}" for page in AID.pages)]
    for path in paths:
        html = started.text(path)
        assert " style=" not in html
        assert "<style" not in html
        assert not re.search(r"<script(?![^>]*src=)", html)
        assert not re.search(r"\son[a-z]+=", html)


def test_the_documents_are_pdfs_with_fixed_names(started: Browser) -> None:
    """No word of the patient stands in a file name."""
    shown = started.get("/page/done").text
    for reader, name in (("surgeon", "for-my-surgeon"), ("patient", "my-copy")):
        response = started.send(f"/document/{reader}.pdf", shown=shown)
        assert response.data.startswith(b"%PDF")
        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}.pdf"'


def test_the_safety_card_needs_no_journey(browser: Browser) -> None:
    """Everybody can read and print it."""
    assert browser.get("/card.pdf").data.startswith(b"%PDF")
    assert AID.section_by_id["safety_card"].do[0] in browser.text("/safety-card")


def test_health_says_ok(browser: Browser) -> None:
    """Whoever watches the machine gets a short answer without a journey."""
    response = browser.get("/health")

    assert response.status_code == 200
    assert response.json is not None
    assert response.json["status"] == "ok"


# --- height and weight -----------------------------------------------------------------------

HEIGHT = (AID.questions["height_cm"],)


@pytest.mark.parametrize(
    ("posted", "answer"),
    [
        ({"height_cm": "170"}, 170),
        ({"height_cm": "170,5"}, 170.5),
        ({"height_cm_ft": "5", "height_cm_in": "7"}, 170.2),
        ({"height_cm": "170", "height_cm_ft": "5", "height_cm_in": "7"}, 170),
        ({"height_cm": " "}, None),
    ],
)
def test_height_is_kept_in_centimetres(posted: dict[str, str], answer: float | None) -> None:
    """Metric or imperial, with point or comma; empty is skipped."""
    reading = forms.read(HEIGHT, MultiDict(posted), helper=False)

    assert reading.errors == {}
    assert reading.answers.get("height_cm") == answer


@pytest.mark.parametrize(
    ("posted", "message"),
    [
        ({"height_cm": "tall"}, "in figures"),
        ({"height_cm": "17"}, "between 100 and 230"),
        ({"height_cm": "170", "height_cm_ft": "6"}, "do not match"),
        ({"height_cm": "1" * 5000}, "in figures"),
        ({"height_cm": "nan"}, "in figures"),
    ],
)
def test_a_height_that_cannot_be_gets_a_kind_message(posted: dict[str, str], message: str) -> None:
    """Words, too small and two different heights are each met with a sentence."""
    assert message in forms.read(HEIGHT, MultiDict(posted), helper=False).errors["height_cm"]


@given(halves=st.integers(80, 180))
def test_feet_and_inches_survive_the_round_trip(halves: int) -> None:
    """A height in feet and half inches is shown again as it was typed."""
    feet, inches = divmod(halves / 2, 12)
    posted = MultiDict({"height_cm_ft": f"{feet:g}", "height_cm_in": f"{inches:g}"})
    kept = forms.read(HEIGHT, posted, helper=False).answers["height_cm"]

    assert forms.in_other_units("cm", kept) == f"{feet:g} feet {inches:g} inches"


@given(halves=st.integers(140, 1300))
def test_stones_and_pounds_survive_the_round_trip(halves: int) -> None:
    """A weight in stones and half pounds is shown again as it was typed."""
    stones, pounds = divmod(halves / 2, 14)
    posted = MultiDict({"weight_kg_st": f"{stones:g}", "weight_kg_lb": f"{pounds:g}"})
    question = AID.questions["weight_kg"]
    kept = forms.read((question,), posted, helper=False).answers["weight_kg"]

    assert forms.in_other_units("kg", kept) == f"{stones:g} stone {pounds:g} pounds"
    shown = forms.show((question,), {"weight_kg": kept}, helper=False)[0]
    again = forms.read((question,), MultiDict({"weight_kg": shown.value}), helper=False)
    assert again.answers == {"weight_kg": kept}


# --- progress --------------------------------------------------------------------------------


def test_the_time_left_never_grows(app: Flask) -> None:
    """From page to page of the same journey the minutes only shrink, to none on the last."""
    minutes = [progress.measure(AID, page, {}).minutes for page in rules.visible_pages(AID, {})]

    assert minutes == sorted(minutes, reverse=True)
    assert minutes[-1] == 0


def test_set_aside_answers_are_named(app: Flask) -> None:
    """An answer whose question is no longer asked is among those set aside."""
    with app.test_request_context():
        journey = Journey(answers={"tried": ("none",), "helped_exercise": "a_lot"})
        assert [q.id for q in session.set_aside(journey)] == ["helped_exercise"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("walk 🚶 to the shop", "walk 🚶 to the shop"),
        ("אני רוצה ללכת", "אני רוצה ללכת"),
        ("walk\x00\x07\x1b far", None),
        ("walk\u202egnol", None),
        ("  walk \r\n far  ", None),
    ],
    ids=["emoji", "right to left", "control", "turned round", "spaces"],
)
def test_any_script_is_kept_and_control_signs_are_not(
    started: Browser, typed: str, kept: str | None
) -> None:
    """Emoji and right-to-left words come back as typed; signs that steer a terminal do not."""
    started.send("/page/goal", {"goal": typed})
    goal = str(started.journey().answers["goal"])

    assert all(sign == "\n" or sign.isprintable() for sign in goal)
    if kept:
        assert goal == kept
    assert goal in started.text("/page/goal")


def test_a_heap_of_accents_is_told_kindly_and_stays_in_the_field(started: Browser) -> None:
    """20,000 combining marks are over the limit: a message at the field, and all of it is there."""
    heap = "a" + "\u0301" * 20_000
    response = started.send("/page/goal", {"goal": heap})

    assert response.status_code == 422
    assert "Please shorten this to 200 characters." in response.text
    assert heap in unescape(response.text)
