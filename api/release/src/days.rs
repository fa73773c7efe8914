//! When a month was due and when it came, in days.
//!
//! A day is one of Indonesia's western time (WIB, UTC+7, no summer time): the
//! day by which offices and newspapers call an instant, and the time in which
//! national deadlines are set.

use jiff::civil::Date;

/// The day of an instant in RFC 3339; `None` where the text is no instant.
#[must_use]
pub fn day_of(at: &str) -> Option<Date> {
    let instant: jiff::Timestamp = at.parse().ok()?;
    Some(jiff::tz::Offset::constant(7).to_datetime(instant).date())
}

/// Days from one day to another; negative where the other is earlier.
#[must_use]
pub fn between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// By how many days `came` is after `expected`; 0 where it is in time.
#[must_use]
pub fn late(expected: Date, came: Date) -> u64 {
    u64::try_from(between(expected, came)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_that_of_jakarta() {
        let day = |at: &str| day_of(at).map(|day| day.to_string());
        assert_eq!(day("2025-07-30T16:59:59Z").as_deref(), Some("2025-07-30"));
        assert_eq!(day("2025-07-30T17:00:00Z").as_deref(), Some("2025-07-31"));
        assert_eq!(day("yesterday"), None);
    }

    #[test]
    fn who_is_in_time_is_not_late() {
        let day = |text: &str| -> Date { text.parse().unwrap() };
        assert_eq!(late(day("2025-07-30"), day("2025-07-30")), 0);
        assert_eq!(late(day("2025-07-30"), day("2025-07-02")), 0);
        assert_eq!(late(day("2025-07-30"), day("2025-09-01")), 33);
        assert_eq!(between(day("2025-02-28"), day("2024-02-29")), -365);
    }
}
