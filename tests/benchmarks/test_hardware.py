"""The hardware metrics of NAS-Bench-201 are those that HW-NAS-Bench has measured of the same cell."""

import numpy as np
import pytest

from siamnas.spaces.benchmark import Benchmark

# Lines of the source as they stand there: a cell as operations on its edges 0->1, 0->2, 0->3, 1->2, 1->3, 2->3, then
# latencies (ms) and energies (mJ) in the order of COLUMNS.
OPERATIONS = ("skip_connect", "none", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3")
COLUMNS = (
    "latency.edgegpu", "energy.edgegpu", "latency.raspi4", "latency.edgetpu", "latency.pixel3", "latency.eyeriss",
    "energy.eyeriss", "arithmetic_intensity.eyeriss", "latency.fpga", "energy.fpga",
)  # fmt: skip
LINES = {
    "nb201_img16": (
        "4,1,4,1,1,2,3.1329727172851562,13.451418361663817,3.843001479981467,-1.0,2.9051,1.5289600000000005,0.311848036,"
        "3.094844580964607,0.8352,5.8464",
        "2,4,0,3,2,4,6.524462699890137,28.14000762462616,9.292851719947066,1.2030774189915974,5.95643,1.9590400000000008,"
        "0.3999754079999999,4.38170280005437,1.4624,10.236799999999999",
    ),
    "nb201_c10": (
        "0,2,0,2,3,3,5.913729667663574,26.48759518146515,42.73914596000395,1.0597867480028071,15.4079,5.120180000000002,"
        "1.0358844445000002,23.094198383042034,4.67856,32.74992",
        "3,4,1,2,2,2,6.468086242675781,29.21850158691406,57.43732752001961,1.373826757997449,22.9755,7.823540000000004,"
        "1.5956717564999998,20.127304633717245,5.83056,40.81392",
    ),
    "nb201_c100": (
        "0,1,4,4,2,0,5.065107345581055,22.950001382827757,24.70650265997392,1.225938347997726,12.9846,6.106240000000002,"
        "1.2159602059999999,10.237035119264384,3.20976,22.468320000000002",
        "2,0,1,0,0,3,4.746127128601074,21.504702019691468,22.519705440063262,0.7146882810047828,7.57059,"
        "3.4028800000000006,0.691562334,22.398416580452775,2.90576,20.34032",
    ),
}


@pytest.mark.parametrize(("name", "line"), [(name, line) for name, lines in LINES.items() for line in lines])
def test_metrics_are_those_of_the_cell(shipped: dict[str, Benchmark], name: str, line: str):
    space, words = shipped[name].space, line.split(",")
    to_1, to_2, to_3, from_1_to_2, from_1_to_3, from_2_to_3 = (OPERATIONS[int(word)] for word in words[:6])
    arch = f"|{to_1}~0|+|{to_2}~0|{from_1_to_2}~1|+|{to_3}~0|{from_1_to_3}~1|{from_2_to_3}~2|"
    (row,) = np.flatnonzero(space.archs == arch)
    expected = [np.nan if word == "-1.0" else float(word) for word in words[6:]]
    np.testing.assert_allclose([space.columns[column][row] for column in COLUMNS], expected, rtol=1e-6)


@pytest.mark.parametrize("name", LINES)
def test_they_are_free(shipped: dict[str, Benchmark], name: str):
    assert set(COLUMNS) <= set(shipped[name].space.columns)
    assert not set(COLUMNS) & set(shipped[name].measured.columns)
