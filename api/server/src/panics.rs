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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_one_line_of_json_with_its_request() {
        let lines = Lines::default();
        let writer = lines.clone();
        let log = tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone()).finish();
        let before = std::panic::take_hook();
        to_the_log();
        let caught = tracing::subscriber::with_default(log, || {
            actix_web::rt::System::new().block_on(catch("0123456789abcdef".into(), async {
                tokio::task::yield_now().await;
                panic!("on purpose, {}", 1);
            }))
        });
        std::panic::set_hook(before);
        assert_eq!(caught, Err::<(), ()>(()));
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!(line["request_id"], "0123456789abcdef");
        assert_eq!(line["panic"], "on purpose, 1");
        assert_eq!(line["level"], "ERROR");
        assert!(line["place"].as_str().unwrap().contains("panics.rs"));
        assert!(NOW.with(|now| now.borrow().is_none()), "the next request is another");
    }
}
