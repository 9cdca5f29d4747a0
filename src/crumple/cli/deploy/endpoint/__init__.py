"""`crumple deploy endpoint`: an endpoint's life."""

COMMANDS = {
    "create": "From a model to an endpoint that answers as the model does.",
    "update": "Another model, image or configuration, blue/green; back by itself if alarms go off.",
    "status": "How it is, what runs, how it scales.",
    "invoke": "A photo to the endpoint, what was found back.",
    "delete": "The endpoint with its configurations, models and alarms.",
}
