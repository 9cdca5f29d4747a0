"""HTML pages: the templates of a package, rendered alike everywhere."""

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


def page_templates(package: str) -> Environment:
    """The templates in a package's folder `templates`, and those of all pages in ours.

    Everything put into them is escaped, and a slip is an error.
    """
    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("crumple.pages")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
