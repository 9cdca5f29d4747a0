#!/bin/sh
# What SageMaker starts for an endpoint or a batch job: the port is SAGEMAKER_BIND_TO_PORT or 8080, the model in /opt/ml/model.
# Who may ask is AWS's to decide: nobody else reaches the container.
exec "$(dirname "$0")/crumple" serve --host 0.0.0.0 --stateless --anonymous "$@"
