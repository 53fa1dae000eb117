"""Python values as auto-archiver's `csv_db` writes them into cells: `{'timestamp': datetime.datetime(2020, 3, 1, ...)}`.

Here belongs that notation alone. Nothing is evaluated: what isn't a plain value or a moment is refused.
"""

import ast
import warnings
from datetime import UTC, datetime, timedelta, timezone
from typing import Any


class NotALiteralError(Exception):
    """Text that isn't a value in this notation."""


def read_literal(text: str) -> Any:
    """The value that a cell holds. Raises NotALiteralError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that Python finds odd
            tree = ast.parse(text.strip(), mode="eval")
        return _value(tree.body)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError, TypeError) as problem:
        raise NotALiteralError(f"not a Python value ({type(problem).__name__})") from problem


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=str() | int() | float() | None as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
        case ast.Dict(keys=keys, values=values):
            if None in keys:
                raise ValueError("**")
            return {str(_value(k)): _value(v) for k, v in zip(keys, values, strict=True) if k}
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return [_value(item) for item in items]
        case ast.Attribute() if _name(node) == "datetime.timezone.utc":
            return UTC
        case ast.Call(func=func, args=args, keywords=keywords):
            return _called(_name(func), [_value(a) for a in args], {k.arg or "": _value(k.value) for k in keywords})
        case _:
            raise ValueError(type(node).__name__)


def _called(name: str, args: list[Any], named: dict[str, Any]) -> Any:
    match name:
        case "datetime.datetime":
            return datetime(*args, **named)  # noqa: DTZ001 - with its zone, if it was written with one
        case "datetime.timedelta":
            return timedelta(*args, **named)
        case "datetime.timezone":
            return timezone(*args)
        case "tzutc" | "tzlocal" | "set":
            return UTC if name == "tzutc" else None if name == "tzlocal" else []
        case "PosixPath" | "WindowsPath" if args:
            return str(args[0])
        case _:
            raise ValueError(name)


def _name(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
