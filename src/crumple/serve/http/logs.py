"""Logs as JSON, one object a line on stderr."""

import json
import logging
from datetime import UTC, datetime

from crumple.serve.http.observe import request_id


class JsonLines(logging.Formatter):
    """Time, level, logger, message, the id of the request at hand, and a record's `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps({name: value for name, value in line.items() if value is not None})


def log_to_stderr() -> None:
    """Everything from INFO on that crumple and uvicorn say, from WARNING on what others do."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in ("crumple", "uvicorn"):
        logging.getLogger(name).setLevel(logging.INFO)
