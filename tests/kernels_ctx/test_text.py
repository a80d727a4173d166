"""The text forms of a snapshot."""

from kernels_ctx.snapshot import Column, KernelSnapshot, Variable
from kernels_ctx.text import info_text, line, render


def snapshot_of(*names: str, touched: int = 0) -> KernelSnapshot:
    """A kernel with lists of these names."""
    return KernelSnapshot(
        language="python",
        variables=tuple(
            Variable(name=name, type_name="list", kind="container", shape=(1,), touched=touched) for name in names
        ),
    )


def test_render_too_many_variables_keeps_what_is_named_nearby() -> None:
    """What the nearest text names is kept, in the order of names, whatever the order of the texts."""
    snapshot = snapshot_of("a", "b", "c", "d")

    assert render(snapshot, ["d[0]", "b + c"], most_variables=2) == "b: list 1\nd: list 1"


def test_render_without_texts_keeps_what_was_touched_last() -> None:
    """The last executed cells tell what matters."""
    snapshot = KernelSnapshot(
        language="python",
        variables=(*snapshot_of("a", "b").variables, *snapshot_of("c", touched=4).variables),
    )

    assert render(snapshot, most_variables=1) == "c: list 1"


def test_render_order_does_not_follow_the_cursor() -> None:
    """The bytes stay where all can be shown, so that the prompt's front can be reused."""
    snapshot = snapshot_of("a", "b", "c")

    assert render(snapshot, ["c"]) == render(snapshot, ["a"]) == render(snapshot)


def test_line_wide_frame_shows_columns_that_are_named_in_quotes() -> None:
    """A column's name may hold a space."""
    keys = ["one", "two", "unit price"]
    columns = tuple(Column(name=repr(key), dtype="int64", key=key) for key in keys)
    frame = Variable(name="df", type_name="DataFrame", kind="frame", shape=(2, 3), columns=columns, column_count=3)
    snapshot = KernelSnapshot(language="python", variables=(frame,))

    assert "'unit price' (int64)" in render(snapshot, ["df['unit price']"])
    assert line(frame, most_columns=1) == "df: DataFrame 2 × 3, columns 'one' (int64) and 2 more"


def test_info_text_of_many_columns_says_how_many_are_hidden() -> None:
    """The numbers of the columns are those of the whole frame."""
    columns = tuple(Column(name=repr(f"c{i}"), dtype="int64", key=f"c{i}", null_share=0.5) for i in range(5))
    frame = Variable(name="df", type_name="DataFrame", kind="frame", shape=(4, 5), columns=columns, column_count=5)

    assert info_text(frame, ["c4"], most_columns=2).splitlines()[3:] == [
        " #   Column  Non-Null Count  Dtype",
        "---  ------  --------------  -----",
        " 0   c0      2 non-null      int64",
        " 4   c4      2 non-null      int64",
        " ... and 3 more columns",
        "dtypes: int64(5)",
    ]
