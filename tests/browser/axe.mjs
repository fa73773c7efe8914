// axe.mjs BASE [--screenshots DIR] [ADDRESS…]
//
// Every template in both languages at the width of a cheap phone and of a
// desk: no violation of WCAG 2.2 AA or axe's best practices, in light and in dark,
// no sideways scroll, nothing asked of third parties, no page over its weight.
// With addresses, those alone. Exit 1 when something is found.
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { AxeBuilder } from "@axe-core/playwright";
import { baseOf, cards, launch, templates } from "./browser.mjs";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const WIDTHS = [360, 1280];
const KB = 1024;
const HTML_BUDGET = 15 * KB;
const PAGE_BUDGET = 50 * KB;

const base = baseOf(process.argv);
const at = process.argv.indexOf("--screenshots");
const shots = at < 0 ? undefined : process.argv[at + 1];
if (shots) fs.mkdirSync(shots, { recursive: true });

const browser = await launch();
let problems = 0;
const problem = (text) => {
  problems++;
  console.log(`  ${text}`);
};

async function tryPage(context, width, scheme, address, expected = 200) {
  const page = await context.newPage();
  let weight = 0;
  const bodies = [];
  page.on("response", (response) => bodies.push(response.body().then((body) => { weight += zlib.gzipSync(body).length; }, () => {})));
  const response = await page.goto(base + address);
  await Promise.all(bodies);
  console.log(`${width} px ${scheme} ${address}`);
  if (response.status() !== expected) problem(`answers ${response.status()}`);
  const html = zlib.gzipSync(await response.body()).length;
  if (html > HTML_BUDGET) problem(`HTML weighs ${html} bytes compressed, over ${HTML_BUDGET}`);
  if (weight > PAGE_BUDGET) problem(`the whole page weighs ${weight} bytes compressed, over ${PAGE_BUDGET}`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (over > 0) problem(`scrolls sideways by ${over} px`);
  if (shots && scheme === "light") {
    const name = `${width}${address.replaceAll("/", "_")}.png`;
    await page.screenshot({ path: path.join(shots, name), fullPage: true });
  }
  // What stands in a closed <details> is part of the page as well.
  await page.$$eval("details", (all) => all.forEach((one) => { one.open = true; }));
  const result = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  for (const found of result.violations) problem(`${found.impact} ${found.id}: ${found.help} (${found.nodes.length}, first ${found.nodes[0].target}: ${found.nodes[0].failureSummary?.split("\n")[1]?.trim()})`);
  for (const found of result.incomplete) console.log(`  to review by eye, ${found.id}: ${found.nodes.length}, first ${found.nodes[0].target}`);
  const overOpen = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (overOpen > 0) problem(`scrolls sideways by ${overOpen} px when all is opened`);
  if (shots && scheme === "dark" && width === 360) await page.screenshot({ path: path.join(shots, `dark${address.replaceAll("/", "_")}.png`), fullPage: true });
  await page.close();
}

const named = process.argv.slice(2).filter((argument, i, all) => argument.startsWith("/") && all[i - 1] !== "--screenshots");
const scout = await browser.newPage();
const addresses = named.length > 0 ? named : [...(await templates(scout, base, true)), ...(await templates(scout, base, false)).map((address) => `/en${address}`), ...(await cards(scout, base))];
await scout.close();

for (const width of WIDTHS) {
  // Colours do not depend on the width, so the dark ones are tried once.
  for (const scheme of width === WIDTHS[0] ? ["light", "dark"] : ["light"]) {
    const context = await browser.newContext({ viewport: { width, height: 800 }, locale: "id-ID", colorScheme: scheme });
    await context.route("**/*", (route) => {
      if (route.request().url().startsWith(`${base}/`) || route.request().url().startsWith("data:")) return route.continue();
      problem(`asks a third party: ${route.request().url()}`);
      return route.abort();
    });
    for (const address of addresses) await tryPage(context, width, scheme, address);
    await tryPage(context, width, scheme, "/tidak-ada/", 404);
    await context.close();
  }
}
await browser.close();
console.log(problems ? `${problems} problems` : `axe: no violation on ${addresses.length + 1} pages at ${WIDTHS.join(" and ")} px, in light and dark`);
process.exitCode = problems ? 1 : 0;
