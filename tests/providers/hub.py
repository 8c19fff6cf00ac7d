"""A weights hub on 127.0.0.1 that speaks as much of the real one's protocol as fetching a model takes.

In: folders of files, each under the name of a repository. Out: `asked`, every request in order. Tests point
HF_ENDPOINT at `url` in a process of its own, for the library reads it once.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

REVISION = "5" * 40


class FakeHub:
    """Serves `repositories` (owner/name to folder); a context."""

    def __init__(self, repositories: Mapping[str, Path]) -> None:
        self.asked: list[str] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                hub.asked.append(f"GET {self.path}")
                self._answer()

            def do_HEAD(self) -> None:
                hub.asked.append(f"HEAD {self.path}")
                self._answer()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                """Nothing: pytest shows what was asked."""

            def _answer(self) -> None:
                parts = self.path.partition("?")[0].strip("/").split("/")
                if parts[:2] == ["api", "models"] and "/".join(parts[2:4]) in repositories:
                    self._info("/".join(parts[2:4]), tree=parts[4:5] == ["tree"])
                elif "/".join(parts[:2]) in repositories and parts[2:3] == ["resolve"]:
                    self._file(repositories["/".join(parts[:2])] / parts[-1])
                else:
                    self._send(404, b"{}", {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"})

            def _info(self, repository: str, *, tree: bool) -> None:
                files = sorted(path for path in repositories[repository].iterdir() if path.is_file())
                if tree:
                    entries = [
                        {"type": "file", "path": f.name, "size": f.stat().st_size, "oid": _etag(f)} for f in files
                    ]
                    self._send(200, json.dumps(entries).encode())
                    return
                siblings = [{"rfilename": file.name} for file in files]
                body = {"id": repository, "modelId": repository, "sha": REVISION, "siblings": siblings}
                self._send(200, json.dumps(body | {"private": False, "tags": [], "downloads": 0}).encode())

            def _file(self, file: Path) -> None:
                if not file.is_file():
                    self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
                    return
                headers = {"ETag": f'"{_etag(file)}"', "X-Repo-Commit": REVISION, "Accept-Ranges": "bytes"}
                self._send(200, file.read_bytes(), headers)

            def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _etag(file: Path) -> str:
    return hashlib.sha1(file.read_bytes(), usedforsecurity=False).hexdigest()
