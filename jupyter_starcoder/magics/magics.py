"""The magics themselves."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.display import Markdown, clear_output, display

from jupyter_starcoder.errors import BadRequest, EngineError, ServerRefused, StarcoderError
from jupyter_starcoder.magics.address import parent_server
from jupyter_starcoder.magics.history import last_cell, session_notebook
from jupyter_starcoder.magics.respondent import Respondent
from jupyter_starcoder.values.notebook import Notebook

HELP = """\
%%starcoder            a request in words, in the lines below: its code goes into the next cell
%starcoder explain     what the last executed cell does
%starcoder status      which model answers, and how it is
%starcoder help        this text"""
REDRAW_S = 0.1  # between two updates of a displayed answer


@magics_class
class StarcoderMagics(Magics):
    """`%starcoder` and `%%starcoder`."""

    def __init__(self, shell: InteractiveShell) -> None:
        """Connects to nothing yet."""
        super().__init__(shell)
        self._session = shell
        self._respondent: Respondent | None = None
        self._notice = ""  # to be said in this cell

    @line_cell_magic
    def starcoder(self, line: str, cell: str | None = None) -> None:
        """Asks the model; `%starcoder help` says what for."""
        try:
            if cell is not None:
                self._generate(f"{line}\n{cell}".strip())
            else:
                self._command(line.strip())()
        except StarcoderError as error:
            # IPython prints a UsageError as one line, without a traceback, and stops running the cells below.
            raise UsageError(error.message) from None
        except KeyboardInterrupt:
            raise UsageError("stopped") from None
        finally:
            self._notice = ""

    def _command(self, name: str) -> Callable[[], None]:
        commands = {"explain": self._explain, "status": self._status, "help": self._help, "": self._help}
        if name not in commands:
            raise BadRequest(f"%starcoder {name} is not known: %starcoder help lists what there is")
        return commands[name]

    def _generate(self, request: str) -> None:
        notebook = self._notebook()
        pieces = self._asked().generate(notebook, len(notebook.cells), request)
        if not self._is_in_notebook:
            self._print(pieces)
            return
        with self._writing():
            code = "".join(pieces).strip("\n")
        self._session.set_next_input(code)
        if parent_server() is None:
            self._say(code)  # `jupyter execute`, for one, makes no next cell

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Shows that something is under way, and takes that away again."""
        display({"text/plain": "writing…"}, raw=True)  # type: ignore[no-untyped-call]
        try:
            yield
        finally:
            clear_output()  # type: ignore[no-untyped-call]
            self._say_notice()

    def _explain(self) -> None:
        notebook = self._notebook()
        pieces = self._asked().explain(notebook, last_cell(notebook))
        if not self._is_in_notebook:
            self._print(pieces)
            return
        text, drawn_s = "", 0.0
        shown = display(Markdown(text), display_id=True)  # type: ignore[no-untyped-call]
        for piece in pieces:
            text += piece
            if time.monotonic() - drawn_s > REDRAW_S:
                shown.update(Markdown(text))  # type: ignore[no-untyped-call]
                drawn_s = time.monotonic()
        shown.update(Markdown(text))  # type: ignore[no-untyped-call]

    def _status(self) -> None:
        respondent = self._asked()
        status = respondent.status()
        device = f" on {status.device}" if status.device else ""
        message = f": {status.message}" if status.message else ""
        self._say(f"{status.model} is {status.state}{device} ({respondent.title}){message}")

    def _help(self) -> None:
        self._say(HELP)

    def _asked(self) -> Respondent:
        """Who answers: the server that started this kernel if it lets us, and a model of our own otherwise."""
        if self._respondent is None:
            self._respondent = self._server() or self._own()
            self._say_notice()
        return self._respondent

    def _server(self) -> Respondent | None:
        from jupyter_starcoder.magics.server import ServerRespondent

        address = parent_server()
        if address is None:
            return None
        respondent = ServerRespondent(address, self._say)
        try:
            respondent.status()
        except (ServerRefused, EngineError) as error:
            # Not reached: a certificate that nobody signed, or a file that a server left which was killed.
            self._notice = f"this session loads a model of its own, since {error.message}"
            return None
        return respondent

    def _own(self) -> Respondent:
        from jupyter_starcoder.config import load_settings
        from jupyter_starcoder.magics.own import OwnRespondent

        return OwnRespondent(load_settings(self._session.config))

    def _notebook(self) -> Notebook:
        history = self._session.history_manager
        return session_notebook(history.input_hist_raw if history else (), self._session.execution_count)

    @property
    def _is_in_notebook(self) -> bool:
        return hasattr(self._session, "kernel")

    def _print(self, pieces: Iterator[str]) -> None:
        for piece in pieces:
            sys.stdout.write(piece)
            sys.stdout.flush()
        sys.stdout.write("\n")

    def _say(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")

    def _say_notice(self) -> None:
        if self._notice:
            self._say(self._notice)
