// looks.mjs BASE [--write] [--without-style] [--crowded]
//
// How the pages look, compared with what was last looked at, and whether they
// can be read and used on a phone:
// - each template is as high and as light, part by part, as in `references/`;
// - what is touched is 44 px high, unless it stands within a sentence;
// - numbers on maps are 12 px high, and none covers another;
// - without style and script the pages read in a sensible order.
// --write makes the pictures and their measures anew: look at them before you
// commit them. The other flags do wrong on purpose: the first takes the style
// away, the second moves the numbers of maps together; exit 1 is then right.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { baseOf, launch, templates } from "./browser.mjs";

const base = baseOf(process.argv);
const flag = (name) => process.argv.includes(`--${name}`);
const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), "references");
const measures = path.join(folder, "measures.json");
// Columns of the grid in which lightness is measured, and how far down.
const COLUMNS = 12;
const DOWN = 1200;
// What may differ: figures and their number change with the data, a style does not.
const HEIGHT = 0.2;
const LIGHT = 16;
const COMPARED = [[360, "light"], [1280, "dark"]];
const FINGER = 44;
const NUMBER = 12;

const browser = await launch();
const scout = await browser.newPage();
let problems = 0;
const problem = (text) => (problems++, console.log(`  ${text}`));
const all = [...new Set(await templates(scout, base, false))];
// The map of islands is the hardest to read.
const addresses = [...new Set([...all, "/wilayah/kabupaten-natuna/"])];
const english = all.filter((address) => /^\/(wilayah\/[^/]+\/((?!daftar-desa|banding)[^/]+\/)?|metode\/)?$/.test(address)).map((address) => `/en${address}`);
const canvas = await browser.newPage();

/** A name for a page that is the same whatever district comes first. */
const nameOf = (address) => {
  const parts = address.split("/").filter(Boolean);
  return parts.length === 0 ? "home" : parts.join("_");
};

/** The lightness of a picture in a grid, row by row. */
async function grid(png) {
  return canvas.evaluate(async ([data, columns]) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const rows = Math.max(1, Math.round((image.height / image.width) * columns));
    const paper = new OffscreenCanvas(columns, rows).getContext("2d");
    paper.imageSmoothingQuality = "high";
    paper.drawImage(image, 0, 0, columns, rows);
    const pixels = paper.getImageData(0, 0, columns, rows).data;
    return Array.from({ length: columns * rows }, (_, at) => Math.round((pixels[4 * at] + pixels[4 * at + 1] + pixels[4 * at + 2]) / 3));
  }, [png, COLUMNS]);
}

async function shoot(page, client, width, scale, format, quality) {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const clip = { x: 0, y: 0, width, height, scale };
  const { data } = await client.send("Page.captureScreenshot", { format, quality, clip, captureBeyondViewport: true });
  return { data, height };
}

/** Where a page differs from what was last looked at. */
function compare(name, was, is) {
  if (!was) return problem(`${name}: no reference; look at the page and make one with --write`);
  const higher = Math.abs(is.height / was.height - 1);
  if (higher > HEIGHT) problem(`${name}: ${is.height} px high, ${was.height} when last looked at`);
  const cells = Math.min(was.light.length, is.light.length, Math.round((DOWN / was.width) * COLUMNS) * COLUMNS);
  let sum = 0;
  for (let at = 0; at < cells; at++) sum += Math.abs(was.light[at] - is.light[at]);
  if (sum / cells > LIGHT) problem(`${name}: its upper part differs by ${(sum / cells).toFixed(1)} of 255 in lightness`);
}

/** What is too small for a finger, and what cannot be read or lies on another. */
async function small(page, name) {
  const found = await page.evaluate(([finger, least]) => {
    const visible = (one) => one.checkVisibility() && one.getClientRects().length > 0;
    const tight = [];
    for (const one of document.querySelectorAll("a, button, summary, input")) {
      if (!visible(one) || one.closest("svg, .skip") || one.classList.contains("skip")) continue;
      // Within a sentence the height of its line is what there is.
      const line = one.closest("p, li, dd, dt, figcaption, pre, small, .cap");
      const alone = !line || line.textContent.trim() === one.textContent.trim() || one.closest(".go, nav");
      if (!alone) continue;
      const { height } = one.getBoundingClientRect();
      if (height < finger - 0.5) tight.push(`${one.textContent.trim().slice(0, 30)} (${Math.round(height)} px)`);
    }
    const maps = [];
    for (const map of document.querySelectorAll("svg.map")) {
      const numbers = [...map.querySelectorAll("g text")].map((one) => ({ text: one.textContent, box: one.getBoundingClientRect(), scale: one.getScreenCTM().a, size: Number.parseFloat(getComputedStyle(one).fontSize) }));
      for (const one of numbers) if (one.size * one.scale < least) maps.push(`number ${one.text} is ${(one.size * one.scale).toFixed(1)} px high`);
      for (const [at, one] of numbers.entries()) for (const other of numbers.slice(0, at)) {
        const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        // Boxes hold room above and below the digits.
        if (across > 0.5 && down > 0.3 * one.box.height) maps.push(`numbers ${other.text} and ${one.text} lie on each other`);
      }
    }
    return { tight: [...new Set(tight)], maps };
  }, [FINGER, NUMBER]);
  if (found.tight.length > 0) problem(`${name}: under ${FINGER} px for a finger: ${found.tight.length}, such as ${found.tight.slice(0, 4).join(", ")}`);
  for (const one of found.maps) problem(`${name}: ${one}`);
}

