"""What Dify's daemon and its marketplace check of a package."""

import hashlib
import re
import shutil
import tomllib
import xml.etree.ElementTree as ET
import zipfile

import archive
import pytest
import stage
import yaml

PLUGINS = ("holysheep_model", "holysheep_tool")
LANGUAGES = {"en_US", "zh_Hans", "pt_BR", "ja_JP"}
TAGS = {"search", "image", "videos", "weather", "finance", "design", "travel", "social", "news",
        "medical", "productivity", "education", "business", "entertainment", "utilities",
        "agent", "rag", "other"}
# Never in a package of the marketplace.
UNWANTED = re.compile(r"(^|/)(\.env|\.venv|\.git|wheels|__pycache__|uv\.lock)(/|$)"
                      r"|\.(whl|so|exe|dll|pyc)$")
# An address that packages are downloaded from must not be pinned: it breaks
# installations without internet.
INDEX = re.compile(r"https?://|--(extra-)?index-url|--find-links|--trusted-host| @ ")


def load(folder, name):
    return yaml.safe_load((folder / name).read_text(encoding="utf-8"))


@pytest.fixture(params=PLUGINS)
def plugin(request, unpacked):
    return unpacked[request.param]


@pytest.fixture
def manifest(plugin):
    return load(plugin, "manifest.yaml")


def provider_of(plugin, manifest):
    [path] = manifest["plugins"].get("models") or manifest["plugins"].get("tools")
    return load(plugin, path)


def test_a_package_has_one_kind_of_plugin(manifest):
    assert len(manifest["plugins"]) == 1
    assert set(manifest["plugins"]) <= {"models", "tools"}


