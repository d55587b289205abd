# make book builds the site, make test checks everything; `make help` lists the rest.
PYTHON =
ONE =
ONLY =
FRESH ?=
BIN = .venv/bin

help: ## list the targets
	@grep -E '^[a-z]+:.*##' Makefile | sed -e 's/:.*## /	/' | expand -t 12

.venv/installed: requirements-dev.txt pyproject.toml tools/setup.sh
	@sh tools/setup.sh $(PYTHON)

setup: .venv/installed ## create .venv with the locked packages

book: .venv/installed ## build the site into _build/html (runs only notebooks whose text changed)
	@$(BIN)/python tools/make_book.py

serve: book ## build, then serve the site on this machine and open it
	@$(BIN)/python tools/serve.py

test: .venv/installed ## run the gates whose inputs changed; ONLY=nbval some of them, FRESH=1 all
	@FRESH=$(FRESH) $(BIN)/python tools/check.py $(ONLY)

check: test ## the same as test

notebooks: .venv/installed ## run the notebooks whose text, quiz or package changed
	@$(BIN)/python tools/build_notebooks.py

nb: .venv/installed ## run one notebook: make nb ONE=linear_algebra
	@$(BIN)/python tools/build_notebooks.py --force --one "$(ONE)"

pictures: .venv/installed ## run every notebook afresh; fails if a committed byte changes
	@$(BIN)/python tools/build_notebooks.py --force && git diff --exit-code --stat notebooks

lab: .venv/installed ## open copies of the notebooks, in my_notebooks, in JupyterLab
	@$(BIN)/python tools/open_lab.py

zip: book ## pack the site and the notebooks into _build/zips, to take along
	@$(BIN)/python tools/make_zips.py

links: .venv/installed ## look for dead links to other sites (needs the network)
	@$(BIN)/jupyter-book build . --builder linkcheck --path-output _build/links

format: .venv/installed ## format the Python files and sort their imports
	@$(BIN)/ruff check --select I --fix --quiet src tests tools book/_ext conftest.py && $(BIN)/ruff format src tests tools book/_ext conftest.py

lock: ## compile pyproject.toml into the locks (needs uv)
	@sh tools/lock.sh

clean: ## remove what was built; the environment stays
	@rm -rf _build

.PHONY: help setup book serve test check notebooks nb pictures lab zip links format lock clean
