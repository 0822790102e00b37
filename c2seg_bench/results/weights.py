"""Phrases for what a run started from: the pretrained weights of its methods, and the text encoders they read."""

from __future__ import annotations

from collections.abc import Mapping

from c2seg_bench.suite import Suite

Weights = Mapping[str, str]  # option -> name on the hub or folder; empty: from scratch


def weights_of(weights: Weights) -> str:
    """As in "weights microsoft/resnet-50"; "" from scratch."""
    return ", ".join(f"{option} {where}" for option, where in weights.items())


def all_weights(by_method: Mapping[str, Weights]) -> str:
    """One phrase for the methods trained here: "from scratch", or who starts from what and that the others do not."""
    if not by_method:
        return "trained elsewhere"
    users: dict[str, list[str]] = {}
    for method, weights in by_method.items():
        for where in weights.values():
            users.setdefault(where, []).append(method)
    if not users:
        return "from scratch"
    scratch = [] if all(by_method.values()) else ["the others from scratch"]
    return "; ".join([f"{where} in {', '.join(who)}" for where, who in users.items()] + scratch)


def all_encoders(suite: Suite, labels: list[str]) -> str:
    """One phrase: the encoder, or, where methods read different ones, who reads which."""
    users: dict[str, list[str]] = {}
    for method in suite.trained:
        if method.label in labels:
            users.setdefault(suite.encoder(method), []).append(method.label)
    if len(users) == 1:
        return next(iter(users))
    if not users:
        return "none: no method is trained here"
    return "; ".join(f"{name} in {', '.join(who)}" for name, who in users.items())
