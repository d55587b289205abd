"""What is put together for Python in the browser."""

import json
import tomllib

import build_lite
import lite_kernel
import nbformat
from lite_contents import notebook_for_the_browser

MEGABYTES = {"base": 11.0, "data": 30.0}
code, prose = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell


def made(*cells):
    return notebook_for_the_browser(nbformat.v4.new_notebook(cells=list(cells)), MEGABYTES, "https://book/")


def test_first_cell_fetches_what_the_kernel_would_not_see():
    plain, data = made(code("import numpy as np")), made(code("X = datasets.digits().X"))
    assert "sklearn" not in plain.cells[0].source
    assert "about 11 MB" in plain.cells[0].source
    assert "import matplotlib, mmlhelpers, numpy, sklearn\n" in data.cells[0].source
    assert "about 30 MB" in data.cells[0].source


def test_copy_asks_for_the_kernel_that_is_there_and_leads_to_the_site():
    lesson = made(prose("See [this](../../notebooks/02_calculus.ipynb#The-gradient)."))
    assert lesson.metadata.kernelspec.name == "python"
    assert lesson.cells[1].source == "See [this](https://book/notebooks/02_calculus.html)."


def test_copy_installs_nothing():
    lesson = made(code('if find_spec("mmlhelpers") is None:\n    install()'), code("1 + 1"))
    assert [cell.source for cell in lesson.cells[1:]] == ["1 + 1"]


def test_what_is_served_has_its_own_hash_and_all_else_a_pinned_address(tmp_path):
    wheel = tmp_path / "six-9-py3-none-any.whl"
    wheel.write_bytes(b"contents")
    own = tmp_path / "mmlhelpers-0.1.0-py3-none-any.whl"
    own.write_bytes(b"")
    widgets = tmp_path / "ipywidgets-8-py3-none-any.whl"
    widgets.write_bytes(b"")
    kept = {name: {"file_name": f"{name}.whl", "sha256": name} for name in ("six", "numpy")}
    packages = lite_kernel.served_lock({"packages": kept}, [wheel, own, widgets], "https://there/")[
        "packages"
    ]
    assert packages["numpy"] == {"file_name": "https://there/numpy.whl", "sha256": "numpy"}
    assert packages["six"]["file_name"] == "six-9-py3-none-any.whl"
    assert packages["six"]["sha256"] == "d1b2a59fbea7e20077af9f91b27e95e865061b270be03ff539ab3b73587882e8"
    assert packages["mmlhelpers"]["imports"] == ["mmlhelpers"]


def test_packages_of_the_browser_are_those_that_its_distribution_locks():
    lock = json.loads((lite_kernel.CORE / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    wanted = tomllib.loads((build_lite.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pinned = dict(line.split("==") for line in wanted["dependency-groups"]["browser"] if "==" in line)
    assert pinned == {name: lock[name]["version"] for name in pinned}


def test_site_stands_where_python_for_the_browser_cannot_be_built(tmp_path, monkeypatch, capsys):
    def fails(*_arguments):
        raise OSError("no network")

    monkeypatch.delenv("MML_LITE", raising=False)
    monkeypatch.setattr(build_lite, "BUILT", tmp_path / "built")
    monkeypatch.setattr(build_lite, "build", fails)
    assert not build_lite.put(tmp_path)
    assert "no Python for the browser: no network. Everything else is there." in capsys.readouterr().err


def test_what_is_built_is_put_in_place_and_not_built_again(tmp_path, monkeypatch):
    builds = []

    def build(site, key):
        builds.append(key)
        site.mkdir(parents=True)
        (site / "key").write_text(key)

    monkeypatch.delenv("MML_LITE", raising=False)
    monkeypatch.setattr(build_lite, "BUILT", tmp_path / "built")
    monkeypatch.setattr(build_lite, "build", build)
    html = tmp_path / "html"
    html.mkdir()
    assert build_lite.put(html)
    assert build_lite.put(html)
    assert len(builds) == 1
    assert (html / "lite" / "key").read_text() == builds[0]


def test_it_can_be_left_out(tmp_path, monkeypatch):
    monkeypatch.setenv("MML_LITE", "0")
    assert build_lite.put(tmp_path)
    assert list(tmp_path.iterdir()) == []
