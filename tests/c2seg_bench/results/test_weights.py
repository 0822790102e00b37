"""What a report says a run started from is what its suite names."""

from c2seg_bench.results.description import described, description
from c2seg_bench.results.records import Description, TrainedRecord
from c2seg_bench.results.weights import all_encoders, all_weights, weights_of
from c2seg_bench.suite import Suite

SWIN, BERT = "microsoft/swin-base-patch4-window7-224-in22k", "google-bert/bert-base-uncased"


def suite(*methods):
    return Suite(name="a", text="clip", datasets={"d": {"source": "phantom"}}, methods=list(methods))


def weights(of_suite, *labels):
    """Of these methods, by default of all."""
    return {m.label: description(of_suite, m)["weights"] for m in of_suite.methods if m.label in labels or not labels}


def test_from_scratch_where_no_method_was_given_weights():
    plain = suite("unet", "lavt", {"name": "tganet", "options": {"weights": "none"}})
    assert all_weights(weights(plain)) == "from scratch"
    assert [weights_of(own) for own in weights(plain).values()] == ["", "", ""]
    assert all_weights({}) == "trained elsewhere"
    assert all_encoders(plain, ["unet", "lavt", "tganet"]) == "clip"


def test_initial_weights_are_reported():
    lavt = {"name": "lavt", "text": f"hf:{BERT}", "options": {"weights": SWIN, "text_weights": BERT}}
    mixed = suite("unet", lavt, {"name": "unilseg", "options": {"weights": SWIN}})
    named = f"{SWIN} in lavt, unilseg; {BERT} in lavt"
    assert all_weights(weights(mixed)) == f"{named}; the others from scratch"
    assert all_weights(weights(mixed, "lavt", "unilseg")) == named
    assert all_weights(weights(mixed, "unet")) == "from scratch"  # what was not run is not spoken of
    assert weights_of(weights(mixed)["lavt"]) == f"weights {SWIN}, text_weights {BERT}"
    assert all_encoders(mixed, ["unet", "lavt", "unilseg"]) == f"clip in unet, unilseg; hf:{BERT} in lavt"


def test_what_a_record_says_comes_before_what_the_code_says_today():
    plain = suite("unet")
    [unet] = plain.methods
    today = description(plain, unet)
    assert today["title"] == "U-Net" and today["weights"] == {}
    record = {"machine": "m", "uses_text": False, "params": {"trainable": 1, "thop": 1}, "seconds": 1, "epochs": 1}
    kept = {**today, "title": "U-Net as it was"}
    assert described(plain, unet, TrainedRecord(**record, description=kept)) == Description(**kept)
    assert described(plain, unet, TrainedRecord(**record)) == Description(**today)  # earlier versions wrote none
