"""Networks of texts are counted with tokens, and no measure spends its time on those that take no images."""

from pathlib import Path

import pytest

from siamnas.spaces import gpt
from tests.measure.conftest import table

TOKENS = 16
GPT = ("space=gpt", "network=gpt", "images=sample", "images.train=64", "logger=none", "workers=1")


def test_a_transformer_is_counted_on_a_text(siamnas, tmp_path: Path):
    assert siamnas("measure", *GPT, "what=flops", f"what.image=[{TOKENS}]", "archs=1", f"out={tmp_path}").code == 0
    ((name, row),) = table(tmp_path).items()
    space = gpt.space("gpt", "s", [])
    choices = space.choices(space.parse(name))
    width, layers = choices["embed"], choices["layers"]
    matrices = gpt.VOCABULARY * width  # the logits; the embedding is looked up
    biases = products = 0
    for one in layers:
        heads, hidden = gpt.HEAD * one["heads"], one["mlp_ratio"] * width
        matrices += 4 * width * heads + 3 * width * hidden
        biases += 3 * heads + width + 2 * hidden + width
        products += 2 * TOKENS * TOKENS * heads
    norms = 4 * width * len(layers)
    params = gpt.VOCABULARY * width + matrices + norms + choices["bias"] * biases
    assert float(row["params"]) * 1e6 == pytest.approx(params)
    assert float(row["flops"]) * 1e6 == pytest.approx(TOKENS * matrices + products)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("flops", "network: is none for what.image=[3, 32, 32] in gpt_s"),
        ("zero_cost", "network: is none for images of cifar10_sample in gpt_s"),
    ],
)
def test_a_network_that_takes_no_images_is_refused_before_any_work(siamnas, tmp_path: Path, what: str, message: str):
    shown = siamnas("measure", *GPT, f"what={what}", "archs=3", f"out={tmp_path}/out")
    assert shown.code == 2 and message in " ".join(shown.err.split())
    assert not (tmp_path / "out").exists()
