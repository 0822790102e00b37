"""Word vectors from a BERT that is trained with the method, or from the frozen encoder."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from baselines.contract import TextBatch, TextSpec
from baselines.errors import InputError
from baselines.layers.options import require_choice, require_tokens
from baselines.layers.prompt_tokens import readable
from baselines.layers.towers import bert_config, load_tower, require_vocab

POSITIONS = 512  # of BERT
TRAINED_LAYERS = 10  # of BERT's 12, in the optimiser of LAVT's code and of those built on it


class Language(nn.Module):
    """Word vectors (B, N, `width`), zero at the pads, and their mask (B, N); an empty prompt has one blank token.

    Args:
        method: for messages.
        text: the frozen encoder's dimensions.
        language: "bert" trains a BERT on the token ids, "tokens" reads the frozen encoder's tokens.
        sizes: width, depth and heads of the BERT; ignored with pretrained weights.
        weights: of the BERT: "none", a name on the hub or a folder.
        tokens: how many tokens of a prompt are read; None: all, or as many as the BERT has positions.
        dropout: whether the BERT has dropout while it is trained.
    """

    def __init__(
        self,
        method: str,
        text: TextSpec,
        language: str,
        sizes: Sequence[int],
        weights: str,
        tokens: int | None,
        dropout: bool = True,
    ):
        super().__init__()
        require_choice(method, "language", language, ("bert", "tokens"))
        self.limit = require_tokens(method, tokens)
        self.width = text.dim
        self.dropout = dropout
        self.bert = None
        if language == "bert":
            if len(sizes) != 3 or sizes[0] % sizes[2]:
                raise InputError(
                    f"{method}: bert {tuple(sizes)}: expected width, depth and heads that divide the width"
                )
            config = bert_config(text.vocab, *sizes, length=POSITIONS)
            self.bert = load_tower("BertModel", config, weights, f"{method}: text_weights", add_pooling_layer=False)
            require_vocab(self.bert, text, weights, f"{method}: text_weights")
            self.width = self.bert.config.hidden_size
            positions = self.bert.config.max_position_embeddings
            if self.limit is None and text.length > positions or (self.limit or 0) > positions:
                self.limit = positions

    def train(self, mode: bool = True) -> Language:
        """Set the training mode; a BERT without dropout stays in the mode for prediction."""
        super().train(mode)
        if self.bert is not None and not self.dropout:
            self.bert.eval()
        return self

    def freeze_untrained(self) -> None:
        """Freeze the parts of a pretrained BERT that the official optimiser leaves out: tables and last layers."""
        if self.bert is not None:
            for part in (self.bert.embeddings, *self.bert.encoder.layer[TRAINED_LAYERS:]):
                part.requires_grad_(False)

    def forward(self, text: TextBatch) -> tuple[Tensor, Tensor]:
        """The words (B, N, width) of B prompts, and their mask (B, N) bool."""
        text = readable(text, self.limit)
        if self.bert is None:
            return text.tokens, text.mask
        # (B, 1, N, N): for a (B, N) mask transformers would check whether it is all True, which makes a GPU wait
        attention_mask = text.mask[:, None, None].expand(-1, -1, text.mask.shape[1], -1)
        words = self.bert(input_ids=text.ids, attention_mask=attention_mask).last_hidden_state
        return words.masked_fill(~text.mask.unsqueeze(-1), 0), text.mask
