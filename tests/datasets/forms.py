#!/usr/bin/env python3
"""Opens every form of a released folder with the tools that people have.

    forms.py RELEASE_DIR... [--libreoffice]

Each dataset's CSV is read with Python's own csv module. DuckDB, pandas and
pyarrow then open CSV, NDJSON, Parquet and the workbook and must find the same
rows with the right types: codes and months as text, figures as whole numbers,
empty as null. With --libreoffice, LibreOffice turns every workbook into CSV,
which must say the same. Prints a line a dataset; exits 1 when something differs.
"""

import csv
import json
import math
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import duckdb
import pandas
import pyarrow
import pyarrow.parquet

# Columns that count. All others are text, even where they are digits.
NUMBERS = {"atom", "count", "inhabitants", "value", "value_before"}
# Counted, but named so in the workbook as everywhere: the same columns.
SHEET_OF_RECIPIENTS = "atoms"


def rows_of(path):
    """Header and rows of a CSV: text, whole numbers, None for nothing."""
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.reader(file, strict=True)
        header = next(reader)
        return header, [tuple(value(name, text) for name, text in zip(header, line, strict=True)) for line in reader]


def value(name, text):
    if text == "":
        return None
    return int(text) if name in NUMBERS else text


def plain(value):
    """A value of a library as a plain one."""
    if value is None or value is pandas.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.item() if hasattr(value, "item") else value


def frame_rows(frame):
    return [tuple(plain(value) for value in row) for row in frame.itertuples(index=False, name=None)]


class Wrong(Exception):
    pass


def same(where, found, expected, ordered=True):
    if not ordered:
        if Counter(found) == Counter(expected):
            return
        raise Wrong(f"{where}: other rows than the CSV's")
    if found != expected:
        at = next((n for n, (f, e) in enumerate(zip(found, expected)) if f != e), min(len(found), len(expected)))
        said = found[at] if at < len(found) else "nothing"
        asked = expected[at] if at < len(expected) else "nothing"
        raise Wrong(f"{where}: row {at + 1} is {said}, the CSV has {asked} ({len(found)} and {len(expected)} rows)")


def types(where, found, header, number, text):
    wrong = [f"{name} is {kind}" for name, kind in zip(header, found, strict=True) if kind not in (number if name in NUMBERS else text)]
    if wrong:
        raise Wrong(f"{where}: {', '.join(wrong)}")


def parquet(path, header, rows, by_area):
    table = pyarrow.parquet.read_table(path)
    kinds = [str(kind) for kind in table.schema.types]
    if table.schema.names != header:
        raise Wrong(f"{path.name}: columns are {table.schema.names}")
    types(f"{path.name} in pyarrow", kinds, header, {"int64"}, {"string"})
    found = [tuple(row) for row in zip(*(column.to_pylist() for column in table.columns))] if table.num_rows else []
    same(f"{path.name} in pyarrow", found, rows, ordered=not by_area)

    for backend, number, text in (("numpy_nullable", {"Int64"}, {"string"}), ("pyarrow", {"int64[pyarrow]"}, {"string[pyarrow]", "string"})):
        frame = pandas.read_parquet(path, dtype_backend=backend)
        types(f"{path.name} in pandas ({backend})", [str(kind) for kind in frame.dtypes], header, number, text)
        same(f"{path.name} in pandas ({backend})", frame_rows(frame), rows, ordered=not by_area)
    # Without being told anything: whole numbers where none is missing.
    frame = pandas.read_parquet(path)
    types(f"{path.name} in pandas", [str(kind) for kind in frame.dtypes], header, {"int64", "float64"}, {"object"})

    described = duckdb.sql(f"describe from read_parquet('{path}')").fetchall()
    types(f"{path.name} in DuckDB", [kind for _, kind, *_ in described], header, {"BIGINT"}, {"VARCHAR"})
    same(f"{path.name} in DuckDB", duckdb.sql(f"from read_parquet('{path}')").fetchall(), rows, ordered=not by_area)
    return groups(path, header)


def groups(path, header):
    """Checks what each row group says of its areas; gives how many there are."""
    file = pyarrow.parquet.ParquetFile(path)
    metadata = file.metadata
    if metadata.metadata or file.schema_arrow.metadata:
        raise Wrong(f"{path.name}: carries metadata {metadata.metadata}")
    if "area" not in header:
        return metadata.num_row_groups
    at, last = header.index("area"), ""
    for group in range(metadata.num_row_groups):
        column = metadata.row_group(group).column(at)
        if column.compression != "ZSTD":
            raise Wrong(f"{path.name}: packed with {column.compression}")
        said = column.statistics
        if said is None or not said.has_min_max:
            raise Wrong(f"{path.name}: row group {group} does not say which areas it holds")
        held = file.read_row_group(group, columns=["area"])["area"].to_pylist()
        if (said.min, said.max) != (min(held), max(held)):
            raise Wrong(f"{path.name}: row group {group} says {said.min} to {said.max}, and holds {min(held)} to {max(held)}")
        if path.stem in ("recipients", "atoms"):
            if said.min < last:
                raise Wrong(f"{path.name}: row groups are not in the order of areas")
            last = said.max
    return metadata.num_row_groups


