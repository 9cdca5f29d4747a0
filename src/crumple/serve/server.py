"""The process that serves: uvicorn, which on SIGTERM or Ctrl-C stops listening and finishes what was accepted."""

import sys
from types import FrameType

import uvicorn
from fastapi import FastAPI

from crumple.serve.app import create_app
from crumple.serve.logs import log_to_stderr
from crumple.serve.settings import Settings


class Server(uvicorn.Server):
    """uvicorn that tells the app as soon as it is asked to end, so that streams without an end of their own stop."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._app.state.changes.close()
        super().handle_exit(sig, frame)


def run_server(settings: Settings, host: str, port: int) -> None:
    """Serve until told to end."""
    app = create_app(settings)
    config = uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, server_header=False)
    log_to_stderr()
    where = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    print(f"crumple serve: {where}{_access(settings)}", file=sys.stderr, flush=True)
    server = Server(config, app)
    server.run()
    if not server.started:
        sys.exit(1)


def _access(settings: Settings) -> str:
    if settings.token is not None:
        return ", with a bearer token"
    if settings.anonymous:
        return ", open to anybody who reaches it (--anonymous)"
    return ", for this machine only: no token is set"
