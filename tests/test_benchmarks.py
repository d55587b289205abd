"""The benchmarks' harness, its stored records and the page made from them; nothing here is timed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import speed

from benchmarks import cases, harness, machine, results

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "book" / "speed.md").read_text(encoding="utf-8")
RECORDS = results.read()
cases.load()


class Clock:
    """Time that passes only where a test lets it."""

    def __init__(self):
        self.now = 0.0
        self.slowness = 1.0
        self.calls = []

    def __call__(self):
        return self.now

    def work(self, name, seconds):
        def run():
            self.calls.append(name)
            self.now += seconds * self.slowness

        return run


def contest(ours=1.0, peer=1.0, tolerance=0.1):
    return harness.Contest(lambda: ours, lambda: peer, lambda a, b: abs(a - b), tolerance, "the difference")


def record(**changes):
    whole = {
        "name": "sum",
        "title": "Sum",
        "n": "10 numbers",
        "dtype": "float64",
        "threads": 1,
        "ours_s": 1e-3,
        "peer": "Peer, sum",
        "peer_s": 2e-3,
        "ratio": 0.5,
        "spread": [0.4, 0.6],
        "pairs": 9,
        "goal": 1.0,
        "accuracy": {"difference": 0.0, "tolerance": 1e-12, "means": "difference of the sums"},
        "limit": {"of": "memory", "share": 0.25},
        "decides": "Memory.",
        "machine": {
            "processor": "A processor",
            "processors": 2,
            "system": "Linux x86_64",
            "blas": "openblas",
            "gemm_flops": {"float32": 1e11, "float64": 5e10},
            "bandwidth": 2e10,
        },
        "load": 0.5,
        "versions": {"python": "3.11.7", "numpy": "2.4.6"},
    }
    return whole | changes


# The harness


def test_every_pair_holds_the_time_of_a_call_of_each_way():
    clock = Clock()
    ways = (clock.work("ours", 0.001), clock.work("peer", 0.003))
    times = harness.paired_times(ways, 1.0, np.random.default_rng(0), clock)
    np.testing.assert_allclose(times, np.tile([0.001, 0.003], (len(times), 1)), rtol=1e-9)
    assert len(times) >= harness.LEAST_PAIRS


def test_slow_work_is_measured_in_the_least_number_of_pairs():
    clock = Clock()
    ways = (clock.work("ours", 5.0), clock.work("peer", 7.0))
    assert len(harness.paired_times(ways, 1.0, np.random.default_rng(0), clock)) == harness.LEAST_PAIRS


def test_the_order_within_a_pair_changes():
    clock = Clock()
    ways = (clock.work("ours", 1.0), clock.work("peer", 1.0))
    harness.paired_times(ways, 60.0, np.random.default_rng(0), clock)
    calls = clock.calls[2:]  # the first two found out how long a call takes
    pairs = set(zip(calls[::2], calls[1::2], strict=True))
    assert pairs == {("ours", "peer"), ("peer", "ours")}


def test_a_machine_that_slows_down_leaves_the_ratio_as_it_was():
    clock = Clock()

    def slowing(name, seconds):
        run = clock.work(name, seconds)

        def slower():
            run()
            clock.slowness *= 1.01

        return slower

    times = harness.paired_times(
        (slowing("ours", 1.0), slowing("peer", 2.0)), 1e4, np.random.default_rng(0), clock
    )
    low, ratio, high = harness.quartiles(times[:, 0] / times[:, 1])
    assert times[-1, 0] > 2 * times[0, 0]
    assert 0.49 < low <= ratio <= high < 0.51


def test_quartiles_of_five_ratios_are_the_second_third_and_fourth():
    assert harness.quartiles(np.array([5.0, 1.0, 4.0, 2.0, 3.0])) == (2.0, 3.0, 4.0)


def test_results_that_agree_give_their_difference():
    assert harness.agreed_difference(contest(1.0, 1.05)) == pytest.approx(0.05)


@pytest.mark.parametrize("ours", [1.5, float("nan")])
def test_results_that_disagree_are_refused(ours):
    with pytest.raises(
        harness.Disagreement, match=r"the difference is .*more than 0\.1.*not do the same work"
    ):
        harness.agreed_difference(contest(ours))


def test_two_cases_may_not_share_a_name():
    about = {"title": "", "n": "", "dtype": "", "peer": "", "package": "", "goal": 1.0, "decides": ""}
    name = next(iter(harness.CASES))

    def prepare():
        return contest()

    prepare.__name__ = name
    with pytest.raises(ValueError, match=f"two cases called '{name}'"):
        harness.case(**about)(prepare)


def test_a_case_measured_and_placed_makes_a_record_without_problems(monkeypatch):
    monkeypatch.setattr(harness, "BLOCK", 1e-6)
    work = contest()._replace(bytes=1e6)
    one = harness.Case(
        "tiny", "Nothing", "no numbers", "float64", "numpy", "numpy", 1.0, "Calls.", lambda: work
    )
    found = harness.measure(one, 0.0)
    whole = record()
    limit = machine.share_of_limit(found.pop("work"), found["ours_s"], one.dtype, whole["machine"])
    found |= {"limit": limit, "versions": machine.versions(one.package)}
    assert results.problems(found | {key: whole[key] for key in ("machine", "load")}) == []


def test_a_record_holds_our_time_over_the_peers(monkeypatch):
    times = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 10.0]])
    monkeypatch.setattr(harness, "paired_times", lambda *args, **kwargs: times)
    one = harness.Case("tiny", "", "", "float64", "", "numpy", 1.0, "", contest)
    found = harness.measure(one, 0.0)
    assert (found["ours_s"], found["peer_s"], found["ratio"], found["pairs"]) == (1.0, 4.0, 0.5, 3)
    assert found["spread"] == [0.3, 0.625]


# Machine and limits


def test_share_of_a_limit_is_the_least_time_over_the_time():
    limits = record()["machine"]
    share = machine.share_of_limit({"flops": 5e9, "bytes": 0.0}, 0.2, "float64", limits)
    assert share == {"of": "matrix products", "share": 0.5}
    share = machine.share_of_limit({"flops": 0.0, "bytes": 1e9}, 0.5, "float32", limits)
    assert share == {"of": "memory", "share": 0.1}
    assert machine.share_of_limit({"flops": 0.0, "bytes": 0.0}, 0.5, "float32", limits) is None


def test_versions_name_python_numpy_and_the_peer_without_the_build():
    found = machine.versions("scipy")
    assert set(found) == {"python", "numpy", "scipy"}
    assert not any("+" in version for version in found.values())


# Records


@pytest.mark.parametrize("key", results.SCHEMA)
def test_a_record_without_a_field_is_told_so(key):
    whole = record()
    del whole[key]
    assert results.problems(whole) == [f"{key} is missing or of the wrong type"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"spread": [0.6, 0.7]}, "the median lies between the quartiles"),
        ({"ours_s": 0.0}, "times and goal are above 0"),
        ({"pairs": 3}, "there are enough pairs"),
        ({"accuracy": {"difference": 1.0, "tolerance": 0.1, "means": ""}}, "both ways did the same work"),
        ({"limit": {"of": "memory", "share": 0.0}}, "the share of a limit is above 0"),
        ({"speed": 1}, "speed is unknown"),
        ({"ratio": True}, "ratio is missing or of the wrong type"),
    ],
)
def test_a_record_that_makes_no_sense_is_told_so(changes, sentence):
    assert any(sentence in problem for problem in results.problems(record(**changes)))


def test_merging_replaces_records_of_the_same_name_and_keeps_the_others(tmp_path):
    path = tmp_path / "results.json"
    results.merge([record(name="b"), record(name="c")], path)
    results.merge([record(name="c", ratio=0.45), record(name="a")], path)
    assert [(r["name"], r["ratio"]) for r in results.read(path)] == [("a", 0.5), ("b", 0.5), ("c", 0.45)]
    assert list(tmp_path.iterdir()) == [path]


def test_an_incomplete_record_is_refused_and_the_file_stays(tmp_path):
    path = tmp_path / "results.json"
    results.merge([record()], path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="record 'sum' is not stored: not so: there are enough pairs"):
        results.merge([record(pairs=1)], path)
    assert path.read_bytes() == before


def test_reading_before_the_first_measurement_gives_no_record(tmp_path):
    assert results.read(tmp_path / "results.json") == []


# What is stored


@pytest.mark.parametrize("stored", RECORDS, ids=lambda stored: stored["name"])
def test_stored_record_is_complete_and_makes_sense(stored):
    assert results.problems(stored) == []


def test_every_case_has_a_record_and_every_record_a_case():
    assert [stored["name"] for stored in RECORDS] == sorted(harness.CASES), "run: python -m benchmarks run"


@pytest.mark.parametrize("stored", RECORDS, ids=lambda stored: stored["name"])
def test_stored_record_says_what_its_case_says(stored):
    one = harness.CASES[stored["name"]]._asdict()
    told = ("title", "n", "dtype", "peer", "goal", "decides")
    assert {key: stored[key] for key in told} == {key: one[key] for key in told}


def test_cases_can_be_listed_without_the_peers():
    code = (
        "import sys; from benchmarks import cases; cases.load();"
        "print({'torch', 'scipy', 'sklearn', 'emcee'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# The page


def test_table_has_a_row_for_every_record_and_the_smallest_ratio_first():
    rows = speed.table([record(ratio=2.0, spread=[1, 3]), record(title="Mean")]).splitlines()
    assert len(rows) == 4
    assert "Mean" in rows[2]
    assert "0.50 (0.40 to 0.60) | 1.00 reached" in rows[2]
    assert "2.00 (1.00 to 3.00) | 1.00 **missed**" in rows[3]


def test_a_work_beside_two_peers_is_explained_once():
    text = speed.decides(
        [
            record(),
            record(peer="Other, sum", accuracy={"difference": 3e-13, "tolerance": 1e-12, "means": "error"}),
        ]
    )
    assert (
        text.count("**Sum, 10 numbers, float64**\n: ")
        == text.count("Memory. 25 % of the machine's rate of memory.")
        == 1
    )
    assert "Beside Other, sum: error $3 \\cdot 10^{-13}$, at most $1 \\cdot 10^{-12}$ allowed." in text
    assert "Beside Peer, sum: difference of the sums $0$" in text


def test_machine_gives_spans_where_records_differ():
    text = speed.machine([record(), record(load=2.0)])
    assert "0.5 to 2 programs on average" in text
    assert (
        "100 billion operations a second in float32 and 50 in float64, and copies memory at 20 GB/s" in text
    )


def test_what_the_peer_wins_is_said():
    won, lost = record(), record(title="Mean", ratio=1.5, ours_s=3e-3, spread=[1, 2])
    assert speed.slower([won]) == "In this measurement there is none."
    assert speed.slower([won, lost]).startswith(
        "- Mean, 10 numbers, float64: Peer, sum needs 2\N{NO-BREAK SPACE}ms"
    )
    assert "1 and more in 1; 1 reach" in speed.count([won, lost])


def test_goals_missed_without_a_loss_are_said():
    assert speed.missed([record()]) == "There is none."
    assert "float64: 0.5 times as long as Peer, sum, where 0.3 was wanted" in speed.missed([record(goal=0.3)])


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.5, "2.5 s"), (0.0123, "12.3 ms"), (4.5678e-5, "45.7 µs"), (3e-8, "0.03 µs")]
)
def test_durations_have_a_unit_that_fits(seconds, text):
    assert speed.duration(seconds).split("\N{NO-BREAK SPACE}") == text.split()


def test_page_uses_every_piece_once_and_types_no_ratio():
    assert sorted(speed.MARK.findall(PAGE)) == sorted(speed.PIECES)
    assert not re.search(r"\d", PAGE), "numbers come from the records"


def test_a_piece_that_does_not_exist_is_refused():
    with pytest.raises(speed.ExtensionError, match=r"no piece on speed is called \['ratios'\]"):
        speed.fill("{{ speed ratios }}", [record()])


def test_filled_page_is_made_from_the_stored_records():
    filled = speed.fill(PAGE, json.loads(results.FILE.read_text(encoding="utf-8")))
    assert "{{ speed" not in filled
    for stored in RECORDS:
        assert f"{stored['ratio']:.2f} ({stored['spread'][0]:.2f}" in filled
