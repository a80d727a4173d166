"""What a user can set, and where."""

import json
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from traitlets.config import Config

from jupyter_starcoder.chats.database import default_file
from jupyter_starcoder.config import StarcoderConfig, load_settings
from jupyter_starcoder.errors import BadRequest, NotPermitted
from jupyter_starcoder.models.catalogue import EMBEDDED
from jupyter_starcoder.routes.settings import OPTIONS, front_end
from jupyter_starcoder.values.settings import Lockable, Settings
from jupyter_starcoder.wire import Options

SCHEMA = Path(__file__).parents[2] / "labextension" / "schema" / "plugin.json"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's configuration folder."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_STARCODER_MODELS", str(tmp_path / "models"))
    return tmp_path


def test_settings_without_configuration_are_the_defaults(folder: Path) -> None:
    """The embedded model from the default store."""
    settings = load_settings()

    assert (settings.model, settings.models_dir, settings.precision) == (EMBEDDED, folder / "models", None)
    assert settings.load_at_start


def test_defaults_of_the_traitlets_are_those_of_the_settings(folder: Path) -> None:
    """A number is written down twice, and stays the same."""
    assert load_settings() == Settings(model=EMBEDDED, models_dir=folder / "models", chats_file=default_file())


def test_settings_come_from_the_servers_files_and_ours_wins(folder: Path) -> None:
    """Python and JSON files of both names are read; what the caller says comes last."""
    (folder / "jupyter_server_config.py").write_text(
        "c.StarcoderConfig.threads = 2\nc.StarcoderConfig.provider = 'cpu'"
    )
    (folder / "jupyter_starcoder_config.json").write_text(json.dumps({"StarcoderConfig": {"threads": 3}}))
    overrides = Config({"StarcoderConfig": {"prompt_tokens": 99}})

    settings = load_settings(overrides)

    assert (settings.threads, settings.provider, settings.prompt_tokens) == (3, "cpu", 99)


def test_settings_from_a_broken_file_are_refused_with_its_name(folder: Path) -> None:
    """The user's own mistake is named, without our traceback."""
    (folder / "jupyter_starcoder_config.py").write_text("c.StarcoderConfig.threads = ")

    with pytest.raises(BadRequest, match=r"jupyter_starcoder_config\.py cannot be read"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("provider", "abacus"),
        ("threads", -1),
        ("cache_mb", -1),
        ("idle_minutes", -0.5),
        ("prompt_tokens", 0),
        ("precision", "int3"),
        ("debounce_ms", 5001),
        ("locked", ["colour"]),
        ("disabled_features", ["breathe"]),
    ],
)
def test_settings_that_are_not_allowed_are_refused(folder: Path, name: str, value: object) -> None:
    """A value out of range is told by the setting's name."""
    (folder / "jupyter_starcoder_config.json").write_text(json.dumps({"StarcoderConfig": {name: value}}))

    with pytest.raises(BadRequest, match=name):
        load_settings()


def test_paths_may_begin_at_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tilde is the user's home."""
    monkeypatch.setenv("HOME", str(folder))

    assert StarcoderConfig(models_dir="~/m").settings().models_dir == folder / "m"


def test_every_setting_has_a_help() -> None:
    """What `jupyter starcoder settings` prints says something about each."""
    traits = StarcoderConfig.class_own_traits(config=True)

    assert len(traits) > 10
    assert all(len(trait.help) > 20 for trait in traits.values())


def test_window_holds_the_longest_prompt_and_answer(folder: Path) -> None:
    """What a request may ask for always fits into the engine's cache."""
    settings = Settings(model="m", models_dir=folder, prompt_tokens=100, explain_tokens=700)

    assert settings.longest_answer_tokens == 700
    assert settings.window_tokens == 800


def test_section_that_is_none_is_refused(folder: Path) -> None:
    """A list where settings by name are due is the user's own mistake too."""
    (folder / "jupyter_starcoder_config.json").write_text(json.dumps({"StarcoderConfig": []}))

    with pytest.raises(BadRequest, match="StarcoderConfig"):
        load_settings()


def test_file_that_ends_the_program_is_refused_with_its_name(folder: Path) -> None:
    """A command does not vanish without a word because a file says `exit()`."""
    (folder / "jupyter_starcoder_config.py").write_text("raise SystemExit(3)")

    with pytest.raises(BadRequest, match=r"jupyter_starcoder_config\.py cannot be read"):
        load_settings()


def test_every_option_of_the_front_end_is_a_setting_with_the_same_default(folder: Path) -> None:
    """What users can set, an administrator can set for them, and lock."""
    properties = json.loads(SCHEMA.read_text())["properties"]
    reply = front_end(load_settings(), EMBEDDED)
    options = {field.encode_name: getattr(reply.options, field.name) for field in msgspec.structs.fields(Options)}

    assert options == {name: schema["default"] for name, schema in properties.items()}
    assert list(OPTIONS) == list(get_args(Lockable))
    assert set(OPTIONS.values()) == set(properties)
    assert set(OPTIONS) <= set(StarcoderConfig.class_own_traits(config=True))


def test_lists_of_settings_come_from_files_too(folder: Path) -> None:
    """The order is the administrator's."""
    (folder / "jupyter_starcoder_config.py").write_text(
        "c.StarcoderConfig.locked = ['trigger', 'model']\nc.StarcoderConfig.disabled_features = ['chat']"
    )

    settings = load_settings()

    assert (settings.locked, settings.disabled_features) == (("trigger", "model"), ("chat",))


def test_feature_that_is_off_is_not_permitted_and_the_others_are(folder: Path) -> None:
    """The error says why, as far as anybody told."""
    settings = Settings(model="m", models_dir=folder, disabled_features=("fix",))
    settings.permit("edit")

    with pytest.raises(NotPermitted, match=r"^fix is switched off by the administrator$"):
        settings.permit("fix")
