// fake-api.mjs [--port N] [--data DIR | --country N] [--version N] [--spoil WHAT]
//
// A small stand-in for the API: the same addresses and shapes, with made-up
// figures that add up, so that the exporter can be tried and tested alone.
// Without --data it knows two small districts with square areas; with it, the
// areas and boundaries of the CSV and GeoJSON files there; with --country, N
// districts in four provinces, without boundaries. --spoil makes one
// thing wrong on purpose. The first line printed is the address.
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const VERSION = Number(option("version", 12));
const SPOIL = option("spoil", "");
const DATA = option("data");
const COUNTRY = Number(option("country", 0));
// A district whose newest release was admitted at another time.
const RENEWED = option("release", "");
const MONTHS = ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06"];
const LAST = MONTHS.at(-1);
const PROGRAMS = [
  ["BLT_DD", "BLT Dana Desa", "Village Fund cash aid", "family", false, "monthly", 300000],
  ["PBI_JK", "PBI Jaminan Kesehatan", "Health insurance premium aid", "person", false, "monthly", 42000],
  ["PERMAKANAN", "Permakanan", "Meals for older people living alone", "person", true, "monthly", null],
  ["PKH", "Program Keluarga Harapan", "Family Hope Programme", "family", false, "quarterly", null],
  ["SEMBAKO", "Program Sembako (BPNT)", "Basic food programme", "family", false, "quarterly", 600000],
  ["YAPI", "Bantuan Yatim Piatu (ATENSI YAPI)", "Aid for orphans", "person", true, "monthly", 200000],
];

// Areas: code -> {code, name, kind}, in the order of the codes.
const areas = new Map();
const boundaries = new Map();
const add = (code, name, kind) => areas.set(code, { code, name, kind });
const square = (x, y, size) => [[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]];
let districts = ["21.03", "36.71"];
if (DATA) {
  districts = ["12.02", "12.74", "21.03", "33.28", "36.71"];
  for (const line of fs.readFileSync(path.join(DATA, "wilayah_indonesia.csv"), "utf8").split("\n").slice(1)) {
    const [code, , , kind, name] = line.trim().split(",");
    if (code && (code.length === 2 || districts.some((d) => code.startsWith(d)))) add(code, name, kind);
  }
  for (const file of ["kab_lima_daerah", "kec_lima_daerah"]) {
    const text = fs.readFileSync(path.join(DATA, "batas", `${file}.geojson`), "utf8");
    for (const f of JSON.parse(text).features) boundaries.set(String(f.id ?? f.properties.kode ?? f.properties.kode_kec), f.geometry);
  }
} else if (COUNTRY) {
  // Provinces 11 to 14, an equal number of districts in each; three kecamatan of three desa.
  districts = [];
  for (let p = 1; p <= 4; p++) {
    add(`1${p}`, `Provinsi ${p}`, "provinsi");
    for (let d = 1; d <= COUNTRY / 4; d++) {
      const code = `1${p}.${String(d).padStart(2, "0")}`, name = `Kabupaten ${p}${d}`;
      districts.push(code);
      add(code, name, "kabupaten");
      for (let k = 1; k <= 3; k++) {
        add(`${code}.0${k}`, `Kecamatan ${k} ${name}`, "kecamatan");
        for (let v = 1; v <= 3; v++) add(`${code}.0${k}.200${v}`, `Desa ${v}`, "desa");
      }
    }
  }
} else {
  for (const [code, name] of [["21", "Kepulauan Riau"], ["36", "Banten"]]) add(code, name, "provinsi");
  add("21.03", "Kabupaten Natuna", "kabupaten");
  add("36.71", "Kota Tangerang", "kota");
  const kecamatan = { "36.71": ["Tangerang", "Jatiuwung", "Batuceper", "Ciledug"], "21.03": ["Midai", "Bunguran Barat", "Pulau Laut", "Serasan"] };
  for (const [district, names] of Object.entries(kecamatan)) {
    names.forEach((name, i) => {
      const code = `${district}.0${i + 1}`;
      add(code, name, "kecamatan");
      boundaries.set(code, { type: "Polygon", coordinates: square(106 + (i % 2) * 0.1, -6 + Math.floor(i / 2) * 0.1, i === 3 ? 0.002 : 0.1) });
      for (let k = 1; k <= 2 + i; k++) add(`${code}.100${k}`, `${name} ${["Utara", "Selatan", "Barat", "Timur", "Jaya"][k - 1]}`, district === "36.71" ? "kelurahan" : "desa");
    });
    boundaries.set(district, { type: "Polygon", coordinates: square(106, -6, 0.2) });
  }
}
const level = (code) => ({ 2: "provinsi", 5: "kabupaten", 8: "kecamatan", 13: "kelurahan" })[code.length];
const parent = (code) => (code.length === 2 ? null : code.slice(0, code.length === 13 ? 8 : code.length - 3));
const children = (code) => [...areas.values()].filter((a) => parent(a.code) === code);
const inside = (code, of) => code === of || code.startsWith(`${of}.`);

