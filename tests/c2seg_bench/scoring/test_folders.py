import json

import cv2
import numpy as np
import pandas as pd
import pytest
import typer
from medpy.metric import binary as medpy
from PIL import Image
from typer.testing import CliRunner

from c2seg_bench.cli.score import score
from c2seg_bench.errors import InputError

FIXED = [
    "image",
    "dice",
    "iou",
    "hd95",
    "assd",
    "pred_empty",
    "target_empty",
    "count_ok",
    "laterality_ok",
    "position_ok",
    "consistent",
    "count_score",
    "laterality_score",
    "position_score",
]
app = typer.Typer()
app.command()(score)


def run(folder, *options, predictions="preds", targets="targets"):
    """The command on `folder`/preds and /targets, its result, and the CSV it wrote."""
    out = folder / "made" / "scores.csv"
    call = ["--predictions", folder / predictions, "--targets", folder / targets, "--out", out, *options]
    result = CliRunner().invoke(app, [str(c) for c in call])
    if result.exception and not isinstance(result.exception, InputError | SystemExit):
        raise result.exception
    return result, pd.read_csv(out) if out.exists() else None


def refused(folder, *options, **folders):
    """The one line that a wrong call ends with; nothing is left behind."""
    result, table = run(folder, *options, **folders)
    assert isinstance(result.exception, InputError) and table is None
    assert not list(folder.glob("made/*"))
    assert "\n" not in str(result.exception)
    return str(result.exception)


def blob(seed, shape=(40, 50)):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    r, c = rng.uniform(10, 30, 2)
    return ((y - r) ** 2 / rng.uniform(20, 80) + (x - c) ** 2 / rng.uniform(20, 80) < 1) ^ (rng.random(shape) < 0.01)


def save(path, mask, white=255):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), mask.astype(np.uint8) * white)


@pytest.fixture
def folder(tmp_path):
    """Five pairs: predictions with mask_ before the name, targets without."""
    pairs = {f"covid_{k}": (blob(k), blob(k + 50)) for k in range(5)}
    for name, (pred, target) in pairs.items():
        save(tmp_path / "preds" / f"mask_{name}.png", pred)
        save(tmp_path / "targets" / f"{name}.png", target)
    (tmp_path / "preds" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "preds" / "notes.txt").write_text("not a mask")
    return tmp_path


def test_medpys_numbers_to_a_millionth(folder):
    _, table = run(folder)
    assert list(table.columns[:14]) == FIXED
    assert table["image"].tolist() == [f"covid_{k}" for k in range(5)]
    for k, row in table.iterrows():
        pred, target = blob(k), blob(k + 50)
        for name, function in (("dice", medpy.dc), ("iou", medpy.jc), ("hd95", medpy.hd95), ("assd", medpy.assd)):
            assert row[name] == pytest.approx(function(pred, target), abs=1e-6)
    assert table[FIXED[7:]].isna().all(axis=None)
    assert (table[["pred_empty", "target_empty"]] == 0).all(axis=None)


def test_json_is_one_object_and_the_mean_of_the_rows(folder):
    result, table = run(folder, "--json")
    summary = json.loads(result.stdout)
    assert result.stdout.count("\n") == 1
    assert summary["n"] == 5
    for name in ("dice", "iou", "hd95", "assd"):
        assert summary[name] == pytest.approx(table[name].mean())
        low, high = summary["interval"][name]
        assert low < summary[name] < high
    inter, areas = table["inter"].sum(), table["pred_area"].sum() + table["target_area"].sum()
    assert summary["pooled"]["dice"] == pytest.approx(2 * inter / areas)
    assert "consistency" not in summary


def test_table_on_the_terminal(folder):
    result, table = run(folder)
    assert f"{table['dice'].mean():.4f}" in result.stdout and "5 images" in result.stdout
    assert "policy diagonal: 0 where only the prediction is empty" in " ".join(result.stdout.split())


def test_the_same_whatever_the_threads(folder):
    assert run(folder, "--workers", 1)[1].equals(run(folder, "--workers", 3)[1])


