//! The rules over what was gathered; each function is a line of RULES.md.

use diesel::sqlite::SqliteConnection;
use domain::{AreaCode, Level, Outcome, Period, ProgramCode, Unit};
use identity::{FamilyCardNumber, Nik};
use jiff::civil::Date;

use crate::cases::decisions::Decision;
use crate::cases::gather::{Gathered, Person, Source, bit, gather, programs, rule_of, unit};
use crate::cases::{Case, CaseNames, Rule, RuleSettings, State, Subject};
use crate::error::{Error, Result};
use crate::month::chain;
use crate::number::{Digest, NumberMap};
use crate::rows::ids_of;
use crate::schema::dtks_rows;

/// The cases of a month, all open, in order. `pairs` are what the search for
/// one person under two NIKs found.
pub(super) fn cases(conn: &mut SqliteConnection, period: Period, settings: &RuleSettings, pairs: &[(Nik, Nik, f64)]) -> Result<Vec<Case>> {
    let all = gather(conn, period, settings)?;
    let mut found = Found { all: &all, period, settings, areas: NumberMap::default(), cases: Vec::new() };
    found.duplicate_niks()?;
    found.possible_duplicates(pairs)?;
    found.other_names()?;
    found.deceased()?;
    found.listed()?;
    found.by_outcome()?;
    let mut order: Vec<u32> = (0..all.people.len() as u32).collect();
    order.sort_unstable_by_key(|place| (all.people[*place as usize].card, *place));
    let same = |a: &u32, b: &u32| {
        let (one, other) = (all.people[*a as usize].card, all.people[*b as usize].card);
        one == other && one != 0
    };
    for family in order.chunk_by(same) {
        if family.iter().any(|member| all.people[*member as usize].programs != 0) {
            found.family(family)?;
        }
    }
    found.cards_of_persons()?;
    let mut cases = found.cases;
    cases.sort_by_cached_key(Case::order);
    Ok(cases)
}

struct Found<'a> {
    all: &'a Gathered,
    period: Period,
    settings: &'a RuleSettings,
    areas: NumberMap<u64, Option<AreaCode>>,
    cases: Vec<Case>,
}

fn nik(number: u64) -> Result<Nik> {
    Nik::from_number(number).map_err(|error| Error::stored("NIK")(error.to_string()))
}

/// A day such as 20250131, as offices write it.
fn day(number: i32) -> String {
    format!("{:02}/{:02}/{:04}", number % 100, number / 100 % 100, number / 10_000)
}

/// A stored day such as 2025-01-31, as offices write it.
fn day_of(text: &str) -> String {
    text.replace('-', "").parse().map_or_else(|_| text.to_owned(), day)
}

/// Whole years between two days; 0 for a birth after `day`.
fn years(born: Date, day: Date) -> u32 {
    let before_birthday = (day.month(), day.day()) < (born.month(), born.day());
    u32::try_from(i32::from(day.year()) - i32::from(born.year()) - i32::from(before_birthday)).unwrap_or(0)
}

