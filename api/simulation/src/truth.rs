//! The answer key of findings about people: what the rules of the registry's
//! RULES.md must find in a month, worked out from the simulated truth by their
//! words, and by no code of the registry; with likenesses that must not be found.

use std::collections::HashSet;

use domain::{AreaCode, Period};

use crate::checks::Meaning;
use crate::district::District;
use crate::fate::{KKS_PROGRAMS, KksFate, RowFate, is_paying};
use crate::files::{Month, Written};
use crate::layouts::last_day;
use crate::lists::Group;
use crate::model::{Birth, Family, Person, mark, program};

/// A line of the key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    rule: &'static str,
    subject: Subject,
    /// What tells cases of one subject apart: program, pair, list, kind.
    ground: String,
    /// Whether the rule must find it, or must pass it over.
    is_case: bool,
}

/// Whom a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Person(u64),
    Pair(u64, u64),
    Card(u64),
}

/// The header of the key.
pub(crate) const HEADER: &str = "area,period,rule,nik,other,card,ground,truth\n";

impl Line {
    /// The line as it stands in the key.
    pub(crate) fn text(&self, area: AreaCode, period: Period) -> String {
        let (nik, other, card) = match self.subject {
            Subject::Person(nik) => (format!("{nik:016}"), String::new(), String::new()),
            Subject::Pair(one, two) => (format!("{one:016}"), format!("{two:016}"), String::new()),
            Subject::Card(card) => (String::new(), String::new(), format!("{card:016}")),
        };
        let truth = if self.is_case { "case" } else { "none" };
        format!("{area},{period},{},{nik},{other},{card},{},{truth}\n", self.rule, self.ground)
    }
}

const PBI: u8 = 8;
const YAPI: u8 = 16;
const PERMAKANAN: u8 = 32;
/// Programs and whether they are counted by family.
const PROGRAMS: [(u8, &str, bool); 6] = [
    (program::PKH, "PKH", true),
    (program::SEMBAKO, "SEMBAKO", true),
    (program::BLT_DD, "BLT_DD", true),
    (PBI, "PBI_JK", false),
    (YAPI, "YAPI", false),
    (PERMAKANAN, "PERMAKANAN", false),
];
/// Highest desil by program, and from when (year, month).
const LIMITS: [(u8, u8); 3] = [(program::PKH, 4), (program::SEMBAKO, 5), (PBI, 5)];
const LIMITS_FROM: (i16, i8) = (2025, 4);
const HEAD_AGE: u32 = 17;
const CARD_MEMBERS: usize = 20;

/// Somebody as the month's files have them.
struct Member<'a> {
    person: &'a Person,
    /// Whether the file of recipients has a row of theirs that is accepted.
    recorded: bool,
    /// Programs by that row, and by any file.
    flags: u8,
    all: u8,
    /// Whether the record stands in another kelurahan than the family.
    elsewhere: bool,
}

/// Rows that no import accepts, by what tells them.
struct Lost {
    recipients: HashSet<u64>,
    blt_dd: HashSet<u64>,
}

struct Truth<'a> {
    district: &'a District,
    period: Period,
    all_layouts: bool,
    rates: &'a crate::Rates,
    lost: Lost,
    lines: Vec<Line>,
}

/// The key of a month, whose files were told already.
pub(crate) fn findings(month: &Month<'_>, all_layouts: bool, written: &[Written]) -> Vec<Line> {
    let lost = |name: &str| written.iter().filter(|file| file.name == name).flat_map(|file| file.lost.iter().copied()).collect();
    let lost = Lost { recipients: lost("recipients.csv"), blt_dd: lost("blt-dd.csv") };
    let is_first = month.period == month.district.first;
    // Heads of families outside the registry, whom the first lists name.
    let outside: HashSet<u64> = month.district.outsiders.iter().filter(|_| is_first).map(|head| head.nik).collect();
    let mut truth = Truth { district: month.district, period: month.period, all_layouts, rates: month.rates, lost, lines: Vec::new() };
    let twice: HashSet<u64> = month.district.doubles.iter().flat_map(|(one, two)| [*one, *two]).collect();
    let mut recipients: HashSet<u64> = HashSet::new();
    let mut recorded: HashSet<u64> = HashSet::new();
    for family in &month.district.families {
        let members = truth.members(month, family);
        for member in &members {
            if member.all != 0 {
                truth.person(month, family, member);
            }
        }
        for member in members.iter().filter(|member| twice.contains(&member.person.nik)) {
            if member.all != 0 {
                recipients.insert(member.person.nik);
            }
            if member.recorded {
                recorded.insert(member.person.nik);
            }
        }
        truth.twins(&members);
        // A recipient without a record is a family of one, without a card.
        let (on_card, alone): (Vec<_>, Vec<_>) = members.into_iter().partition(|member| member.recorded);
        if on_card.iter().any(|member| member.all != 0) {
            truth.family(family, &on_card, true);
        }
        for member in alone {
            truth.family(family, &[member], false);
        }
    }
    // Some of those on the first lists who receive nothing.
    for row in month.district.listings.iter().filter(|row| (row.nik / 10_000).is_multiple_of(8)) {
        if !outside.contains(&row.nik) {
            continue;
        }
        let rule = if row.group == Group::Servant { "F05" } else { "F06" };
        truth.add(rule, Subject::Person(row.nik), row.list, false);
    }
    for (one, two) in &month.district.doubles {
        // Both stand in the file of recipients, and one of them receives.
        if recorded.contains(one) && recorded.contains(two) && (recipients.contains(one) || recipients.contains(two)) {
            truth.lines.push(Line { rule: "F02", subject: Subject::Pair(*one, *two), ground: String::new(), is_case: true });
        }
    }
    truth.lines.sort_unstable();
    truth.lines.dedup();
    truth.lines
}

