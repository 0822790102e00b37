"""Every family by exact strings, and the properties that all of them have on any text."""

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c2seg_bench.errors import InputError
from c2seg_bench.stress import FAMILIES
from c2seg_bench.stress.edit_distance import levenshtein
from c2seg_bench.stress.prompt_parts import COUNT
from c2seg_bench.stress.wording import number_value

CHEST = "Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung."
LONG = (
    "Bilateral pulmonary infection involving two regions with involvement of all left lung "
    "and the upper middle lower right lung"
)
POLYP = "two small white round polyp, located in top left, right of the image"
POOL = (CHEST, LONG, POLYP)

EXPECTED = {
    "abbreviations": ("Bilat pulmonary infection, two infected areas, LUL & RLL.", "2 small white round polyp, at top left, right of the image"),
    "case": ("bilateral pulmonary infection, two INFECTED areas, upper left lung and lower right lung.", "two SMALL white round POLYP, located in top left, right of the image"),
    "change_count": ("Bilateral pulmonary infection, four infected areas, upper left lung and lower right lung.", "three small white round polyps, located in top left, right of the image"),
    "clinical": ("Bilateral infection of the lung parenchyma, two infected areas, superior zone of the left lung and lower right lung.", "two small-sized white round polyp, situated in top left, right of the image"),
    "context": ("Patient with fever and cough. Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung. Heart size is normal. Central venous line in place.", "Adequate bowel preparation. two small white round polyp, located in top left, right of the image. White light endoscopy. Some residual fluid."),
    "contradiction": ("Bilateral and unilateral pulmonary infection, two infected areas, upper left lung and lower right lung.", "two and three small white round polyp, located in top left, right of the image"),
    "delete": ("Bilateal pulmonary infection, two infectd areas, upper left lung and lower right lung.", "two smal white round polp, located in top left, right of the image"),
    "deny": ("No pulmonary infection", "No polyp"),
    "diagnosis_only": ("Pulmonary infection", "Polyp"),
    "empty": ("", ""),
    "insert": ("Bilatefral pulmonary infection, two infectred areas, upper left lung and lower right lung.", "two smakll white round poluyp, located in top left, right of the image"),
    "keyboard": ("Bilatefal pulmonary infection, two infectrd areas, upper left lung and lower right lung.", "two smakl white round polup, located in top left, right of the image"),
    "merge": ("Bilateral pulmonaryinfection, twoinfected areas, upper left lung and lower right lung.", "two smallwhiteround polyp, located in top left, right of the image"),
    "mixed": ("Bilateral pulmonary infection, two infected areas, upper left lung and lower rigtlnug.", "twosmall whtie round polyp, locted in top left, right of the image"),
    "move_zone": ("Bilateral pulmonary infection, two infected areas, lower left lung and upper right lung.", "two small white round polyp, located in bottom left, right of the image"),
    "natural": ("Bilateral pulmonary infection, two infected areas,upper left and lower right lung.", "two small whiteo round polyp, located in top left,right of the image"),
    "no_count": ("Bilateral pulmonary infection, upper left lung and lower right lung.", "Small white round polyp, located in top left, right of the image"),
    "no_position": ("Bilateral pulmonary infection, two infected areas", "two small white round polyp"),
    "no_side": ("Pulmonary infection, two infected areas, upper lung and lower lung.", "Two small white round polyp, located in top of the image"),
    "ocr": ("Bilaterol pulmonary infection, two infectcd areas, upper left lung and lower right lung.", "two sma1l white round po1yp, located in top left, right of the image"),
    "other_prompt": (LONG, LONG),
    "punctuation": ("Bilateral pulmonary infection two infected areas upper left lung and lower right lung.", "two small white round polyp located in top left,right of the image"),
    "reorder": ("Two infected areas, upper left lung and lower right lung, bilateral pulmonary infection.", "located in top left, right of the image, two small white round polyp"),
    "split": ("Bilater al pulmonary infection, two infect ed areas, upper left lung and lower right lung.", "two sma ll white round pol yp, located in top left, right of the image"),
    "swap": ("Bilatearl pulmonary infection, two infecetd areas, upper left lung and lower right lung.", "two smlal white round poylp, located in top left, right of the image"),
    "swap_side": ("Bilateral pulmonary infection, two infected areas, upper right lung and lower left lung.", "two small white round polyp, located in top right, left of the image"),
    "telegraphic": ("Bilateral infection, two infected areas upper left lung lower right lung", "two small white round polyp located in top left, right"),
}  # fmt: skip


def test_every_family_has_its_exact_strings():
    assert set(EXPECTED) == set(FAMILIES)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_exact_strings(name):
    chest, polyp = (FAMILIES[name].perturb(text, 3, Random(1), POOL) for text in (CHEST, POLYP))
    assert (chest, polyp) == EXPECTED[name]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("no_position", "Bilateral pulmonary infection involving two regions"),
        ("no_count", LONG.replace(" involving two regions", "")),
        (
            "no_side",
            "Pulmonary infection involving two regions with involvement of all lung and the upper middle lower lung",
        ),
        ("move_zone", LONG.replace("upper middle lower", "lower middle upper")),
    ],
)
def test_the_longer_wording_of_qata(name, expected):
    assert FAMILIES[name].perturb(LONG, 1, Random(0), POOL) == expected