impl<'a> Found<'a> {
    fn person(&self, place: u32) -> &'a Person {
        &self.all.people[place as usize]
    }

    /// A case about a person, without anything more.
    fn case(&mut self, rule: Rule, place: u32, ground: impl Into<String>, evidence: String) -> Result<Case> {
        let person = self.person(place);
        Ok(Case {
            rule,
            nik: nik(person.nik)?,
            other: None,
            family: FamilyCardNumber::from_number(person.card).ok(),
            program: None,
            kelurahan: self.area(person.kelurahan),
            evidence,
            state: State::Open,
            decision: None,
            stands: true,
            subject: Subject::Person,
            ground: ground.into(),
            programs: person.programs,
            names: CaseNames { own: Some(person.at), ..CaseNames::default() },
        })
    }

    fn area(&mut self, number: u64) -> Option<AreaCode> {
        if number == 0 {
            return None;
        }
        *self.areas.entry(number).or_insert_with(|| AreaCode::from_number(Level::Kelurahan, number).ok())
    }

    /// The places of recipients among the keys of a map, in order.
    fn recipients<V>(&self, of: &NumberMap<u32, V>) -> Vec<u32> {
        let mut places: Vec<u32> = of.keys().copied().filter(|place| self.person(*place).programs != 0).collect();
        places.sort_unstable();
        places
    }

    /// F01.
    fn duplicate_niks(&mut self) -> Result<()> {
        if !self.settings.has(Rule::DuplicateNik) {
            return Ok(());
        }
        let mut twice: NumberMap<u32, u32> = self.all.listed_again.clone();
        for (place, again) in &self.all.again {
            *twice.entry(*place).or_default() |= again.programs;
        }
        for place in self.recipients(&twice) {
            let own = self.all.again.get(&place).map_or(0, |again| again.programs);
            for program in programs(twice.get(&place).copied().unwrap_or(0)) {
                let where_found = if own & bit(program.code.as_str()) != 0 { "data penerima" } else { "daftar penerima atau penyaluran" };
                let evidence = format!("dua baris {} dengan NIK ini dalam satu berkas {where_found}", program.code);
                let mut case = self.case(Rule::DuplicateNik, place, program.code.as_str(), evidence)?;
                case.program = Some(program.code.clone());
                self.cases.push(case);
            }
        }
        Ok(())
    }

    /// F02.
    fn possible_duplicates(&mut self, pairs: &[(Nik, Nik, f64)]) -> Result<()> {
        for (one, other, probability) in pairs {
            let (one, other) = (*one.min(other), *one.max(other));
            let place = |nik: Nik| self.all.places.get(&nik.expose()).copied();
            let receives = |place: &u32| self.person(*place).programs != 0;
            let (first, second) = (place(one), place(other));
            let Some(receiver) = first.filter(receives).or(second.filter(receives)) else { continue };
            let evidence = format!("kemungkinan satu orang: {:.1} %", (probability * 100.0).min(99.9));
            let mut case = self.case(Rule::PossibleDuplicate, receiver, "", evidence)?;
            case.nik = one;
            case.other = Some(other);
            case.subject = Subject::Pair;
            case.family = first.and_then(|place| FamilyCardNumber::from_number(self.person(place).card).ok());
            case.programs = [first, second].into_iter().flatten().fold(0, |all, place| all | self.person(place).programs);
            case.names.own = first.map(|place| self.person(place).at);
            case.names.other = second.map(|place| self.person(place).at);
            self.cases.push(case);
        }
        Ok(())
    }

    /// F03.
    fn other_names(&mut self) -> Result<()> {
        if !self.settings.has(Rule::OtherName) {
            return Ok(());
        }
        let mut wrong: NumberMap<u32, bool> = self.all.other_names.keys().map(|place| (*place, false)).collect();
        for (place, checked) in &self.all.checked {
            if checked.outcome == Outcome::OtherName {
                wrong.insert(*place, true);
            }
        }
        for place in self.recipients(&wrong) {
            let mut names: Vec<(u64, Source)> = self.all.other_names.get(&place).cloned().unwrap_or_default();
            names.sort_unstable();
            let mut parts = Vec::new();
            let mut digest = Digest::new();
            if wrong.get(&place).copied().unwrap_or(false)
                && let Some(checked) = self.all.checked.get(&place)
            {
                digest = digest.number(1);
                parts.push(format!("verifikasi {}: NIK padan beda nama", day_of(&checked.date)));
            }
            for (key, _) in &names {
                digest = digest.number(*key);
            }
            if !names.is_empty() {
                parts.push("berkas lain menyebut nama lain".to_owned());
            }
            let ground = format!("{:016x}", digest.stored().cast_unsigned());
            let mut case = self.case(Rule::OtherName, place, ground, parts.join("; "))?;
            case.names.further = names.into_iter().map(|(_, source)| source).collect();
            self.cases.push(case);
        }
        Ok(())
    }

    /// F04.
    fn deceased(&mut self) -> Result<()> {
        if !self.settings.has(Rule::Deceased) {
            return Ok(());
        }
        let mut dead: NumberMap<u32, Option<i32>> = self.all.died.iter().map(|(place, day)| (*place, Some(*day))).collect();
        for (place, checked) in &self.all.checked {
            if checked.outcome == Outcome::Deceased {
                dead.entry(*place).or_insert(None);
            }
        }
        for place in self.recipients(&dead) {
            let mut parts = Vec::new();
            if let Some(Some(died)) = dead.get(&place) {
                parts.push(format!("daftar kematian: {}", day(*died)));
            }
            if let Some(checked) = self.all.checked.get(&place).filter(|checked| checked.outcome == Outcome::Deceased) {
                parts.push(format!("verifikasi {}: meninggal", day_of(&checked.date)));
            }
            let case = self.case(Rule::Deceased, place, "", parts.join("; "))?;
            self.cases.push(case);
        }
        Ok(())
    }

    /// F05, F06 and what lists say for F07.
    fn listed(&mut self) -> Result<()> {
        // Of several rows of a list the last counts as its evidence.
        let mut last: std::collections::BTreeMap<(u32, &'static str), i64> = std::collections::BTreeMap::new();
        for listed in &self.all.lists {
            if self.person(listed.person).programs != 0 {
                last.insert((listed.person, listed.list), listed.row);
            }
        }
        let mut moved: NumberMap<u32, Option<i64>> = NumberMap::default();
        for ((place, list), row) in last {
            match rule_of(list) {
                Some(Rule::Moved) => {
                    moved.insert(place, Some(row));
                }
                Some(rule) if self.settings.has(rule) => {
                    let mut case = self.case(rule, place, list, format!("tercantum dalam daftar {list}"))?;
                    case.names.further = vec![Source::Listing(row)];
                    self.cases.push(case);
                }
                _ => {}
            }
        }
        if !self.settings.has(Rule::Moved) {
            return Ok(());
        }
        for (place, checked) in &self.all.checked {
            // The word of the outcome, which the vocabulary may not know yet.
            if checked.outcome.as_str() == "moved" {
                moved.entry(*place).or_insert(None);
            }
        }
        for place in self.recipients(&moved) {
            let row = moved.get(&place).copied().flatten();
            let mut parts = Vec::new();
            if row.is_some() {
                parts.push("tercantum dalam daftar pindah".to_owned());
            }
            if let Some(checked) = self.all.checked.get(&place).filter(|checked| checked.outcome.as_str() == "moved") {
                parts.push(format!("verifikasi {}: pindah", day_of(&checked.date)));
            }
            let mut case = self.case(Rule::Moved, place, "", parts.join("; "))?;
            case.names.further = row.map(Source::Listing).into_iter().collect();
            self.cases.push(case);
        }
        Ok(())
    }

    /// F08.
    fn by_outcome(&mut self) -> Result<()> {
        if !self.settings.has(Rule::NotFound) {
            return Ok(());
        }
        for place in self.recipients(&self.all.checked) {
            let Some(checked) = self.all.checked.get(&place).filter(|checked| checked.outcome == Outcome::NotFound) else { continue };
            let evidence = format!("verifikasi {}: tidak ditemukan", day_of(&checked.date));
            let case = self.case(Rule::NotFound, place, "", evidence)?;
            self.cases.push(case);
        }
        Ok(())
    }

    /// The rules about families: F09, F10, F11 and two of F12.
    fn family(&mut self, members: &[u32]) -> Result<()> {
        let all = members.iter().fold(0, |all, member| all | self.person(*member).programs);
        if self.settings.has(Rule::ExcludingPrograms) {
            self.excluding(members, all)?;
        }
        if self.settings.has(Rule::DesilOverLimit) {
            self.over_limit(members, all)?;
        }
        if self.settings.has(Rule::UnderAgeHead) {
            self.under_age(members, all)?;
        }
        if self.settings.has(Rule::FamilyCard) {
            self.card_of_family(members)?;
        }
        Ok(())
    }

    /// The first of a family who has a program.
    fn first(&self, members: &[u32], bit: u32) -> Option<u32> {
        members.iter().copied().find(|member| self.person(*member).programs & bit != 0)
    }

    /// The cardholder of a program.
    fn holder(&self, members: &[u32], bit: u32) -> Option<u32> {
        members.iter().copied().find(|member| self.person(*member).flags & bit != 0).or_else(|| self.first(members, bit))
    }

    /// The same case about the whole family, where there is a card.
    fn of_family(mut case: Case) -> Case {
        if case.family.is_some() {
            case.subject = Subject::Family;
        }
        case
    }

    fn excluding(&mut self, members: &[u32], all: u32) -> Result<()> {
        let settings = self.settings;
        for (one, other) in settings.excluding() {
            let (a, b) = (bit(one.as_str()), bit(other.as_str()));
            if all & a == 0 || all & b == 0 {
                continue;
            }
            let mut names = [one.as_str(), other.as_str()];
            names.sort_unstable();
            let ground = names.join("+");
            if unit(one) == Unit::Person && unit(other) == Unit::Person {
                for member in members {
                    if self.person(*member).programs & a != 0 && self.person(*member).programs & b != 0 {
                        let mut case = self.case(Rule::ExcludingPrograms, *member, ground.as_str(), format!("{one} bersama {other}"))?;
                        case.program = Some(one.clone());
                        self.cases.push(case);
                    }
                }
                continue;
            }
            let (Some(first), Some(second)) = (self.holder(members, a), self.holder(members, b)) else { continue };
            let whose = if first == second { "pada orang yang sama" } else { "pada dua anggota satu Kartu Keluarga" };
            let mut case = self.case(Rule::ExcludingPrograms, first, ground, format!("{one} bersama {other}, {whose}"))?;
            case.program = Some(one.clone());
            if first != second {
                case.other = Some(nik(self.person(second).nik)?);
                case.names.other = Some(self.person(second).at);
            }
            case.programs = all;
            self.cases.push(Self::of_family(case));
        }
        Ok(())
    }

    fn over_limit(&mut self, members: &[u32], all: u32) -> Result<()> {
        let card = members.first().map_or(0, |member| self.person(*member).card);
        let desil = self.all.desil_of_card.get(&card).filter(|_| card != 0).copied();
        let Some(desil) = desil.or_else(|| members.iter().find_map(|member| self.all.desil_of_person.get(member).copied())) else {
            return Ok(());
        };
        for program in programs(all) {
            let Some(limit) = self.settings.desil_limit(&program.code, self.period).filter(|limit| desil > *limit) else { continue };
            let bit = bit(program.code.as_str());
            let evidence = format!("desil {desil}; batas {} adalah desil {limit}", program.code);
            let whom: Vec<u32> = match program.unit {
                Unit::Family => self.holder(members, bit).into_iter().collect(),
                Unit::Person => members.iter().copied().filter(|member| self.person(*member).programs & bit != 0).collect(),
            };
            for place in whom {
                let mut case = self.case(Rule::DesilOverLimit, place, program.code.as_str(), evidence.clone())?;
                case.program = Some(program.code.clone());
                self.cases.push(if program.unit == Unit::Family { Self::of_family(case) } else { case });
            }
        }
        Ok(())
    }

    fn under_age(&mut self, members: &[u32], all: u32) -> Result<()> {
        let last_day = self.period.last_day();
        for program in programs(all).filter(|program| program.unit == Unit::Family) {
            let Some(holder) = self.holder(members, bit(program.code.as_str())) else { continue };
            let person = self.person(holder);
            let age = years(person.born.unwrap_or(nik(person.nik)?.birth_date(last_day)), last_day);
            if age < self.settings.head_age() {
                let evidence = format!("pengurus {} berumur {age} tahun pada {}", program.code, day_of(&last_day.to_string()));
                let mut case = self.case(Rule::UnderAgeHead, holder, program.code.as_str(), evidence)?;
                case.program = Some(program.code.clone());
                self.cases.push(case);
            }
        }
        Ok(())
    }

    fn card_of_family(&mut self, members: &[u32]) -> Result<()> {
        // Who has no record stands alone, without a card.
        let Some(first) = members.first().copied().filter(|member| self.person(*member).card != 0) else { return Ok(()) };
        let receiver = members.iter().copied().find(|member| self.person(*member).programs != 0).unwrap_or(first);
        let mut places: Vec<u64> = members.iter().map(|member| self.person(*member).kelurahan).collect();
        places.sort_unstable();
        places.dedup();
        if places.len() > 1 {
            let evidence = format!("satu Kartu Keluarga di {} kelurahan/desa", places.len());
            let case = self.case(Rule::FamilyCard, receiver, "two_kelurahan", evidence)?;
            self.cases.push(Self::of_family(case));
        }
        if members.len() > self.settings.card_members() as usize {
            let evidence = format!("{} orang pada satu Kartu Keluarga (paling banyak {})", members.len(), self.settings.card_members());
            let case = self.case(Rule::FamilyCard, receiver, "too_many", evidence)?;
            self.cases.push(Self::of_family(case));
        }
        Ok(())
    }

    /// The other two of F12.
    fn cards_of_persons(&mut self) -> Result<()> {
        if !self.settings.has(Rule::FamilyCard) {
            return Ok(());
        }
        for place in self.recipients(&self.all.again) {
            if self.all.again.get(&place).is_some_and(|again| again.card.is_some()) {
                let evidence = "dua baris dengan nomor Kartu Keluarga berbeda dalam satu berkas".to_owned();
                let case = self.case(Rule::FamilyCard, place, "two_cards", evidence)?;
                self.cases.push(case);
            }
        }
        for place in self.recipients(&self.all.other_card) {
            let evidence = "daftar anggota keluarga (DTSEN/BDT) menyebut Kartu Keluarga lain".to_owned();
            let case = self.case(Rule::FamilyCard, place, "card_differs", evidence)?;
            self.cases.push(case);
        }
        Ok(())
    }
}

