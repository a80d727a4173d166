"""Gives the result of written code a name."""

import ast


def bound(code: str, name: str) -> str | None:
    """The same code with `name` bound to the value of its last expression or assignment; none where it ends otherwise.

    What is printed at the end is bound, and printed too. Code that Python alone cannot read, such as one with magics in
    it, is not bound either.
    """
    try:
        statements = ast.parse(code).body
    except (SyntaxError, ValueError):
        return None
    last = statements[-1] if statements else None
    if isinstance(last, ast.Expr):
        lines = code.split("\n")
        line = lines[last.lineno - 1].encode()  # columns count bytes
        before = "".join(f"{line}\n" for line in lines[: last.lineno - 1]) + line[: last.col_offset].decode()
        if not _prints(last.value):
            return f"{before}{name} = {code[len(before) :]}"
        printed = _printed(last.value, code)
        if printed == name:
            return code
        return f"{before}{name} = {printed}\nprint({name})" if printed else None
    if isinstance(last, ast.Assign | ast.AnnAssign):
        target = last.targets[0] if isinstance(last, ast.Assign) else last.target
        if isinstance(target, ast.Name):
            return code if target.id == name else f"{code.rstrip()}\n{name} = {target.id}"
    return None


def _prints(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print"


def _printed(value: ast.expr, code: str) -> str:
    """The one value that is printed; empty where it is not one."""
    match value:
        case ast.Call(args=[argument], keywords=[]) if not isinstance(argument, ast.Starred):
            text = ast.get_source_segment(code, argument) or ""
            return f"({text})" if "\n" in text or isinstance(argument, ast.NamedExpr) else text
    return ""
