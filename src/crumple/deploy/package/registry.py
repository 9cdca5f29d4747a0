"""The model registry: a package's entry in a group, with what the model says of itself."""

from typing import Any

from crumple.assessment.assessment import Assessment
from crumple.deploy.aws.account import Account, Say
from crumple.deploy.aws.made import Made
from crumple.deploy.description import Deployment
from crumple.deploy.names import named, tags
from crumple.deploy.package.package import package_of
from crumple.deploy.package.upload import upload_package
from crumple.deploy.requests import container

PHOTOS = ["image/jpeg", "image/png", "image/webp", "image/bmp", "image/tiff"]


def register(account: Account, deployment: Deployment, photo: bytes, say: Say, approved: bool = False) -> str:
    """A new version in the group crumple-NAME, which is made if need be; the version's ARN."""
    deployment.need("image", "bucket")
    group = named(deployment.name)
    with package_of(account, deployment, photo, say) as (package, answer), Made(account, deployment.name, say) as made:
        url = package if isinstance(package, str) else upload_package(account, deployment, package, made)
        if account.find("sagemaker", "describe_model_package_group", ModelPackageGroupName=group) is None:
            made.make(
                f"model group {group}",
                lambda: account.call(
                    "sagemaker",
                    "create_model_package_group",
                    ModelPackageGroupName=group,
                    ModelPackageGroupDescription="crumple: photos of vehicles in, a damage report out",
                    Tags=tags(deployment.name, deployment.tags),
                ),
                lambda: account.call("sagemaker", "delete_model_package_group", ModelPackageGroupName=group),
            )
        request = version_request(deployment, group, url, answer, approved)
        return str(account.call("sagemaker", "create_model_package", **request)["ModelPackageArn"])


def version_request(
    deployment: Deployment, group: str, package: str, answer: Assessment | None, approved: bool
) -> dict[str, Any]:
    """create_model_package. answer: the package's, in which the model says who it is."""
    about = (
        {"name": answer.model.name, "version": answer.model.version, "sha256": answer.model.sha256} if answer else {}
    )
    return {
        "ModelPackageGroupName": group,
        "ModelPackageDescription": f"{about.get('name', 'model')} {about.get('version', '')}".strip(),
        "InferenceSpecification": {
            "Containers": [container(deployment, package)],
            "SupportedContentTypes": PHOTOS,
            "SupportedResponseMIMETypes": ["application/json"],
            "SupportedRealtimeInferenceInstanceTypes": [deployment.endpoint.instance_type],
            "SupportedTransformInstanceTypes": [deployment.batch.instance_type],
        },
        "ModelApprovalStatus": "Approved" if approved else "PendingManualApproval",
        "CustomerMetadataProperties": {key: value for key, value in about.items() if value},
    }
