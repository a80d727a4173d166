"""What the administrator says about the front end."""

from jupyter_starcoder.routes.base import StarcoderHandler, guarded
from jupyter_starcoder.values.settings import Lockable, Settings
from jupyter_starcoder.wire import OptionName, Options, SettingsReply

# How the front end calls what an administrator can lock.
OPTIONS: dict[Lockable, OptionName] = {
    "enabled": "enabled",
    "trigger": "trigger",
    "debounce_ms": "debounceMs",
    "completion_tokens": "maxTokens",
    "model": "model",
}


class SettingsHandler(StarcoderHandler):
    """GET starcoder/settings."""

    @guarded
    async def get(self) -> None:
        """Defaults for the front end, what is locked, and what is switched off."""
        self.reply(front_end(self.service.settings, self.service.serving.latest.model))


def front_end(settings: Settings, model: str) -> SettingsReply:
    """The settings as the front end takes them; `model` is the one that is served."""
    is_off = "complete" in settings.off
    locked = [OPTIONS[name] for name in settings.locked]
    if is_off and "enabled" not in locked:
        locked.append("enabled")
    return SettingsReply(
        options=Options(
            enabled=settings.enabled and not is_off,
            trigger=settings.trigger,
            debounce_ms=settings.debounce_ms,
            max_tokens=settings.completion_tokens,
            model=model if "model" in settings.locked else "",
        ),
        locked=tuple(locked),
        disabled=settings.off,
        reason=settings.locked_reason,
    )
