//! Asking a witness for its cosignature (C2SP tlog-witness), as the log's side
//! does it: the checkpoint goes out with the proof that it continues what the
//! witness saw last, a signature line comes back.
//!
//! A witness is a stranger's server: it has half a minute, its answers are
//! bounded, redirects are not followed, and a line counts only if it stands
//! under the witness's key, which `catalogue::cosign` checks.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use release::log::{Line, Log};
use release::witness;

/// How long a witness may take for one answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most bytes of an answer that are read.
const MOST: u64 = 64 << 10;

/// Submits the log's checkpoint to the witness whose submission prefix is
/// `address`, and gives the lines it answers with.
///
/// # Errors
/// Says what the witness refused and what that means for the log.
pub fn ask(address: &str, log: &Log) -> Result<Vec<Line>> {
    let signed = log.signed().context("the log is empty: there is no checkpoint to cosign")?;
    let head = signed.head();
    let address = format!("{}/add-checkpoint", address.trim_end_matches('/'));
    if !address.starts_with("https://") && !address.starts_with("http://") {
        bail!("{address}: expected an address that begins with https:// (or http:// on your own network)");
    }
    let mut config = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("bansos-api/", env!("CARGO_PKG_VERSION")));
    // A proxy of the machine must not stand between it and itself.
    if ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|own| address.starts_with(own)) {
        config = config.proxy(None);
    }
    let agent = config.build().new_agent();
    // A witness that knows more says so at once; one that does not takes it from the beginning.
    let mut old = 0;
    for _ in 0..3 {
        let body = witness::request(signed, &log.files(), old)?;
        let mut answer =
            agent.post(&address).header("content-type", "text/plain; charset=utf-8").send(body).with_context(|| address.clone())?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(MOST).read_to_string().with_context(|| format!("{address}: its answer"));
        match status {
            200 => return witness::read_answer(&text?).with_context(|| address.clone()),
            409 => {
                let text = text?;
                let known: u64 = text
                    .strip_suffix('\n')
                    .and_then(|size| size.parse().ok())
                    .with_context(|| format!("{address}: answered 409 without the size it knows"))?;
                if known > head.size {
                    bail!(
                        "{address}: the witness cosigned {known} entries of this log, which has {}: the log was cut, or put back from an old copy",
                        head.size
                    );
                }
                if known == old {
                    bail!("{address}: the witness cosigned another history of {known} entries of this log: the log was forked");
                }
                old = known;
            }
            404 => bail!("{address}: the witness does not know the log {:?} (404): ask its operator to add it", head.origin),
            403 => bail!(
                "{address}: the witness does not know the log's key (403): give its operator keys/log.vkey, and keys/log.rotations if it was changed"
            ),
            422 => bail!(
                "{address}: the witness refuses the proof that the log continues its first {old} entries (422): the log was rewritten"
            ),
            status => {
                let text: String = text.unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect();
                bail!("{address}: answered {status}: {text}")
            }
        }
    }
    bail!("{address}: the witness names another size each time it is asked")
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use release::keys::{self, Kind};
    use release::log::{Action, Head, proofs};

    use super::*;

    struct Made(tempfile::TempDir);

    impl Made {
        fn new() -> Made {
            let folder = tempfile::tempdir().unwrap();
            keys::create(folder.path(), keys::LOG, "log.example").unwrap();
            keys::create_of(folder.path(), "witness-a", "witness.example/a", Kind::Witness).unwrap();
            Made(folder)
        }

        fn grow(&self, n: u64) -> Log {
            let path = self.0.path().join("log");
            let action = |n| Action::Withdraw { release: "36.71-2025-06".parse().unwrap(), reason: format!("{n}"), at: String::new() };
            let from = Log::open(&path).unwrap().size();
            let actions: Vec<Action> = (from..from + n).map(action).collect();
            release::log::append(&path, &actions, &keys::secret(self.0.path(), keys::LOG).unwrap()).unwrap();
            Log::open(&path).unwrap()
        }

        /// A witness that remembers `seen`, for `times` requests.
        fn witness(&self, seen: Option<Head>, times: usize) -> String {
            let key = keys::secret(self.0.path(), "witness-a").unwrap();
            serve(times, move |body| {
                let (old, proof, signed) = witness::read_request(body).unwrap();
                match &seen {
                    Some(seen) if old != seen.size => (409, format!("{}\n", seen.size)),
                    Some(seen) if old == signed.head().size && seen.root != signed.head().root => (409, format!("{old}\n")),
                    Some(seen) if proofs::check_consistency(seen, signed.head(), &proof).is_err() => (422, String::new()),
                    None if old != 0 => (409, "0\n".to_owned()),
                    _ => (200, format!("{}\n", witness::sign(&signed, &key, 1_750_000_000).unwrap())),
                }
            })
        }
    }

    fn serve(times: usize, answer: impl Fn(&str) -> (u16, String) + Send + 'static) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming().take(times) {
                let mut stream = stream.unwrap();
                let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
                loop {
                    let n = stream.read(&mut buffer).unwrap();
                    request.extend_from_slice(&buffer[..n]);
                    let text = String::from_utf8_lossy(&request).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let length: usize =
                        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok()).unwrap();
                    if body.len() >= length {
                        assert!(head.starts_with("POST /add-checkpoint HTTP/1.1"), "{head}");
                        let (status, body) = answer(body);
                        let length = body.len();
                        let _ = write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
                        break;
                    }
                }
            }
        });
        address
    }

    #[test]
    fn a_witness_cosigns_what_continues() {
        let made = Made::new();
        let log = made.grow(300);
        let lines = ask(&made.witness(None, 1), &log).unwrap();
        let all = witness::witnesses(made.0.path()).unwrap();
        witness::attach(log.folder(), &lines, &all, 1_750_000_000).unwrap();
        // It has seen this size, then a smaller one.
        let seen = log.head().cloned();
        ask(&made.witness(seen.clone(), 2), &log).unwrap();
        let log = made.grow(5);
        let lines = ask(&made.witness(seen, 2), &log).unwrap();
        assert_eq!(lines.len(), 1);
    }

    #[test]
    fn refusals_say_what_they_mean() {
        let made = Made::new();
        let log = made.grow(9);
        let head = log.head().unwrap().clone();
        let told = |seen: Head, times| format!("{:#}", ask(&made.witness(Some(seen), times), &log).unwrap_err());
        assert!(told(Head { size: 12, ..head.clone() }, 1).contains("was cut"));
        assert!(told(Head { root: [1; 32], ..head.clone() }, 2).contains("forked"));
        assert!(told(Head { size: 4, root: [1; 32], ..head }, 2).contains("422"));
        for (status, body, word) in [
            (404, "", "does not know the log \"log.example\""),
            (403, "", "keys/log.vkey"),
            (409, "what", "without the size"),
            (500, "broken\u{1b}[0m", "answered 500: broken[0m"),
            (302, "", "answered 302"),
            (200, "", "without a signature"),
            (200, "ok\n", "not a signature line"),
        ] {
            let error = ask(&serve(1, move |_| (status, body.to_owned())), &log).unwrap_err();
            assert!(format!("{error:#}").contains(word), "{word}: {error:#}");
        }
        let endless = serve(1, |_| (200, "x".repeat(1 << 20)));
        assert!(ask(&endless, &log).is_err());
        assert!(ask("ftp://x", &log).is_err());
    }
}
