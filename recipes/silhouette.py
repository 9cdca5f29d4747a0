"""The vehicle's silhouette in a photo whose parts are drawn: cv2.grabCut, seeded with the drawn parts."""

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]

WORK_SIZE = 256  # grabCut works on a copy of this size: four times faster, and the outline is smoothed anyway
ROUNDS = 4
MARGIN = 0.10  # how far beyond the drawn parts' hull the vehicle may reach, as a share of the hull's smaller side


def silhouette(photo: npt.NDArray[np.uint8], drawn: Mask) -> Mask:
    """Where the vehicle is.

    Args:
        photo: (H, W, 3) uint8.
        drawn: (H, W), true on every drawn part: surely vehicle.

    Returns:
        (H, W): the drawn parts and what grabCut adds to them inside their hull grown by MARGIN, holes filled.
    """
    height, width = drawn.shape
    small = cv2.resize(photo, (WORK_SIZE, WORK_SIZE), interpolation=cv2.INTER_AREA)
    sure = cv2.resize(drawn.astype(np.uint8), (WORK_SIZE, WORK_SIZE), interpolation=cv2.INTER_NEAREST)
    points = cv2.findNonZero(sure)
    if points is None:
        return np.zeros_like(drawn)
    hull = np.zeros_like(sure)
    cv2.fillConvexPoly(hull, cv2.convexHull(points), 1)
    _, _, wide, high = cv2.boundingRect(points)
    reach = max(3, round(MARGIN * min(wide, high)))
    grown = cv2.dilate(hull, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    trimap = np.full_like(sure, cv2.GC_BGD)
    trimap[grown > 0] = cv2.GC_PR_BGD
    trimap[hull > 0] = cv2.GC_PR_FGD
    trimap[sure > 0] = cv2.GC_FGD
    if (trimap == cv2.GC_BGD).sum() < 20:  # the vehicle fills the photo: nothing to learn the background from
        return cv2.resize(hull, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    cv2.setRNGSeed(1)
    cv2.grabCut(small, trimap, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_MASK)
    found = ((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)).astype(np.uint8)
    contours, _ = cv2.findContours(found, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros_like(found)
    cv2.drawContours(whole, [max(contours, key=cv2.contourArea)], -1, 1, cv2.FILLED)
    soft = cv2.resize(whole.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return (soft > 0.5) | drawn
