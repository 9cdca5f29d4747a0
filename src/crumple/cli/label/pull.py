"""`crumple label pull`: finished labels of a CVAT project into a version folder."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crumple.cli.label.options import Cvat, project_name, reporting
from crumple.errors import CrumpleError, DataError

if TYPE_CHECKING:
    from crumple.label.cvat.pull import Pulled
    from crumple.label.reporter import Reporter


def label_pull(
    project: Annotated[str, typer.Option(help="Name of the project.", show_default=False, callback=project_name)],
    out: Annotated[Path, typer.Option(help="Version folder to write; it must not be there yet.", show_default=False)],
    photos: Annotated[
        list[str] | None,
        typer.Option(help="Folder that was pushed; several, one --photos each. [default: those pushed from here]"),
    ] = None,
    state: Annotated[str, typer.Option(help="States of the jobs to take, with commas, or all.")] = "completed",
    stage: Annotated[str, typer.Option(help="Stages of the jobs to take, with commas, or all.")] = "all",
    images: Annotated[bool, typer.Option("--images", help="Put the photos into the version too.")] = False,
    *,
    cvat: Cvat,
) -> None:
    """Finished labels of a project as COCO, with where each comes from; a version is written once, never changed.

    Writes annotations.json, manifest.json, and data.yaml to train on. Exit code 1 if something drawn could not be
    taken, such as a track; each is told, and stands in the manifest.
    """
    from crumple.cli.shared.out_folder import check_out, writing_to
    from crumple.label.cvat.places import read_places
    from crumple.label.cvat.project import open_project
    from crumple.label.cvat.pull import STAGES, STATES, pull
    from crumple.label.cvat.remembered import remembered
    from crumple.label.cvat.server import open_server
    from crumple.label.versions.version import refuse_existing, write_version

    states, stages = _chosen("--state", state, STATES), _chosen("--stage", stage, STAGES)
    who = cvat.login()
    refuse_existing(out)
    check_out(out.parent)
    with reporting() as reporter, open_server(who, cvat.poll) as server:
        found = open_project(server, project, reporter)
        reporter.begin("photos read", 0)
        pushed = remembered(cvat.url, found.id)
        places = read_places(photos or (), pushed, reporter, lambda: reporter.advance("photos read"))
        where = places.root if places else None
        if images and (places is None or not places.local):
            raise DataError(
                f"--images: the photos lie {where or 'nowhere known'}; give --photos, their folder on this machine"
            )
        if places is None:
            reporter.say("where the photos lie is not known here; give --photos to train on the result")
        pulled = pull(
            server,
            found,
            places.photos if places else None,
            keys=places.keys if places else None,
            states=states,
            stages=stages,
            reporter=reporter,
        )
        _tell(pulled, reporter)
    with writing_to(out.parent):
        write_version(out, pulled.photos, pulled.manifest, names=found.names, images=where, copy_images=images)
    print(f"{len(pulled.photos)} photos, {pulled.objects} objects: {out}")
    if pulled.refused:
        raise typer.Exit(1)


def _chosen(option: str, text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    if text == "all":
        return known
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in known:
            raise CrumpleError(f"{option} {text}: {name!r} is none of {', '.join(known)}, or all")
    return names


def _tell(pulled: "Pulled", reporter: "Reporter") -> None:
    for (stage, state), count in sorted(pulled.unfinished.items()):
        reporter.say(f"{count} jobs left out: {state} in {stage}")
    for task, frames in sorted(pulled.left_out.items()):
        if frames:
            names = ", ".join(sorted(frames.values())[:3]) + (" ..." if len(frames) > 3 else "")
            reporter.say(
                f"task {task!r}: {len(frames)} photos left out, which were not pushed from the folders known here: "
                f"{names}; if they count, give their folder with --photos, beside the others"
            )
    splits = {photo.split for photo in pulled.photos if photo.split}
    if splits and "val" not in splits and all(photo.split for photo in pulled.photos):
        reporter.say(
            f"all photos are of the split {' or '.join(sorted(splits))}: `crumple evaluate` needs some of val; finish "
            "jobs of a task of the subset val"
        )
    reasons = Counter((one.job, one.label, one.reason) for one in pulled.refused)
    for (job, label, reason), count in sorted(reasons.items()):
        reporter.say(f"job {job}: {count} x {label} not taken: {reason}")