impl Truth<'_> {
    fn add(&mut self, rule: &'static str, subject: Subject, ground: &str, is_case: bool) {
        self.lines.push(Line { rule, subject, ground: ground.to_owned(), is_case });
    }

    /// The members that any of the month's files names as recorded or receiving.
    fn members<'a>(&self, month: &Month<'_>, family: &'a Family) -> Vec<Member<'a>> {
        let mut members = Vec::with_capacity(family.members.len());
        for (at, person) in family.members.iter().enumerate() {
            let holds = at == family.holder;
            let mut flags = if holds { family.programs } else { 0 };
            for (mark, bit) in [(mark::PBI, PBI), (mark::YAPI, YAPI), (mark::PERMAKANAN, PERMAKANAN)] {
                flags |= if person.has(mark) { bit } else { 0 };
            }
            let recorded = person.row.accepted();
            let mut all = if recorded { flags } else { 0 };
            if person.pbi.accepted() && person.pbi_status == 0 {
                all |= PBI;
            }
            if holds {
                for ((bit, _), fate) in KKS_PROGRAMS.iter().zip(family.kks) {
                    all |= if fate == KksFate::Paid { *bit } else { 0 };
                }
                all |= self.named_again(month, family, person);
            }
            if recorded || all != 0 {
                let flags = if recorded { flags } else { 0 };
                members.push(Member { person, recorded, flags, all, elsewhere: person.row == RowFate::Elsewhere });
            }
        }
        members
    }

    /// Programs by the lists of recipients.
    fn named_again(&self, month: &Month<'_>, family: &Family, holder: &Person) -> u8 {
        if !self.all_layouts {
            return 0;
        }
        let mut programs = 0;
        for bit in [program::PKH, program::SEMBAKO] {
            let named = is_paying(self.period) && family.programs & bit != 0 && !month.is_missing(holder, u64::from(bit));
            if named && !self.lost.recipients.contains(&(holder.nik << 3 | u64::from(bit))) {
                programs |= bit;
            }
        }
        if family.programs & program::BLT_DD != 0 && !holder.has(mark::GHOST) && !self.lost.blt_dd.contains(&holder.nik) {
            programs |= program::BLT_DD;
        }
        programs
    }

    /// The rules about one recipient.
    fn person(&mut self, month: &Month<'_>, family: &Family, member: &Member<'_>) {
        let person = member.person;
        let (nik, subject) = (person.nik, Subject::Person(person.nik));
        let told = &self.district.told;
        let until = last_day(self.period);
        let first = Birth { day: 1, ..until };
        let found = told.checked.get(&nik).map(|(_, meaning)| *meaning);
        let mut lines: Vec<(&'static str, String, bool)> = Vec::new();
        // F01: twice in the file of recipients, or in a list of recipients.
        for (bit, name, _) in PROGRAMS {
            let in_file = matches!(person.row, RowFate::Twice | RowFate::TwoCards) && member.flags & bit != 0;
            let key = nik << 3 | u64::from(bit);
            let listed = self.all_layouts
                && bit & (program::PKH | program::SEMBAKO) != 0
                && is_paying(self.period)
                && member.all & bit != 0
                && family.programs & bit != 0
                && family.holder().nik == nik
                && !month.is_missing(person, u64::from(bit))
                && !self.lost.recipients.contains(&key)
                && self.district.recipient_twice(self.period, key, self.rates.duplicate);
            if in_file || listed {
                lines.push(("F01", name.to_owned(), true));
            }
        }
        // F03: another name in the membership file of the month or in a list so far.
        let shown = if person.pbi.accepted() { self.district.shown_name(person) } else { None };
        let other = shown.as_ref().is_some_and(|shown| !shown.agrees) || told.other_name.contains(&nik);
        if found == Some(Meaning::OtherName) || member.recorded && other {
            lines.push(("F03", String::new(), true));
        } else if shown.is_some() {
            lines.push(("F03", String::new(), false));
        }
        // F04: a death before the month.
        let died = told.died.get(&nik).copied();
        if found == Some(Meaning::Deceased) || died.is_some_and(|day| day < first) {
            lines.push(("F04", String::new(), true));
        } else if died.is_some() {
            lines.push(("F04", String::new(), false));
        }
        // F05 to F07: lists, by the day they speak of.
        let mut moved = found == Some(Meaning::Moved);
        let mut moves_later = false;
        for (group, list, on) in told.listed.get(&nik).map_or(&[][..], Vec::as_slice) {
            let counts = *on <= until;
            match group {
                Group::Moved if counts => moved = true,
                Group::Moved => moves_later = true,
                Group::Servant => lines.push(("F05", (*list).to_owned(), counts)),
                Group::Earner => lines.push(("F06", (*list).to_owned(), counts)),
            }
        }
        if moved || moves_later {
            lines.push(("F07", String::new(), moved));
        }
        if found == Some(Meaning::NotFound) {
            lines.push(("F08", String::new(), true));
        }
        // F12: two cards, in one file or in two.
        if person.row == RowFate::TwoCards {
            lines.push(("F12", "two_cards".to_owned(), true));
        }
        if member.recorded && told.member_card.get(&nik).is_some_and(|card| *card != family.nokk) {
            lines.push(("F12", "card_differs".to_owned(), true));
        }
        for (rule, ground, is_case) in lines {
            self.add(rule, subject, &ground, is_case);
        }
    }

    /// The rules about a family: F09 to F11, and two of F12. Who has no record
    /// has no card.
    fn family(&mut self, family: &Family, members: &[Member<'_>], has_card: bool) {
        let all = members.iter().fold(0, |all, member| all | member.all);
        // The first whose record has the flag, else the first who has the program.
        let holder = |bit: u8| {
            let flagged = members.iter().find(|member| member.flags & bit != 0);
            flagged.or_else(|| members.iter().find(|member| member.all & bit != 0))
        };
        let subject = |bit: u8| match (has_card, holder(bit)) {
            (true, _) => Some(Subject::Card(family.nokk)),
            (false, holder) => holder.map(|member| Subject::Person(member.person.nik)),
        };
        for (other, pair) in [(program::PKH, "BLT_DD+PKH"), (program::SEMBAKO, "BLT_DD+SEMBAKO")] {
            if all & program::BLT_DD == 0 {
                continue;
            }
            if let Some(subject) = subject(program::BLT_DD) {
                self.add("F09", subject, pair, all & other != 0);
            }
        }
        self.over_limit(family, members, all, has_card, &subject);
        for (bit, name, _) in PROGRAMS.iter().filter(|(bit, _, by_family)| *by_family && all & bit != 0) {
            if let Some(holder) = holder(*bit) {
                let age = holder.person.birth.age(self.period);
                if age < HEAD_AGE || (HEAD_AGE..20).contains(&age) {
                    self.add("F11", Subject::Person(holder.person.nik), name, age < HEAD_AGE);
                }
            }
        }
        if !has_card {
            return;
        }
        let elsewhere = members.iter().filter(|member| member.elsewhere).count();
        if elsewhere > 0 && elsewhere < members.len() {
            self.add("F12", Subject::Card(family.nokk), "two_kelurahan", true);
        }
        if members.len() >= CARD_MEMBERS {
            self.add("F12", Subject::Card(family.nokk), "too_many", members.len() > CARD_MEMBERS);
        }
    }

    /// F10: the desil of the card, else of the first member who has one.
    fn over_limit(&mut self, family: &Family, members: &[Member<'_>], all: u8, has_card: bool, subject: &dyn Fn(u8) -> Option<Subject>) {
        if (self.period.year(), self.period.month()) < LIMITS_FROM {
            return;
        }
        let told = &self.district.told;
        let of_card = if has_card { told.desil.get(&family.nokk).copied() } else { None };
        let Some(desil) = of_card.or_else(|| members.iter().find_map(|member| told.desil_of_person.get(&member.person.nik).copied()))
        else {
            return;
        };
        for (bit, limit) in LIMITS {
            // Of those just at the limit, a part.
            if all & bit == 0 || desil < limit || desil == limit && !family.number.is_multiple_of(10) {
                continue;
            }
            let Some((_, name, by_family)) = PROGRAMS.iter().find(|(known, _, _)| *known == bit) else { continue };
            if *by_family {
                if let Some(subject) = subject(bit) {
                    self.add("F10", subject, name, desil > limit);
                }
            } else {
                for member in members.iter().filter(|member| member.all & bit != 0) {
                    self.add("F10", Subject::Person(member.person.nik), name, desil > limit);
                }
            }
        }
    }

    /// Twins are two people.
    fn twins(&mut self, members: &[Member<'_>]) {
        for (at, one) in members.iter().enumerate() {
            for two in members[at + 1..].iter().filter(|two| two.person.birth == one.person.birth && two.person.sex == one.person.sex) {
                if one.all | two.all != 0 {
                    let (one, two) = (one.person.nik, two.person.nik);
                    self.add("F02", Subject::Pair(one.min(two), one.max(two)), "", false);
                }
            }
        }
    }
}
