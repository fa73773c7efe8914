//! What the state of a month says of families, complaints, lists, records at
//! fault and reasons.

use domain::{ComplaintCategory, LeaveReason, PersonFinding};

use super::*;
use crate::{Enrolled, Happened, PeriodState};

/// The nth family card.
fn card(n: u32) -> String {
    format!("36710112031900{n:02}")
}

fn of_card(n: u32, card: &str, flags: &str) -> String {
    format!("{PLACE},{},{card},Orang Uji {n},Jalan Uji {n},001,002,{flags}", nik(n))
}

const PKH: &str = "YA,TIDAK,TIDAK,TIDAK";
const NOTHING: &str = "TIDAK,TIDAK,TIDAK,TIDAK";
const PBI: &str = "TIDAK,TIDAK,YA,TIDAK";

const DTSEN: &str = "id_keluarga,nama_kepala_keluarga,no_kk,nik,desil_nasional,provinsi,kabupaten,kecamatan,kelurahan";

fn ranked(card: &str, nik: &str, desil: &str, kecamatan: &str, kelurahan: &str) -> String {
    format!("K,Kepala,{card},{nik},{desil},BANTEN,KOTA TANGERANG,{kecamatan},{kelurahan}")
}

fn csv(header: &str, rows: &[String]) -> String {
    format!("{header}\n{}\n", rows.join("\n"))
}

fn unit(state: &PeriodState, n: u32) -> Enrolled {
    *state.units.iter().find(|unit| unit.nik.expose_text() == nik(n)).unwrap()
}

#[test]
fn families_are_joined_by_card_and_by_the_heads_nik() {
    let mut office = Office::new();
    let people = [(1, card(1), PKH), (2, card(1), NOTHING), (3, card(2), NOTHING), (4, card(3), PKH), (5, card(4), PBI)];
    let rows: Vec<String> = people.iter().map(|(n, card, flags)| of_card(*n, card, flags)).collect();
    office.import("2025-06/dtks.csv", table(&rows));
    // Nothing is told of anybody before a ranking is loaded.
    assert!(office.state("2025-06").families.is_empty());

    let here = ("TANGERANG", "SUKARASA");
    office.import(
        "2025-03/dtsen.csv",
        csv(
            DTSEN,
            &[
                ranked(&card(1), "-", "3", here.0, here.1),
                ranked(&card(2), "", "5", here.0, here.1),
                // Known by its head, who is on card 3 here; and one that is not among the recipients.
                ranked(&card(33), &nik(4), "7", here.0, here.1),
                ranked(&card(50), "", "9", "KARAWACI", "KARAWACI"),
            ],
        ),
    );
    office.import(
        "2025-05/dtsen.csv",
        csv(DTSEN, &[ranked(&card(2), "", "2", here.0, here.1), ranked(&card(50), "", "", "KARAWACI", "KARAWACI")]),
    );
    // Later than the month: not known yet.
    office.import("2025-07/dtsen.csv", csv(DTSEN, &[ranked(&card(1), "", "10", here.0, here.1)]));
    let p3ke = "id_kpm,nik_kk,nama_kk,desa_kelurahan,kecamatan,kabkot,desil_p3ke,tahun_anggaran";
    let row = |n: u32, desil: u32| format!("1,{},Kepala,SUKARASA,TANGERANG,KOTA TANGERANG,{desil},2024", nik(n));
    // By head only: the card's own ranking stands, whatever came later.
    office.import("2025-06/p3ke.csv", csv(p3ke, &[row(1, 9), row(5, 4), row(90, 1)]));

    let state = office.state("2025-06");
    let mut families: Vec<(String, Option<u8>, bool)> =
        state.families.iter().map(|family| (family.kecamatan.to_string(), family.desil, family.receives)).collect();
    families.sort();
    let tangerang = unit(&state, 1).kelurahan.parent().unwrap().to_string();
    let karawaci = families.iter().map(|(area, ..)| area).find(|area| **area != tangerang).unwrap().clone();
    let expected = [
        (&tangerang, Some(1), false),
        (&tangerang, Some(2), false),
        (&tangerang, Some(3), true),
        (&tangerang, Some(4), true),
        (&tangerang, Some(7), true),
        (&karawaci, Some(9), false),
    ];
    let mut expected: Vec<(String, Option<u8>, bool)> =
        expected.iter().map(|(area, desil, receives)| ((*area).clone(), *desil, *receives)).collect();
    expected.sort();
    assert_eq!(families, expected);
}

