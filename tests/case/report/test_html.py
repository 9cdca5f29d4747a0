import re
from datetime import UTC, datetime

import pytest

from crumple.case.report.content import CaseReport
from crumple.case.report.html import render_html
from tests.assessment.test_report import Page
from tests.case.report.cases import damage, inspection

MADE = datetime(2026, 12, 1, 10, 30, tzinfo=UTC)


def report(case, **options):
    return CaseReport(*case, **({"made": MADE} | options))


def page(case, **options):
    return Page(re.sub(r"<style>.*?</style>", "", render_html(report(case, **options)), flags=re.DOTALL))


def between(text, start, end):
    return text[text.index(start) : text.index(end)]


def test_the_head_says_what_when_and_how_many():
    case = inspection([damage(1, [1, 2]), damage(2, [2], probability=0.4)], missing=("right side", "roof"))
    text = page(case, facts=[("Plate", "B-XY 123"), ("VIN", "")]).text
    assert "Damage report: B-XY 123" in text
    assert "Plate B-XY 123 Photos 2 Panels photographed 25 of 25 Read by crumple" in text and "VIN" not in text
    assert "2026-12-01 10:30 UTC" in text
    assert "2 damages, 1 of them likely. The worst is moderate." in text
    assert "Not photographed: right side and roof. Nothing is known about damage there." in text


def test_a_damage_is_told_with_place_severity_reason_likelihood_and_photos():
    text = page(inspection([damage(1, [2, 1], on=("hood", "left_fender"))])).text
    row = between(text, "Damages #", "Evidence")
    assert re.search(r"1 Dent hood and left fender moderate Covers 12 % of the hood \(moderate starts at 5 %\)", row)
    assert "likely about 8 in 10 like this are real photos 1 and 2" in row


def test_doubtful_damages_stand_apart_and_are_not_counted():
    case = inspection([damage(1, [1]), damage(2, [1], kind="scratch", probability=0.12)])
    seen = page(case)
    sure, doubted = (
        between(seen.text, "Damages #", "The model doubts these"),
        between(seen.text, "The model doubts", "Evidence"),
    )
    assert "Dent" in sure and "Scratch" not in sure
    assert "2 Scratch hood moderate doubtful about 1 in 10 like this is real" in doubted
    assert "1 damage. Moderate." in seen.text


def test_severity_is_loud_only_where_it_is_likely_or_a_person_stands_for_it():
    case = inspection(
        [
            damage(1, [1], severity="severe"),
            damage(2, [1], severity="severe", probability=0.5),
            damage(3, [1], severity="severe", probability=0.5, decision="confirmed"),
            damage(4, [1], severity="severe", probability=0.1),
        ]
    )
    pills = [span["class"] for span in page(case).all("span") if "pill" in span.get("class", "")]
    assert pills == ["pill severe", "pill calm", "pill severe", "pill calm"]


def test_confirmed_is_said_of_a_persons_decision_alone():
    case = inspection([damage(1, [1]), damage(2, [2], probability=0.99)])
    body = between(page(case).text, "Damage report", "About this report")
    assert "confirmed" not in body.lower()
    case = inspection([damage(1, [1], probability=0.1, decision="confirmed"), damage(2, [1], decision="rejected")])
    text = page(case).text
    assert "1 Dent hood moderate Covers 12 % of the hood (moderate starts at 5 %) confirmed by a person photo 1" in text
    assert "2 Dent hood moderate rejected by a person" in between(text, "Rejected by a person", "Evidence")


def test_damages_that_people_drew_are_not_called_a_guess():
    case = inspection([damage(1, [1], probability=None)])
    case = (case[0].model_copy(update={"findings_from": "people"}), case[1])
    text = page(case).text
    assert "marked by a person" in text and "Damages drawn by people" in text and "in 10" not in text


def test_nothing_found_is_said_of_what_was_seen():
    case = inspection([], missing=("roof",), blurred=(2,), roof=("not_seen", "unclear"))
    text = page(case).text
    assert "No damage found on what the photos show." in text
    assert "Not photographed roof" in text and "Panels photographed 24 of 25" in text
    assert text.count("No damage found in this photo.") == 1
    assert "Nothing found, but this photo is hard to judge." in text
    assert "undamaged" not in text


def test_a_damage_has_the_same_number_in_every_photo_and_table():
    case = inspection([damage(1, [2]), damage(2, [1, 2], kind="scratch"), damage(3, [1], probability=0.1)])
    told = report(case)
    assert [told.drawn(section)[1] for section in told.sections] == [[2, 3], [1, 2]]
    seen = Page(render_html(told))
    alts = [image["alt"] for image in seen.all("img")]
    assert "Photo 1 with damage 2, 3 outlined" in alts and "Photo 2 with damage 1, 2 outlined" in alts
    assert "Damage 2, scratch, in photo 1" in alts and "Damage 2, scratch, in photo 2" in alts
    assert "2 scratch , 3 dent" in seen.text and "1 dent , 2 scratch" in seen.text


