# SPDX-License-Identifier: Apache-2.0
"""A small federation on loopback for the end-to-end scripts: peers that sign, a homeserver that
notes what reached it, and the gateway between them. Standard library, libsodium and the openssl
command; everything is made at run time in a directory of its own.
"""

import base64
import contextlib
import ctypes
import hashlib
import http.server
import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = "home.entente.test"

_sodium = ctypes.CDLL("libsodium.so.23")
_sodium.sodium_init()


def unpadded(data):
    return base64.b64encode(data).decode().rstrip("=")


def canonical(value):
    """Canonical JSON, for the values that these scripts make: strings, small integers, lists, objects."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


class Peer:
    """A remote homeserver: its name, its state, its signing key."""

    def __init__(self, name, state):
        self.name, self.state, self.key_id = name, state, "ed25519:e2e"
        public, self._secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        _sodium.crypto_sign_keypair(public, self._secret)
        self.verify_key = unpadded(public.raw)

    def sign(self, message):
        signature = ctypes.create_string_buffer(64)
        _sodium.crypto_sign_detached(signature, None, message, ctypes.c_ulonglong(len(message)), self._secret)
        return unpadded(signature.raw)

    def request(self, method, target, content=None, destination=OURS):
        """A signed request: (method, target, headers, body)."""
        signed = {"method": method, "uri": target, "origin": self.name, "destination": destination}
        if content is not None:
            signed["content"] = content
        header = (f'X-Matrix origin="{self.name}",destination="{destination}",key="{self.key_id}",'
                  f'sig="{self.sign(canonical(signed))}"')
        headers = {"Host": OURS, "Authorization": header}
        body = b"" if content is None else canonical(content)
        if content is not None:
            headers["Content-Type"] = "application/json"
        return method, target, headers, body

    def transaction(self):
        """A transaction of one typing notice that is like no other."""
        number = secrets.token_hex(8)
        content = {
            "origin": self.name, "origin_server_ts": int(time.time() * 1000), "pdus": [],
            "edus": [{"edu_type": "m.typing", "content": {
                "room_id": f"!{number}:{OURS}", "user_id": f"@alice:{self.name}", "typing": True}}],
        }
        return self.request("PUT", f"/_matrix/federation/v1/send/{number}", content)


class Homeserver:
    """A stand-in for the homeserver: answers `{"pdus":{}}` and notes the hash of each body, in memory
    and so beyond the reach of whatever happens to the gateway."""

    def __init__(self):
        seen = self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                seen.append(hashlib.sha256(body).hexdigest())
                answer = b'{"pdus":{}}'
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_PUT = do_POST = answer

            def log_message(self, *_):
                pass

            def handle(self):
                with contextlib.suppress(OSError):  # the gateway may die in the middle of anything
                    super().handle()

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()


class Gateway:
    """Entente in `directory`, before `homeserver`, with a policy that admits `peers` with pinned keys."""

    def __init__(self, directory, homeserver, peers, audit="audit"):
        self.directory, self.process = Path(directory), None
        self.program = os.environ.get("ENTENTE_BIN") or str(ROOT / ".build/release/entente")
        if not os.access(self.program, os.X_OK):
            sys.exit(f"no program at {self.program}: build it with `swift build -c release`, or set ENTENTE_BIN")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.audit = self.directory / audit
        self.audit.mkdir(exist_ok=True)
        self._certificate()
        self._policy(peers)
        self._configuration(homeserver, audit)
        self.tls = ssl.create_default_context(cafile=str(self.directory / "tls.pem"))

    def _certificate(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={OURS}", "-addext", f"subjectAltName=DNS:{OURS}",
             "-keyout", str(self.directory / "tls.key"), "-out", str(self.directory / "tls.pem")],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _policy(self, peers):
        lines = [
            "entente: 1", "policy: { id: end-to-end, serial: 1, mode: enforce }",
            f"self: {{ state: FR, servers: [{OURS}] }}",
            f"groups: {{ allowed: {json.dumps(sorted({peer.state for peer in peers}))} }}",
            "tiers:", "  own: { may: [discovery, keys, send] }", "  friends:", "    may: [discovery, keys, send]", "    edu: [typing]", "  blocked: { may: [] }",
            "assign: { allowed: friends, unknown: blocked }", "servers:"]
        for peer in peers:
            lines += [f"  - name: {peer.name}", f"    state: {json.dumps(peer.state)}",
                      f"    keys: {{ {json.dumps(peer.key_id)}: {json.dumps(peer.verify_key)} }}"]
        (self.directory / "policy.yaml").write_text("\n".join(lines) + "\n")

    def _configuration(self, homeserver, audit):
        (self.directory / "gateway.yaml").write_text("\n".join([
            "entente: 1", "node: end-to-end", "policy: { file: policy.yaml, unsigned: accepted }", "mixed: withhold",
            "listeners:", f"  - listen: 127.0.0.1:{self.port}",
            "    certificates: [{ chain: tls.pem, key: tls.key }]",
            "    absent_sni: refuse", "    client_certificates: none", '    min_tls: "1.2"',
            "homeservers:", f"  - server_name: {OURS}", f"    upstream: http://127.0.0.1:{homeserver.port}",
            "federation: { roots: system, allow_addresses: [127.0.0.0/8], allow_ports: [443, 8448] }",
            f"audit: {{ directory: {audit} }}", "event_loops: 1"]) + "\n")

    def start(self, within=10.0):
        """Starts it and waits until it accepts connections; seconds that took."""
        begun = time.monotonic()
        with open(self.directory / "entente.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "serve", "--config", str(self.directory / "gateway.yaml")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while time.monotonic() - begun < within:
            if self.process.poll() is not None:
                raise RuntimeError(f"entente ended with status {self.process.returncode} while starting\n{self.log_end()}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return time.monotonic() - begun
            time.sleep(0.01)
        raise RuntimeError(f"entente did not listen within {within:.0f} s\n{self.log_end()}")

    def end(self, number=signal.SIGTERM):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def log_end(self, lines=15):
        with contextlib.suppress(OSError):
            return "\n".join((self.directory / "entente.log").read_text(errors="replace").splitlines()[-lines:])
        return ""


class Client:
    """One kept-alive TLS connection to the gateway, as a peer has it."""

    def __init__(self, gateway, timeout):
        raw = socket.create_connection(("127.0.0.1", gateway.port), timeout)
        self._socket = gateway.tls.wrap_socket(raw, server_hostname=OURS)
        self._answers = self._socket.makefile("rb")

    def send(self, request):
        """The answer's status and body; an OSError when there is none."""
        method, target, headers, body = request
        head = [f"{method} {target} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
        if body or method in ("PUT", "POST"):
            head.append(f"Content-Length: {len(body)}")
        self._socket.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        first = self._answers.readline().split()
        if len(first) < 2:
            raise ConnectionError("closed without an answer")
        length, close = 0, False
        while (line := self._answers.readline().strip().lower()):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            close = close or line == b"connection: close"
        answer = self._answers.read(length)
        if len(answer) < length:
            raise ConnectionError("closed in the middle of an answer")
        if close:
            self.close()
        return int(first[1]), answer

    def close(self):
        with contextlib.suppress(OSError):
            self._answers.close()
            self._socket.close()
