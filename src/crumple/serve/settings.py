"""What can be set about the service: by `crumple serve`'s options, CRUMPLE_SERVE_... or an argument of `create_app`."""

import os
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from crumple.errors import CrumpleError

MIB = 2**20


class Settings(BaseSettings):
    """All settings with their defaults. The variable of `data` is CRUMPLE_SERVE_DATA, and so on."""

    model_config = SettingsConfigDict(env_prefix="CRUMPLE_SERVE_", env_ignore_empty=True, frozen=True)

    # what it assesses with
    model: Path | None = Field(default=None, description="exported model folder; none: ml_root/model, or what ships")
    accurate: bool = Field(default=False, description="look at each photo and its mirror image; live views look once")
    rules: Path | None = Field(default=None, description="severity rules, YAML; none: those that ship")
    ml_root: Path = Field(default=Path("/opt/ml"), description="SageMaker's folder, whose model/ is used if it has one")

    # what it keeps
    data: Path = Field(default=Path("crumple-data"), description="folder of the SQLite file and of photos")
    database: str | None = Field(default=None, description="SQLAlchemy URL; none: SQLite in `data`")
    photos: str | None = Field(default=None, description="folder, s3:// or gs:// of photos; none: `data`/photos")
    inspections: bool = Field(default=True, description="false: nothing is kept; /ping, /invocations, /v1/assessments")

    # who may ask
    token: SecretStr | None = Field(
        default=None, min_length=1, description="bearer token; none: only this machine may ask"
    )
    anonymous: bool = Field(default=False, description="let anybody who reaches it ask, without a token")
    rate_limit: float = Field(default=0, ge=0, description="requests a second and client; 0: any number")
    page: bool = Field(default=True, description="serve the page")

    # how much
    max_body: int = Field(default=6 * MIB, ge=1024, description="bytes of a request; SageMaker's limit")
    max_held: int = Field(default=256 * MIB, ge=1024, description="bytes of all requests at a time; one more: 503")
    max_pixels: int = Field(default=50_000_000, ge=1, description="pixels of a photo")
    max_photos: int = Field(default=20, ge=1, description="photos in one request")
    workers: int = Field(default=max(2, os.cpu_count() or 1), ge=1, description="photos assessed at a time")
    queue: int = Field(default=64, ge=1, description="photos that wait in memory; one more is answered 503")
    backlog: int = Field(default=10_000, ge=1, description="photos of inspections that wait on disk; then 503")
    join_after: float = Field(default=2, ge=0, description="seconds without a new photo before photos are joined")
    join_deadline: float = Field(default=600, gt=0, description="seconds for joining; then without their pixels")
    deadline: float = Field(default=60, gt=0, description="seconds until a request without its answer gets 504")
    live: int = Field(default=4, ge=1, description="live views at a time; one more is answered 503")
    live_idle: float = Field(default=300, gt=0, description="seconds without a word after which one is dropped")

    # photos by URL
    allow_urls: str = Field(
        default="",
        pattern=r"^((https|s3|gs)://([^/,\s]+/[^,\s]*)?(,|$))*$",  # host or bucket to its end: no cars.example.evil.com
        description="what URLs of photos must begin with, with commas, as https://,s3://claims/; none: no URLs",
    )

    # webhooks
    webhook_attempts: int = Field(default=8, ge=1, description="until a delivery is given up")
    webhook_base: float = Field(default=5, gt=0, description="seconds until the second attempt; doubled each time")
    webhook_private: bool = Field(default=False, description="webhooks may go to private addresses, 127.0.0.1 included")

    def allowed_urls(self) -> tuple[str, ...]:
        """What URLs of photos must begin with."""
        return tuple(prefix for prefix in self.allow_urls.split(",") if prefix)

    def model_folder(self) -> Path | None:
        """The model to load: the one that was named, else SageMaker's if there is one, else None: what ships."""
        if self.model is not None:
            return self.model
        sagemaker = self.ml_root / "model"
        return sagemaker if (sagemaker / "model.json").is_file() else None


def load_settings(**given: Any) -> Settings:
    """The settings of the environment, and those given. Raises CrumpleError naming the one that is wrong."""
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise CrumpleError(f"setting {name} (CRUMPLE_SERVE_{name.upper()}): {first['msg']}") from None
