"""`crumple serve`: the HTTP service, with its page."""

import ipaddress
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer

from crumple.cli.shared import options as o
from crumple.detect.detector import load_detector
from crumple.errors import CrumpleError, MissingExtraError


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port. [default: SAGEMAKER_BIND_TO_PORT or 8080]", show_default=False),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of what is kept. [default: crumple-data]", show_default=False)
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="postgresql://... [default: SQLite in --data]", show_default=False)
    ] = None,
    photos: Annotated[
        str | None, typer.Option(help="Folder, s3:// or gs:// for photos. [default: in --data]", show_default=False)
    ] = None,
    model: o.Model = None,
    rules: o.Rules = None,
    accurate: o.Accurate = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Photos assessed at a time. [default: one per core]", show_default=False)
    ] = None,
    allow_urls: Annotated[
        str | None,
        typer.Option(
            help="What URLs of photos may begin with, as https://,s3://claims/. [default: none]", show_default=False
        ),
    ] = None,
    stateless: Annotated[
        bool, typer.Option("--stateless", help="Keep nothing and show no page: /ping, /invocations, /v1/assessments.")
    ] = False,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="Let anybody who reaches --host ask, without a token.")
    ] = False,
) -> None:
    """An HTTP service on `crumple assess`, with inspections that are kept, and a page to work in.

    All settings, the bearer token among them, are variables too: CRUMPLE_SERVE_TOKEN, CRUMPLE_SERVE_MAX_BODY, ...; see
    docs/serve.md. Ctrl-C or SIGTERM finishes what was accepted, then ends.
    """
    try:
        from crumple.serve.settings import load_settings
    except ImportError as error:
        raise _missing(error) from None

    given: dict[str, Any] = {
        "data": data,
        "database": database,
        "photos": photos,
        "model": model,
        "rules": rules,
        "workers": workers,
        "allow_urls": allow_urls,
    }
    if stateless:
        given |= {"inspections": False, "page": False}
    if anonymous:
        given["anonymous"] = True
    if accurate:
        given["accurate"] = True
    host = host.strip("[]")
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    if settings.token is None and not settings.anonymous and not _is_loopback(host):
        raise CrumpleError(
            f"--host {host}: without a token only this machine may ask; set CRUMPLE_SERVE_TOKEN, or say --anonymous"
        )
    port = _port() if port is None else port
    _check_free(host, port)
    with ThreadPoolExecutor(1) as background:
        # Compiling the network takes most of a start and not Python's lock: everything else is imported meanwhile.
        detector = background.submit(load_detector, settings.model_folder(), settings.workers)
        try:
            from crumple.serve.server import run_server
        except ImportError as error:
            raise _missing(error) from None
    run_server(settings, host, port, detector.result())


def _missing(error: ImportError) -> ImportError | MissingExtraError:
    """What to say of an import that failed: a package of the extra, or else a mistake of ours."""
    if error.name is None or error.name.startswith("crumple"):
        return error
    return MissingExtraError(error.name.split(".")[0], "serve")


def _check_free(host: str, port: int) -> None:
    """Before the model is loaded, which takes seconds."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        raise CrumpleError(
            f"{host}, port {port}: cannot listen there ({reason}); give another --port or --host"
        ) from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _port() -> int:
    value = os.environ.get("SAGEMAKER_BIND_TO_PORT") or "8080"
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise CrumpleError(f"SAGEMAKER_BIND_TO_PORT is {value!r}; it must be a port, 1 to 65535")
    return int(value)
