"""The real service with a network that always finds the same: python served.py PORT DATA, settings by variable."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

import uvicorn

from crumple.serve.app import create_app
from crumple.serve.server import Server
from crumple.serve.settings import Settings
from tests.fakes import Thing, fake_detector

# Canvas pixels; a photo of 640 x 320 fills the canvas of 200 x 100, so photo pixels are 3.2 times as many.
THINGS = (
    Thing("parts", "front_left_door", (20, 20, 90, 80), 0.95),
    Thing("parts", "back_left_door", (95, 20, 170, 80), 0.9),
    Thing("damage", "dent", (30, 30, 60, 55), 0.9),
    Thing("damage", "scratch", (110, 40, 140, 60), 0.45),
)


def main() -> None:
    port, data = int(sys.argv[1]), Path(sys.argv[2])
    app = create_app(Settings(data=data, workers=1), fake_detector(THINGS))
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")
    Server(config, app).run()


if __name__ == "__main__":
    main()
