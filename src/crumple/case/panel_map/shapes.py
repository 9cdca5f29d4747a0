"""The geometry of the panel map, drawn by us: paths of M, L, C and Z alone, in units of about a centimetre.

The vehicle points up. It is drawn from above, with its front, its back and its two sides folded out, so that every
panel is there once; left and right are its own. s: along the vehicle, front to back. h: above the ground. u: across,
the vehicle's left negative. d: down from the edge at which the front or the back is folded out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from crumple.taxonomy import mirror

WIDTH, HEIGHT = 440, 568
_MIDDLE, _TOP = WIDTH / 2, 84  # of the vehicle from above: its middle line, and where its front is
_SIDE = 4  # from the map's edge to the ground of a side
_FRONT, _BACK = 78, 490  # where the front and the back are folded out

Point = tuple[float, float]
Command = tuple[str, tuple[Point, ...]]  # M and L with one point, C with three, Z with none
Place = Callable[[float, float], Point]


@dataclass(frozen=True)
class PanelShape:
    """One panel of the map.

    path: its closed pieces. labels: where numbers stand, their middles: one, or one for each wheel. room: characters.
    """

    path: tuple[Command, ...]
    labels: tuple[Point, ...]
    room: int


def parse(path: str) -> tuple[Command, ...]:
    """The commands of SVG path data of absolute M, L, C and Z, each written out. Raises ValueError for any other."""
    commands: list[Command] = []
    for letter, numbers in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        values = [float(number) for number in numbers.replace(",", " ").split()]
        if {"M": 2, "L": 2, "C": 6, "Z": 0}.get(letter) != len(values):
            raise ValueError(f"path command {letter} with {len(values)} numbers")
        commands.append((letter, tuple(zip(values[::2], values[1::2], strict=True))))
    return tuple(commands)


def write(path: tuple[Command, ...]) -> str:
    """The commands as SVG path data: the inverse of `parse`."""
    return " ".join(" ".join([letter, *(f"{x:g} {y:g}" for x, y in points)]) for letter, points in path)


def _above(u: float, s: float) -> Point:
    return _MIDDLE + u, _TOP + s


def _left(s: float, h: float) -> Point:
    return _SIDE + h, _TOP + s


def _front(u: float, d: float) -> Point:
    return _MIDDLE + u, _FRONT - d


def _back(u: float, d: float) -> Point:
    return _MIDDLE + u, _BACK + d


def _mirrored(x: float, y: float) -> Point:
    return WIDTH - x, y


def _moved(path: tuple[Command, ...], place: Place) -> tuple[Command, ...]:
    return tuple((letter, tuple(place(x, y) for x, y in points)) for letter, points in path)


def _circle(x: float, y: float, radius: float) -> str:
    k = 0.5523 * radius
    r = radius
    return (
        f"M {x} {y - r} C {x + k} {y - r} {x + r} {y - k} {x + r} {y} C {x + r} {y + k} {x + k} {y + r} {x} {y + r} "
        f"C {x - k} {y + r} {x - r} {y + k} {x - r} {y} C {x - r} {y - k} {x - k} {y - r} {x} {y - r} Z"
    )


_WHEELS = ((78, 28), (322, 28))  # s, h
_BUMPER = (
    "M -72 29 L -46 31 L -36 34 L 36 34 L 46 31 L 72 29 "
    "C 75 38 73 48 66 53 C 40 58 -40 58 -66 53 C -73 48 -75 38 -72 29 Z"
)
_LIGHT = "M -70 7 L -41 10 L -39 27 L -46 28 L -70 25 C -73 20 -73 12 -70 7 Z"
_BETWEEN_LIGHTS = "M -36 10 L 36 10 L 34 30 L -34 30 Z"

# Panels in the middle: label -> pieces, each with where it is drawn; then the label's place, and characters of room.
_MIDDLE_PANELS: dict[str, tuple[list[tuple[str, Place]], Point, int]] = {
    "front_bumper": ([(_BUMPER, _front)], _front(0, 45), 9),
    "grille": ([(_BETWEEN_LIGHTS, _front)], _front(0, 20), 5),
    "hood": (
        [("M -60 26 C -40 14 -20 10 0 10 C 20 10 40 14 60 26 L 66 112 C 40 104 -40 104 -66 112 Z", _above)],
        _above(0, 60),
        9,
    ),
    "front_glass": (
        [("M -66 117 C -40 109 40 109 66 117 L 52 171 C 30 166 -30 166 -52 171 Z", _above)],
        _above(0, 139),
        9,
    ),
    "roof": (
        [("M -51 176 C -30 171 30 171 51 176 L 51 270 C 30 275 -30 275 -51 270 Z", _above)],
        _above(0, 223),
        9,
    ),
    "back_glass": (
        [("M -51 275 C -30 280 30 280 51 275 L 62 322 C 40 330 -40 330 -62 322 Z", _above)],
        _above(0, 302),
        9,
    ),
    "trunk_or_tailgate": (
        [
            ("M -63 327 C -40 335 40 335 63 327 L 60 384 C 40 392 -40 392 -60 384 Z", _above),
            (_BETWEEN_LIGHTS, _back),
        ],
        _above(0, 360),
        9,
    ),
    "back_bumper": ([(_BUMPER, _back)], _back(0, 45), 9),
}

# The vehicle's left; the right is its mirror image.
_LEFT_PANELS: dict[str, tuple[list[tuple[str, Place]], Point, int]] = {
    "front_left_light": ([(_LIGHT, _front)], _front(-55, 17), 2),
    "left_fender": (
        [
            (
                "M 22 61 C 52 72 92 82 128 88 L 128 30 L 116 30 C 116 51 99 68 78 68 C 57 68 40 51 40 30 L 24 32 "
                "C 22 40 21 52 22 61 Z",
                _left,
            )
        ],
        _left(113, 67),
        3,
    ),
    "left_mirror": ([("M -76 126 C -86 121 -98 124 -98 134 C -98 143 -90 147 -77 145 Z", _above)], _above(-87, 135), 2),
    "front_left_door": (
        [("M 131 88 L 131 32 L 213 32 L 213 129 C 200 129 190 127 182 122 Z", _left)],
        _left(172, 66),
        5,
    ),
    "back_left_door": (
        [("M 216 32 L 281 32 C 282 48 288 60 297 66 L 300 96 L 286 122 C 266 128 240 129 216 129 Z", _left)],
        _left(250, 66),
        5,
    ),
    "left_sill": ([("M 118 28 L 282 28 L 280 14 C 226 12 174 12 120 14 Z", _left)], _left(200, 20), 2),
    "left_quarter_panel": (
        [
            (
                "M 303 97 L 291 121 C 306 115 322 104 338 96 L 382 91 C 387 82 388 72 386 62 L 374 60 L 372 32 "
                "L 360 30 C 360 51 343 68 322 68 C 313 68 305 66 300 63 Z",
                _left,
            )
        ],
        _left(340, 82),
        4,
    ),
    "back_left_light": ([(_LIGHT, _back)], _back(-55, 17), 2),
}

# A bumper wraps round the corners.
_CORNERS = {
    "front_bumper": "M 19 60 C 10 57 5 54 4 48 L 4 40 C 5 34 12 31 21 32 C 19 40 18 52 19 60 Z",
    "back_bumper": "M 377 57 L 388 58 C 395 56 397 52 396 46 L 395 38 C 393 33 386 31 375 33 Z",
}


def _pieces(pieces: list[tuple[str, Place]]) -> tuple[Command, ...]:
    return tuple(command for path, place in pieces for command in _moved(parse(path), place))


def _shapes() -> dict[str, PanelShape]:
    shapes = {}
    for label, (pieces, at, room) in _MIDDLE_PANELS.items():
        path = _pieces(pieces)
        if label in _CORNERS:
            corner = _moved(parse(_CORNERS[label]), _left)
            path = (*path, *corner, *_moved(corner, _mirrored))
        shapes[label] = PanelShape(path, (at,), room)
    for label, (pieces, at, room) in _LEFT_PANELS.items():
        path = _pieces(pieces)
        shapes[label] = PanelShape(path, (at,), room)
        shapes[mirror(label)] = PanelShape(_moved(path, _mirrored), (_mirrored(*at),), room)
    tyres = [_moved(parse(_circle(s, h, 28)), _left) for s, h in _WHEELS]
    tyres += [_moved(tyre, _mirrored) for tyre in tyres]
    hubs = [_left(s, h) for s, h in _WHEELS]
    shapes["wheel"] = PanelShape(
        tuple(command for tyre in tyres for command in tyre), (*hubs, *(_mirrored(*hub) for hub in hubs)), 3
    )
    return shapes


def _decoration(*pieces: tuple[str, Place], twice: bool = False) -> tuple[Command, ...]:
    path = _pieces(list(pieces))
    return (*path, *_moved(path, _mirrored)) if twice else path


# By label of `coverage.PANELS`.
SHAPES: dict[str, PanelShape] = _shapes()

_SILHOUETTE = (
    "M 1 47 C 3 56 10 60 20 64 C 52 75 92 85 130 91 L 181 125 C 192 131 204 132 214 132 C 240 132 268 131 290 125 "
    "C 308 118 324 107 339 99 L 384 94 C 390 84 391 74 390 61 C 398 58 400 50 399 42 L 397 34 C 392 29 384 28 372 28 "
    "L 282 11 L 118 11 L 36 28 L 20 29 C 10 30 3 34 1 40 Z"
)
_END = "M -73 4 C -40 0 40 0 73 4 C 78 20 78 44 69 56 C 40 61 -40 61 -69 56 C -78 44 -78 20 -73 4 Z"

# Below the panels: the body, of which the gaps between panels are seen, and the arches of the wheels.
BODY: tuple[tuple[Command, ...], ...] = (
    _decoration(
        (
            "M -70 30 C -66 10 -30 3 0 3 C 30 3 66 10 70 30 C 74 60 76 90 75 120 L 74 150 L 74 290 L 75 330 "
            "C 75 360 72 385 66 393 C 40 399 -40 399 -66 393 C -72 385 -75 360 -75 330 L -74 290 L -74 150 L -75 120 "
            "C -76 90 -74 60 -70 30 Z",
            _above,
        ),
        (_END, _front),
        (_END, _back),
    ),
    _decoration((_SILHOUETTE, _left), twice=True),
    _decoration(*((_circle(s, 29, 36), _left) for s, _ in _WHEELS), twice=True),
)
# Over the panels: windows of the doors, seen from the side and from above, and hubs. They belong to the panels below.
GLASS: tuple[Command, ...] = _decoration(
    ("M 151 93 L 209 94 L 209 124 C 199 124 192 122 185 117 Z", _left),
    ("M 220 94 L 291 97 L 281 118 C 262 123 240 124 220 124 Z", _left),
    ("M -70 124 L -56 177 L -56 269 L -69 316 L -71 269 L -71 177 Z", _above),
    *((_circle(s, h, 17), _left) for s, h in _WHEELS),
    twice=True,
)

# Words on the map: text, middle, baseline.
WORDS: tuple[tuple[str, float, float], ...] = (
    ("front", _MIDDLE, 13),
    ("back", _MIDDLE, HEIGHT - 3),
    ("left side", 66, 74),
    ("right side", WIDTH - 66, 74),
)
