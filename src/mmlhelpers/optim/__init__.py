"""Optimisation: gradient methods, second-order methods, penalties and constraints.

Every method takes an `Objective` and a start, stops on the rule that its docstring states, and returns the
`Path` that it went, with what it cost and whether it converged. Nothing is printed.
"""

from mmlhelpers.optim._paths import Objective, Path
from mmlhelpers.optim.constrained import SVM, Program, linear_svm, quadratic_program
from mmlhelpers.optim.descent import (
    Rule,
    adagrad,
    adam,
    adamw,
    backtracking,
    clip_norm,
    conjugate_gradients,
    cosine,
    gradient_descent,
    inverse_time,
    momentum,
    nesterov_momentum,
    plain,
    rmsprop,
    steepest_descent,
    step_decay,
    stochastic_gradient_descent,
)
from mmlhelpers.optim.objectives import least_squares, logistic_regression, quadratic, rosenbrock
from mmlhelpers.optim.proximal import (
    Penalty,
    l1,
    lasso,
    lasso_path,
    nesterov,
    no_penalty,
    project_simplex,
    proximal_gradient,
    simplex,
    soft_threshold,
)
from mmlhelpers.optim.second_order import bfgs, lbfgs, levenberg_marquardt, newton, secant_update

__all__ = [
    "SVM",
    "Objective",
    "Path",
    "Penalty",
    "Program",
    "Rule",
    "adagrad",
    "adam",
    "adamw",
    "backtracking",
    "bfgs",
    "clip_norm",
    "conjugate_gradients",
    "cosine",
    "gradient_descent",
    "inverse_time",
    "l1",
    "lasso",
    "lasso_path",
    "lbfgs",
    "least_squares",
    "levenberg_marquardt",
    "linear_svm",
    "logistic_regression",
    "momentum",
    "nesterov",
    "nesterov_momentum",
    "newton",
    "no_penalty",
    "plain",
    "project_simplex",
    "proximal_gradient",
    "quadratic",
    "quadratic_program",
    "rmsprop",
    "rosenbrock",
    "secant_update",
    "simplex",
    "soft_threshold",
    "steepest_descent",
    "step_decay",
    "stochastic_gradient_descent",
]
