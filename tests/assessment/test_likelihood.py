import pytest

from crumple.assessment.likelihood import finding_likelihood, how_many_real, likelihood


@pytest.mark.parametrize(
    ("probability", "word"),
    [(None, None), (0, "doubtful"), (0.299, "doubtful"), (0.3, "possible"), (0.599, "possible"), (0.6, "likely")],
)
def test_one_scale_of_three_words(probability, word):
    assert likelihood(probability) == word


def test_without_a_probability_a_finding_goes_by_its_threshold():
    assert (finding_likelihood(None, "upper"), finding_likelihood(None, "lower")) == ("likely", "possible")
    assert (finding_likelihood(0.2, "upper"), finding_likelihood(0.9, "lower")) == ("doubtful", "likely")


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "fewer than 1 in 20 like this are real"),
        (0.05, "about 1 in 10 like this is real"),
        (0.284, "about 3 in 10 like this are real"),
        (0.81, "about 8 in 10 like this are real"),
        (0.949, "about 9 in 10 like this are real"),
        (0.95, "nearly all like this are real"),
    ],
)
def test_a_probability_is_told_as_a_count(probability, words):
    assert how_many_real(probability) == words
