"""Gives the result of written code a name."""

import ast


def bound(code: str, name: str) -> str | None:
    """The same code with `name` bound to the value of its last expression or assignment; none where it ends otherwise.

    Code that Python alone cannot read, such as one with magics in it, is not bound either.
    """
    try:
        statements = ast.parse(code).body
    except (SyntaxError, ValueError):
        return None
    last = statements[-1] if statements else None
    if isinstance(last, ast.Expr):
        lines = code.splitlines(keepends=True)
        line = lines[last.lineno - 1].encode()  # columns count bytes
        lines[last.lineno - 1] = (line[: last.col_offset] + f"{name} = ".encode() + line[last.col_offset :]).decode()
        return "".join(lines)
    if isinstance(last, ast.Assign | ast.AnnAssign):
        target = last.targets[0] if isinstance(last, ast.Assign) else last.target
        if isinstance(target, ast.Name):
            return code if target.id == name else f"{code.rstrip()}\n{name} = {target.id}"
    return None
