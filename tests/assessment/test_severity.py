import pytest

from crumple.assessment.assessment import Place
from crumple.assessment.numbers import percent
from crumple.assessment.severity import BUILTIN_RULES, WORST_FIRST, Rules
from crumple.errors import DataError
from crumple.taxonomy import DAMAGES

RULES = Rules.load()


def on(title="front left door", label="front_left_door", part="part-1"):
    share = 0.1 if part else None
    return [Place(part=part, label=label, title=title, share_of_damage=share, share_of_part=share)]


def judge(damage, share, vehicle=0.0, outlined=9, area=0.5):
    return RULES.judge(damage, on(), share, vehicle, area, outlined)


def unmeasured(damage, places, rules=RULES, outlined=2, area=0.5):
    """Without an outline of the place's part."""
    return rules.judge(damage, places, None, 0.9, area, outlined)


def test_every_damage_type_has_a_rule_with_hints():
    assert set(RULES.damages) == set(DAMAGES)
    for rule in RULES.damages.values():
        assert rule.words and rule.at_least in rule.hint and "severe" in rule.hint


@pytest.mark.parametrize(
    ("share", "severity", "reason"),
    [
        (0.02, "minor", "covers 2 % of the front left door (moderate starts at 5 %)"),
        (0.05, "moderate", "covers 5 % of the front left door (moderate starts at 5 %)"),
        (0.19, "moderate", "covers 19 % of the front left door (moderate starts at 5 %)"),
        (0.20, "severe", "covers 20 % of the front left door (severe starts at 20 %)"),
    ],
)
def test_a_dent_by_its_share_of_the_part(share, severity, reason):
    judgement = judge("dent", share)
    assert (judgement.severity, judgement.reason) == (severity, reason)
    assert judgement.hint == RULES.damages["dent"].hint[severity]


def test_any_limit_is_enough():
    judgement = judge("dent", 0.01, vehicle=0.07)
    assert judgement.severity == "severe"
    assert judgement.reason == "covers 7 % of the visible vehicle (severe starts at 6 %)"


def test_a_close_up_is_not_the_vehicle():
    assert judge("dent", 0.07, 0.07, RULES.vehicle_needs_parts - 1).severity == "moderate"
    assert judge("dent", 0.07, 0.07, RULES.vehicle_needs_parts).severity == "severe"


SIDELESS = on("front door, side not known", "front_door", None)


@pytest.mark.parametrize(
    ("places", "outlined", "reason"),
    [
        ([], 9, "the panel could not be identified"),
        (on(part=None), 3, "the photo is too close to show how much of the front left door is affected"),
        (SIDELESS, 0, "the photo is too close to show how much of the front door is affected"),
        (on(part=None), 4, "the outline of the front left door was not found"),
        (on("in the engine bay", "engine_bay", None), 9, "there is no panel to measure it against"),
    ],
)
def test_without_something_to_measure_against_the_severity_is_unclear(places, outlined, reason):
    judgement = unmeasured("dent", places, outlined=outlined, area=0.9)
    assert (judgement.severity, judgement.reason, judgement.hint) == ("unclear", reason, None)


def test_rules_that_need_no_size_hold_without_one():
    assert unmeasured("broken_or_missing", []).severity == "moderate"
    assert unmeasured("broken_or_missing", []).reason == "a broken or missing piece has to be replaced"
    assert unmeasured("lamp_damage", on(part=None)).severity == "moderate"
    assert unmeasured("airbag_deployed", on("inside the vehicle", "interior", None)).severity == "severe"


def test_own_rules_may_still_go_by_the_photo(tmp_path):
    path = tmp_path / "rules.yaml"
    text = BUILTIN_RULES.read_text()
    path.write_text(text.replace("moderate: {part: 5%, vehicle: 2%}", "moderate: {part: 5%, photo: 6%}", 1))
    rules = Rules.load(path)
    judgement = unmeasured("dent", [], rules, area=0.08)
    assert (judgement.severity, judgement.reason) == ("moderate", "covers 8 % of the photo (moderate starts at 6 %)")
    assert unmeasured("dent", [], rules, area=0.02).severity == "minor"
    assert rules.judge("dent", on(), 0.01, 0.0, 0.9, 9).severity == "minor"  # it can be measured
    assert unmeasured("scratch", [], rules).severity == "unclear"


