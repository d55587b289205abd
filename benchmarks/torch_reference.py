"""Write the gradients that PyTorch finds for the examples of the calculus chapter.

PyTorch is no dependency of the book. To make the numbers anew, in an environment of its own:

    python -m venv torch-env && torch-env/bin/pip install torch==2.13.0 numpy
    torch-env/bin/python benchmarks/torch_reference.py

It writes tests/data/torch_gradients.json, with which tests/test_gradients.py compares the package's answers.
"""

import json
from pathlib import Path

import torch

TARGET = Path(__file__).resolve().parents[1] / "tests" / "data" / "torch_gradients.json"
torch.set_default_dtype(torch.float64)


def tensor(values, *, leaf=True):
    return torch.tensor(values, requires_grad=leaf)


def single_neuron():
    """The neuron of the page: loss (tanh(w x + b) - 1)^2."""
    w, x, b = tensor(2.0), tensor(0.5), tensor(-0.5)
    (torch.tanh(w * x + b) - 1.0).square().backward()
    return {"w": w.grad, "x": x.grad, "b": b.grad}


def two_layers():
    """The network of the page: three inputs, two hidden units, one output, squared error."""
    W1, b1 = tensor([[0.5, -1.0, 0.25], [1.0, 0.5, -0.5]]), tensor([0.1, -0.2])
    w2, b2 = tensor([1.5, -2.0]), tensor(0.3)
    x = torch.tensor([1.0, 2.0, -1.0])
    (0.5 * (w2 @ torch.tanh(W1 @ x + b1) + b2 - 1.0).square()).backward()
    return {"W1": W1.grad, "b1": b1.grad, "w2": w2.grad, "b2": b2.grad}


def log_sum_exp():
    """Gradient and Hessian of log-sum-exp at the scores of the page."""
    z = tensor([2.0, 1.0, -1.0])
    hessian = torch.autograd.functional.hessian(lambda z: torch.logsumexp(z, 0), z)
    torch.logsumexp(z, 0).backward()
    return {"z": z.grad, "hessian": hessian}


def log_det():
    """Gradient of the logarithm of a determinant at the matrix of the page."""
    X = tensor([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [1.0, 0.0, 2.0]])
    torch.logdet(X).backward()
    return {"X": X.grad}


def main():
    examples = (single_neuron, two_layers, log_sum_exp, log_det)
    numbers = {f.__name__: {name: g.tolist() for name, g in f().items()} for f in examples}
    record = {"made_with": f"torch {torch.__version__.partition('+')[0]}, float64", "gradients": numbers}
    TARGET.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
