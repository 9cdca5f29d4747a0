"""Agreement: how many drawn damages a finding of their class meets, beside how many a second person draws again.

People who draw the same photo twice agree by half of the area on one scratch in six. So a model is judged by how often
it meets a drawn damage, and that by what a second person reaches. N photos, S resamples.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.measures.bootstrap import Share, ratio, share
from crumple.evaluate.measures.meeting import MEETS, PhotoMeeting
from crumple.evaluate.measures.pixels import ANY
from crumple.taxonomy import DAMAGE_BRANCH

OVERLAPS = (MEETS, 0.3, 0.5)  # mask IoU
SECOND_PERSON = Path(__file__).with_name("second_person.json")


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SecondPerson(_Record):
    """Of `drawings` by one person, the share that a second person drew again, at each of OVERLAPS."""

    drawings: int
    met: tuple[float, ...]


class ClassAgreement(_Record):
    """One class, or "any": every object counts alike, and still has to be met by a finding of its own class.

    met: of the drawn objects, crowds left out, those that a finding of their class overlaps, at each of OVERLAPS.
    meeting: of the findings, those that meet a drawn object of their class (mask IoU 0.1); what lies on a crowd alone
        does not count.
    second_person: None where nobody measured it.
    """

    name: str
    met: tuple[Share, ...]
    meeting: Share
    second_person: SecondPerson | None


class Agreement(_Record):
    """One branch at its operating point. overlaps: the mask IoUs of every `met`."""

    overlaps: tuple[float, ...]
    anything: ClassAgreement
    classes: tuple[ClassAgreement, ...]


class _People(_Record):
    """second_person.json."""

    source: str
    all: SecondPerson
    classes: dict[str, SecondPerson]


@cache
def people() -> _People:
    """What is known about people who drew the same photo twice."""
    return _People.model_validate(json.loads(SECOND_PERSON.read_text(encoding="utf-8")))


def agreement_counts(meetings: Sequence[PhotoMeeting], classes: Sequence[str]) -> np.ndarray:
    """(N, K, 6): by photo and class drawn objects, those met at each of OVERLAPS, findings, and those that meet one."""
    index = {label: k for k, label in enumerate(classes)}
    counts = np.zeros((len(meetings), len(classes), len(OVERLAPS) + 3))
    for photo, meeting in zip(counts, meetings, strict=True):
        iou = np.where(meeting.same, meeting.iou, 0.0)
        highest = iou.max(axis=0, initial=0.0)
        for region, solid, overlap in zip(meeting.drawn, meeting.solid, highest, strict=True):
            if solid:
                photo[index[region.label], : len(OVERLAPS) + 1] += (True, *(overlap >= at for at in OVERLAPS))
        meets = np.any(iou[:, meeting.solid] >= MEETS, axis=1)
        counted = meets | ~np.any(iou[:, ~meeting.solid] >= MEETS, axis=1)
        for region, hit, counts_at_all in zip(meeting.found, meets, counted, strict=True):
            photo[index[region.label], -2:] += (counts_at_all, hit)
    return counts


def agreement_figures(counts: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(S, K + 1) shares of the drawn objects that are met (mask IoU 0.1), and of the findings that meet one, by class;
    the last column takes all classes together.
    """
    sums = np.einsum("sn,nkf->skf", weights, counts)
    sums = np.concatenate([sums, sums.sum(axis=1, keepdims=True)], axis=1)
    return ratio(sums[..., 1], sums[..., 0]), ratio(sums[..., -1], sums[..., -2])


def agreement(
    counts: np.ndarray, classes: Sequence[str], weights: np.ndarray, branch: str = DAMAGE_BRANCH
) -> Agreement:
    """The figures of (N, K, 6) `agreement_counts`, with intervals over (S, N) `weights`."""
    of_people: Mapping[str, SecondPerson] = people().classes if branch == DAMAGE_BRANCH else {}
    of_all = people().all if branch == DAMAGE_BRANCH else None

    def row(name: str, one: np.ndarray, person: SecondPerson | None) -> ClassAgreement:
        drawn, *met, findings, meeting = one.T
        return ClassAgreement(
            name=name,
            met=tuple(share(hits, drawn, weights) for hits in met),
            meeting=share(meeting, findings, weights),
            second_person=person,
        )

    return Agreement(
        overlaps=OVERLAPS,
        anything=row(ANY, counts.sum(axis=1), of_all),
        classes=tuple(row(name, counts[:, k], of_people.get(name)) for k, name in enumerate(classes)),
    )