#[test]
fn lists_and_checks_stand_beside_the_units() {
    let mut office = Office::new();
    let rows: Vec<String> = (1..=8).map(|n| of_card(n, &card(n), PKH)).collect();
    office.import("2025-06/dtks.csv", table(&rows));
    let list = |n: u32, word: &str, date: &str| format!("{},Orang,{word},Badan,{date}", nik(n));
    office.import(
        "2025-06/daftar.csv",
        csv(
            "nik,nama,daftar,instansi,per_tanggal",
            &[
                list(1, "PNS", "2025-06-30"),
                list(2, "PNS", "2025-07-01"),
                list(3, "Pindah", ""),
                list(3, "BUMN", ""),
                list(4, "TNI", "2024-01-01"),
            ],
        ),
    );
    office.import("2025-07/daftar.csv", csv("nik,nama,daftar,instansi,per_tanggal", &[list(5, "PNS", "2025-01-01")]));
    office.import("2025-06/kematian.csv", format!("nik,date_of_death\n{},2025-05-31\n{},2025-06-01\n", nik(4), nik(6)));
    office.import(
        "2025-05/cek.csv",
        format!(
            "nik,round,date,outcome\n{},1,2025-02-10,VALID\n{},1,2025-02-10,BELUM CEK\n{},1,2025-02-11,ENTAH\n",
            nik(1),
            nik(2),
            nik(3)
        ),
    );
    let state = office.state("2025-06");
    for (n, finding) in [
        (1, PersonFinding::PublicServant),
        (2, PersonFinding::None),
        (3, PersonFinding::Earner),
        (4, PersonFinding::Deceased),
        (5, PersonFinding::None),
        // Died within the month: entitled to it.
        (6, PersonFinding::None),
    ] {
        assert_eq!(unit(&state, n).finding, finding, "{n}");
    }
    let verified = |n| unit(&state, n).verified.map(|month| month.to_string());
    assert_eq!((verified(1).as_deref(), verified(2), verified(3)), (Some("2025-02"), None, None));
}

