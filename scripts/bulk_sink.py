"""A local server that takes bulk requests as Elasticsearch does, for scripts/kill.py: keeps what comes, once by _id."""
import gzip
import http.server
import json
import sys
import threading


class BulkSink:
    """`documents`: _id to source of each document created; `conflicts`: sources that came for an _id again."""

    def __init__(self):
        self.documents, self.conflicts = {}, []
        self._lock = threading.Lock()
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def reply(self, status, body):
                data = json.dumps(body).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:  # the agent was killed meanwhile
                    self.close_connection = True

            def do_GET(self):
                self.reply(200, {"cluster_name": "sink", "version": {"number": "9.0.0"}})

            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                if len(body) < length:  # a server takes no torn request
                    self.close_connection = True
                    return
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if self.path.startswith("/_bulk"):
                    self.reply(200, {"items": sink.create(body)})
                else:
                    self.reply(404, {"error": {"type": "index_not_found_exception"}})

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                if not isinstance(sys.exc_info()[1], OSError):  # the agent was killed
                    super().handle_error(request, client_address)

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def create(self, body):
        items = []
        lines = body.split(b"\n")
        with self._lock:
            for action, source in zip(lines[:-1:2], lines[1::2]):
                key = json.loads(action)["create"]["_id"]
                known = key in self.documents
                if known:
                    self.conflicts.append((key, source))
                else:
                    self.documents[key] = source
                items.append({"create": {"_id": key, "status": 409 if known else 201}})
        return items

    def close(self):
        self._server.shutdown()
        self._server.server_close()
