"""`cmake --install`: what a package of the service would have."""

import subprocess

from harness.process import BIN, environment


def test_the_service_and_its_client_are_installed_with_their_papers(tmp_path):
    subprocess.run(["cmake", "--install", BIN.parent, "--prefix", tmp_path], check=True,
                   capture_output=True)
    for program in ("holysheep-node", "holysheepctl"):
        said = subprocess.run([tmp_path / "bin" / program, "--version"], check=True, text=True,
                              capture_output=True).stdout
        assert said.startswith(program)
    found = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert {"LICENSE", "README.md", "node.yaml", "node.proto", "chat.proto"} <= found
    config = next(tmp_path.rglob("node.yaml"))
    check = subprocess.run([tmp_path / "bin/holysheep-node", "--check", "--config", config],
                           env=environment(HOLYSHEEP_API_KEY="k" * 20),
                           capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stderr
