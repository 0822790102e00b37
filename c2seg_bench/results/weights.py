"""What a run started from, in words: pretrained weights of its methods, and the text encoders they read."""

from __future__ import annotations

from c2seg_bench.suite import MethodEntry, Suite


def given_weights(suite: Suite, method: MethodEntry) -> dict[str, str]:
    """Option -> name on the hub or folder of the weights that the method is built with; empty: from scratch."""
    from baselines import registry

    options = {**registry.options(method.name, method.size or suite.size), **suite.options(method)}
    return {name: str(value) for name, value in options.items() if name.endswith("weights") and value != "none"}


def weights_of(suite: Suite, method: MethodEntry) -> str:
    """As in "weights microsoft/resnet-50"; "" from scratch."""
    return ", ".join(f"{option} {where}" for option, where in given_weights(suite, method).items())


def all_weights(suite: Suite, labels: list[str]) -> str:
    """One phrase for these methods: "from scratch", or who starts from what and that the others do not."""
    users: dict[str, list[str]] = {}
    entries = [method for method in suite.trained if method.label in labels]
    if not entries:
        return "trained elsewhere"
    for method in entries:
        for where in given_weights(suite, method).values():
            users.setdefault(where, []).append(method.label)
    if not users:
        return "from scratch"
    scratch = [] if all(given_weights(suite, m) for m in entries) else ["the others from scratch"]
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
