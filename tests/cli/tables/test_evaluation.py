"""An evaluation in the terminal: what is said, and what is left away."""

import io
import re

import pytest
from rich.console import Console

from crumple.cli.tables.evaluation import print_comparison, print_evaluation, sentences
from crumple.evaluate.comparison import ComparedFigure, Comparison, compare
from crumple.evaluate.evaluation import EvaluatedModel
from crumple.evaluate.measures.bootstrap import Difference, Estimate
from tests.evaluate.evaluations import evaluation, model, photos, subject
from tests.evaluate.judged_photos import judged
from tests.evaluate.squares import region


def printed(show, made):
    console = Console(width=80, file=io.StringIO())
    show(console, made)
    return console.file.getvalue()


def compared(*rows):
    """rows: (name, label, A, B, low, high, verdict)."""
    figures = [
        ComparedFigure(
            branch="damage",
            set=None,
            name=name,
            label=label,
            a=Estimate(value=a),
            b=Estimate(value=b),
            difference=Difference(difference=a - b, low=low, high=high, noise=verdict == "noise"),
            verdict=verdict,
        )
        for name, label, a, b, low, high, verdict in rows
    ]
    one = EvaluatedModel(name="one", version="1", sha256="")
    return Comparison(a=one, b=one, photos=1, notes=("A is flattered.",), figures=tuple(figures))


def test_of_the_classes_only_those_that_differ_are_listed():
    text = printed(
        print_comparison,
        compared(
            ("mask AP", None, 0.5, 0.49, -0.1, 0.1, "noise"),
            ("mask AP50", "dent", 0.5, 0.4, 0.05, 0.15, "A"),
            ("mask AP50", "scratch", 0.5, 0.49, -0.1, 0.1, "noise"),
        ),
    )
    assert "on the same 1 photo\nA is flattered.\n" in text
    assert re.search(r"mask AP +50.0 +49.0 +1.0 +-10.0 to 10.0 +noise", text)
    assert re.search(r"mask AP50, dent +50.0 +40.0 +10.0 +5.0 to 15.0 +A", text)
    assert "scratch" not in text and "and 1 figure by class that differ" in text


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ((0.5, 0.498, 0.0004, 0.004, "A"), "50.00 49.80 0.20 0.04 to 0.40 A"),
        ((0.1004, 0.0998, -0.01, 0.01, "noise"), "10.04 9.98 0.06 -1.00 to 1.00 noise"),
        ((0.5, 0.5, 0.0, 0.0, "noise"), "50.0 50.0 0.0 0.0 to 0.0 noise"),
    ],
)
def test_a_second_decimal_where_one_hides_a_difference(row, shown):
    text = printed(print_comparison, compared(("box AP", None, *row), ("F1", None, 0.9, 0.1, 0.7, 0.9, "A")))
    (line,) = [" ".join(line.split()) for line in text.splitlines() if line.startswith("box AP")]
    assert line == f"box AP {shown}"


def test_models_that_do_not_differ_take_one_line():
    comparison = compare(subject(photos()), subject(photos(), model(name="other")))
    lines = printed(print_comparison, comparison).strip().splitlines()
    assert lines == [
        "A: model 1.2, B: other 1.2, on the same 3 photos",
        f"A and B do not differ in any of {len(comparison.figures)} figures.",
    ]


def test_figures_in_words():
    text = "\n".join(sentences(evaluation()))
    assert "Damage anywhere: reported on 2 of 2 damaged photos and 1 of 1 undamaged photo." in text
    assert "Rightly, by type and place (mask IoU 0.5), on 2 of 2 damaged photos;" in text
    assert "whatever the outline (IoU 0.1), on 2 of 2 damaged photos." in text
    assert (
        "Reported parts by type of error: 2 right, 0 outline, 1 class, 0 duplicate, 0 background, "
        "0 class and outline; 0 drawn ones not even nearly found." in text
    )
    assert "Clean cars: 1 finding on 1 undamaged photo, 1 of them from the upper threshold on." in text
    assert "as calibrated here (cross-validated)." in text


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda: evaluation([judged(damage=[], parts=[])]), id="nothing"),
        pytest.param(lambda: evaluation([judged(parts=[], found_parts=[])], model(["parts"])), id="parts alone"),
        pytest.param(lambda: evaluation([judged(damage=[region(0)])]), id="nothing found"),
        pytest.param(lambda: evaluation([judged(damage=[region(0)], found_damage=[region(0, 0.9)])]), id="one claim"),
    ],
)
def test_nothing_is_said_of_what_there_is_nothing_of(made):
    text = "\n".join(sentences(made()))
    for odd in ("- %", "of 0 ", "none of", "1 findings", "1 photos", "None", "nan"):
        assert odd not in text


def test_a_limit_is_told():
    assert "Only 1 photo of each set taken (--limit)" in printed(print_evaluation, evaluation(limit=1))
    assert "--limit" not in printed(print_evaluation, evaluation())
