"""Single prompts and all that is read in them: denials, sides, numbers, signs and shorthand."""

import pytest

from metrics.consistency import parse
from tests.metrics.consistency.labelled_prompts import cells

# (text, count, laterality, regions, absent, open)
READINGS = [
    # denials that deny nothing to segment
    ("No significant change in bilateral opacities", None, "bilateral", "", False, ""),
    ("No improvement in bilateral pneumonia", None, "bilateral", "", False, ""),
    ("No interval progression of the left lower lobe opacity", None, "left", "ll", False, ""),
    ("No change", None, None, "", False, ""),
    ("No significant interval change.", None, None, "", False, ""),
    ("No change in heart size. Two opacities in the left lung", (2, 2), "left", "", False, ""),
    ("Heart size is normal. Atelectasis.", None, None, "", False, ""),
    ("heart size normal", None, None, "", False, ""),
    ("mediastinum is unremarkable", None, None, "", False, ""),
    ("The cardiac silhouette is normal", None, None, "", False, ""),
    ("The cardiomediastinal silhouette is normal. Lungs are clear.", None, None, "", True, ""),
    ("Fibrosis. No pneumonia.", None, None, "", False, ""),
    ("No pneumonia.", None, None, "", True, ""),
    ("No focal consolidation, pleural effusion or pneumothorax.", None, None, "", True, ""),
    ("not two areas", None, None, "", False, ""),
    ("Normal", None, None, "", True, ""),
    ("Clear", None, None, "", True, ""),
    ("No acute cardiopulmonary process. Heart size normal.", None, None, "", True, ""),
    ("The lungs are clear. Heart size is normal.", None, None, "", True, ""),
    ("Normal heart size, clear lungs", None, None, "", True, ""),
    ("Lungs clear and heart size normal", None, None, "", True, ""),
    ("Normal heart. Bilateral opacities.", None, "bilateral", "", False, ""),
    ("Lungs are not clear", None, None, "", False, ""),
    ("Bilateral opacities have not resolved", None, "bilateral", "", False, ""),
    ("not two to three areas, left lung", None, "left", "", False, ""),
    ("No cardiac abnormality", None, None, "", False, ""),
    ("Bowel gas pattern is normal", None, None, "", False, ""),
    ("No new opacity in the left lung", None, None, "", False, ""),
    # a side after a lobe
    ("right lower lobe and left lung", None, "bilateral", "lr", False, "ul ml ll"),
    ("LUL and right lung", None, "bilateral", "ul", False, "ur mr lr"),
    ("RLL, left lung", None, "bilateral", "lr", False, "ul ml ll"),
    ("left lung and RLL", None, "bilateral", "lr", False, "ul ml ll"),
    # hyphens
    ("infection in the lower-left lung", None, "left", "ll", False, ""),
    ("upper-right", None, "right", "ur", False, ""),
    ("polyp at the top-left corner", None, None, "ul", False, "", "colonoscopy"),
    ("polyp in the lower-right-hand corner", None, None, "lr", False, "", "colonoscopy"),
    ("small polyp, middle-left", None, None, "ml", False, "", "colonoscopy"),
    ("polyp in the upper-right", None, None, "ur", False, "", "colonoscopy"),
    ("2-3 opacities in the left lung", (2, 3), "left", "", False, ""),
    ("two-three opacities in the left lung", (2, 3), "left", "", False, ""),
    ("left-sided infection in the mid-lower zone", None, "left", "ml ll", False, ""),
    # negations
    ("Lungs are clear bilaterally", None, None, "", True, ""),
    ("Lungs are clear on both sides", None, None, "", True, ""),
    ("Lungs clear bilaterally.", None, None, "", True, ""),
    ("zero infected areas in the left lung and two infected areas in the right lung", (2, 2), "right", "", False, ""),
    ("zero left, two right", (2, 2), "right", "", False, ""),
    ("nothing on the left", None, None, "", False, ""),
    ("nothing", None, None, "", True, ""),
    ("not only the left but also the right lung", None, "bilateral", "", False, ""),
    ("Everything but the left lung", None, None, "", False, ""),
    ("Lungs are clear on the left", None, None, "", False, ""),
    ("zero infected areas in the left lung", None, None, "", False, ""),
    ("0 lesions", (0, 0), None, "", True, ""),
    ("0-2 lesions in the left lung", (0, 2), "left", "", False, ""),
    # each, both, lobes and views
    ("two opacities, one in each lung", (2, 2), "bilateral", "", False, ""),
    ("one opacity in each lung", (2, 2), "bilateral", "", False, ""),
    ("one opacity on each side", (2, 2), "bilateral", "", False, ""),
    ("two opacities, both in the left lung", (2, 2), "left", "", False, ""),
    ("two opacities in each lung", (4, 4), "bilateral", "", False, ""),
    ("Pneumonia involving two lobes", None, None, "", False, ""),
    ("Pneumonia involving two zones", None, None, "", False, ""),
    ("Pneumonia involving two segments", None, None, "", False, ""),
    ("infection of one lobe", None, "unilateral", "", False, ""),
    ("One view of the chest: two opacities", (2, 2), None, "", False, ""),
    ("Two chest views", None, None, "", False, ""),
    ("Two views", None, None, "", False, ""),
    ("Single portable chest radiograph shows bilateral opacities", None, "bilateral", "", False, ""),
    ("one-sided infection", None, "unilateral", "", False, ""),
    ("two infected lungs", None, "bilateral", "", False, ""),
    ("one infected lung", None, "unilateral", "", False, ""),
    ("each lung has one opacity", (2, 2), "bilateral", "", False, ""),
    ("one opacity in each lower lobe", (2, 2), "bilateral", "ll lr", False, ""),
    ("two opacities, each 3 cm", (2, 2), None, "", False, ""),
    ("One opacity in each lung, two in total", (2, 2), "bilateral", "", False, ""),
    ("two-lobe pneumonia", None, None, "", False, ""),
    ("infection in both upper left and lower right lung", None, "bilateral", "ul lr", False, ""),
    # signs of comparison
    (">2 lesions", (3, None), None, "", False, ""),
    ("> 2 lesions", (3, None), None, "", False, ""),
    ("< 3 lesions", (0, 2), None, "", False, ""),
    ("<3 lesions", (0, 2), None, "", False, ""),
    ("3+ lesions", (3, None), None, "", False, ""),
    ("≥2 opacities", (2, None), None, "", False, ""),
    ("≥ 2 opacities", (2, None), None, "", False, ""),
    ("≤3 opacities", (0, 3), None, "", False, ""),
    (">=2 opacities", (2, None), None, "", False, ""),
    ("<= 3 opacities", (0, 3), None, "", False, ""),
    ("1–2 opacities", (1, 2), None, "", False, ""),
    ("1 – 2 opacities", (1, 2), None, "", False, ""),
    ("lesion > 3 cm in the left lung", None, "left", "", False, ""),
    # sides of devices and of other anatomy
    ("Left PICC line. Right lower lobe opacity.", None, "right", "lr", False, ""),
    ("Left-sided pacemaker, lungs clear", None, None, "", True, ""),
    ("fracture of the right clavicle, opacity in left lung", None, "left", "", False, ""),
    ("patient rotated to the right, left lower lobe opacity", None, "left", "ll", False, ""),
    ("Right hemidiaphragm elevated", None, None, "", False, ""),
    ("Right internal jugular catheter. Opacity in the left lung.", None, "left", "", False, ""),
    ("right upper zone", None, "right", "ur", False, ""),
    ("left lung base", None, "left", "ll", False, ""),
    ("Left PICC line and right lower lobe opacity", None, "right", "lr", False, ""),
    ("bilateral rib fractures, opacity in left lung", None, "left", "", False, ""),
    # places of some lesions only
    ("three polyps, one in the upper left", (3, 3), None, "ul", False, "uc ur ml mc mr ll lc lr", "colonoscopy"),
    ("three opacities, one in the upper left lung", (3, 3), None, "ul", False, "ml ll ur mr lr"),
    ("bilateral opacities predominantly in the right lower lobe", None, "bilateral", "lr", False, "ul ml ll ur mr"),
    ("bilateral opacities, right worse than left", None, "bilateral", "", False, ""),
    ("two small and one large polyp", (3, 3), None, "", False, "", "colonoscopy"),
    ("bilateral opacities, greater on the right", None, "bilateral", "", False, ""),
    ("opacities mainly in the right lung", None, None, "", False, ""),
    ("opacities, left > right", None, "bilateral", "", False, ""),
    ("Infection is worse. Opacity in the right lower lobe.", None, "right", "lr", False, ""),
    # shorthand
    ("LUL+RLL", None, "bilateral", "ul lr", False, ""),
    ("LUL/RLL", None, "bilateral", "ul lr", False, ""),
    ("R lower lobe", None, "right", "lr", False, ""),
    ("L upper zone", None, "left", "ul", False, ""),
    ("Rt. lower lobe", None, "right", "lr", False, ""),
    ("Lt. lower lobe", None, "left", "ll", False, ""),
    ("b/l opacities", None, "bilateral", "", False, ""),
    ("b/l lower zone opacities", None, "bilateral", "ll lr", False, ""),
    ("bi-basilar consolidation", None, "bilateral", "ll lr", False, ""),
    ("none", None, None, "", True, ""),
    ("left whole lung", None, "left", "ul ml ll", False, ""),
    ("left upper lung and left whole lung", None, "left", "ul ml ll", False, ""),
    ("infection of L and R lung", None, "bilateral", "", False, ""),
]


@pytest.mark.parametrize("case", READINGS, ids=lambda case: case[0])
def test_all_of_a_reading(case):
    text, count, laterality, regions, absent, left_open = case[:6]
    findings = parse(text, *case[6:])
    read = (findings.count, findings.laterality, findings.regions, findings.open, findings.absent, findings.conflicts)
    assert read == (count, laterality, cells(regions), cells(left_open), absent, ())


def test_denied_places_are_listed():
    assert parse("Everything but the left lung").denied == ("left",)
    assert parse("zero left, two right").denied == ("left",)
    assert parse("nothing on the left").denied == ("left",)


def test_side_of_a_device_is_left_unread():
    assert parse("Left PICC line. Right lower lobe opacity.").unread == ("Left",)
    assert parse("Right hemidiaphragm elevated").unread == ("Right",)


def test_zero_has_the_span_of_its_word():
    assert parse("zero infected areas").spans["count"] == ((0, 4),)
