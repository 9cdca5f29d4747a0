"""A service that can be started many times a second: everything is imported once, and each start is a fork.

python -m tests.serve.crash_server DATA PORT    # a line on stdin starts a service, its process id is the answer
"""

import os
import sys
import time

import alembic.command  # noqa: F401 (imported when it is first used, which would be in every fork)
import uvicorn

from crumple.detect.detector import Detector
from crumple.serve.app import create_app
from crumple.serve.settings import Settings
from tests.fakes import FakeNetwork, fake_info
from tests.serve.running import THINGS


class SlowNetwork(FakeNetwork):
    """Takes long enough that some photos are always in work."""

    def __call__(self, canvas):
        time.sleep(0.02)
        return super().__call__(canvas)


def main(data: str, port: str) -> None:
    info = fake_info()
    settings = Settings(data=data, workers=2, page=False, webhook_private=True, webhook_base=0.05, join_after=0.02)
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            app = create_app(settings, Detector(SlowNetwork(info, THINGS), info))
            uvicorn.run(app, port=int(port), log_config=None, access_log=False)
            os._exit(0)
        print(pid, flush=True)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
