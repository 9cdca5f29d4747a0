"""`python -m crumple` is `crumple`."""

from crumple.cli.main import run

if __name__ == "__main__":
    run()
