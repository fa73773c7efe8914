//! Panics in the log: as JSON like every other line, with the request during
//! which they happened, and never in an answer.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

thread_local! {
    /// The request that this thread works on.
    static NOW: RefCell<Option<Rc<str>>> = const { RefCell::new(None) };
}

/// Writes panics to the log instead of printing them. Called once, before
/// anything is served.
pub fn to_the_log() {
    std::panic::set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let what = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let what = what.unwrap_or("-");
        let place = panic.location().map_or_else(|| "-".to_owned(), ToString::to_string);
        let thread = std::thread::current().name().unwrap_or("-").to_owned();
        let request = NOW.try_with(|now| now.try_borrow().ok().and_then(|now| now.clone())).ok().flatten();
        match request {
            Some(id) => tracing::error!(request_id = &*id, panic = what, place, thread, "a panic"),
            None => tracing::error!(panic = what, place, thread, "a panic"),
        }
    }));
}

/// Catches a panic of a request's future while it is polled.
///
/// # Errors
/// When it panicked.
pub async fn catch<F: Future>(request: Rc<str>, future: F) -> Result<F::Output, ()> {
    let mut future = pin!(future);
    poll_fn(move |context| {
        let before = NOW.with(|now| now.replace(Some(request.clone())));
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        NOW.with(|now| now.replace(before));
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(_) => Poll::Ready(Err(())),
        }
    })
    .await
}
