"""A small gazetteer with everything in it: renamings, splits, land only, what is not verified."""

from __future__ import annotations

from pathlib import Path

from pipeline.places.gazetteer import compose
from pipeline.places.tables import COLUMNS, read_layers
from pipeline.places.units import Gazetteer

FILES = {
    "units": """\
hp,province,1887,,a book,yes,
an-hai,district,1966-04-07,2002-12-20,a book,yes,
hai-an,district,2002-12-20,,the act,yes,
le-chan,district,1981,,a book,no,
vinh-niem,commune,[..1946],,a book,yes,
dong-hai,commune,[..1946],2007-04-27,a book,yes,
dong-hai-1,commune,2007-04-27,,the act,yes,
dong-hai-2,commune,2007-04-27,,the act,yes,
an-hai-2025,commune,2025-07-01,,the act,yes,
""",
    "names": """\
hp,Hải Phòng,official,,,,a book,yes
an-hai,An Hải,official,,,,a book,yes
hai-an,Hải An,official,,,,the act,yes
le-chan,Lê Chân,official,,,,a book,yes
vinh-niem,Vĩnh Niệm,official,,,,a book,yes
vinh-niem,Vinh-Niêm,french,,1954,,a map,yes
dong-hai,Hạ Đông,official,,1956~,,a book,yes
dong-hai,Đông Hải,official,1956~,,E3,recalled,no
dong-hai-1,Đông Hải 1,official,,,,the act,yes
dong-hai-2,Đông Hải 2,official,,,,the act,yes
an-hai-2025,An Hải,official,,,,the act,yes
""",
    "types": """\
hp,Thành phố,,,,a book,yes
an-hai,Huyện,,,,a book,yes
hai-an,Quận,,,,the act,yes
le-chan,Khu phố,,1985,,a book,yes
le-chan,Quận,1985,,,a book,yes
vinh-niem,Xã,,2002-12-20,,a book,yes
vinh-niem,Phường,2002-12-20,,E1,the act,yes
dong-hai,Xã,,2002-12-20,,a book,yes
dong-hai,Phường,2002-12-20,,E1,the act,yes
dong-hai-1,Phường,,,,the act,yes
dong-hai-2,Phường,,,,the act,yes
an-hai-2025,Phường,,,,the act,yes
""",
    "parents": """\
an-hai,hp,,,,a book,yes
hai-an,hp,,,,the act,yes
le-chan,hp,,,,a book,yes
vinh-niem,an-hai,,2002-12-20,,a book,yes
vinh-niem,le-chan,2002-12-20,,E1,the act,yes
dong-hai,an-hai,,2002-12-20,,a book,yes
dong-hai,hai-an,2002-12-20,,E1,the act,yes
dong-hai-1,hai-an,,,,the act,yes
dong-hai-2,hai-an,,,,the act,yes
an-hai-2025,hp,,,,the act,yes
""",
    "codes": "vinh-niem,GSO-2004,11407,,,a list\ndong-hai,GSO-2004,11410,2004-08-31,,a list\n",
    "events": """\
E1,split,Nghị định 106/2002/NĐ-CP,2002-12-20,2002-12-20,the act,yes,
E2,split,Nghị định 54/2007/NĐ-CP,2007-04-05,2007-04-27,the act,yes,
E3,rename,,,1956~,recalled,no,
E4,transfer,Nghị quyết 1/NQ,,2010-01-01,recalled,no,
""",
    "links": """\
E1,an-hai,hai-an,part,0.6,
E1,an-hai,le-chan,part,0.4,
E2,dong-hai,dong-hai-1,part,0.7,
E2,dong-hai,dong-hai-2,part,0.3,
E4,vinh-niem,dong-hai-1,land_only,,
""",
}


def write_gazetteer(folder: Path, **changed: str) -> Path:
    """The sample as files of one layer, tables replaced where given."""
    layer = folder / "office"
    layer.mkdir(parents=True, exist_ok=True)
    for table, rows in {**FILES, **changed}.items():
        (layer / f"{table}.csv").write_text(",".join(COLUMNS[table]) + "\n" + rows, "utf-8")
    return folder


def small_gazetteer(folder: Path) -> Gazetteer:
    """The sample, composed."""
    return compose(read_layers(write_gazetteer(folder)))