@pytest.mark.parametrize("name", sorted(EXPECTED))
@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=60), severity=st.integers(1, 5), seed=st.integers(0, 99))
def test_any_text_survives_and_the_same_state_gives_the_same_noise(name, text, severity, seed):
    first, again = (FAMILIES[name].perturb(text, severity, Random(seed), (text, "other")) for _ in range(2))
    assert isinstance(first, str) and first == again


# "ı", "ſ" and "İ" match i, s and i where letter case is ignored, but are other letters; Python reads no 5000 digits
NEARLY_WORDS = ["rıght", "sıx", "ſix", "ONE", "mıddle", "unılateral", "İnfection", "9" * 5000, "٣", "²"]
PROMPT_WORDS = ["left", "Right", "upper", "lung", "areas", "polyps", "pulmonary", "infection", ",", "two", "no", "and"]


@pytest.mark.parametrize("name", sorted(EXPECTED))
@settings(max_examples=40, deadline=None)
@given(words=st.lists(st.sampled_from(NEARLY_WORDS + PROMPT_WORDS), max_size=8), severity=st.integers(1, 5))
def test_letters_and_digits_of_other_scripts_survive(name, words, severity):
    text = " ".join(words)
    assert isinstance(FAMILIES[name].perturb(text, severity, Random(0), (text, "other")), str)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("swap_side", "rıght lung and LEFT lung", "rıght lung and RIGHT lung"),
        ("move_zone", "bottom of the ımage", "top of the ımage"),
        ("abbreviations", "sıx areas, six polyps", "sıx areas, 6 polyps"),
        ("change_count", "ſix infected areas", "ſix infected areas"),
        ("change_count", "9" * 5000 + " infected areas", "9" * 5000 + " infected areas"),
    ],
)
def test_a_word_in_other_letters_is_left_as_it_is(name, text, expected):
    assert FAMILIES[name].perturb(text, 5, Random(0)) == expected


@pytest.mark.parametrize("name", sorted(n for n in FAMILIES if FAMILIES[n].graded))
def test_more_severe_is_more_edited_on_average(name):
    distances = []
    for severity in range(1, 6):
        noisy = [(t, FAMILIES[name].perturb(t, severity, Random(i), POOL)) for i in range(60) for t in POOL]
        distances.append(sum(levenshtein(a, b) for a, b in noisy))
    assert distances == sorted(distances) and distances[-1] > distances[0] > 0


@pytest.mark.parametrize("name", ["keyboard", "swap", "delete", "insert", "ocr"])
def test_misspellings_keep_the_first_and_last_letter_of_every_word(name):
    for seed in range(30):
        noisy = FAMILIES[name].perturb(LONG, 5, Random(seed), POOL).split()
        assert [(w[0], w[-1]) for w in noisy] == [(w[0], w[-1]) for w in LONG.split()]


def test_a_misspelling_of_one_letter_is_one_edit():
    assert all(levenshtein(LONG, FAMILIES["delete"].perturb(LONG, 1, Random(s), POOL)) == 1 for s in range(30))


def test_families_that_are_not_graded_are_swept_once():
    assert FAMILIES["empty"].sweep([1, 3, 5]) == [1] and FAMILIES["swap"].sweep([1, 3, 5]) == [1, 3, 5]


def test_errors_name_the_unknown_family_or_severity():
    with pytest.raises(InputError, match="did you mean 'keyboard'"):
        FAMILIES["keybord"]
    with pytest.raises(InputError, match="severity 6: out of range; take 1 to 5"):
        FAMILIES["swap"].perturb(CHEST, 6, Random(0))


def test_the_code_can_make_every_example():
    clean = CHEST.rstrip(".")
    for name, family in FAMILIES.items():
        made = (
            family.perturb(clean, severity, Random(seed), (family.example,))
            for seed in range(1000)
            for severity in family.sweep(range(1, 6))
        )
        assert family.example in made, name


@pytest.mark.parametrize("name", ["keyboard", "swap", "delete", "insert", "case", "split"])
def test_severity_does_not_depend_on_the_kind_of_space(name):
    spaced, tabbed = (FAMILIES[name].perturb(t, 5, Random(2)) for t in (LONG, LONG.replace(" ", "\t")))
    assert tabbed.split("\t") == spaced.split(" ") or name == "split"
    assert levenshtein(LONG, spaced) == levenshtein(LONG.replace(" ", "\t"), tabbed)


@pytest.mark.parametrize("name", ["keyboard", "insert", "ocr", "natural", "swap", "delete"])
def test_capitals_stay_capitals(name):
    for seed in range(30):
        noisy = FAMILIES[name].perturb(CHEST.upper(), 5, Random(seed))
        letters = [c for c in noisy.replace(" l ", " ").replace("higher", "") if c.isalpha()]
        assert noisy != CHEST.upper() and all(c.isupper() for c in letters), noisy


