// words.mjs BASE
//
// Reads one page of each template as people do: the median sentence of running
// text has at most 15 words, each term of the glossary that the text says is
// linked, and the page reads in order without style and without script.
import { baseOf, launch, templates } from "./browser.mjs";

const MEDIAN = 15;
const base = baseOf(process.argv);
const browser = await launch();
const context = await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled: true });
const page = await context.newPage();
let problems = 0;
const problem = (text) => (problems++, console.log(`  ${text}`));
const addresses = await templates(page, base, false);
for (const prefix of ["", "/en"]) {
  await page.goto(`${base}${prefix}/istilah/`);
  const terms = await page.$$eval("dt[id]", (all) => all.map((one) => [one.id, one.textContent.trim()]));
  if (terms.length < 10) problem(`only ${terms.length} terms`);
  const lengths = [];
  for (const address of addresses.map((one) => prefix + one)) {
    await page.goto(base + address);
    const read = await page.evaluate(() => {
      // Running text, each piece once, without what stands in an outer one.
      const pieces = [...document.querySelectorAll("main p, main li, main dd")].filter((one) => !one.querySelector("p, li, dd, table, svg") && !one.closest("nav, table, .key, .names, .letters, .source, .when, .cap, .headline, .headlines"));
      const open = pieces.map((one) => one.textContent.replace(/\s+/g, " ").trim());
      const headings = [...document.querySelectorAll("h1, h2, h3")].map((one) => Number(one.tagName[1]));
      const links = [...document.querySelectorAll("main a[href*='/istilah/#']")].map((one) => one.getAttribute("href").split("#")[1]);
      // What could be linked: running text that is not a link, code or heading already.
      const free = [...document.querySelectorAll("main p, main li, main dd")].filter((one) => !one.closest("nav, table, svg")).map((one) => {
        const copy = one.cloneNode(true);
        copy.querySelectorAll("a, code, table, svg, dt, h2, h3, summary, pre, p, li, dd").forEach((inner) => inner.replaceWith(" · "));
        return copy.textContent;
      });
      return { open, headings, links, free: free.join(" · ") };
    });
    if (read.headings[0] !== 1 || read.headings.filter((level) => level === 1).length !== 1) problem(`${address}: the first heading is not the only h1`);
    if (read.headings.some((level, at) => at > 0 && level > read.headings[at - 1] + 1)) problem(`${address}: a heading skips a level`);
    if (new Set(read.links).size !== read.links.length && !address.includes("/metode/")) problem(`${address}: a term is linked twice`);
    if (!address.endsWith("/istilah/")) {
      for (const [id, name] of terms) {
        const word = new RegExp(`(?<![\\p{L}\\p{N}-])${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\p{N}-])`, "iu");
        const masked = read.free.replace(/Bansos Terbuka|Cek Bansos/g, id === "bansos" ? "·" : "$&");
        if (word.test(masked) && !read.links.includes(id) && !(name.slice(1) !== name.slice(1).toLowerCase() && !masked.includes(name))) problem(`${address}: says ${name} and does not link it`);
      }
    }
    for (const piece of read.open) for (const sentence of piece.split(/(?<=[.?!:])\s+(?=[A-Z“])/)) {
      const words = sentence.split(/\s+/).filter((word) => /\p{L}/u.test(word));
      if (words.length > 2) lengths.push(words.length);
    }
  }
  lengths.sort((a, b) => a - b);
  const median = lengths[Math.floor(lengths.length / 2)];
  console.log(`${prefix || "/id"}: ${lengths.length} sentences, median ${median} words, longest ${lengths.at(-1)}`);
  if (!(median <= MEDIAN)) problem(`the median sentence has ${median} words, over ${MEDIAN}`);
}
await browser.close();
console.log(problems ? `${problems} problems` : `words: as they should be on ${addresses.length * 2} pages`);
process.exitCode = problems ? 1 : 0;
