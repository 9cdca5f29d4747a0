"""Outlines of masks as polygons, along the edges of their pixels."""

import numpy as np
import numpy.typing as npt


def outlines(
    bitmap: npt.NDArray[np.bool_], x: int = 0, y: int = 0, *, tolerance: float = 0.75
) -> list[npt.NDArray[np.float64]]:
    """Polygons (P, 2) xy round each piece of `bitmap` (h, w), whose top left pixel is (x, y); largest first.

    They run along pixel edges, not through pixel centres, so that a scratch one pixel wide keeps its area; then each is
    simplified to within `tolerance` pixels (0: exact). Holes cannot be said in COCO polygons: the RLE has them.
    """
    import cv2

    if not bitmap.size:
        return []
    # Each pixel doubled: odd coordinates are right or lower edges, even ones left or upper edges.
    # Two bytes written at a time, 0x0101, and rows copied: three times as fast as resizing.
    wide = np.multiply(bitmap.view(np.uint8), np.uint16(257), dtype=np.uint16).view(np.uint8)
    doubled = np.repeat(wide, 2, axis=0)
    contours, _ = cv2.findContours(doubled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    polygons: list[tuple[float, npt.NDArray[np.float64]]] = []
    for contour in contours:
        corners = (contour + 1) // 2
        if tolerance > 0:
            corners = cv2.approxPolyDP(corners.astype(np.int32), tolerance, closed=True)
        if len(corners) >= 3:
            polygons.append((cv2.contourArea(corners), corners.reshape(-1, 2).astype(np.float64) + np.array([x, y])))
    return [polygon for _, polygon in sorted(polygons, key=lambda item: item[0], reverse=True)]
