"""Which observations are one damage: what people said holds against every later joining."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

from crumple.serve.contract.events import Event
from crumple.serve.review.damages import observed
from crumple.serve.review.grouping import JoinedCase, regroup

START = datetime(2026, 12, 1, tzinfo=UTC)


def name(letter):
    return f"img-{letter}", "finding-1"


def joined(*groups, chances=None, maybe=()):
    """Joining found these: "ab c" is a damage of photos a and b, and one of c. chances: by two letters."""
    letters = "".join(groups)
    at = {letter: i for i, letter in enumerate(letters)}
    pairs = [
        (*sorted((at[a], at[b])), (chances or {}).get(a + b, 0.9))
        for group in groups
        for a, b in combinations(group, 2)
    ]
    return JoinedCase(
        observations=[name(letter) for letter in letters],
        groups=[[at[letter] for letter in group] for group in groups],
        pairs=pairs,
        maybe_same=[(groups.index(one), groups.index(other), chance) for one, other, chance in maybe],
    )


def event(kind, letters, rest="", hour=0):
    return Event.model_construct(
        kind=kind,
        observations=observed(map(name, letters)),
        rest=observed(map(name, rest)),
        at=START + timedelta(hours=hour),
    )


def grouped(found, events=(), letters=None, taken=None):
    """The damages after events, as words of letters; taken: hours by letter at which photos came."""
    letters = letters or "".join(one[0][-1] for one in found.observations)
    times = {name(letter): START + timedelta(hours=(taken or {}).get(letter, 0)) for letter in letters}
    groups, maybe = regroup(found, times, events)
    words = ["".join(sorted(one[0][-1] for one in group)) for group in groups]
    return words, {(words[a], words[b]): chance for (a, b), chance in maybe.items()}


def test_without_events_it_is_what_joining_found():
    assert grouped(joined("ab", "c", maybe=[("ab", "c", 0.4)])) == (["ab", "c"], {("ab", "c"): 0.4})


def test_an_observation_that_joining_has_not_seen_is_alone_and_one_that_is_gone_is_gone():
    assert grouped(joined("ab", "c"), letters="acx")[0] == ["a", "c", "x"]


def test_merge_and_split():
    found = joined("ab", "c", maybe=[("ab", "c", 0.4)])
    merge, split = event("merge", "abc"), event("split", "b", rest="ac")
    assert grouped(found, [merge])[0] == ["abc"]
    assert grouped(found, [merge, split]) == (["ac", "b"], {})
    assert grouped(found, [merge, split, event("merge", "abc")])[0] == ["abc"], "the later word counts"
    assert grouped(found, [event("split", "a", rest="b")]) == (["a", "b", "c"], {("a", "c"): 0.4, ("b", "c"): 0.4})


def test_they_hold_when_new_photos_are_joined():
    split = event("split", "b", rest="a")
    assert grouped(joined("abx", chances={"bx": 0.95, "ax": 0.6}), [split])[0] == ["a", "bx"]
    assert grouped(joined("abx", chances={"bx": 0.6, "ax": 0.95}), [split])[0] == ["ax", "b"]
    merge = event("merge", "ac")
    assert grouped(joined("ab", "cx"), [merge])[0] == ["abcx"]
    assert grouped(joined("axc", "b"), [event("merge", "ab"), event("split", "c", rest="ab")])[0] == ["abx", "c"]


def test_a_split_holds_although_a_merge_joins_both_sides_to_a_new_photo():
    # x goes to b by hand; joining, which has a and x as one, does not undo that a and b are two.
    events = [event("split", "b", rest="a"), event("merge", "bx")]
    assert grouped(joined("abx", chances={"ax": 0.99}), events)[0] == ["a", "bx"]


def test_what_was_rejected_never_swallows_what_was_there_beside_it():
    found = joined("abx")
    reject = event("reject", "a", hour=1)
    assert grouped(found, [reject], taken={"x": 2})[0] == ["ax", "b"], "b was seen and not rejected; x came later"
    assert grouped(found, [reject, event("confirm", "a", hour=2)], taken={"x": 2})[0] == ["abx"]
    assert grouped(found, [reject, event("reject", "b", hour=2)], taken={"x": 3})[0] == ["abx"], "both are rejected"
    assert grouped(found, [reject, event("merge", "ab", hour=2)], taken={"x": 3})[0] == ["abx"], "people may"


def test_photos_that_went_are_left_out_of_events():
    assert grouped(joined("ab", "c"), [event("merge", "abc")], letters="bc")[0] == ["bc"]
    assert grouped(joined("abc"), [event("split", "a", rest="bc")], letters="bc")[0] == ["bc"]


def test_the_order_of_photos_does_not_matter():
    events = [event("split", "b", rest="a")]
    chances = {"bx": 0.95, "ax": 0.6, "ab": 0.99}
    forth = grouped(joined("abx", chances=chances), events)[0]
    back = grouped(joined("xba", chances={a[::-1]: p for a, p in chances.items()}), events)[0]
    assert sorted("".join(sorted(word)) for word in back) == forth
