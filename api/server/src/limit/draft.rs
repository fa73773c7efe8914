//! How quotas are told: the IETF's draft of RateLimit header fields. This file
//! alone knows it, so that a later revision, or the RFC, changes one file.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, LINK, RETRY_AFTER};

use super::{Left, Policy};
use crate::config::Quota;
use crate::problem::{Code, Problem, Registered};
use crate::words::Text;

/// The revision that is followed (23 May 2026, the newest one).
pub const REVISION: &str = "draft-ietf-httpapi-ratelimit-headers-11";

/// What is allotted: `"list";q=300;w=60`, in requests and seconds.
pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// What is left: `"list";r=299;t=60`.
pub const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The problem type that the draft registers (section 5.1).
pub const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/// Puts both fields on an answer.
pub fn tell(headers: &mut HeaderMap, policy: Policy, quota: Quota, left: Left) {
    for (name, text) in [(POLICY, allotted(policy, quota)), (LIMIT, remaining(policy, quota, left))] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
}

/// An item of `RateLimit-Policy`. There is no partition key: it would be the
/// client's own address.
fn allotted(policy: Policy, quota: Quota) -> String {
    format!("\"{}\";q={};w={}", policy.as_str(), quota.requests, quota.seconds)
}

/// An item of `RateLimit`. The window is the time in which what is left comes
/// back: a client that spreads what is left over it is never refused, and the
/// ratio that it reckons from is never above the policy's (section 8.5).
fn remaining(policy: Policy, quota: Quota, left: Left) -> String {
    let back = u64::from(left.requests) * u64::from(quota.seconds);
    let window = back.div_ceil(u64::from(quota.requests.max(1))).max(left.wait).max(1);
    format!("\"{}\";r={};t={window}", policy.as_str(), left.requests)
}

/// The answer to a client that has nothing left. `Retry-After` is the end of
/// the window, as section 6 asks.
#[must_use]
pub fn refusal(policy: Policy, left: Left) -> Problem {
    let (seconds, name) = (left.wait, policy.as_str());
    let mut problem = Problem::new(
        Code::QuotaExceeded,
        Text::new(
            format!("kuota \"{name}\" habis; coba lagi dalam {seconds} detik. Kuota ada di /v1"),
            format!("the quota \"{name}\" is used up; try again in {seconds} seconds. Quotas are listed at /v1"),
        ),
    )
    .header(RETRY_AFTER, HeaderValue::from(seconds))
    .header(LINK, HeaderValue::from_static("</docs/errors/quota-exceeded>; rel=\"help\""));
    problem.registered = Some(Box::new(Registered { r#type: QUOTA_EXCEEDED, violated_policies: vec![name] }));
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota { requests: 300, seconds: 60 };

    fn left(requests: u32, wait: u64) -> Left {
        Left { requests, wait }
    }

    /// The text of draft-ietf-httpapi-ratelimit-headers-11: sections 3, 4, 5.1, 6 and 8.5.
    #[test]
    fn fields_are_those_of_revision_11() {
        assert_eq!(REVISION, "draft-ietf-httpapi-ratelimit-headers-11");
        let mut headers = HeaderMap::new();
        tell(&mut headers, Policy::List, QUOTA, left(150, 0));
        let text = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
        // A list of one item: a String with Integer parameters (RFC 9651).
        assert_eq!(text("RateLimit-Policy"), "\"list\";q=300;w=60");
        assert_eq!(text("RateLimit"), "\"list\";r=150;t=30");
    }

    #[test]
    fn what_is_left_over_its_window_is_never_more_than_the_policy() {
        for quota in [QUOTA, Quota { requests: 3, seconds: 60 }, Quota { requests: 3000, seconds: 60 }, Quota { requests: 7, seconds: 1 }] {
            for requests in 0..=quota.requests {
                let text = remaining(Policy::List, quota, left(requests, u64::from(requests == 0)));
                let (r, t) = text.strip_prefix("\"list\";r=").unwrap().split_once(";t=").unwrap();
                let (r, t): (u64, u64) = (r.parse().unwrap(), t.parse().unwrap());
                assert!(t >= 1 && r * u64::from(quota.seconds) <= t * u64::from(quota.requests), "{text} of {quota:?}");
            }
        }
    }

    #[test]
    fn a_refusal_is_of_the_registered_type_and_waits_to_the_end_of_the_window() {
        let problem = refusal(Policy::Downloads, left(0, 7));
        let response = problem.render(crate::words::Language::English, "id");
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers().get("retry-after").unwrap(), "7");
        assert_eq!(remaining(Policy::Downloads, QUOTA, left(0, 7)), "\"downloads\";r=0;t=7");
        let body = actix_web::body::MessageBody::try_into_bytes(response.into_body()).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(json["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded");
        assert_eq!(json["violated-policies"], serde_json::json!(["downloads"]));
        assert_eq!(json["code"], "quota-exceeded");
    }
}