@pytest.mark.parametrize(
    ("empty", "hd95"), [("diagonal", (np.hypot(40, 50) * 2 + 0 + 0) / 4), ("skip", 0), ("nan", None)]
)
def test_empty_masks(tmp_path, empty, hd95):
    some, none = blob(1), np.zeros((40, 50), bool)
    for name, pred, target in (("a", some, some), ("b", none, some), ("c", some, none), ("d", none, none)):
        save(tmp_path / "preds" / f"{name}.png", pred)
        save(tmp_path / "targets" / f"{name}.png", target)
    result, table = run(tmp_path, "--empty", empty, "--json")
    summary = json.loads(result.stdout)
    assert table["pred_empty"].tolist() == [0, 1, 0, 1] and table["target_empty"].tolist() == [0, 0, 1, 1]
    assert table["hd95"].isna().tolist() == [False, True, True, True]
    assert summary["hd95"] == (None if hd95 is None else pytest.approx(hd95))
    assert (summary["only_pred_empty"], summary["only_target_empty"], summary["both_empty"]) == (1, 1, 1)
    assert summary["dice"] == 0.5


def write_jpeg(path, mask):
    # as Kvasir's: grey levels 0-7 and 248-255
    noise = np.random.default_rng(0).integers(0, 8, mask.shape)
    grey = np.where(mask, 255 - noise, noise).astype(np.uint8)
    assert cv2.imwrite(str(path), grey, [cv2.IMWRITE_JPEG_QUALITY, 95])


