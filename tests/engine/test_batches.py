"""Answers that are written together are those that each would have alone."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jupyter_starcoder.engine import session
from jupyter_starcoder.engine.answer import Answer, Reached
from jupyter_starcoder.engine.decoder import Decoder
from jupyter_starcoder.engine.passes import Pass
from jupyter_starcoder.engine.runtime import load_runtime
from jupyter_starcoder.engine.session import Session
from jupyter_starcoder.engine.settings import EngineSettings
from jupyter_starcoder.errors import EngineError
from jupyter_starcoder.values.generation import FREE, Automaton, GenerationRequest, Sampling, State

WINDOW, VOCABULARY = 96, 64
OPENING = Automaton((State.of({2: 1, 3: 1}), State.of({5: 0, 7: FREE})))
BASE = [1 + number * 7 % (VOCABULARY - 1) for number in range(60)]


def loaded(folder: Path, *, draft_tokens: int = 15) -> Decoder:
    """A decoder that has seen nothing, with twenty caches."""
    chosen = EngineSettings(
        prefill_chunk_tokens=8, threads=1, pass_target_s=60.0, cache_mb=1, draft_tokens=draft_tokens
    )
    return Decoder(Session(folder, chosen), chosen)


def request(prompt: Sequence[int], **more: object) -> GenerationRequest:
    """A request."""
    return GenerationRequest(prompt_ids=tuple(prompt), **({"max_tokens": 24, "stop_ids": ()} | more))  # type: ignore[arg-type]


MIXED = (
    request(BASE[:31]),
    request(BASE[20:25], sampling=Sampling(temperature=1.5, top_p=0.9, seed=3)),
    request(BASE[:9] * 4, max_tokens=40),  # guesses are right here, or at least made
    request([4], opening=OPENING, max_tokens=12),
)


class Table:
    """Answers of one decoder that sit at one table: each step takes all that can write."""

    def __init__(self, decoder: Decoder) -> None:
        self.decoder = decoder
        self.tokens: list[list[int]] = []
        self.logits: list[list[bytes]] = []  # that each token was chosen from
        self.ends: list[object] = []
        self._answers: list[Answer | None] = []

    def seat(self, asked: GenerationRequest) -> int:
        """Reads a prompt to its end while the others wait; gives the answer's number."""
        answer = self.decoder.begin(asked)
        self._answers.append(answer)
        self.tokens.append([])
        self.logits.append(seen := [])
        self.ends.append(None)
        number = len(self._answers) - 1
        take = answer.take

        def watched(logits: NDArray[np.float32]) -> Reached:
            rows = [row.tobytes() for row in logits]
            reached = take(logits)
            seen.extend(rows[: len(reached.tokens)])
            return reached

        answer.take = watched  # type: ignore[method-assign]
        while self._answers[number] is not None and answer.is_reading:
            self._take([number], self.decoder.advance([answer]))
        return number

    def step(self) -> bool:
        """One step of all; gives whether there was any."""
        seated = [(number, answer) for number, answer in enumerate(self._answers) if answer is not None]
        if seated:
            numbers, answers = zip(*seated, strict=True)
            self._take(numbers, self.decoder.advance(answers))
        return bool(seated)

    def interrupt(self, number: int) -> None:
        """Cancels an answer as somebody else does while a pass runs."""
        answer = self._answers[number]
        assert answer is not None
        answer.interrupt()

    def rise(self, number: int) -> None:
        """Ends an answer before its time."""
        answer = self._answers[number]
        if answer is not None:
            answer.close()
            self._answers[number] = None

    def _take(self, numbers: Sequence[int], all_reached: Sequence[Reached]) -> None:
        for number, reached in zip(numbers, all_reached, strict=True):
            self.tokens[number] += reached.tokens
            self.ends[number] = reached.end
            if reached.end is not None:
                self.rise(number)


def alone(folder: Path, asked: GenerationRequest, **more: int) -> list[int]:
    """The answer of a model that does nothing else and has seen nothing."""
    return all_alone(folder, asked, **more)[0]


def all_alone(folder: Path, asked: GenerationRequest, **more: int) -> tuple[list[int], list[bytes]]:
    """The same with its logits."""
    table = Table(loaded(folder, **more))
    table.seat(asked)
    while table.step():
        pass
    return table.tokens[0], table.logits[0]


@pytest.mark.parametrize("draft_tokens", [0, 15])
@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize("family", ["llama", "gpt_bigcode", "starcoder2"])
def test_batch_answers_are_those_of_each_alone(
    family: str, precision: str, draft_tokens: int, tiny: Callable[[str, str], Path]
) -> None:
    """Long and short, greedy and sampled, constrained, guessing; they come and go, and not a bit of a logit differs."""
    folder = tiny(family, precision)
    expected, logits = zip(*(all_alone(folder, asked, draft_tokens=draft_tokens) for asked in MIXED), strict=True)
    table = Table(loaded(folder, draft_tokens=draft_tokens))
    sizes: list[int] = []
    run = table.decoder.session.run
    table.decoder.session.run = lambda each, *more: (sizes.append(len(each.entries)), run(each, *more))[1]  # type: ignore[method-assign,func-returns-value]
    for asked in MIXED:
        table.seat(asked)
        table.step()
        table.step()
    table.rise(0)
    while table.step():
        pass

    assert table.tokens[1:] == [*expected[1:]]
    assert table.logits[1:] == [*logits[1:]]
    assert table.tokens[0] == expected[0][: len(table.tokens[0])]
    assert table.tokens[0], "it was to end half-way"
    assert len({*expected[2]}) > 2
    assert max(sizes) == 4


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prompts=st.lists(
        st.tuples(st.lists(st.integers(1, 6), min_size=1, max_size=90), st.integers(1, 40), st.integers(0, 3)),
        min_size=2,
        max_size=6,
    )
)
def test_batch_of_anything_changes_nothing(
    tiny: Callable[[str, str], Path], prompts: list[tuple[list[int], int, int]]
) -> None:
    """Whatever the lengths, up to the window's end, and whenever each comes."""
    folder = tiny("llama", "int8")
    decoder = loaded(folder)
    table = Table(decoder)
    asked = [
        request(prompt, max_tokens=most, sampling=Sampling(temperature=float(late), seed=late))
        for prompt, most, late in prompts
    ]
    for each, (_, _, late) in zip(asked, prompts, strict=True):
        table.seat(each)
        for _ in range(late):
            table.step()
    while table.step():
        pass

    assert table.tokens == [alone(folder, each) for each in asked]


