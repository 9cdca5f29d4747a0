"""An HTTP service round `crumple.assess`: SageMaker's contract, inspections that are kept, webhooks, and a page."""
