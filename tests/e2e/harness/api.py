"""The Python modules of the API."""

import importlib
import subprocess
import sys
import types

from harness.process import ROOT

PROTO = ROOT / "proto"


def generate(folder):
    """Makes them from the .proto files, in this folder."""
    protos = [str(path) for path in PROTO.rglob("*.proto")]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}",
                    f"--python_out={folder}", f"--grpc_python_out={folder}", *protos], check=True)
    sys.path.insert(0, str(folder))
    package = "holysheep.node.v1"
    names = ("chat_pb2", "node_pb2", "node_pb2_grpc")
    return types.SimpleNamespace(
        **{name: importlib.import_module(f"{package}.{name}") for name in names})
