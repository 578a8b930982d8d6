import networkx
import numpy as np
import pytest
import shapely

from spatial.errors import InvalidInput
from spatial.network import SPEEDS, attach, build, through_gates, travel_times


def lines(*texts):
    return shapely.from_wkt(np.array(texts, dtype=object))


def town(seed=1, n=7):
    """Crooked streets that cross each other, some a little short of the next."""
    generator = np.random.default_rng(seed)
    found = []
    for k in range(n):
        y, x = 80 * k + generator.normal(0, 5), 80 * k + generator.normal(0, 5)
        found.append(f"LINESTRING(-20 {y}, {40 * n} {y + 9}, {80 * n} {y})")
        found.append(f"LINESTRING({x} -20, {x + 7} {40 * n}, {x} {80 * n - 42})")
    return lines(*found)


def expected(graph, starts, ends, speed):
    """Travel times by networkx on the same graph: places are nodes on split pieces."""
    net = networkx.Graph()
    for edge in range(len(graph.ends)):
        at = sorted([(0.0, ("n", graph.ends[edge, 0])),
                     (graph.lengths[edge], ("n", graph.ends[edge, 1])),
                     *[(access.along[i], (name, i)) for name, access in (("s", starts),
                                                                         ("e", ends))
                       for i in np.flatnonzero(access.edge == edge)]], key=lambda one: one[0])
        for (a, one), (b, other) in zip(at, at[1:], strict=False):
            if not net.has_edge(one, other) or net[one][other]["weight"] > (b - a) / speed:
                net.add_edge(one, other, weight=(b - a) / speed)
    for i in range(len(starts.edge)):
        net.add_edge("source", ("s", i), weight=starts.path[i] / speed)
    found = networkx.single_source_dijkstra_path_length(net, "source")
    return np.array([found[("e", i)] + ends.path[i] / speed for i in range(len(ends.edge))])


@pytest.mark.parametrize("seed", range(3))
def test_travel_times_equal_networkx(seed):
    graph = build(town(seed))
    generator = np.random.default_rng(seed)
    starts = attach(graph, shapely.points(generator.uniform(0, 480, (4, 2))))
    ends = attach(graph, shapely.points(generator.uniform(0, 480, (150, 2))))
    found = travel_times(graph, starts, ends)
    assert np.allclose(found, expected(graph, starts, ends, SPEEDS["walk"]), atol=1e-6)


def test_streets_are_cut_where_they_cross_and_short_ends_are_led_on():
    graph = build(lines("LINESTRING(0 0, 100 0)", "LINESTRING(50 3, 50 80)"))
    assert len(graph.lines) >= 3
    near = attach(graph, shapely.points([[0, 0]]))
    far = attach(graph, shapely.points([[50, 80]]))
    assert travel_times(graph, near, far)[0] == pytest.approx(130 / 1.2, rel=0.001)
    apart = build(lines("LINESTRING(0 0, 100 0)", "LINESTRING(50 9, 50 80)"))
    assert np.isinf(travel_times(apart, attach(apart, shapely.points([[0, 0]])),
                                 attach(apart, shapely.points([[50, 80]]))))[0]


def test_a_neighbour_on_the_same_street_is_not_led_round_the_block():
    graph = build(lines("LINESTRING(0 0, 1000 0)"))
    one = attach(graph, shapely.points([[500, 6]]))
    other = attach(graph, shapely.points([[512, 0]]))
    assert travel_times(graph, one, other)[0] == pytest.approx(18 / 1.2)


def test_a_barrier_closes_what_it_crosses():
    graph = build(lines("LINESTRING(0 0, 100 0)", "LINESTRING(0 0, 0 50, 100 50, 100 0)"))
    one, other = (attach(graph, shapely.points([[x, 0]])) for x in (10, 90))
    assert travel_times(graph, one, other)[0] == pytest.approx(80 / 1.2)
    shut = graph.without(lines("LINESTRING(50 -10, 50 10)"))
    ends = [attach(shut, shapely.points([[x, 50]])) for x in (10, 90)]
    assert travel_times(shut, *ends)[0] == pytest.approx(80 / 1.2)
    assert np.isinf(travel_times(shut, one, other)).all()
    with pytest.raises(InvalidInput, match="closed"):
        attach(shut.without(shut.lines), shapely.points([[0, 0]]))


def test_a_one_way_street_is_driven_one_way():
    ring = lines("LINESTRING(0 0, 100 0)", "LINESTRING(100 0, 100 50, 0 50, 0 0)")
    graph = build(ring, one_way=np.array([True, False]))
    one, other = (attach(graph, shapely.points([[x, 0]])) for x in (20, 80))
    assert travel_times(graph, one, other, speed=1.0)[0] == pytest.approx(60)
    assert travel_times(graph, other, one, speed=1.0)[0] == pytest.approx(20 + 200 + 20)


def test_doors_behind_walls_go_by_an_open_gate():
    graph = build(lines("LINESTRING(0 0, 400 0)", "LINESTRING(0 100, 400 100)",
                        "LINESTRING(0 0, 0 100)"))
    doors = shapely.points([[100, 60], [100, 60]])
    gates = shapely.points([[100, 0], [300, 100]])
    station = attach(graph, shapely.points([[0, 0]]))
    both = through_gates(doors, np.array([5, -1]), gates, np.array([5, 5]), graph)
    times = travel_times(graph, station, both, speed=1.0, path_speed=1.0)
    assert times.tolist() == pytest.approx([160, 240])
    night = through_gates(doors, np.array([5, -1]), gates, np.array([5, 5]), graph,
                          open_gates=np.array([False, True]))
    far = 400 + np.hypot(200, 40)
    assert travel_times(graph, station, night, speed=1.0, path_speed=1.0)[0] == pytest.approx(far)
    shut = through_gates(doors, np.array([5, -1]), gates, np.array([5, 5]), graph,
                         open_gates=np.zeros(2, bool))
    assert np.isinf(travel_times(graph, station, shut)).tolist() == [True, False]


def test_without_streets_or_with_no_speed_there_is_no_answer():
    with pytest.raises(InvalidInput, match="import streets"):
        build(lines("POINT(0 0)"))
    graph = build(lines("LINESTRING(0 0, 10 0)"))
    one = attach(graph, shapely.points([[1, 0]]))
    with pytest.raises(InvalidInput, match="Speeds"):
        travel_times(graph, one, one, speed=0)
