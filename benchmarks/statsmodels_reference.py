"""Write the regression tables that statsmodels finds for the data of the chapter on linear regression.

statsmodels is no dependency of the book. To make the numbers anew, in an environment of its own:

    python -m venv statsmodels-env && statsmodels-env/bin/pip install statsmodels scikit-learn
    statsmodels-env/bin/python benchmarks/statsmodels_reference.py

It writes tests/data/statsmodels_regression.json, with which tests/test_regression.py compares the package.
"""

import json
from pathlib import Path

import numpy as np
import statsmodels
import statsmodels.api as sm
from sklearn.datasets import load_diabetes

TARGET = Path(__file__).resolve().parents[1] / "tests" / "data" / "statsmodels_regression.json"
ROWS = range(0, 442, 17)  # patients whose leverage, residuals and intervals are stored


def table(X, y):
    """Everything that the package estimates too."""
    fit = sm.OLS(y, X).fit()
    influence = fit.get_influence()
    new = fit.get_prediction(X[ROWS]).summary_frame(alpha=0.05)
    return {
        "coefficients": fit.params,
        "standard_errors": fit.bse,
        "t_values": fit.tvalues,
        "p_values": fit.pvalues,
        "noise": np.sqrt(fit.mse_resid),
        "leverage": influence.hat_matrix_diag[ROWS],
        "cook_distances": influence.cooks_distance[0][ROWS],
        "left_out_residuals": influence.resid_press[ROWS],
        "mean_low": new["mean_ci_lower"],
        "mean_high": new["mean_ci_upper"],
        "low": new["obs_ci_lower"],
        "high": new["obs_ci_upper"],
    }


def main():
    X, y = load_diabetes(return_X_y=True)
    ones = np.ones(len(y))
    tables = {
        "bmi": table(np.column_stack([ones, X[:, 2]]), y),
        "all": table(np.column_stack([ones, X]), y),
    }
    numbers = {
        name: {key: np.asarray(value).tolist() for key, value in one.items()} for name, one in tables.items()
    }
    record = {"made_with": f"statsmodels {statsmodels.__version__}", "rows": list(ROWS), "tables": numbers}
    TARGET.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
