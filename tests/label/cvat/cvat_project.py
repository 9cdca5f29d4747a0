"""Small photos, a detector that finds the same on each, and a server that one is logged in to."""

from contextlib import contextmanager

import cv2
import numpy as np

from crumple.label.cvat.connection import Login
from crumple.label.cvat.project import make_project
from crumple.label.cvat.push import Push
from crumple.label.cvat.server import open_server
from crumple.label.draft import Drafter
from crumple.label.looker import Looker
from crumple.label.photos import LabelPhoto, read_photos
from crumple.label.reporter import Reporter
from crumple.storage import open_folder
from tests.fakes import Thing, fake_detector
from tests.label.cvat.fake_cvat import FakeCvat

HOOD = Thing("parts", "hood", (10, 10, 60, 60), 0.9)
DENT = Thing("damage", "dent", (20, 20, 40, 40), 0.7)
PROJECT = "Cars 2026"


class Heard(Reporter):
    """Remembers what was said, and how far the bars came."""

    def __init__(self):
        self.lines, self.totals, self.steps = [], {}, {}

    def say(self, line):
        self.lines.append(line)

    def begin(self, what, total):
        self.totals[what] = self.totals.get(what, 0) + total

    def advance(self, what, steps=1):
        self.steps[what] = self.steps.get(what, 0) + steps


def write_photos(folder, count, size=(100, 200)):
    """Photos p0.jpg ... of different greys; returns the folder as crumple.storage has it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        cv2.imwrite(str(folder / f"p{number}.jpg"), np.full((*size, 3), 20 + 11 * number, np.uint8))
    return open_folder(folder)


def drafter(things=(HOOD, DENT), **options):
    return Drafter(fake_detector(things), **options)


@contextmanager
def logged_in(fake: FakeCvat, user="annie"):
    with open_server(Login(fake.url, user, f"secret-of-{user}"), 0.01) as server:
        yield server


def push_all(fake, folder, user="annie", heard=None, photos: list[LabelPhoto] | None = None, draft=True, **options):
    """What `crumple label push` does. draft: whether there is one, or another one."""
    heard = heard or Heard()
    with logged_in(fake, user) as server:
        project = make_project(server, PROJECT, heard)
        looker = Looker(folder, drafter(), heard)
        options = {"size": 2, "reporter": heard, **options}
        drawn = looker.draft if draft is True else draft or None
        return Push(server, project, folder, draft=drawn, **options).run(photos or read_photos(folder))


def there(fake):
    """The photos on the server, by task and in order, by their own names."""
    return [[name.split(".")[0] for name, _ in frames] for _, frames in sorted(fake.state.frames.items())]


def shapes(fake):
    """All that is drawn there."""
    return [shape for drawn in fake.state.drawn.values() for shape in drawn["shapes"]]
