"""Serve the built site on this machine only, and print where to open it."""

import argparse
import functools
import http.server
import sys
import webbrowser
from pathlib import Path

HTML = Path(__file__).resolve().parents[1] / "_build" / "html"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve files without a line of log for each."""

    def log_message(self, *_args: object) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="0 takes any free port")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    arguments = parser.parse_args()
    if not (HTML / "index.html").exists():
        sys.exit("There is no site yet: run `make book` first.")
    try:
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", arguments.port), functools.partial(Handler, directory=str(HTML))
        )
    except OSError as error:
        sys.exit(
            f"Port {arguments.port} cannot be used ({error.strerror}): try `python tools/serve.py --port 0`."
        )
    address = f"http://127.0.0.1:{server.server_port}/"
    print(f"The book is at {address}  (Ctrl+C stops it)", flush=True)
    if not arguments.no_browser:
        webbrowser.open(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("\nStopped.")


if __name__ == "__main__":
    main()
