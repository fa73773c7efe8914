// lighthouse.mjs BASE [--performance] [ADDRESS…]
//
// Lighthouse for mobile on each template: 100 for accessibility, best practices
// and search engines. With --performance that is asked as well (it needs a quiet
// machine, so `make bench` does it), and a table is printed. With addresses, those
// alone. Exit 1 below 100.
import { launch as start } from "chrome-launcher";
import lighthouse from "lighthouse";
import { FLAGS, baseOf, launch, place, templates } from "./browser.mjs";

const base = baseOf(process.argv);
const performance = process.argv.includes("--performance");
const CATEGORIES = [...(performance ? ["performance"] : []), "accessibility", "best-practices", "seo"];

let pages = process.argv.slice(2).filter((argument) => argument.startsWith("/"));
if (pages.length === 0) {
  const browser = await launch();
  pages = await templates(await browser.newPage(), base, false);
  await browser.close();
}

const chrome = await start({ chromePath: place(), chromeFlags: FLAGS, logLevel: "silent" });
let below = 0;
if (performance) console.log(`| page | ${CATEGORIES.join(" | ")} | first paint ms | largest paint ms | bytes |\n|---|${"---|".repeat(CATEGORIES.length + 3)}`);
for (const page of pages) {
  const { lhr } = await lighthouse(base + page, { port: chrome.port, onlyCategories: CATEGORIES, disableFullPageScreenshot: true, logLevel: "error", locale: "en" });
  const scores = CATEGORIES.map((name) => Math.round(100 * (lhr.categories[name].score ?? 0)));
  const audits = lhr.audits;
  if (performance) console.log(`| ${page} | ${scores.join(" | ")} | ${["first-contentful-paint", "largest-contentful-paint", "total-byte-weight"].map((name) => Math.round(audits[name].numericValue)).join(" | ")} |`);
  for (const [at, name] of CATEGORIES.entries()) {
    if (scores[at] === 100) continue;
    below++;
    const why = lhr.categories[name].auditRefs.filter((one) => one.weight > 0 && (audits[one.id].score ?? 1) < 1).map((one) => one.id);
    console.error(`  ${page}: ${name} ${scores[at]}: ${why.join(", ")}`);
  }
}
chrome.kill();
console.log(performance ? "" : `lighthouse: ${pages.length} pages, ${CATEGORIES.join(", ")}, ${below} below 100`);
process.exitCode = below ? 1 : 0;
