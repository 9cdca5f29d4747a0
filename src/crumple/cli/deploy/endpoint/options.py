"""What an endpoint is to be, as options of `crumple deploy endpoint create`, `update` and `crumple deploy plan`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crumple.cli.deploy import options as o

if TYPE_CHECKING:
    from crumple.deploy.description import Deployment


@dataclass(frozen=True)
class Wanted:
    """The endpoint that is wanted, as far as options say it; `file` and `settings` say the rest."""

    name: o.Name = None
    file: o.File = None
    model: o.Model = None
    image: o.Image = None
    role: o.Role = None
    bucket: o.Bucket = None
    instance_type: o.InstanceType = None
    serverless: Annotated[
        bool, typer.Option("--serverless", help="Nothing runs while nobody asks; photos up to 4 MB.")
    ] = False
    async_out: Annotated[
        str | None, typer.Option("--async", help="s3:// folder of answers: requests queue.", show_default=False)
    ] = None
    least: Annotated[
        int | None, typer.Option("--min", min=0, help="Fewest instances; 0 with --async.", show_default=False)
    ] = None
    most: Annotated[int | None, typer.Option("--max", min=1, help="Most instances.", show_default=False)] = None
    target_invocations: Annotated[
        int | None, typer.Option(min=1, help="Photos per instance and minute that it scales by.", show_default=False)
    ] = None
    settings: o.Set = None

    def deployment(self, region: str | None) -> "Deployment":
        """The deployment that these describe."""
        fields: dict[str, Any] = {
            "model": self.model,
            "image": self.image,
            "role": self.role,
            "bucket": self.bucket,
            "region": region,
            "endpoint.instance_type": self.instance_type,
            "endpoint.serverless": {} if self.serverless else None,
            "endpoint.async.output": self.async_out,
            "endpoint.min": self.least,
            "endpoint.max": self.most,
            "endpoint.target_invocations": self.target_invocations,
        }
        return o.described(self.name, self.file, self.settings, **fields)