WRITERS = {
    "white.png": lambda path, mask: save(path, mask),
    "one.png": lambda path, mask: save(path, mask, white=1),
    "deep.png": lambda path, mask: cv2.imwrite(str(path), mask.astype(np.uint16) * 65535),
    "colour.png": lambda path, mask: cv2.imwrite(str(path), np.repeat(mask[..., None] * np.uint8(255), 3, axis=2)),
    "grey.jpg": write_jpeg,
    "white.tif": lambda path, mask: save(path, mask),
    "white.BMP": lambda path, mask: save(path, mask),
    "bool.npy": lambda path, mask: np.save(path, mask),
    "share.npy": lambda path, mask: np.save(path, np.where(mask, 0.51, 0.5)),
    "channel.npy": lambda path, mask: np.save(path, mask[None].astype(np.int64)),
    "share.tif": lambda path, mask: Image.fromarray(np.where(mask, 0.51, 0.5).astype(np.float32)).save(path),
    "white.npy": lambda path, mask: np.save(path, mask * 255.0),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_of_file_is_the_same_mask(tmp_path, kind):
    mask = np.zeros((32, 48), bool)
    mask[8:24, 16:40] = True
    (tmp_path / "preds").mkdir()
    WRITERS[kind](tmp_path / "preds" / f"mask_x.{kind.split('.')[1]}", mask)
    save(tmp_path / "targets" / "x.png", mask)
    _, table = run(tmp_path)
    assert table.loc[0, "dice"] == 1 and table.loc[0, "target_area"] == mask.sum()


ODD = {
    "dark.png": lambda path, mask: save(path, mask, white=90),
    "labels.png": lambda path, mask: save(path, mask, white=2),
    "percent.png": lambda path, mask: save(path, mask, white=100),
    "red.png": lambda path, mask: Image.fromarray(mask[..., None] * np.uint8([255, 0, 0])).save(path),
    "alpha.png": lambda path, mask: Image.fromarray(mask[..., None] * np.uint8([0, 0, 0, 255]), "RGBA").save(path),
    "deep.png": lambda path, mask: cv2.imwrite(str(path), mask.astype(np.uint16) * 4095),
    "300.npy": lambda path, mask: np.save(path, mask * 300),
    "above-one.npy": lambda path, mask: np.save(path, mask * 1.5),
    "logits.tif": lambda path, mask: Image.fromarray(mask * np.float32(-3)).save(path),
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_file_beside_white_ones_is_not_taken_for_an_empty_mask(folder, kind):
    path = folder / "preds" / f"covid_0.{kind.split('.')[1]}"
    (folder / "preds" / "mask_covid_0.png").unlink()
    ODD[kind](path, blob(0))
    assert refused(folder).startswith(f"{path}: ")


@pytest.mark.parametrize("white", [0, 1, 2, 27, 90])
def test_a_jpeg_is_empty_only_if_it_is_black(folder, white):
    (folder / "preds" / "mask_covid_0.png").unlink()
    mask = np.zeros((40, 50), bool)
    mask[8:24, 16:40] = True
    save(folder / "preds" / "covid_0.jpg", mask, white)
    if white:
        assert "covid_0.jpg: a JPEG with no value above" in refused(folder)
    else:
        assert run(folder)[1]["pred_empty"].tolist() == [1, 0, 0, 0, 0]


def test_ones_are_lesion_in_a_folder_of_zeros_and_ones(folder):
    expected = run(folder)[1]
    for side in ("preds", "targets"):
        for path in (folder / side).glob("*.png"):
            save(path, cv2.imread(str(path), 0) > 0, white=1)
    assert run(folder)[1].equals(expected)


def probabilities(shape, top):
    """Values 0 to `top`, in a smooth hill."""
    y, x = (np.linspace(-1, 1, n) for n in shape)
    return np.round(top * np.exp(-2 * (y[:, None] ** 2 + x**2))).astype(np.uint8)


@pytest.mark.parametrize("top", [1, 90, 200])
def test_probabilities_times_255_are_cut_at_one_half(folder, top):
    values = probabilities((40, 50), top)
    Image.fromarray(values).save(folder / "preds" / "mask_covid_0.png")
    result, table = run(folder)
    assert table.loc[0, "pred_area"] == (values > 127).sum()
    assert result.stderr.startswith("warning: ") and "1 of 5 predictions are read as probabilities" in result.stderr
    assert "mask_covid_0.png" in result.stderr


def test_an_experts_mask_may_not_have_shades(folder):
    path = folder / "targets" / "covid_0.png"
    for top, line in ((1, "mask values 0 and 1, but those of covid_1.png go beyond"), (90, "none of them white"),
                      (200, "grey values between black and white")):  # fmt: skip
        Image.fromarray(probabilities((40, 50), top)).save(path)
        assert line in refused(folder)


def test_percents_are_not_probabilities_times_255(folder):
    for k in range(5):
        Image.fromarray(probabilities((40, 50), 100)).save(folder / "preds" / f"mask_covid_{k}.png")
    assert "mask_covid_0.png: mask values 2, 3, 4, ... 100, none of them white" in refused(folder)


@pytest.mark.parametrize("side", ["preds", "targets"])
@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_a_grey_square_beside_the_white_one_is_refused_on_both_sides(folder, side, kind):
    mask = np.zeros((40, 50), np.uint8)
    mask[5:15, 5:15], mask[20:35, 20:40] = 255, 100
    (path,) = (folder / side).glob("*covid_0.png")
    path.unlink()
    Image.fromarray(mask).save(path.with_suffix(f".{kind}"))
    assert "grey values between black and white all over" in refused(folder)


# ---- wrong input


def test_missing_and_empty_folders(folder):
    assert "nowhere: no such folder" in refused(folder, predictions="nowhere")
    (folder / "void").mkdir()
    assert "--targets" in refused(folder, targets="void") and "no picture in it" in refused(folder, targets="void")
    assert "is a file" in refused(folder, predictions="preds/notes.txt")


def test_names_that_do_not_pair(folder):
    for k in range(4):
        save(folder / "preds" / f"other_{k}.png", blob(k))
    (folder / "preds" / "mask_covid_2.png").unlink()
    line = refused(folder)
    assert "4 of 8 without a target (other_0.png, other_1.png, other_2.png, ...)" in line
    assert "1 of 5 without a prediction (covid_2.png)" in line


@pytest.mark.parametrize(
    ("pred", "target"),
    [
        ("Mask_x.png", "x.png"),
        ("x.webp", "X.PNG"),
        ("mask_gro\u0308sse.png", "gr\u00f6sse.tif"),
        ("two  spaces.png", "two spaces.png"),
        ("s.0.1.png", "mask_s.0.1.npy"),
    ],
)
def test_names_pair_as_they_do_in_datasets(tmp_path, pred, target):
    mask = blob(3)
    for folder, name in (("preds", pred), ("targets", target)):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / name
        if name.endswith("npy"):
            np.save(path, mask)
        else:
            Image.fromarray(mask.astype(np.uint8) * 255).save(path, **({"lossless": True} if "webp" in name else {}))
    assert run(tmp_path)[1]["dice"].tolist() == [1]


def test_names_that_are_only_alike_pair_once(tmp_path):
    for folder, names in (("preds", ["a b", "a  b"]), ("targets", ["A B"])):
        for name in names:
            save(tmp_path / folder / f"{name}.png", blob(0))
    assert "2 of 2 without a target" in refused(tmp_path)


def test_two_files_of_one_name(folder):
    save(folder / "preds" / "covid_3.png", blob(3))
    assert "mask_covid_3.png: covid_3.png has the same name but for ending and mask_; move one" in refused(folder)


def test_unequal_sizes(folder):
    save(folder / "preds" / "mask_covid_1.png", blob(1, (20, 25)))
    line = refused(folder)
    assert "mask_covid_1.png: 20x25" in line and "covid_1.png: 40x50" in line and "resize" in line


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"PNG?" * 20])
def test_broken_png(folder, damage):
    path = folder / "targets" / "covid_4.png"
    path.write_bytes(damage(path.read_bytes()))
    assert str(path) in refused(folder)