/// A case that was decided and whose ground is gone.
pub(super) fn gone(rule: Rule, subject: &str, ground: String, decision: Decision) -> Option<Case> {
    let read = |text: &str| text.parse::<Nik>().ok();
    let (kind, nik, other, family) = if let Some(card) = subject.strip_prefix("KK") {
        // Whom of the family it was about is not kept; the card tells the case.
        (Subject::Family, None, None, Some(card.parse::<FamilyCardNumber>().ok()?))
    } else if let Some((one, other)) = subject.split_once('+') {
        (Subject::Pair, read(one), Some(read(other)?), None)
    } else {
        (Subject::Person, read(subject), None, None)
    };
    let program = ground.split('+').next().and_then(|code| code.parse::<ProgramCode>().ok());
    Some(Case {
        rule,
        nik: match (nik, family) {
            (Some(nik), _) => nik,
            // The lowest possible NIK stands for nobody: the card is what is shown.
            (None, Some(_)) => Nik::from_number(NOBODY).ok()?,
            (None, None) => return None,
        },
        other,
        family,
        program: program.filter(|code| reference::program(code).is_some()),
        kelurahan: None,
        evidence: "dasarnya sudah tidak ada dalam berkas".to_owned(),
        state: State::Resolved,
        decision: Some(decision),
        stands: false,
        subject: kind,
        ground,
        programs: 0,
        names: CaseNames::default(),
    })
}

