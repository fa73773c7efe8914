#!/usr/bin/env python3
"""Packs the reference data of this crate from its source files.

    python3 api/reference/tools/pack.py SOURCE_DIR

SOURCE_DIR holds the files named in ../data/SOURCES.md (wilayah_indonesia.csv,
penduduk_luas_prov_kab.csv, penduduk_kecamatan.csv, penduduk_sp2010_desa.csv,
batas/*.geojson, licences/). Needs Python 3.9 and the `zstd` command (1.5);
another zstd may compress to other bytes, the content is the same.
programs.toml is written by hand and left alone.
"""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

DISTRICTS = ("12.02", "12.74", "21.03", "33.28", "36.71")
DATA = Path(__file__).resolve().parent.parent / "data"


def read(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def compress(name, text):
    out = DATA / f"{name}.zst"
    subprocess.run(["zstd", "-q", "-f", "-19", "--no-check", "-o", str(out)], input=text.encode(), check=True)
    print(f"{out.name}: {len(text.encode()):,} -> {out.stat().st_size:,} bytes")


def areas(source):
    """Lines `code<TAB>kind<TAB>name`, by level and then by code, so that the
    children of any area stand next to each other."""
    rows = read(source / "wilayah_indonesia.csv")
    rows.sort(key=lambda row: (int(row["tingkat"]), row["kode"]))
    for row in rows:
        # The source ends a few names with a space.
        row["nama"] = " ".join(row["nama"].split())
    compress("areas.tsv", "".join(f'{r["kode"]}\t{r["jenis"]}\t{r["nama"]}\n' for r in rows))
    return {row["kode"]: row["nama"] for row in rows}


def population(source, names):
    lines = []
    for row in read(source / "penduduk_luas_prov_kab.csv"):
        if row["kode"] in names and int(row["total"]) > 0:
            lines.append((row["kode"], row["total"], 2024, "dukcapil-2024"))
    for row in read(source / "penduduk_kecamatan.csv"):
        lines.append((row["kode_kec"], row["penduduk_2024_perkiraan"], 2024, "estimate-2024"))
    for row in read(source / "penduduk_sp2010_desa.csv"):
        if row["kode_desa_kini"]:
            lines.append((row["kode_desa_kini"], row["penduduk_2010"], 2010, "census-2010"))
    lines.sort(key=lambda line: line[0])
    assert len({line[0] for line in lines}) == len(lines) and all(line[0] in names for line in lines)
    out = DATA / "population.csv"
    with open(out, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["code", "people", "year", "source"])
        writer.writerows(lines)
    print(f"{out.name}: {len(lines):,} areas")


def wound(ring, counterclockwise):
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:]))
    return ring if (area > 0) == counterclockwise else ring[::-1]


def boundaries(source, names):
    """Lines `code<TAB>Feature`; rings wound as RFC 7946 asks."""
    files = [source / "batas/kab_lima_daerah.geojson", source / "batas/kec_lima_daerah.geojson"]
    files += [source / f"batas/kel_{district}.geojson" for district in DISTRICTS]
    lines = {}
    for path in files:
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            code, geometry = feature["properties"]["kode"], feature["geometry"]
            polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
            polygons = [[wound(ring, i == 0) for i, ring in enumerate(polygon)] for polygon in polygons]
            coordinates = polygons if geometry["type"] == "MultiPolygon" else polygons[0]
            assert code in names and code not in lines, code
            lines[code] = json.dumps(
                {
                    "type": "Feature",
                    "id": code,
                    "properties": {"code": code, "name": names[code]},
                    "geometry": {"type": geometry["type"], "coordinates": coordinates},
                },
                ensure_ascii=False,
                separators=(",", ":"),
            )
    compress("boundaries.tsv", "".join(f"{code}\t{lines[code]}\n" for code in sorted(lines)))


def main():
    source = Path(sys.argv[1])
    names = areas(source)
    population(source, names)
    boundaries(source, names)
    for name in ("cahyadsn-wilayah", "cahyadsn-wilayah_boundaries", "digitalheir-census2010"):
        shutil.copyfile(source / f"licences/{name}.LICENSE", DATA / f"licences/{name}.LICENSE")


if __name__ == "__main__":
    main()
