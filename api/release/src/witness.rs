//! Witnesses (C2SP tlog-cosignature, tlog-witness): somebody who remembers the
//! last checkpoint of a log and signs a new one only if it continues that. A
//! checkpoint with their lines cannot have been shown to one reader alone.
//!
//! A cosignature is a line of the checkpoint: the time, and an Ed25519 signature
//! of `cosignature/v1`, that time and the checkpoint's text. It never changes
//! the text that the host signed. A new checkpoint begins without any.

use std::path::Path;

use base64::Engine as _;
use ed25519_dalek::{Signature, Signer, VerifyingKey};

use crate::keys::{self, Kind};
use crate::log::{Files, Line, Log, Remembered, SignedHead, proofs};
use crate::merkle::Hash;
use crate::{Error, Report, Result};

/// How the names of witnesses' key files begin: `witness-NAME.vkey`.
pub const FILE: &str = "witness-";
/// Clocks differ: a line dated this many seconds ahead is still taken.
const AHEAD: u64 = 3600;
/// The most witnesses of a host.
const MOST: usize = 64;

/// A witness's public key.
#[derive(Debug, Clone)]
pub struct Witness {
    name: String,
    id: u32,
    key: VerifyingKey,
}

/// A cosignature that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// The witness's name.
    pub name: String,
    /// When, seconds since 1970 UTC.
    pub at: u64,
}

impl Witness {
    /// Reads a verifier key of type 0x04.
    ///
    /// # Errors
    /// When it is malformed or of another type.
    pub fn parse(vkey: &str) -> Result<Witness> {
        let wrong = |what: &str| Error::Signature(format!("not a witness's public key (C2SP vkey of type 0x04): {what}"));
        let mut parts = vkey.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("expected name+id+key"));
        };
        let bytes = base64::engine::general_purpose::STANDARD.decode(key).map_err(|_| wrong("the key is not base64"))?;
        let id = Some(id).filter(|id| id.len() == 8).and_then(|id| u32::from_str_radix(id, 16).ok()).ok_or_else(|| wrong("its id"))?;
        let Some((&4, public)) = bytes.split_first() else { return Err(wrong("of another type")) };
        let key = public.try_into().ok().and_then(|bytes| VerifyingKey::from_bytes(bytes).ok()).ok_or_else(|| wrong("the key"))?;
        if name.is_empty() || id != signed_note::key_id(name, &bytes) {
            return Err(wrong("its id is not that of name and key"));
        }
        Ok(Witness { name: name.to_owned(), id, key })
    }

    /// The witness's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the line says that it is of this key.
    #[must_use]
    pub fn made(&self, line: &Line) -> bool {
        line.name == self.name && line.id == self.id
    }

    /// Checks a line over a checkpoint's text; gives the time it states.
    ///
    /// # Errors
    /// When it is not of this witness, or not over this text.
    pub fn verify(&self, line: &Line, text: &str) -> Result<u64> {
        let wrong = |what: &str| Error::Signature(format!("the cosignature of {}: {what}", self.name));
        if !self.made(line) {
            return Err(wrong("the line is of another key"));
        }
        let Some((time, signature)) = line.signature.split_first_chunk::<8>() else { return Err(wrong("too short")) };
        let at = u64::from_be_bytes(*time);
        let signature = signature.try_into().map(Signature::from_bytes).map_err(|_| wrong("not 72 bytes"))?;
        self.key
            .verify_strict(message(text, at).as_bytes(), &signature)
            .map_err(|_| wrong("does not stand: it is over another checkpoint, or was changed"))?;
        Ok(at)
    }
}

fn message(text: &str, at: u64) -> String {
    format!("cosignature/v1\ntime {at}\n{text}")
}

/// The witnesses whose keys lie in `folder` as `witness-NAME.vkey`, by file name.
///
/// # Errors
/// When one is no witness's key, or there are more than 64.
pub fn witnesses(folder: &Path) -> Result<Vec<Witness>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(|error| Error::io(folder, error))?,
    };
    let mut files: Vec<String> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".vkey").map(str::to_owned))
        .filter(|file| file.starts_with(FILE))
        .collect();
    if files.len() > MOST {
        return Err(Error::format(folder, format!("more than {MOST} witnesses")));
    }
    files.sort();
    let read = |file: &String| {
        let vkey = keys::public(folder, file)?;
        Witness::parse(&vkey).map_err(|error| Error::format(&folder.join(format!("{file}.vkey")), error.to_string()))
    };
    files.iter().map(read).collect()
}