#[test]
fn complaints_sent_again_are_the_same_and_alike_ones_are_as_many() {
    let mut office = Office::new();
    office.import("2025-06/dtks.csv", table(&rows_from(1, 3)));
    let header = "tanggal,kanal,kategori,kecamatan,program,hasil,tanggal_selesai";
    let line = |day: &str, category: &str, outcome: &str, closed: &str| format!("{day},Loket,{category},TANGERANG,PKH,{outcome},{closed}");
    office.import(
        "2025-05/aduan.csv",
        csv(
            header,
            &[
                line("2025-04-02", "Tidak layak", "proses", ""),
                line("2025-04-02", "Tidak layak", "terbukti", "2025-05-03"),
                line("2025-04-03", "Pungutan liar", "baru", ""),
                line("2024-12-31", "Pungutan liar", "proses", ""),
            ],
        ),
    );
    let told = |office: &mut Office, month: &str| -> Vec<(u64, ComplaintCategory, bool, bool)> {
        office.state(month).complaints.iter().map(|line| (line.id, line.category, line.answered, line.upheld)).collect()
    };
    let before = told(&mut office, "2025-06");
    let kinds: Vec<_> = before.iter().map(|(_, category, answered, upheld)| (*category, *answered, *upheld)).collect();
    let (not_entitled, levy) = (ComplaintCategory::NotEntitled, ComplaintCategory::Levy);
    assert_eq!(kinds, [(not_entitled, false, false), (not_entitled, true, true), (levy, false, false)]);

    // The list of June: the same ones in another order, one answered since, one
    // only in July, a new one, and one of July.
    office.import(
        "2025-06/aduan.csv",
        csv(
            header,
            &[
                line("2025-04-03", "Pungutan liar", "tidak terbukti", "2025-07-02"),
                line("2025-04-02", "Tidak layak", "terbukti", "2025-05-03"),
                line("2025-04-02", "Tidak layak", "tidak terbukti", "2025-06-30"),
                line("2025-06-30", "Kartu hilang", "diteruskan", ""),
                line("2025-07-01", "Kartu hilang", "proses", ""),
            ],
        ),
    );
    let after = told(&mut office, "2025-06");
    assert_eq!(after.len(), 4);
    assert_eq!(after[0], (before[0].0, not_entitled, true, false), "the one that was open is answered now");
    assert_eq!(after[1], before[1]);
    assert_eq!(after[2], before[2], "answered after the month");
    assert_eq!((after[3].1, after[3].2), (ComplaintCategory::Card, true));

    // A complaint that only a later list knows was received all the same, and open then.
    office.import("2025-08/aduan.csv", csv(header, &[line("2025-06-05", "Fiktif", "terbukti", "2025-07-20")]));
    let late = told(&mut office, "2025-06");
    assert_eq!(late.len(), 5);
    assert!(late.iter().any(|line| (line.1, line.2, line.3) == (ComplaintCategory::Fictitious, false, false)));
}

#[test]
fn rows_at_fault_are_counted_until_they_are_corrected() {
    let mut office = Office::new();
    let mut rows = rows_from(1, 20);
    rows.push(row(1, PKH));
    rows.push(row(30, PKH).replace(&nik(30), "123"));
    rows.push(row(31, PKH).replace(&nik(31), "-"));
    rows.push(row(32, PKH).replace("SUKARASA", "TIDAKADA"));
    office.import("2025-06/dtks.csv", table(&rows));
    let state = office.state("2025-06");
    assert_eq!(state.records.invalid_nik, 2);
    assert_eq!(state.records.duplicate_nik, std::iter::once((unit(&state, 1).kelurahan, 1)).collect());

    let report = office.folder.path().join("ditolak.csv");
    let mut lines = crate::Report::with_rows();
    lines.add(&mut office.registry, &[1]).unwrap();
    lines.write(&report).unwrap();
    let text = std::fs::read_to_string(&report).unwrap().replace(",123,", &format!(",{},", nik(30)));
    office.write("ditolak.csv", text);
    let files = [office.folder.path().join("36.71/ditolak.csv")];
    office.registry.import(&ImportRequest { files: &files, ..ImportRequest::default() }, &mut |_| {}).unwrap();
    assert_eq!(office.state("2025-06").records.invalid_nik, 1);
    // A month of its own has its own files only.
    office.with("2025-07/dtks.csv", table(&rows_from(1, 2)), Mode::Delta, false).unwrap();
    assert_eq!(office.state("2025-07").records, crate::RecordFindings::default());
}