def test_the_manifest_is_what_the_daemon_takes(plugin, manifest):
    assert re.fullmatch(r"[a-z0-9_-]{1,64}", manifest["author"])
    assert manifest["author"] not in ("langgenius", "dify")
    assert re.fullmatch(r"[a-z0-9_-]{1,128}", manifest["name"])
    assert manifest["name"] == plugin.name
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])
    assert manifest["type"] == "plugin"
    assert manifest["resource"]["memory"] == 268435456
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", manifest["created_at"])
    assert set(manifest["tags"]) <= TAGS
    meta = manifest["meta"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", meta["version"])
    assert meta["arch"] == ["amd64", "arm64"]
    assert meta["runner"] == {"language": "python", "version": "3.12", "entrypoint": "main"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", meta["minimum_dify_version"])
    assert (plugin / "main.py").is_file()


def test_no_permission_is_asked_for(manifest):
    granted = [entry for entry in manifest["resource"]["permission"].values() if entry["enabled"]]
    assert not granted


def texts_in(data, path=""):
    """(path, text in each language) of everything that a user reads."""
    if isinstance(data, dict):
        if "en_US" in data:
            yield path, data
        for name, value in data.items():
            yield from texts_in(value, f"{path}.{name}")
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from texts_in(value, f"{path}[{index}]")


def test_every_text_is_there_in_four_languages(plugin):
    seen = 0
    for file in sorted(plugin.rglob("*.yaml")):
        for path, text in texts_in(yaml.safe_load(file.read_text(encoding="utf-8"))):
            if "icon" in path or path.endswith(".help.url"):
                continue
            assert set(text) == LANGUAGES, f"{file.name}{path}"
            assert all(0 < len(words) < 1024 for words in text.values()), f"{file.name}{path}"
            seen += 1
    assert seen > 20


def icons_of(plugin, manifest):
    provider = provider_of(plugin, manifest)
    identity = provider.get("identity", {})
    names = [manifest["icon"], manifest["icon_dark"], identity.get("icon"),
             identity.get("icon_dark")]
    names += [icon["en_US"] for name, icon in provider.items() if name.startswith("icon")]
    return {name for name in names if name}


def test_every_icon_is_there_light_and_dark(plugin, manifest):
    icons = icons_of(plugin, manifest)
    assert {"icon.svg", "icon_dark.svg"} <= icons
    for name in icons:
        root = ET.parse(plugin / "_assets" / name).getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        # Drawn, not loaded from somewhere.
        assert not [e for e in root.iter() if e.tag.endswith(("image", "script", "foreignObject"))]
    assert (plugin / "_assets/icon.svg").read_bytes() != (plugin / "_assets/icon_dark.svg").read_bytes()


def test_the_form_lets_the_environment_say_the_address(plugin, manifest):
    provider = provider_of(plugin, manifest)
    forms = ("provider_credential_schema", "model_credential_schema")
    entries = [entry for name in forms for entry in
               provider.get(name, {}).get("credential_form_schemas", [])
               if entry["variable"] == "node_address"]
    for entry in entries or [provider["credentials_for_provider"]["node_address"]]:
        # Either would keep an empty field from reaching the plugin.
        assert entry["required"] is False and "default" not in entry
        assert set(entry["placeholder"]) == LANGUAGES
        for said in entry.get("help", entry["placeholder"]).values():
            assert "HOLYSHEEP_NODE_ADDRESS" in said and "holysheep-node:50051" in said


def test_dify_shows_no_break_in_the_middle_of_a_sentence(plugin):
    """It shows the end of a line as a break."""
    files = [plugin / "README.md", *(plugin / "readme").glob("*.md")]
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert stage.unwrapped(text) == text, file.name
        source = stage.SOURCES / plugin.name / file.relative_to(plugin)
        assert "".join(text.split()) == "".join(source.read_text(encoding="utf-8").split())


@pytest.mark.parametrize(("written", "shown"), [
    ("one\ntwo\n\nthree\n", "one two\n\nthree\n"),
    ("# Head\ntext\n", "# Head\ntext\n"),
    ("- one\n  two\n- three\n", "- one two\n- three\n"),
    ("1. one\n   two\n2. three\n", "1. one two\n2. three\n"),
    ("| a | b |\n|---|---|\n| c | d |\nafter\n", "| a | b |\n|---|---|\n| c | d |\nafter\n"),
    ("text\n```\na\nb\n```\nmore\n", "text\n```\na\nb\n```\nmore\n"),
    ("绵\n羊\nsheep\n", "绵羊 sheep\n")])
def test_a_paragraph_is_one_line_in_a_package(written, shown):
    assert stage.unwrapped(written) == shown


def test_the_readme_is_short_and_says_what_the_marketplace_wants(plugin):
    readme = (plugin / "README.md").read_text(encoding="utf-8")
    assert len(readme.split()) < 500
    for heading in ("## Setup", "## Usage", "## Credentials", "## Connection"):
        assert heading in readme
    assert readme.isascii()
    for language in LANGUAGES - {"en_US"}:
        assert (plugin / f"readme/README_{language}.md").stat().st_size > 500


def test_the_privacy_policy_says_what_goes_where(plugin, manifest):
    policy = (plugin / manifest["privacy"]).read_text(encoding="utf-8")
    for word in ("sent", "kept", "HolySheep AI", "cache"):
        assert word in policy


def test_the_requirements_are_pinned_with_hashes_and_name_no_place(plugin):
    text = (plugin / "requirements.txt").read_text()
    assert not INDEX.search(text)
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+==[\w.]+ \\\n", entry), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:80]


def test_the_project_file_agrees_with_the_pins(plugin, manifest):
    project = tomllib.loads((plugin / "pyproject.toml").read_text())["project"]
    assert project["version"] == manifest["version"]
    assert project["requires-python"] == ">=3.12"
    pins = dict(re.findall(r"^([a-z0-9.-]+)==([\w.]+)", (plugin / "requirements.txt").read_text(),
                           re.MULTILINE))
    for dependency in project["dependencies"]:
        name, low, below = re.fullmatch(r"(\w+)>=([\d.]+),<([\d.]+)", dependency).groups()
        pinned = numbers(pins[name.replace("_", "-")])
        assert numbers(low) <= pinned < numbers(below), dependency
    assert numbers(pins["dify-plugin"]) >= (0, 9, 0)


def numbers(version):
    return tuple(map(int, version.split(".")))


def test_the_version_is_told_to_the_service(api, manifest):
    text = (stage.CLIENT / "dify.py").read_text()
    assert f'PLUGIN_VERSION = "{manifest["version"]}"' in text


def test_nothing_unwanted_is_packed(packages):
    for package in (packages / "dist").glob("*.difypkg"):
        assert package.stat().st_size < 50 * 1024 * 1024
        names = zipfile.ZipFile(package).namelist()
        assert not [name for name in names if UNWANTED.search(name)]
        assert {"manifest.yaml", "main.py", ".difyignore", "README.md", "PRIVACY.md",
                "requirements.txt", "pyproject.toml"} <= set(names)


def client_in(package):
    """{path: bytes} of the shared client in a package."""
    with zipfile.ZipFile(package) as file:
        return {name.removeprefix("holysheep_client/"): file.read(name)
                for name in file.namelist() if name.startswith("holysheep_client/")}


def test_both_packages_have_the_same_client_as_its_source(packages, unpacked):
    source = {path.relative_to(stage.CLIENT).as_posix(): path.read_bytes()
              for path in stage.CLIENT.rglob("*.py")}
    assert len(source) >= 6
    # Not the unpacked ones, which have run and may hold bytecode.
    trees = [client_in(package) for package in (packages / "dist").glob("*.difypkg")]
    assert len(trees) == len(PLUGINS)
    for tree in trees:
        assert {path: tree.get(path) for path in source} == source
    assert trees[0] == trees[1]
    assert any(path.startswith("stubs/") for path in trees[0])
    mains = {(unpacked[plugin] / "main.py").read_bytes() for plugin in PLUGINS}
    pins = {(unpacked[plugin] / "requirements.txt").read_bytes() for plugin in PLUGINS}
    assert len(mains) == len(pins) == 1


def digests(dist):
    """{name: digest} of the packages in a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in dist.glob("*.difypkg")}


def packed(staged):
    """The digests of the packages made of a staged folder."""
    archive.main(staged, staged.parent / "dist")
    return digests(staged.parent / "dist")


def test_the_packages_are_the_same_bytes_every_time(packages, tmp_path):
    stage.stage(tmp_path / "staged")
    again = packed(tmp_path / "staged")
    assert again == digests(packages / "dist") and len(again) == 2


def leave_bytecode(*folders):
    for folder in folders:
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__/left.cpython-312.pyc").write_bytes(b"bytecode")


def test_bytecode_in_the_sources_stays_out_of_the_packages(packages, tmp_path, monkeypatch):
    sources = tmp_path / "plugin_manifest"
    shutil.copytree(stage.SOURCES, sources, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(stage, "SOURCES", sources)
    monkeypatch.setattr(stage, "CLIENT", sources / "client/holysheep_client")
    leave_bytecode(sources, sources / "client", stage.CLIENT, sources / "holysheep_model",
                   sources / "holysheep_model/adapter", sources / "holysheep_tool/tools")
    stage.stage(tmp_path / "staged")
    assert packed(tmp_path / "staged") == digests(packages / "dist")


def test_bytecode_of_plugins_that_ran_stays_out_of_the_packages(packages, tmp_path):
    staged = tmp_path / "staged"
    shutil.copytree(packages / "staged", staged, ignore=shutil.ignore_patterns("__pycache__"))
    leave_bytecode(staged, staged / "holysheep_model", staged / "holysheep_tool/tools",
                   staged / "holysheep_tool/holysheep_client/stubs")
    assert packed(staged) == digests(packages / "dist")


def test_what_difyignore_names_stays_out():
    patterns = stage.ignored_by("holysheep_model")
    for name in ("__pycache__/a.py", "adapter/__pycache__/a.pyc", ".env", ".venv/bin/python",
                 "old.difypkg"):
        assert stage.is_ignored(stage.Path(name), patterns), name
    for name in ("main.py", "adapter/answer.py", ".difyignore", "_assets/icon.svg"):
        assert not stage.is_ignored(stage.Path(name), patterns), name


def test_the_outputs_of_a_node_have_a_schema(unpacked):
    for name in ("holysheep_llm", "holysheep_workflow", "holysheep_cost"):
        tool = load(unpacked["holysheep_tool"], f"tools/{name}.yaml")
        outputs = tool["output_schema"]["properties"]
        # Dify has these three of its own.
        assert outputs and not set(outputs) & {"text", "files", "json"}
        assert re.fullmatch(r"[a-zA-Z0-9_-]+", tool["identity"]["name"])
        assert {p["form"] for p in tool["parameters"]} <= {"llm", "form"}
    contract = load(unpacked["holysheep_tool"], "tools/holysheep_llm.yaml")
    assert {name: p["type"] for name, p in contract["output_schema"]["properties"].items()} == {
        "result": "string", "latency_ms": "number", "model_used": "string",
        "tokens_used": "number", "cached": "boolean"}
    inputs = {p["name"]: p for p in contract["parameters"]}
    assert inputs["query"]["required"] and inputs["query"]["type"] == "string"
    assert [inputs[name]["default"] for name in ("model", "temperature", "max_tokens", "top_p")] \
        == ["deepseek-v3.2", 0.7, 2048, 0.95]


def test_the_rules_of_a_model_avoid_the_sdks_traps(unpacked):
    for path in (unpacked["holysheep_model"] / "models/llm").glob("*.yaml"):
        if path.name == "_position.yaml":
            continue
        model = yaml.safe_load(path.read_text(encoding="utf-8"))
        rules = {rule["name"]: rule for rule in model["parameter_rules"]}
        assert rules["temperature"]["max"] == 2
        # By this name Dify finds it when it shortens the answer to fit.
        assert rules["max_tokens"]["use_template"] == "max_tokens"
        # The template's options would make the SDK rewrite the prompt.
        assert "use_template" not in rules["response_format"]
        assert not {"JSON", "XML"} & set(rules["response_format"]["options"])
        assert rules["request_timeout"]["max"] < 600
        assert {"cache_mode", "cache_ttl", "fallback_model", "first_token_timeout"} <= set(rules)
