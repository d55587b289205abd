"""Every derivative that a page displays is right, and every one is registered."""

import importlib
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from notebook_source import read_source, texts

from mmlhelpers import calculus

HERE = Path(__file__).parent
LABEL = re.compile(r"^(?:.*\$\$\s*\(|\s*:label:\s*)(eq-(?:grad|jac|hess)-[\w-]+)", re.MULTILINE)
CHAPTERS = sorted(path.stem for path in (HERE / "derivatives").glob("[0-9]*.py"))
ENTRIES = [
    entry for chapter in CHAPTERS for entry in importlib.import_module(f"derivatives.{chapter}").DERIVATIVES
]
POINTS = range(5)


def labels_of(text):
    return LABEL.findall(text)


def pieces(entry, seed):
    """The function of the point alone, the point, and what the formula says there."""
    sample = entry.sample(np.random.default_rng(seed))
    x, *rest = sample if isinstance(sample, tuple) else (sample,)
    return (lambda x: entry.function(x, *rest)), np.asarray(x, float), np.asarray(entry.formula(x, *rest))


def assert_derivative_matches(entry, seed):
    f, x, claimed = pieces(entry, seed)
    measured = calculus.numerical_jacobian(f, x, h=1e-5)
    assert claimed.shape == measured.shape, f"{entry.label}: the formula has shape {claimed.shape}"
    scale = max(1.0, np.abs(measured).max(), np.abs(f(x)).max())
    np.testing.assert_allclose(claimed, measured, rtol=0, atol=1e-7 * scale, err_msg=entry.label)
    if entry.analytic:
        columns = [
            calculus.complex_step(lambda t, one=one: f(x + t * one), 0.0)
            for one in np.eye(x.size).reshape(-1, *x.shape)
        ]
        exact = np.reshape(np.stack(columns, axis=-1), measured.shape)
        np.testing.assert_allclose(claimed, exact, rtol=0, atol=1e-12 * scale, err_msg=entry.label)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.label)
@pytest.mark.parametrize("seed", POINTS)
def test_formula_agrees_with_differences_and_the_complex_step(entry, seed):
    assert_derivative_matches(entry, seed)


def test_each_label_is_registered_once():
    assert [label for label, n in Counter(entry.label for entry in ENTRIES).items() if n > 1] == []


@pytest.mark.parametrize("text", texts(), ids=lambda path: path.stem)
def test_labels_in_a_text_and_in_its_registry_are_the_same(text):
    registered = set()
    if text.stem in CHAPTERS:
        registered = {e.label for e in importlib.import_module(f"derivatives.{text.stem}").DERIVATIVES}
    assert set(labels_of(read_source(text).text)) == registered


def test_registries_belong_to_texts():
    assert set(CHAPTERS) <= {path.stem for path in texts()}


def test_labels_are_found_in_both_ways_of_writing_them():
    text = "$$\nx\n$$ (eq-grad-one)\n$$x$$ (eq-jac-two)\n```{math}\n:label: eq-hess-three-a\n```\n"
    text += "see {eq}`eq-grad-no` ($$) and (eq-jac-no)"
    assert labels_of(text) == ["eq-grad-one", "eq-jac-two", "eq-hess-three-a"]


@pytest.mark.parametrize("factor", [-1, 2, 1 + 1e-6])
def test_a_wrong_sign_or_factor_is_noticed(factor):
    entry = next(entry for entry in ENTRIES if entry.label == "eq-grad-least-squares")
    wrong = entry._replace(formula=lambda *args: factor * entry.formula(*args))
    with pytest.raises(AssertionError, match="eq-grad-least-squares"):
        assert_derivative_matches(wrong, 0)
