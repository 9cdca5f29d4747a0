# The images of crumple, from the root of the repository:
#   crumple deploy image --tag crumple:1.0                      # serve: endpoints and batch jobs on SageMaker
#   crumple deploy image --tag crumple-train:1.0 --target train # train: training jobs; serves too
#   crumple deploy image --tag crumple-beam:1.0 --target beam   # beam: the workers of `crumple prepare` on Dataflow
# What is installed, and how, is said by src/crumple/deploy/container/install.sh, which the tests run as well.
ARG PYTHON=3.11
ARG PYTHON_PATCH=3.11.14
# Beam's version here and in the environment that submits the job must be the same, and Python's minor version too.
ARG BEAM=2.77.0

FROM apache/beam_python${PYTHON}_sdk:${BEAM} AS beam-boot

FROM python:${PYTHON_PATCH}-slim-bookworm AS source
ENV PIP_NO_CACHE_DIR=1
COPY pyproject.toml README.md LICENSE /src/
COPY src /src/src

FROM source AS serve-packages
RUN python -m venv /opt/crumple \
    && sh /src/src/crumple/deploy/container/install.sh serve /src /opt/crumple/bin/python

FROM source AS train-packages
RUN python -m venv /opt/crumple \
    && sh /src/src/crumple/deploy/container/install.sh train /src /opt/crumple/bin/python

FROM python:${PYTHON_PATCH}-slim-bookworm AS sagemaker
# Processes of containers in a pipeline are told their port; this says that we listen to that.
LABEL com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true
# SageMaker mounts below /opt/ml; serverless endpoints run as a user of their own, who may read everything.
RUN useradd --uid 1000 --create-home crumple \
    && mkdir -p /opt/ml/model /opt/ml/output /opt/ml/checkpoints \
    && chown -R crumple /opt/ml
ENV PATH=/opt/crumple/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CRUMPLE_CACHE=/tmp/crumple
EXPOSE 8080

FROM sagemaker AS train
COPY --from=train-packages /opt/crumple /opt/crumple
ENV TF_CPP_MIN_LOG_LEVEL=2
# root, where the volumes of training jobs turn out to be closed to others: --build-arg RUN_AS=root
ARG RUN_AS=crumple
USER ${RUN_AS}
CMD ["train"]

FROM python:${PYTHON_PATCH}-slim-bookworm AS beam
ENV PIP_NO_CACHE_DIR=1 \
    CRUMPLE_CACHE=/tmp/crumple
COPY pyproject.toml README.md LICENSE /src/
COPY src /src/src
# Into Python's own environment: that is where Beam's boot program looks.
RUN sh /src/src/crumple/deploy/container/install.sh beam /src python && rm -rf /src
COPY --from=beam-boot /opt/apache/beam /opt/apache/beam
ENTRYPOINT ["/opt/apache/beam/boot"]

# Last, so that it is what `docker build .` makes.
FROM sagemaker AS serve
COPY --from=serve-packages /opt/crumple /opt/crumple
ARG RUN_AS=crumple
USER ${RUN_AS}
CMD ["serve"]
