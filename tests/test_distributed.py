"""The block functions on Dask arrays: threads, a cluster of processes, and a worker that dies."""

import gc
import itertools
import os
import signal
import sys
import threading
import time
import warnings
import weakref
from concurrent.futures import ThreadPoolExecutor

import dask
import dask.array as da
import distributed
import numpy as np
import pytest

from mmlhelpers import linalg

TABLE = np.random.default_rng(0).normal(size=(4000, 12)) * 0.5 ** np.arange(12) + 3.0


def normal_equations(blocks):
    """Add up block.T @ block: with the target as last column, the matrix and the right-hand side."""
    pieces = blocks.blocks.ravel() if isinstance(blocks, da.Array) else blocks
    return np.asarray(sum(block.T @ block for block in pieces))


FUNCTIONS = {
    "covariance": linalg.block_covariance,
    "normal equations": normal_equations,
    "triangle": linalg.tsqr,
    "least squares": linalg.block_least_squares,
    "singular values": lambda X: linalg.block_svd(X, 4, np.random.default_rng(1)).sigma,
    "singular vectors": lambda X: linalg.block_svd(X, 4, np.random.default_rng(1)).Vt,
}


def in_memory(table=TABLE):
    """Return what the functions say of the whole table in one block."""
    return {name: function([table]) for name, function in FUNCTIONS.items()}


def require_equal(got, wanted):
    for name, value in wanted.items():
        np.testing.assert_allclose(got[name], value, rtol=1e-9, atol=1e-11, err_msg=name)


def row_block(block_info=None):
    """Make the rows of one block, wherever and however often it is asked for."""
    (start, stop), _ = block_info[None]["array-location"]
    return TABLE[start:stop]


def lazy_table():
    return da.map_blocks(row_block, chunks=((500,) * 8, (12,)), dtype=float)