def test_label_maps_are_not_taken_for_empty_masks(folder):
    for k in range(5):
        save(folder / "preds" / f"mask_covid_{k}.png", blob(k), white=2)
    assert "mask_covid_0.png: mask values 0, 2, none of them white" in refused(folder)


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (np.full((40, 50), -3.0), "not logits"),
        (np.full((40, 50), np.nan), "not logits"),
        (np.zeros((2, 40, 50)), r"shape (2, 40, 50)"),
        (np.full((40, 50), "x"), "not one array of numbers"),
    ],
)
def test_arrays_that_are_no_masks(folder, values, line):
    (folder / "preds" / "mask_covid_0.png").unlink()
    np.save(folder / "preds" / "covid_0.npy", values)
    assert line in refused(folder) and "covid_0.npy" in refused(folder)


def test_options_that_need_prompts_and_unknown_policies(folder):
    assert refused(folder, "--frame", "thirds").startswith("--frame thirds: ")
    assert refused(folder, "--ontology", "chest").startswith("--ontology chest: ")
    assert refused(folder, "--images", folder).startswith("--images ")
    assert "diagonal, skip, nan" in refused(folder, "--empty", "zero")


def test_out_that_cannot_be_written(folder):
    call = ["--predictions", folder / "preds", "--targets", folder / "targets", "--out"]
    for out, line in (
        (folder / "preds", "is a folder"),
        (folder / "preds" / "notes.txt" / "x.csv", "cannot be written"),
    ):
        result = CliRunner().invoke(app, [str(c) for c in [*call, out]])
        assert isinstance(result.exception, InputError) and line in str(result.exception)


@pytest.mark.parametrize("option", ["--prompts", "--predictions", "--targets"])
def test_out_that_is_an_input_is_left_as_it_is(folder, option):
    (folder / "p.csv").write_text("image,prompt\n")
    out = (
        folder / "p.csv" if option == "--prompts" else folder / {"-t": "targets", "-p": "preds"}[option[1:3]] / "x.csv"
    )
    call = ["--predictions", folder / "preds", "--targets", folder / "targets", "--prompts", folder / "p.csv"]
    result = CliRunner().invoke(app, [str(c) for c in [*call, "--out", out]])
    assert isinstance(result.exception, InputError) and str(result.exception).startswith(f"--out {out}: ")
    assert (folder / "p.csv").read_text() == "image,prompt\n" and not (folder / "targets" / "x.csv").exists()


# ---- prompts

LEFT = "Unilateral pulmonary infection, one infected area, lower left lung."
BOTH = "Bilateral pulmonary infection, two infected areas, lower left lung and lower right lung."


@pytest.fixture
def worded(tmp_path):
    """Target masks that do what their prompts say in the frame `thirds`; the third prompt states no place."""
    left, both = np.zeros((60, 60), bool), np.zeros((60, 60), bool)
    left[45:55, 5:20] = both[45:55, 5:20] = both[45:55, 40:55] = True
    targets = {"a": left, "b": both, "c": left}
    preds = {"a": left, "b": left, "c": both}
    for name in targets:
        save(tmp_path / "targets" / f"{name}.png", targets[name])
        save(tmp_path / "preds" / f"mask_{name}.png", preds[name])
    tmp_path.joinpath("p.csv").write_text(
        f'image,prompt\nmask_a.png,"{LEFT}"\nb.png,"{BOTH}"\nc,One infected area.\nz,never used\n', encoding="utf-8"
    )
    return tmp_path


