// shots.mjs BASE DIR
//
// What each template looks like at the width of a phone and of a desk, in light
// and in dark: the upper part, small. `references/` holds those that were last
// looked at; whoever changes the look makes them anew and looks again.
import fs from "node:fs";
import path from "node:path";
import { baseOf, launch, templates } from "./browser.mjs";

const base = baseOf(process.argv);
const folder = process.argv[process.argv.indexOf(process.argv.find((arg) => arg.startsWith("http"))) + 1];
if (!folder) throw new Error("name the folder for the pictures");
fs.mkdirSync(folder, { recursive: true });
const browser = await launch();
const scout = await browser.newPage();
const addresses = [...new Set(await templates(scout, base, false))];
await scout.close();
for (const [width, height, scale] of [[360, 900, 0.75], [1280, 800, 0.5]]) {
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: scale, colorScheme });
    const page = await context.newPage();
    for (const address of addresses) {
      await page.goto(base + address);
      const name = address === "/" ? "home" : address.replace(/^\/|\/$/g, "").replaceAll("/", "_");
      await page.screenshot({ path: path.join(folder, `${name}-${width}-${colorScheme}.jpg`), type: "jpeg", quality: 40 });
    }
    await context.close();
  }
}
await browser.close();
console.log(`${addresses.length * 4} pictures in ${folder}`);