@pytest.fixture(scope="module")
def client():
    """Start two worker processes on this machine's loopback, and stop them in the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the cluster's own packages deprecate is not ours
        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client


def test_dask_arrays_on_threads_give_what_arrays_in_memory_give():
    got = {name: function(da.from_array(TABLE, chunks=(700, 12))) for name, function in FUNCTIONS.items()}
    require_equal(got, in_memory())


def test_the_normal_equations_are_those_of_the_triangle_and_have_its_solution():
    got = normal_equations(da.from_array(TABLE, chunks=(700, 12)))
    R = linalg.tsqr(da.from_array(TABLE, chunks=(900, 12)))
    np.testing.assert_allclose(got, R.T @ R, rtol=1e-12)
    solution = np.linalg.solve(got[:-1, :-1], got[:-1, -1])
    np.testing.assert_allclose(solution, linalg.block_least_squares([TABLE]), rtol=1e-6, atol=1e-8)


def of_package(table):
    """Ask the functions of the package, all but the sum that the reader writes."""
    return {name: f(table) for name, f in FUNCTIONS.items() if name != "normal equations"}


def test_a_table_cut_by_columns_is_refused():
    for function in (linalg.block_covariance, linalg.tsqr, linalg.block_least_squares):
        with pytest.raises(ValueError, match="all columns in one chunk"):
            function(da.from_array(TABLE, chunks=(700, 6)))


@pytest.mark.parametrize("kind", [np.float32, np.float16, np.uint8, np.int32, np.bool_, ">f4"])
def test_blocks_of_other_types_are_read_as_in_memory(kind):
    table = np.abs(100 * TABLE - 250).astype(kind) if np.dtype(kind).kind in "iu" else TABLE.astype(kind)
    table = np.random.default_rng(3).random(TABLE.shape) > 0.5 if kind is np.bool_ else table
    lazy, wanted = of_package(da.from_array(table, chunks=(700, 12))), of_package([table])
    for name, value in wanted.items():
        assert lazy[name].dtype == np.float64
        np.testing.assert_allclose(lazy[name], value, rtol=1e-10, atol=1e-10 * np.abs(value).max())


def test_single_precision_with_a_large_mean_loses_no_digit():
    table = (1e4 + TABLE).astype(np.float32)
    wanted = np.cov(table.astype(float).T, ddof=0)
    got = linalg.block_covariance(da.from_array(table, chunks=(100, 12)))
    np.testing.assert_allclose(got, wanted, atol=1e-12 * wanted.max())


def test_chunks_may_have_unknown_sizes_and_no_rows():
    table = da.from_array(TABLE, chunks=(40, 12))
    chosen = table[table[:, 0] > 4.2]  # of forty rows, often none
    assert np.isnan(chosen.shape[0])
    assert 0 in chosen.copy().compute_chunk_sizes().chunks[0]
    wanted = of_package([TABLE[TABLE[:, 0] > 4.2]])
    for name, value in of_package(chosen).items():
        np.testing.assert_allclose(value, wanted[name], rtol=1e-9, atol=1e-11, err_msg=name)


def test_a_filter_that_leaves_nothing_is_named():
    table = da.from_array(TABLE, chunks=(700, 12))
    for name, function in FUNCTIONS.items():
        if name != "normal equations":
            with pytest.raises(ValueError, match="blocks must hold at least one row"):
                function(table[table[:, 0] > 1e9])


def test_unknown_columns_are_refused_with_the_line_to_write():
    table = da.from_array(TABLE, chunks=(700, 12))
    unknown = table.map_blocks(np.asarray, chunks=(table.chunks[0], (np.nan,)))
    np.testing.assert_array_equal(linalg.tsqr(unknown), linalg.tsqr(table))
    with pytest.raises(ValueError, match=r"call blocks.compute_chunk_sizes\(\)"):
        linalg.block_svd(unknown, 2, np.random.default_rng(0))


def test_nan_in_a_lazy_block_is_refused():
    table = da.from_array(np.where(TABLE > 4.9, np.nan, TABLE), chunks=(700, 12))
    with pytest.raises(ValueError, match="blocks"):
        linalg.tsqr(table)


@pytest.mark.parametrize("e", [-600, 400, 600])
def test_lazy_tables_may_have_any_unit(e):
    table, powers = da.from_array(2.0**e * TABLE, chunks=(200, 12)), {"triangle": -e, "singular values": -e}
    for name in ("triangle", "least squares", "singular values", "singular vectors"):
        got = np.ldexp(FUNCTIONS[name](table), powers.get(name, 0))
        np.testing.assert_allclose(got, FUNCTIONS[name]([TABLE]), rtol=1e-9, atol=1e-11, err_msg=name)
    half = da.from_array(2.0 ** (e / 2) * TABLE, chunks=(200, 12))
    wanted = np.ldexp(linalg.block_covariance([TABLE]), e)
    np.testing.assert_allclose(linalg.block_covariance(half), wanted, rtol=1e-9)


class PlanMadeError(Exception):
    """Raised when the first block would be touched."""


class Stop(dask.callbacks.Callback):
    """Stops a computation when its plan is made."""

    def _start(self, graph):
        self.n_tasks = len(graph)
        raise PlanMadeError


def planning(function, n_blocks):
    """Count the calls of Python functions before the first block is touched, and the tasks."""
    table = da.zeros((n_blocks, 6), chunks=(1, 6))
    calls = itertools.count()
    with Stop() as stop, pytest.raises(PlanMadeError):
        _counting(calls, function, table)
    return next(calls), stop.n_tasks


def _counting(calls, function, table):
    try:
        sys.setprofile(lambda frame, event, argument: next(calls))
        function(table)
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("name", ["covariance", "triangle", "least squares", "singular values"])
def test_planning_is_linear_in_the_number_of_blocks(name):
    planning(FUNCTIONS[name], 10)  # imports are over
    few, many, more = (np.array(planning(FUNCTIONS[name], n)) for n in (50, 100, 1000))
    assert np.all(more - many < 1.2 * 900 * (many - few) / 50)
    assert more[1] < 1.2 * 1000


class Alive:
    """Counts the blocks that lie in memory at one time."""

    def __init__(self):
        self.now, self.most, self.made, self.lock = 0, 0, 0, threading.Lock()

    def block(self, block_info=None):
        rows = row_block(block_info).copy()
        self.change(1)
        weakref.finalize(rows, self.change, -1)
        return rows

    def change(self, by):
        with self.lock:
            self.now, self.made = self.now + by, self.made + max(by, 0)
            self.most = max(self.most, self.now)


@pytest.mark.parametrize("name", ["covariance", "triangle", "least squares", "singular values"])
def test_few_blocks_lie_in_memory_at_one_time(name):
    alive = Alive()
    table = da.map_blocks(alive.block, chunks=((40,) * 100, (12,)), dtype=float)
    gc.collect()
    with dask.config.set(scheduler="threads", num_workers=2):
        FUNCTIONS[name](table)
    assert alive.made >= 100
    assert alive.most <= 6


@pytest.mark.filterwarnings("ignore")  # as above
def test_a_cluster_of_processes_gives_the_same(client):
    assert len(client.scheduler_info()["workers"]) == 2
    got = {name: function(lazy_table()) for name, function in FUNCTIONS.items()}
    require_equal(got, in_memory())


@pytest.mark.filterwarnings("ignore")  # as above
def test_a_killed_worker_does_not_change_the_answer(client):
    table = client.persist(lazy_table())  # the blocks now lie in the memory of the workers
    distributed.wait(table)
    holders = client.who_has(table)
    address = next(iter(client.cluster.workers.values())).worker_address
    victim = client.run(os.getpid)[address]
    lost = [key for key, where in holders.items() if tuple(where) == (address,)]
    assert lost, "the worker to be killed held no block of its own"
    os.kill(victim, signal.SIGKILL)
    got = {name: function(table) for name, function in FUNCTIONS.items()}
    require_equal(got, in_memory())
    assert victim not in client.run(os.getpid).values()


def slow_block(folder, block_info=None):
    """Note who begins to make a block, and take a while."""
    with (folder / f"{os.getpid()}").open("a") as diary:
        diary.write("x")
    time.sleep(0.04)
    return row_block(block_info)


def begun(folder):
    """Count by process how many blocks were begun."""
    return {int(path.name): path.stat().st_size for path in folder.iterdir()}


def wait_until(condition):
    """Wait for what must come soon even on a busy machine."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not happen within a minute"
        time.sleep(0.01)


