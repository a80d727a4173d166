"""What becomes of code that the model wrote: it is named, run, or left to the next cell."""

from IPython.core.interactiveshell import InteractiveShell

from jupyter_starcoder.errors import BadRequest, StarcoderError
from jupyter_starcoder.magics.arguments import Arguments
from jupyter_starcoder.magics.binding import bound
from jupyter_starcoder.magics.history import History
from jupyter_starcoder.magics.markdown import visible
from jupyter_starcoder.magics.screen import Screen
from jupyter_starcoder.values.answer import Done


class Written:
    """Code, on its way into the session."""

    def __init__(self, shell: InteractiveShell, screen: Screen, history: History) -> None:
        """Changes nothing yet."""
        self._shell = shell
        self._screen = screen
        self._history = history
        self._is_running = False

    def take(self, text: str, done: Done, wanted: Arguments) -> str:
        """Puts code into the next cell, or runs it; gives it as it is there.

        Raises:
            StarcoderError: it should be run and cannot be, or failed.
        """
        code = self._named(visible(text).strip("\n"), wanted)
        cut = f"the code was cut off after {done.timings.new_tokens} tokens (StarcoderConfig.explain_tokens)"
        if not wanted.run:
            self._shell.set_next_input(code)
            if done.finish == "length":
                self._screen.say(f"{cut}: complete it before you run it")
            return code
        if reason := self._reason_against(code, wanted, cut if done.finish == "length" else ""):
            self._shell.set_next_input(code)
            raise BadRequest(f"{reason}: the code above was not run")  # who has a next cell sees it there
        self._run(code)
        return code

    def refuse_within_itself(self, wanted: Arguments) -> None:
        """Raises: BadRequest: code that the model wrote asks for more code to be run."""
        if self._is_running and wanted.run:
            raise BadRequest("code that %%starcoder --run wrote asks for --run again: that is not done")

    def _named(self, code: str, wanted: Arguments) -> str:
        if not wanted.into:
            return code
        named = bound(code, wanted.into)
        if named is None:
            if not wanted.run:
                self._screen.say(f"the code ends in no expression: {wanted.into} is not bound to anything")
            return code
        if wanted.into in self._shell.user_ns:
            kind = type(self._shell.user_ns[wanted.into]).__name__
            when = "is overwritten" if wanted.run else "is overwritten once this code is run"
            self._screen.say(f"{wanted.into} exists ({kind}) and {when}")
        return named

    def _reason_against(self, code: str, wanted: Arguments, cut: str) -> str:
        if cut:
            return cut
        if wanted.into and bound(code, wanted.into) is None:
            return f"the code ends in no expression that {wanted.into} could be bound to"
        return "the code awaits something, which only a cell of its own can" if self._awaits(code) else ""

    def _awaits(self, code: str) -> bool:
        try:
            plain = self._shell.transform_cell(code)  # type: ignore[no-untyped-call]
        except SyntaxError:
            return False  # running it says so
        return bool(self._shell.should_run_async(code, transformed_cell=plain))

    def _run(self, code: str) -> None:
        self._history.note_written(code)
        self._is_running = True
        try:
            result = self._shell.run_cell(code, store_history=False)  # type: ignore[no-untyped-call]
        finally:
            self._is_running = False
        error = result.error_before_exec or result.error_in_exec
        if isinstance(error, KeyboardInterrupt):
            raise KeyboardInterrupt
        if error is not None:
            raise StarcoderError(f"the code above failed with {type(error).__name__}: %starcoder fix proposes a change")
