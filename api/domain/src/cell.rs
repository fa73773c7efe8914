//! Published figures. A figure is a value with a status, and none of the four
//! statuses is zero: zero is `observed` with the value 0.

use std::fmt;
use std::str::FromStr;

use crate::vocabulary::{ComplaintCategory, DESIL_WORDS, Freshness, LeaveReason, PersonFinding};
use crate::{AreaLabel, Outcome, ParseError, Period, ProgramCode, ReleaseId};

/// What a figure's value is, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Counted; the value is exact.
    Observed,
    /// Shown only within the group named in `group`.
    Grouped,
    /// Between 0 and 10: shown as "0–10".
    Withheld,
    /// Not collected, or not yet publishable.
    Missing,
}

impl Status {
    /// All statuses.
    pub const ALL: [Status; 4] = [Status::Observed, Status::Grouped, Status::Withheld, Status::Missing];

    /// The status word of files and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Observed => "observed",
            Status::Grouped => "grouped",
            Status::Withheld => "withheld",
            Status::Missing => "missing",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Status::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| ParseError::new("status", text, "observed, grouped, withheld or missing"))
    }
}

/// A statistics table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Table {
    /// Units enrolled at the end of the month.
    Totals,
    /// Units and rupiah due, paid, failed and returned in the month.
    Payments,
    /// Units that entered or left since the month before.
    Flows,
    /// Units and rupiah that the office planned for the month: its budget, not its people.
    Plan,
    /// Units in relation to inhabitants and to poor households.
    Coverage,
    /// Sums of whole equivalence classes of the edition's rows.
    Demographics,
    /// Families that two programs have in common.
    Overlaps,
    /// Units by the last outcome of field verification.
    Verification,
    /// Units by the months since field verification last checked them.
    Freshness,
    /// Units by what validation found of the person, and records at fault.
    Findings,
    /// All registered families by desil.
    Deciles,
    /// All registered families by desil, with any program and with none.
    Targeting,
    /// Complaints of the year so far, by category: received, answered, upheld.
    Reports,
}

impl Table {
    /// All tables a release holds.
    pub const ALL: [Table; 13] = [
        Table::Totals,
        Table::Payments,
        Table::Flows,
        Table::Plan,
        Table::Coverage,
        Table::Demographics,
        Table::Overlaps,
        Table::Verification,
        Table::Freshness,
        Table::Findings,
        Table::Deciles,
        Table::Targeting,
        Table::Reports,
    ];

    /// The table's word in paths and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Table::Totals => "totals",
            Table::Payments => "payments",
            Table::Flows => "flows",
            Table::Plan => "plan",
            Table::Coverage => "coverage",
            Table::Demographics => "demographics",
            Table::Overlaps => "overlaps",
            Table::Verification => "verification",
            Table::Freshness => "freshness",
            Table::Findings => "findings",
            Table::Deciles => "deciles",
            Table::Targeting => "targeting",
            Table::Reports => "reports",
        }
    }

    /// The measures of the table, in the order of files.
    #[must_use]
    pub const fn measures(self) -> &'static [&'static str] {
        match self {
            Table::Totals => &["units"],
            Table::Payments => &["due", "paid", "failed", "returned", "due_rupiah", "paid_rupiah", "failed_rupiah", "returned_rupiah"],
            Table::Flows => &["entered", "left"],
            Table::Plan => &["planned_units", "planned_rupiah"],
            Table::Coverage => &["inhabitants", "units_per_10000_inhabitants", "poor_households", "units_per_10000_poor_households"],
            Table::Demographics => &["sex", "age_band", "family_size"],
            Table::Overlaps => &["both", "only"],
            Table::Verification | Table::Freshness => &["units"],
            Table::Findings => &["units", "records"],
            Table::Deciles => &["families"],
            Table::Targeting => &["any_program", "no_program"],
            Table::Reports => &["received", "answered", "upheld"],
        }
    }

    /// The categories that a sensitive table divides its people into, in the
    /// order of their numbers; several that are shown only together are joined by
    /// `~` in the order of their words. `None` where a table has no such classes.
    #[must_use]
    pub const fn classes(self) -> Option<&'static [&'static str]> {
        match self {
            Table::Verification => Some(&Outcome::WORDS),
            Table::Freshness => Some(&Freshness::WORDS),
            Table::Findings => Some(&PersonFinding::WORDS),
            Table::Deciles | Table::Targeting => Some(&DESIL_WORDS),
            Table::Reports => Some(&ComplaintCategory::WORDS),
            Table::Flows => Some(&LeaveReason::WORDS),
            Table::Totals | Table::Payments | Table::Plan | Table::Coverage | Table::Demographics | Table::Overlaps => None,
        }
    }

    /// Whether its figures are about all registered families or all complaints
    /// and not about one program: their program is [`ProgramCode::all`].
    #[must_use]
    pub const fn is_of_all_programs(self) -> bool {
        matches!(self, Table::Deciles | Table::Targeting | Table::Reports)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Table {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Table::ALL.into_iter().find(|table| table.as_str() == text).ok_or_else(|| {
            ParseError::new("statistics table", text, "totals, payments, flows, plan, coverage, demographics, overlaps, verification, freshness, findings, deciles, targeting or reports")
        })
    }
}

/// One published figure, as a line of a statistics table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Cell {
    /// The area or pool of areas it is about.
    pub area: AreaLabel,
    /// The program.
    pub program: ProgramCode,
    /// The month it is about.
    pub period: Period,
    /// One of the table's measures.
    pub measure: String,
    /// The category within the measure; empty where there is none. Categories
    /// shown only together are joined by `~` in sorted order.
    pub category: String,
    /// The value, present exactly when `status` is `observed`: units, or whole rupiah.
    pub value: Option<u64>,
    /// What the value is, or why there is none.
    pub status: Status,
    /// The group that shows it, when `status` is `grouped`.
    pub group: Option<AreaLabel>,
    /// The release that first published it: an earlier one where an older
    /// figure still stands.
    pub release: ReleaseId,
    /// The month the figure was taken in: differs from `period` where an older
    /// figure still stands.
    pub as_of: Period,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse::<Status>().unwrap(), status);
        }
        for table in Table::ALL {
            assert_eq!(table.as_str().parse::<Table>().unwrap(), table);
        }
        assert!("zero".parse::<Status>().is_err());
    }
}
