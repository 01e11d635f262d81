"""GPT-2 of `transformers` over vectors, with masks, places and a cache that are all stated.

The weights and layers are those of `transformers.GPT2Model`; what it computes is the same
for a causal mask (a test compares). Only the walk through the layers is our own, so that
training, batches and a single exported step run through the same lines.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from intone.core.errors import MissingExtra, SettingsError

Cache = tuple[Tensor, Tensor]
"""Keys and values, each (layers, B, heads, positions, C / heads)."""


class GPT2(nn.Module):
    """The layers of GPT-2; `embed` embeds symbols, `places` positions.

    Args:
        symbols: how many symbols `embed` knows.
        positions: how many places there are.
        pretrained: a name or path of GPT-2 weights to begin with, None for fresh ones.
        adaptive: whether a style vector scales and shifts the norms of every layer.

    Raises `SettingsError` if the pretrained weights cannot be had or are of another size,
    `MissingExtra` without `transformers`.
    """

    def __init__(
        self,
        *,
        symbols: int,
        channels: int,
        layers: int,
        heads: int,
        positions: int,
        dropout: float,
        adaptive: bool = False,
        pretrained: str | None = None,
    ) -> None:
        super().__init__()
        try:
            from transformers import GPT2Config, GPT2Model
        except ImportError:
            raise MissingExtra("transformers", "gpt2", "GPT-2") from None
        config = GPT2Config(
            vocab_size=symbols,
            n_positions=positions,
            n_embd=channels,
            n_layer=layers,
            n_head=heads,
            resid_pdrop=dropout,
            embd_pdrop=dropout,
            attn_pdrop=dropout,
            bos_token_id=None,
            eos_token_id=None,
        )
        model = GPT2Model(config)
        if pretrained is not None and model.wpe.weight.device.type != "meta":
            _take_weights(model, pretrained)
        self.embed: nn.Embedding = model.wte
        self.places: nn.Embedding = model.wpe
        self.blocks: nn.ModuleList = model.h
        self.norm: nn.LayerNorm = model.ln_f
        self.heads, self.dropout = heads, nn.Dropout(dropout)
        self.adapt: nn.Linear | None = None
        if adaptive:
            self.adapt = nn.Linear(channels, layers * 4 * channels)
            nn.init.zeros_(self.adapt.weight)
            nn.init.zeros_(self.adapt.bias)

    def forward(
        self,
        inputs: Tensor,
        places: Tensor,
        mask: Tensor,
        past: Cache | None = None,
        style: Tensor | None = None,
    ) -> tuple[Tensor, Cache]:
        """`inputs` (B, N, C) at `places` (B, N) → outputs (B, N, C) and their cache.

        `mask` (B, N, P + N), or with 1 for B, is True where an input may look; the P positions
        of `past` come first. `style` (B, C) is for adaptive norms.
        """
        hidden = self.dropout(inputs + self.places(places))
        turns = self._turns(style)
        keys, values = [], []
        for number, block in enumerate(self.blocks):
            before = None if past is None else (past[0][number], past[1][number])
            hidden, key, value = self._block(block, hidden, mask, before, turns[number])
            keys.append(key)
            values.append(value)
        normed: Tensor = self.norm(hidden)
        return normed, (torch.stack(keys), torch.stack(values))

    def _turns(self, style: Tensor | None) -> list[tuple[Tensor, ...] | None]:
        """Scales and shifts of each layer's two norms, each (B, 1, C)."""
        if self.adapt is None or style is None:
            return [None] * len(self.blocks)
        turned = self.adapt(style)[:, None].chunk(4 * len(self.blocks), dim=-1)
        return [turned[4 * i : 4 * i + 4] for i in range(len(self.blocks))]

    def _block(
        self,
        block: Any,
        hidden: Tensor,
        mask: Tensor,
        past: tuple[Tensor, Tensor] | None,
        turn: tuple[Tensor, ...] | None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """One layer; also its new keys and values (B, heads, N, C / heads)."""
        batch, length, channels = hidden.shape
        normed = block.ln_1(hidden)
        if turn is not None:
            normed = normed * (1 + turn[0]) + turn[1]
        shape = (batch, length, self.heads, channels // self.heads)
        query, key, value = (
            part.reshape(shape).transpose(1, 2) for part in block.attn.c_attn(normed).chunk(3, -1)
        )
        seen_keys = key if past is None else torch.cat([past[0], key], dim=2)
        seen_values = value if past is None else torch.cat([past[1], value], dim=2)
        attended = functional.scaled_dot_product_attention(
            query,
            seen_keys,
            seen_values,
            attn_mask=mask[:, None],
            dropout_p=self.dropout.p if self.training else 0.0,
        )
        merged = attended.transpose(1, 2).reshape(batch, length, channels)
        hidden = hidden + block.attn.resid_dropout(block.attn.c_proj(merged))
        normed = block.ln_2(hidden)
        if turn is not None:
            normed = normed * (1 + turn[2]) + turn[3]
        return hidden + block.mlp(normed), key, value


def _take_weights(model: Any, pretrained: str) -> None:
    """Copy the layers and positions of pretrained weights; symbols are always our own."""
    from transformers import GPT2Model

    try:
        found = GPT2Model.from_pretrained(pretrained)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise SettingsError(
            f"model.pretrained: GPT-2 weights {pretrained!r} cannot be had ({reason}); "
            "give a folder that holds them, or leave it out"
        ) from None
    ours, theirs = model.config, found.config
    if (ours.n_embd, ours.n_layer, ours.n_head) != (theirs.n_embd, theirs.n_layer, theirs.n_head):
        raise SettingsError(
            f"model.pretrained: {pretrained!r} has width {theirs.n_embd}, {theirs.n_layer} "
            f"layers and {theirs.n_head} heads; set model.channels, layers and heads so"
        )
    model.h.load_state_dict(found.h.state_dict())
    model.ln_f.load_state_dict(found.ln_f.state_dict())
    places = min(len(model.wpe.weight), len(found.wpe.weight))
    with torch.no_grad():
        model.wpe.weight[:places] = found.wpe.weight[:places]
