"""`crumple label`: photos to CVAT with the model's draft, labels back, and what there is to say about them."""

# See crumple.cli.main. Each command has a file of its own here.
COMMANDS = {
    "push": "Photos to a CVAT project: labels, tasks and the model's draft.",
    "status": "How far the labelling of a project is.",
    "pull": "Finished labels of a project into a version folder, as COCO.",
    "diff": "What one version of the labels has that another has not.",
    "import": "Labels in another tool's format into a version folder, as COCO.",
    "export": "Labels of a version folder in another tool's format.",
    "check": "A quality report on a version folder.",
}
