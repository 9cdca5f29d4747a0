"""The process that serves: uvicorn, which on SIGTERM or Ctrl-C stops listening and finishes what was accepted."""

import sys
from contextlib import suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI

from crumple.detect.detector import Detector
from crumple.errors import CrumpleError
from crumple.serve.app import create_app
from crumple.serve.http.logs import log_to_stderr
from crumple.serve.service import open_service
from crumple.serve.settings import Settings


class Server(uvicorn.Server):
    """uvicorn that ends the service's streams as soon as it is asked to end itself."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.started:
            self._app.state.service.end_streams()
        super().handle_exit(sig, frame)


def run_server(settings: Settings, host: str, port: int, detector: Detector) -> None:
    """Serve until told to end. Raises CrumpleError for what stands in the way."""
    where = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    print(f"crumple serve: {where}{_access(settings)}", file=sys.stderr, flush=True)
    with open_service(settings, detector) as service:
        log_to_stderr()
        app = create_app(settings, service=service)
        server = Server(uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False), app)
        # It has ended in order by then, and passes the signal on; or it could not listen.
        with suppress(KeyboardInterrupt, SystemExit):
            server.run()
        if not server.started:
            raise CrumpleError(f"{where}: cannot listen there; the lines above say why")


def _access(settings: Settings) -> str:
    if settings.token is not None:
        return ", with a bearer token"
    if settings.anonymous:
        return ", open to anybody who reaches it (--anonymous)"
    return ", for this machine only: no token is set"
