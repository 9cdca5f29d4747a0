"""One colour per class, for overlay pictures and reports alike: cool and quiet for parts, warm and loud for damage.

Damage colours differ in lightness and not only in hue, so that they stay apart for colour-blind eyes and in grey
print; names are always written beside colours.
"""

import colorsys
import zlib

RGB = tuple[int, int, int]

DAMAGE_COLOURS: dict[str, RGB] = {
    "scratch": (255, 214, 10),
    "dent": (255, 126, 0),
    "broken_or_missing": (232, 20, 40),
    "primer_exposed": (255, 176, 150),
    "lamp_damage": (255, 59, 148),
    "airbag_deployed": (164, 20, 140),
    "glass_crack": (255, 248, 200),
    "hood_damage": (92, 32, 0),
}

PART_COLOURS: dict[str, RGB] = {
    "back_bumper": (72, 92, 196),
    "back_glass": (94, 210, 210),
    "back_left_door": (56, 128, 232),
    "back_left_light": (150, 226, 190),
    "back_right_door": (128, 180, 255),
    "back_right_light": (60, 176, 124),
    "front_bumper": (122, 136, 232),
    "front_glass": (40, 160, 170),
    "front_left_door": (24, 88, 184),
    "front_left_light": (186, 240, 214),
    "front_right_door": (168, 206, 255),
    "front_right_light": (30, 140, 92),
    "hood": (104, 198, 255),
    "left_mirror": (196, 232, 140),
    "right_mirror": (124, 176, 64),
    "tailgate": (70, 170, 220),
    "trunk": (20, 116, 150),
    "wheel": (150, 162, 178),
    "grille": (52, 62, 92),
    "left_fender": (24, 98, 104),
    "left_quarter_panel": (116, 84, 188),
    "left_sill": (84, 104, 152),
    "right_fender": (112, 182, 178),
    "right_quarter_panel": (178, 160, 236),
    "right_sill": (132, 150, 206),
    "roof": (206, 214, 246),
}

BLACK: RGB = (20, 20, 22)
WHITE: RGB = (255, 255, 255)


def damage_colour(label: str) -> RGB:
    """The colour of a damage class; one outside the table gets a warm colour that depends on its name alone."""
    return DAMAGE_COLOURS.get(label) or _by_name(label, first_hue=-0.08, hues=0.22, saturation=0.9)


def part_colour(label: str) -> RGB:
    """The colour of a part; one outside the table gets a cool colour that depends on its name alone."""
    return PART_COLOURS.get(label) or _by_name(label, first_hue=0.42, hues=0.28, saturation=0.55)


def ink(colour: RGB) -> RGB:
    """Black or white, whichever can be read on the colour better (WCAG 2 relative luminance)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (value / 255 for value in colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return BLACK if luminance > 0.179 else WHITE


def css(colour: RGB) -> str:
    """The colour as #rrggbb."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _by_name(label: str, first_hue: float, hues: float, saturation: float) -> RGB:
    step = zlib.crc32(label.encode()) % 64
    red, green, blue = colorsys.hsv_to_rgb((first_hue + hues * step / 64) % 1, saturation, 0.65 + 0.35 * (step % 8) / 7)
    return round(red * 255), round(green * 255), round(blue * 255)