def lines(path, header, rows):
    with open(path, encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    if any(list(line) != header for line in found):
        raise Wrong(f"{path.name}: other fields than {header}")
    same(path.name, [tuple(line.values()) for line in found], rows)
    if not rows:
        return
    described = duckdb.sql(f"describe from read_ndjson('{path}', sample_size=-1)").fetchall()
    # A column that is empty from end to end has no kind of its own.
    empty = [all(row[at] is None for row in rows) for at in range(len(header))]
    kinds = ["VARCHAR" if none and name not in NUMBERS else "BIGINT" if none else kind for (_, kind, *_), name, none in zip(described, header, empty, strict=True)]
    types(f"{path.name} in DuckDB", kinds, header, {"BIGINT"}, {"VARCHAR"})
    same(f"{path.name} in DuckDB", duckdb.sql(f"from read_ndjson('{path}', sample_size=-1)").fetchall(), rows)
    frame = pandas.read_json(path, lines=True, dtype=False, convert_dates=False)
    same(f"{path.name} in pandas", frame_rows(frame), rows)


def texts(path, header, rows):
    """The CSV itself, as DuckDB and pandas see it when told which columns are text."""
    kinds = {name: "BIGINT" if name in NUMBERS else "VARCHAR" for name in header}
    columns = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in kinds.items()) + "}"
    found = duckdb.sql(f"from read_csv('{path}', header=true, columns={columns}, nullstr='')").fetchall()
    same(f"{path.name} in DuckDB", found, rows)
    frame = pandas.read_csv(path, dtype={name: "Int64" if name in NUMBERS else "string" for name in header}, keep_default_na=False, na_values=[""])
    same(f"{path.name} in pandas", frame_rows(frame), rows)


def workbook(path, header, rows):
    book = pandas.read_excel(path, sheet_name=None, dtype=object, keep_default_na=False, na_values=[""])
    names = list(book)
    if names[-1] != "Catatan" or names[:-1] != ["Data"] + [f"Data {n}" for n in range(2, len(names))]:
        raise Wrong(f"{path.name}: sheets are {names}")
    found = [row for name in names[:-1] for row in frame_rows(book[name])]
    same(f"{path.name} in pandas", found, rows)
    # Text that looks like a number is still text, and a number is one.
    for at, name in enumerate(header):
        kinds = {type(row[at]) for row in found} - {type(None)}
        if kinds - {int if name in NUMBERS else str}:
            raise Wrong(f"{path.name}: {name} holds {kinds}")


def office(folder, books):
    """Every workbook as LibreOffice reads it: figures as they are, not as shown."""
    with tempfile.TemporaryDirectory() as out:
        csv_form = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false"
        command = ["soffice", f"-env:UserInstallation=file://{out}/profile", "--headless", "--norestore", "--convert-to", csv_form, "--outdir", out]
        subprocess.run([*command, *[str(path) for path, _ in books]], check=True, capture_output=True, timeout=300)
        for path, rows in books:
            _, found = rows_of_office(Path(out) / f"{path.stem}.csv", rows[0])
            same(f"{path.name} in LibreOffice", found, rows[1])


def rows_of_office(path, header):
    with open(path, newline="", encoding="utf-8") as file:
        found = list(csv.reader(file))
    return found[0], [tuple(value(name, text) for name, text in zip(header, line, strict=True)) for line in found[1:]]


def boundaries(path):
    with open(path, encoding="utf-8") as file:
        whole = json.load(file)
    if whole["type"] != "FeatureCollection" or "crs" in whole:
        raise Wrong(f"{path.name}: no FeatureCollection of RFC 7946")
    for feature in whole["features"]:
        geometry = feature["geometry"]
        polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        for polygon in polygons:
            for at, ring in enumerate(polygon):
                turned = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:]))
                if ring[0] != ring[-1] or (turned > 0) != (at == 0):
                    raise Wrong(f"{path.name}: a ring of {feature['id']} runs the wrong way round or is open")
    return len(whole["features"])


def check(folder, with_office):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    entries = {entry["path"]: entry for entry in manifest["files"]}
    tables = {path.stem: rows_of(path) for path in sorted((folder / "data").glob("*.csv"))}
    books, wrong = [], []
    for name, (header, rows) in tables.items():
        # Not all have a workbook, and that of recipients has a line an atom.
        sheet = tables[SHEET_OF_RECIPIENTS] if name == "recipients" else (header, rows)
        said = []
        for path in sorted((folder / "data").glob(f"{name}.*")):
            try:
                form = path.suffix[1:]
                expected = sheet[1] if form == "xlsx" else rows
                if entries[f"data/{path.name}"]["rows"] != len(expected):
                    raise Wrong(f"{path.name}: the manifest names another number of rows")
                if form == "parquet":
                    count = parquet(path, header, rows, name in ("recipients", "atoms"))
                    form += f" ({count} row group{'s' if count != 1 else ''})"
                elif form == "ndjson":
                    lines(path, header, rows)
                elif form == "xlsx":
                    workbook(path, *sheet)
                    books.append((path, sheet))
                else:
                    texts(path, header, rows)
                said.append(form)
            except (Wrong, ValueError, KeyError) as error:
                wrong.append(str(error))
        print(f"{folder.name} {name}: {len(rows)} rows the same in {', '.join(said)}")
    try:
        count = boundaries(folder / "data/boundaries.geojson")
        print(f"{folder.name} boundaries: {count} features")
        if with_office:
            office(folder, books)
            print(f"{folder.name}: {len(books)} workbooks the same in LibreOffice")
    except (Wrong, ValueError, KeyError) as error:
        wrong.append(str(error))
    return wrong


def main():
    folders = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("--")]
    if not folders:
        sys.exit(__doc__)
    wrong = [f"{folder.name}: {what}" for folder in folders for what in check(folder, "--libreoffice" in sys.argv)]
    print("\n".join(wrong) if wrong else f"{len(folders)} release(s): every form opens and says the same")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
