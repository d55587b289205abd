"""What a cell of a notebook does with names: which it uses, binds anew, and changes in place."""

import ast
import builtins
import dataclasses
import functools
import symtable
from collections.abc import Iterator

# What is drawn from or advanced changes by being used.
STATEFUL = {"default_rng", "spawn", "iter", "tqdm"}
RUN_AT_ONCE = {"genexpr", "listcomp", "setcomp", "dictcomp"}  # scopes that are no functions to be called


@dataclasses.dataclass(frozen=True)
class Flow:
    """What a cell does with the names of the notebook: uses, changes, and binds whatever they were before."""

    reads: frozenset[str]
    later: frozenset[str]  # those that its functions read when they are called
    changes: frozenset[str]
    binds: frozenset[str]
    draws: frozenset[str]  # bound to something that changes by being used
    imports: frozenset[str]


@functools.cache
def flow(source: str) -> Flow:
    """Read off a cell what it does with names; a cell that cannot be parsed does nothing."""
    try:
        return flow_of(ast.parse(source).body)
    except SyntaxError:
        return Flow(*[frozenset()] * 6)


def flow_of(statements: list[ast.stmt]) -> Flow:
    """What statements that are run one after the other do with names."""
    reads, later, changes, binds, draws, imports = (set() for _ in range(6))
    for statement in statements:
        used, inside, assigned = names(statement)
        later |= inside
        kept = isinstance(statement, ast.AugAssign | ast.If | ast.Try | ast.While | ast.Delete)
        own = set() if kept else bound_by_loops(statement)
        changed = used.intersection(changed_names(statement)) - own  # without what is local to a function
        reads |= first_used(statement, used) - binds - own
        changes |= changed - binds
        if kept:
            changes |= assigned
            reads |= assigned - binds
        else:
            binds |= assigned
        if isinstance(statement, ast.Assign) and is_stateful(statement.value):
            draws |= assigned
        if isinstance(statement, ast.Import | ast.ImportFrom):
            imports |= assigned
    known = set(dir(builtins))
    return Flow(*map(frozenset, (reads - known, later - known, changes, binds, draws, imports)))


def first_used(statement: ast.stmt, used: set[str]) -> set[str]:
    """Of the names that a statement uses, those that a loop does not bind in its body before it uses them."""
    if not isinstance(statement, ast.For):
        return used
    return names(ast.Expr(statement.iter))[0] | flow_of([*statement.body, *statement.orelse]).reads


def names(statement: ast.stmt) -> tuple[set[str], set[str], set[str]]:
    """The names of the notebook that a statement uses, those its functions use, and those it assigns."""
    table = symtable.symtable(ast.unparse(statement), "cell", "exec")
    used = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    assigned = {
        symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()
    }
    inside = set()
    # Its own name a function reads only once it is called, and then it is bound.
    own = {statement.name} if isinstance(statement, ast.FunctionDef | ast.ClassDef) else set()
    waiting = list(table.get_children())
    while waiting:
        scope = waiting.pop()
        waiting += scope.get_children()
        found = {s.get_name() for s in scope.get_symbols() if s.is_global() and s.is_referenced()}
        used |= found - own
        inside |= found if scope.get_name() not in RUN_AT_ONCE else set()
    return used, inside, assigned


def bound_by_loops(statement: ast.stmt) -> set[str]:
    """The names that a loop or a `with` binds before its body reads them."""
    targets = [node.target for node in ast.walk(statement) if isinstance(node, ast.For)]
    targets += [
        item.optional_vars
        for node in ast.walk(statement)
        if isinstance(node, ast.With)
        for item in node.items
    ]
    return {
        node.id for target in targets if target for node in ast.walk(target) if isinstance(node, ast.Name)
    }


def changed_names(statement: ast.stmt) -> Iterator[str]:
    """The names whose values a statement may change without binding them anew."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            yield from base(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            # A call whose result nobody keeps is made for what it does to its arguments.
            yield from base(node.value.func)
            given = [*node.value.args, *(keyword.value for keyword in node.value.keywords)]
            yield from (argument.id for argument in given if isinstance(argument, ast.Name))


def base(node: ast.expr) -> Iterator[str]:
    """The name at the start of `name.a[0].b`, if that is what an expression is; a bare name has no parts."""
    inside = node
    while isinstance(inside, ast.Attribute | ast.Subscript):
        inside = inside.value
    if isinstance(inside, ast.Name) and inside is not node:
        yield inside.id


def is_stateful(value: ast.expr) -> bool:
    """Whether an expression makes something that changes by being used."""
    called = value.func if isinstance(value, ast.Call) else None
    return getattr(called, "attr", getattr(called, "id", "")) in STATEFUL
