// What the browser tests share: Debian's Chromium, and the pages to try.
import fs from "node:fs";
import { chromium } from "playwright-core";

const PLACES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
// No services of the browser's maker: a test run asks for nothing but the site.
export const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Where the browser is. */
export function place() {
  const found = PLACES.find((place) => place && fs.existsSync(place));
  if (!found) throw new Error("no Chromium: `apt-get install -y chromium`, or name one in CHROMIUM");
  return found;
}

export async function launch() {
  return chromium.launch({ executablePath: place(), args: FLAGS });
}

/** The address of the site under test, from the first argument that is one. */
export function baseOf(args) {
  const base = args.find((arg) => /^https?:\/\//.test(arg));
  if (!base) throw new Error("name the site's address, such as http://127.0.0.1:8080");
  return base.replace(/\/$/, "");
}

/**
 * One page of each template, without language: of the areas that the home page
 * lists, every district (each has another map) where `all` is set, else one.
 */
export async function templates(page, base, all) {
  await page.goto(`${base}/`);
  const links = async (selector) => page.$$eval(selector, (found) => found.map((a) => a.getAttribute("href")));
  const districts = (await links(".card h3 a")).slice(0, all ? undefined : 1);
  const kecamatan = await links(".finder .names a");
  const programs = await links("a[href^='/program/']");
  const program = (code) => programs.find((href) => href === `/program/${code}/`);
  const first = districts.slice(0, 2).map((district) => kecamatan.find((href) => href.startsWith(district)));
  const lists = districts.slice(0, 1).flatMap((district) => [`${district}rincian/`, `${district}daftar-desa/`, `${district}banding/`]);
  await page.goto(base + first[0]);
  const village = (await links("#desa ~ .scroll tbody a")).slice(0, 1);
  const releases = districts.slice(0, 1).map((district) => district.replace("/wilayah/", "/rilis/"));
  await page.goto(base + releases[0]);
  const issue = (await links("tbody a")).slice(0, 1);
  const inside = [`${program("pkh")}${districts[0].split("/").at(-2)}/`];
  const few = [program("pkh"), program("yapi") ?? program("pip")].filter(Boolean);
  return ["/", "/wilayah/", ...districts, ...lists, ...first, ...village, "/program/", ...inside, ...few, "/data/", "/data/kamus/", ...districts.slice(0, 1).map((district) => district.replace("/wilayah/", "/data/")), "/metode/", "/lapor/", "/istilah/", "/risiko/", ...districts.slice(0, 1).map((district) => district.replace("/wilayah/", "/risiko/")), "/rilis/", ...releases, ...issue];
}

/** A card for the pages of others, in both languages: a template of its own, without the frame of the site. */
export async function cards(page, base) {
  const kecamatan = (await templates(page, base, false)).find((address) => /^\/wilayah\/[^/]+\/(?!rincian|daftar-desa|banding)[^/]+\/$/.test(address));
  return ["", "/en"].map((prefix) => `${prefix}${kecamatan.replace("/wilayah/", "/sematkan/")}pkh/`);
}
