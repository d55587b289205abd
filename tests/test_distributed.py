"""The block functions on Dask arrays: threads, a cluster of processes, and a worker that dies."""

import os
import signal
import warnings

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


def in_memory():
    """Return what the functions say of the whole table in one block."""
    return {name: function([TABLE]) for name, function in FUNCTIONS.items()}


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


def test_a_table_cut_by_columns_is_refused():
    with pytest.raises(ValueError, match="all columns in one chunk"):
        linalg.tsqr(da.from_array(TABLE, chunks=(700, 6)))


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
