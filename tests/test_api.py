"""The package stays small: a function is public because a page, figure, explorer or exercise calls it."""

import ast
import functools
import importlib
import inspect
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = re.compile(r"^(`{3,}|~{3,})(?:\{code-cell\}[^\n]*|python)\n(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)
NOT_PYTHON = re.compile(r"^(?::[\w-]+:.*|[%!].*)$", re.MULTILINE)  # options of a cell, magics

# What these define is called by the machinery: explorers by name, checkers for the reader's function.
REGISTERED = ("mmlhelpers.explorers", "mmlhelpers.exercises")
CALLERS = ("figures", "explorers", "exercises")
DRAWN = ("mmlhelpers.figures", "mmlhelpers.plotting")  # public, and no numerics


def code_of_page(text):
    """Return the Python of the code cells of a page, one after another."""
    return "\n".join(NOT_PYTHON.sub("", code) for _, code in CODE.findall(text))


def code_with_setup(page):
    """Return the Python of a page; a lesson begins with the imports of its chapter, as when it is run."""
    start = page.with_name("00_chapter.md")
    files = [start, page] if start.exists() and start != page else [page]
    return "\n".join(code_of_page(file.read_text("utf-8")) for file in files)


def imported(tree):
    """Return what each imported name stands for, as a dotted path."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {entry.asname or entry.name: f"{node.module}.{entry.name}" for entry in node.names}
        elif isinstance(node, ast.Import):
            for entry in node.names:
                top = entry.name.partition(".")[0]  # what `import a.b` makes known
                names[entry.asname or top] = entry.name if entry.asname else top
    return names


def dotted(node):
    """Write a chain of attributes as a path, or return None if it does not start with a name."""
    if isinstance(node, ast.Name):
        return node.id
    start = dotted(node.value) if isinstance(node, ast.Attribute) else None
    return start and f"{start}.{node.attr}"


def used(source, path):
    """Return the dotted path of everything imported that a source uses; an import alone is no use."""
    tree = ast.parse(source, filename=path)
    names = imported(tree)
    paths = {dotted(node) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)} - {None}
    heads = {path: path.partition(".") for path in paths}
    return {names[head] + dot + rest for head, dot, rest in heads.values() if head in names}


def modules(src):
    """Yield the dotted name, the syntax tree and whether it is a package, for each module of the package."""
    for path in sorted(src.rglob("*.py")):
        parts = path.relative_to(src).with_suffix("").parts
        package = parts[-1] == "__init__"
        yield ".".join(parts[:-1] if package else parts), ast.parse(path.read_text("utf-8")), package


def is_public(path):
    return not any(part.startswith("_") for part in path.split("."))


def public_functions(src):
    """Return every public function, and the paths under which a page may call it."""
    defined, shown_as = {}, {}
    for name, tree, package in modules(src):
        functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        defined |= {f"{name}.{function}": {f"{name}.{function}"} for function in functions}
        if package:
            shown_as |= {f"{name}.{local}": path for local, path in imported(tree).items()}
    for alias, path in shown_as.items():
        if path in defined:
            defined[path].add(alias)
    public = {path: {alias for alias in aliases if is_public(alias)} for path, aliases in defined.items()}
    return {path: aliases for path, aliases in public.items() if aliases and not path.startswith(REGISTERED)}


@functools.cache
@functools.cache
def numerical_functions(src):
    """Return the paths of all public functions of the numerics, and of the public methods of its classes."""
    found = {path for path in public_functions(src) if not path.startswith(DRAWN)}
    for name, _, package in modules(src):
        if is_public(name) and not name.startswith((*REGISTERED, *DRAWN)):
            found |= {path for cls in public_classes(name, package) for path in methods(cls)}
    return {path.removeprefix("mmlhelpers.") for path in found}


def public_classes(name, package):
    """Return the classes that a module defines, or a package shows, and whose objects can be made."""
    shown = vars(importlib.import_module(name)).items()
    classes = [value for key, value in shown if is_public(key) and inspect.isclass(value)]
    ours = [cls for cls in classes if cls.__module__.startswith(name if not package else "mmlhelpers.")]
    return [c for c in ours if not inspect.isabstract(c) and not getattr(c, "_is_protocol", False)]


def methods(cls):
    """Return the paths of what can be asked of the objects of a class; fields of tuples are no methods."""
    owners = {name: owner for owner in reversed(cls.__mro__) for name in vars(owner)}
    ours = [name for name, owner in owners.items() if owner.__module__.startswith("mmlhelpers.")]
    public = [name for name in ours if is_public(name) and inspect.isfunction(getattr(cls, name))]
    return {f"{cls.__module__}.{cls.__qualname__}.{name}" for name in public}


def unused_functions(root):
    """Return the public functions that nothing a reader meets calls."""
    src = root / "src"
    pages = [*(root / "notebooks" / "text").rglob("*.md"), *(root / "book").glob("*.md")]
    callers = [path for folder in CALLERS for path in (src / "mmlhelpers" / folder).rglob("*.py")]
    calls = set()
    for page in pages:
        calls |= used(code_with_setup(page), page)
    for caller in callers:
        calls |= used(caller.read_text("utf-8"), caller)
    return sorted(path for path, aliases in public_functions(src).items() if not aliases & calls)


def test_every_public_function_is_called_by_a_page_a_figure_an_explorer_or_an_exercise():
    unused = unused_functions(ROOT)
    assert not unused, f"called nowhere that a reader looks; make private or remove: {', '.join(unused)}"


def test_numerical_functions_are_those_of_modules_and_classes_that_a_reader_can_import():
    found = numerical_functions(ROOT / "src")
    assert {
        "linalg.elimination.solve",
        "nn._layers.Dense.forward",
        "probability.distributions.Normal.cdf",
    } <= found
    hidden = ("figures", "plotting", "explorers", "exercises", "optim._paths", "linalg._common")
    assert not [name for name in found if name.startswith(hidden) or "__" in name]


def test_the_search_tells_calls_from_imports_and_mentions(tmp_path):
    files = {
        "src/mmlhelpers/__init__.py": "",
        "src/mmlhelpers/linalg.py": """
def called(): return helper()
def helper(): return _private()
def renamed(): pass
def passed(): pass
def imported_only(): pass
def mentioned(): pass
def in_figure(): pass
def _private(): pass
""",
        "src/mmlhelpers/plotting/__init__.py": "from mmlhelpers.plotting._verbs import arrow, plane\n",
        "src/mmlhelpers/plotting/_verbs.py": "def arrow(): pass\ndef plane(): pass\ndef hidden(): pass\n",
        "src/mmlhelpers/figures/linear_algebra.py": """
from mmlhelpers import linalg
def shown(): return linalg.in_figure()
def forgotten(): pass
""",
        "src/mmlhelpers/explorers/linear_algebra.py": "def plane_map(): pass\n",
        "notebooks/text/01_linear_algebra.md": """
`linalg.mentioned()` and linalg.mentioned() in prose are no calls.

```{code-cell} ipython3
:tags: [remove-cell]

%matplotlib inline
from mmlhelpers import linalg, plotting
from mmlhelpers.figures import linear_algebra as figures
from mmlhelpers.linalg import imported_only, renamed as another
```

````{code-cell} ipython3
:alt: linalg.mentioned(), but not called
plotting.arrow(linalg.called())
[f() for f in (linalg.passed, another)]
figures.shown()
# linalg.mentioned()
````

```text
linalg.mentioned()
```
""",
        "book/intro.md": "Nothing to run here: `linalg.mentioned()`.\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert unused_functions(tmp_path) == [
        "mmlhelpers.figures.linear_algebra.forgotten",
        "mmlhelpers.linalg.helper",
        "mmlhelpers.linalg.imported_only",
        "mmlhelpers.linalg.mentioned",
        "mmlhelpers.plotting._verbs.plane",
    ]