def test_an_overlay_has_the_cases_words_and_solid_outlines_for_what_is_likely():
    case = inspection([damage(1, [1], kind="scratch", severity="severe"), damage(2, [1], probability=0.4)])
    told = report(case)
    drawn, _ = told.drawn(told.sections[0])
    assert [(one.title, one.severity, one.likelihood) for one in drawn.findings] == [
        ("scratch", "severe", "likely"),
        ("dent", "moderate", "possible"),
    ]


def test_links_lead_somewhere():
    case = inspection(
        [damage(1, [1, 2], same=(2,)), damage(2, [2], same=(1,)), damage(3, [1], probability=0.1, same=(1,))]
    )
    seen = page(case)
    identities = {attributes["id"] for _, attributes in seen.tags if "id" in attributes}
    links = {link["href"] for link in seen.all("a")}
    assert {"#damage-1", "#damage-2", "#damage-3", "#photo-1", "#photo-2"} == links
    assert {link[1:] for link in links} <= identities
    assert "May be the same as damage 2." in seen.text and "May be the same as damage 1." in seen.text


def test_the_recipient_reads_no_thresholds_scores_or_machine_words():
    case = inspection([damage(1, [1]), damage(2, [1], probability=0.1)], blurred=(1,))
    reviewer, recipient = (page(case, audience=audience).text for audience in ("reviewer", "recipient"))
    machine = (
        "starts at",
        "threshold",
        "0.87",
        "sha256",
        "weights",
        "crumple-lite0",
        "finding-1",
        "sharpness",
        "pixels",
    )
    for words in machine:
        assert words in reviewer and words not in recipient
    assert "Covers 12 % of the hood likely" in recipient
    assert "Blurred." in recipient and "about 8 in 10 like this are real" in recipient


def test_whatever_a_name_holds_is_shown_and_not_obeyed():
    name = '<b>"x"&\'.jpg'
    case = inspection([damage(1, [1], title="<i>dent</i>")], names={1: name}, notes=["<u>left out</u>"])
    case = (case[0].model_copy(update={"name": "<script>alert(1)</script>"}), case[1])
    seen = page(case, facts=[("<s>Plate</s>", "<em>B</em>")])
    assert not any(seen.all(tag) for tag in ("script", "i", "u", "s", "em"))
    for words in (name, "<script>alert(1)</script>", "<u>left out</u>.", "<s>Plate</s>", "<em>B</em>"):
        assert words in seen.text


def test_nothing_is_fetched_from_anywhere_and_nothing_runs():
    seen = page(inspection([damage(1, [1])]))
    for _, attributes in seen.tags:
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in ("src", "href") or value.startswith(("pictures/", "#"))
    [policy] = [meta["content"] for meta in seen.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy


def test_notes_and_photos_of_another_vehicle_are_told():
    case = inspection([damage(1, [1])], notes=["photo 2 seems to show another vehicle"])
    photos = [case[0].photos[0], case[0].photos[1].model_copy(update={"other_vehicle": True})]
    text = page((case[0].model_copy(update={"photos": photos}), case[1])).text
    assert "Photo 2 seems to show another vehicle." in text and "Seems to show another vehicle." in text


def test_an_inspection_without_its_assessments_is_refused():
    case, assessments = inspection([damage(1, [1])])
    with pytest.raises(ValueError, match="0 assessments for 2 photos"):
        CaseReport(case, case.assessments)
    assert CaseReport(case, assessments).listed[0].number == 1


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.97, "nearly all like this are real"),
        (0.94, "about 9 in 10 like this are real"),
        (0.14, "about 1 in 10 like this is real"),
        (0.06, "about 1 in 10 like this is real"),
        (0.02, "fewer than 1 in 20 like this are real"),
    ],
)
def test_a_probability_in_words(probability, words):
    assert words in page(inspection([damage(1, [1], probability=probability)])).text


@pytest.mark.parametrize(
    ("damages", "words"),
    [
        ([("severe", 0.9)], "1 damage. Severe."),
        ([("unclear", 0.5)], "1 damage, possible. Severity unclear."),
        ([("minor", 0.9), ("unclear", 0.8)], "2 damages."),
        ([("severe", 0.9), ("minor", 0.5)], "2 damages, 1 of them likely. The worst is severe."),
        (
            [("moderate", 0.9), ("severe", 0.5)],
            "2 damages, 1 of them likely. The worst likely one is moderate, a possible",
        ),
        ([("severe", 0.5), ("minor", 0.4)], "2 damages, all of them only possible. The worst is severe."),
        ([("severe", 0.1)], "No damage found on what the photos show."),
    ],
)
def test_the_headline_says_of_the_worst_how_sure_it_is(damages, words):
    found = [damage(i, [1], severity=one, probability=chance) for i, (one, chance) in enumerate(damages, start=1)]
    assert words in page(inspection(found)).text
