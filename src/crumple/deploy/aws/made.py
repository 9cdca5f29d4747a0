"""What a command has made so far: taken away again when it fails, told when it is interrupted."""

from collections.abc import Callable
from types import TracebackType

from crumple.deploy.aws.account import Account, Say
from crumple.deploy.errors import AwsError
from crumple.errors import CrumpleError


class Made:
    """Context manager. Things are noted before they are asked for: an interrupt may come between request and answer.

    Args:
        name: the deployment's, for what an interrupt says.
    """

    def __init__(self, account: Account, name: str, say: Say) -> None:
        self.account, self.name, self.say = account, name, say
        self.things: list[tuple[str, Callable[[], object] | None]] = []

    def make(self, what: str, make: Callable[[], object], undo: Callable[[], object] | None) -> None:
        """Make something; `what` is its name for people.

        undo: None for a job, which no failure of ours is to stop: the network may be lost after hours of it.
        """
        self.things.append((what, undo))
        try:
            make()
        except AwsError:  # AWS has said no: there is nothing
            self.things.pop()
            raise

    def ended(self, what: str) -> None:
        """A job came to its end by itself."""
        self.things = [thing for thing in self.things if thing[0] != what]

    def __enter__(self) -> "Made":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is None or self.account.dry or not self.things:
            return
        if not isinstance(error, Exception) or not all(undo for _, undo in self.things):
            self._tell()  # Ctrl-C, SIGTERM, or a job that goes on: perhaps only the waiting was to end
            return
        try:
            self._take_away()
        except (KeyboardInterrupt, SystemExit):
            self._tell()
            raise

    def _tell(self) -> None:
        self.say(f"there are now: {', '.join(what for what, _ in self.things)}; what was begun goes on and may cost")
        self.say(f"look with `crumple deploy list`, remove with `crumple deploy delete --all-of {self.name}`")

    def _take_away(self) -> None:
        while self.things:
            what, undo = self.things[-1]
            assert undo
            try:
                undo()
                self.say(f"removed: {what}")
            except AwsError as error:
                if not error.missing:
                    self._left(what, error)
            except CrumpleError as error:
                self._left(what, error)
            self.things.pop()

    def _left(self, what: str, error: Exception) -> None:
        self.say(f"NOT removed: {what} ({error}); try `crumple deploy delete --all-of {self.name}`")
