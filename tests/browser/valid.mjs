// valid.mjs BASE
//
// One page of each template in both languages, and the 404, through the Nu HTML
// checker (vnu), which needs Java. Exit 1 on any error.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { baseOf, cards, launch, templates } from "./browser.mjs";

const base = baseOf(process.argv);
const browser = await launch();
const scout = await browser.newPage();
const addresses = await templates(scout, base, false);
const framed = await cards(scout, base);
await browser.close();

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "valid-"));
try {
  const pages = ["/tidak-ada/", ...addresses, ...addresses.map((address) => `/en${address}`), ...framed];
  for (const address of pages) fs.writeFileSync(path.join(folder, `${address.replaceAll("/", "_")}.html`), await (await fetch(base + address)).text());
  const jar = createRequire(import.meta.url)("vnu-jar");
  const ran = spawnSync("java", ["-Xss1m", "-jar", jar, "--stdout", "--format", "text", "--errors-only", folder], { encoding: "utf8" });
  if (ran.error) throw new Error(`no Java: \`apt-get install -y default-jre-headless\` (${ran.error.message})`);
  console.log(ran.stdout.replaceAll(folder, "").trim());
  console.log(ran.status === 0 ? `valid: no error on ${pages.length} pages` : `vnu found errors (exit ${ran.status})`);
  process.exitCode = ran.status === 0 ? 0 : 1;
} finally {
  fs.rmSync(folder, { recursive: true });
}
