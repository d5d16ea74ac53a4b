"""A program in the Collector's place: it listens where the Collector would."""

from __future__ import annotations

import http.server
import os
import signal
import sys
from typing import Any


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


def main(arguments: list[str]) -> None:
    if refusal := os.environ.get("FAKE_REFUSAL"):
        sys.exit(refusal)
    elif os.environ.get("FAKE_ECHO"):
        print(*arguments, os.environ.get("HELICONE_API_KEY"), sep="\n")
    else:
        if os.environ.get("FAKE_STUBBORN"):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        else:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        host, _, port = os.environ["OTEL_RESPONSES_OTLP_HTTP"].rpartition(":")
        print("ready", flush=True)
        http.server.ThreadingHTTPServer((host, int(port)), Handler).serve_forever()


main(sys.argv[1:])
