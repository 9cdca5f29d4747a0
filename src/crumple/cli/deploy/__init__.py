"""`crumple deploy`: to AWS SageMaker and back out again."""

# See crumple.cli.main. Each command has a file of its own here.
COMMANDS = {
    "package": "An exported model as model.tar.gz, loaded and asked about a photo first.",
    "image": "The container image, with docker.",
    "endpoint": "An endpoint: create, update, status, invoke, delete.",
    "plan": "What a description would change about what runs.",
    "batch": "Assess every photo below an s3:// folder.",
    "train": "Run a recipe as a training job.",
    "register": "A version in SageMaker's model registry.",
    "list": "Everything of ours in the account.",
    "delete": "Everything of one deployment, and nothing else.",
}