const population = (code) => (code.length < 13 ? { people: code.length === 2 ? 9e6 : 8000 * Math.max(1, [...areas.keys()].filter((k) => k.length === 13 && inside(k, code)).length), year: 2024, source: { id: "Dukcapil 2024", en: "Dukcapil 2024" }, estimate: code.length === 8 } : null);
// Figures: a hash of the area and program, so that every run gives the same.
const hash = (text) => [...text].reduce((h, c) => Math.imul(h ^ c.charCodeAt(0), 16777619) >>> 0, 2166136261);
const leaf = (code, program, month) => {
  const size = { BLT_DD: 40, PBI_JK: 900, PERMAKANAN: 2, PKH: 120, SEMBAKO: 260, YAPI: 9 }[program];
  if (program === "BLT_DD" && areas.get(code).kind === "kelurahan") return 0;
  // Of a country all are large enough that no part of them falls below zero.
  return (COUNTRY ? size : hash(`${code}${program}`) % (size + 1)) + (hash(`${code}${program}${month}`) % 4);
};
const release = (district, month = LAST) => `${district}-${month}`;
const tables = { totals: [], payments: [], flows: [], plan: [], coverage: [], demographics: [], overlaps: [], verification: [], freshness: [], findings: [], deciles: [], targeting: [], reports: [] };
for (const district of districts) {
  for (const [program, , , , sensitive, frequency, fixed] of PROGRAMS) {
    MONTHS.forEach((period, m) => {
      const put = (table, area, measure, value, status = value === null ? "missing" : "observed", group = null) =>
        tables[table].push({ area, program, period, measure, category: null, value, status, group, release: release(district, period), as_of: period });
      const units = (code) => [...areas.keys()].filter((k) => k.length === 13 && inside(k, code)).reduce((n, k) => n + leaf(k, program, period), 0);
      const kecamatan = children(district).map((a) => a.code);
      const small = sensitive && program === "YAPI" ? kecamatan.slice(0, 2) : [];
      for (const code of [...areas.keys()].filter((c) => inside(c, district))) {
        if (sensitive && code.length === 13) continue;
        if (program === "PERMAKANAN") put("totals", code, "units", null, "withheld");
        else if (small.includes(code)) put("totals", code, "units", null, "grouped", small.join("~"));
        else put("totals", code, "units", units(code));
        const paying = frequency === "monthly" || (m + 1) % 3 === 0;
        if (code.length < 13) {
          const due = sensitive ? null : paying ? units(code) : 0;
          const paid = due === null ? null : due - (hash(`${code}unpaid`) % 9 > due ? 0 : Math.min(due, hash(`${code}unpaid`) % 9));
          for (const [measure, value] of [["due", due], ["paid", paid], ["failed", due === null ? null : due - paid], ["returned", sensitive ? null : 0]]) {
            put("payments", code, measure, value);
            put("payments", code, `${measure}_rupiah`, value === null || fixed === null ? null : value * fixed);
          }
        }
        // Kelurahan know what was due and paid; BLT stands for those who tell nothing.
        if (code.length === 13 && !sensitive && program !== "BLT_DD") {
          put("payments", code, "due", paying ? units(code) : 0);
          put("payments", code, "paid", paying ? units(code) - (units(code) > 4 ? 1 : 0) : 0);
        }
        put("flows", code, "entered", sensitive || m === 0 ? null : hash(`${code}${period}`) % 40);
        put("flows", code, "left", sensitive || m === 0 ? null : hash(`${period}${code}`) % 40);
      }
      // The other tables, of the leading programs; what is sensitive is taken in April.
      const cell = (table, area, measure, category, value, as_of = period, group = null) =>
        tables[table].push({ area, program, period, measure, category, value, status: group ? "grouped" : value === null ? "missing" : "observed", group, release: release(district, as_of), as_of });
      const people = (code) => population(code).people;
      if (!sensitive && program !== "BLT_DD") {
        const taken = period < "2025-04" ? period : "2025-04";
        for (const code of [district, ...kecamatan]) {
          const n = units(code);
          cell("plan", code, "planned_units", null, n + 5);
          if (fixed !== null) cell("plan", code, "planned_rupiah", null, (n + 5) * fixed);
          cell("coverage", code, "inhabitants", "dukcapil-2024", people(code));
          cell("coverage", code, "units_per_10000_inhabitants", "dukcapil-2024", Math.floor((n * 10000) / people(code)));
          cell("coverage", code, "poor_households", "plan", 4000);
          cell("coverage", code, "units_per_10000_poor_households", "plan", Math.floor((n * 10000) / 4000));
          cell("demographics", code, "sex", "F", n - 40, taken);
          cell("demographics", code, "sex", "*", 40, taken);
          cell("demographics", code, "age_band", "60+", 30, taken);
          cell("demographics", code, "age_band", "*", n - 30, taken);
          cell("demographics", code, "family_size", "*", n, taken);
          const other = program === "PKH" ? "SEMBAKO" : program === "SEMBAKO" ? "PKH" : null;
          if (other) {
            cell("overlaps", code, "both", other, 60, taken);
            cell("overlaps", code, "only", other, n - 60, taken);
          }
        }
        // The first two kecamatan show their verification together.
        const pool = kecamatan.slice(0, 2);
        const groups = [[district], pool, ...kecamatan.slice(2).map((code) => [code])];
        for (const group of groups) {
          const n = group.reduce((sum, code) => sum + units(code), 0);
          const label = group.join("~");
          for (const [category, value] of [["valid", n - 70], ["unchecked", 50], ["deceased~duplicate~ineligible~invalid~moved~no_card~not_found~other_name~refused", 20]]) cell("verification", label, "units", category, value, taken);
        }
        for (const code of pool) cell("verification", code, "units", null, null, taken, pool.join("~"));
        for (const group of groups) {
          const n = group.reduce((sum, code) => sum + units(code), 0);
          const label = group.join("~");
          for (const [category, value] of [["0-3~4-6", n - 70], ["7-12", 20], ["13-24~25+~never", 50]]) cell("freshness", label, "units", category, value, taken);
          for (const [category, value] of [["none", n - 40], ["deceased", 20], ["earner~moved~public_servant", 20]]) cell("findings", label, "units", category, value, taken);
        }
        for (const table of ["freshness", "findings"]) for (const code of pool) cell(table, code, "units", null, null, taken, pool.join("~"));
        // Why they left, of the kecamatan and the kabupaten: all in one class but a few.
        for (const code of [district, ...kecamatan.slice(2)]) {
          const left = tables.flows.find((c) => c.area === code && c.program === program && c.period === period && c.measure === "left").value;
          if (left >= 22) for (const [category, value] of [["died", 11], ["duplicate~graduated~ineligible~moved~refused~unknown", left - 11]]) cell("flows", code, "left", category, value);
        }
      } else for (const table of ["verification", "freshness", "findings"]) cell(table, district, "units", null, null);
      if (SPOIL === "sums" && program === "PKH") for (const cell of tables.totals) if (cell.area === district && cell.program === program && cell.period === period) cell.value += 1;
      if (small.length) put("totals", small.join("~"), "units", small.reduce((n, c) => n + units(c), 0));
    });
  }
  // Figures of no one program.
  MONTHS.forEach((period) => {
    const kecamatan = children(district).map((a) => a.code);
    const all = (table, area, measure, category, value) =>
      tables[table].push({ area, program: "SEMUA", period, measure, category, value, status: "observed", group: null, release: release(district, period), as_of: period });
    for (const code of [district, ...kecamatan]) {
      const n = code === district ? kecamatan.length : 1;
      all("findings", code, "records", "duplicate_nik", 2 * n);
      for (const [category, families, receiving] of [["1", 60, 40], ["2~3~4", 150, 90], ["5", 40, null], ["10~6~7~8~9", 90, 12], ["unknown", 30, null]]) {
        all("deciles", code, "families", category, families * n);
        if (receiving === null) continue;
        all("targeting", code, "any_program", category, receiving * n);
        all("targeting", code, "no_program", category, (families - receiving) * n);
      }
      all("reports", code, "received", "pungutan", 60 * n);
      all("reports", code, "answered", "pungutan", 40 * n);
      all("reports", code, "upheld", "pungutan", 20 * n);
      all("reports", code, "received", "belum_terdaftar~fiktif~ganda~jumlah_kurang~kartu~kualitas_buruk~lainnya~penyelewengan~tidak_dibagikan~tidak_layak~tidak_menerima", 30 * n);
    }
    all("findings", district, "records", "invalid_nik", 5);
  });
}

