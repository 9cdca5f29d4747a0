"""A photo with its findings as they stand after review drawn on it."""

from crumple.assessment.draw import draw_overlay
from crumple.drawing.shapes import Picture
from crumple.serve.contract.images import Image


def reviewed_overlay(image: Image, rgb: Picture) -> Picture:
    """Draw what is left of an image's findings after review; one that a person confirmed is drawn as a likely one.

    Args:
        image: an assessed image; its findings keep the numbers that they have in the list.
        rgb: (H, W, 3) uint8, its photo, upright.
    Returns:
        (H, W, 3) uint8, a new picture; the photo as it is where the image has no assessment.
    """
    if image.assessment is None:
        return rgb
    numbered = [(i, one) for i, one in enumerate(image.findings, start=1) if one.review != "rejected"]
    findings = [
        one.model_copy(update={"likelihood": "likely"}) if one.review == "confirmed" else one for _, one in numbered
    ]
    # What a person drew has no score, which drawing does not look at.
    assessment = image.assessment.model_copy(update={"findings": findings})
    return draw_overlay(rgb, assessment, [number for number, _ in numbered])
