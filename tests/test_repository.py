"""The files around the book: locks, workflows, licences, sizes; no trace of the machine of their author."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from gates import GATES
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = [*WORKFLOWS, *(ROOT / ".github" / "actions").glob("*/action.yml")]
LOCKS = (
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-browser.txt",
    "book/vendor/package-lock.json",
)


def tracked() -> list[Path]:
    """Every file that is in the repository, or would be after `git add`."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [
        ROOT / name for name in names if name and (ROOT / name).is_file() and ROOT / name != Path(__file__)
    ]


def texts() -> dict[str, str]:
    """Relative name and contents of every text file of the repository."""
    found = {}
    for path in tracked():
        raw = path.read_bytes()
        if b"\0" not in raw:
            found[str(path.relative_to(ROOT))] = raw.decode("utf-8")
    return found


def locked(name: str) -> dict[str, set[Version]]:
    """Package and versions of a lock; more than one if Python or the system decides."""
    found: dict[str, set[Version]] = {}
    for line in (ROOT / name).read_text().splitlines():
        if pinned := re.match(r"([A-Za-z0-9._-]+)(?:\[.*?\])?==([^ ;\\]+)", line):
            found.setdefault(canonicalize_name(pinned[1]), set()).add(Version(pinned[2]))
    return found


def direct(*extras: str) -> list[Requirement]:
    """What pyproject.toml asks for itself."""
    lists = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][extra] for extra in extras)]
    return [Requirement(item) for items in lists for item in items]


def test_no_file_names_a_path_of_a_machine():
    machine = re.compile(r"(?<![\w.~:/-])/(?:home|Users|root|work)/\w+")
    allowed = {"tests/test_build_notebooks.py"}  # there such paths are what must be refused
    assert [
        (name, found[0])
        for name, text in texts().items()
        if name not in allowed and (found := machine.search(text))
    ] == []


@pytest.mark.parametrize("name", LOCKS)
def test_lock_says_which_package_and_not_where_it_comes_from(name):
    text = texts()[name]
    assert not re.search(r"index-url|find-links|\"resolved\"", text)
    # Licences and funding pages are no sources; these stand under "url", or in a list, without a key.
    page = re.compile(r'\s*("url": )?"https?://[^"]+",?')
    assert [line for line in text.splitlines() if "://" in line and not page.fullmatch(line)] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-browser.txt"])
def test_lock_pins_every_package_with_hashes(name):
    requirements = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
    assert len(requirements) > 20
    assert [
        item.split()[0] for item in requirements if "==" not in item or "--hash=sha256:" not in item
    ] == []


def test_both_locks_agree():
    reader, developer = locked("requirements.txt"), locked("requirements-dev.txt")
    assert {
        name: (versions, developer.get(name))
        for name, versions in reader.items()
        if versions != developer.get(name)
    } == {}


@pytest.mark.parametrize(
    ("name", "extras"),
    [("requirements.txt", ["notebooks"]), ("requirements-dev.txt", ["notebooks", "site", "test"])],
)
def test_lock_satisfies_what_the_project_asks_for(name, extras):
    versions = locked(name)
    wrong = [
        str(wanted)
        for wanted in direct(*extras)
        if not any(
            version in wanted.specifier for version in versions.get(canonicalize_name(wanted.name), ())
        )
    ]
    assert wrong == [], "run: make lock"


def test_package_depends_on_three_libraries_alone():
    assert {wanted.name for wanted in direct()} == {"numpy", "matplotlib", "ipywidgets"}


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_lock_serves_every_python_of_the_book(version):
    environment = {"python_version": version, "python_full_version": f"{version}.0"}
    pins = re.findall(r"^numpy==\S+(?: ; (.+?))? \\$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert sum(not marker or Marker(marker).evaluate(environment) for marker in pins) == 1


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_foreign_action_is_pinned_by_commit_and_named_by_version(path):
    actions = re.findall(r"uses: (.+)", path.read_text())
    assert actions
    pinned = r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./\.github/actions/\w+"
    assert [action for action in actions if not re.fullmatch(pinned, action)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_may_read_the_repository_and_no_more(path):
    assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}


def test_submission_runs_what_the_readme_says():
    run = (ROOT / ".ci/run").read_text()
    assert "make test" in run
    assert {"REQUIRE_BROWSER=1", "FRESH=1"} <= set(re.findall(r"\w+=1", run))
    assert ".ci/run" in (ROOT / ".github/workflows/everything.yml").read_text()
    assert {"make book", "make test"} <= set(re.findall(r"make \w+", (ROOT / "README.md").read_text()))


def test_jobs_of_the_workflow_run_every_gate_once_and_deploy_waits_for_all_of_them():
    workflow = yaml.safe_load((ROOT / ".github/workflows/book.yml").read_text())
    jobs = workflow["jobs"]
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    named = [name for command in commands for name in re.findall(r'"([a-z ]+)"', command)]
    named += [name for group in jobs["checks"]["strategy"]["matrix"]["gates"] for name in group.split("/")]
    assert sorted(named) == sorted(gate.name for gate in GATES)
    assert {"REQUIRE_BROWSER": "1", "FRESH": "1"}.items() <= workflow["env"].items()
    assert {*jobs["deploy"]["needs"], jobs["browser"]["needs"], "deploy"} == set(jobs)
    assert all(jobs[name]["timeout-minutes"] <= 15 for name in jobs if name != "deploy")


def test_every_target_of_the_makefile_explains_itself():
    text = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", text, re.MULTILINE))
    assert targets == set(re.findall(r"^([a-z]+):.*## \w", text, re.MULTILINE))
    assert targets == set(text.rpartition(".PHONY:")[2].split())


def test_commands_and_files_named_in_the_guides_exist():
    guides = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", guides)) <= targets
    links = re.findall(r"\]\((?!http)([^)#]+)\)", guides)
    tools = re.findall(r"\btools/\w+\.py", guides)
    assert [name for name in [*links, *tools] if not (ROOT / name).exists()] == []


def test_citation_and_package_agree():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == PROJECT["version"]
    assert citation["authors"] == PROJECT["authors"]
    assert (
        citation["repository-code"] == yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
    )
    assert PROJECT["license"] in citation["license"]


def test_commit_hook_runs_gates_of_make_test():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repository["repo"] for repository in hooks] == ["local"]
    assert all("tools/check.py" in hook["entry"] for hook in hooks[0]["hooks"])


def test_tools_stay_small():
    lengths = {
        path.name: len(path.read_text().splitlines()) for path in (ROOT / "tools").iterdir() if path.is_file()
    }
    assert {name: length for name, length in lengths.items() if length >= 150} == {}


def test_runtime_of_the_explorers_stays_small():
    assert len((ROOT / "book" / "_static" / "explorers.js").read_text().splitlines()) < 400