def test_batch_row_whose_logits_are_no_numbers_ends_alone(tiny: Callable[[str, str], Path]) -> None:
    """The other rows of the same pass are what they would be."""
    folder = tiny("llama", "fp32")
    table = Table(loaded(folder))
    for asked in MIXED[:3]:
        table.seat(asked)
    run = table.decoder.session.run

    def broken(each: Pass, *more: object) -> object:
        logits = run(each, *more)  # type: ignore[arg-type]
        logits[1] = np.nan
        return logits

    table.decoder.session.run = broken  # type: ignore[method-assign,assignment]
    table.step()
    table.decoder.session.run = run  # type: ignore[method-assign]
    while table.step():
        pass

    assert isinstance(table.ends[1], EngineError)
    assert "tiny" in table.ends[1].message
    assert [table.tokens[0], table.tokens[2]] == [alone(folder, MIXED[0]), alone(folder, MIXED[2])]


def test_batch_pass_that_fails_ends_its_answers_and_no_others(tiny: Callable[[str, str], Path]) -> None:
    """What is asked afterwards is answered as ever."""
    folder = tiny("llama", "fp32")
    table = Table(loaded(folder))
    for asked in MIXED[:2]:
        table.seat(asked)

    def fail(*_: object) -> None:
        raise EngineError("out of something")

    run = table.decoder.session.run
    table.decoder.session.run = fail  # type: ignore[method-assign,assignment]
    table.step()
    table.decoder.session.run = run  # type: ignore[method-assign]
    again = table.seat(MIXED[2])
    while table.step():
        pass

    assert [type(end) for end in table.ends[:2]] == [EngineError, EngineError]
    assert table.tokens[again] == alone(folder, MIXED[2])


@pytest.fixture
def without_padding(tiny: Callable[[str, str], Path], tmp_path: Path) -> Path:
    """The llama as an older version wrote it, or as one is written for a GPU: no row can be padded."""
    import onnx

    folder = tiny("llama", "fp32")
    model = onnx.load(str(folder / "model.onnx"), load_external_data=False)
    for tensor in [each for each in model.graph.input if each.name == "query_seqlens"]:
        model.graph.input.remove(tensor)
    for node in model.graph.node:
        while "query_seqlens" in node.input:
            node.input.remove("query_seqlens")
    onnx.save(model, str(tmp_path / "model.onnx"))
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["inputs"]["query_seqlens"]
    manifest["format"] = 1
    manifest["files"]["model.onnx"]["size_bytes"] = (tmp_path / "model.onnx").stat().st_size
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    for name in ("model.onnx.data", "tokenizer.json"):
        (tmp_path / name).hardlink_to(folder / name)
    return tmp_path


def test_batch_without_padding_needs_no_new_runtime(without_padding: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older graphs are served by the versions that they were made for."""
    older = SimpleNamespace(**{**vars(load_runtime()), "__version__": "1.31.1"})
    monkeypatch.setattr(session, "load_runtime", lambda: older)

    assert alone(without_padding, MIXED[0])


@pytest.mark.parametrize("is_padded", [True, False])
def test_batch_interrupted_answer_takes_no_other_with_it(
    tiny: Callable[[str, str], Path], without_padding: Path, is_padded: bool
) -> None:
    """What is cancelled while all write ends no pass of others, whether these go together or one by one."""
    folder = tiny("llama", "fp32") if is_padded else without_padding
    table = Table(loaded(folder))
    for asked in MIXED:
        table.seat(asked)
    table.interrupt(0)
    table.step()
    table.rise(0)
    while table.step():
        pass

    assert table.tokens[1:] == [alone(folder, asked) for asked in MIXED[1:]]


@pytest.mark.parametrize(("batches", "widest"), [("none", 1), ("of single rows", 3)])
def test_batch_without_padding_is_written_one_by_one_or_row_by_row(
    without_padding: Path, monkeypatch: pytest.MonkeyPatch, batches: str, widest: int
) -> None:
    """An older graph answers one at a time; a GPU's single rows give these tokens in float32 as well."""
    expected = [alone(without_padding, asked) for asked in MIXED[:3]]
    table = Table(loaded(without_padding))
    assert table.decoder.session.batches == "none"
    monkeypatch.setattr(Session, "batches", batches)
    sizes: list[int] = []
    run = table.decoder.session.run
    table.decoder.session.run = lambda each, *more: (sizes.append(len(each.entries)), run(each, *more))[1]  # type: ignore[method-assign,func-returns-value]
    for asked in MIXED[:3]:
        table.seat(asked)
    while table.step():
        pass

    assert table.tokens == expected
    assert max(sizes) == widest
