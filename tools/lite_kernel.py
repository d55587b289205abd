"""The kernel of the browser: Python's core, packages of pure Python, and a lock that names all else."""

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from make_zips import build_wheel
from verdicts import ROOT

CORE = ROOT / "book" / "vendor" / "node_modules" / "pyodide"
CORE_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = ROOT / "requirements-browser.txt"
#: What a reader's `import` may ask of the distribution. A size is the file's, in MB: an estimate, as the lock
#: does not tell it, that the weekly run compares with what comes (tests/browser/test_lite.py).
FETCHED = {
    "numpy": 3.0,
    "matplotlib": 7.0,
    "pillow": 1.0,
    "kiwisolver": 0.1,
    "contourpy": 0.3,
    "scipy": 14.0,
    "scikit-learn": 6.0,
}
WITH_DATA = ("scipy", "scikit-learn")  # only for lessons that use the real data
FRONT_END = 2.0  # MB of the notebook's own scripts and styles, packed; a test measures them


def write_kernel(folder: Path, wheels: Path) -> None:
    """Write all that the kernel needs; packages are kept in `wheels` for the next time."""
    folder.mkdir(parents=True)
    shutil.rmtree(wheels / "own", ignore_errors=True)  # it may hold an earlier version
    served = [*(CORE / name for name in CORE_FILES), *locked_wheels(wheels), build_wheel(wheels / "own")]
    for path in served:
        shutil.copy2(path, folder / path.name)
    lock = json.loads((CORE / "pyodide-lock.json").read_text(encoding="utf-8"))
    lock = served_lock(lock, sorted(folder.glob("*.whl")), address())
    (folder / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    (folder / "licence.txt").write_text(
        f"Pyodide {version()}: Mozilla Public License 2.0, source at https://github.com/pyodide/pyodide\n"
        "Each wheel holds the licence of its package.\n",
        encoding="utf-8",
    )


def version() -> str:
    """The version of the distribution that is installed."""
    return json.loads((CORE / "package.json").read_text(encoding="utf-8"))["version"]


def address() -> str:
    """Where the distribution publishes its files, the one place that is asked besides the site."""
    return f"https://cdn.jsdelivr.net/pyodide/v{version()}/full/"


def locked_wheels(kept: Path) -> list[Path]:
    """The packages of pure Python that the lock names, fetched once for each state of the lock."""
    folder = kept / hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    if not folder.exists():
        fresh = folder.with_suffix(".part")
        shutil.rmtree(fresh, ignore_errors=True)
        python = json.loads((CORE / "pyodide-lock.json").read_text(encoding="utf-8"))["info"]["python"]
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        pure = ["--only-binary=:all:", "--implementation=py", "--abi=none", "--platform=any"]
        pure.append(f"--python-version={python.rpartition('.')[0]}")
        run([*pip, "--require-hashes", "--no-deps", *pure, "-r", LOCK, "-d", fresh])
        fresh.rename(folder)
    return sorted(folder.glob("*.whl"))


def run(command: list, folder: Path = ROOT) -> None:
    """Run a command in a folder; its output is shown only if it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout[-3000:], done.stderr[-3000:], file=sys.stderr)
        done.check_returncode()


def served_lock(lock: dict, wheels: list[Path], address: str) -> dict:
    """The kernel's lock: what the site serves with its own hashes, all else at the distribution's address."""
    packages = lock["packages"]
    for package in packages.values():
        package["file_name"] = address + package["file_name"]
    for wheel in wheels:
        name, version = wheel.name.split("-")[:2]
        entry = packages.setdefault(name.lower().replace("_", "-"), new_entry(name))
        entry |= {
            "version": version,
            "file_name": wheel.name,
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        }
    packages["mmlhelpers"]["depends"] = ["numpy", "matplotlib", "ipywidgets"]
    packages["ipywidgets"]["depends"] = ["comm", "ipython", "traitlets"]
    return lock


def new_entry(name: str) -> dict:
    """What the lock says of a package that the distribution does not have."""
    kind = {"install_dir": "site", "package_type": "package", "unvendored_tests": False}
    return {"name": name, "imports": [name], "depends": [], **kind}


def fetched_megabytes() -> dict[str, float]:
    """What a lesson fetches from the distribution, in MB, without and with the real data."""
    base = sum(size for name, size in FETCHED.items() if name not in WITH_DATA)
    return {"base": base, "data": sum(FETCHED.values())}


def facts(folder: Path) -> str:
    """A script that tells the pages of the book what is here and how much a reader will fetch."""
    served = sum(packed(path) for path in folder.iterdir() if path.name != "licence.txt") / 1e6
    fetched = fetched_megabytes()
    megabytes = {
        "exercise": round(served + fetched["base"]),
        "notebook": round(FRONT_END + served + fetched["base"]),
        "data": round(fetched["data"] - fetched["base"]),
    }
    return f"globalThis.mmlLite = {json.dumps({'address': address(), 'megabytes': megabytes})};\n"


def packed(path: Path) -> int:
    """How many bytes a server sends of a file: text and machine code packed, archives as they are."""
    contents = path.read_bytes()
    return len(contents) if path.suffix in {".zip", ".whl"} else len(gzip.compress(contents, 6))
