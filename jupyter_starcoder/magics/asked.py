"""Who is asked: the server that started this kernel if it lets us, and a model of this session's own otherwise."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_starcoder.errors import EngineError, ServerRefused, StarcoderError
from jupyter_starcoder.magics.address import parent_server
from jupyter_starcoder.magics.respondent import Respondent

if TYPE_CHECKING:
    from traitlets.config import Config

    from jupyter_starcoder.magics.own import OwnRespondent
    from jupyter_starcoder.values.settings import Settings


class Asked:
    """Finds who answers, at the first question."""

    def __init__(self, config: "Config", say: Callable[[str], None]) -> None:
        """Connects to nothing yet. `say` is told what a person should know of the choice."""
        self._config = config
        self._say = say
        self._first: Respondent | None = None
        self._other: tuple[str, OwnRespondent] | None = None

    def respondent(self, model: str = "") -> Respondent:
        """Who answers; with a model's name that model, which this session loads if nobody has it loaded.

        What the server serves is never changed from here: other people's notebooks use it too.

        Raises:
            StarcoderError: whoever could be asked cannot be.
        """
        if self._first is None:
            self._first = self._server() or self._own()
        if not model or model == (served := self._first.status().model):
            return self._first
        if self._other is None or self._other[0] != model:
            self._close_other()
            self._other = model, self._own(model)
            self._say(f"loading {model} into this session, beside {served} ({self._first.title})")
        return self._other[1]

    def models(self) -> set[str]:
        """Names of models that this session could load without fetching anything.

        Nobody else is asked: the Tab key waits for it.
        """
        from jupyter_starcoder.local import workshop

        try:
            return {model.name for model in workshop(self._settings()).models() if model.is_prepared}
        except StarcoderError:
            return set()

    def close(self) -> None:
        """Ends what was loaded here."""
        self._close_other()
        if self._first is not None and hasattr(self._first, "close"):
            self._first.close()
        self._first = None

    def _close_other(self) -> None:
        if self._other is not None:
            self._other[1].close()
        self._other = None

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
            self._say(f"this session loads a model of its own, since {error.message}")
            return None
        return respondent

    def _own(self, model: str = "") -> "OwnRespondent":
        from jupyter_starcoder.magics.own import OwnRespondent

        settings = self._settings()
        if model:
            settings.permit_model(model, settings.model)
        return OwnRespondent(replace(settings, model=model) if model else settings)

    def _settings(self) -> "Settings":
        from jupyter_starcoder.config import load_settings

        return load_settings(self._config)
