"""Compare the package with its peers: `python -m benchmarks run [NAME ...]`."""

import argparse
import sys

from benchmarks import cases, results, runner
from benchmarks.harness import CASES

SECONDS = 10.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="name the cases")
    commands.add_parser("show", help="print the stored records")
    running = commands.add_parser("run", help="run cases and store what they find")
    running.add_argument("names", nargs="*", help="cases to run; all if none is named")
    running.add_argument("--seconds", type=float, default=SECONDS, help="processor time of a comparison")
    wanted = parser.parse_args()
    cases.load()
    if wanted.command == "show":
        print("\n".join(map(runner.line, results.read())))
    elif wanted.command == "list":
        print("\n".join(f"{one.name:24} {one.title}, {one.n}, against {one.peer}" for one in CASES.values()))
    elif unknown := [name for name in wanted.names if name not in CASES]:
        parser.error(f"no case is called {', '.join(unknown)}; there are: {', '.join(CASES)}")
    else:
        return 0 if runner.run(wanted.names or list(CASES), wanted.seconds) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
