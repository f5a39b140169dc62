"""nginx with TLS and HTTP/2, as it stands before most upstreams."""

import os
import shutil

from harness.process import Process, environment, free_port, wait_until

CONFIG = """
daemon off; master_process off; pid {folder}/pid; error_log stderr info;
events {{}}
http {{
  access_log {folder}/access.log combined;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  keepalive_timeout 75s;
  server {{
    listen {host}:{port} ssl http2;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    location / {{
      proxy_pass http://{target}; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off;
    }}
  }}
}}
"""


class Nginx:
    """`target` is HOST:PORT of what is behind it. `before` is a command that runs it."""

    def __init__(self, folder, target, certificate, key, host="127.0.0.1", before=()):
        folder.mkdir()
        port = free_port()
        self.folder = folder
        config = folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=folder, host=host, port=port, target=target,
                                        certificate=certificate, key=key))
        path = os.environ.get("PATH", "") + ":/usr/sbin"
        program = shutil.which("nginx", path=path)
        assert program, "nginx is missing; scripts/setup test brings it"
        self.process = Process([*before, program, "-e", "stderr", "-p", folder, "-c", config],
                               folder / "log", environment())
        self.port = port
        self.url = f"https://{host}:{port}/v1"
        wait_until(lambda: (folder / "pid").exists() and (folder / "pid").read_text().strip(), 10,
                   "nginx")

    def versions(self):
        """Of HTTP, one a request so far."""
        log = (self.folder / "access.log").read_text()
        return [line.split('"')[1].split()[-1] for line in log.splitlines()]

    def stop(self):
        return self.process.stop()
