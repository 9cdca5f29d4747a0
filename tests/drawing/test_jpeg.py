from io import BytesIO

import numpy as np
from PIL import Image

from crumple.drawing.jpeg import jpeg


def test_jpeg_limits_the_longer_side_and_never_enlarges():
    wide = np.zeros((300, 2000, 3), np.uint8)
    assert Image.open(BytesIO(jpeg(wide, max_side=1000))).size == (1000, 150)
    assert Image.open(BytesIO(jpeg(Image.fromarray(wide[:, :400])))).size == (400, 300)