// Atoms of the last month: a kelurahan with under 11 is pooled with its first sibling.
const atoms = new Map();
for (const district of districts) {
  const lines = [];
  const put = (program, area, sex, age_band, family_size, count) => lines.push({ edition: "2025Q2", program, atom: lines.length + 1, area, sex, age_band, family_size, count });
  for (const program of ["PBI_JK", "PKH", "SEMBAKO"])
    for (const kecamatan of children(district)) {
      const inside = children(kecamatan.code).map((a) => [a.code, leaf(a.code, program, LAST)]);
      const small = inside.filter(([, n]) => n < 22).map(([code]) => code);
      const pool = small.length ? [...new Set([...small, inside.find(([code]) => !small.includes(code))?.[0] ?? inside[0][0]])].sort() : [];
      for (const [code, n] of inside) if (!pool.includes(code)) put(program, code, "F", "40-49", "3-4", 11), put(program, code, "F", "18-59", "*", n - 11);
      if (pool.length) put(program, pool.join("~"), "*", "*", "*", inside.reduce((sum, [code, n]) => sum + (pool.includes(code) ? n : 0), 0));
    }
  atoms.set(district, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}
const sha256 = (text) => crypto.createHash("sha256").update(text).digest("hex");

const cite = (code) => (({ code, name, kind }) => ({ code, name, kind }))(areas.get(code));
const area = (code) => ({ ...areas.get(code), level: level(code), parent: parent(code), population: population(code), publishes: districts.some((d) => inside(code, d)) });
const words = (id, en) => ({ id, en });
const programs = PROGRAMS.map(([code, id, en, unit, sensitive, frequency, fixed]) => ({
  code, name: words(id, en), unit, sensitive, frequency, fixed_amount: fixed, legal_basis: "Permensos 1/2018",
  amounts: fixed ? [{ component: null, rupiah: fixed, kg: null, per: "quarter", per_year: fixed * 4, source_status: "terverifikasi" }] : [{ component: "sd", rupiah: 225000, kg: null, per: "quarter", per_year: 900000, source_status: "terverifikasi" }],
  entitled: words("Keluarga miskin yang terdata di DTKS.", "Poor families in the national register."),
  how_to_apply: words("Datang ke kantor desa atau kelurahan. Bawa KTP dan KK.", "Go to the village office. Bring your ID and family card."),
  how_to_object: words("Sampaikan sanggahan lewat Cek Bansos.", "Object through Cek Bansos."),
}));
const sha = (text) => [...Array(8).keys()].map((i) => hash(text + i).toString(16).padStart(8, "0")).join("");
const releases = districts.flatMap((d) => MONTHS.map((period) => ({ release: release(d, period), district: d, district_name: areas.get(d).name, period, revision: 1, edition: `2025Q${period > "2025-03" ? 2 : 1}`, edition_as_of: period > "2025-03" ? "2025-04" : "2025-01", admitted_at: d === RENEWED ? "2025-07-02T09:00:00Z" : "2025-07-02T03:04:05Z", expected_on: "2025-07-30", published_on: "2025-07-02", days_late: d === "36.71" ? 0 : 12, version: 12, status: "current", simulated: true, reason: null, correction: d === "36.71" && period === LAST ? { of: release(d, "2025-05"), reason: { code: "late-data", name: words("data terlambat masuk", "data of the month came late") } } : null }))).reverse();
// One month of Kota Tangerang was issued again, one of Natuna withdrawn.
const FIRST = "36.71-2025-03", AGAIN = `${FIRST}-r2`, GONE = "21.03-2025-02";
if (!COUNTRY) {
  const replaced = releases.find((r) => r.release === FIRST);
  releases.unshift({ ...replaced, release: AGAIN, revision: 2, correction: { of: FIRST, reason: { code: "late-data", name: words("data terlambat masuk", "data of the month came late") } } });
  Object.assign(replaced, { status: "superseded", superseded_by: AGAIN });
  Object.assign(releases.find((r) => r.release === GONE), { status: "withdrawn", reason: "salah unggah" });
}
const NAMES = ["recipients", "atoms", ...Object.keys(tables)];
const datasets = NAMES.map((dataset) => ({ dataset, title: words(dataset, dataset), distributions: releases.map((r) => ({ release: r.release, area: r.district, format: "csv", url: `/v1/datasets/${dataset}/${r.release}/${dataset}.csv`, bytes: hash(r.release + dataset) % 9e6, rows: hash(dataset + r.release) % 9e4, sha256: sha(dataset + r.release) })) }));
datasets.find((d) => d.dataset === "atoms").distributions.push(...districts.map((d) => ({ release: release(d), area: d, format: "ndjson", url: `/v1/datasets/atoms/${release(d)}/atoms.ndjson`, bytes: atoms.get(d).length, rows: 9, sha256: SPOIL === "file" ? sha("other") : sha256(atoms.get(d)) })));
// One office gives the tables of its newest month as files too; of the others they are asked for.
const files = new Map();
if (!COUNTRY)
  for (const table of Object.keys(tables)) {
    const of = release("36.71"), url = `/v1/datasets/${table}/${of}/${table}.ndjson`;
    const text = tables[table].filter((c) => c.period === LAST && c.area.startsWith("36.71")).map((c) => `${JSON.stringify({ ...c, release: of })}\n`).join("");
    files.set(url, text);
    datasets.find((d) => d.dataset === table).distributions.push({ release: of, area: "36.71", format: "ndjson", url, bytes: text.length, rows: 9, sha256: SPOIL === `file-${table}` ? sha("other") : sha256(text) });
  }

const told = (dataset, field, type, measure = null) => ({ dataset, field, measure, type, optional: false, title: words(field, field), concept: words("konsep", "concept"), definition: words(`Arti ${field}.`, `What ${field} means.`), classification: words("-", "-"), quantity: words("jumlah", "count"), unit: words("keluarga", "families"), source: words("kantor", "office"), pattern: null, codes: field === "status" ? [{ code: "observed", name: words("Dihitung", "Counted") }] : [] });
const dictionary = NAMES.flatMap((name) => [told(name, "area", "code"), told(name, "period", "month"), ...(tables[name] ? [told(name, "status", "code"), told(name, "value", "count"), told(name, "value", "count", "units")] : [])]);

function answer(url) {
  const q = url.searchParams;
  const list = (data) => {
    const limit = Number(q.get("limit") ?? 100), from = Number(q.get("cursor") ?? 0), next = new URL(url);
    next.searchParams.set("cursor", from + limit);
    return { version: VERSION, simulated: true, total: data.length, data: data.slice(from, from + limit), next: from + limit < data.length ? next.pathname + next.search : null };
  };
  const parts = url.pathname.split("/").slice(2);
  if (url.pathname === "/v1")
    return { name: "Bansos Terbuka", version: VERSION, simulated: true, links: {}, license: { name: "CC BY 4.0", url: "https://creativecommons.org/licenses/by/4.0/" }, limits: { list: { q: 300, w: 60 } }, districts: districts.map((d) => ({ code: d, name: areas.get(d).name, release: release(d), period: LAST, edition: "2025Q2", admitted_at: "2025-07-02T03:04:05Z", next: { period: "2025-07", expected_on: "2025-08-30" } })) };
  if (parts[0] === "areas" && parts[2] === "boundary") {
    const feature = (code) => ({ type: "Feature", id: code, properties: { code }, geometry: boundaries.get(code) });
    const wanted = q.get("level") ? [...boundaries.keys()].filter((code) => inside(code, parts[1]) && level(code) === q.get("level")) : undefined;
    if (wanted) return wanted.length ? { type: "FeatureCollection", features: wanted.map(feature) } : undefined;
    return boundaries.has(parts[1]) ? feature(parts[1]) : undefined;
  }
  if (parts[0] === "areas" && parts[1]) return areas.has(parts[1]) ? { ...area(parts[1]), parents: [parts[1].slice(0, 2), parts[1].slice(0, 5), parts[1].slice(0, 8)].filter((c) => c.length < parts[1].length).map(cite), children: children(parts[1]).map((a) => ({ ...a, population: population(a.code) })), headline: [] } : undefined;
  if (parts[0] === "areas") {
    // With a level, all areas of that level inside the parent; else its children.
    const within = (c) => !q.get("parent") || (q.get("level") ? c !== q.get("parent") && inside(c, q.get("parent")) : parent(c) === q.get("parent"));
    return list([...areas.keys()].filter((c) => (!q.get("level") || level(c) === q.get("level")) && within(c)).map(area));
  }
  if (parts[0] === "dictionary") return list(dictionary);
  if (parts[0] === "programs") return list(programs);
  if (parts[0] === "datasets" && parts[1] === "release" && parts[3] === "risk-report.json") return risk;
  if (parts[0] === "statistics" && !parts[1]) return list(described);
  if (parts[0] === "releases.atom") return FEED;
  if (parts[0] === "releases" && parts[2] === "changes") return { version: VERSION, simulated: true, before: parts[1], after: parts[3], correction: null, tables: [{ table: "payments", changed: 14, added: 0, removed: 0 }], rows: [], total: 14, data: [], next: null };
  if (parts[0] === "releases" && parts[1]) return { ...releases.find((r) => r.release === parts[1]), manifest: { policy: { name: "default", version: "3", k: 11, min_candidates: 100 }, commitment: { root: sha("root"), leaves: 9 } }, manifest_sha256: sha(parts[1]), signature: "", changes: { of: "x", files: [], figures: [{ table: "payments", program: "PKH", measure: "paid", category: null, before: 100, status_before: "observed", after: 112, status_after: "observed" }] } };
  if (parts[0] === "datasets") return list(datasets);
  if (parts[0] === "releases") return list(releases.filter((r) => !q.get("area") || r.district === q.get("area")));
  if (parts[0] === "statistics" && q.get("release") === FIRST)
    // What the first issue said: one more everywhere.
    return list(tables[parts[1]].filter((c) => c.period === "2025-03" && c.area.split("~").every((a) => inside(a, q.get("area"))) && level(c.area.split("~")[0]) === q.get("level")).map((c) => ({ ...c, value: c.value === null ? null : c.value + 1, release: FIRST })));
  if (parts[0] === "statistics" && tables[parts[1]]) {
    const [from, to] = (q.get("period") ?? "0..9").split("..");
    return list(tables[parts[1]].filter((c) => c.area.split("~").every((a) => inside(a, q.get("area"))) && (!q.get("level") || level(c.area.split("~")[0]) === q.get("level")) && c.period >= from && c.period <= (to ?? from)));
  }
}
const outcomes = { unchecked: ["Belum dicek", "Not checked yet"], valid: ["Sesuai", "In order"], other_name: ["NIK cocok, nama berbeda", "The NIK belongs to another name"], no_card: ["Belum punya KTP elektronik", "Has no electronic identity card"], not_found: ["Tidak ditemukan di alamat", "Not found at the address"], deceased: ["Meninggal", "Deceased"], duplicate: ["NIK terdaftar dua kali", "Registered twice under one NIK"], invalid: ["Tidak sah karena alasan lain", "Not valid for another reason"], moved: ["Pindah", "Moved away"], refused: ["Menolak", "Refused"], ineligible: ["Tidak memenuhi syarat", "Not entitled"] };
const spans = { never: ["Belum pernah", "Never"], "0-3": ["0–3 bulan", "0–3 months"], "4-6": ["4–6 bulan", "4–6 months"], "7-12": ["7–12 bulan", "7–12 months"], "13-24": ["13–24 bulan", "13–24 months"], "25+": ["25 bulan ke atas", "25 months and over"] };
const found = { none: ["Tidak ada temuan", "Nothing found"], deceased: ["Meninggal", "Deceased"], public_servant: ["Aparatur negara", "Public servant"], earner: ["Berpenghasilan", "Earner"], moved: ["Pindah", "Moved away"], duplicate_nik: ["NIK tercatat dua kali", "NIK recorded twice"], invalid_nik: ["NIK tidak sah", "NIK not valid"] };
const reasons = { unknown: ["Tidak diketahui", "Not known"], died: ["Meninggal", "Died"], moved: ["Pindah", "Moved away"], graduated: ["Sudah mampu", "Better off"], ineligible: ["Tidak berhak", "Not entitled"], duplicate: ["Tercatat dua kali", "Recorded twice"], refused: ["Menolak", "Refused"] };
const desil = Object.fromEntries(["unknown", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"].map((n) => [n, n === "unknown" ? ["Desil tidak diketahui", "Desil not known"] : [`Desil ${n}`, `Desil ${n}`]]));
const complaints = Object.fromEntries("lainnya fiktif ganda pungutan jumlah_kurang kualitas_buruk tidak_layak belum_terdaftar tidak_menerima tidak_dibagikan penyelewengan kartu".split(" ").map((code) => [code, [code, code]]));
const labels = { F: ["perempuan", "female"], M: ["laki-laki", "male"], "60+": ["60 tahun ke atas", "60 and over"], "*": ["tidak dirinci", "not specified"] };
const described = Object.keys(tables).map((table) => ({ table, title: words(table, table), categories: Object.entries({ verification: outcomes, freshness: spans, findings: found, flows: reasons, deciles: desil, targeting: desil, reports: complaints, demographics: labels, coverage: { "dukcapil-2024": ["Dukcapil 2024", "Dukcapil 2024"], plan: ["Rencana kantor", "The office's plan"] } }[table] ?? {}).map(([category, [id, en]]) => ({ measure: "units", category, name: words(id, en) })) }));
const rows = { rows: 9000, atoms: 300, atom_size: { smallest: 11, quartiles: [14, 22, 40], largest: 90 }, prosecutor_risk: 0.0909, journalist_risk: 0.01, marketer_risk: 0.0333, kept: { kelurahan: 0.97, sex: 0.9, age_band: 0.6, family_size: 0.2 }, loss: { sex: 0.1, age_band: 0.5, family_size: 0.8 }, pools: ["36.71.01.1001~36.71.01.1002"] };
const risk = { edition: "2025Q2", edition_as_of: "2025-04", rows, programs: { PKH: rows, SEMBAKO: { ...rows, pools: [] } }, groups: [{ table: "totals", program: "YAPI", group: "36.71.01~36.71.02" }], attacks: ["k-atoms", "hidden-numbers", "whole-atoms", "differencing", "linkage", "money", "programs"].map((attack) => ({ attack, tried: "tried", findings: 0 })) };
const FEED = '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" type="application/atom+xml" href="/v1/releases.atom"/></feed>\n';
let asked = 0;
const server = http.createServer((request, response) => {
  const url = new URL(request.url, "http://fake");
  asked++;
  const etag = `"${VERSION}-${hash(request.url)}-json-id-gzip-0.1.0.1234567"`;
  response.setHeader("etag", etag);
  // The first request meets a full quota once, as a busy client would.
  if (asked === 1) return response.writeHead(429, { "retry-after": "0", "content-type": "application/problem+json" }).end("{}");
  const file = url.pathname.match(/^\/v1\/datasets\/atoms\/(.{5})-.*ndjson$/);
  if (file) return response.writeHead(200, { "content-type": "application/x-ndjson" }).end(atoms.get(file[1]));
  if (files.has(url.pathname)) return response.writeHead(200, { "content-type": "application/x-ndjson" }).end(files.get(url.pathname));
  const start = url.pathname.match(/^\/docs\/quickstart\/(.*)$/);
  if (start && start[1] !== "r.R") return response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(`# <${start[1]}>\nhttp://${request.headers.host}/v1\n`);
  const body = url.searchParams.get("version") === String(VERSION) || !url.searchParams.has("version") ? answer(url) : undefined;
  if (SPOIL === "boundary" && url.pathname.endsWith("boundary")) return response.writeHead(200, { "content-type": "application/geo+json" }).end('{"type":"FeatureCollection"}');
  if (!body || (SPOIL === "unmapped" && url.pathname.endsWith("boundary"))) return response.writeHead(404, { "content-type": "application/problem+json" }).end('{"title":"Tidak ada"}');
  if (url.searchParams.get("format") === "csv") return response.writeHead(200, { "content-type": "text/csv; charset=utf-8", "content-disposition": "attachment" }).end("area,program\n");
  if (url.searchParams.get("format") === "ndjson") {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    url.searchParams.set("limit", "9999999");
    const lines = answer(url).data.map((item) => `${JSON.stringify(item)}\n`);
    // A list cut off in the middle of a line must be noticed.
    return response.end(SPOIL === "cut" ? lines.join("").slice(0, -20) : lines.join(""));
  }
  if (request.headers["if-none-match"] === etag) return response.writeHead(304).end();
  if (body === FEED) return response.writeHead(200, { "content-type": "application/atom+xml; charset=utf-8" }).end(FEED);
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
});
server.listen(Number(option("port", 0)), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