def test_answers_of_each_axis(worded):
    result, table = run(worded, "--prompts", worded / "p.csv", "--json")
    text = (worded / "made" / "scores.csv").read_text().splitlines()
    assert text[0].split(",")[:14] == FIXED
    assert table[["count_ok", "laterality_ok", "position_ok", "consistent"]].iloc[0].tolist() == [1, 1, 1, 1]
    assert table[["count_ok", "laterality_ok", "position_ok", "consistent"]].iloc[1].tolist() == [0, 0, 0, 0]
    assert table.loc[2, "count_ok"] == 0 and np.isnan(table.loc[2, "laterality_ok"])
    assert text[3].split(",")[7:11] == ["0", "", "", "0"]  # whole answers, nothing where nothing is stated
    assert table["prompt"].tolist()[0] == LEFT
    axes = json.loads(result.stdout)["consistency"]["axes"]
    assert axes["laterality"]["coverage"] == pytest.approx(2 / 3) and axes["count"]["coverage"] == 1
    assert axes["count"]["strict"] == pytest.approx(1 / 3) and axes["laterality"]["strict"] == 0.5
    assert axes["count"]["ceiling"] == axes["laterality"]["ceiling"] == 1
    assert axes["all"]["chance"] < axes["all"]["ceiling"]


def test_the_experts_masks_are_as_consistent_as_the_experts(worded):
    result, table = run(worded, "--prompts", worded / "p.csv", "--json", predictions="targets")
    assert (table["consistent"] == 1).all()
    assert json.loads(result.stdout)["consistency"]["axes"]["all"]["corrected"] == pytest.approx(1)


def test_the_ontology_is_the_frames_where_none_is_given(worded):
    def read_as(*options):
        return json.loads(run(worded, "--prompts", worded / "p.csv", "--json", *options)[0].stdout)["consistency"]

    assert read_as("--frame", "kvasir")["ontology"] == "colonoscopy" and read_as()["ontology"] == "chest"
    assert read_as("--ontology", "colonoscopy")["ontology"] == "colonoscopy"


def test_a_mirrored_convention_is_told_once_in_one_line(worded):
    mask = np.zeros((60, 60), bool)
    mask[45:55, 40:55] = True
    for k in range(20):
        save(worded / "preds" / f"{k}.png", mask)
        save(worded / "targets" / f"{k}.png", mask)
    with open(worded / "p.csv", "a") as table:
        table.writelines(f'{k},"{LEFT}"\n' for k in range(20))
    lines = run(worded, "--prompts", worded / "p.csv")[0].stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("warning: frame thirds: prompts of one side have")


@pytest.mark.parametrize("headers", [("Image", "Description"), ("filename", "text"), ("IMAGE", "Prompt")])
def test_workbooks_and_headers(worded, headers):
    rows = [("mask_a.png", LEFT), ("mask_b.png", BOTH), ("mask_c.png", "One infected area.")]
    pd.DataFrame(rows, columns=headers).to_excel(worded / "p.xlsx", index=False)
    assert run(worded, "--prompts", worded / "p.xlsx")[1].equals(run(worded, "--prompts", worded / "p.csv")[1])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("picture,words\na,one area\n", "it has picture, words"),
        ("image,prompt\na,one area\n", "no prompt for 2 of 3 images (b, c)"),
        ("image,prompt\na,one\nb,one\nc,one\na.png,two\n", "rows 2 and 5 give two prompts for a"),
        ("image,prompt\na,one\nb,\nc,one\n", "b has no prompt"),
    ],
)
def test_wrong_tables_of_prompts(worded, text, line):
    (worded / "bad.csv").write_text(text)
    message = refused(worded, "--prompts", worded / "bad.csv")
    assert line in message and "bad.csv" in message


def test_prompts_that_are_no_table(worded):
    assert "none.csv: no such file" in refused(worded, "--prompts", worded / "none.csv")
    (worded / "bad.xlsx").write_bytes(b"not a workbook")
    assert "bad.xlsx: not a readable table" in refused(worded, "--prompts", worded / "bad.xlsx")


def test_pictures_that_are_missing(worded):
    save(worded / "images" / "a.png", blob(0))
    line = refused(worded, "--prompts", worded / "p.csv", "--images", worded / "images", "--frame", "qata-lungs")
    assert "no picture for 2 of 3 masks (b, c)" in line


@pytest.mark.parametrize(("option", "value"), [("--frame", "sixths"), ("--frame", "no.json"), ("--ontology", "knee")])
def test_unknown_frame_and_ontology(worded, option, value):
    from metrics import InputError as MetricError

    out = worded / "scores.csv"
    call = ["--predictions", worded / "preds", "--targets", worded / "targets", "--prompts", worded / "p.csv"]
    result = CliRunner().invoke(app, [str(c) for c in [*call, "--out", out, option, value]])
    assert isinstance(result.exception, InputError | MetricError)
    assert value in str(result.exception) and "\n" not in str(result.exception) and not out.exists()
