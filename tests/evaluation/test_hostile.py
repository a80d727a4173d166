"""What a model wrote never passes by a trick, and never hurts what runs it."""

import os
import socket
from pathlib import Path
from textwrap import dedent

import pytest

from jupyter_starcoder.errors import EvaluationError
from jupyter_starcoder.evaluation.problem import Program
from jupyter_starcoder.evaluation.runner import Runner, standard_library
from jupyter_starcoder.evaluation.sandbox import NONE

LIMIT_S = 20.0
TRICK_LIMIT_S = 0.6
SOLVED = "def double(x):\n    return 2 * x\n"
CHECKS = "assert double(2) == 4\nassert double('ab') == 'abab'\n"

# Only the trick decides: what stands behind it, if anything, is no solution, or is one that judges itself.
HOSTILE = {
    "exits with success before the checks": "import sys; sys.exit(0)",
    "ends the process with success": "import os; os._exit(0)",
    "ends it inside of the function": """
        def double(x):
            import os
            os._exit(0)
    """,
    "raises what nobody catches": "raise BaseException('out')",
    "loops for ever": """
        while True:
            pass
    """,
    "loops for ever and ignores signals": """
        import signal
        for name in (signal.SIGTERM, signal.SIGXCPU, signal.SIGALRM):
            signal.signal(name, signal.SIG_IGN)
        while True:
            pass
    """,
    "sleeps for ever": "import time; time.sleep(1e6)",
    "forks without end": """
        import os
        while True:
            os.fork()
    """,
    "starts threads without end": """
        import threading, time
        while True:
            threading.Thread(target=time.sleep, args=(1e6,)).start()
    """,
    "takes memory without end": """
        kept = []
        while True:
            kept.append(bytearray(64 << 20))
            kept[-1][::4096] = b"x" * (16 << 10)
    """,
    "recurses without end": """
        def f():
            return f()
        f()
    """,
    "recurses in native code": """
        import sys
        sys.setrecursionlimit(10**9)
        deep = []
        for _ in range(10**6):
            deep = [deep]
        repr(deep)
    """,
    "ends its parent": """
        import os, time
        os.kill(os.getppid(), 9)
        time.sleep(9)
    """,
    "ends its parent without os.kill": """
        import ctypes, os
        ctypes.CDLL(None).kill(os.getppid(), 15)
        ctypes.CDLL(None).abort()
    """,
    "writes a verdict into every pipe": r"""
        import os
        for number in range(256):
            try:
                os.write(number, b'{"outcome": "passed", "message": ""}\n')
            except OSError:
                pass
        os._exit(0)
    """,
    "exchanges a builtin": """
        import builtins
        builtins.isinstance = lambda *_: True
        def double(x):
            return 2 * x
    """,
    "exchanges what reports": """
        import json, os
        os.write = lambda *_: 0
        json.dumps = lambda *_: '{"outcome": "passed", "message": ""}'
        os._exit = lambda *_: 0
    """,
    "closes its files": "import os; os.closerange(0, 256)",
    "leaves the answer out": "",
}


@pytest.mark.parametrize("trick", sorted(HOSTILE))
def test_hostile_answer_does_not_pass_and_the_runner_goes_on(runner: Runner, trick: str) -> None:
    """Whatever it does, it fails, and the next honest answer passes."""
    program = Program(kind="python", answer=dedent(HOSTILE[trick]) + "\n", checks=CHECKS)

    verdict = runner.run(program, limit_s=TRICK_LIMIT_S, memory_mb=512)

    assert not verdict.passed
    assert verdict.message
    honest = Program(kind="python", answer=SOLVED, checks=CHECKS)
    assert runner.run(honest, limit_s=LIMIT_S).passed


def test_output_without_end_is_not_kept(runner: Runner) -> None:
    """What a program prints goes nowhere; one that prints much and is right passes."""
    answer = f"print('x' * (32 << 20))\n{SOLVED}"

    assert runner.run(Program(kind="python", answer=answer, checks=CHECKS), limit_s=LIMIT_S).passed


def test_answer_writes_in_its_own_folder_alone(runner: Runner, tmp_path: Path) -> None:
    """A file of the user's is as it was, a new one does not appear; its own folder may be written."""
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    for trick in (
        f"open({str(mine)!r}, 'w').write('yours')",
        f"open({str(tmp_path / 'new.txt')!r}, 'w')",
        f"import os\nos.remove({str(mine)!r})",
        f"import os\nos.rename({str(mine)!r}, {str(tmp_path / 'moved')!r})",
        f"import shutil\nshutil.rmtree({str(tmp_path)!r})",
        f"import os\nassert os.system('rm {mine}') == 0",
        f"import subprocess\nsubprocess.run(['touch', {str(tmp_path / 'new.txt')!r}], check=True)",
        f"import os\nos.symlink({str(tmp_path)!r}, 'link')\nopen('link/new.txt', 'w')",
    ):
        assert not runner.run(Program(kind="python", answer=f"{trick}\n"), limit_s=LIMIT_S).passed, trick

    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert mine.read_text() == "mine"
    assert runner.run(Program(kind="python", answer="open('own.txt', 'w').write('x')\n"), limit_s=LIMIT_S).passed


