r"""What a transformer costs: parameters, operations, memory, counted from its sizes."""

from typing import NamedTuple

from mmlhelpers._checks import as_count


class Cost(NamedTuple):
    """Numbers of a model: `parameters`; `flops` a token forward, at full context; `cache` numbers a token."""

    parameters: int
    flops: int
    cache: int


def cost(size: int, context: int, width: int, n_layers: int, hidden: int | None = None) -> Cost:
    r"""Count what a `Transformer` with learned positions holds and does.

    Parameters
    ----------
    size : int
        Number of different tokens V.
    context : int
        Number of tokens n.
    width, n_layers : int
        Width d and number of layers L.
    hidden : int, optional
        Units of the networks, 4 d by default.

    Returns
    -------
    Cost
        Exact numbers of parameters and of kept keys and values a token, and the operations a token in matrix
        products (an addition and a multiplication count two).

    Raises
    ------
    ValueError
        If a number is out of range.

    Notes
    -----
    Parameters :math:`(V + n)\,d + L\,(4d^2 + 2d\,d_{\text{hidden}} + 2d) + d`. Operations: two for each entry
    of a matrix, the output included, and :math:`4nd` a layer for scores and mixing. Normalisation, softmax
    and ReLU are left out; training costs three times as much.

    References
    ----------
    Book, section "Case study: language models".

    Examples
    --------
    >>> cost(size=50257, context=1024, width=768, n_layers=12).parameters
    124337664
    """
    V, n, d = as_count(size, "size", 1), as_count(context, "context", 1), as_count(width, "width", 1)
    L = as_count(n_layers, "n_layers", 1)
    hidden = 4 * d if hidden is None else as_count(hidden, "hidden", 0)
    matrices = 4 * d * d + 2 * d * hidden
    gains = L * (2 if hidden else 1) * d + d
    return Cost(
        parameters=(V + n) * d + L * matrices + gains,
        flops=2 * (L * matrices + V * d) + L * 4 * n * d,
        cache=2 * L * d,
    )
