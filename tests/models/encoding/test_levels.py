"""The error of levels."""

import torch

from models.encoding.levels import level_loss, level_weights


def test_level_loss_is_a_mean_in_which_strong_levels_count_more_and_inaudible_ones_not():
    log_levels = torch.tensor([[0.0, -4.0, 0.0], [-2.0, -6.0, -1.0]])
    audible = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    weights = level_weights(log_levels, audible)
    assert weights[0, 0] > weights[0, 1] > 0 and weights[0, 2] == 0
    torch.testing.assert_close(level_loss(log_levels + 0.7, log_levels, weights), torch.tensor(0.7))
