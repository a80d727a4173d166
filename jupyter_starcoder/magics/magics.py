"""The magics themselves."""

import inspect
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from jupyter_starcoder.errors import BadRequest, StarcoderError
from jupyter_starcoder.magics.arguments import CELL_OPTIONS, Arguments, read_arguments, read_command
from jupyter_starcoder.magics.asked import Asked
from jupyter_starcoder.magics.errands import Chat, Complete, Edit, Errand, Explain, Fix, Generate, advice
from jupyter_starcoder.magics.history import History, definition, last_cell, with_failed
from jupyter_starcoder.magics.live import told
from jupyter_starcoder.magics.markdown import visible
from jupyter_starcoder.magics.respondent import Answer
from jupyter_starcoder.magics.screen import Screen, whole
from jupyter_starcoder.magics.writing import Written
from jupyter_starcoder.values.answer import Done
from jupyter_starcoder.values.conversation import Subject, Turn
from jupyter_starcoder.values.notebook import Cell, Notebook

HELP = """\
%%starcoder [options] request  code for a request in words, in the next cell
  --run                        run it at once
  --explain                    and explain it
  --into NAME                  give its result a name
  --model NAME                 ask this model, loaded here if it is another one
%starcoder complete [code]     how this code, or the notebook, goes on
%starcoder explain [name]      what the last cell does, or what made a name
%starcoder edit instruction    the last cell, changed, in the next cell
%starcoder fix                 the cell that failed last, mended, in the next
%starcoder chat question       an answer that knows what was asked before
  --new                        forget what was asked before
%starcoder status              which model answers, and how it is
%starcoder help                this text"""

Read = Callable[[Answer], tuple[str, Done]]


