"""`crumple label status`: how far the labelling of a project is."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crumple.cli.label.options import Cvat, project_name

if TYPE_CHECKING:
    from crumple.label.cvat.server import Server


def label_status(
    project: Annotated[
        str | None,
        typer.Option(help="Name of a project. [default: all with labels of the taxonomy]", callback=project_name),
    ] = None,
    *,
    cvat: Cvat,
) -> None:
    """How far the labelling is: tasks, jobs and photos of each project, by stage and state of the job."""
    from rich.console import Console
    from rich.table import Table

    from crumple.label.cvat.project import find_project
    from crumple.label.cvat.schema import differences
    from crumple.label.cvat.server import open_server

    with open_server(cvat.login(), cvat.poll) as server:
        if project is not None:
            chosen = [find_project(server, project)]
        else:
            chosen = [one for one in server.projects() if not differences(server.labels(one["id"]))[0]]
        if not chosen:
            print(_nothing(server))
            return
        table = Table(box=None, header_style="bold")
        for heading in ("project", "stage", "state", "jobs", "photos"):
            table.add_column(heading, justify="right" if heading in ("jobs", "photos") else "left")
        for one in chosen:
            for row in _rows(server, one):
                table.add_row(*row)
    Console().print(table)


def _nothing(server: "Server") -> str:
    jobs = server.jobs()
    if not jobs:
        return f"{server.login.url}: no project has the labels of the taxonomy yet; `crumple label push` makes one"
    projects = ", ".join(f"#{number}" for number in sorted({job["project_id"] for job in jobs if job["project_id"]}))
    return (
        f"{server.login.url}: {server.user()} has {len(jobs)} jobs of projects ({projects}) that only their owner sees "
        "whole; ask for `crumple label status` there, or have the project assigned"
    )


def _rows(server: "Server", project: dict[str, Any]) -> list[list[str]]:
    from crumple.label.cvat.project import ORDINARY

    jobs, photos = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for job in server.jobs(project_id=project["id"]):
        where = job["stage"], job["state"]
        jobs[where] += 1
        photos[where] += job["frame_count"] if job["type"] == ORDINARY else 0  # of replicas, the same photos again
    empty = sum(1 for task in server.tasks(project["id"]) if not task.get("size"))
    rows = [[project["name"], *where, str(jobs[where]), str(photos[where])] for where in sorted(jobs)]
    if empty:
        rows.append([project["name"], "half uploaded", "push again", str(empty), "0"])
    return rows or [[project["name"], "empty", "", "0", "0"]]
