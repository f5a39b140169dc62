"""The models in the plugins' sources are those of the service."""

import catalog
import pytest
import stage
from harness.process import BIN


@pytest.fixture(scope="module")
def models(api):
    with catalog.running_service(BIN) as address:
        return catalog.models_of(address)


@pytest.fixture(scope="module")
def files(models):
    return catalog.generated(models)


def test_the_sources_have_what_the_script_generates(files):
    old = [path.name for path, text in files.items() if path.read_text(encoding="utf-8") != text]
    assert not old, "run scripts/generate-plugins"


def test_there_is_no_model_that_the_service_does_not_have(files):
    folder = stage.SOURCES / "holysheep_model/models/llm"
    assert set(folder.glob("*.yaml")) == {path for path in files if path.parent == folder}


def test_a_change_of_the_catalog_would_be_seen(models):
    changed = [type(model).FromString(model.SerializeToString()) for model in models]
    changed[0].max_output_tokens += 1
    changed[0].prompt_price = "9.99"
    before, after = (catalog.generated(m) for m in (models, changed))
    assert before != after
    assert [path.name for path in before if before[path] != after[path]] == [f"{models[0].id}.yaml"]


def test_both_nodes_offer_the_models_and_the_default(files, models):
    for path, text in files.items():
        if path.parent.name == "tools":
            assert text.count("- value: ") >= len(models)
            for model in models:
                assert f"- value: {model.id}\n" in text
            assert f"default: {next(m.id for m in models if m.is_default)}\n" in text
