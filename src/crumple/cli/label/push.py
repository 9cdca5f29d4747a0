"""`crumple label push`: photos to a CVAT project, with the model's draft."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from crumple.cli.label.options import Cvat, project_name, reporting
from crumple.cli.shared.options import ModelText
from crumple.errors import DataError

if TYPE_CHECKING:
    from crumple.label.cvat.push import Arrange, Pushed
    from crumple.label.draft import Drafter
    from crumple.label.looker import Looker
    from crumple.label.photos import LabelPhoto
    from crumple.label.reporter import Reporter
    from crumple.storage import Folder


def label_push(
    source: Annotated[str, typer.Argument(help="What `crumple prepare` wrote, any folder of photos, gs://, s3://.")],
    project: Annotated[
        str,
        typer.Option(
            help="Name of the project; it is made if there is none.", show_default=False, callback=project_name
        ),
    ],
    task_size: Annotated[int, typer.Option(min=1, help="Photos of a task; groups are kept together.")] = 50,
    limit: Annotated[int | None, typer.Option(min=1, help="New photos to push at most. [default: all]")] = None,
    order: Annotated[Literal["as-is", "uncertain", "diverse"], typer.Option(help="Which photos come first.")] = "as-is",
    draft: Annotated[
        Literal["polygon", "mask", "none"], typer.Option(help="What the model's draft is made of.")
    ] = "polygon",
    tolerance: Annotated[
        float, typer.Option(min=0, help="Pixels that a polygon of the draft may run beside the mask's edge.")
    ] = 1.5,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Least score to draft. [default: the model's own]")
    ] = None,
    model: ModelText = None,
    review: Annotated[
        Path | None, typer.Option(help="Push the photos of this list of `crumple label check` again.")
    ] = None,
    labels: Annotated[Path | None, typer.Option(help="With --review: the version that the list is about.")] = None,
    hand_over_keys: Annotated[
        bool, typer.Option("--hand-over-keys", help="Give CVAT this machine's own keys to a bucket.")
    ] = False,
    *,
    cvat: Cvat,
) -> None:
    """Photos to a CVAT project: its labels, tasks of photos, and the model's draft to correct.

    Run it again to go on after an interruption, or to add what is new: no photo comes twice. Photos in gs:// and
    s3:// are not uploaded; CVAT reads them itself.
    """
    from crumple.label.cvat.project import make_project
    from crumple.label.cvat.push import Push
    from crumple.label.cvat.remembered import remember
    from crumple.label.cvat.review_draft import ReviewDraft
    from crumple.label.cvat.server import open_server
    from crumple.label.looker import Looker
    from crumple.label.photos import read_photos
    from crumple.storage import open_folder

    who = cvat.login()
    folder = open_folder(source)
    if (review is None) != (labels is None):
        raise DataError(
            "--review and --labels: give both, the list of `crumple label check` and the version it is about"
        )
    again = None if review is None or labels is None else ReviewDraft(review, labels)
    with reporting() as reporter, _alone(folder), open_server(who, cvat.poll) as server:
        reporter.begin("photos read", 0)
        photos = read_photos(folder, lambda: reporter.advance("photos read"))
        drafter = None
        if again is None and (draft != "none" or order == "uncertain"):
            drafter = _drafter(model, draft, tolerance, threshold)
        looker = Looker(folder, drafter, reporter)
        place = make_project(server, project, reporter)
        remember(cvat.url, place.id, str(folder.path.absolute()) if folder.path else str(folder))
        push = Push(
            server,
            place,
            folder,
            size=task_size,
            limit=limit,
            draft=again if again is not None else None if draft == "none" else looker.draft,
            notes=again.notes if again is not None else None,
            review=again.key if again is not None else None,
            hand_over_keys=hand_over_keys,
            reporter=reporter,
        )
        if again is not None:
            pushed = push.run(again.choose(photos))
        else:
            pushed = push.run(photos, _arrange(order, looker, reporter))
    # Behind the bars, which would break a long line.
    print(f"{_summary(pushed)}: {cvat.url.rstrip('/')}/projects/{place.id}")


def _drafter(model: str | None, draft: str, tolerance: float, threshold: float | None) -> "Drafter":
    from crumple.detect.detector import load_detector
    from crumple.label.draft import Drafter

    return Drafter(load_detector(model), "mask" if draft == "mask" else "polygon", tolerance, threshold)


def _arrange(order: str, looker: "Looker", reporter: "Reporter") -> "Arrange":
    from crumple.label.order import most_different_first, most_uncertain_first

    def arrange(new: "Sequence[LabelPhoto]", present: "Sequence[LabelPhoto]") -> "Sequence[LabelPhoto]":
        if order == "uncertain":
            reporter.begin("photos looked at", len(new))
            return most_uncertain_first(new, looker.uncertainty)
        if order == "diverse":
            reporter.begin("photos looked at", len(new) + len(present))
            return most_different_first(new, looker.hash, [looker.hash(photo) for photo in present])
        return new

    return arrange


def _summary(pushed: "Pushed") -> str:
    parts = [f"{pushed.photos} photos pushed in {pushed.tasks} tasks"]
    if pushed.drafted:
        parts.append(f"{pushed.objects} objects drafted on {pushed.drafted}")
    if pushed.present:
        parts.append(f"{pushed.present} were there")
    return ", ".join(parts)


def _alone(folder: "Folder") -> AbstractContextManager[None]:
    """Two pushes of the same photos at once would both find them missing."""
    from crumple.folder_lock import only_process

    if folder.path is None or not folder.path.is_dir():
        return nullcontext()
    return only_process(folder.path, "pushes these photos or works on them", instead="wait for it")