@pytest.mark.parametrize("name", ["keyboard", "insert", "ocr", "natural", "mixed"])
@pytest.mark.parametrize("text", ["التهاب رئوي ثنائي الجانب، منطقتان", "双肺感染，左上肺和右下肺"])
def test_no_latin_letter_in_words_of_another_script(name, text):
    for seed in range(60):
        assert not any(c.isascii() and c.isalpha() for c in FAMILIES[name].perturb(text, 5, Random(seed)))


@pytest.mark.parametrize("severity", [1, 3, 5])
@pytest.mark.parametrize("name", ["keyboard", "natural", "mixed", "merge"])
def test_at_least_one_edit(name, severity):
    clean = "Unilateral pulmonary infection, one infected area, middle lower left lung"
    assert all(FAMILIES[name].perturb(clean, severity, Random(seed)) != clean for seed in range(4000))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("reorder", "COVID-19 pneumonia, upper left lung", "Upper left lung, COVID-19 pneumonia"),
        ("swap_side", "UPPER LEFT LUNG", "UPPER RIGHT LUNG"),
        ("swap_side", "Left lung", "Right lung"),
        ("no_position", "Unilateral infection involving one regions affecting the lower left lung", "Unilateral infection involving one regions"),
        ("no_count", "11 mm polyp", "11 mm polyp"),
        ("no_count", "There are two infected areas in the left lung", "There are infected areas in the left lung"),
        ("no_count", "multiple polyps", "Polyps"),
        ("no_count", "three small, medium white round polyp", "Small, medium white round polyp"),
        ("diagnosis_only", "Pleural effusion on the left", "Pleural effusion"),
        ("diagnosis_only", "No pulmonary infection", "No pulmonary infection"),
        ("diagnosis_only", "Lungs are clear", "Lungs are clear"),
        ("diagnosis_only", "Bilateral COVID-19 pneumonia, no effusion", "COVID-19 pneumonia"),
        ("diagnosis_only", "two polyps", "Polyp"),
        ("deny", "Pleural effusion on the left", "No pleural effusion"),
        ("deny", "COVID-19 pneumonia", "No COVID-19 pneumonia"),
        ("deny", "No pulmonary infection", "No pulmonary infection"),
        ("deny", "Lungs are clear", "Lungs are clear"),
        ("deny", "upper left lung", "upper left lung"),
        ("deny", "", ""),
        ("context", "", ""),
        ("context", "  ", "  "),
        ("contradiction", "Infection is unilateral.", "Infection is unilateral and bilateral."),
        ("telegraphic", "left and right lung", "left and right lung"),
        ("telegraphic", "No infection, left lung", "No infection, left lung"),
    ],
)  # fmt: skip
def test_parts_that_stay_and_the_form_of_the_rest(name, text, expected):
    assert FAMILIES[name].perturb(text, 5, Random(0)) == expected


def test_context_denies_nothing_that_the_prompt_mentions():
    assert all("No pleural" not in FAMILIES["context"].perturb("Pleural effusion", 5, Random(s)) for s in range(30))


@pytest.mark.parametrize("name", ["punctuation", "telegraphic"])
@pytest.mark.parametrize("places", ["center, left", "top left, right, center", "left,  right"])
def test_a_comma_between_places_is_never_lost(name, places):
    text = f"two small pink circle polyp, located in {places} of the image"
    for severity in range(1, 6):
        for seed in range(60):
            assert FAMILIES[name].perturb(text, severity, Random(seed)).split("in ")[-1].count(",") >= places.count(",")


def test_a_comma_after_a_denial_is_never_lost():
    for seed in range(60):
        assert "," in FAMILIES["punctuation"].perturb("No effusion, infection of the left lung.", 5, Random(seed))


def test_a_changed_count_is_another_value_no_lower_than_the_sides_and_agrees_with_its_noun():
    texts = [CHEST, LONG, "1 infected area, upper left lung", "one infected area, left lung", POLYP, "two regions"]
    for text in texts:
        for seed in range(40):
            noisy = FAMILIES["change_count"].perturb(text, 1, Random(seed))
            number, noun = re.search(
                r"(\w+) (?:infected )?(?:small white round )?(areas?|regions?|polyps?)\b", noisy
            ).groups()
            assert number_value(number) != number_value(COUNT.search(text).group())
            assert number_value(number) >= (2 if text in (CHEST, LONG) else 1)
            assert noun.endswith("s") == (number_value(number) > 1) and number.isdigit() == text[0].isdigit()


def test_a_contradiction_states_two_different_values():
    for text in ("1 polyp", "one polyp", "Two regions"):
        for seed in range(40):
            first, joined, second = FAMILIES["contradiction"].perturb(text, 1, Random(seed)).split()[:3]
            assert (
                joined == "and" and number_value(first) != number_value(second) and first.isdigit() == second.isdigit()
            )
