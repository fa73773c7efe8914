// links.mjs FOLDER
//
// Every link of a built site leads somewhere, by linkinator and its own small
// server: from the home page all pages are read, and what they load is asked
// for. What the API answers is not in the folder; addresses elsewhere are not
// tried. Exit 1 where a link is broken, or where a page is not reached.
import fs from "node:fs";
import path from "node:path";
import { LinkChecker } from "linkinator";

const folder = path.resolve(process.argv[2]);
// The folder's own server is http://localhost:PORT.
const ELSEWHERE = ["^https://", "^http://(?!localhost:)", "^http://localhost:\\d+/(v1|docs|log|keys|\\.well-known)(/|\\?|$)", "^http://localhost:\\d+/(openapi\\.json|healthz|datapackage\\.json|catalog\\.jsonld)"];

// Each language by itself, from its home page: linkinator looks through all it
// has found for every link, so two halves take half as long as the whole.
const own = [];
for (const [home, other] of [["", "^http://localhost:\\d+/en/"], ["en/", "^http://localhost:\\d+/(?!en(/|$)|[^/]*\\.(css|js|svg|png)(\\?|$))"]]) {
  if (!fs.existsSync(path.join(folder, home))) continue;
  const { links } = await new LinkChecker().check({ path: [home || "./"], serverRoot: folder, recurse: true, concurrency: 50, linksToSkip: [...ELSEWHERE, other] });
  own.push(...links.filter((link) => link.state !== "SKIPPED"));
}
const broken = own.filter((link) => link.state !== "OK");
for (const { url, parent, status } of broken.slice(0, 20)) console.log(`${parent}: ${url} answers ${status}`);

// Pages that no way leads to from home; cards are for the pages of others.
const reached = new Set(own.map((link) => path.posix.join("/", decodeURI(link.url).split(/[?#]/)[0], "/")));
const alone = [];
function walk(below) {
  for (const entry of fs.readdirSync(path.join(folder, below), { withFileTypes: true })) {
    const name = `${below}${entry.name}`;
    if (entry.isDirectory()) walk(`${name}/`);
    else if (entry.name === "index.html" && !/^\/(en\/)?sematkan\//.test(below) && !reached.has(below)) alone.push(below);
  }
}
walk("/");
for (const page of alone.slice(0, 20)) console.log(`${page}: no link leads there`);
console.log(`links: ${own.length} addresses, ${broken.length} broken, ${alone.length} pages not reached`);
process.exitCode = broken.length || alone.length || own.length < 10 ? 1 : 0;
