// story.mjs BASE
//
// A citizen's way through the site, with JavaScript switched off in the page:
// find an area from the home page, read a figure, compare it with the API,
// change the language, download a CSV. Exit 1 at the first thing that is not so.
import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import { baseOf, launch } from "./browser.mjs";

const base = baseOf(process.argv);

/** The districts, by the file from which the search box knows them. */
const districtsOf = async () => (await fetch(`${base}/cari/indeks.json`)).json();
/** The kecamatan of a district with most villages. */
const largest = async ([, address, file]) => {
  const all = (await (await fetch(base + file)).json()).map(([, own, villages]) => ({ kecamatan: address + own, villages: villages.length }));
  return all.sort((a, b) => b.villages - a.villages)[0];
};
const step = (text) => console.log(`- ${text}`);
const browser = await launch();
try {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: "id-ID", javaScriptEnabled: false, acceptDownloads: true });
  const page = await context.newPage();

  step("the home page says what it is, and opens the list of a district");
  await page.goto(`${base}/`);
  assert.equal(await page.locator("html").getAttribute("lang"), "id");
  const finder = page.locator("details.finder").last();
  const link = finder.locator(".names a").first();
  assert.equal(await link.isVisible(), false, "the list is closed at first");
  await finder.locator("summary").focus();
  await page.keyboard.press("Enter");
  const name = (await link.textContent()).trim();
  await link.click();
  await page.waitForURL("**/wilayah/*/*/");
  assert.match(await page.locator("h1").textContent(), new RegExp(name));

  step(`the page of ${name} shows figures, each equal to the API's`);
  const version = await page.locator("html").getAttribute("data-version");
  const cells = page.locator("tbody [data-cell], .headlines [data-cell]");
  const count = await cells.count();
  assert.ok(count > 10, `only ${count} figures`);
  for (const at of [0, 1, Math.floor(count / 2), count - 1]) {
    const cell = cells.nth(at);
    const [table, area, program, period, measure, category] = (await cell.getAttribute("data-cell")).split("|");
    // A group of kecamatan is found among the figures of its kabupaten.
    const within = area.includes("~") ? area.slice(0, 5) : area;
    const answer = await fetch(`${base}/v1/statistics/${table}?area=${within}&program=${program}&period=${period}&version=${version}&measure=${measure}&limit=1000`);
    assert.equal(answer.status, 200);
    const found = (await answer.json()).data.find((one) => one.area === area && one.program === program && one.period === period && one.measure === measure && (one.category ?? "") === category);
    assert.ok(found, `the API has no ${table} of ${area} ${program} ${period} ${measure}`);
    assert.equal(await cell.getAttribute("data-status"), found.status);
    assert.equal(await cell.getAttribute("data-value"), found.value === null ? "" : String(found.value));
    // A rate has two decimals: 0,75 is the figure 75.
    const read = (await cell.textContent()).replaceAll(/\D/g, "").replace(/^0+(?=\d)/, "");
    if (found.status === "observed") assert.equal(read, String(found.value));
  }

  step("the other language is one touch away and shows the same figures");
  const first = await cells.first().getAttribute("data-value");
  const here = new URL(page.url()).pathname;
  await page.locator("a.lang").click();
  await page.waitForURL(`**/en${here}`);
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assert.equal(await cells.first().getAttribute("data-value"), first);

  step("the risk report of the district is one step away, and the method says why");
  await page.goto(`${base}${here.split("/").slice(0, 3).join("/")}/`);
  await page.locator("#unduh + ul a[href*='/risiko/']").click();
  await page.waitForURL("**/risiko/*/");
  assert.equal(await page.locator("dt code").count(), 7, "seven attacks");
  await page.locator(".crumbs a[href$='/metode/']").click();
  assert.ok(await page.locator("#peka-tabel").isVisible());

  step("a CSV is downloaded");
  await page.goto(`${base}/en${here}`);
  const csv = page.locator("a[href*='format=csv'][href*='totals']").first();
  const href = await csv.getAttribute("href");
  const waiting = page.waitForEvent("download", { timeout: 10_000 });
  await csv.click();
  const download = await waiting;
  const text = fs.readFileSync(await download.path(), "utf8");
  assert.match(text, /^"?area"?,"?program"?/, `${href} is not the CSV of a table`);

  step("the map leads to the same page by keyboard");
  await page.goto(base + here.split("/").slice(0, 3).join("/") + "/");
  const land = page.locator(`svg.map a[href='${here}']`);
  assert.match(await land.getAttribute("aria-label"), new RegExp(`${name}: [0-9]`));
  await land.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(`**${here}`);

  step("a card is shown within the page of somebody else, and nothing else is");
  const card = here.replace("/wilayah/", "/sematkan/") + "pkh/";
  // Another port is another site to the browser.
  const body = [card, here].map((path) => `<iframe src="${base}${path}"></iframe>`).join("");
  const elsewhere = http.createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end(body)).listen(0, "127.0.0.1");
  await once(elsewhere, "listening");
  await page.goto(`http://127.0.0.1:${elsewhere.address().port}/`);
  const [framed, refused] = page.frames().slice(1);
  assert.equal(await framed.locator("[data-cell]").count(), 1, `the card ${card} is not shown`);
  assert.equal(await framed.locator("a").getAttribute("target"), "_top");
  assert.equal(await refused.locator("[data-cell]").count(), 0, "a page may be framed");
  elsewhere.close();
  const snippet = async () => (await page.locator("#sematkan code").textContent()).match(/src="([^"]*)"/)[1];
  await page.goto(`${base}${here}`);
  // It names the office's address, which need not be the one it is served at here.
  const { pathname } = new URL(await snippet());
  assert.equal((await fetch(base + pathname)).status, 200, "the line to copy leads nowhere");

  step("a page that is not there says so, in the site's own words");
  const missing = await page.goto(`${base}/tidak-ada/`);
  assert.equal(missing.status(), 404);
  assert.match(await page.locator("h1").textContent(), /tidak ditemukan/);
  step("a name of a village, not typed to its end, leads to its page by keyboard");
  const able = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: "id-ID" });
  const typing = await able.newPage();
  await typing.goto(`${base}${here}`);
  const village = typing.locator("#desa-cap + .scroll tbody a").first();
  const [wanted, leads] = [(await village.textContent()).trim(), await village.getAttribute("href")];
  await typing.goto(`${base}/`);
  await typing.locator(".search input").pressSequentially(wanted.slice(0, -1).toLowerCase());
  const option = typing.locator(".search [role=option]", { hasText: wanted }).first();
  await option.waitFor();
  const place = await option.evaluate((own) => [...own.parentNode.children].indexOf(own));
  for (let at = 0; at <= place; at++) await typing.keyboard.press("ArrowDown");
  assert.equal(await option.getAttribute("aria-selected"), "true");
  await typing.keyboard.press("Enter");
  await typing.waitForURL((url) => url.pathname.startsWith("/wilayah/") && url.pathname.split("/").length === 6);
  if (new URL(typing.url()).pathname !== leads) step(`(another village is called ${wanted})`);
  assert.match(await typing.locator("h1").textContent(), new RegExp(wanted));

  step("without the script the box leads to the list of all areas");
  await page.goto(`${base}/`);
  await page.locator(".search button").click();
  await page.waitForURL("**/wilayah/?q=");
  assert.ok((await page.locator(".names a").count()) > 5);

  step("kecamatan are compared, in another order where the script is allowed");
  await typing.goto(`${base}${here.split("/").slice(0, 3).join("/")}/banding/`);
  const firsts = () => typing.locator("tbody tr td:nth-child(2)").evaluateAll((all) => all.map((one) => Number(one.dataset.value)));
  await typing.locator("thead button").nth(1).click();
  const sorted = await firsts();
  assert.deepEqual(sorted, [...sorted].sort((a, b) => b - a));
  assert.equal(await typing.locator("thead th").nth(1).getAttribute("aria-sort"), "descending");

  step("a village's page prints as one sheet");
  await typing.goto(`${base}${leads}`);
  const sheet = (await typing.pdf({ format: "A4", preferCSSPageSize: true })).toString("latin1");
  assert.equal(sheet.match(/\/Type\s*\/Page\b(?!s)/g)?.length, 1);
  step("a kecamatan's page prints as one sheet, that of the one with most villages too");
  const lists = [];
  for (const district of await districtsOf()) lists.push(await largest(district));
  lists.sort((a, b) => b.villages - a.villages);
  await typing.goto(`${base}${lists[0].kecamatan}`);
  const overview = (await typing.pdf({ format: "A4", preferCSSPageSize: true })).toString("latin1");
  assert.equal(overview.match(/\/Type\s*\/Page\b(?!s)/g)?.length, 1, `${lists[0].kecamatan} of ${lists[0].villages} villages`);
  await able.close();
  console.log("story: all as told");
} finally {
  await browser.close();
}
