import itertools

import numpy as np

from crumple.drawing.placement import Board, Rect


def test_labels_never_touch_and_stay_in_the_picture():
    board = Board(500, 330, gap=3)
    rng = np.random.default_rng(0)
    placed = []
    for _ in range(60):
        x, y = rng.integers(0, 450), rng.integers(0, 300)
        placed.append(board.place_near((70, 16), Rect(x, y, x + 40, y + 20)))
    placed = [rect for rect in placed if rect is not None]
    assert len(placed) > 50
    for rect in placed:
        assert rect.left >= 0 and rect.top >= 0 and rect.right <= 500 and rect.bottom <= 330
        assert (rect.right - rect.left, rect.bottom - rect.top) == (70, 16)
    assert not any(one.overlaps(other) for one, other in itertools.combinations(placed, 2))


def test_a_label_hugs_its_box_when_there_is_room():
    board = Board(500, 330, gap=3)
    box = Rect(200, 150, 260, 190)
    board.keep_visible((200, 150, 260, 190))
    rect = board.place_near((60, 16), box)
    assert rect.distance(box) <= 4
    assert not rect.overlaps(box)


def test_a_label_gives_way_to_damage_that_should_stay_visible():
    board = Board(500, 330, gap=3)
    board.keep_visible((150, 100, 320, 149))  # right above the box
    rect = board.place_near((60, 16), Rect(200, 150, 260, 190))
    assert board.hidden(rect) == 0


def test_no_room_is_said_and_nothing_is_taken():
    board = Board(50, 20, gap=2)
    assert board.place_near((60, 16), Rect(5, 5, 20, 15)) is None
    assert board.place_corner((60, 16)) is None
    assert board.place_on((60, 16), (25, 10)) is None
    assert board.taken == []


def test_the_legend_takes_the_corner_that_hides_least():
    board = Board(400, 300, gap=4)
    board.keep_visible((0, 150, 400, 300))
    board.take(Rect(0, 0, 60, 30))
    rect = board.place_corner((100, 50))
    assert (rect.right, rect.top) == (396, 4)


def test_distance_between_rectangles():
    one = Rect(0, 0, 10, 10)
    assert one.distance(Rect(5, 5, 20, 20)) == 0
    assert one.distance(Rect(13, 14, 20, 20)) == 5