/// An office whose fourteen families of May are all gone in June, each for another reason.
fn everybody_left() -> Office {
    let mut office = Office::new();
    let rows: Vec<String> = (1..=14).map(|n| of_card(n, &card(n), "YA,TIDAK,YA,TIDAK")).collect();
    office.import("2025-05/dtks.csv", table(&rows));
    office.with("2025-06/dtks.csv", table(&[of_card(40, &card(40), PKH)]), Mode::Snapshot, true).unwrap();
    office.import("2025-06/kematian.csv", format!("nik,date_of_death\n{},2025-06-10\n", nik(1)));
    office.import(
        "2025-06/daftar.csv",
        format!("nik,nama,daftar,instansi,per_tanggal\n{},X,PNS,B,\n{},X,pindah,B,\n{},X,PNS,B,\n", nik(1), nik(2), nik(3)),
    );
    office.import(
        "2025-06/cek.csv",
        format!(
            "nik,round,date,outcome\n{},1,2025-06-10,DI HAPUS-NIK SUDAH TERDAFTAR\n{},1,2025-06-10,DI HAPUS-TIDAK DITEMUKAN\n{},1,2025-06-10,VALID\n",
            nik(3),
            nik(4),
            nik(12)
        ),
    );
    let here = ("TANGERANG", "SUKARASA");
    office
        .import("2025-05/dtsen.csv", csv(DTSEN, &[ranked(&card(5), "", "4", here.0, here.1), ranked(&card(11), "", "4", here.0, here.1)]));
    office.import(
        "2025-06/dtsen.csv",
        csv(
            DTSEN,
            &[
                ranked(&card(5), "", "6", here.0, here.1),
                ranked(&card(6), "", "8", here.0, here.1),
                ranked(&card(11), "", "5", here.0, here.1),
                // By the head's NIK, under another card.
                ranked(&card(77), &nik(13), "9", here.0, here.1),
            ],
        ),
    );
    let member = |n: u32, status: &str| format!("1,1,Uji,L,,X,{},{status}", nik(n));
    let header = "noka,ps_noka,nama,jenkel,tgllhr,tmplhr,nik,status";
    office.import(
        "2025-05/pbi.csv",
        csv(header, &[member(7, "Meninggal Dunia"), member(8, "Pindah"), member(9, "Menolak"), member(14, "Ganda")]),
    );
    office
        .import("2025-06/pbi.csv", csv(header, &[member(8, "Ganda"), member(9, "Menolak"), member(10, "Belum Cek"), member(14, "Aktif")]));
    office
}

#[test]
fn the_weightiest_reason_is_told() {
    let mut office = everybody_left();
    let (before, state) = (office.state("2025-05"), office.state("2025-06"));
    for (n, reason) in [
        (1, LeaveReason::Died),
        (2, LeaveReason::Moved),
        (3, LeaveReason::Duplicate),
        (4, LeaveReason::Ineligible),
        (5, LeaveReason::Graduated),
        (6, LeaveReason::Ineligible),
        (7, LeaveReason::Died),
        // The newer file says so, and one who is paid for now is in order.
        (8, LeaveReason::Duplicate),
        (9, LeaveReason::Refused),
        (10, LeaveReason::Unknown),
        (11, LeaveReason::Unknown),
        (12, LeaveReason::Unknown),
        (13, LeaveReason::Ineligible),
        (14, LeaveReason::Unknown),
    ] {
        assert_eq!(state.reasons.of(&unit(&before, n)), reason, "{n}");
    }
    // In May little of it was known.
    assert_eq!(before.reasons.of(&unit(&before, 1)), LeaveReason::Unknown);
}

#[test]
fn a_persons_history_gives_the_reasons_of_the_state() {
    let mut office = everybody_left();
    let (before, state) = (office.state("2025-05"), office.state("2025-06"));
    for n in 1..=14 {
        let unit = unit(&before, n);
        let events = office.registry.history(unit.nik).unwrap();
        let left: Vec<_> = events
            .iter()
            .filter_map(|event| match &event.what {
                Happened::Left(program, reason) => Some((event.period.to_string(), program.to_string(), *reason)),
                _ => None,
            })
            .collect();
        let reason = state.reasons.of(&unit);
        assert_eq!(left, ["PBI_JK", "PKH"].map(|program| ("2025-06".to_owned(), program.to_owned(), reason)), "{n}");
    }
    let changes = office.registry.changes("2025-06".parse().unwrap()).unwrap();
    assert_eq!(changes.since, "2025-05".parse().ok());
    let pkh = changes.lines.iter().find(|line| line.program.as_str() == "PKH").unwrap();
    assert_eq!((pkh.before, pkh.now, pkh.entered, pkh.left.values().sum::<u64>()), (14, 1, 1, 14));
    let told = |reason| pkh.left.get(&reason).copied().unwrap_or(0);
    let counted = LeaveReason::ALL.map(told);
    let expected = LeaveReason::ALL.map(|reason| (1..=14).filter(|n| state.reasons.of(&unit(&before, *n)) == reason).count() as u64);
    assert_eq!(counted, expected);
    // The first month has nothing to be compared with.
    assert_eq!(office.registry.changes("2025-05".parse().unwrap()).unwrap().lines, []);
    assert!(office.registry.changes("2025-09".parse().unwrap()).is_err());
}

