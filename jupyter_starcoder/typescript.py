"""The types of `wire.py` as TypeScript: `python -m jupyter_starcoder.typescript` prints `labextension/src/wire.ts`."""

import dataclasses
import inspect
import sys
import textwrap
import types
import typing

import msgspec

from jupyter_starcoder import wire

HEADER = """\
// Generated from jupyter_starcoder/wire.py: run `make wire` after a change there.
"""
PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
WIDTH = 100  # of prettier, for a union that is broken into lines


def module(*roots: type) -> str:
    """TypeScript for these classes and all that they are made of, in the order in which they are first met."""
    names = _Names()
    for root in roots:
        names.add(root)
    return HEADER + "".join(f"\n{text}" for text in names.declarations())


def roots() -> tuple[type, ...]:
    """Everything that `wire.py` declares."""
    return tuple(
        value
        for value in vars(wire).values()
        if isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == wire.__name__
    )


class _Names:
    """The classes and named literals that are needed, each once."""

    def __init__(self) -> None:
        self._literals = _named_literals()
        self._texts: dict[str, str] = {}

    def declarations(self) -> list[str]:
        return list(self._texts.values())

    def add(self, kind: type) -> str:
        """The TypeScript name of a class; declares it and its parts first."""
        if kind.__name__ not in self._texts:
            lines = self._fields(kind)
            comment = _comment(kind)
            self._texts[kind.__name__] = f"{comment}export interface {kind.__name__} {{\n{lines}}}\n"
        return kind.__name__

    def _fields(self, kind: type) -> str:
        hints = typing.get_type_hints(kind)
        lines: list[str] = []
        if issubclass(kind, msgspec.Struct):
            tag = kind.__struct_config__.tag
            if tag is not None:
                lines.append(f"  {kind.__struct_config__.tag_field}: '{tag}';")
            # Replies always carry every field; in requests those with a default can be left out.
            can_be_absent = _is_request(kind)
            optional = {f.name for f in msgspec.structs.fields(kind) if not f.required} if can_be_absent else set()
        else:
            optional = set()
        spelled = (
            {f.name: f.encode_name for f in msgspec.structs.fields(kind)} if issubclass(kind, msgspec.Struct) else {}
        )
        lines += [
            f"  {spelled.get(name, name)}{'?' if name in optional else ''}: {self._type(hint)};"
            for name, hint in hints.items()
        ]
        return "".join(f"{line}\n" for line in lines)

    def _type(self, hint: object) -> str:
        if isinstance(hint, type) and hint in PLAIN:
            return PLAIN[hint]
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Literal:
            return self._literal(hint)
        if origin in (types.UnionType, typing.Union):
            return " | ".join(self._type(argument) for argument in arguments)
        if origin is tuple:
            inner = self._type(arguments[0])
            return f"({inner})[]" if " | " in inner else f"{inner}[]"
        if isinstance(hint, type) and (dataclasses.is_dataclass(hint) or issubclass(hint, msgspec.Struct)):
            return self.add(hint)
        raise TypeError(f"{hint!r} has no TypeScript here: add it to jupyter_starcoder/typescript.py")

    def _literal(self, hint: object) -> str:
        name = self._literals[typing.get_args(hint)]
        if name not in self._texts:
            values = [f"'{value}'" for value in typing.get_args(hint)]
            line = f"export type {name} = {' | '.join(values)};\n"
            below = f"export type {name} =\n  {' | '.join(values)};\n"
            broken = f"export type {name} =\n" + "\n".join(f"  | {value}" for value in values) + ";\n"
            fits = (text for text in (line, below) if max(map(len, text.splitlines())) <= WIDTH)
            self._texts[name] = next(fits, broken)
        return name


def _named_literals() -> dict[tuple[object, ...], str]:
    """The names that `wire.py` knows its literals by."""
    return {
        typing.get_args(value): name for name, value in vars(wire).items() if typing.get_origin(value) is typing.Literal
    }


def _is_request(kind: type) -> bool:
    return bool(kind.__struct_config__.forbid_unknown_fields)  # type: ignore[attr-defined]


def _comment(kind: type) -> str:
    lines = textwrap.dedent(inspect.cleandoc(kind.__doc__ or "")).splitlines()
    if len(lines) == 1:
        return f"/** {lines[0]} */\n"
    return "/**\n" + "".join(f" * {line}".rstrip() + "\n" for line in lines) + " */\n"


if __name__ == "__main__":
    sys.stdout.write(module(*roots()))
