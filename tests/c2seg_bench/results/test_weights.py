"""What a report says a run started from is what its suite names."""

from c2seg_bench.results.weights import all_encoders, all_weights, weights_of
from c2seg_bench.suite import Suite

SWIN, BERT = "microsoft/swin-base-patch4-window7-224-in22k", "google-bert/bert-base-uncased"


def suite(*methods):
    return Suite(name="a", text="clip", datasets={"d": {"source": "phantom"}}, methods=list(methods))


def test_from_scratch_where_no_method_was_given_weights():
    plain = suite("unet", "lavt", {"name": "tganet", "options": {"weights": "none"}})
    assert all_weights(plain, ["unet", "lavt", "tganet"]) == "from scratch"
    assert [weights_of(plain, m) for m in plain.methods] == ["", "", ""]
    assert all_encoders(plain, ["unet", "lavt", "tganet"]) == "clip"


def test_initial_weights_are_reported():
    lavt = {"name": "lavt", "text": f"hf:{BERT}", "options": {"weights": SWIN, "text_weights": BERT}}
    mixed = suite("unet", lavt, {"name": "unilseg", "options": {"weights": SWIN}})
    named = f"{SWIN} in lavt, unilseg; {BERT} in lavt"
    assert all_weights(mixed, ["unet", "lavt", "unilseg"]) == f"{named}; the others from scratch"
    assert all_weights(mixed, ["lavt", "unilseg"]) == named
    assert all_weights(mixed, ["unet"]) == "from scratch"  # what was not run is not spoken of
    assert weights_of(mixed, mixed.methods[1]) == f"weights {SWIN}, text_weights {BERT}"
    assert all_encoders(mixed, ["unet", "lavt", "unilseg"]) == f"clip in unet, unilseg; hf:{BERT} in lavt"