def both_at_work(client):
    """Say whether the scheduler knows the workers of both nannies: one of them may have died before."""
    nannies = client.cluster.workers.values()
    return sorted(client.processing()) == sorted(str(nanny.worker_address) for nanny in nannies)


N_BLOCKS = 40
COMPUTATIONS = {  # with the number of passes
    "covariance": (linalg.block_covariance, 1),
    "triangle": (linalg.tsqr, 1),
    "least squares": (linalg.block_least_squares, 1),
    "singular values and vectors": (
        lambda X: np.concatenate([part.ravel() for part in linalg.block_svd(X, 4, np.random.default_rng(1))]),
        4,
    ),
}


@pytest.mark.parametrize("name", COMPUTATIONS)
@pytest.mark.filterwarnings("ignore")  # as above
def test_a_worker_killed_on_the_way_changes_no_digit(client, tmp_path, name):
    function, n_passes = COMPUTATIONS[name]
    chunks = ((100,) * N_BLOCKS, (12,))
    with dask.config.set(scheduler="threads"):
        wanted = function(da.map_blocks(row_block, chunks=chunks, dtype=float))
    wait_until(lambda: both_at_work(client))
    table = da.map_blocks(slow_block, tmp_path, chunks=chunks, dtype=float)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(function, table)
        middle = N_BLOCKS * (n_passes // 2) + 12
        wait_until(lambda: sum(begun(tmp_path).values()) >= middle or answer.done())
        victim = max(begun(tmp_path).items(), key=lambda item: item[1])[0]
        assert victim in {nanny.pid for nanny in client.cluster.workers.values()}
        os.kill(victim, signal.SIGKILL)
        assert not answer.done()
        np.testing.assert_array_equal(answer.result(timeout=60), wanted)
    assert sum(begun(tmp_path).values()) > n_passes * N_BLOCKS, "nothing was lost, so nothing was made again"
    assert victim not in client.run(os.getpid).values()
