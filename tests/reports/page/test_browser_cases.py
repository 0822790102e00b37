"""What the explorer of single cases does, in headless Chromium."""

from __future__ import annotations

import json

import pytest

import reports
from tests.reports.page.browser import opened, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CASE = "#explorer .case"
ITEMS = "#explorer .list button"


def dice(mask_left: int, truth_left: int, mask_top: int = 4, truth_top: int = 4) -> float:
    """Of two boxes of 8 x 8 pixels."""
    common = max(0, 8 - abs(mask_left - truth_left)) * max(0, 8 - abs(mask_top - truth_top))
    return 100 * 2 * common / 128


def test_cases_are_sorted_by_what_one_looks_for(page):
    with opened(page) as window:
        numbers = lambda: [float(t.replace("−", "-")) for t in window.locator(f"{ITEMS} .number").all_inner_texts()]  # noqa: E731
        assert window.locator("#explorer .choices .count").inner_text() == "6 cases"  # clean prompts
        assert numbers() == sorted(numbers())
        assert numbers()[0] == pytest.approx(dice(9, 3), abs=0.1)
        order, prompts, method = (window.get_by_label(name, exact=True) for name in ("Sort by", "Prompts", "Method"))
        order.select_option("drop")
        assert prompts.input_value() == ""  # clean prompts have no drop
        assert numbers() == sorted(numbers())
        first = window.locator(ITEMS).first.inner_text()
        assert "C2Seg" in first and "swap side 1" in first
        order.select_option("wrong")
        assert set(window.locator(f"{ITEMS} .detail").all_inner_texts()) <= {
            " C2Seg",
            " C2Seg · keyboard 3",
            " C2Seg · swap side 1",
        }
        order.select_option("right")
        assert numbers() == sorted(numbers(), reverse=True)
        assert all("U-Net" in t for t in window.locator(f"{ITEMS} .detail").all_inner_texts())
        order.select_option("apart")
        assert window.locator("#explorer .choices .count").inner_text() == "9 pairs"
        assert numbers()[0] == pytest.approx(
            min(dice(9, 3 + k + 2 * c, 4, 4 + k) for k in range(3) for c in range(3)), abs=0.1
        )
        order.select_option("lowest")
        prompts.select_option("name:keyboard-3")
        method.select_option("c2seg")
        assert window.locator(ITEMS).count() == 3
        window.get_by_label("Find", exact=True).fill("LUNG_2")
        assert window.locator(f"{ITEMS} .name").all_inner_texts() == ["lung_2"]


def test_one_case_in_full(page):
    with opened(page, hash_="#case=qata/lung_1/swap_side-1/c2seg") as window:
        case = window.locator(CASE)
        assert case.locator("h4").inner_text() == "lung_1"
        prompt = case.locator(".prompt").first
        assert prompt.locator(".words").inner_text() == "Picture 1 swap_side: <b>left</b> lung"
        assert prompt.locator("mark.count").first.inner_text() == "1"
        assert prompt.locator("s.left-out").inner_text().strip() == "swap_side: <b>left</b>"
        assert prompt.locator(".reading").inner_text().count("denied by 'no'") == 1
        assert case.locator(".prompt").nth(1).locator("h5").inner_text() == "Clean prompt"
        tiles = case.locator(".tile")
        assert tiles.locator("figcaption").all_inner_texts() == ["Image", "Experts", "U-Net", "C2Seg"]
        chosen = case.locator(".tile.chosen")
        assert chosen.get_attribute("data-method") == "c2seg"
        assert f"{dice(8, 4, 5):.1f}" in chosen.locator(".dice").inner_text()
        assert chosen.locator(".fails").inner_text().split("\n") == ["✗ Side", "fails: left stated, lesion right"]
        assert chosen.locator(".holds").inner_text().split("\n") == ["✓ Count", "1 stated, 1 found"]
        unet = case.locator('[data-method="unet"]')
        assert "same mask" in unet.locator(".dice").inner_text()
        assert "1 stated, 1 found" in unet.locator(".answers").nth(1).inner_text()  # of its clean mask


