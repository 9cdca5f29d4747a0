"""Deploy: a model package, an image, endpoints, batch and training jobs on AWS SageMaker, and back out again."""
