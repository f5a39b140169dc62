"""The compose files: good in the eyes of Docker Compose's own library, which checks
them against the Compose specification, and in what no schema knows."""

import re

import pytest
import yaml
from harness.process import ROOT
from support import compose
from support.compose import DOCKER

# Dify's own, as far as it matters to us.
DIFY = """\
services:
  api: {image: "langgenius/dify-api:1.15.0", networks: [ssrf_proxy_network, default]}
  plugin_daemon:
    image: langgenius/dify-plugin-daemon:0.6.3-local
    volumes: ["./volumes/plugin_daemon:/app/storage"]
  ssrf_proxy: {image: "ubuntu/squid:latest", networks: [ssrf_proxy_network, default]}
networks:
  ssrf_proxy_network: {driver: bridge, internal: true}
"""


@pytest.fixture
def dify(tmp_path):
    """Dify's folder `docker` with our override in it."""
    folder = tmp_path / "docker"
    folder.mkdir()
    (folder / "docker-compose.yaml").write_text(DIFY)
    (folder / "docker-compose.override.yaml").write_text(
        (DOCKER / "compose.dify.yaml").read_text())
    return folder


def of_dify(folder, **env):
    return compose.project("docker-compose.yaml", "docker-compose.override.yaml",
                           folder=folder, **env)


def services_of_both_files():
    for file in ("compose.yaml", "compose.dify.yaml"):
        for name, service in compose.project(file)["services"].items():
            yield pytest.param(service, id=f"{file}:{name}")


each_service = pytest.mark.parametrize("service", list(services_of_both_files()))


def documented_environment():
    """The variables that the service knows, by docs/configuration.md."""
    text = (ROOT / "docs/configuration.md").read_text()
    section = text.split("\n## Environment\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| (HOLYSHEEP_\w+) \|", section, re.MULTILINE))


def default_configuration():
    text = (ROOT / "docs/configuration.md").read_text()
    return yaml.safe_load(text.split("## The defaults as a file")[1].split("```")[1][4:])


@pytest.mark.parametrize(("text", "why"), [
    ("services: {a: {image: b, read_onyl: true}}", "read_onyl"),
    ("services: {a: {image: b, secrets: [c]}}", "undefined secret"),
    ("services: {a: {image: b, networks: [c]}}", "undefined network"),
])
def test_the_validator_refuses_what_is_wrong(tmp_path, text, why):
    (tmp_path / "compose.yaml").write_text(text)
    run = compose.read("compose.yaml", folder=tmp_path)
    assert run.returncode != 0 and why in run.stderr


@each_service
def test_no_service_may_do_or_use_more_than_it_needs(service):
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "pid", "ipc", "network_mode", "devices"} & service.keys()
    limits = service["deploy"]["resources"]["limits"]
    assert {"cpus", "memory", "pids"} <= limits.keys()
    assert {"max-size", "max-file"} <= service["logging"]["options"].keys()


@each_service
def test_every_service_is_restarted_and_checked_without_a_shell(service):
    assert service["restart"] in ("always", "unless-stopped")
    assert service["healthcheck"]["test"][0] == "CMD"


@each_service
def test_every_image_has_a_version(service):
    assert re.fullmatch(r"[\w/-]+:v?\d+\.\d+\.\d+", service["image"])


@each_service
def test_nothing_is_published_beyond_loopback(service):
    assert {port["host_ip"] for port in service.get("ports", [])} <= {"127.0.0.1"}


@each_service
def test_every_mount_of_ours_is_there_and_read_only(service):
    for volume in service.get("volumes", []):
        if volume["type"] == "bind":
            assert volume["read_only"] is True
            assert any((DOCKER / volume["source"]).iterdir()), volume["source"]


@pytest.mark.parametrize("file", ["compose.yaml", "compose.dify.yaml"])
def test_the_service_is_set_as_it_knows_it(file, image):
    service = compose.project(file)["services"]["holysheep-node"]
    assert set(service["environment"]) <= documented_environment()
    assert {f"{port['target']}/tcp" for port in service.get("ports", [])} <= set(
        image.config["ExposedPorts"])
    assert service["healthcheck"]["test"] == image.config["Healthcheck"]["Test"]
    version = image.config["Labels"]["org.opencontainers.image.version"]
    assert service["image"] == f"holysheep-node:{version}"


