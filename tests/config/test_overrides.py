"""The words of a command line: what they are about, and words that lead back to the same place."""

from pathlib import Path

import pytest

from siamnas.config import overrides


@pytest.mark.parametrize(
    ("word", "key", "target"),
    [
        ("search.n=30,60", "search.n", "search.n"),
        ("+predictor.x=1", "predictor.x", "predictor.x"),
        ("++name=a", "name", "name"),
        ("experiment/ablation=glob(*)", "experiment/ablation", "experiment/ablation"),
        ("space@figure.spaces.x=nb_macro", "space", "figure.spaces.x"),
        ("~space@figure.spaces.x", "space", "figure.spaces.x"),
        ("out='a=b, c'", "out", "out"),
        ("seed=a=b", "", ""),
        ("--help", "", ""),
    ],
)
def test_what_a_word_sets(word: str, key: str, target: str):
    assert (overrides.key(word), overrides.target(word)) == (key, target)


def test_jobs_of_one_folder_are_told_apart_by_the_other_words():
    words = ("search.n=30", "predictor=gcn", "+name=x", "out=y", "name_of_mine=z")
    assert overrides.identity(words) == {"search.n=30", "predictor=gcn", "name_of_mine=z"}
    assert overrides.placing(["experiment=fig7", *words]) == {"experiment=fig7", "+name=x", "out=y"}


@pytest.mark.parametrize("root", ["outputs/default", "a,b/x=1", "it's/(mine)", "my outputs/größe", r"back\slash/[0]"])
def test_words_that_lead_to_a_folder(root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for place in (Path(root), Path("/elsewhere") / root):
        out, name = (overrides.parse(word) for word in overrides.leading_to(place.absolute()))
        assert out and name and (Path(out.value()), name.value()) == (place.parent, place.name)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["fig4", "out=x"], ["figure=fig4", "out=x"]),
        (["mine/fig-4.b"], ["figure=mine/fig-4.b"]),
        (["figure=fig4"], ["figure=fig4"]),
        (["--help"], ["--help"]),
        (["~name"], ["~name"]),
        ([], []),
    ],
)
def test_a_bare_first_word_is_an_option(words: list[str], expected: list[str]):
    assert overrides.named_first(words, "figure") == expected
