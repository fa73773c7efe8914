// ways.mjs BASE
//
// Five questions of citizens and journalists. From the home page links are
// followed breadth first; each question must be answered by a figure or a
// heading within three clicks, in both languages. Exit 1 where one is not.
import { baseOf } from "./browser.mjs";

const base = baseOf(process.argv);
const CLICKS = 3;
const API = /^\/(v1|docs|log|keys|openapi\.json|healthz|datapackage\.json|catalog\.jsonld)(\/|$)/;
const text = (html) => html.replace(/<[^>]*>/g, " ").replaceAll("&nbsp;", " ").replace(/\s+/g, " ");

async function get(url) {
  for (;;) {
    const answer = await fetch(url);
    if (answer.status !== 429) return answer;
    await new Promise((done) => setTimeout(done, 1000 * Number(answer.headers.get("retry-after") ?? 1)));
  }
}

const pages = new Map();
async function read(address) {
  if (!pages.has(address)) {
    pages.set(address, get(base + address).then(async (answer) => {
      const html = answer.ok && /html/.test(answer.headers.get("content-type")) ? await answer.text() : "";
      const links = [...html.matchAll(/<a [^>]*href="([^"]*)"/g)].map((found) => new URL(found[1].replaceAll("&amp;", "&"), base + address));
      return { html, links: links.filter((link) => link.origin === base).map((link) => link.pathname + link.search) };
    }));
  }
  return pages.get(address);
}

// What answers each question, given a page and its address: the answer in words, or nothing.
const heading = (html, words) => [...html.matchAll(/<h[1-3][^>]*>(.*?)<\/h[1-3]>/gs)].map((found) => text(found[1])).find((one) => words.test(one));
const section = (html, words) => html.split(/(?=<h[12])/).find((part) => heading(part, words));
const QUESTIONS = [
  ["how many families get PKH in Ciledug, and since when is that figure?", ({ html }) => {
    const figure = html.match(/data-cell="totals\|36\.71\.\d\d\|PKH\|(\d{4}-\d\d)\|units\|" data-value="(\d+)"/);
    return figure && /<h1[^>]*>[^<]*Ciledug/.test(html) && /class="when[^"]*">[^<]*<strong>/.test(html) ? `${figure[2]} in ${figure[1]}` : undefined;
  }],
  ["which kecamatan in Tegal has most unverified?", ({ html }) => {
    if (!/<h1[^>]*>[^<]*Tegal/.test(html)) return undefined;
    const row = html.split('id="unchecked-cap"')[1]?.match(/<tbody>\s*<tr[^>]*><th[^>]*>(.*?)<\/th><td[^>]*>(\d+%)/s);
    return row && `${text(row[1])}, ${row[2]}`;
  }],
  ["download Natuna's list", (_, address) => (/^\/v1\/recipients\?area=21\.03&format=csv/.test(address) ? address : undefined)],
  ["my neighbour is dead and still listed: what do I do?", ({ html }) => {
    const part = section(html, /sudah meninggal|has died/i);
    return part && text(part).slice(0, 120);
  }],
  ["is Tarutung's data older than Sipoholon's?", ({ html }) => {
    // Both are of Tapanuli Utara: side by side on one page, of one month.
    const both = /Tapanuli Utara/.test(html) && />Tarutung</.test(html) && />Sipoholon</.test(html);
    const month = html.match(/class="cap" id="(?:compare|kec)-cap">[^<]*?, ([^<(]*)/);
    return both && month ? `both ${month[1]}` : undefined;
  }],
];

let failed = 0;
for (const home of ["/", "/en/"]) {
  const open = new Map(QUESTIONS);
  let edge = [[home, []]];
  const seen = new Set([home]);
  for (let clicks = 0; clicks <= CLICKS && open.size > 0; clicks++) {
    const next = [];
    // Pages of the last click are only looked at, and those of the API only named.
    for (let from = 0; from < edge.length; from += 16) {
      const some = edge.slice(from, from + 16);
      const read_ = await Promise.all(some.map(([address]) => (API.test(address) ? { html: "", links: [] } : read(address))));
      some.forEach(([address, way], at) => {
        for (const [question, answered] of [...open]) {
          const answer = answered(read_[at], address);
          if (!answer) continue;
          open.delete(question);
          console.log(`${clicks} clicks: ${question}\n  ${[...way, address].join(" > ")}\n  ${answer}`);
        }
        for (const link of read_[at].links) {
          const page = API.test(link) ? link : link.split("?")[0];
          // Each language is searched by itself.
          if (seen.has(page) || (page.startsWith("/en/") !== (home === "/en/") && !API.test(page))) continue;
          seen.add(page);
          next.push([page, [...way, address]]);
        }
      });
      if (open.size === 0) break;
    }
    edge = next;
  }
  for (const question of open.keys()) failed++, console.log(`not within ${CLICKS} clicks from ${home}: ${question}`);
}
console.log(failed ? `${failed} questions without an answer` : "ways: every question is answered within three clicks");
process.exitCode = failed ? 1 : 0;
