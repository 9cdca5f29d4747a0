import numpy as np

from crumple.drawing.chips import Swatch, chip, legend, paste
from crumple.drawing.placement import Rect


def test_a_chip_grows_with_its_font_and_its_text():
    small, large = (chip("dent", size, (255, 126, 0, 255), None) for size in (12, 48))
    assert large.height == 4 * small.height
    assert chip("dent, moderate", 12, (255, 126, 0, 255), None).width > small.width


def test_a_long_label_is_cut_to_the_picture():
    assert chip("14  " + "a very long name " * 10, 20, (0, 0, 0, 255), None, most=200).width <= 200


def test_the_legend_fits_and_shows_its_colours():
    lines = [Swatch("scratch", (255, 214, 10)), Swatch("dashed: possible", None)]
    panel = legend(lines, 20, most=120)
    assert panel.width <= 120
    pixels = np.asarray(panel.convert("RGB")).reshape(-1, 3)
    assert (np.abs(pixels.astype(int) - (255, 214, 10)).max(axis=1) < 12).sum() > 30


def test_paste_lays_stickers_over_the_picture_and_leaves_the_rest():
    after = np.zeros((60, 200, 3), np.uint8)
    sticker = chip("dent", 16, (255, 126, 0, 255), None)
    paste(after, [(sticker, Rect(10, 10, 10 + sticker.width, 10 + sticker.height))])
    assert after[10 + sticker.height // 2, 13].tolist() == [255, 126, 0]
    assert not after[:10].any() and not after[:, :10].any()