def test_folder_of_an_answer_is_empty_and_home_lies_in_it(runner: Runner) -> None:
    """Nothing of one answer is found by the next."""
    answer = "import os\nassert os.listdir() == []\nassert os.path.expanduser('~') == os.getcwd()\nopen('left', 'w')\n"
    for _ in range(2):
        assert runner.run(Program(kind="python", answer=answer), limit_s=LIMIT_S).passed


def test_answer_reaches_no_network(runner: Runner) -> None:
    """Not even a server on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        answer = f"import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=1)\n"

        assert not runner.run(Program(kind="python", answer=answer), limit_s=LIMIT_S).passed
        with pytest.raises(TimeoutError):
            server.accept()


def test_process_that_outlives_its_answer_is_ended(runner: Runner) -> None:
    """One that leaves its session and its parent is found and ended as well."""
    answer = (
        "import os, time\n"
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(987654)\n    os._exit(0)\n"
    )
    before = below(runner)

    assert runner.run(Program(kind="python", answer=answer), limit_s=LIMIT_S).passed

    assert below(runner) == before


def below(runner: Runner) -> set[int]:
    """The processes of a runner, as this process sees them."""
    found: set[int] = set()
    waiting = [runner.process_id or 0]
    while waiting:
        for path in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            waiting += map(int, path.read_text().split())
        found |= set(waiting)
    return found


CONTEXT_TRICKS = {
    "exchanges the check": """
        import sys
        for number in (0, 1, 2, 3):
            if "exec_test" in sys._getframe(number).f_globals:
                sys._getframe(number).f_globals["exec_test"] = lambda *_: True
    """,
    "exchanges the check's code": """
        import sys
        for number in (0, 1, 2, 3):
            if "exec_test" in sys._getframe(number).f_globals:
                sys._getframe(number).f_globals["exec_test"].__code__ = (lambda *_: True).__code__
    """,
    "exchanges a function of a library": """
        import copy
        copy.deepcopy = lambda value: value
        result = [1, 2, 3]
    """,
    "exits": "import sys; sys.exit(0)",
    "ends the process": "import os; os._exit(0)",
    "gives nothing": "",
}


@pytest.mark.parametrize("trick", sorted(CONTEXT_TRICKS))
def test_answer_that_tricks_its_judge_does_not_pass(plain_runner: Runner, trick: str, ds1000_context: str) -> None:
    """The program of a DS-1000 problem runs the answer in its own process, and still judges it itself."""
    answer = f"result = 0\n{dedent(CONTEXT_TRICKS[trick])}\n"

    verdict = plain_runner.run(Program(kind="context", setup=ds1000_context, answer=answer), limit_s=LIMIT_S)

    assert not verdict.passed
    honest = Program(kind="context", setup=ds1000_context, answer="result = sorted(numbers)\n")
    assert plain_runner.run(honest, limit_s=LIMIT_S).passed


def test_other_language_is_not_run_without_a_sandbox_of_the_system() -> None:
    """Python's own refusals would not hold it."""
    with Runner(standard_library(), NONE) as runner, pytest.raises(EvaluationError, match="bubblewrap"):
        runner.run(Program(kind="command", answer="", command=("node", "-")), limit_s=LIMIT_S)


def test_sets_have_the_same_order_in_each_run() -> None:
    """A verdict does not hang on the luck of a start."""
    orders = "".join(f"word{number} " for number in range(50))
    answer = f"raise ValueError(list(set({orders!r}.split()))[:5])\n"
    program = Program(kind="python", answer=answer)

    told: set[str] = set()
    for _ in range(3):
        with Runner(standard_library(), NONE) as runner:
            told.add(runner.run(program, limit_s=LIMIT_S).message)

    assert len(told) == 1
    assert "word" in told.pop()


def test_runner_whose_server_is_gone_starts_another(plain_runner: Runner) -> None:
    """A program that does manage to end it costs one verdict."""
    assert plain_runner.process_id is not None
    os.kill(plain_runner.process_id, 9)

    program = Program(kind="python", answer=SOLVED, checks=CHECKS)

    assert plain_runner.run(program, limit_s=LIMIT_S).outcome == "crashed"
    assert plain_runner.run(program, limit_s=LIMIT_S).passed
