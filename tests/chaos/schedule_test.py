"""A seed is a schedule: the same one each time, within its bounds, and over some seeds everything is hit."""

import pytest

from schedule import LAST_SECONDS, SORTS, plan

SEEDS = range(200)


def test_the_same_seed_is_the_same_schedule():
    assert plan(7, 300) == plan(7, 300)
    assert plan(7, 300) != plan(8, 300)


@pytest.mark.parametrize("seconds", [60, 120, 300])
def test_all_strikes_begin_and_end_in_time(seconds):
    for seed in SEEDS:
        strikes = plan(seed, seconds)
        assert strikes, seed
        assert [strike.at for strike in strikes] == sorted(strike.at for strike in strikes)
        for strike in strikes:
            assert 0 < strike.at <= seconds - LAST_SECONDS
            assert strike.at + strike.seconds <= seconds
            least, most = SORTS[strike.kind].seconds
            assert least <= strike.seconds <= most and strike.target in SORTS[strike.kind].targets


def test_every_target_of_every_kind_is_hit_by_some_seed():
    hit = {(strike.kind, strike.target) for seed in SEEDS for strike in plan(seed, 300)}
    assert hit == {(kind, target) for kind, sort in SORTS.items() for target in sort.targets}


def test_cuts_go_each_way_and_clocks_go_both_ways():
    details = {(strike.kind, strike.detail[:1] if strike.kind == "skew" else strike.detail) for seed in SEEDS for strike in plan(seed, 300)}
    assert {("cut", "both"), ("cut", "there"), ("cut", "back"), ("skew", "+"), ("skew", "-")} <= details


def test_some_faults_overlap_and_most_do_not():
    gaps = [later.at - (earlier.at + earlier.seconds) for seed in SEEDS for earlier, later in zip(plan(seed, 300), plan(seed, 300)[1:])]
    overlapping = sum(gap < 0 for gap in gaps) / len(gaps)
    assert 0.05 < overlapping < 0.4


def test_a_kind_that_cannot_be_dealt_is_left_out():
    kinds = tuple(kind for kind in SORTS if kind not in ("skew", "node"))
    assert {strike.kind for seed in SEEDS for strike in plan(seed, 300, kinds)} == set(kinds)
