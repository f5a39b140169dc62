"""gRPC works in the SDK's kind of process only if it is told of gevent in time."""

import subprocess
import sys

RECORD = """
import grpc.experimental.gevent as grpc_gevent

order = []
ready = grpc_gevent.init_gevent

def init_gevent():
    import gevent.monkey
    order.append("patched" if gevent.monkey.is_module_patched("socket") else "not patched")
    ready()

grpc_gevent.init_gevent = init_gevent
import holysheep_client.process
from holysheep_client.channels import _channels
print(*order, len(_channels))
"""


def test_grpc_is_told_after_the_patches_and_before_the_first_channel(unpacked):
    for folder in unpacked.values():
        run = subprocess.run([sys.executable, "-c", RECORD], cwd=folder, text=True, check=True,
                             capture_output=True, timeout=60)
        # The manifest comes before it.
        assert run.stdout.splitlines()[-1] == "patched 0"
        # main.py imports that first, and nothing of its own before.
        lines = (folder / "main.py").read_text().splitlines()
        assert [line for line in lines if "import" in line] == \
            ["from holysheep_client.process import plugin"]