def test_masks_are_drawn_where_they_are(page):
    """Filled, a pixel inside the mask is orange and one outside is grey; the outline lies on the border."""
    with opened(page, hash_="#case=qata/lung_0/clean/c2seg") as window:
        window.locator(CASE).get_by_label("Experts’ outline").uncheck()
        window.locator(CASE).get_by_label("Filled").check()
        pixel = """([x, y]) => { const c = document.querySelector('.tile.chosen canvas');
            return [...c.getContext('2d').getImageData(Math.floor(x * c.width / 24), Math.floor(y * c.height / 24), 1, 1).data].slice(0, 3); }"""
        inside, outside, border = (
            window.evaluate(pixel, at) for at in ([7, 8], [16.5, 8.5], [7, 4])
        )  # the box is at 3, 4
        assert inside[0] - inside[2] > 60  # orange on grey
        assert max(outside) - min(outside) < 25
        assert border[0] > 200 and border[2] < 60
        window.locator(CASE).get_by_label("Image only").check()
        inside = window.evaluate(pixel, [7, 8])
        assert max(inside) - min(inside) < 25


def test_cases_by_keyboard_and_by_address(page):
    with opened(page) as window:
        window.locator(ITEMS).first.click()
        window.keyboard.press("ArrowDown")
        second = window.locator(ITEMS).nth(1)
        assert second.get_attribute("aria-current") == "true"
        name = second.locator(".name").inner_text()
        assert window.locator(f"{CASE} h4").inner_text() == name
        assert window.evaluate("location.hash").startswith(f"#case=qata/{name}/clean/")
        window.get_by_role("button", name="Next →").click()
        assert window.locator(ITEMS).nth(2).get_attribute("aria-current") == "true"
        window.get_by_role("button", name="← Previous").click()
        assert second.get_attribute("aria-current") == "true"
        window.evaluate("location.hash = '#case=qata/lung_2/keyboard-3/unet'")
        until(window, "document.querySelector('#explorer .case h4').textContent === 'lung_2'")
        window.evaluate("location.hash = '#case=%E0%A4%A/no/such/case'")  # damaged: nothing happens
        assert window.locator(f"{CASE} h4").inner_text() == "lung_2"


@pytest.fixture(scope="module")
def trained_twice(tmp_path_factory, cases, made):
    """The page of two trainings of each method, with prompts that ask for a part; C2Seg collapsed."""
    folder = made(tmp_path_factory.mktemp("twice"), datasets=("qata",), size=16)
    content = cases.add_trainings_and_parts(cases.add_cases(folder))
    (folder / "tables/explorer.json").write_text(json.dumps(content))
    about = json.loads((folder / "tables/run.json").read_text())
    collapse = {"empty": [0], "constant": [], "seeds": 3, "unranked": False}
    about["datasets"]["qata"]["collapsed"] = {"c2seg": collapse}
    (folder / "tables/run.json").write_text(json.dumps(about))
    reports.build(folder)
    return folder / "report.html"


def test_trainings_are_chosen_and_linked(trained_twice):
    with opened(trained_twice) as window:
        count, training = window.locator("#explorer .choices .count"), window.get_by_label("Training", exact=True)
        captions = window.locator(f"{CASE} .drawn figcaption")
        assert count.inner_text() == "6 cases"  # the first of each method
        assert captions.all_inner_texts() == ["U-Net, seed 0", "C2Seg, seed 0"]
        training.select_option("7")
        assert count.inner_text() == "6 cases"
        assert captions.all_inner_texts() == ["U-Net, seed 7", "C2Seg, seed 7"]
        window.locator(ITEMS).first.click()
        address = window.evaluate("location.hash")
        assert address.endswith("/7")
        training.select_option("all")
        assert count.inner_text() == "12 cases"
        assert captions.count() == 4
    with opened(trained_twice, hash_=address) as window:
        assert "seed 7" in window.locator(f"{CASE} .tile.chosen figcaption").inner_text()


def test_a_part_prompt_is_shown_with_its_own_correct_mask(trained_twice):
    with opened(trained_twice) as window:
        window.get_by_label("Prompts", exact=True).select_option("kind:referring")
        assert window.locator("#explorer .choices .count").inner_text() == "2 cases"
        case = window.locator(CASE)
        assert "names a part of the lesions" in case.locator(".where").inner_text()
        assert case.locator(".given figcaption").all_inner_texts() == ["Image", "Correct mask"]
        assert case.locator(".tile.chosen .dice").inner_text() == "100.0 Dice"  # and no drop: the clean mask is another
        assert case.locator(".tile.chosen .answers").inner_text().split("\n") == ["✓ Side", "left stated, lesion left"]