def test_in_lists_what_is_unclear_comes_after_moderate():
    assert WORST_FIRST == ("severe", "moderate", "unclear", "minor")


def test_a_deployed_airbag_is_always_severe():
    for places, measured, vehicle in ((on(), 0.001, 0.0), ([], None, None)):
        judgement = RULES.judge("airbag_deployed", places, measured, vehicle, 0.0001, 1)
        assert judgement.severity == "severe" and "crash" in judgement.reason


def test_a_least_severity_gives_its_own_reason_until_size_says_worse():
    assert judge("broken_or_missing", 0.01).reason == "a broken or missing piece has to be replaced"
    assert judge("broken_or_missing", 0.01).severity == "moderate"
    assert judge("broken_or_missing", 0.3).reason == "covers 30 % of the front left door (severe starts at 15 %)"


def test_an_unlisted_damage_is_judged_by_other_in_its_own_words():
    assert RULES.rule("hail_damage").words == "hail damage"
    assert judge("hail_damage", 0.5).severity == "severe"


def test_rules_without_limits_say_so(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text("damages: {}\nother: {words: damage}\n")
    judgement = Rules.load(path).judge("dent", on(), 0.9, 0.9, 0.9, 9)
    assert judgement.severity == "minor" and "no size" in judgement.reason


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("part: 5%, vehicle: 2%", "part: 0.05"), r"damages\.dent\.moderate\.part: 0.05 is no percentage"),
        (("part: 20%, vehicle: 6%", "part: 200%, vehicle: 6%"), r"damages\.dent\.severe\.part"),
        (("part: 20%, vehicle: 6%", "part: 2%, vehicle: 6%"), r"damages\.dent: moderate part \(5%\) is above severe"),
        (("at_least: severe", "at_least: terrible"), r"damages\.airbag_deployed\.at_least"),
        (("    because: cracked glass impairs the view and spreads\n", ""), r"damages\.glass_crack: at_least"),
        (("words: bent hood", "word: bent hood"), r"damages\.hood_damage\.word: is no field of the table; "),
        (
            ("    words: bent hood\n", "    words: bent hood\n    elsewere: inside\n"),
            r"elsewere: is no field of the table; those .*\.yaml$",
        ),
        (("damages:", "damage:"), r"yaml: damage: is no field of the table; .*severity\.yaml \(and 1 more\)"),
        (("    words: bent hood\n", ""), r"damages\.hood_damage\.words: is missing; add it, as in .*severity\.yaml$"),
        (
            ("hint:\n      severe: replace the airbag", "hint: replace the airbag"),
            r"airbag_deployed\.hint: must hold 'field",
        ),
        (("  dent:", "  scratch:"), "given twice"),
        (("part: 20%,", "part: many%,"), r"damages\.dent\.severe\.part"),
        (("other:", "  other"), "not valid YAML"),
    ],
)
def test_a_wrong_rule_is_named_in_one_line(tmp_path, change, message):
    text = BUILTIN_RULES.read_text()
    assert change[0] in text
    path = tmp_path / "rules.yaml"
    path.write_text(text.replace(*change, 1))
    with pytest.raises(DataError, match=message) as caught:
        Rules.load(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_path_that_leads_to_no_table_is_named(tmp_path):
    with pytest.raises(DataError, match=r"no\.yaml: there is no such file; give the path of a YAML file"):
        Rules.load(tmp_path / "no.yaml")
    with pytest.raises(DataError, match="is a folder; give the path of a YAML file"):
        Rules.load(tmp_path)
    with pytest.raises(DataError, match="rules must be the path of a YAML file, not int"):
        Rules.load(5)


def test_a_rule_for_an_unknown_damage_is_refused_with_the_names_there_are(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text("damages: {hail: {words: hail}}\nother: {words: damage}\n")
    rules = Rules.load(path)
    rules.check_names({"hail", "dent"})
    with pytest.raises(DataError, match=r"rules\.yaml: damages\.hail: is no known .* type; known are dent, scratch"):
        rules.check_names({"scratch", "dent"})


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "under 0.1 %"),
        (0.0004, "under 0.1 %"),
        (0.012, "1.2 %"),
        (0.05, "5 %"),
        (0.0996, "10 %"),
        (0.12, "12 %"),
        (1, "100 %"),
    ],
)
def test_percent(share, words):
    assert percent(share) == words
