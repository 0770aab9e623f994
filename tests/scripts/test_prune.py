"""examples/prune_transformer.py: sub-networks are cuts, a training goes on where it was, nothing is evaluated twice."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch

import siamnas
from examples import prune_transformer as example
from tests.scripts.running import run

TINY = {"embed": 32, "layers": [{"heads": 1, "mlp_ratio": 2}] * 2}


@pytest.fixture(scope="module")
def space() -> siamnas.Space:
    return siamnas.Space.of_choices(example.DESCRIPTION, "gpt", {"params": example.PARAMS})


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    characters = torch.arange(400) * 7 % example.VOCABULARY
    return example.windows(characters.to(torch.uint8), torch.arange(3) * 50)


def test_a_sub_network_has_the_first_weights_and_no_others(space):
    net = example.Supernet(space)
    before = net.loss(TINY, batch()).item()
    with torch.no_grad():
        for name, part in net.whole.named_parameters():
            if name.startswith("layers") and int(name.split(".")[1]) >= 2:
                part.fill_(float("nan"))
        net.whole.embedding.weight[:, 32:] = float("nan")
        net.whole.layers[0].attention.query.weight[example.HEAD :] = float("nan")
        net.whole.layers[1].mlp.down.weight[:, 64:] = float("nan")
    assert net.loss(TINY, batch()).item() == before
    logits = example.Supernet(space).whole(batch()[0])
    direct = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch()[1].flatten())
    assert example.Supernet(space).loss(example.LARGEST, batch()).item() == pytest.approx(direct.item())


def test_parameters_are_those_of_the_column(space):
    net = example.Supernet(space)
    assert sum(part.numel() for part in net.whole.parameters()) == max(
        space.graphs(space.parse(text)[None]).columns["params"][0]
        for text in (f"embed=64 layers=5:{','.join(['4/4'] * 5)}", "embed=32 layers=2:1/1,1/1")
    )


def test_a_training_goes_on_where_it_was_cut_off(space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(example, "KEPT", 1)
    monkeypatch.setattr(example, "BATCH", 2)
    characters = (torch.arange(1000) * 7 % example.VOCABULARY).to(torch.uint8)
    nets = [example.Supernet(space) for _ in range(3)]
    example.train(nets[0], space, characters, 3, tmp_path / "whole.pt")

    def killed(net: example.Supernet, limit: int) -> None:
        real, steps = net.loss, iter(range(4 * limit))
        monkeypatch.setattr(net, "loss", lambda *given: real(*given) if next(steps, None) is not None else 1 / 0)
        with pytest.raises(ZeroDivisionError):
            example.train(net, space, characters, 3, tmp_path / "cut.pt")

    killed(nets[1], 2)
    example.train(nets[2], space, characters, 3, tmp_path / "cut.pt")
    for one, other in zip(nets[0].whole.parameters(), nets[2].whole.parameters(), strict=True):
        assert torch.equal(one, other)


def test_nothing_is_evaluated_twice(space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    net, file = example.Supernet(space), tmp_path / "evaluations.csv"
    texts = dict.fromkeys(example.WINDOWS, (torch.arange(1000) % example.VOCABULARY).to(torch.uint8))
    arch = space.describe(space.sample(np.random.default_rng(0), 1)[0])
    first = example.Evaluations(net, space, texts, file)(arch)
    monkeypatch.setattr(net, "loss", lambda *given: 1 / 0)
    assert example.Evaluations(net, space, texts, file)(arch) == first
    assert len(file.read_text().splitlines()) == 1


@pytest.mark.slow
def test_the_whole_script(tmp_path: Path):
    done = run("examples/prune_transformer.py", "--steps", 2, "--seeds", "0:1", "--out", "out", folder=tmp_path)
    with (tmp_path / "out" / "prune_transformer.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {(row["method"], row["evaluations"]) for row in rows} == {
        (m, str(at)) for m in example.METHODS for at in example.AT
    }
    limit = int(done.stdout.partition("limit ")[2].partition(" ")[0].replace(",", ""))
    assert all(int(row["params"]) <= limit for row in rows)
    assert "siamnas.Search is better than largest" in done.stdout
    assert (tmp_path / "out" / "prune_transformer.png").stat().st_size > 1000
