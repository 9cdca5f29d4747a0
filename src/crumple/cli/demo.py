"""`crumple demo`: the sample photos that ship, assessed with the model that ships."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from crumple.cli.shared import options as o
from crumple.cli.shared.out_folder import writing_to
from crumple.errors import CrumpleError

if TYPE_CHECKING:
    from crumple.assessment.assessment import Assessment
    from crumple.photo_files import PhotoFile

PAINTED = "The damage in these photos is painted: the cars are whole."
ORDER = ("painted", "clean", "blurred")  # what there is to see comes first
NOTE = (
    f"{PAINTED} File names say which photos were painted on, and one photo is blurred on purpose. "
    "Photos: fast-alpr and open-image-models, (c) 2024 ankandrew, MIT licence; OpenCV's documentation, "
    "Apache-2.0 and BSD-3 licences; the texts lie in the folder photos."
)


def demo(
    out: o.Out = Path("demo-report"),
    model: o.Model = None,
) -> None:
    """Assess the sample photos that come with crumple: clean, painted and blurred ones."""
    from crumple.assessment.many import assess_many
    from crumple.assessment.pipeline import Assessor
    from crumple.detect.detector import load_detector
    from crumple.photo_files import find_photos
    from crumple.samples.scenes import write_samples

    console = Console(highlight=False, soft_wrap=True)

    def done(photo: "PhotoFile", result: "Assessment | CrumpleError") -> None:
        if isinstance(result, CrumpleError):
            raise result  # a sample that cannot be read is a broken installation
        console.print(f"[bold]{escape(photo.name)}[/bold]")
        for check in result.warnings:
            console.print(f"  warning: {check.text}", style="yellow", markup=False)
        for finding in result.findings:
            console.print(f"  {finding.text}", markup=False)
        if not result.findings:
            console.print("  no damage found")

    with writing_to(out):
        assessor = Assessor(load_detector(model))
        samples = find_photos(write_samples(out / "photos"))
        samples.sort(key=lambda photo: ORDER.index(photo.name.split("_")[0]))
        assess_many(assessor, samples, out, title="crumple: sample photos", note=NOTE, done=done)
    console.print(f"\n{PAINTED}\nThe report: [bold]{escape(str(out / 'index.html'))}[/bold], open it in a browser.")
