"""The house style: how numbers are printed, and what is said where NumPy is too old for it."""

import numpy as np
import pytest
from IPython.core.formatters import PlainTextFormatter

from mmlhelpers import plotting


class OldShell:
    """A shell whose %precision does not reach NumPy's numbers, as in IPython 7."""

    def __init__(self):
        self.text = PlainTextFormatter(float_precision="%.4g")
        self.text.type_printers.pop(np.float64, None)
        self.display_formatter = self
        self.formatters = {"text/plain": self.text}

    def run_line_magic(self, name, line):
        assert (name, line) == ("precision", "%.4g")


def test_numbers_of_numpy_have_four_digits_in_an_old_shell_too(monkeypatch):
    shell = OldShell()
    number = np.sqrt(np.float64(5))
    assert "2.23606797749979" in shell.text(number)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    plotting.use_style()
    assert shell.text((number, [1 / 3], np.float64(2))) == "(2.236, [0.3333], 2)"


def test_numpy_that_is_too_old_is_named_with_what_helps(monkeypatch):
    monkeypatch.setattr(np, "__version__", "1.26.4")
    with pytest.raises(ImportError, match=r"2\.0 or newer, and this is NumPy 1\.26\.4: run `pip install"):
        plotting.use_style()
