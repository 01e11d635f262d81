"""What codebooks learn, and what they must leave alone."""

import pytest
import torch

from intone.nn.quantise import Codebook, FiniteLevels, ResidualCodebooks, straight_through


def clusters(count, width, each=40, seed=0):
    source = torch.Generator().manual_seed(seed)
    centres = torch.randn(count, width, generator=source) * 4
    near = centres.repeat(each, 1) + 0.05 * torch.randn(count * each, width, generator=source)
    return centres, near


def test_a_codebook_finds_the_clusters_and_uses_every_code():
    torch.manual_seed(0)
    centres, near = clusters(8, 4)
    book = Codebook(32, 4, decay=0.8)
    for _ in range(60):
        book.learn(near)
    assert float((near - book.decode(book.encode(near))).square().mean()) < 0.01
    assert torch.cdist(centres, book.vectors).min(dim=1).values.max() < 0.2
    assert float(book.use) > 0.9


def test_a_code_that_nothing_chooses_comes_back_to_life():
    torch.manual_seed(0)
    _, near = clusters(4, 4)
    book = Codebook(16, 4, decay=0.5)
    book.learn(near)
    moved = near + 50
    for _ in range(40):
        book.learn(moved)
    assert float(book.use) == 1
    assert torch.cdist(book.vectors, moved).min(dim=1).values.max() < 1


def test_encoding_is_the_nearest_vector():
    book = Codebook(30, 5)
    vectors = torch.randn(2, 7, 5, generator=torch.Generator().manual_seed(1))
    expected = torch.cdist(vectors, book.vectors.expand(2, -1, -1)).argmin(-1)
    assert torch.equal(book.encode(vectors), expected)


def test_each_codebook_lowers_what_is_left():
    torch.manual_seed(0)
    vectors = torch.randn(800, 6)
    books = ResidualCodebooks(4, 32, 6)
    for _ in range(30):
        books.learn(vectors)
    codes = books.encode(vectors[None])
    left = [float((vectors - books.decode(codes[..., :k])[0]).square().mean()) for k in range(1, 5)]
    assert left == sorted(left, reverse=True)
    assert left[-1] < 0.5 * left[0]


def test_looking_does_not_learn():
    books = ResidualCodebooks(2, 8, 3).train()
    before = {name: value.clone() for name, value in books.state_dict().items()}
    books.decode(books.encode(torch.randn(2, 5, 3)))
    assert all(torch.equal(value, before[name]) for name, value in books.state_dict().items())


@pytest.mark.parametrize("levels", [(8, 5, 5, 5), (2,), (3, 4)])
def test_every_code_of_finite_levels_comes_back(levels):
    grid = FiniteLevels(levels)
    codes = torch.arange(grid.size)
    # What decodes lies in -1..1; the encoder squeezes, so its inverse goes in.
    vectors = torch.atanh(grid.decode(codes) * (1 - 1e-6))
    assert torch.equal(grid.encode(vectors), codes)
    assert grid.decode(codes).unique(dim=0).shape[0] == grid.size


def test_gradients_pass_straight_through():
    vectors = torch.randn(3, 2, requires_grad=True)
    coded = torch.zeros(3, 2)
    made = straight_through(vectors, coded)
    assert torch.equal(made.detach(), coded)
    made.sum().backward()
    assert torch.equal(vectors.grad, torch.ones(3, 2))
