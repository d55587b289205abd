"""What the outputs of a part of a notebook depend on, within the package."""

import notebook_keys
from verdicts import ROOT

SRC = ROOT / "src" / "mmlhelpers"


def names(*sources):
    return {path.relative_to(SRC).as_posix() for path in notebook_keys.package(sources)}


def test_modules_count_whose_names_are_used_and_what_they_import():
    found = names("from mmlhelpers import discrete, graphs", "discrete.binomial(3, 2)")
    assert {"discrete.py", "_checks.py"} <= found
    assert "graphs.py" not in found


def test_figures_count_of_the_section_that_is_used():
    found = names("from mmlhelpers.figures import pca as figures", "figures.x")
    assert "figures/pca.py" in found
    assert "figures/calculus.py" not in found


def test_checkers_count_of_the_section_that_knows_the_exercise():
    found = names("from mmlhelpers import exercises", "exercises.check(add_row)")
    assert "exercises/numerical_linear_algebra.py" in found
    assert "exercises/pca.py" not in found


def test_weights_and_texts_count_with_their_package():
    assert any(
        name.startswith("language/") and not name.endswith(".py")
        for name in names("from mmlhelpers import language", "language.x")
    )


def test_cell_with_a_syntax_error_uses_nothing():
    assert names("x = (") == set()
