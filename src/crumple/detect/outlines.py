"""Outlines of masks as polygons, along the edges of their pixels."""

import numpy as np
import numpy.typing as npt

LARGE = 500_000  # pixels


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
    traced = _along_corners if tolerance >= 0.75 and bitmap.size > LARGE else _along_edges
    polygons: list[tuple[float, npt.NDArray[np.float64]]] = []
    for corners in traced(bitmap):
        if tolerance > 0:
            corners = np.asarray(cv2.approxPolyDP(corners, tolerance, closed=True), np.int32)
        if len(corners) >= 3:
            polygons.append((cv2.contourArea(corners), corners.reshape(-1, 2).astype(np.float64) + np.array([x, y])))
    return [polygon for _, polygon in sorted(polygons, key=lambda item: item[0], reverse=True)]


def _along_edges(bitmap: npt.NDArray[np.bool_]) -> list[npt.NDArray[np.int32]]:
    """Exact: each pixel doubled, so that odd coordinates are right or lower edges, even ones left or upper edges."""
    import cv2

    # Two bytes written at a time, 0x0101, and rows copied: three times as fast as resizing.
    wide = np.multiply(bitmap.view(np.uint8), np.uint16(257), dtype=np.uint16).view(np.uint8)
    contours, _ = cv2.findContours(np.repeat(wide, 2, axis=0), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return [(np.asarray(contour, np.int32) + 1) // 2 for contour in contours]


def _along_corners(bitmap: npt.NDArray[np.bool_]) -> list[npt.NDArray[np.int32]]:
    """In a quarter of the time: along the corners of pixels, a step inwards cut short by less than a pixel."""
    import cv2

    grown = cv2.copyMakeBorder(bitmap.view(np.uint8), 0, 1, 0, 1, cv2.BORDER_CONSTANT)
    corners = cv2.dilate(grown, np.ones((2, 2), np.uint8), anchor=(1, 1))
    contours, _ = cv2.findContours(corners, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return [np.asarray(contour, np.int32) for contour in contours]
