"""Squashing functions, softmax and losses."""

import truths

from mmlhelpers import functional
from promises import ALLOWED, ROWS, SAME, THROUGH, numbers, promise, whole

SCORES_HAVE_NO_UNIT = "scores are logarithms, which have no unit"

for function in (functional.sigmoid, functional.softplus):
    promise(
        function,
        {"x": numbers(4)},
        oracle=getattr(truths, function.__name__),
        takes={"x": "complex"},
        units=SCORES_HAVE_NO_UNIT,
        order={"x": ROWS},
        nan=THROUGH,
        inf=ALLOWED,
        single=True,
    )
promise(
    functional.relu,
    {"x": numbers(4)},
    oracle=truths.relu,
    takes={"x": "complex"},
    units={"x": 1},
    order={"x": ROWS},
    nan=THROUGH,
    inf=THROUGH,
    single=True,
)
promise(
    functional.log_sum_exp,
    {"x": numbers(3, 4)},
    oracle=truths.log_sum_exp,
    takes={"x": "complex"},
    units=SCORES_HAVE_NO_UNIT,
    order={"x": ROWS},
    inf=ALLOWED,
    single=True,
    shift={"x": 1},
)
promise(
    functional.softmax,
    {"x": numbers(3, 4)},
    oracle=truths.softmax,
    takes={"x": "complex"},
    units=SCORES_HAVE_NO_UNIT,
    order={"x": ROWS},
    inf=ALLOWED,
    single=True,
    shift={"x": 0},
)
promise(
    functional.mean_squared_error,
    {"prediction": numbers(4), "target": numbers(4, low=-2.0)},
    oracle=truths.mean_squared_error,
    units={"prediction target": {"value": 2, "gradient": 1}},
    order={"prediction target": {"value": SAME, "gradient": ROWS}},
)
promise(
    functional.logistic_loss,
    {"score": numbers(4), "label": whole(4, high=1)},
    oracle=truths.logistic_loss,
    units=SCORES_HAVE_NO_UNIT,
    order={"score label": {"value": SAME, "gradient": ROWS}},
)
promise(
    functional.cross_entropy,
    {"logits": numbers(4, 3), "classes": whole(4, high=2)},
    oracle=truths.cross_entropy_of_logits,
    units=SCORES_HAVE_NO_UNIT,
    order={"logits classes": {"value": SAME, "gradient": ROWS}},
    shift={"logits": 0},
)
promise(
    functional.hinge_loss,
    {"score": numbers(4), "label": whole(4, high=1).map(lambda label: 2 * label - 1)},
    oracle=truths.hinge_loss,
    units="the margin is one",
    order={"score label": {"value": SAME, "gradient": ROWS}},
)
