"""A stand-in for AWS on this machine, to try `crumple deploy` without an account.

moto's server takes the requests (S3, SageMaker, CloudWatch ...). What moto only pretends is done here: an endpoint's
invocations go to the real service, started from the package that the endpoint's model names, with SageMaker's limits.
Nothing here knows what an instance, a role or a bill is.
"""

import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from crumple.deploy.description import s3_parts
from crumple.deploy.endpoint.ask import LARGEST, LARGEST_SERVERLESS
from crumple.deploy.moto_gaps import GAPS, MissingError, remember_isolation
from crumple.deploy.package.package import unpack
from crumple.errors import MissingExtraError
from crumple.files import write_aside

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
ANSWER_WITHIN = 60.0  # seconds, as at AWS
START_WITHIN = 120.0
HOP_BY_HOP = {"connection", "transfer-encoding", "host", "content-length", "date", "server"}


class StandIn:
    """Context manager. `variables` are what boto3 needs in the environment to come here.

    Args:
        serve: the container's command for serving; it finds the model below the folder that the environment names.
    """

    def __init__(self, port: int = 0, serve: tuple[str, ...] | None = None) -> None:
        try:
            from moto.server import ThreadedMotoServer
        except ModuleNotFoundError as error:
            raise MissingExtraError(str(error.name), "dev") from None
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it tells of every request
        self._moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._serve = serve or (sys.executable, "-m", "crumple", "serve", "--stateless")
        self._lock = threading.Lock()
        self._containers: dict[str, tuple[subprocess.Popen[bytes], int]] = {}  # by package and variables
        self._top = Path(tempfile.mkdtemp(prefix="crumple-stand-in-"))
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "StandIn":
        self._moto.start()
        host, port = self._moto.get_host_and_port()
        self.moto = f"http://{host}:{port}"
        ours = ("AWS_ENDPOINT_URL_SAGEMAKER", "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME")
        self.variables = {"AWS_ENDPOINT_URL": self.moto, **dict.fromkeys(ours, self.url), **CREDENTIALS}
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        for process, _port in self._containers.values():
            process.terminate()
        for process, _port in self._containers.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
        self._moto.stop()
        shutil.rmtree(self._top, ignore_errors=True)

    def client(self, service: str) -> Any:
        """A boto3 client of moto itself."""
        import boto3

        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        return boto3.client(service, endpoint_url=self.moto, **keys)

    def invoke(self, endpoint: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """POST /invocations of the container behind an endpoint: status, headers, body."""
        config = self._config(endpoint)
        serverless = any("ServerlessConfig" in variant for variant in config["ProductionVariants"])
        largest = LARGEST_SERVERLESS if serverless else LARGEST
        if len(body) > largest:
            return _error(413, "ValidationError", f"the body has {len(body)} bytes, and at most {largest} are taken")
        request = urllib.request.Request(f"{self._container(config)}/invocations", body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_WITHIN) as answer:
                return 200, dict(answer.headers) | {"x-Amzn-Invoked-Production-Variant": "crumple"}, answer.read()
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")
            message = f'Received error ({error.code}) from primary with message "{said}"'
            told = {"Message": message, "OriginalStatusCode": error.code, "OriginalMessage": said}
            return 424, {"x-amzn-ErrorType": "ModelError"}, json.dumps(told).encode()
        except (OSError, urllib.error.URLError):
            told = {"Message": "Your invocation timed out while waiting for a response from container primary"}
            return 424, {"x-amzn-ErrorType": "ModelError"}, json.dumps(told).encode()

    def invoke_later(self, endpoint: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """The same for a photo in S3; the answer goes there too."""
        config, s3 = self._config(endpoint), self.client("s3")
        output = config["AsyncInferenceConfig"]["OutputConfig"]
        bucket, key = s3_parts(headers["x-amzn-sagemaker-inputlocation"])
        name = f"{time.time_ns():x}.out"
        places = {
            "OutputLocation": f"{output['S3OutputPath']}/{name}",
            "FailureLocation": f"{output['S3FailurePath']}/{name}",
        }

        def work() -> None:
            photo = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            status, _, answer = self.invoke(endpoint, {"Content-Type": headers["x-amzn-sagemaker-content-type"]}, photo)
            to, path = s3_parts(places["OutputLocation" if status == 200 else "FailureLocation"])
            s3.put_object(Bucket=to, Key=path, Body=answer)

        threading.Thread(target=work, daemon=True).start()
        sent = {f"X-Amzn-SageMaker-{place}": url for place, url in places.items()}
        return 202, sent, json.dumps({"InferenceId": name}).encode()

    def _config(self, endpoint: str) -> dict[str, Any]:
        sagemaker = self.client("sagemaker")
        name = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
        return sagemaker.describe_endpoint_config(EndpointConfigName=name)  # type: ignore[no-any-return]

    def _container(self, config: dict[str, Any]) -> str:
        """URL of the running service for a configuration's package and variables; started if there is none."""
        model = self.client("sagemaker").describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
        package, given = model["PrimaryContainer"]["ModelDataUrl"], model["PrimaryContainer"].get("Environment", {})
        container = json.dumps([package, given], sort_keys=True)
        with self._lock:
            if container not in self._containers:
                self._containers[container] = self._start(package, given)
            return f"http://127.0.0.1:{self._containers[container][1]}"

    def _start(self, package: str, given: dict[str, str]) -> tuple[subprocess.Popen[bytes], int]:
        """A folder like /opt/ml, and `serve` on it with the variables `given`, once /ping says 200."""
        root = Path(tempfile.mkdtemp(dir=self._top))
        (root / "model").mkdir()
        bucket, key = s3_parts(package)
        self.client("s3").download_file(bucket, key, str(root / "model.tar.gz"))
        unpack(root / "model.tar.gz", root / "model")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        variables = os.environ | given | {"CRUMPLE_SERVE_ML_ROOT": str(root), "SAGEMAKER_BIND_TO_PORT": str(port)}
        process = subprocess.Popen(self._serve, env=variables, cwd=root)
        end = time.monotonic() + START_WITHIN
        while time.monotonic() < end and process.poll() is None:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=2):
                return process, port
            time.sleep(0.05)
        process.kill()
        raise RuntimeError(f"the container of {package} does not answer /ping")


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                status, headers, content = self._answer(body)
            except Exception as error:
                status, headers, content = _error(500, "InternalFailure", f"{type(error).__name__}: {error}")
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _answer(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            parts = self.path.partition("?")[0].strip("/").split("/")
            if len(parts) == 3 and parts[0] == "endpoints" and parts[2] == "invocations":
                kept = ("content-type", "accept", "x-amzn-sagemaker-custom-attributes")
                return stand_in.invoke(parts[1], {k: v for k, v in self.headers.items() if k.lower() in kept}, body)
            if len(parts) == 3 and parts[0] == "endpoints" and parts[2] == "async-invocations":
                return stand_in.invoke_later(parts[1], {k.lower(): v for k, v in self.headers.items()})
            operation = self.headers.get("X-Amz-Target", "")
            if operation in GAPS:
                try:
                    return 200, {}, json.dumps(GAPS[operation](json.loads(body))).encode()
                except MissingError as error:
                    return _error(400, "ValidationException", str(error))
            answer = self._forward(body)
            if operation == "SageMaker.CreateModel" and answer[0] == 200:
                remember_isolation(json.loads(body))
            return answer

        def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            kept = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection", "expect")}
            request = urllib.request.Request(stand_in.moto + self.path, body, kept, method="POST")
            try:
                with urllib.request.urlopen(request, timeout=ANSWER_WITHIN) as answer:
                    return answer.status, dict(answer.headers), answer.read()
            except urllib.error.HTTPError as error:
                return error.code, dict(error.headers), error.read()

        do_POST = answer

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _error(status: int, code: str, message: str) -> tuple[int, dict[str, str], bytes]:
    return status, {"x-amzn-ErrorType": code}, json.dumps({"__type": code, "Message": message}).encode()


def main() -> None:
    """Until Ctrl-C. Makes the bucket my-bucket; writes what a shell must export to the file that is the argument."""
    exports = Path(sys.argv[1] if len(sys.argv) > 1 else "aws-here.sh")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), StandIn(int(os.environ.get("STAND_IN_PORT", "5000"))) as stand_in:
        stand_in.client("s3").create_bucket(Bucket="my-bucket")
        with write_aside(exports) as path:
            path.write_text("".join(f"export {name}={value}\n" for name, value in stand_in.variables.items()))
        print(f"AWS as it is here: {stand_in.url}; in a shell: . {exports}", file=sys.stderr, flush=True)
        try:
            threading.Event().wait()
        finally:
            exports.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
