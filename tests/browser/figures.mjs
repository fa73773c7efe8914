// figures.mjs BASE [--pages N] [--seed S]
//
// N pages by chance (200), and each of their figures compared with what the API
// answers for the version that the page names. The tables are read whole, some
// ten requests a district, by code that shares nothing with the exporter.
import { baseOf } from "./browser.mjs";

const base = baseOf(process.argv);
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const count = option("pages", 200);
const seed = option("seed", Date.now() % 1e6);
// A small generator, so that a seed that found something finds it again.
let state = seed;
const random = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32);

async function get(address) {
  for (let attempt = 0; attempt < 5; attempt++) {
    const answer = await fetch(base + address);
    if (answer.status !== 429) return answer;
    await new Promise((done) => setTimeout(done, 1000 * Number(answer.headers.get("retry-after") ?? 1)));
  }
  throw new Error(`${address}: too many requests`);
}

const tables = new Map();
function table(name, district, version, release) {
  const address = `/v1/statistics/${name}?area=${district}&version=${version}${release ? `&release=${release}` : ""}&format=ndjson`;
  if (!tables.has(address)) {
    tables.set(address, get(address).then(async (answer) => {
      if (!answer.ok) throw new Error(`${address} answers ${answer.status}`);
      const lines = (await answer.text()).split("\n").filter(Boolean).map((line) => JSON.parse(line));
      return new Map(lines.map((one) => [[name, one.area, one.program, one.period, one.measure, one.category ?? ""].join("|"), one]));
    }));
  }
  return tables.get(address);
}

const sitemap = await (await get("/sitemap.xml")).text();
const all = [...sitemap.matchAll(/<loc>[a-z]+:\/\/[^/]+([^<]*)<\/loc>/g)].map((found) => found[1]);
const chosen = [];
while (chosen.length < count && all.length > 0) chosen.push(...all.splice(Math.floor(random() * all.length), 1));

let figures = 0;
let wrong = 0;
for (const page of chosen) {
  const answer = await get(page);
  const html = await answer.text();
  const version = html.match(/<html[^>]* data-version="(\d+)"/)?.[1];
  if (!answer.ok || !version) wrong++, console.log(`${page}: answers ${answer.status}, version ${version}`);
  for (const [, kind, said, value, status] of html.matchAll(/ data-(cell|was)="([^"]*)" data-value="([^"]*)" data-status="([^"]*)"/g)) {
    // What a release said that was replaced names that release first.
    const [release, cell] = kind === "was" ? [said.split("|")[0], said.split("|").slice(1).join("|")] : [undefined, said];
    const [name, area] = cell.split("|");
    const own = (await table(name, area.slice(0, 5), version, release)).get(cell);
    figures++;
    if (!own || String(own.value ?? "") !== value || own.status !== status) {
      wrong++;
      console.log(`${page}: ${cell} is ${value || "-"} ${status}, in the API ${own ? `${own.value} ${own.status}` : "nothing"}`);
    }
  }
}
console.log(`figures: ${figures} on ${chosen.length} pages (seed ${seed}) compared with ${tables.size} tables, ${wrong} wrong`);
process.exitCode = wrong || figures === 0 ? 1 : 0;
