"""rdflib reads a host's DCAT catalogue and compares it with the files.

    catalogue.py BASE FOLDER...

FOLDERs are all release folders that answer. The catalogue is parsed with no
other document; every question is SPARQL.
"""

import hashlib
import json
import pathlib
import sys
import urllib.parse
import urllib.request

from rdflib import Graph

PREFIXES = """
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX spdx: <http://spdx.org/rdf/terms#>
"""


def main(base, *folders):
    address = f"{base}/catalog.jsonld"
    with urllib.request.urlopen(address) as answer:
        assert answer.headers["Content-Type"] == "application/ld+json"
        text = answer.read()
    graph = Graph().parse(data=text, format="json-ld", publicID=address)

    def ask(question):
        return [tuple(None if part is None else str(part) for part in row) for row in graph.query(PREFIXES + question)]

    manifests = {}
    for folder in map(pathlib.Path, folders):
        manifest = json.loads((folder / "manifest.json").read_text())
        manifests[manifest["release"]] = manifest

    # Every data file of every release is a distribution, with the manifest's
    # size and digest, in a dataset that is in a series of the catalogue.
    rows = ask("""
        SELECT ?identifier ?series ?version ?url ?bytes ?sum ?algorithm ?media WHERE {
          ?catalog a dcat:Catalog ; dcat:dataset ?dataset , ?series .
          ?series a dcat:DatasetSeries .
          ?dataset a dcat:Dataset ; dct:identifier ?identifier ; dcat:inSeries ?series ;
            dcat:version ?version ; dcat:distribution ?file .
          ?file a dcat:Distribution ; dcat:downloadURL ?url ; dcat:byteSize ?bytes ; dcat:mediaType ?media ;
            spdx:checksum [ spdx:algorithm ?algorithm ; spdx:checksumValue ?sum ] .
        }""")
    told = {}
    for identifier, series, version, url, size, digest, algorithm, media in rows:
        dataset, release = identifier.split("/")
        year, month = release.split("-")[1:3]
        revision = release.split("-r")[1] if "-r" in release else "1"
        assert version == f"{int(year)}.{int(month)}.{revision}", (identifier, version)
        assert series == f"{base}/v1/datasets/{dataset}", series
        assert algorithm.endswith("checksumAlgorithm_sha256"), algorithm
        assert media.startswith("https://www.iana.org/assignments/media-types/"), media
        told[(release, "data/" + urllib.parse.urlsplit(url).path.rsplit("/", 1)[1])] = (int(size), digest, url)
    signed = {
        (release, entry["path"]): (entry["bytes"], entry["sha256"])
        for release, manifest in manifests.items()
        for entry in manifest["files"]
        if entry["path"].startswith("data/")
    }
    assert {key: value[:2] for key, value in told.items()} == signed
    assert len(rows) == len(signed)

    # Of each dataset: licence, publisher, place, time, both languages.
    datasets = ask("""
        SELECT ?identifier ?publisher ?code ?box ?start ?end ?issued ?often WHERE {
          ?dataset a dcat:Dataset ; dct:identifier ?identifier ;
            dct:license <https://creativecommons.org/licenses/by/4.0/> ;
            dct:publisher [ foaf:name ?publisher ] ;
            dct:spatial [ skos:notation ?code ; dcat:bbox ?box ] ;
            dct:temporal [ dcat:startDate ?start ; dcat:endDate ?end ] ;
            dct:issued ?issued ; dct:accrualPeriodicity ?often ;
            dct:title ?id , ?en .
          FILTER (lang(?id) = "id" && lang(?en) = "en" && str(?id) != str(?en))
        }""")
    expected = {f"{path[5:].rsplit('.', 1)[0]}/{release}" for release, path in signed}
    assert {row[0] for row in datasets} == expected, expected ^ {row[0] for row in datasets}
    assert len(datasets) == len(expected)
    for identifier, publisher, code, box, start, end, _, often in datasets:
        dataset, release = identifier.split("/")
        manifest = manifests[release]
        month = manifest["edition_as_of"] if dataset in ("recipients", "atoms") else manifest["period"]
        assert (code, start) == (manifest["district"], f"{month}-01"), identifier
        assert end[:7] == month and end[8:] in ("28", "29", "30", "31"), end
        assert publisher.startswith("Dinas Sosial K"), publisher
        assert box.startswith("POLYGON(("), box
        assert often.endswith("QUARTERLY" if dataset in ("recipients", "atoms") else "MONTHLY"), often

    # Each points to the one before it, and the first of a district to none.
    chains = ask("SELECT ?one ?before WHERE { ?one a dcat:Dataset OPTIONAL { ?one dcat:prev ?before } }")
    alone = [one for one, before in chains if before is None]
    first = {}
    for release in sorted(manifests):
        first.setdefault(release.split("-")[0], release)
    starts = {identifier for identifier in expected if identifier.split("/")[1] in first.values()}
    assert len(alone) == len(starts), (alone, starts)
    known = {one for one, _ in chains}
    assert all(before in known for _, before in chains if before)

    # What it names can be had, and is what it says.
    whole = sorted(manifests)[-1]
    checked = 0
    for (release, path), (size, digest, url) in sorted(told.items()):
        if release != whole:
            request = urllib.request.Request(url, method="HEAD")
            with urllib.request.urlopen(request) as answer:
                assert (answer.status, int(answer.headers["Content-Length"])) == (200, size), url
            continue
        with urllib.request.urlopen(url) as answer:
            data = answer.read()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (size, digest), url
        checked += 1
    print(f"{len(graph)} triples: {len(expected)} datasets, {len(told)} files, {checked} of them read whole")

    # The API says where this is.
    request = urllib.request.Request(f"{base}/.well-known/api-catalog", method="HEAD")
    with urllib.request.urlopen(request) as answer:
        assert 'rel="api-catalog"' in answer.headers["Link"], answer.headers["Link"]
        assert answer.headers["Content-Type"].startswith("application/linkset+json")


if __name__ == "__main__":
    main(*sys.argv[1:])
