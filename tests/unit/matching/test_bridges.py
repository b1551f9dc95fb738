from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from models.matching.bridges import Link, bridges, weak_bridges

LINKS = st.lists(st.sampled_from(list(combinations("abcdefg", 2))), unique=True, max_size=12)


def parts(links: list[Link]) -> int:
    groups = {record: {record} for link in links for record in link}
    for low, high in links:
        if groups[low] is not groups[high]:
            groups[low] |= groups[high]
            for record in groups[high]:
                groups[record] = groups[low]
    return len({id(group) for group in groups.values()})


def test_the_one_link_between_two_triangles_is_a_bridge() -> None:
    links = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "x"), ("x", "y"), ("y", "z"), ("x", "z")]
    assert bridges(links) == [(("c", "x"), 3)]


def test_the_weakest_bridge_comes_first_and_strong_ones_are_left_out() -> None:
    chain = {("a", "b"): 0.96, ("b", "c"): 0.95, ("c", "d"): 0.999}
    assert weak_bridges(chain, 0.99) == [("b", "c"), ("a", "b")]
    assert weak_bridges({**chain, ("a", "c"): 0.999}, 0.99) == []


@given(LINKS)
def test_a_link_is_a_bridge_exactly_where_taking_it_out_makes_more_parts(links: list[Link]) -> None:
    found = {link for link, _ in bridges(links)}
    whole = parts(links)
    alone = {record: sum(record in link for link in links) for link in links for record in link}
    for link in links:
        rest = [other for other in links if other != link]
        lonely = sum(alone[record] == 1 for record in link)
        assert (link in found) == (parts(rest) + lonely > whole)
