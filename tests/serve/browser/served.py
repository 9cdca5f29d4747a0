"""The real service with a network that always finds the same: python served.py PORT DATA, settings by variable."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

import uvicorn

from crumple.detect.model_info import Calibration
from crumple.serve.app import create_app
from crumple.serve.server import Server
from crumple.serve.settings import Settings
from tests.fakes import Thing, fake_detector, fake_info

# Canvas pixels; a photo of 640 x 320 fills the canvas of 200 x 100, so photo pixels are 3.2 times as many.
# A dent on the front door and a scratch on the back one are likely; the other two are doubtful.
THINGS = (
    Thing("parts", "front_left_door", (20, 20, 90, 80), 0.95),
    Thing("parts", "back_left_door", (95, 20, 170, 80), 0.9),
    Thing("damage", "dent", (30, 30, 60, 55), 0.9),
    Thing("damage", "scratch", (110, 40, 140, 60), 0.45),
    Thing("damage", "scratch", (65, 62, 85, 76), 0.32),
    Thing("damage", "dent", (150, 25, 160, 35), 0.33),
)
INFO = fake_info(calibration={"damage": Calibration(slope=8, offset=0)})


def main() -> None:
    port, data = int(sys.argv[1]), Path(sys.argv[2])
    app = create_app(Settings(data=data, workers=1, join_after=0.2), fake_detector(THINGS, INFO))
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")
    Server(config, app).run()


if __name__ == "__main__":
    main()
