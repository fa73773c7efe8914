//! The site of a copy: from `/` and the sitemap by the links of the pages, as
//! far as they stay on the host and are no questions to the API.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use anyhow::Result;

use super::Copy;
use crate::http::Answer;
use crate::page::{LARGEST, Page, style_links};
use crate::place;
use crate::report::{Group, Report};

/// Most addresses of a site: five times those of all Indonesia in two languages.
const MOST: usize = 400_000;
/// Most bytes of a site.
const MOST_BYTES: u64 = 8 << 30;
/// What the API answers and no page is.
const API: [&str; 9] = ["/v1", "/docs", "/log", "/keys", "/healthz", "/readyz", "/metrics", "/openapi.json", "/.mirror"];
/// Asked for though perhaps nothing links there.
const ROOTS: [&str; 4] = ["/", "/404.html", "/en/404.html", "/sitemap.xml"];
/// Requests at once.
const WORKERS: usize = 6;

/// What is known so far.
#[derive(Default)]
struct State {
    queue: VecDeque<(String, String)>,
    seen: BTreeSet<String>,
    busy: usize,
    pages: u64,
    bytes: u64,
    stopped: bool,
    /// Address, the page that links there, what is wrong.
    wrong: Vec<(String, String, String)>,
    failed: Option<anyhow::Error>,
}

/// Copies the site.
pub(super) fn site(copy: &Copy<'_>, report: &mut Report) -> Result<()> {
    let state = Mutex::new(State::default());
    let bell = Condvar::new();
    {
        let mut state = lock(&state);
        for root in ROOTS {
            state.seen.insert(root.to_owned());
            state.queue.push_back((root.to_owned(), String::new()));
        }
    }
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| work(copy, &state, &bell));
        }
    });
    let state = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = state.failed {
        return Err(error);
    }
    for (address, from, what) in &state.wrong {
        let from = if from.is_empty() { String::new() } else { format!(" (linked from {from})") };
        report.wrong(Group::Site, None, Some(address), format!("{what}{from}"));
    }
    if state.stopped {
        report.unchecked(Group::Site, format!("the site goes on beyond {MOST} addresses or {MOST_BYTES} bytes: the rest was left out"));
    }
    if state.pages == 0 {
        report.unchecked(Group::Site, "this host has no site at /");
    } else if copy.lasting {
        report.checked(Group::Site, format!("{} pages and files, {} bytes", state.pages, state.bytes));
    }
    Ok(())
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn work(copy: &Copy<'_>, shared: &Mutex<State>, bell: &Condvar) {
    loop {
        let (address, from) = {
            let mut state = lock(shared);
            loop {
                if state.failed.is_some() || state.queue.is_empty() && state.busy == 0 {
                    bell.notify_all();
                    return;
                }
                if let Some(next) = state.queue.pop_front() {
                    state.busy += 1;
                    break next;
                }
                state = bell.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        };
        let outcome = one(copy, &address);
        let mut state = lock(shared);
        state.busy -= 1;
        match outcome {
            Ok(Some(got)) => {
                state.pages += 1;
                state.bytes += got.bytes;
                state.seen.insert(got.path.clone());
                for link in got.links {
                    let Some(path) = copy.client.path_of(&got.path, &link) else { continue };
                    let api = API.iter().any(|own| path.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
                    if api || path.contains('?') || place::file_of(&path).is_none() {
                        continue;
                    }
                    if state.seen.len() >= MOST || state.bytes >= MOST_BYTES {
                        state.stopped = true;
                    } else if state.seen.insert(path.clone()) {
                        state.queue.push_back((path, got.path.clone()));
                    }
                }
            }
            Ok(None) if ROOTS.contains(&address.as_str()) => {}
            Ok(None) => state.wrong.push((address, from, "it is not there".to_owned())),
            Err(error) if lasting_trouble(&error) => state.failed = Some(error),
            Err(error) => state.wrong.push((address, from, format!("{error:#}"))),
        }
        bell.notify_all();
    }
}

/// Whether going on would only make more of the same.
fn lasting_trouble(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::StorageFull))
}

struct Got {
    path: String,
    links: Vec<String>,
    bytes: u64,
}

/// Copies one address and gives what it links to.
fn one(copy: &Copy<'_>, address: &str) -> Result<Option<Got>> {
    let Answer::Found(body) = copy.client.get(address, "*/*", 0)? else { return Ok(None) };
    let (path, kind) = (body.path.clone(), body.kind.clone());
    if place::file_of(&path).is_none() {
        return Ok(None);
    }
    let bytes = body.bytes(if kind == "text/html" { LARGEST } else { LARGEST * 8 })?;
    let links = match kind.as_str() {
        "text/html" => Page::read(&bytes).links,
        "text/css" => style_links(&String::from_utf8_lossy(&bytes)),
        _ if path == "/sitemap.xml" => {
            let text = String::from_utf8_lossy(&bytes);
            text.split("<loc>").skip(1).filter_map(|rest| Some(rest.split_once("</loc>")?.0.trim().to_owned())).collect()
        }
        _ => Vec::new(),
    };
    copy.write(&path, &bytes)?;
    Ok(Some(Got { path, links, bytes: bytes.len() as u64 }))
}