/// A cosignature over a checkpoint by the secret key `skey`, dated `at`. Whoever
/// calls this has checked that the log is consistent: [`act`] does.
///
/// # Errors
/// When the key is malformed or no witness's.
pub fn sign(signed: &SignedHead, skey: &str, at: u64) -> Result<Line> {
    let (name, key) = keys::parse_secret(skey, Kind::Witness)?;
    let public = [&[Kind::Witness.byte()][..], key.verifying_key().as_bytes()].concat();
    let signature = key.sign(message(signed.text(), at).as_bytes());
    let signature = [&at.to_be_bytes()[..], &signature.to_bytes()].concat();
    Ok(Line { id: signed_note::key_id(&name, &public), name, signature })
}

/// Acts as a witness of one log: checks that `signed` is of the log whose key is
/// `log_vkey` and continues what `memory` holds (a file; absent: nothing was
/// seen yet, and the log is taken as it is), puts it in `memory`, and gives the
/// cosignature. `files` are the log's, for the proof; they are needed where the
/// log has grown.
///
/// # Errors
/// When the log is not what was remembered: nothing is signed, and `memory`
/// stays as it was.
pub fn act(signed: &SignedHead, files: &impl Files, log_vkey: &str, memory: &Path, skey: &str, at: u64) -> Result<Line> {
    signed.verify(log_vkey)?;
    let kept = match Remembered::read(memory) {
        Ok(kept) => Some(kept),
        Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if let Some(kept) = kept {
        let since = kept.compare(signed.head(), files)?;
        if !since.is_good() {
            return Err(Error::Log(format!("not cosigned: {since}; keep {} and both checkpoints, they prove it", memory.display())));
        }
    }
    let line = sign(signed, skey, at)?;
    // Remembered before the line is given away: whatever is killed, no other history is signed later.
    durable::write_file(memory, signed.to_string().as_bytes(), 0o600, "witness.memory").map_err(|error| Error::io(memory, error))?;
    Ok(line)
}

/// A log of which only the checkpoint is at hand.
#[derive(Debug, Clone, Copy)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str, _: u64) -> Result<Vec<u8>> {
        Err(Error::Log(format!(
            "{path} is not at hand: the log has grown since, and only its tiles prove that it continues; give the folder with log/ instead of the checkpoint alone"
        )))
    }
}

/// Puts lines of known witnesses on the checkpoint of the log in `folder`, in
/// one atomic write that leaves the signed text as it is. Lines of keys that are
/// not among `witnesses` are passed over; of one witness the newest stays.
/// The caller holds the host's lock.
///
/// # Errors
/// When none is of a known witness, or one does not stand over the checkpoint as
/// it is now, or is dated more than an hour after `now`.
pub fn attach(folder: &Path, lines: &[Line], witnesses: &[Witness], now: u64) -> Result<Vec<Cosigned>> {
    let log = Log::open(folder)?;
    let signed = log.signed().ok_or_else(|| Error::Log("the log is empty: there is no checkpoint to cosign".into()))?;
    let (mut new, mut cosigned) = (Vec::new(), Vec::new());
    for line in lines {
        let Some(witness) = witnesses.iter().find(|witness| witness.made(line)) else { continue };
        let at = witness.verify(line, signed.text())?;
        if at > now.saturating_add(AHEAD) {
            return Err(Error::Signature(format!("the cosignature of {} is dated in the future: {at}, now is {now}", witness.name)));
        }
        let known = signed.lines().iter().find(|known| witness.made(known)).and_then(|known| witness.verify(known, signed.text()).ok());
        if known.is_none_or(|known| known < at) {
            new.push(line.clone());
        }
        cosigned.push(Cosigned { name: witness.name.clone(), at });
    }
    if cosigned.is_empty() {
        let names: Vec<&str> = witnesses.iter().map(Witness::name).collect();
        return Err(Error::Signature(format!(
            "no line is of a witness whose key is in keys/witness-NAME.vkey (known: {})",
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        )));
    }
    if !new.is_empty() {
        let path = folder.join("checkpoint");
        durable::write_file(&path, signed.with(&new).to_string().as_bytes(), 0o644, "cosign.checkpoint")
            .map_err(|error| Error::io(&path, error))?;
    }
    Ok(cosigned)
}

