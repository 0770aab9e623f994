"""A W&B server on this machine: it takes runs as the real one does, or misbehaves."""

import json
import socket
import struct
import threading
from collections import defaultdict
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "0123456789" * 4
MISBEHAVIOURS = {
    "hangs": "timed out after",
    "drips": "timed out after",
    "cuts": "the answer was cut off",
    "resets": "connection reset by peer",
    "leaves": "remote end closed connection without response",
    "500": "the server answers 500 Internal Server Error",
    "401": "the API key was refused (401)",
}
"""What the server does -> what is to be said of it."""


class Server(ThreadingHTTPServer):
    """Answers as `behaviour` says: `works`, or one of `MISBEHAVIOURS`; it may change while it runs.

    Attributes:
        runs: id of a run -> what was last said of it: `groupName`, `config` and so on.
        history: id of a run -> its rows, by the number of the line.
        exit_codes: id of a run -> exit codes, of each time that it has ended.
        questions: how many requests there were.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, behaviour: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour = behaviour
        self.runs: dict[str, dict[str, Any]] = {}
        self.history: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
        self.exit_codes: dict[str, list[int]] = defaultdict(list)
        self.questions = 0
        self.closing = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def close(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()

    def told(self, path: str, body: bytes) -> dict[str, Any]:
        """The answer to a request, after what it says has been kept."""
        if path == "/graphql":
            question = json.loads(body)
            return self.asked(question["query"], question.get("variables") or {})
        if path.endswith("/file_stream"):
            run, said = path.split("/")[-2], json.loads(body)
            lines = said.get("files", {}).get("wandb-history.jsonl", {"offset": 0, "content": []})
            for number, line in enumerate(lines["content"], lines["offset"]):
                self.history[run][number] = json.loads(line)
            if said.get("complete"):
                self.exit_codes[run].append(said["exitcode"])
        return {}

    def asked(self, query: str, values: dict[str, Any]) -> dict[str, Any]:
        """The answer to a question in GraphQL."""
        who = {"id": "1", "name": "someone"}
        if "UpsertBucket" in query:
            new = values["name"] not in self.runs
            told = {key: value for key, value in values.items() if value is not None}
            run = self.runs[values["name"]] = self.runs.get(values["name"], {}) | told
            project = {"id": "1", "name": run["project"], "entity": who}
            bucket = {"id": "1", "name": run["name"], "displayName": run.get("displayName"), "config": run["config"]}
            bucket |= {"project": project, "historyLineCount": len(self.history[run["name"]])}
            return {"data": {"upsertBucket": {"bucket": bucket, "inserted": new}}}
        if "RunResumeStatus" in query:
            return {"data": {"model": {"id": "1", "name": "siamnas", "entity": who, "bucket": self.bucket(values)}}}
        if "CreateRunFiles" in query:
            files = [{"name": name, "uploadUrl": f"{self.url}/storage/{name}"} for name in values["files"]]
            return {"data": {"createRunFiles": {"runID": "1", "uploadHeaders": [], "files": files}}}
        if "viewer" in query:
            viewer = {"id": "1", "entity": "someone", "username": "someone", "email": "", "flags": "{}"}
            return {"data": {"viewer": {**viewer, "teams": {"edges": []}}}}
        return {"errors": [{"message": "this server knows no artifacts"}]}

    def bucket(self, values: dict[str, Any]) -> dict[str, Any] | None:
        """What a run that is resumed is told of itself."""
        run, lines = self.runs.get(values["name"]), self.history[values["name"]]
        if run is None:
            return None
        tail = [json.dumps(lines[max(lines)])] if lines else []
        counts = {"historyLineCount": len(lines), "eventsLineCount": 0, "logLineCount": 0}
        tails = {"historyTail": json.dumps(tail), "eventsTail": "[]", "summaryMetrics": "{}", "wandbConfig": '{"t":1}'}
        return {"id": "1", "name": run["name"], "config": run["config"], "tags": [], **counts, **tails}


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.questions += 1
        match self.server.behaviour:
            case "works":
                self.reply(200, self.server.told(self.path, body))
            case "hangs":
                while self.server.behaviour == "hangs" and not self.server.closing.wait(0.1):
                    pass
                self.close_connection = True
            case "drips":
                self.start(200, 1_000_000)
                while not self.server.closing.wait(0.1):
                    self.wfile.write(b" ")
            case "cuts":
                self.start(200, 1_000)
                self.close_connection = True
            case "resets":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.rfile.close()
                self.close_connection = True
            case "leaves":
                self.close_connection = True
            case status:
                self.reply(int(status), {"errors": [{"message": "no"}]})

    do_GET = do_POST = do_PUT = do_HEAD = answer  # noqa: N815 (names of the parent)

    def start(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.flush()

    def reply(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.start(status, len(body))
        self.wfile.write(body)

    def handle(self) -> None:
        with suppress(OSError):  # who asks may hang up
            super().handle()

    def log_message(self, format: str, *_: Any) -> None:
        """Say nothing."""
