"""grpcurl, as people use it: without a .proto file."""

import json
import subprocess

from harness.process import ROOT, environment


def grpcurl(node, *arguments, data=None):
    command = [ROOT / "build/tools/grpcurl", "-plaintext"]
    if data is not None:
        command += ["-d", json.dumps(data)]
    run = subprocess.run([*command, node.address, *arguments], env=environment(), text=True,
                         capture_output=True, timeout=60, check=False)
    return run


def test_grpcurl_works_without_a_proto_file(node):
    listed = grpcurl(node, "list").stdout.split()
    assert {"holysheep.node.v1.LlmNode", "holysheep.node.v1.NodeAdmin",
            "grpc.health.v1.Health"} <= set(listed)
    described = grpcurl(node, "describe", "holysheep.node.v1.InvokeRequest").stdout
    assert "temperature" in described
    run = grpcurl(node, "holysheep.node.v1.LlmNode/Invoke", data={"query": "Hallo"})
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    assert (answer["result"], answer["model_used"]) == ("Hallo", "deepseek-v3.2")


def test_grpcurl_describes_every_service(node):
    run = grpcurl(node, "describe")
    assert run.returncode == 0, run.stderr
    for service in ("holysheep.node.v1.NodeAdmin", "grpc.health.v1.Health",
                    "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"):
        assert f"{service} is a service" in run.stdout


def test_grpcurl_streams(node):
    run = grpcurl(node, "holysheep.node.v1.LlmNode/InvokeStream", data={"query": "eins zwei"})
    decoder, events, rest = json.JSONDecoder(), [], run.stdout.strip()
    while rest:
        event, end = decoder.raw_decode(rest)
        events.append(next(iter(event)))
        rest = rest[end:].lstrip()
    assert events == ["started", "text", "text", "final"]


def test_grpcurl_shows_the_details_of_an_error(node):
    run = grpcurl(node, "holysheep.node.v1.LlmNode/Invoke", data={"query": " "})
    assert run.returncode != 0
    assert "InvalidArgument" in run.stderr
    assert "holysheep.ai" in run.stderr and "INVALID_ARGUMENT" in run.stderr


def test_grpcurl_sees_the_health(node):
    run = grpcurl(node, "grpc.health.v1.Health/Check", data={})
    assert json.loads(run.stdout) == {"status": "SERVING"}
