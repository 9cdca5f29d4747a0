"""A dataclass of options as one parameter of a command."""

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from crumple.cli.shared.option_groups import flat


@dataclass(frozen=True)
class Meal:
    what: Annotated[str, typer.Argument(help="What to give.")]
    times: Annotated[int, typer.Option("--often", min=1, help="How often.", envvar="PETS_TIMES")] = 1
    treats: Annotated[list[str] | None, typer.Option(help="And besides.")] = None


@pytest.fixture
def feed():
    """Run `feed ...`: the result of Typer's runner, and what the command was called with."""
    calls = []

    def command(context: typer.Context, loud: bool = False, *, meal: Meal) -> None:
        """Feed the pets."""
        calls.append((context.params["what"], loud, meal))

    app = typer.Typer()
    app.command()(flat(command))

    def run(*arguments, **variables):
        return CliRunner().invoke(app, arguments, env={"COLUMNS": "200"} | variables), calls

    return run


def test_the_command_gets_what_was_given_as_one(feed):
    _, calls = feed("hay", "--often", "2", "--loud", "--treats", "carrot", "--treats", "oats")
    assert calls == [("hay", True, Meal("hay", 2, ["carrot", "oats"]))]


def test_defaults_and_variables_are_the_fields_own(feed):
    feed("hay")
    _, calls = feed("hay", PETS_TIMES="3")
    assert calls == [("hay", False, Meal("hay")), ("hay", False, Meal("hay", 3))]


def test_what_does_not_fit_is_refused_as_any_option(feed):
    result, calls = feed("hay", "--often", "0")
    assert (result.exit_code, calls) == (2, []) and "--often" in result.output


def test_help_lists_each_option(feed):
    result, _ = feed("--help")
    assert all(text in result.output for text in ("Feed the pets.", "What to give.", "--often", "How often.", "--loud"))
    assert "meal" not in result.output


def test_two_options_of_one_name_are_a_mistake():
    def command(times: int, meal: Meal) -> None: ...

    with pytest.raises(ValueError, match="duplicate parameter name: 'times'"):
        flat(command)
