import pytest

from crumple.prepare.shelf import Made, Shelf


def test_a_shelf_is_a_sequence_of_what_was_put_on_it():
    things = [("a", 1), None, {"b": [2.5]}, b"\0"]
    shelf = Shelf(iter(things))
    assert list(shelf) == list(shelf) == things and len(shelf) == 4
    assert shelf[1] is None and shelf[-1] == b"\0" and shelf[1:3] == things[1:3]
    with pytest.raises(IndexError):
        shelf[4]
    assert not Shelf([])


def test_things_are_read_anew_each_time():
    thing: list[int] = []
    shelf = Shelf([thing])
    shelf[0].append(1)
    assert shelf[0] == [] and shelf[0] is not shelf[0]


def test_a_shelf_can_be_read_while_it_is_gone_through():
    shelf = Shelf(range(1000))
    assert [(one, shelf[999 - one]) for one in shelf] == [(one, 999 - one) for one in range(1000)]


def test_made_things_are_made_when_they_are_asked_for():
    asked = []

    def square(number):
        asked.append(number)
        return number**2

    squares = Made(5, square)
    assert len(squares) == 5 and not asked
    assert squares[3] == 9 and squares[1:3] == [1, 4] and asked == [3, 1, 2]
    assert list(squares) == [0, 1, 4, 9, 16] and list(Made(0, square)) == []
    with pytest.raises(IndexError):
        squares[5]