@pytest.fixture(scope="module")
def flipped(tmp_path_factory, cases, made):
    """The page of a run with flipped images."""
    folder = made(tmp_path_factory.mktemp("flipped"), datasets=("qata",), size=16)
    content = cases.add_flipped(cases.add_cases(folder))
    (folder / "tables/explorer.json").write_text(json.dumps(content))
    reports.build(folder)
    return folder / "report.html"


RED_AND_BLUE = """([tile, x, y]) => { const c = document.querySelectorAll('#explorer .tile canvas')[tile];
    const at = (v, size) => Math.floor(v * size / 24);
    const d = c.getContext('2d').getImageData(at(x, c.width), at(y, c.height), 1, 1).data; return [d[0], d[2]]; }"""


def test_a_flipped_image_is_shown_flipped_with_its_masks(flipped):
    with opened(flipped, hash_="#case=qata/lung_0/mirrored-1/c2seg") as window:
        case = window.locator(CASE)
        assert case.locator(".where").inner_text().startswith("qata · image flipped, sides exchanged in the prompt")
        assert case.locator(".given figcaption").all_inner_texts() == ["Image, flipped", "Correct mask"]
        assert case.locator(".tile.chosen .answers").inner_text().split("\n") == [
            "✓ Side",
            "right stated, lesion right",
        ]
        until(window, f"({RED_AND_BLUE})([0, 17, 8])[0] > 150")  # the bright box is at the right of the flipped image
        assert window.evaluate(RED_AND_BLUE, [0, 7, 8])[0] < 100
        case.get_by_role("checkbox", name="Correct mask").uncheck()
        case.get_by_label("Mask of the clean prompt").check()
        case.get_by_label("Filled").check()
        red, blue = window.evaluate(RED_AND_BLUE, [3, 17, 8])
        assert red - blue > 60  # C2Seg's mask, orange, lies on the box
        case.get_by_label("Outlines").check()
        red, blue = window.evaluate(RED_AND_BLUE, [2, 7.02, 8])
        assert (
            red > 180 and blue > 180
        )  # U-Net's clean mask has its left border at column 9, flipped its right one at 15


def test_an_image_that_nothing_fits_says_whether_the_mask_is_empty(flipped):
    with opened(flipped) as window:
        window.get_by_label("Prompts", exact=True).select_option("family:conflict")
        case = window.locator(CASE)
        assert case.locator(".given figcaption").all_inner_texts() == ["Image, flipped", "Correct mask: empty"]
        answers = case.locator(".tile.chosen .answers").inner_text().split("\n")
        assert answers == ["✗ Nothing to segment", "fails: the mask is not empty"]


def test_filters_that_nothing_passes_say_so(flipped):
    with opened(flipped) as window:
        window.get_by_label("Find", exact=True).fill("no such image")
        assert window.locator(ITEMS).count() == 0
        assert "No case has these prompts" in window.locator("#explorer .choices").inner_text()
        window.get_by_label("Find", exact=True).fill("")
        assert "No case" not in window.locator("#explorer .choices").inner_text()


def test_consistent_but_wrong_knows_prompts_with_a_correct_mask_of_their_own(flipped):
    with opened(flipped) as window:
        window.get_by_label("Prompts", exact=True).select_option("kind:referring")
        window.get_by_label("Sort by", exact=True).select_option("wrong")
        assert window.locator("#explorer .choices .count").inner_text() == "2 cases"  # of mirrored, which meet it


def test_cases_of_collapsed_methods_alone(trained_twice, page):
    with opened(trained_twice) as window:
        window.get_by_label("Method", exact=True).select_option("collapsed:")
        details = window.locator(f"{ITEMS} .detail").all_inner_texts()
        assert len(details) == 3 and all("C2Seg" in detail for detail in details)
    with opened(page) as window:  # none collapsed, one training: neither choice is offered
        assert window.locator('option[value="collapsed:"]').count() == 0
        assert not window.get_by_label("Training", exact=True).is_visible()


def test_a_dot_leads_to_its_case(page):
    with opened(page) as window:
        canvas = window.locator('[data-chart="scatter"] canvas').nth(1)
        canvas.scroll_into_view_if_needed()
        window.wait_for_timeout(300)
        box = canvas.bounding_box()
        bottom = box["height"] - 34
        x = 48 + dice(3, 3) / 100 * (box["width"] - 6 - 48)  # lung_0 of c2seg: Dice 100, score 0.5
        y = (bottom - 6) + 0.485 * (10 - (bottom - 6))
        canvas.click(position={"x": x, "y": y})
        until(window, "location.hash === '#case=qata/lung_0/clean/c2seg'")
        assert window.locator(f"{CASE} h4").inner_text() == "lung_0"


