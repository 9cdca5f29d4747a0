#!/bin/sh
# What SageMaker starts for a training job.
exec "$(dirname "$0")/python" -m crumple.deploy.container.train "$@"
