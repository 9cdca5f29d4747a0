"""What runs inside the image: `serve` and `train`, as SageMaker starts them, and the script that installs both."""
