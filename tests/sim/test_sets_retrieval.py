"""The set `retrieval`: frozen, sound against its own Things, large enough, and scored right by hand-made rankings."""

import asyncio
from collections import Counter

import pytest

from firmware_py.core.errors import LocalError
from ontology.description import read
from sim.sets import frozen, retrieval
from sim.sets.retrieval import NEAR_MISS, OFF_TOPIC, Query, RankingError, figures, outcome

QUERIES = retrieval.queries_unchecked()
THINGS = {name: read(td) for name, td in retrieval.things().items()}
LAMP = read({
    "id": "urn:test:lamp", "title": "Lamp", "actions": {"fade": {}, "blink": {}},
    "properties": {"glow": {"type": "number"}, "hue": {"type": "string"}, "age": {"type": "number"},
                   "mode": {"type": "string"}}})


def query(*wanted, part="devices", kind="asked", language="en", documented="en"):
    return Query("lamp", "Do it.", wanted, part, kind, language, documented)


def ranked(*names, answerable=True):
    return [(name, 1.0 / at) for at, name in enumerate(names, 1)], answerable


def names_of(thing):
    return {affordance.name for affordance in thing.affordances}


# The set


def test_set_is_the_frozen_one():
    assert retrieval.queries() == QUERIES


def test_a_changed_description_is_a_changed_set():
    cases = retrieval.cases_of(QUERIES)
    changed = {**cases[0], "td": {**cases[0]["td"], "title": "Another"}}
    with pytest.raises(LocalError, match="not the frozen one"):
        frozen.check("retrieval", [changed, *cases[1:]])


def test_set_has_its_sizes():
    asked = Counter((query.part, query.language) for query in QUERIES if query.wanted)
    kinds = Counter(query.kind for query in QUERIES)
    assert len(QUERIES) >= 260
    assert asked["robots", "en"] >= 100
    assert sum(asked["robots", language] for language in ("de", "fr", "zh")) >= 30
    assert asked["devices", "en"] >= 80
    assert kinds[NEAR_MISS] + kinds[OFF_TOPIC] >= 60


def test_ten_makers_document_in_four_languages_and_each_is_asked_in_english():
    robots = {query.thing: query.documented for query in QUERIES if query.part == "robots"}
    english = Counter(query.thing for query in QUERIES if query.wanted and query.language == "en")
    assert Counter(robots.values()) == {"en": 4, "de": 2, "fr": 2, "zh": 2}
    assert all(english[thing] >= 10 for thing in robots)
    assert all(12 <= len(names_of(THINGS[thing])) <= 16 for thing in robots)


def test_other_languages_are_asked_of_makers_of_that_language():
    assert {query.documented for query in QUERIES if query.language != "en"} == {"de", "fr", "zh"}
    assert all(query.documented == query.language for query in QUERIES if query.language != "en")


def test_other_devices_are_many_and_rich():
    devices = {query.thing for query in QUERIES if query.part == "devices"}
    assert len(devices) >= 6
    assert all(len(names_of(THINGS[thing])) >= 14 for thing in devices)


def test_every_wanted_affordance_exists():
    assert all(set(query.wanted) <= names_of(THINGS[query.thing]) for query in QUERIES)
    assert all(bool(query.wanted) == (query.kind == "asked") for query in QUERIES)


def test_no_sentence_stands_twice_or_repeats_the_name_of_another_affordance():
    assert len({query.sentence.casefold() for query in QUERIES}) == len(QUERIES)
    for query in QUERIES:
        others = [name for name in names_of(THINGS[query.thing]) if name not in query.wanted and len(name) > 8]
        assert not any(name.replace("_", " ").lower() in query.sentence.lower() for name in others), query


def test_ids_of_things_differ():
    assert len({thing.id for thing in THINGS.values()}) == len(THINGS)


# The scoring


def test_place_is_that_of_the_first_right_affordance():
    found = outcome(query("glow", "hue"), LAMP, ranked("fade", "hue", "glow"))
    assert (found.place, found.refused) == (2, False)


def test_reading_and_writing_a_property_count_as_one_place():
    assert outcome(query("hue"), LAMP, ranked("glow", "glow", "hue")).place == 2


def test_an_affordance_that_is_not_ranked_has_no_place():
    assert outcome(query("hue"), LAMP, ([], False)).place is None


def test_a_ranking_of_unknown_names_is_told():
    with pytest.raises(RankingError, match="'horn', which Lamp does not have"):
        outcome(query("hue"), LAMP, ranked("horn"))


def test_figures_of_a_ranking_made_by_hand():
    robot = {"part": "robots", "language": "de", "documented": "de"}
    found = [
        outcome(query("fade"), LAMP, ranked("fade", "hue")),
        outcome(query("fade"), LAMP, ranked("hue", "glow", "fade")),
        outcome(query("fade"), LAMP, ranked("hue", "glow", "age", "blink", "fade")),
        outcome(query("fade", **robot), LAMP, ranked("hue", "glow", "age", "blink", "mode", "fade", answerable=False)),
        outcome(query(kind=NEAR_MISS), LAMP, ranked("fade", answerable=False)),
        outcome(query(kind=NEAR_MISS), LAMP, ranked("fade")),
        outcome(query(kind=OFF_TOPIC, **robot), LAMP, ([], False)),
    ]
    got = figures(found)
    assert (got["queries"], got["answerable"]) == (7, 4)
    assert (got["top1"], got["top3"], got["top5"]) == (25.0, 50.0, 75.0)
    # Three refused, two of them rightly, of three that should have been.
    assert (got["abstain_precision"], got["abstain_recall"], got["abstain_f1"]) == (0.6667, 0.6667, 0.6667)
    assert (got["parts"]["devices"]["top1"], got["parts"]["robots"]["top5"]) == (33.33, 0.0)
    assert (got["languages"]["en"]["abstain_precision"], got["languages"]["en"]["abstain_recall"]) == (1.0, 0.5)
    assert got["documented"]["de"]["abstain_f1"] == 0.6667
    assert got["refused"] == {"asked": 25.0, "near_miss": 50.0, "off_topic": 100.0}


def test_figures_where_nothing_was_refused_are_zero():
    got = figures([outcome(query("fade"), LAMP, ranked("fade"))])
    assert (got["top1"], got["abstain_precision"], got["abstain_recall"], got["abstain_f1"]) == (100.0, 0.0, 0.0, 0.0)


def test_a_ranking_that_knows_all_is_perfect_and_one_that_knows_nothing_is_not():
    wanted = {(THINGS[query.thing].id, query.sentence): query.wanted for query in QUERIES}

    async def knows(thing, sentence):
        right = wanted[thing.id, sentence]
        return [(name, 1.0) for name in right], bool(right)

    async def refuses(thing, sentence):
        return [], False

    best, worst = asyncio.run(retrieval.measure(knows)), asyncio.run(retrieval.measure(refuses))
    assert (best["top1"], best["top5"], best["abstain_f1"], best["queries"]) == (100.0, 100.0, 1.0, len(QUERIES))
    assert (worst["top5"], worst["abstain_recall"]) == (0.0, 1.0)
    unserved = sum(not query.wanted for query in QUERIES)
    assert worst["abstain_precision"] == pytest.approx(unserved / len(QUERIES), abs=1e-4)


def test_a_limit_is_spread_over_all_things():
    async def first(thing, sentence):
        return [(thing.affordances[0].name, 1.0)], True

    found = asyncio.run(retrieval.outcomes(first, 36))
    assert len(found) == 36
    assert {one.query.thing for one in found} == set(THINGS)
