from crumple.dataset.pasted import PANELS
from crumple.taxonomy import PARTS, without_side


def test_every_part_is_a_panel_that_takes_damage_or_glass_lamp_mirror_wheel_or_grille():
    rest = {without_side(name) for name in PARTS if not name.endswith(PANELS)}
    assert rest == {"back_glass", "front_glass", "back_light", "front_light", "mirror", "wheel", "grille"}
