"""What a measurement was made on, and how fast that machine is at best."""

import os
import platform
import re
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

SIDE = 1024  # rows of the matrices whose product is timed
LENGTH = 1 << 26  # bytes of an array that no cache holds
TRIALS = 15


def describe() -> dict[str, Any]:
    """Name the machine without saying whose it is, and measure its limits on one thread."""
    with threadpool_limits(1):
        limits = {"gemm_flops": {t: _gemm_rate(t) for t in ("float32", "float64")}, "bandwidth": _bandwidth()}
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "blas": _blas(),
        **limits,
    }


def load() -> float:
    """Average number of programs that wanted a processor during the last minute."""
    return round(os.getloadavg()[0], 2)


def versions(package: str) -> dict[str, str]:
    """Versions that decide: Python, NumPy and the peer's package."""
    names = dict.fromkeys(["numpy", package])
    return {"python": platform.python_version()} | {name: version(name).partition("+")[0] for name in names}


def share_of_limit(work: dict[str, float], seconds: float, dtype: str, machine: dict[str, Any]) -> Any:
    """Compare the time with the least that the machine would need for the same work, or return None."""
    for kind, limit in (("flops", machine["gemm_flops"][dtype]), ("bytes", machine["bandwidth"])):
        if work[kind]:
            share = float(f"{work[kind] / limit / seconds:.3g}")
            return {"of": {"flops": "matrix products", "bytes": "memory"}[kind], "share": share}
    return None


def _gemm_rate(dtype: str) -> float:
    """Floating-point operations a second in a matrix product."""
    A, B = np.random.default_rng(0).normal(size=(2, SIDE, SIDE)).astype(dtype)
    C = np.empty_like(A)
    return _digits(2 * SIDE**3 / _fastest(lambda: np.matmul(A, B, out=C)))


def _bandwidth() -> float:
    """Bytes a second in a copy, those read and those written."""
    x, y = np.ones(LENGTH // 8), np.zeros(LENGTH // 8)
    return _digits(2 * LENGTH / _fastest(lambda: np.copyto(y, x)))


def _fastest(work: Callable[[], Any]) -> float:
    """Processor time of the best of some trials."""
    times = []
    for _ in range(TRIALS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def _digits(number: float) -> float:
    return float(f"{number:.3g}")


def _processor() -> str:
    """Name of the processor, with the model that tells its generation where Linux knows it."""
    try:
        facts = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    found = dict(re.findall(r"^(model name|cpu family|model)\s*: (.+)$", facts, re.MULTILINE))
    name = found.get("model name", platform.machine())
    return name + "".join(f", {key} {found[key]}" for key in ("cpu family", "model") if key in found)


def _blas() -> str:
    """Library behind NumPy's matrix products, and the kernels it chose."""
    found = [pool for pool in threadpool_info() if pool["user_api"] == "blas" and "numpy" in pool["filepath"]]
    if not found:
        return "unknown"
    return " ".join(str(found[0].get(key) or "") for key in ("internal_api", "version", "architecture"))