@magics_class
class StarcoderMagics(Magics):
    """`%starcoder` and `%%starcoder`."""

    def __init__(self, shell: InteractiveShell) -> None:
        """Connects to nothing yet."""
        super().__init__(shell)
        self._session = shell
        self._screen = Screen(shell)
        self._asked = Asked(shell.config, self._screen.say)
        self.history = History(shell)
        self._written = Written(shell, self._screen, self.history)
        self._turns: tuple[Turn, ...] = ()

    # Braces and dollars in a request are the user's words: IPython would put values of the session in their place.
    @no_var_expand
    @line_cell_magic
    def starcoder(self, line: str, cell: str | None = None) -> None:
        """Asks the model; `%starcoder help` says what for."""
        try:
            if cell is not None:
                self._generate(read_arguments(line, CELL_OPTIONS), cell)
            else:
                name, wanted = read_command(line)
                self._commands()["help" if wanted.help else name](wanted)
        except StarcoderError as error:
            # IPython prints a UsageError as one line, without a traceback, and stops running the cells below.
            raise UsageError(one_line(error.message)) from None
        except KeyboardInterrupt:
            raise UsageError("stopped") from None
        except Exception as error:  # noqa: BLE001 - the border of a request: a traceback of ours helps nobody
            raise UsageError(one_line(defect(error))) from None

    def models(self) -> set[str]:
        """Names for `--model`."""
        return self._asked.models()

    def close(self) -> None:
        """Ends what was loaded in this session."""
        self._asked.close()

    def _commands(self) -> dict[str, Callable[[Arguments], None]]:
        return {
            "complete": self._complete,
            "explain": self._explain,
            "edit": self._edit,
            "fix": self._fix,
            "chat": self._chat,
            "status": self._status,
            "help": self._help,
        }

    def _generate(self, wanted: Arguments, below: str) -> None:
        request = f"{wanted.words}\n{below}".strip()
        if wanted.help:
            self._help(wanted)
            return
        self._written.refuse_within_itself(wanted)
        notebook = self.history.notebook()
        errand = Generate(cell=len(notebook.cells), request=request)
        text, done = self._ask(notebook, errand, wanted.model, self._screen.follow_code)
        code = self._written.take(text, done, wanted)
        if wanted.explain:
            cells = (*notebook.cells, Cell(kind="code", source=code))
            explaining = Explain(cell=len(notebook.cells))
            self._ask(replace(notebook, cells=cells), explaining, wanted.model, self._screen.follow_words)

    def _complete(self, wanted: Arguments) -> None:
        notebook = self.history.notebook()
        begun = Cell(kind="code", source=wanted.words)
        errand = Complete(cell=len(notebook.cells), offset=len(wanted.words))
        text, _ = self._ask(replace(notebook, cells=(*notebook.cells, begun)), errand, wanted.model, whole)
        code = visible(wanted.words + text).strip("\n")
        self._screen.show_code(code)
        self._session.set_next_input(code)

    def _explain(self, wanted: Arguments) -> None:
        notebook = self.history.notebook()
        cell, subject = last_cell(notebook), Subject()
        if wanted.words:
            cell, text = self._origin(notebook, wanted.words)
            subject = Subject(kind="selection", text=text)
        self._ask(notebook, Explain(cell=cell, subject=subject), wanted.model, self._screen.follow_words)

    def _origin(self, notebook: Notebook, name: str) -> tuple[int, str]:
        if found := definition(notebook, name):
            return found
        try:
            return last_cell(notebook), inspect.getsource(self._session.user_ns[name])
        except (KeyError, TypeError, OSError):
            raise BadRequest(f"{name} is defined in no cell of this session that Python can read") from None

    def _edit(self, wanted: Arguments) -> None:
        notebook = self.history.notebook()
        cell = last_cell(notebook, "edit")
        self._change(notebook, cell, Edit(cell=cell, instruction=wanted.words), wanted)

    def _fix(self, wanted: Arguments) -> None:
        failure = self.history.failure
        if failure is None:
            raise BadRequest("nothing has failed in this session: there is nothing to fix")
        notebook, cell = with_failed(self.history.notebook(), failure.source)
        self._screen.say(f"about {failure.mishap.line.splitlines()[0]}")
        self._change(notebook, cell, Fix(cell=cell, mishap=failure.mishap), wanted)

    def _change(self, notebook: Notebook, cell: int, errand: Edit | Fix, wanted: Arguments) -> None:
        old = notebook.cells[cell].source
        text, done = self._ask(notebook, errand, wanted.model, whole)
        if done.finish == "length":
            raise StarcoderError("the new text was cut off (StarcoderConfig.edit_tokens): nothing is changed")
        new = visible(text).strip("\n")
        if new == old.strip("\n"):
            raise StarcoderError(f"the model would change nothing: {advice(errand)}")
        self._screen.show_change(old, new)
        self._session.set_next_input(new)

    def _chat(self, wanted: Arguments) -> None:
        before = () if wanted.new else self._turns
        if not wanted.words:
            if wanted.new:
                self._turns = ()
                return
            raise BadRequest("nothing is asked: %starcoder chat needs a question behind it")
        notebook = self.history.notebook()
        turns = (*before, Turn("person", wanted.words))
        cell = len(notebook.cells) - 1 if notebook.cells else None
        errand = Chat(cell=cell, turns=turns)
        text, done = self._ask(notebook, errand, wanted.model, self._screen.follow_words)
        self._turns = (*turns, Turn("assistant", text))
        if done.left_out_turns:
            self._screen.say(f"the {done.left_out_turns} oldest turns had no room: --new begins anew")

    def _status(self, _wanted: Arguments) -> None:
        respondent = self._asked.respondent()
        status = respondent.status()
        device = f" on {status.device}" if status.device else ""
        message = f": {status.message}" if status.message else ""
        self._screen.say(f"{status.model} is {status.state}{device} ({respondent.title}){message}")

    def _help(self, _wanted: Arguments) -> None:
        self._screen.say(HELP)

    def _ask(self, notebook: Notebook, errand: Errand, model: str, read: Read) -> tuple[str, Done]:
        respondent = self._asked.respondent(model, errand.feature)
        live = told(self._session.user_ns, respondent.kernel_context())
        # Closed on the way, by Ctrl+C for one, it stops the model too.
        with closing(respondent.ask(replace(notebook, live=live), errand)) as answer:
            text, done = read(answer)
        if not text.strip():
            raise StarcoderError(f"the model has nothing to say: {advice(errand)}")
        return text, done


def one_line(text: str) -> str:
    """A message as one line of a terminal."""
    return " ".join(visible(text).split())


def defect(error: Exception) -> str:
    """What to say of an error that is none of ours."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}, line {last.lineno}"
    return f"{type(error).__name__}: {error} ({place}): this is a defect of jupyter-starcoder, please report it"
