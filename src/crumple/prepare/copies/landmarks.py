"""Landmarks: corners of a photo that are found again in a copy, a crop or another shot of the same scene.

N, M = landmarks of two photos. Perceptual hashes say which pairs are worth comparing; this says which are the same.

Source: Rublee et al., "ORB: an efficient alternative to SIFT or SURF", ICCV 2011; Lowe's ratio test, "Distinctive image
features from scale-invariant keypoints", IJCV 2004, section 7.1; RANSAC, Fischler & Bolles, CACM 1981.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

SIDE = 384  # pixels of the square that photos are compared in
MOST = 400  # landmarks of a photo
RATIO = 0.8  # the best match must be this much nearer than the second best
TOLERANCE = 5.0  # pixels off the common arrangement
FEWEST = 8  # matches without which no arrangement is looked for


@dataclass(frozen=True, eq=False)
class Landmarks:
    """points: (N, 2) float32 xy pixels of the 384 x 384 square. descriptors: (N, 32) uint8, 256 bits each."""

    points: npt.NDArray[np.float32]
    descriptors: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Common:
    """count: landmarks that two photos share in one arrangement. area: share of the photo that they span, 0 to 1."""

    count: int
    area: float


def find_landmarks(rgb: npt.NDArray[np.uint8]) -> Landmarks:
    """The at most 400 strongest landmarks of a photo (H, W, 3) uint8, stretched to the square."""
    square = cv2.resize(rgb, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    keypoints, descriptors = cv2.ORB.create(MOST).detectAndCompute(cv2.cvtColor(square, cv2.COLOR_RGB2GRAY), None)
    points = np.array([keypoint.pt for keypoint in keypoints], np.float32).reshape(-1, 2)
    return Landmarks(points, np.asarray(descriptors if len(keypoints) else np.empty((0, 32)), np.uint8))


def common_landmarks(one: Landmarks, other: Landmarks) -> Common:
    """How many landmarks one affine map takes from one photo to the other, and how much of the photo they span.

    A map may move, turn, scale and stretch: what cropping, another aspect ratio or a step aside do. Mirrored photos
    share nothing; compare with the mirror image.
    """
    if min(len(one.points), len(other.points)) < FEWEST:
        return Common(0, 0.0)
    nearest = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(one.descriptors, other.descriptors, k=2)
    matches = [best for best, second in nearest if best.distance < RATIO * second.distance]
    if len(matches) < FEWEST:
        return Common(0, 0.0)
    here, there = one.points[[m.queryIdx for m in matches]], other.points[[m.trainIdx for m in matches]]
    found, inliers = cv2.estimateAffine2D(here, there, method=cv2.RANSAC, ransacReprojThreshold=TOLERANCE)
    if found is None or not inliers.any():
        return Common(0, 0.0)
    agreed = inliers.ravel() > 0
    spans = [cv2.contourArea(cv2.convexHull(points[agreed])) for points in (here, there)]
    return Common(int(agreed.sum()), min(spans) / SIDE**2)
