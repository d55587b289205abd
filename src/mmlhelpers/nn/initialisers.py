r"""First values for the weights of a layer with `n_in` inputs and `n_out` outputs, (n_in, n_out).

An initialiser is made with a gain: the factor by which a linear layer multiplies the typical size of a
signal. ReLU throws half of the mean square away and wants the gain :math:`\sqrt 2`.
"""

from collections.abc import Callable

import numpy as np

from mmlhelpers._checks import Array, as_count, as_generator, as_tolerance

_LARGEST_GAIN = 2.0**1000
Initialiser = Callable[[int, int, np.random.Generator], Array]


def scaled_normal(gain: float = 1.0) -> Initialiser:
    r"""Make the initialiser that draws normal weights which keep the mean square of a signal.

    Parameters
    ----------
    gain : float
        Factor of the signal, not negative: 1 for linear and tanh layers, :math:`\sqrt 2` for ReLU.

    Returns
    -------
    callable
        From `n_in`, `n_out` and a Generator to (n_in, n_out) weights of variance
        :math:`\text{gain}^2 / n_\text{in}`.

    Raises
    ------
    ValueError
        If `gain` is negative or not finite.

    Notes
    -----
    Exact in expectation over the weights, for inputs of any distribution.

    References
    ----------
    Book, section "Neural networks and backpropagation"; He, Zhang, Ren and Sun (2015), Delving deep into
    rectifiers, doi:10.1109/ICCV.2015.123.

    Examples
    --------
    >>> W = scaled_normal(2.0)(400, 300, np.random.default_rng(0))
    >>> round(float(W.var()) * 400)
    4
    """
    gain = _as_gain(gain)

    def draw(n_in: int, n_out: int, rng: np.random.Generator) -> Array:
        rng = as_generator(rng, "rng")
        n_in, n_out = as_count(n_in, "n_in", 1), as_count(n_out, "n_out", 1)
        weights: Array = gain / np.sqrt(n_in) * rng.normal(size=(n_in, n_out))
        return weights

    return draw


def glorot_uniform(gain: float = 1.0) -> Initialiser:
    r"""Make the initialiser of Glorot and Bengio: a compromise between the signal and the gradient.

    Parameters
    ----------
    gain : float
        Factor of the signal, not negative.

    Returns
    -------
    callable
        From `n_in`, `n_out` and a Generator to (n_in, n_out) weights, uniform with variance
        :math:`2\,\text{gain}^2 / (n_\text{in} + n_\text{out})`.

    Raises
    ------
    ValueError
        If `gain` is negative or not finite.

    Notes
    -----
    The signal forward asks for the variance :math:`1/n_\text{in}`, the gradient backward for
    :math:`1/n_\text{out}`; this is the harmonic mean of the two.

    References
    ----------
    Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks,
    Proceedings of AISTATS 9, 249-256.

    Examples
    --------
    >>> W = glorot_uniform()(300, 300, np.random.default_rng(0))
    >>> round(float(W.var()) * 300, 1)
    1.0
    """
    gain = _as_gain(gain)

    def draw(n_in: int, n_out: int, rng: np.random.Generator) -> Array:
        rng = as_generator(rng, "rng")
        n_in, n_out = as_count(n_in, "n_in", 1), as_count(n_out, "n_out", 1)
        limit = gain * np.sqrt(6 / (n_in + n_out))
        return rng.uniform(-limit, limit, (n_in, n_out))

    return draw


def orthogonal(gain: float = 1.0) -> Initialiser:
    r"""Make the initialiser that draws a random rotation: every singular value equals the gain.

    Parameters
    ----------
    gain : float
        The singular values, not negative.

    Returns
    -------
    callable
        From `n_in`, `n_out` and a Generator to (n_in, n_out) weights with orthogonal rows or columns,
        whichever are fewer.

    Raises
    ------
    ValueError
        If `gain` is negative or not finite.

    Notes
    -----
    Orthogonal to a few machine epsilons. No direction of the signal shrinks or grows more than another, at
    any depth of a linear network.

    References
    ----------
    Saxe, McClelland and Ganguli (2014), Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks, doi:10.48550/arXiv.1312.6120.

    Examples
    --------
    >>> W = orthogonal(2.0)(3, 2, np.random.default_rng(0))
    >>> np.round(W.T @ W, 12) + 0.0
    array([[4., 0.],
           [0., 4.]])
    """
    gain = _as_gain(gain)

    def draw(n_in: int, n_out: int, rng: np.random.Generator) -> Array:
        rng = as_generator(rng, "rng")
        n_in, n_out = as_count(n_in, "n_in", 1), as_count(n_out, "n_out", 1)
        tall = rng.normal(size=(max(n_in, n_out), min(n_in, n_out)))
        Q, R = np.linalg.qr(tall)
        Q *= np.sign(np.diag(R))  # makes the rotation uniform over all of them
        return gain * (Q if n_in >= n_out else Q.T)

    return draw


def _as_gain(gain: float) -> float:
    """Read a factor that leaves room for the largest draw, which is below a hundred deviations."""
    number = as_tolerance(gain, "gain")
    if number > _LARGEST_GAIN:
        raise ValueError(
            f"gain must be at most {_LARGEST_GAIN:.4g}, got {number:.4g}: weights would overflow"
        )
    return number + 0.0  # of -0.0, a limit of 0
