// Makes an addon that was linked against a newer glibc loadable on an older one.
//
// The dynamic loader refuses a library that names a symbol version the system
// does not have, even where every symbol of that version is weak (may be
// absent). Such a requirement may itself be marked weak; then the loader only
// warns. That mark is one bit per requirement, and it is set here, after
// checking that no strong symbol needs the version.

const SHT_DYNSYM = 11;
const SHT_GNU_VERNEED = 0x6ffffffe;
const SHT_GNU_VERSYM = 0x6fffffff;
const STB_WEAK = 2;
const VER_FLG_WEAK = 2;

/** -1, 0 or 1, as version `a` is older than, equal to or newer than `b`. */
export function compareVersions(a, b) {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

/** The section headers of a 64-bit little-endian ELF file, by type. */
function sections(elf) {
  if (elf.length < 64 || elf.toString("latin1", 0, 4) !== "\x7fELF" || elf[4] !== 2 || elf[5] !== 1)
    throw new Error("not a 64-bit little-endian ELF file");
  const wide = (at) => Number(elf.readBigUInt64LE(at));
  const start = wide(0x28);
  const step = elf.readUInt16LE(0x3a);
  const all = [];
  for (let i = 0; i < elf.readUInt16LE(0x3c); i++) {
    const at = start + i * step;
    all.push({
      type: elf.readUInt32LE(at + 4),
      offset: wide(at + 0x18),
      size: wide(at + 0x20),
      link: elf.readUInt32LE(at + 0x28),
      info: elf.readUInt32LE(at + 0x2c),
      entry: wide(at + 0x38),
    });
  }
  return all;
}

/** Each glibc version the file requires: its name, index, and where its flags stand. */
function requirements(elf, all) {
  const needs = all.find((s) => s.type === SHT_GNU_VERNEED);
  if (!needs) return [];
  const names = all[needs.link].offset;
  const text = (at) => elf.toString("latin1", names + at, elf.indexOf(0, names + at));
  const found = [];
  let library = needs.offset;
  for (let i = 0; i < needs.info; i++) {
    let version = library + elf.readUInt32LE(library + 8);
    for (let j = 0; j < elf.readUInt16LE(library + 2); j++) {
      const match = /^GLIBC_([0-9.]+)$/.exec(text(elf.readUInt32LE(version + 8)));
      if (match) found.push({ version: match[1], index: elf.readUInt16LE(version + 6), flags: version + 4 });
      version += elf.readUInt32LE(version + 12);
    }
    library += elf.readUInt32LE(library + 12);
  }
  return found;
}

/**
 * Marks weak, in place, each glibc version `elf` requires above `host`.
 * Returns those versions; none means that the file loads as it is. Throws when
 * a strong symbol needs one of them, since the addon would then not run.
 */
export function weaken(elf, host) {
  const all = sections(elf);
  const symbols = all.find((s) => s.type === SHT_DYNSYM);
  const versions = all.find((s) => s.type === SHT_GNU_VERSYM);
  const newer = requirements(elf, all).filter(({ version }) => compareVersions(version, host) > 0);
  for (const { version, index } of newer) {
    for (let i = 0; i < symbols.size / symbols.entry; i++) {
      const used = elf.readUInt16LE(versions.offset + 2 * i) & 0x7fff;
      const binding = elf[symbols.offset + i * symbols.entry + 4] >> 4;
      if (used === index && binding !== STB_WEAK) throw new Error(`this addon needs glibc ${version}, and this system has ${host}`);
    }
  }
  for (const { flags } of newer) elf.writeUInt16LE(elf.readUInt16LE(flags) | VER_FLG_WEAK, flags);
  return newer.map(({ version }) => version);
}