const known = fs.existsSync(measures) ? JSON.parse(fs.readFileSync(measures, "utf8")) : {};
const now = {};
if (flag("write")) fs.rmSync(folder, { recursive: true, force: true }), fs.mkdirSync(folder, { recursive: true });
// A run compares a phone by day and a desk by night; all four are made to be looked at.
const views = flag("write") ? [[360, "light"], [360, "dark"], [1280, "light"], [1280, "dark"]] : COMPARED;
let pictures = 0;
for (const [width, colorScheme] of views) {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
  if (flag("without-style")) await context.route("**/site.css*", (route) => route.abort());
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  const seeded = flag("without-style") || flag("crowded");
  for (const address of seeded ? addresses.slice(-3) : [...addresses, ...(flag("write") ? english : [])]) {
    await page.goto(base + address);
    const name = `${nameOf(address)}-${width}-${colorScheme}`;
    if (flag("crowded")) await page.$$eval("svg.map g text", (numbers) => numbers.forEach((one) => one.setAttribute("x", "100")));
    if (flag("write")) {
      const { data } = await shoot(page, client, width, width === 360 ? 0.6 : 0.4, "webp", 22);
      fs.writeFileSync(path.join(folder, `${name}.webp`), Buffer.from(data, "base64"));
      pictures++;
    }
    const { data, height } = await shoot(page, client, width, 0.1, "png");
    const is = { width, height, light: await grid(data) };
    is.light = is.light.slice(0, Math.round((DOWN / width) * COLUMNS) * COLUMNS);
    if (flag("write")) {
      if (COMPARED.some(([wide, scheme]) => wide === width && scheme === colorScheme) && !address.startsWith("/en/")) now[name] = is;
    } else compare(name, known[name], is);
    if (width === 360) await small(page, name);
  }
  await context.close();
}
if (flag("write")) fs.writeFileSync(measures, `{\n${Object.entries(now).map(([name, one]) => `${JSON.stringify(name)}: ${JSON.stringify(one)}`).join(",\n")}\n}\n`);

// Without style and without script.
const plain = await browser.newContext({ viewport: { width: 360, height: 800 }, javaScriptEnabled: false });
await plain.route(/\.(css|js)(\?|$)/, (route) => route.abort());
const page = await plain.newPage();
for (const address of addresses) {
  await page.goto(base + address);
  const faults = await page.evaluate(() => {
    const found = [];
    const after = (one, other) => Boolean(one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
    const [skip, header, main, footer, h1] = ["body > a.skip", "body > header", "body > main", "body > footer", "main h1"].map((one) => document.querySelector(one));
    if (![skip, header, main, footer, h1].every(Boolean)) return ["it has no skip link, header, main, footer or h1"];
    if (document.body.firstElementChild !== skip || document.querySelector(skip.getAttribute("href")) !== main) found.push("the skip link is not the first thing, or does not lead to main");
    if (!after(header, main) || !after(main, footer)) found.push("header, main and footer are not in this order");
    for (const one of document.querySelectorAll("main h2, main table, main figure")) if (!after(h1, one)) found.push(`${one.tagName} stands before the h1`);
    for (const table of document.querySelectorAll("table")) {
      const caption = table.caption ?? document.getElementById(table.getAttribute("aria-labelledby"));
      const apart = caption && caption !== table.caption && caption !== table.closest(".scroll")?.previousElementSibling && !/^(H[23]|SUMMARY)$/.test(caption.tagName);
      if (!caption?.textContent.trim() || apart) found.push(`a table without its name right above it: ${table.getAttribute("aria-labelledby")}`);
    }
    document.querySelectorAll("details").forEach((one) => { one.open = true; });
    // What stands below in the document stands below on the page: nothing is put elsewhere.
    let before = -1;
    for (const one of document.querySelectorAll("h1, h2, h3, table")) {
      const top = one.getBoundingClientRect().top + scrollY;
      if (one.getClientRects().length > 0 && top < before) found.push(`${one.textContent.trim().slice(0, 30)} stands above what comes before it`);
      before = Math.max(before, top);
    }
    for (const figure of document.querySelectorAll("main figure")) {
      if (!figure.querySelector("figcaption")?.textContent.trim()) found.push("a picture without words");
    }
    return found;
  });
  for (const fault of faults) problem(`${address} without style: ${fault}`);
}
await browser.close();
if (flag("write")) console.log(`${pictures} pictures in ${folder}`);
console.log(problems ? `${problems} problems` : `looks: ${addresses.length} pages as they were looked at, met by fingers, and read without style`);
process.exitCode = problems ? 1 : 0;
