"""For every test: pictures without a screen, the same random trials each time, no way out to the network."""

import os
import socket

import hypothesis
import matplotlib
import numpy as np
import pytest

os.environ["MPLBACKEND"] = "agg"
os.environ["MML_STATIC"] = "1"
hypothesis.settings.register_profile("book", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("book")


@pytest.fixture(autouse=True)
def settings_of_its_own():
    """Let no test inherit how another one prints numbers or draws."""
    with np.printoptions(), matplotlib.rc_context():
        yield


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Let a test talk to this machine (a kernel, a browser, a local server) and to nothing else."""
    connect = socket.socket.connect

    def guarded(self, address):
        outward = self.family in {socket.AF_INET, socket.AF_INET6}
        if outward and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise RuntimeError(f"a test tried to reach {address[0]}; tests use no network")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
