"""Masked losses are the plain ones of what is real."""

import torch
from torch.nn import functional

from intone.nn.masked_losses import MaskedBCE, MaskedMAE


def test_they_equal_the_losses_of_the_real_places():
    made, wanted = torch.randn(2, 5, 3), torch.randn(2, 5, 3)
    lengths = torch.tensor([5, 2])
    made[1, 2:] = 1e4
    real = torch.cat([made[0], made[1, :2]]), torch.cat([wanted[0], wanted[1, :2]])
    assert torch.allclose(MaskedMAE()(made, wanted, lengths), functional.l1_loss(*real))
    ends = (wanted[..., 0] > 0).long()
    plain = functional.binary_cross_entropy_with_logits(
        real[0][:, 0], torch.cat([ends[0], ends[1, :2]]).float()
    )
    assert torch.allclose(MaskedBCE()(made[..., 0], ends, lengths), plain)
