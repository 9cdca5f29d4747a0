"""Looking at photos before they are labelled: the model's draft, how sure it is, and what the photo resembles."""

import numpy as np
import numpy.typing as npt

from crumple.label.annotations import LabelledObject
from crumple.label.draft import Drafter
from crumple.label.order import uncertainty
from crumple.label.photos import LabelPhoto, decode
from crumple.label.reporter import Reporter
from crumple.prepare.copies.hashes import perceptual_hash
from crumple.storage import Folder

Draft = tuple[list[LabelledObject], tuple[int, int]]


class Looker:
    """Looks at the photos of one folder. drafter: None: no model is needed."""

    def __init__(self, folder: Folder, drafter: Drafter | None = None, reporter: Reporter | None = None) -> None:
        self.folder = folder
        self.drafter = drafter
        self.reporter = reporter or Reporter()
        self._drafts: dict[str, Draft] = {}  # of photos that were looked at for the order, until they are drafted

    def draft(self, photo: LabelPhoto) -> Draft:
        """What the model finds, and the photo's height and width."""
        return self._drafts.pop(photo.sha256, None) or self._look(photo)[0]

    def uncertainty(self, photo: LabelPhoto) -> float:
        """See `crumple.label.order.uncertainty`."""
        self._drafts[photo.sha256], unsure = self._look(photo)
        self.reporter.advance("photos looked at")
        return unsure

    def hash(self, photo: LabelPhoto) -> int:
        """The perceptual hash, from the manifest or else from the photo."""
        self.reporter.advance("photos looked at")
        return photo.hash if photo.hash is not None else int(perceptual_hash(self._rgb(photo)))

    def _look(self, photo: LabelPhoto) -> tuple[Draft, float]:
        assert self.drafter is not None
        rgb = self._rgb(photo)
        detections = self.drafter.detector(rgb)
        drawn = self.drafter.draft(detections, rgb.shape[0], rgb.shape[1])
        return (drawn, (rgb.shape[0], rgb.shape[1])), uncertainty(detections, self.drafter.detector.info)

    def _rgb(self, photo: LabelPhoto) -> npt.NDArray[np.uint8]:
        return decode(self.folder.read(photo.name), self.folder.where(photo.name))
