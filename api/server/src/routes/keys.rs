//! Public keys: what signatures of manifests and of the log are checked with.
//!
//! The folder holds secret keys, too. So a name is taken apart and understood
//! before any file is opened, and what is found is looked at before it is told.

use std::io::Read;

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use domain::{AreaCode, Level};

use crate::params::{Nothing, Query};
use crate::problem::{Answer, Code, Problem};
use crate::respond::matches;
use crate::state::State;
use crate::words::Text;

/// Largest file of keys that is served: many rotations fit in.
const LARGEST: u64 = 256 << 10;

/// Longest name of a witness.
const LONGEST: usize = 64;

/// Whether a name is one of a public key or of the statements of its
/// rotations: of the log, of a kabupaten/kota by its dotted code, or of a
/// witness by a plain word.
fn is_public(name: &str) -> bool {
    let Some((stem, "vkey" | "rotations")) = name.rsplit_once('.') else { return false };
    if stem == "log" {
        return true;
    }
    if let Some(code) = stem.strip_prefix("district-") {
        let area: Option<AreaCode> = code.parse().ok();
        return area.is_some_and(|area| area.level() == Level::Kabupaten && area.to_string() == code);
    }
    stem.strip_prefix("witness-").is_some_and(|word| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
        let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = word.as_bytes();
        bytes.len() <= LONGEST && bytes.iter().copied().all(plain) && ends(bytes.first()) && ends(bytes.last()) && !word.contains("..")
    })
}

/// The text of a public key file; none where there is no such file, or where it
/// is not what its name says.
fn read(folder: &std::path::Path, name: &str) -> std::io::Result<Option<String>> {
    let path = folder.join(name);
    let found = match std::fs::symlink_metadata(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // A link could lead to a secret key.
    if !found.is_file() || found.len() > LARGEST {
        return Ok(None);
    }
    let mut text = String::new();
    std::fs::File::open(&path)?.take(LARGEST).read_to_string(&mut text)?;
    Ok((!text.contains("PRIVATE")).then_some(text))
}

/// A public key
///
/// A verifier key of C2SP signed notes (`.vkey`) or the signed statements by which one followed the other (`.rotations`, absent while there was none): `log`, `district-CODE` or `witness-NAME`. Secret keys are never served.
#[utoipa::path(
    operation_id = "get_key", tag = "log",
    params(("file" = String, Path, description = "log, district- with the code of a kabupaten/kota, or witness- with its name; then .vkey or .rotations.", example = "log.vkey"), Nothing),
    responses((status = 200, description = "The key or the statements.",
               headers(("ETag" = String, description = "Strong."), ("Repr-Digest" = String, description = "SHA-256 of the bytes (RFC 9530)."),
                       ("Cache-Control" = String, description = "60 seconds.")),
               body = String, content_type = "text/plain", example = "bansos-log+5f3b8c1e+AZ9Vd1mT3lY4W0x2kq7uHn6cGz8sJbPpRfE5tQyXoLvK\n"),
              (status = 404, description = "There is no such public key."))
)]
#[get("/keys/{file}")]
pub async fn get_key(request: HttpRequest, state: Data<State>, path: Path<String>, _query: Query<Nothing>) -> Answer {
    let name = path.into_inner();
    let missing = || {
        Problem::new(
            Code::NotFound,
            Text::new(
                "tidak ada kunci publik itu; yang ada misalnya log.vkey dan district-36.71.vkey",
                "there is no such public key; there are such as log.vkey and district-36.71.vkey",
            ),
        )
    };
    if !is_public(&name) {
        return Err(missing().into());
    }
    let folder = state.data.keys();
    let found = actix_web::web::block(move || read(&folder, &name)).await?.map_err(anyhow::Error::from)?;
    let text = found.ok_or_else(missing)?;
    let sha256 = release::sha256_hex(text.as_bytes());
    let tag = format!("\"{sha256}\"");
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ETAG, tag.as_str())).insert_header((header::CACHE_CONTROL, "public, max-age=60"));
    if let Some(digest) = crate::files::digest(&sha256) {
        response.insert_header(("Repr-Digest", digest));
    }
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| matches(known, &tag)) {
        return Ok(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    Ok(response.insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8")).body(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_public_keys_and_no_others() {
        for name in
            ["log.vkey", "log.rotations", "district-36.71.vkey", "district-12.74.rotations", "witness-kpk.vkey", "witness-a.b-c.vkey"]
        {
            assert!(is_public(name), "{name}");
        }
        for name in [
            "log.key",
            "log.vkey.key",
            "log.key.vkey",
            "log.",
            "log",
            ".vkey",
            "vkey",
            "LOG.vkey",
            "log.VKEY",
            "log.vkey ",
            " log.vkey",
            "log.vkey/",
            "log.vkey\0",
            "district-36.71.key",
            "district-3671.vkey",
            "district-36.vkey",
            "district-36.71.01.vkey",
            "district-.vkey",
            "district-36.71/../log.vkey",
            "district-../log.key.vkey",
            "witness-.vkey",
            "witness-..vkey",
            "witness-../log.vkey",
            "witness-a/../../log.vkey",
            "witness-a..b.vkey",
            "witness-A.vkey",
            "witness-a.key",
            "../keys/log.vkey",
            "./log.vkey",
            "release.vkey",
        ] {
            assert!(!is_public(name), "{name}");
        }
        assert!(!is_public(&format!("witness-{}.vkey", "a".repeat(LONGEST + 1))));
    }

    #[test]
    fn what_is_not_what_its_name_says_is_not_told() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("log.key"), "PRIVATE+KEY+log+00000000+AAAA").unwrap();
        std::fs::write(at("district-36.71.vkey"), "PRIVATE+KEY+log+00000000+AAAA").unwrap();
        std::os::unix::fs::symlink(at("log.key"), at("log.vkey")).unwrap();
        std::fs::create_dir(at("witness-a.vkey")).unwrap();
        std::fs::write(at("witness-b.vkey"), vec![b'a'; LARGEST as usize + 1]).unwrap();
        std::fs::write(at("witness-c.vkey"), "c+00000000+AAAA\n").unwrap();
        for name in ["district-36.71.vkey", "log.vkey", "witness-a.vkey", "witness-b.vkey", "witness-d.vkey"] {
            assert_eq!(read(folder.path(), name).unwrap(), None, "{name}");
        }
        assert_eq!(read(folder.path(), "witness-c.vkey").unwrap().unwrap(), "c+00000000+AAAA\n");
    }
}