#[test]
fn what_was_dismissed_is_no_finding_and_no_reason() {
    let mut office = everybody_left();
    let settings = crate::RuleSettings::default();
    let before = office.state("2025-05");
    office.import("2025-05/kematian.csv", format!("nik,date_of_death\n{},2025-04-10\n", nik(7)));
    assert_eq!(unit(&office.state("2025-05"), 7).finding, PersonFinding::Deceased);
    let period = "2025-05".parse().unwrap();
    let cases = office.registry.cases(period, &settings).unwrap();
    let died = cases.iter().find(|case| case.rule == crate::Rule::Deceased && case.nik.expose_text() == nik(7)).unwrap();
    let decision = crate::NewDecision { case: died, state: crate::State::Dismissed, note: "" };
    office.registry.decide(period, crate::Decider { by: "Operator Satu", source: "" }, &[decision]).unwrap();
    assert_eq!(unit(&office.state("2025-05"), 7).finding, PersonFinding::None);
    // PBI-JK says it, too, and nobody dismissed that.
    let seven = unit(&before, 7);
    assert_eq!(office.state("2025-06").reasons.of(&seven), LeaveReason::Died);
    let events = office.registry.history(seven.nik).unwrap();
    assert!(
        events.iter().any(|event| matches!(&event.what, Happened::Decided(rule, decision) if rule == "F04" && decision == "dismissed"))
    );
}

#[test]
fn a_history_tells_what_changed_and_nothing_of_others() {
    let mut office = Office::new();
    office.import("2025-01/dtks.csv", table(&[of_card(1, &card(1), PKH), of_card(2, &card(1), PKH)]));
    let changed = |flags: &str| of_card(1, &card(2), flags).replace("SUKARASA", "SUKASARI").replace("Orang Uji 1", "Orang Lain");
    office.import("2025-02/dtks.csv", table(&[changed(PKH), of_card(2, &card(1), PKH)]));
    // A delta that takes out, one that brings back, and one that is not about them.
    office.with("2025-03/dtks.csv", table(&[changed(NOTHING)]), Mode::Delta, false).unwrap();
    office.with("2025-04/dtks.csv", table(&[changed(PBI)]), Mode::Delta, false).unwrap();
    office.with("2025-05/dtks.csv", table(&[of_card(2, &card(1), PBI)]), Mode::Delta, false).unwrap();
    office.with("2025-06/dtks.csv", table(&[of_card(2, &card(1), PBI)]), Mode::Snapshot, true).unwrap();
    office.import("2025-02/kks.csv", format!("nik,jenis_bansos,nominal_cair\n{},PKH,Rp750.000\n{},PKH,1\n", nik(1), nik(2)));
    office.import("2025-02/cek.csv", format!("nik,round,date,outcome\n{},Putaran 1,2025-02-10,VALID\n", nik(1)));
    let usulan = "NIK,PROGRAM BANSOS,NOKK,NAMA,TANGGAL LAHIR,JENIS KELAMIN,ALAMAT,RT,RW,PROVINSI,KABUPATEN,KECAMATAN,KELURAHAN";
    office.import(
        "2025-04/usulan.csv",
        format!("{usulan}\n{},BPNT,{},UJI,12/03/1960,L,JL A,1,2,BANTEN,KOTA TANGERANG,TANGERANG,SUKARASA\n", nik(1), card(2)),
    );
    office.import(
        "2025-05/hasil.csv",
        format!(
            "nama_kec,nama_desa,nik_usulan,program_bansos,hasil,padan,nama_lgkp,ket_vali\nTANGERANG,SUKARASA,{},BPNT,Ditolak,Ya,UJI,\n",
            nik(1)
        ),
    );
    let events = office.registry.history(nik(1).parse().unwrap()).unwrap();
    let told: Vec<String> = events.iter().map(|event| format!("{} {:?}", event.period, event.what)).collect();
    let words = [
        "2025-01 Recorded(",
        "2025-01 Enrolled(",
        "2025-02 Moved(",
        "2025-02 CardChanged",
        "2025-02 RecordChanged { name: true, rest: false }",
        "2025-02 Paid(",
        "2025-02 Verified(\"Putaran 1\", Valid)",
        "2025-03 Left(",
        "2025-04 Entered(",
        "2025-04 Proposed(",
        "2025-05 Answered(",
        "2025-06 Left(",
        "2025-06 Unrecorded",
    ];
    assert_eq!(told.len(), words.len(), "{told:#?}");
    for (line, word) in told.iter().zip(words) {
        assert!(line.starts_with(word), "{line} and not {word}");
    }
    assert!(!told.concat().contains("Orang"), "a name is told");
    assert_eq!(office.registry.history(nik(88).parse().unwrap()).unwrap(), []);
}

