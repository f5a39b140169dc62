"""StopWords: nothing of a stop word is shown, nothing else is lost."""

import importlib.util
import itertools

import pytest
import stage

spec = importlib.util.spec_from_file_location(
    "stop_words", stage.SOURCES / "holysheep_model/adapter/stop_words.py")
stop_words = importlib.util.module_from_spec(spec)
spec.loader.exec_module(stop_words)


def shown(text, words, cuts):
    reader, out = stop_words.StopWords(words), ""
    for start, end in itertools.pairwise([0, *cuts, len(text)]):
        out += reader.feed(text[start:end])
    return out + reader.rest()


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [("abcdef", ["cd"], "ab"), ("abcdef", ["x"], "abcdef"), ("abcdef", [], "abcdef"),
     ("aab", ["ab"], "a"), ("ababac", ["abac"], "ab"), ("abc", ["c", "b"], "a"),
     ("abcd", ["abcde"], "abcd"), ("stop", ["stop"], ""), ("", ["x"], ""), ("abc", [""], "abc")])
def test_however_the_text_is_cut(text, words, expected):
    for count in range(len(text)):
        for cuts in itertools.combinations(range(1, len(text)), count):
            assert shown(text, words, cuts) == expected, cuts


def test_text_that_cannot_begin_a_stop_word_is_shown_at_once():
    reader = stop_words.StopWords(["Observation:"])
    assert reader.feed("Thinking") == "Thinking"
    assert reader.feed(" Obs") == " "
    assert reader.feed("olete") == "Obsolete"
    assert not reader.ended