/// What the lines of a checkpoint are worth: the log's signature under one of
/// `log_keys` (all keys of its chain), cosignatures of `witnesses`, and lines
/// that no key at hand explains, which nobody vouched for.
#[must_use]
pub fn lines(signed: &SignedHead, log_keys: &[String], witnesses: &[Witness]) -> Report {
    let mut report = Report::default();
    let is_logs = |line: &Line| {
        log_keys.iter().any(|vkey| {
            let mut parts = vkey.split('+');
            parts.next() == Some(&line.name) && parts.next() == Some(&format!("{:08x}", line.id))
        })
    };
    for line in signed.lines() {
        if is_logs(line) {
            continue;
        }
        match witnesses.iter().find(|witness| witness.made(line)) {
            Some(witness) => match witness.verify(line, signed.text()) {
                Ok(at) => report.checked.push(format!("checkpoint: cosigned by {} at {}", witness.name, time(at))),
                Err(error) => report.wrong.push(format!("checkpoint: {error}")),
            },
            None => report.wrong.push(format!(
                "checkpoint: a signature of {}+{:08x}, and no key of that name and id is at hand (keys/witness-NAME.vkey)",
                line.name, line.id
            )),
        }
    }
    for vkey in log_keys {
        let mut parts = vkey.split('+');
        let (name, id) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let stands = || crate::signing::open(&signed.to_string(), vkey);
        if signed.lines().iter().any(|line| line.name == name && format!("{:08x}", line.id) == id)
            && let Err(error) = stands()
        {
            report.wrong.push(format!("checkpoint: {error}"));
        }
    }
    report
}

/// A time for readers, RFC 3339.
fn time(at: u64) -> String {
    i64::try_from(at).ok().and_then(|at| jiff::Timestamp::from_second(at).ok()).map_or_else(|| format!("second {at}"), |at| at.to_string())
}

/// The signature lines in a file that a witness gave: a checkpoint with its
/// lines, or lines alone.
///
/// # Errors
/// When it is neither.
pub fn read_file(path: &Path) -> Result<Vec<Line>> {
    let bytes = crate::folder::read_bounded(path, 64 << 10)?;
    let text = String::from_utf8(bytes).map_err(|_| Error::format(path, "not text"))?;
    let lines =
        if text.contains("\n\n") { SignedHead::parse(text.as_bytes()).map(|signed| signed.lines().to_vec()) } else { read_answer(&text) };
    lines.map_err(|error| Error::format(path, error.to_string()))
}

/// The body of tlog-witness `add-checkpoint`: that the log continues its first
/// `old` entries, and the checkpoint.
///
/// # Errors
/// When the log is smaller, or its tiles are not those of the checkpoint.
pub fn request(signed: &SignedHead, files: &impl Files, old: u64) -> Result<String> {
    let proof: Vec<Hash> = proofs::consistency(files, signed.head(), old)?;
    let mut body = format!("old {old}\n");
    for hash in proof {
        body += &base64::engine::general_purpose::STANDARD.encode(hash);
        body.push('\n');
    }
    Ok(format!("{body}\n{signed}"))
}

/// Reads a request of `add-checkpoint`: the old size, the proof, the checkpoint.
///
/// # Errors
/// When it is not one.
pub fn read_request(body: &str) -> Result<(u64, Vec<Hash>, SignedHead)> {
    let wrong = |what: &str| Error::Log(format!("not a request of add-checkpoint: {what}"));
    let (first, checkpoint) = body.split_once("\n\n").ok_or_else(|| wrong("no empty line"))?;
    let mut lines = first.lines();
    let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or_else(|| wrong("no old size"))?;
    let size: u64 = old.parse().ok().filter(|size: &u64| size.to_string() == old).ok_or_else(|| wrong("the old size"))?;
    let mut proof = Vec::new();
    for line in lines {
        let hash = base64::engine::general_purpose::STANDARD.decode(line).ok().and_then(|bytes| bytes.try_into().ok());
        proof.push(hash.filter(|_| proof.len() < proofs::LONGEST).ok_or_else(|| wrong("the proof"))?);
    }
    Ok((size, proof, SignedHead::parse(checkpoint.as_bytes())?))
}

/// Reads an answer of `add-checkpoint`: signature lines.
///
/// # Errors
/// When it is not made of signature lines, or is empty.
pub fn read_answer(body: &str) -> Result<Vec<Line>> {
    let lines = body.lines().take(MOST).map(Line::parse).collect::<Result<Vec<_>>>()?;
    if lines.is_empty() { Err(Error::Signature("the witness answered without a signature".into())) } else { Ok(lines) }
}

#[cfg(test)]
mod tests;
