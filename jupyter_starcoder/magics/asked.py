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
    from jupyter_starcoder.values.settings import Feature, Lockable, Settings
    from jupyter_starcoder.wire import SettingsReply


class Asked:
    """Finds who answers, at the first question."""

    def __init__(self, config: "Config", say: Callable[[str], None]) -> None:
        """Connects to nothing yet. `say` is told what a person should know of the choice."""
        self._config = config
        self._say = say
        self._first: Respondent | None = None
        self._other: tuple[str, OwnRespondent] | None = None

    def respondent(self, model: str = "", feature: "Feature | None" = None) -> Respondent:
        """Who answers; with a model's name that model, which this session loads if nobody has it loaded.

        With a feature nothing is loaded for it where it is switched off.

        What the server serves is never changed from here: other people's notebooks use it too.

        Raises:
            NotPermitted: the administrator has locked the model, or switched the feature off.
            StarcoderError: whoever could be asked cannot be.
        """
        if self._first is None:
            self._first = self._server() or self._own()
        if not model or model == (served := self._first.status().model):
            return self._first
        if self._other is None or self._other[0] != model:
            other = self._beside(model, served, feature)
            self._close_other()
            self._other = model, other
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
            self._say("this session loads a model of its own, since there is no Jupyter server to ask")
            return None
        respondent = ServerRespondent(address, self._say)
        try:
            respondent.status()
        except (ServerRefused, EngineError) as error:
            # Not reached: a certificate that nobody signed, or a file that a server left which was killed.
            self._say(f"this session loads a model of its own, since {error.message}")
            return None
        return respondent

    def _own(self) -> "OwnRespondent":
        from jupyter_starcoder.magics.own import OwnRespondent

        return OwnRespondent(self._settings())

    def _beside(self, model: str, served: str, feature: "Feature | None") -> "OwnRespondent":
        from jupyter_starcoder.magics.own import OwnRespondent
        from jupyter_starcoder.magics.server import ServerRespondent

        settings = self._settings()
        if isinstance(self._first, ServerRespondent):
            # The server may have been told more on its command line than the files say.
            settings = heeding(settings, self._first.rules())
        settings.permit_model(model, served)
        if feature is not None:
            settings.permit(feature)
        return OwnRespondent(replace(settings, model=model))

    def _settings(self) -> "Settings":
        from jupyter_starcoder.config import load_settings

        return load_settings(self._config)


def heeding(settings: "Settings", rules: "SettingsReply") -> "Settings":
    """The settings with what the administrator of a server has locked and switched off there besides."""
    locked: tuple[Lockable, ...] = ("model",) if "model" in rules.locked else ()
    return replace(
        settings,
        locked=(*settings.locked, *locked),
        disabled_features=(*settings.disabled_features, *rules.disabled),
        locked_reason=rules.reason or settings.locked_reason,
    )
