//! What an audit says: plain lines in groups, the same as JSON.

use std::fmt;

use serde::Serialize;

/// Lines of one group that are told; the rest is only counted.
const TOLD: usize = 200;

/// What a line is about, in the order in which a report tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// The log and its keys.
    Log,
    /// The release folders: signatures, files, chain.
    Releases,
    /// The forms of each dataset against each other.
    Forms,
    /// The attacks of the privacy policy.
    Attacks,
    /// The answers of the API.
    Api,
    /// The pages of the site.
    Site,
    /// Copying.
    Mirror,
}

impl Group {
    /// All groups, in order.
    pub const ALL: [Group; 7] = [Group::Log, Group::Releases, Group::Forms, Group::Attacks, Group::Api, Group::Site, Group::Mirror];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Group::Log => "log",
            Group::Releases => "releases",
            Group::Forms => "forms",
            Group::Attacks => "attacks",
            Group::Api => "api",
            Group::Site => "site",
            Group::Mirror => "mirror",
        }
    }
}

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Wrong {
    /// What it is about.
    pub group: Group,
    /// The release, when it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The file, page, tile or address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What is wrong, and where in it.
    pub what: String,
}

/// Something that was checked, or could not be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Line {
    /// What it is about.
    pub group: Group,
    /// In words.
    pub what: String,
}

/// What an audit or a mirror found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What was looked at: an address or a folder.
    pub subject: String,
    /// Whether nothing is wrong.
    pub good: bool,
    /// What is wrong.
    pub wrong: Vec<Wrong>,
    /// How many more things are wrong than are told.
    pub more_wrong: usize,
    /// What was checked.
    pub checked: Vec<Line>,
    /// What could not be checked, and why.
    pub unchecked: Vec<Line>,
}

impl Default for Report {
    fn default() -> Report {
        Report { subject: String::new(), good: true, wrong: Vec::new(), more_wrong: 0, checked: Vec::new(), unchecked: Vec::new() }
    }
}

impl Report {
    /// A report with nothing in it yet.
    #[must_use]
    pub fn new(subject: &str) -> Report {
        Report { subject: printable(subject), ..Report::default() }
    }

    /// Notes what was checked.
    pub fn checked(&mut self, group: Group, what: impl Into<String>) {
        self.checked.push(Line { group, what: what.into() });
    }

    /// Notes what could not be checked, and why.
    pub fn unchecked(&mut self, group: Group, what: impl AsRef<str>) {
        let line = Line { group, what: printable(what.as_ref()) };
        if !self.unchecked.contains(&line) && self.unchecked.len() < TOLD {
            self.unchecked.push(line);
        }
    }

    /// Notes something wrong; beyond a bound it is only counted.
    pub fn wrong(&mut self, group: Group, release: Option<&str>, at: Option<&str>, what: impl AsRef<str>) {
        self.found(Wrong { group, release: release.map(printable), at: at.map(printable), what: printable(what.as_ref()) });
    }

    /// The same, ready made.
    pub fn found(&mut self, wrong: Wrong) {
        self.good = false;
        if self.wrong.iter().filter(|known| known.group == wrong.group).count() >= TOLD {
            self.more_wrong += 1;
        } else if !self.wrong.contains(&wrong) {
            self.wrong.push(wrong);
        }
    }

    /// Whether something of a group is wrong.
    #[must_use]
    pub fn is_wrong(&self, group: Group) -> bool {
        self.wrong.iter().any(|wrong| wrong.group == group)
    }

    /// Takes in another report's lines.
    pub fn take(&mut self, other: Report) {
        self.checked.extend(other.checked);
        for line in other.unchecked {
            self.unchecked(line.group, line.what);
        }
        self.more_wrong += other.more_wrong;
        self.good &= other.good;
        other.wrong.into_iter().for_each(|wrong| self.found(wrong));
    }

    /// The value, or a line of what is wrong.
    pub fn value<T>(&mut self, group: Group, release: Option<&str>, result: Result<T, impl fmt::Display>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(group, release, None, error.to_string());
                None
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.subject)?;
        for group in Group::ALL {
            for line in self.checked.iter().filter(|line| line.group == group) {
                writeln!(f, "checked      {}: {}", group.as_str(), line.what)?;
            }
            for line in self.unchecked.iter().filter(|line| line.group == group) {
                writeln!(f, "not checked  {}: {}", group.as_str(), line.what)?;
            }
            for wrong in self.wrong.iter().filter(|wrong| wrong.group == group) {
                write!(f, "WRONG        {}:", group.as_str())?;
                if let Some(release) = &wrong.release {
                    write!(f, " {release}")?;
                }
                if let Some(at) = &wrong.at {
                    write!(f, " {at}")?;
                }
                if wrong.release.is_some() || wrong.at.is_some() {
                    f.write_str(":")?;
                }
                writeln!(f, " {}", wrong.what)?;
            }
        }
        if self.more_wrong > 0 {
            writeln!(f, "WRONG        and {} more of the same groups", self.more_wrong)?;
        }
        f.write_str(if self.good { "nothing is wrong" } else { "see the lines marked WRONG" })
    }
}

/// A text of strangers for a terminal: no control characters, and not endless.
#[must_use]
pub fn printable(text: &str) -> String {
    const MOST: usize = 600;
    let mut cut: String = text.chars().take(MOST).map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(MOST).is_some() {
        cut.push('…');
    }
    cut.replace('\n', "; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_grouped_bounded_and_plain() {
        let mut report = Report::new("x");
        assert!(report.to_string().ends_with("nothing is wrong"));
        for n in 0..TOLD + 7 {
            report.wrong(Group::Site, Some("36.71-2025-06"), Some("/a/"), format!("\u{1b}[2J {n}"));
        }
        report.checked(Group::Log, "all");
        report.unchecked(Group::Api, "none answers");
        let text = report.to_string();
        assert!(text.find("checked      log").unwrap() < text.find("WRONG        site: 36.71-2025-06 /a/: ").unwrap());
        assert!(!text.contains('\u{1b}') && text.contains("and 7 more") && text.ends_with("see the lines marked WRONG"));
    }
}