def test_text_from_outside_is_shown_as_itself(made, cases, tmp_path):
    nasty = "_ % & # $ { } ~ ^ \\ < > \" ' é 中文 😀 </script><img src=x onerror=alert(1)>"
    folder = made(tmp_path / "run", datasets=(nasty,), size=16)
    content = cases.add_cases(folder, nasty, (nasty, "b/c#?", "%41"))
    content["prompts"][0]["parts"] = [["one ", ""], [nasty, "count"]]
    (folder / "tables" / "explorer.json").write_text(json.dumps(content))
    reports.build(folder)
    with opened(folder / "report.html") as window:
        window.get_by_label("Find", exact=True).fill("one _ %")
        window.locator(ITEMS).first.click()
        assert window.locator(f"{CASE} h4").inner_text() == nasty
        assert window.locator(f"{CASE} .words").inner_text() == f"one {nasty}"
        assert window.locator(f"{CASE} .where").inner_text().startswith(nasty)
        assert window.locator("img[src=x]").count() == 0
        address = window.evaluate("location.hash")
    with opened(folder / "report.html", hash_=address) as window:
        assert window.locator(f"{CASE} h4").inner_text() == nasty


def test_an_image_that_is_damaged_leaves_the_rest(made, cases, tmp_path):
    folder = made(tmp_path / "run", datasets=("qata",), size=16)
    content = cases.add_cases(folder)
    content["pictures"][0]["jpeg"] = "AAAA"
    (folder / "tables" / "explorer.json").write_text(json.dumps(content))
    reports.build(folder)
    with opened(folder / "report.html", hash_="#case=qata/lung_0/clean/c2seg") as window:
        assert window.locator(f"{CASE} .tile").count() == 4
        window.get_by_role("button", name="Next →").click()
        assert window.locator(f"{CASE} h4").inner_text() != ""


@pytest.fixture(scope="module")
def many_methods(tmp_path_factory, made, cases):
    names = tuple(f"m{i}" for i in range(8))
    methods = {"unet": ("U-Net", False, "", 60.0), "c2seg": ("C2Seg", True, "", 70.0)}
    methods |= {name: (f"Method {name}", True, "", 50.0) for name in names}
    folder = made(tmp_path_factory.mktemp("many"), datasets=("qata",), size=16, methods=methods)
    content = cases.add_methods(cases.add_cases(folder), names)
    content["pictures"][1] |= {"height": 12, "width": 48}
    (folder / "tables/explorer.json").write_text(json.dumps(content))
    reports.build(folder)
    return folder / "report.html"


def test_among_many_methods_the_chosen_one_comes_first_and_an_empty_mask_is_called_so(many_methods):
    with opened(many_methods, hash_="#case=qata/lung_0/clean/m5") as window:
        tiles = window.locator(f"{CASE} .drawn .tile")
        assert tiles.count() == 10
        assert tiles.first.get_attribute("data-method") == "m5"
        assert tiles.first.locator(".dice").inner_text() == "0.0 Dice · empty mask"
        assert "empty" not in window.locator(f'{CASE} [data-method="unet"] .dice').inner_text()
        order = [tiles.nth(i).get_attribute("data-method") for i in range(1, 10)]
        assert order == ["unet", "c2seg", *(f"m{i}" for i in range(8) if i != 5)]


def test_image_and_list_stay_in_sight_while_many_methods_are_scrolled(many_methods):
    with opened(many_methods, height=600) as window:  # without a hash, to which the page would still be scrolling
        until(window, "document.querySelectorAll('#explorer .drawn .tile').length === 10")
        top = "document.querySelector('#explorer .beside').getBoundingClientRect().top"
        window.evaluate(f"scrollTo({{top: scrollY + {top} + 500, behavior: 'instant'}})")
        assert window.evaluate(top) < -400
        for shown in (".given .tile", ".list"):
            assert 0 <= window.locator(f"#explorer {shown}").first.bounding_box()["y"] < 600, shown


def test_an_image_that_is_not_square_keeps_its_shape(many_methods):
    with opened(many_methods, hash_="#case=qata/lung_1/clean/c2seg") as window:
        canvas = window.locator(f"{CASE} .tile canvas").first
        until(window, "document.querySelector('#explorer .tile canvas').height !== 150")
        box = canvas.bounding_box()
        assert box["width"] / box["height"] == pytest.approx(4, rel=0.05)