@pytest.mark.parametrize("file", ["compose.yaml", "compose.dify.yaml"])
def test_the_grace_time_is_longer_than_the_drain(file):
    service = compose.project(file)["services"]["holysheep-node"]
    configured = yaml.safe_load((DOCKER / "config/node.yaml").read_text())
    drain = configured.get("drain_timeout", default_configuration()["drain_timeout"])
    assert compose.seconds(service["stop_grace_period"]) > compose.seconds(drain)


@pytest.mark.parametrize("file", ["compose.yaml", "compose.dify.yaml"])
def test_secrets_are_files_and_never_values(file, tmp_path):
    model = compose.project(file, HOLYSHEEP_SECRETS=tmp_path, HOLYSHEEP_API_KEY="hs-not-here")
    assert "hs-not-here" not in str(model)
    for name, secret in model["secrets"].items():
        assert secret["file"] == str(tmp_path / name)
    for service in model["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("KEY|PASSWORD|TOKEN", name):
                assert name.endswith("_FILE")
                assert value in [secret["target"] for secret in service["secrets"]]


def test_prometheus_and_grafana_find_what_they_are_given():
    services = compose.project("compose.yaml")["services"]
    prometheus = yaml.safe_load((DOCKER / "prometheus/prometheus.yml").read_text())
    (job,) = prometheus["scrape_configs"]
    assert job["static_configs"] == [{"targets": ["holysheep-node:9464"]}]
    assert "holysheep-node" in services
    (source,) = yaml.safe_load((DOCKER / "grafana/provisioning/datasources/prometheus.yaml")
                               .read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090" and "prometheus" in services
    (provider,) = yaml.safe_load((DOCKER / "grafana/provisioning/dashboards/holysheep.yaml")
                                 .read_text())["providers"]
    places = {volume["target"]: volume["source"] for volume in services["grafana"]["volumes"]}
    folder = DOCKER / places[provider["options"]["path"]]
    home = services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (folder / home.rsplit("/", 1)[1]).is_file()


def test_every_variable_is_in_the_example_with_its_default():
    used = {}
    for file in ("compose.yaml", "compose.dify.yaml"):
        used |= dict(re.findall(r"\$\{(\w+):-([^}]*)\}", (DOCKER / file).read_text()))
        assert not re.search(r"\$(?!\{\w+:-)", (DOCKER / file).read_text())
    example = (DOCKER / ".env.example").read_text()
    assert dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE)) == used


def test_the_documented_owner_of_the_key_is_the_user_of_the_image(image):
    text = (ROOT / "docs/deploy.md").read_text()
    owners = re.findall(r"install -D -o (\d+) .*/holysheep_api_key", text)
    assert set(owners) == {image.config["User"].split(":")[0]}


def test_the_override_puts_the_service_on_difys_network(dify):
    services = of_dify(dify)["services"]
    ours, plugins = services["holysheep-node"], services["plugin_daemon"]
    assert set(ours["networks"]) & set(plugins["networks"]) == {"default"}
    assert "ports" not in ours


def test_the_override_changes_nothing_of_difys(dify):
    before = compose.project("docker-compose.yaml", folder=dify)
    after = of_dify(dify)
    del after["services"]["holysheep-node"], after["secrets"], after["volumes"]
    assert after == before


def test_the_override_takes_the_key_from_difys_folder(dify):
    secret = of_dify(dify)["secrets"]["holysheep_api_key"]
    assert secret["file"] == str(dify / "secrets/holysheep_api_key")


def test_the_service_of_compose_can_join_difys_network(tmp_path):
    (snippet,) = re.findall(r"```yaml\n(services:.*?external.*?)```",
                            (ROOT / "docs/dify.md").read_text(), re.DOTALL)
    (tmp_path / "override.yaml").write_text(snippet)
    model = compose.project("compose.yaml", tmp_path / "override.yaml")
    assert set(model["services"]["holysheep-node"]["networks"]) == {"default", "dify"}
    dify = model["networks"]["dify"]
    assert (dify["name"], dify["external"]) == ("docker_default", True)
