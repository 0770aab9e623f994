"""What is chosen of a shipped space after its name, and overrides, are refused as the command line refuses them."""

import pytest

import siamnas
from siamnas.errors import InputError


@pytest.mark.parametrize(
    ("space", "said"),
    [
        ("gpt space.scal=l", r"unknown key space.scal \(did you mean space.scale"),
        ("gpt space.scale=xx", "space.scale=xx: must be one of s, m, l"),
        ("gpt spce.scale=l", "spce.scale=l says nothing of a shipped space, as in 'gpt space.scale=l'"),
        ("my cells", "there is no such file or folder, and cells says nothing of a shipped space"),
        ("gppt", r"no option space=gppt \(did you mean gpt\?\)"),
    ],
)
def test_a_wrong_word_after_the_name_of_a_space(space: str, said: str):
    with pytest.raises(InputError, match=said) as error:
        siamnas.Search(space)
    assert "To append to your config" not in str(error.value)


def test_a_wrong_override():
    with pytest.raises(InputError, match=r"unknown key search.nn \(did you mean search.n"):
        siamnas.Search("nb_macro", overrides=["search.nn=3"])
