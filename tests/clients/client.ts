// A program that knows nothing but the generated types: it fetches recipients,
// statistics and releases. What it reads is checked by the compiler, too.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Recipient = components["schemas"]["RecipientView"];

const base = process.argv[2];
const client = createClient<paths>({ baseUrl: base });

// A list could come as CSV, a text; nothing here asks for that.
function must<T>(value: T | string | undefined | null, what: string): Exclude<T, string> {
  if (value === undefined || value === null || typeof value === "string") {
    throw new Error(`no ${what}`);
  }
  return value as Exclude<T, string>;
}

const entry = must((await client.GET("/v1")).data, "entry");
const district = must(entry.districts[0], "district");

const rows: Recipient[] = [];
let cursor: string | undefined;
do {
  const { data, error, response } = await client.GET("/v1/recipients", {
    params: { query: { area: district.code, program: "PKH", limit: 1000, cursor } },
  });
  if (error) {
    throw new Error(`${response.status} ${error.code}: ${error.detail}`);
  }
  const page = must(data, "page");
  rows.push(...page.data);
  cursor = page.next_cursor ?? undefined;
  if (cursor === undefined && rows.length !== page.total) {
    throw new Error(`${rows.length} rows of ${page.total}`);
  }
} while (cursor !== undefined);

const totals = must(
  (await client.GET("/v1/statistics/totals", { params: { query: { area: district.code, level: "kabupaten", program: "PKH" } } })).data,
  "totals",
);
const cell = must(totals.data[0], "cell");
const value: number | null | undefined = cell.value;

const release = must(
  (await client.GET("/v1/releases/{release}", { params: { path: { release: district.release } } })).data,
  "release",
);

const wrong = await client.GET("/v1/recipients", { params: { query: { area: "99.99" } } });
if (wrong.error?.code !== "unknown-value" || wrong.response.status !== 404) {
  throw new Error("an error has no code");
}

console.log(JSON.stringify({ rows: rows.length, value, release: release.release, period: cell.period }));