/// A person who is taken out of a month by a row whose flags are all off.
#[test]
fn a_delta_takes_people_out_of_its_month_and_not_of_others() {
    let mut office = Office::new();
    let rows: Vec<String> = (1..=4).map(|n| of_card(n, &card(n), PKH)).collect();
    office.import("2025-06/dtks.csv", table(&rows));
    office.import("2025-07/dtks.csv", table(&rows));
    let summary = office.with("2025-06/keluar.csv", table(&[of_card(2, &card(2), NOTHING)]), Mode::Delta, false).unwrap();
    assert_eq!(counts(&summary), [1, 1, 0, 0, 1, 0, 1]);
    assert_eq!(office.units("2025-06"), some(&[("PKH", 3)]));
    assert_eq!(office.units("2025-07"), some(&[("PKH", 4)]));
    office.registry.undo(summary.import_id).unwrap();
    assert_eq!(office.units("2025-06"), some(&[("PKH", 4)]));
    // The holder of a family's card is taken out, and another member holds it on.
    office.with("2025-07/keluar.csv", table(&[of_card(5, &card(1), PKH), of_card(1, &card(1), NOTHING)]), Mode::Delta, false).unwrap();
    let state = office.state("2025-07");
    assert_eq!((state.units.len(), unit(&state, 5).family.expose_text()), (4, card(1)));
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// A complaint as a list has it: few days and kinds, so that many are alike.
    fn complaint() -> impl Strategy<Value = String> {
        let outcomes = prop_oneof![
            Just(("proses", None)),
            Just(("terbukti", Some(()))),
            Just(("tidak terbukti", Some(()))),
            Just(("diteruskan", None))
        ];
        (1u32..4, prop_oneof![Just("Tidak layak"), Just("Ganda")], outcomes, 1u32..28).prop_map(|(day, category, (outcome, closed), on)| {
            let closed = closed.map_or_else(String::new, |()| format!("2025-05-{on:02}"));
            format!("2025-04-{day:02},Loket,{category},TANGERANG,PKH,{outcome},{closed}")
        })
    }

    proptest! {
           #![proptest_config(ProptestConfig::with_cases(24))]

           /// A list that is sent again, in whatever order, changes nothing; with
           /// more at its end it adds as many.
           #[test]
           fn a_list_sent_again_adds_nothing((rows, again) in prop::collection::vec(complaint(), 1..14).prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())), new in 0usize..3) {
               let mut office = Office::new();
               office.import("2025-06/dtks.csv", table(&rows_from(1, 2)));
               let header = "tanggal,kanal,kategori,kecamatan,program,hasil,tanggal_selesai";
               office.import("2025-05/aduan.csv", csv(header, &rows));
               let told = |office: &mut Office| -> Vec<_> {
                   office.state("2025-06").complaints.iter().map(|line| (line.id, line.category, line.answered, line.upheld)).collect()
               };
               let before = told(&mut office);
               prop_assert_eq!(before.len(), rows.len());
               let mut more = again;
               more.extend((0..new).map(|n| format!("2025-06-0{},Loket,Ganda,TANGERANG,PKH,proses,", n + 1)));
               // A blank row makes it another file, and no other list.
               office.import("2025-06/aduan.csv", format!("{}\n,,,,,,\n", csv(header, &more)));
               let after = told(&mut office);
               prop_assert_eq!(after.len(), before.len() + new);
               prop_assert_eq!(&after[..before.len()], &before[..]);
           }

           /// The history of a person gives the reason that the state gives, whatever is known.
           #[test]
           fn history_and_state_agree(known in prop::collection::vec((0u32..3, 0usize..9, 0u32..11, 0usize..8, 0usize..7), 8)) {
               let mut office = Office::new();
               let people = 1..=known.len() as u32;
               let rows: Vec<String> = people.clone().map(|n| of_card(n, &card(n), PKH)).collect();
               office.import("2025-05/dtks.csv", table(&rows));
               office.with("2025-06/dtks.csv", table(&[of_card(40, &card(40), PKH)]), Mode::Snapshot, true).unwrap();
               let outcomes = ["BELUM CEK", "VALID", "INVALID", "NIK PADAN BEDA NAMA", "DI HAPUS-MENINGGAL", "DI HAPUS-TIDAK DITEMUKAN", "DI HAPUS-NIK SUDAH TERDAFTAR", "TIDAK MEMILIKI E-KTP", ""];
               let lists = ["asn", "bumn", "pindah", "tni", "ahu", "", "", ""];
               let statuses = ["Aktif", "Meninggal Dunia", "Ganda", "Pindah", "Menolak", "Tidak Ditemukan", ""];
               let (mut deaths, mut checks, mut ranks, mut listed, mut members) = (vec![], vec![], vec![], vec![], vec![]);
               for (n, (died, outcome, desil, list, status)) in people.clone().zip(&known) {
                   if *died > 0 { deaths.push(format!("{},2025-0{}-10", nik(n), 5 + died)); }
                   if !outcomes[*outcome].is_empty() { checks.push(format!("{},1,2025-06-0{},{}", nik(n), 1 + n % 8, outcomes[*outcome])); }
                   if *desil > 0 { let head = if n % 2 == 0 { String::new() } else { nik(n) };
    ranks.push(ranked(&card(n), &head, &desil.to_string(), "TANGERANG", "SUKARASA")); }
                   if !lists[*list].is_empty() { listed.push(format!("{},X,{},B,", nik(n), lists[*list])); }
                   if !statuses[*status].is_empty() { members.push(format!("1,1,Uji,L,,X,{},{}", nik(n), statuses[*status])); }
               }
               for (name, header, rows) in [
                   ("2025-06/kematian.csv", "nik,date_of_death", &deaths),
                   ("2025-06/cek.csv", "nik,round,date,outcome", &checks),
                   ("2025-04/dtsen.csv", DTSEN, &ranks),
                   ("2025-06/daftar.csv", "nik,nama,daftar,instansi,per_tanggal", &listed),
                   ("2025-06/pbi.csv", "noka,ps_noka,nama,jenkel,tgllhr,tmplhr,nik,status", &members),
               ] {
                   if !rows.is_empty() {
                       office.import(name, csv(header, rows));
                   }
               }
               let (before, state) = (office.state("2025-05"), office.state("2025-06"));
               for n in people {
                   let unit = unit(&before, n);
                   let left = office.registry.history(unit.nik).unwrap().into_iter().find_map(|event| match event.what {
                       Happened::Left(_, reason) => Some(reason),
                       _ => None,
                   });
                   prop_assert_eq!(left, Some(state.reasons.of(&unit)), "{}: {:?}", n, known[n as usize - 1]);
               }
           }
       }
}
