"""Which family a model belongs to, told from its special tokens, and which form it is given notebooks in."""

from jupyter_starcoder.errors import BadRequest
from jupyter_starcoder.prompt.change_form import change_form
from jupyter_starcoder.prompt.chatml import END, TURN, ChatML
from jupyter_starcoder.prompt.family import PromptFamily
from jupyter_starcoder.prompt.form import NotebookForm
from jupyter_starcoder.prompt.infilling import SANTACODER, STARCODER
from jupyter_starcoder.prompt.kaggle_form import KaggleForm
from jupyter_starcoder.prompt.plain import Plain
from jupyter_starcoder.prompt.problem_form import ProblemForm
from jupyter_starcoder.prompt.script_form import ScriptForm
from jupyter_starcoder.prompt.starcoder import StarCoder
from jupyter_starcoder.prompt.transcript_form import TranscriptForm
from jupyter_starcoder.values.prompt import Form


def choose_family(markers: frozenset[str], form: Form | None = None) -> PromptFamily:
    """The best family for a model that has these special tokens.

    Every special token ends an answer: none of them is text that a person would see.

    Args:
        markers: the model's special tokens.
        form: how notebooks are written for it; None for what the family was trained on.

    Raises:
        BadRequest: the model lacks the markers of that form.
    """
    stop_markers = tuple(sorted(markers))
    forms = known_forms(markers)
    if form is not None and form not in forms:
        raise BadRequest(f"this model has no markers for prompts of the form {form}: choose {' or '.join(forms)}")
    chosen = forms[form] if form is not None else None
    for spelling in (STARCODER, SANTACODER):
        if markers >= spelling.markers:
            return StarCoder(
                spelling=spelling,
                form=chosen or forms[_at_the_end(markers, forms)],
                infilling_form=chosen or forms["script"],
                is_suffix_first=spelling is STARCODER,
                has_filenames="<filename>" in markers,
                has_files=_is_second(markers),
                change_form=change_form(markers),
                stop_markers=stop_markers,
            )
    if {TURN.spelling, END.spelling} <= markers:
        return ChatML(stop_markers, chosen or forms["script"])
    return Plain(stop_markers, chosen or forms["script"], change_form(markers))


def known_forms(markers: frozenset[str]) -> dict[Form, NotebookForm]:
    """The forms that a model with these special tokens can be given."""
    transcript = TranscriptForm(keeps_lines=_is_second(markers))
    every: dict[Form, NotebookForm] = {
        "script": ScriptForm(),
        "transcript": transcript,
        "kaggle": KaggleForm(transcript),
        "problem": ProblemForm(),
    }
    return {name: form for name, form in every.items() if form.markers <= markers}


def _is_second(markers: frozenset[str]) -> bool:
    """StarCoder2: its notebooks kept Markdown's lines, and it separates files."""
    return "<file_sep>" in markers


def _at_the_end(markers: frozenset[str], forms: dict[Form, NotebookForm]) -> Form:
    """What was seen in training: StarCoder2 frames before scripts, StarCoder notebooks, others neither."""
    if _is_second(markers) and "kaggle" in forms:
        return "kaggle"
    return "transcript" if "transcript" in forms else "script"