/// A NIK that stands for nobody, in a case about a family that is gone.
pub(super) const NOBODY: u64 = 1_101_010_101_000_001;

/// Gives cases that are gone the place and the name of a record that is still there.
pub(super) fn place(conn: &mut SqliteConnection, period: Period, gone: &mut [Case]) -> Result<()> {
    use diesel::prelude::*;

    if gone.is_empty() {
        return Ok(());
    }
    let wanted: NumberMap<u64, ()> = gone.iter().map(|case| (case.nik.expose(), ())).collect();
    let cards: NumberMap<u64, ()> = gone.iter().filter_map(|case| case.family).map(|card| (card.expose(), ())).collect();
    let mut by_nik: NumberMap<u64, (i64, u64)> = NumberMap::default();
    let mut by_card: NumberMap<u64, (i64, u64, u64)> = NumberMap::default();
    for import in chain(conn, period)? {
        let (first, last) = ids_of(import);
        let rows = dtks_rows::table
            .filter(dtks_rows::id.between(first, last))
            .select((dtks_rows::id, dtks_rows::nik, dtks_rows::nokk, dtks_rows::kelurahan))
            .load_iter::<(i64, i64, i64, i64), diesel::connection::DefaultLoadingMode>(conn)?;
        for row in rows {
            let (id, nik, card, kelurahan) = row?;
            let (nik, card) = (nik.cast_unsigned(), card.cast_unsigned());
            if wanted.contains_key(&nik) {
                by_nik.insert(nik, (id, kelurahan.cast_unsigned()));
            }
            if cards.contains_key(&card) {
                by_card.entry(card).or_insert((id, kelurahan.cast_unsigned(), nik));
            }
        }
    }
    for case in gone {
        let found = match (case.subject, case.family) {
            (Subject::Family, Some(card)) => by_card.get(&card.expose()).map(|(id, kelurahan, number)| {
                case.nik = Nik::from_number(*number).unwrap_or(case.nik);
                (*id, *kelurahan)
            }),
            _ => by_nik.get(&case.nik.expose()).copied(),
        };
        if let Some((id, kelurahan)) = found {
            case.kelurahan = AreaCode::from_number(Level::Kelurahan, kelurahan).ok();
            case.names.own = Some(Source::Record(id));
        }
    }
    Ok(())
}
