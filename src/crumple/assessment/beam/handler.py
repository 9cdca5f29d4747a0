"""The assessor as Beam's RunInference knows models: loaded once for each process, and shared by its threads."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from apache_beam.ml.inference.base import ModelHandler, PredictionResult

from crumple.assessment.beam.results import Assessed, Outcome, Part, Rejected, to_row
from crumple.assessment.pipeline import Assessor
from crumple.assessment.severity import Rules
from crumple.assessment.stopwatch import Stopwatch
from crumple.beam import store
from crumple.beam.progress import Stopped, in_hand
from crumple.detect.detector import load_detector
from crumple.errors import CrumpleError, PhotoError
from crumple.photo import decode_photo


class AssessorHandler(ModelHandler[Part, PredictionResult, Assessor]):
    """Reads, decodes and assesses the photos of a part, one after the other: memory is that of a photo.

    Args:
        source: folder of the photos, as a path or URL that the workers can reach.
        model: folder of an exported model; None: the released one.
        rules, min_score: see `Assessor`.
        accurate: see `load_detector`.
    """

    def __init__(
        self, source: str, model: str | None, rules: Rules, min_score: float | None, *, accurate: bool
    ) -> None:
        super().__init__()
        self.source, self.model, self.rules, self.min_score = source, model, rules, min_score
        self.accurate = accurate

    def load_model(self) -> Assessor:
        return Assessor(load_detector(self.model, accurate=self.accurate), self.rules, self.min_score)

    def run_inference(
        self, batch: Sequence[Part], model: Assessor, inference_args: dict[str, Any] | None = None
    ) -> Iterable[PredictionResult]:
        """Each part with the outcomes of its photos: `Assessed` or `Rejected`. A run that is over gives no more."""
        with suppress(Stopped):
            for part in batch:
                outcomes = []
                for name in part.stamps:
                    with in_hand(photos=1):
                        outcomes.append(self.outcome(name, model))
                yield PredictionResult(part, outcomes)

    def outcome(self, name: str, assessor: Assessor) -> Outcome:
        """What becomes of one photo. What it provokes is its own affair; a model that is at fault ends the run."""
        watch = Stopwatch()
        try:
            with watch("decode"):
                photo = decode_photo(store.read_photo_file(store.join(self.source, name)))
            assessment, _ = assessor.inspect(photo, name=name, watch=watch)
            return Assessed(to_row(assessment))
        except PhotoError as error:
            return Rejected(name, "unreadable", str(error).removeprefix("photo: "))
        except (CrumpleError, OSError):
            raise
        except Exception as error:
            return Rejected(name, "failed", f"{type(error).__name__}: {' '.join(str(error).split()):.200}")

    def batch_elements_kwargs(self) -> Mapping[str, Any]:
        return {"min_batch_size": 1, "max_batch_size": 1}  # a part is a batch

    def get_num_bytes(self, batch: Sequence[Part]) -> int:
        return sum(len(os.fsencode(name)) for part in batch for name in part.stamps)
