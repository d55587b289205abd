r"""Calculus by numbers: derivatives, Taylor polynomials, integrals, roots, differential equations.

Throughout, `f` is a function of one real variable that works on whole arrays (on complex ones where said),
`x` the point or points asked about, `h` a step, `a` and `b` the ends of an interval, `n` a number of pieces;
in differential equations `t` is the time and `y` the state. All quantities are dimensionless.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_count, as_function, as_number, as_numbers, as_tolerance, as_vector
from mmlhelpers._scale import exponent, has_converged, scaled, unscaled

__all__ = [
    "Root",
    "bisection",
    "central_difference",
    "complex_step",
    "euler",
    "forward_difference",
    "gauss_legendre",
    "heun",
    "newton",
    "numerical_jacobian",
    "richardson",
    "runge_kutta",
    "simpson",
    "taylor_coefficients",
    "taylor_polynomial",
    "trapezoid",
]

Function = Callable[[Any], Any]
Field = Callable[[float, Array], ArrayLike]


class Root(NamedTuple):
    """Where a search for a root ended, and `history`: the points tried, in order."""

    x: float
    history: Array
    converged: bool


# Derivatives


def forward_difference(f: Function, x: ArrayLike, h: ArrayLike = 2.0**-26) -> Array:
    r"""Approximate a derivative by the slope of a secant to the right.

    Parameters
    ----------
    f : callable
        Works on arrays.
    x, h : array_like
        Points and steps, broadcast against each other; steps are not 0.

    Returns
    -------
    ndarray
        :math:`(f(x + h) - f(x)) / h`.

    Raises
    ------
    ValueError
        If `x` or `h` is not finite, or a step is 0.

    Notes
    -----
    The error is at most :math:`|h|\,\max|f''|/2 + 2\varepsilon|f|/|h|`: least, about
    :math:`\sqrt\varepsilon`, for steps near :math:`\sqrt\varepsilon`.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-forward).

    Examples
    --------
    >>> float(forward_difference(np.square, 3.0, h=0.5))
    6.5
    """
    f = as_function(f, "f")
    x, h = _points(x, "x"), _steps(h)
    return _secant(f, x, x + h, h)


def central_difference(f: Function, x: ArrayLike, h: ArrayLike = 2.0**-17) -> Array:
    r"""Approximate a derivative by the slope of a secant around the point.

    Parameters
    ----------
    f : callable
        Works on arrays.
    x, h : array_like
        Points and steps, broadcast against each other; steps are not 0.

    Returns
    -------
    ndarray
        :math:`(f(x + h) - f(x - h)) / 2h`.

    Raises
    ------
    ValueError
        If `x` or `h` is not finite, or a step is 0.

    Notes
    -----
    The error is at most :math:`h^2 \max|f'''|/6 + \varepsilon|f|/|h|`: least, about
    :math:`\varepsilon^{2/3}`, for steps near :math:`\varepsilon^{1/3}`.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-central).

    Examples
    --------
    >>> float(central_difference(np.square, 3.0, h=0.5))
    6.0
    """
    f = as_function(f, "f")
    x, h = _points(x, "x"), _steps(h)
    return _secant(f, x - h, x + h, 2 * h)


def richardson(f: Function, x: ArrayLike, h: ArrayLike = 2.0**-8, levels: int = 4) -> Array:
    r"""Combine central differences of several steps so that the leading errors cancel.

    Parameters
    ----------
    f : callable
        Works on arrays.
    x, h : array_like
        Points and largest steps, broadcast against each other; steps are not 0.
    levels : int
        How many steps, each half of the one before; 1 is the central difference.

    Returns
    -------
    ndarray
        The extrapolated derivative.

    Raises
    ------
    ValueError
        If `x` or `h` is not finite, a step is 0, or `levels` is below 1.

    Notes
    -----
    The error of a central difference is a series in :math:`h^2`; from :math:`D(h)` and :math:`D(h/2)` the
    next term cancels in :math:`(4D(h/2) - D(h))/3`, and so on. The error is of order
    :math:`h^{2\,\text{levels}}`, plus rounding of about :math:`2^{\text{levels}}\varepsilon|f|/|h|`.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-richardson).

    Examples
    --------
    >>> float(richardson(lambda x: x**5, 1.0, h=0.5, levels=3))
    5.0
    """
    f = as_function(f, "f")
    h = _steps(h)
    estimates = [central_difference(f, x, h / 2**i) for i in range(as_count(levels, "levels", 1))]
    for k in range(1, levels):
        estimates = [fine + (fine - coarse) / (4**k - 1) for coarse, fine in pairwise(estimates)]
    return estimates[0]


def complex_step(f: Function, x: ArrayLike, h: ArrayLike = 1e-20) -> Array:
    r"""Read a derivative off the imaginary part, without any subtraction.

    Parameters
    ----------
    f : callable
        Works on complex arrays; analytic: no absolute values, comparisons or conjugates.
    x : array_like
        Points.
    h : array_like
        Steps into the complex plane.

    Returns
    -------
    ndarray
        :math:`\operatorname{Im} f(x + ih) / h`.

    Raises
    ------
    ValueError
        If `x` or `h` is not finite, or `h` is 0.

    Notes
    -----
    The error is :math:`h^2 |f'''|/6`, nothing for the default step, plus a few :math:`\varepsilon`.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-complex); Squire and Trapp (1998),
    doi:10.1137/S003614459631241X.

    Examples
    --------
    >>> float(complex_step(np.exp, 0.0))
    1.0
    """
    f = as_function(f, "f")
    h = _steps(h)
    with np.errstate(all="ignore"):
        y = np.asarray(f(_points(x, "x") + 1j * h))
        part = np.imag(y) if y.dtype.kind == "c" else 0 * _real(y, "f")
    return np.asarray(_finite(part, "f(x + ih)") / h)[()]


def numerical_jacobian(f: Function, x: ArrayLike, h: float = 1e-5) -> Array:
    r"""Measure all partial derivatives of a function of many variables by central differences.

    Parameters
    ----------
    f : callable
        From an array of the shape of `x` to a number or an array.
    x : array_like
        Point, of any shape.
    h : float
        Step, the same for every entry.

    Returns
    -------
    ndarray
        Entry i, j is :math:`\partial f_i / \partial x_j`: the shape of the value, then the shape of `x`.

    Raises
    ------
    ValueError
        If `x` or `h` is not finite, or `h` is 0.

    Notes
    -----
    Two runs of `f` for each entry of `x`. With the default step the error is about
    :math:`10^{-11}(\max|f'''| + |f|)`.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-central).

    Examples
    --------
    >>> numerical_jacobian(lambda x: np.array([x[0] * x[1], x[0] + x[1]]), [2.0, 5.0])
    array([[5., 2.],
           [1., 1.]])
    """
    f = as_function(f, "f")
    x, h = _points(x, "x"), float(_steps(h))
    ones = np.eye(x.size).reshape(-1, *x.shape)
    columns = [np.asarray(_secant(f, x - h * one, x + h * one, 2 * h)) for one in ones]
    return np.reshape(np.stack(columns, axis=-1), (*columns[0].shape, *x.shape))


# Taylor polynomials


def taylor_coefficients(f: Function, center: float, degree: int, radius: float = 1.0) -> Array:
    r"""Find the coefficients of a Taylor polynomial from values on a circle in the complex plane.

    Parameters
    ----------
    f : callable
        Works on complex arrays, is real on the real line, and analytic in the closed disk.
    center : float
        Where the polynomial touches the function.
    degree : int
        Highest power.
    radius : float
        Of the circle; smaller than the distance to the nearest singularity.

    Returns
    -------
    (degree + 1,) ndarray
        :math:`f^{(k)}(\text{center})/k!`, lowest power first.

    Raises
    ------
    ValueError
        If `center` is not finite, `degree` negative or `radius` not positive.

    Notes
    -----
    Cauchy's formula, :math:`c_k = \frac{1}{2\pi r^k} \int_0^{2\pi} f(c + re^{i\theta}) e^{-ik\theta}
    d\theta`, by the trapezoid rule, which converges geometrically on a circle. The error of :math:`c_k` is
    about :math:`\varepsilon \max|f| / r^k` when the circle keeps well away from singularities.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-taylor).

    Examples
    --------
    >>> taylor_coefficients(np.exp, 0.0, 3) * [1, 1, 2, 6]
    array([1., 1., 1., 1.])
    """
    f = as_function(f, "f")
    degree = as_count(degree, "degree", 0)
    radius = as_tolerance(radius, "radius")
    if radius == 0:
        raise ValueError("radius must be positive, got 0")
    n = max(64, 4 * (degree + 1))
    circle = radius * np.exp(2j * np.pi * np.arange(n) / n)
    values = _evaluated(f, as_number(center, "center") + circle, "f around center")
    e = max(exponent(values.real), exponent(values.imag))
    powers = np.fft.fft(_at_each(values / np.ldexp(1.0, e), circle)) / n
    with np.errstate(all="ignore"):
        coefficients = np.ldexp(powers.real[: degree + 1] / radius ** np.arange(degree + 1), e)
    return np.asarray(_finite(coefficients, "a coefficient for this radius", "a larger or smaller radius"))


def taylor_polynomial(coefficients: ArrayLike, center: float, x: ArrayLike) -> Array:
    r"""Evaluate a polynomial in powers of the distance from its center.

    Parameters
    ----------
    coefficients : (n,) array_like
        Lowest power first.
    center : float
        Where the powers vanish.
    x : array_like
        Points.

    Returns
    -------
    ndarray
        :math:`\sum_k c_k (x - \text{center})^k`, in the shape of `x`.

    Raises
    ------
    ValueError
        If `coefficients` is no vector, or something is not finite.

    Notes
    -----
    Horner's scheme: one product and one sum a power. The error is a few :math:`n\varepsilon` times
    :math:`\sum_k |c_k||x - \text{center}|^k`.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-taylor).

    Examples
    --------
    >>> taylor_polynomial([1, 1, 0.5], 0.0, [0.0, 2.0])
    array([1., 5.])
    """
    distance = _points(x, "x") - as_number(center, "center")
    value = np.zeros_like(distance)
    with np.errstate(all="ignore"):
        for c in as_vector(coefficients, "coefficients")[::-1]:
            value = value * distance + c
    return np.asarray(_finite(value, "the polynomial at x", "points nearer to the center"))[()]


# Integrals


def trapezoid(f: Function, a: float, b: float, n: int) -> float:
    r"""Integrate by straight pieces.

    Parameters
    ----------
    f : callable
        Works on arrays.
    a, b : float
        Ends of the interval.
    n : int
        Number of pieces.

    Returns
    -------
    float
        The integral from `a` to `b`.

    Raises
    ------
    ValueError
        If an end is not finite or `n` is below 1.

    Notes
    -----
    Exact for straight lines; the error is at most :math:`(b-a)^3 \max|f''| / 12n^2`.

    References
    ----------
    Book, section "Calculus: how models learn".

    Examples
    --------
    >>> trapezoid(np.square, 0.0, 1.0, 2)
    0.375
    """
    f = as_function(f, "f")
    a, b = as_number(a, "a"), as_number(b, "b")
    x = np.linspace(a, b, as_count(n, "n", 1) + 1)
    y, e = scaled(_at_each(_evaluated(f, x, "f between a and b"), x))
    return float(unscaled((b - a) / n * (y.sum() - (y[0] + y[-1]) / 2), e, "the integral of f"))


def simpson(f: Function, a: float, b: float, n: int) -> float:
    r"""Integrate by pieces of parabolas.

    Parameters
    ----------
    f : callable
        Works on arrays.
    a, b : float
        Ends of the interval.
    n : int
        Number of pieces, even.

    Returns
    -------
    float
        The integral from `a` to `b`.

    Raises
    ------
    ValueError
        If an end is not finite, or `n` is odd or below 2.

    Notes
    -----
    Exact even for cubics; the error is at most :math:`(b-a)^5 \max|f''''| / 180n^4`. It is Richardson's idea:
    :math:`(4 T_n - T_{n/2})/3` with trapezoids.

    References
    ----------
    Book, section "Calculus: how models learn".

    Examples
    --------
    >>> simpson(lambda x: x**3, 0.0, 2.0, 2)
    4.0
    """
    if as_count(n, "n", 2) % 2:
        raise ValueError(f"n must be even, got {n}")
    return (4 * trapezoid(f, a, b, n) - trapezoid(f, a, b, n // 2)) / 3


def gauss_legendre(f: Function, a: float, b: float, n: int) -> float:
    r"""Integrate with the n points that make polynomials of the highest degree exact.

    Parameters
    ----------
    f : callable
        Works on arrays.
    a, b : float
        Ends of the interval.
    n : int
        Number of points.

    Returns
    -------
    float
        The integral from `a` to `b`.

    Raises
    ------
    ValueError
        If an end is not finite or `n` is below 1.

    Notes
    -----
    The points are the roots of the Legendre polynomial :math:`P_n`, found by Newton's method; exact for
    degree :math:`2n - 1`, up to rounding of about :math:`n\varepsilon`.

    References
    ----------
    Book, section "Calculus: how models learn".

    Examples
    --------
    >>> gauss_legendre(lambda x: x**3, 0.0, 2.0, 2)
    4.0
    """
    f = as_function(f, "f")
    a, b = as_number(a, "a"), as_number(b, "b")
    x, weights = _legendre_points(as_count(n, "n", 1))
    middle, half = (a + b) / 2, (b - a) / 2
    y, e = scaled(_at_each(_evaluated(f, middle + half * x, "f between a and b"), x))
    return float(unscaled(half * (weights @ y), e, "the integral of f"))


def _legendre_points(n: int) -> tuple[Array, Array]:
    """Roots of the Legendre polynomial of degree n in [-1, 1], and the weights of the quadrature rule."""
    x = np.cos(np.pi * (np.arange(n) + 0.75) / (n + 0.5))
    for _ in range(10):  # Newton doubles the digits each time; the start has two
        value, slope = _legendre(n, x)
        x = x - value / slope
    slope = _legendre(n, x)[1]
    return x, 2 / ((1 - x**2) * slope**2)


def _legendre(n: int, x: Array) -> tuple[Array, Array]:
    """Legendre polynomial of degree n and its derivative, by the three-term recurrence."""
    before, value = np.ones_like(x), x
    for k in range(2, n + 1):
        before, value = value, ((2 * k - 1) * x * value - (k - 1) * before) / k
    return value, n * (before - x * value) / (1 - x**2)


# Roots


def bisection(f: Function, a: float, b: float, tolerance: float = 1e-12) -> Root:
    r"""Find a root by halving an interval in which the sign changes.

    Parameters
    ----------
    f : callable
        Continuous.
    a, b : float
        Ends, at which `f` has different signs.
    tolerance : float
        Largest length of the last interval, in the unit of `a` and `b`; 0 for all digits.

    Returns
    -------
    Root
        The middle of the last interval; it always converges.

    Raises
    ------
    ValueError
        If `f` has the same sign at both ends, is nan somewhere, an end is not finite, or `tolerance` is not
        below the length of the first interval.

    Notes
    -----
    One more binary digit a step: :math:`\log_2((b - a)/\text{tolerance})` steps. It stops earlier where no
    float lies between the ends.

    References
    ----------
    Book, section "Calculus: how models learn".

    Examples
    --------
    >>> bisection(lambda x: x**2 - 2, 0.0, 2.0).x
    1.4142135623
    """
    f = as_function(f, "f")
    a, b, tolerance = as_number(a, "a"), as_number(b, "b"), as_tolerance(tolerance, "tolerance")
    left, right = _sign(f, a), _sign(f, b)
    if left == right != 0:
        raise ValueError(
            f"f must change its sign between a and b, got f({a}) = {_number(f, a):.6g}, "
            f"f({b}) = {_number(f, b):.6g}"
        )
    if 0 < abs(b - a) <= tolerance:
        raise ValueError(
            f"tolerance must be below the length of the interval, {abs(b - a):.6g}, got {tolerance:.6g}: "
            "pass one in the unit of a and b"
        )
    history = [_middle(a, b)]
    while abs(b - a) > tolerance and history[-1] not in (a, b):
        middle = history[-1]
        a, b = (a, middle) if left * _sign(f, middle) <= 0 else (middle, b)
        history.append(_middle(a, b))
    return Root(history[-1], np.array(history), True)


def _middle(a: float, b: float) -> float:
    """Halve an interval, however long it is."""
    return (a + b) / 2 if abs(a + b) < np.inf else a / 2 + b / 2


def _sign(f: Function, x: float) -> float:
    """Sign of a value: signs are compared, since a product of small values vanishes."""
    sign = float(np.sign(_number(f, x)))
    if np.isnan(sign):
        raise ValueError(f"f must be a number between a and b, got NaN at {x:.6g}")
    return sign


def newton(f: Function, slope: Function, x: float, tolerance: float = 1e-12, max_steps: int = 50) -> Root:
    r"""Find a root by following tangents.

    Parameters
    ----------
    f, slope : callable
        The function and its derivative.
    x : float
        Where to begin.
    tolerance : float
        It stops when a step is at most this times the larger of the two points that it joins.
    max_steps : int
        It gives up after so many steps, or where the tangent is level.

    Returns
    -------
    Root
        The last point; `converged` says whether it is one.

    Raises
    ------
    ValueError
        If `x` is not finite or `max_steps` is below 1.

    Notes
    -----
    :math:`x \leftarrow x - f(x)/f'(x)`. Near a simple root the number of correct digits doubles each step;
    far away anything may happen.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-newton).

    Examples
    --------
    >>> newton(lambda x: x**2 - 2, lambda x: 2 * x, 1.0).history[:3]
    array([1.    , 1.5   , 1.4167])
    """
    f, slope = as_function(f, "f"), as_function(slope, "slope")
    history = [as_number(x, "x")]
    tolerance = as_tolerance(tolerance, "tolerance")
    for _ in range(as_count(max_steps, "max_steps", 1)):
        value, incline = _number(f, history[-1]), _number(slope, history[-1])
        with np.errstate(all="ignore"):
            step = np.float64(value) / np.float64(incline)
        if incline == 0 or not np.isfinite([value, incline, step, history[-1] - step]).all():
            return Root(history[-1], np.array(history), value == 0)
        history.append(float(history[-1] - step))
        if has_converged(abs(step), tolerance, max(map(abs, history[-2:]))):
            return Root(history[-1], np.array(history), True)
    return Root(history[-1], np.array(history), False)


# Differential equations


def euler(field: Field, y: ArrayLike, t: ArrayLike) -> Array:
    r"""Follow a direction field by straight steps.

    Parameters
    ----------
    field : callable
        From time and state to the derivative of the state.
    y : (d,) array_like
        State at the first time.
    t : (n,) array_like
        Times.

    Returns
    -------
    (n, d) ndarray
        The state at each time.

    Raises
    ------
    ValueError
        If `y` or `t` is no vector of finite numbers.

    Notes
    -----
    :math:`y \leftarrow y + h f(t, y)`. The error at a fixed time is of order :math:`h`.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-euler).

    Examples
    --------
    >>> euler(lambda t, y: -y, [1.0], [0.0, 0.5, 1.0])
    array([[1.  ],
           [0.5 ],
           [0.25]])
    """
    return _march(field, y, t, lambda k, t, y, h: y + h * k(t, y))


def heun(field: Field, y: ArrayLike, t: ArrayLike) -> Array:
    r"""Follow a direction field, averaging the slopes at both ends of a step.

    Parameters
    ----------
    field : callable
        From time and state to the derivative of the state.
    y : (d,) array_like
        State at the first time.
    t : (n,) array_like
        Times.

    Returns
    -------
    (n, d) ndarray
        The state at each time.

    Raises
    ------
    ValueError
        If `y` or `t` is no vector of finite numbers.

    Notes
    -----
    The error at a fixed time is of order :math:`h^2`; two slopes a step.

    References
    ----------
    Book, section "Calculus: how models learn".

    Examples
    --------
    >>> heun(lambda t, y: -y, [1.0], [0.0, 1.0])
    array([[1. ],
           [0.5]])
    """

    def step(k: Any, t: float, y: Array, h: float) -> Any:
        first = k(t, y)
        second = k(t + h, y + h * first)
        return y + h * (first + second) / 2

    return _march(field, y, t, step)


def runge_kutta(field: Field, y: ArrayLike, t: ArrayLike) -> Array:
    r"""Follow a direction field with four slopes a step, the classical Runge-Kutta method.

    Parameters
    ----------
    field : callable
        From time and state to the derivative of the state.
    y : (d,) array_like
        State at the first time.
    t : (n,) array_like
        Times.

    Returns
    -------
    (n, d) ndarray
        The state at each time.

    Raises
    ------
    ValueError
        If `y` or `t` is no vector of finite numbers.

    Notes
    -----
    The error at a fixed time is of order :math:`h^4`.

    References
    ----------
    Book, section "Calculus: how models learn".

    Examples
    --------
    >>> runge_kutta(lambda t, y: -y, [1.0], [0.0, 1.0])
    array([[1.   ],
           [0.375]])
    """

    def step(k: Any, t: float, y: Array, h: float) -> Any:
        first = k(t, y)
        second = k(t + h / 2, y + h / 2 * first)
        third = k(t + h / 2, y + h / 2 * second)
        fourth = k(t + h, y + h * third)
        return y + h * (first + 2 * second + 2 * third + fourth) / 6

    return _march(field, y, t, step)


def _march(field: Field, y: ArrayLike, t: ArrayLike, step: Callable[..., Any]) -> Array:
    """Take one step from each time to the next; a field may return a list."""
    field = as_function(field, "field")
    times = as_vector(t, "t")
    states = [as_vector(y, "y")]
    with np.errstate(all="ignore"):
        for now, then in pairwise(times):
            state = step(lambda t, y: _slope(field, t, y), now, states[-1], then - now)
            if not np.isfinite(state).all():
                raise ValueError(
                    f"field must keep the state finite, got {state} at t = {then:.6g}: take smaller steps"
                )
            states.append(state)
    return np.array(states)


def _slope(field: Field, t: float, y: Array) -> Array:
    """Ask a field for the derivative of a state."""
    slope = _real(field(t, y), "field")
    if slope.shape not in ((), y.shape):
        raise ValueError(f"field must return shape {y.shape}, the shape of y, got {slope.shape}")
    return slope


# What a caller hands over


def _points(x: ArrayLike, name: str) -> Array:
    """Read finite real numbers of any shape, as a fresh array: what is done to it is the caller's affair."""
    return np.array(as_numbers(x, name))


def _steps(h: ArrayLike) -> Array:
    """Read steps, none of them zero."""
    steps = _points(h, "h")
    if not steps.all():
        raise ValueError("h must not be 0: a secant needs two points")
    return steps


def _number(f: Function, x: float) -> float:
    """Evaluate a function at one point; what is infinite is told by its value, not by a warning."""
    with np.errstate(all="ignore"):
        return float(_real(f(np.float64(x)), "f", (1,)).item())


def _evaluated(f: Function, x: Any, what: str) -> Any:
    """Evaluate a function at many points; whole numbers become floats before they can wrap."""
    with np.errstate(all="ignore"):
        y = np.asarray(f(x))
    kept = y.dtype.kind == "f" or (y.dtype.kind == "c" and np.iscomplexobj(x))
    return _finite(y if kept else _real(y, "f"), what)


def _real(y: Any, what: str, sizes: tuple[int, ...] = ()) -> Array:
    """Read what a function returned as real numbers, and so many of them."""
    values = np.asarray(y)
    try:
        numbers = values.astype(np.float64) if values.dtype.kind in "biufO" else None
    except (TypeError, ValueError, OverflowError):
        numbers = None
    if numbers is None:
        raise ValueError(f"{what} must return real numbers, got {values.ravel()[:1]!r:.80}")
    if sizes and numbers.size not in sizes:
        raise ValueError(f"{what} must return one number for each point, got shape {numbers.shape}")
    return numbers


def _at_each(values: Any, points: Any) -> Any:
    """Spread what a function returned over the points: one number for each of them, or for all."""
    if values.shape not in ((), points.shape):
        raise ValueError(f"f must return one number for each point, {points.shape}, got shape {values.shape}")
    return np.broadcast_to(values, points.shape)


def _finite(y: Any, what: str, mend: str = "another x, a or b") -> Any:
    """Refuse what is no finite number."""
    if not np.isfinite(y).all():
        raise ValueError(f"{what} must be finite, got {y[~np.isfinite(y)].ravel()[0]}: take {mend}")
    return y


def _secant(f: Function, left: Array, right: Array, width: Any) -> Array:
    """Slope between two points a width apart."""
    ends = _evaluated(f, right, "f(x)"), _evaluated(f, left, "f(x)")
    with np.errstate(all="ignore"):
        slope = (ends[0] - ends[1]) / width
    return np.asarray(_finite(np.asarray(slope), "the slope of f over h", "another h"))[()]
