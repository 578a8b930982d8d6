"""The house rules that no linter knows."""

import ast
from functools import cache
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ("spatial", "layers", "importers", "web")
MODULES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")
                 if "versions" not in path.parts)
LAYERS = [p for p in (ROOT / "layers").glob("*.py") if "\nLAYER = " in p.read_text("utf-8")]
MODULE_LINES, LAYER_LINES, BODY_LINES, BODY_MEDIAN = 300, 200, 25, 6
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path):
    return str(path.relative_to(ROOT))


@cache
def parsed(path):
    return ast.parse(path.read_text("utf-8"))


def imports(path):
    """Return the dotted names that a file imports, wherever in the file."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def functions(path):
    return [node for node in ast.walk(parsed(path)) if isinstance(node, Function)]


def body_lines(function):
    """Count the lines of a function without its signature and docstring."""
    first = function.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    start = first.end_lineno if is_docstring else first.lineno - 1
    return function.end_lineno - start


@pytest.mark.parametrize("path", LAYERS, ids=lambda p: p.stem)
def test_a_layer_knows_no_other_layer(path):
    others = {f"layers.{p.stem}" for p in LAYERS if p != path}
    assert not [one for one in imports(path) if any(
        one == other or one.startswith(other + ".") for other in others)]


@pytest.mark.parametrize("path", LAYERS, ids=lambda p: p.stem)
def test_a_layer_is_one_short_file(path):
    assert len(path.read_text("utf-8").splitlines()) <= LAYER_LINES


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_keeps_within_its_budget(path):
    assert len(path.read_text("utf-8").splitlines()) <= MODULE_LINES


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_function_is_longer_than_a_glance(path):
    long = [(f.name, body_lines(f)) for f in functions(path) if body_lines(f) > BODY_LINES]
    assert not long


def test_functions_are_short_on_the_whole():
    assert median(body_lines(f) for path in MODULES for f in functions(path)) <= BODY_MEDIAN


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_what_is_public_says_what_it_does_and_gives(path):
    every = functions(path)
    inner = {id(one) for outer in every for one in ast.walk(outer) if one is not outer}
    silent = [f.name for f in every if not f.name.startswith("_") and id(f) not in inner
              and (not ast.get_docstring(f) or f.returns is None)]
    assert not silent


def test_tracked_words_name_nobodys_machine():
    """No file of the house holds a path outside it that only one machine has."""
    bad = ("/wo" + "rk/", "../sha" + "red")
    found = [name(path) for path in MODULES for word in bad if word in path.read_text("utf-8")]
    assert not found
