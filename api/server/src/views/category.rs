//! The categories of tables in words: what a table's third dimension can say.

use domain::vocabulary::DESIL_WORDS;
use domain::{ComplaintCategory, Freshness, LeaveReason, Outcome, PersonFinding, Table, codebook};
use serde::Serialize;

use super::WordsView;

/// A code with its words.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Term")]
pub struct TermView {
    /// The code as figures write it.
    #[schema(example = "observed")]
    pub code: String,
    /// What it means.
    pub name: WordsView,
}

impl TermView {
    /// A code with its words.
    #[must_use]
    pub fn new(code: &str, words: (&str, &str)) -> TermView {
        TermView { code: code.to_owned(), name: words.into() }
    }
}

/// A category of a measure.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Category")]
pub struct CategoryView {
    /// The measure it belongs to.
    #[schema(example = "units")]
    pub measure: String,
    /// The category as figures and the parameter `category` write it.
    #[schema(example = "not_found")]
    pub category: String,
    /// What it means.
    pub name: WordsView,
}

/// Words for an outcome of field verification.
#[must_use]
pub const fn outcome(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Unchecked => ("Belum dicek", "Not checked yet"),
        Outcome::Valid => ("Sesuai", "In order"),
        Outcome::OtherName => ("NIK cocok, nama berbeda", "The NIK belongs to another name"),
        Outcome::NoCard => ("Belum punya KTP elektronik", "Has no electronic identity card"),
        Outcome::NotFound => ("Tidak ditemukan di alamat", "Not found at the address"),
        Outcome::Deceased => ("Meninggal", "Deceased"),
        Outcome::Duplicate => ("NIK terdaftar dua kali", "Registered twice under one NIK"),
        Outcome::Invalid => ("Tidak sah karena alasan lain", "Not valid for another reason"),
        Outcome::Moved => ("Pindah", "Moved away"),
        Outcome::Refused => ("Menolak", "Refused"),
        Outcome::Ineligible => ("Tidak memenuhi syarat", "Not entitled"),
    }
}

/// Words for how long ago a check was.
#[must_use]
pub const fn freshness(band: Freshness) -> (&'static str, &'static str) {
    match band {
        Freshness::Never => ("Belum pernah diperiksa", "Never checked"),
        Freshness::Quarter => ("0–3 bulan lalu", "0–3 months ago"),
        Freshness::Half => ("4–6 bulan lalu", "4–6 months ago"),
        Freshness::Year => ("7–12 bulan lalu", "7–12 months ago"),
        Freshness::TwoYears => ("13–24 bulan lalu", "13–24 months ago"),
        Freshness::Longer => ("Lebih dari 24 bulan lalu", "More than 24 months ago"),
    }
}

/// Words for what lists of the office say of a person.
#[must_use]
pub const fn finding(finding: PersonFinding) -> (&'static str, &'static str) {
    match finding {
        PersonFinding::None => ("Tidak ada temuan", "Nothing found"),
        PersonFinding::Deceased => ("Tercatat meninggal", "Recorded as deceased"),
        PersonFinding::PublicServant => {
            ("Tercatat sebagai ASN, TNI, Polri, atau perangkat desa", "Recorded as a civil servant, army, police or village official")
        }
        PersonFinding::Earner => ("Tercatat berpenghasilan di atas upah minimum", "Recorded with wages above the minimum"),
        PersonFinding::Moved => ("Tercatat pindah ke luar daerah", "Recorded as moved out of the district"),
    }
}

/// Records at fault, by what is wrong with them.
const RECORDS: [(&str, (&str, &str)); 2] = [
    ("duplicate_nik", ("Catatan dengan NIK yang sama", "Records with one and the same NIK")),
    ("invalid_nik", ("Catatan dengan NIK yang tidak sah", "Records whose NIK cannot be right")),
];

/// Words for why a unit is no longer enrolled.
#[must_use]
pub const fn reason(reason: LeaveReason) -> (&'static str, &'static str) {
    match reason {
        LeaveReason::Unknown => ("Alasan tidak tercatat", "Reason not recorded"),
        LeaveReason::Died => ("Meninggal", "Died"),
        LeaveReason::Moved => ("Pindah", "Moved away"),
        LeaveReason::Graduated => ("Sudah mampu (graduasi)", "Better off (graduated)"),
        LeaveReason::Ineligible => ("Ternyata tidak berhak", "Found not to be entitled"),
        LeaveReason::Duplicate => ("Terdaftar ganda", "Was enrolled twice"),
        LeaveReason::Refused => ("Mengundurkan diri", "Gave it up"),
    }
}

/// Words for what a complaint is about.
#[must_use]
pub const fn complaint(category: ComplaintCategory) -> (&'static str, &'static str) {
    match category {
        ComplaintCategory::Other => ("Lainnya", "Something else"),
        ComplaintCategory::Fictitious => ("Penerima fiktif", "A recipient who does not exist"),
        ComplaintCategory::Double => ("Menerima ganda", "Somebody receives twice"),
        ComplaintCategory::Levy => ("Diminta uang (pungutan)", "Money was asked for"),
        ComplaintCategory::LessThanDue => ("Jumlah kurang", "Less than due"),
        ComplaintCategory::PoorQuality => ("Kualitas buruk", "Goods of poor quality"),
        ComplaintCategory::NotEntitled => ("Penerima tidak layak", "Somebody receives who should not"),
        ComplaintCategory::NotRegistered => ("Layak tetapi belum terdaftar", "Entitled but not registered"),
        ComplaintCategory::NotReceived => ("Terdaftar tetapi tidak menerima", "Registered but receives nothing"),
        ComplaintCategory::NotHandedOut => ("Bantuan tidak dibagikan", "Aid was not handed out"),
        ComplaintCategory::Misuse => ("Penyelewengan", "Misuse"),
        ComplaintCategory::Card => ("Kartu hilang, terblokir, atau dipegang orang lain", "Card lost, blocked or kept by others"),
    }
}

/// Words for tenths of families, the poorest first.
const DESIL: [(&str, &str); DESIL_WORDS.len()] = [
    ("Desil tidak diketahui", "Desil not known"),
    ("Desil 1 (termiskin)", "Desil 1 (poorest)"),
    ("Desil 2", "Desil 2"),
    ("Desil 3", "Desil 3"),
    ("Desil 4", "Desil 4"),
    ("Desil 5", "Desil 5"),
    ("Desil 6", "Desil 6"),
    ("Desil 7", "Desil 7"),
    ("Desil 8", "Desil 8"),
    ("Desil 9", "Desil 9"),
    ("Desil 10 (terkaya)", "Desil 10 (richest)"),
];

/// The sources that inhabitants and poor households are counted by.
const SOURCES: [(&str, (&str, &str)); 4] = [
    ("dukcapil-2024", ("Ditjen Dukcapil Kemendagri, Desember 2024", "Civil registry (Dukcapil), December 2024")),
    (
        "estimate-2024",
        (
            "Perkiraan 2024: jumlah Dukcapil dibagi menurut Sensus Penduduk 2010",
            "2024 estimate: the civil registry's count shared out as in the 2010 census",
        ),
    ),
    ("census-2010", ("BPS, Sensus Penduduk 2010 (bukan jumlah sekarang)", "BPS, 2010 census (not today's number)")),
    ("plan", ("Rencana kantor: keluarga miskin menurut Dinas Sosial", "The office's plan: poor households as the office counts them")),
];

/// The categories a table's measures can have, single ones; classes join
/// several by `~`. Empty where the table has none.
#[must_use]
pub fn categories(table: Table) -> Vec<CategoryView> {
    let one = |measure: &str, code: &str, words: (&str, &str)| CategoryView {
        measure: measure.to_owned(),
        category: code.to_owned(),
        name: words.into(),
    };
    match table {
        Table::Totals | Table::Payments | Table::Plan => Vec::new(),
        Table::Flows => LeaveReason::ALL.into_iter().map(|each| one("left", each.as_str(), reason(each))).collect(),
        Table::Coverage => {
            let of_people = SOURCES.iter().filter(|(code, _)| *code != "plan");
            let people = of_people.flat_map(|(code, words)| table.measures()[..2].iter().map(|measure| one(measure, code, *words)));
            let plan = SOURCES.iter().filter(|(code, _)| *code == "plan");
            people.chain(plan.flat_map(|(code, words)| table.measures()[2..].iter().map(|measure| one(measure, code, *words)))).collect()
        }
        Table::Demographics => codebook::ATTRIBUTES
            .into_iter()
            .flat_map(|attribute| {
                let shown: &[&str] = match attribute.name {
                    "sex" => &["F", "M"],
                    "age_band" => &["0-17", "18-39", "40-59", "60+"],
                    _ => &["1-2", "3-4", "5+"],
                };
                let labels = shown.iter().filter_map(|code| attribute.label(code).ok()).map(|label| (label.code, label.words));
                labels
                    .chain([
                        (codebook::UNKNOWN, ("Tidak tercatat di sumber", "Not recorded in the source")),
                        (
                            codebook::ANY,
                            ("Tidak dirinci, agar penerima tidak dikenali", "Not broken down, so that nobody can be recognised"),
                        ),
                    ])
                    .map(|(code, words)| one(attribute.name, code, words))
                    .collect::<Vec<_>>()
            })
            .collect(),
        Table::Overlaps => {
            let open = reference::programs().iter().filter(|program| !program.sensitive);
            open.flat_map(|program| {
                table.measures().iter().map(|measure| one(measure, program.code.as_str(), (&program.name.id, &program.name.en)))
            })
            .collect()
        }
        Table::Verification => Outcome::ALL.into_iter().map(|each| one("units", each.as_str(), outcome(each))).collect(),
        Table::Freshness => Freshness::ALL.into_iter().map(|each| one("units", each.as_str(), freshness(each))).collect(),
        Table::Findings => {
            let people = PersonFinding::ALL.into_iter().map(|each| one("units", each.as_str(), finding(each)));
            people.chain(RECORDS.map(|(code, words)| one("records", code, words))).collect()
        }
        Table::Deciles | Table::Targeting => {
            let of = |measure: &&str| DESIL_WORDS.into_iter().zip(DESIL).map(|(code, words)| one(measure, code, words)).collect::<Vec<_>>();
            table.measures().iter().flat_map(of).collect()
        }
        Table::Reports => {
            let of = |measure: &&str| ComplaintCategory::ALL.map(|each| one(measure, each.as_str(), complaint(each)));
            table.measures().iter().flat_map(of).collect()
        }
    }
}

/// A measure in words.
#[must_use]
pub fn measure(table: Table, measure: &str) -> (&'static str, &'static str) {
    match (table, measure) {
        (Table::Totals, _) => ("Penerima pada akhir bulan", "Units enrolled at the end of the month"),
        (Table::Verification, _) => ("Penerima menurut hasil verifikasi", "Units by outcome of verification"),
        (Table::Freshness, _) => ("Penerima menurut lama sejak pemeriksaan terakhir", "Units by months since the last check"),
        (Table::Findings, "units") => ("Penerima menurut temuan tentang orangnya", "Units by what was found of the person"),
        (Table::Findings, _) => ("Catatan yang keliru dalam berkas bulan ini", "Records at fault in the month's files"),
        (Table::Deciles, _) => ("Keluarga terdaftar", "Registered families"),
        (Table::Targeting, "any_program") => ("Keluarga yang menerima paling sedikit satu program", "Families with at least one program"),
        (Table::Targeting, _) => ("Keluarga yang tidak menerima program apa pun", "Families with no program"),
        (Table::Reports, "received") => ("Pengaduan yang diterima sejak 1 Januari", "Complaints received since 1 January"),
        (Table::Reports, "answered") => ("Di antaranya sudah dijawab", "Of these, answered"),
        (Table::Reports, _) => ("Di antaranya terbukti", "Of these, upheld"),
        (_, "due") => ("Seharusnya menerima", "Units due"),
        (_, "paid") => ("Sudah tersalur", "Units paid"),
        (_, "failed") => ("Gagal salur", "Units whose payment failed"),
        (_, "returned") => ("Kembali ke kas negara", "Units whose payment was returned"),
        (_, "due_rupiah") => ("Rupiah yang seharusnya", "Rupiah due"),
        (_, "paid_rupiah") => ("Rupiah yang tersalur", "Rupiah paid"),
        (_, "failed_rupiah") => ("Rupiah yang gagal salur", "Rupiah whose payment failed"),
        (_, "returned_rupiah") => ("Rupiah yang kembali", "Rupiah returned"),
        (_, "entered") => ("Masuk sejak bulan sebelumnya", "Units that entered since the month before"),
        (_, "left") => ("Keluar sejak bulan sebelumnya", "Units that left since the month before"),
        (_, "planned_units") => ("Sasaran dalam rencana", "Units planned"),
        (_, "planned_rupiah") => ("Anggaran dalam rencana, rupiah", "Rupiah planned"),
        (_, "inhabitants") => ("Penduduk, menurut sumber di kategori", "Inhabitants, by the source in the category"),
        (_, "units_per_10000_inhabitants") => {
            ("Penerima per 10.000 penduduk, dibulatkan ke bawah", "Units per 10,000 inhabitants, rounded down")
        }
        (_, "poor_households") => ("Keluarga miskin, menurut rencana kantor", "Poor households, by the office's plan"),
        (_, "units_per_10000_poor_households") => {
            ("Penerima per 10.000 keluarga miskin, dibulatkan ke bawah", "Units per 10,000 poor households, rounded down")
        }
        (_, "sex") => ("Penerima menurut jenis kelamin", "Units by sex"),
        (_, "age_band") => ("Penerima menurut kelompok umur", "Units by age band"),
        (_, "family_size") => ("Penerima menurut besar keluarga", "Units by family size"),
        (_, "both") => ("Keluarga yang menerima keduanya", "Families that receive both"),
        (_, "only") => ("Keluarga yang tidak menerima program di kategori", "Families without the program in the category"),
        _ => ("Lihat keterangan tabel", "See the table's description"),
    }
}

/// A status in words.
#[must_use]
pub const fn status(status: domain::Status) -> (&'static str, &'static str) {
    match status {
        domain::Status::Observed => ("Dihitung; angkanya tepat, nol pun", "Counted; the value is exact, zero included"),
        domain::Status::Grouped => ("Hanya tampil di dalam gabungan yang disebut", "Shown only within the group that is named"),
        domain::Status::Withheld => ("Antara 0 dan 10; angka tepatnya ditahan", "Between 0 and 10; the exact value is held back"),
        domain::Status::Missing => {
            ("Tidak dikumpulkan, atau belum boleh terbit; bukan nol", "Not collected, or not fit to publish; not zero")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_and_category_has_words() {
        for table in Table::ALL {
            for word in table.measures() {
                assert!(!measure(table, word).0.starts_with("Lihat"), "{table} {word}");
            }
            for one in categories(table) {
                assert!(table.measures().contains(&one.measure.as_str()), "{table} {}", one.measure);
                assert!(!one.name.id.is_empty() && !one.name.en.is_empty(), "{table} {}", one.category);
            }
        }
        assert_eq!(categories(Table::Verification).len(), Outcome::ALL.len());
        assert_eq!(categories(Table::Findings).len(), 5 + 2);
        assert_eq!(categories(Table::Targeting).len(), 2 * 11);
        assert_eq!(categories(Table::Reports).len(), 3 * 12);
        // Whatever a class can join has words.
        for table in Table::ALL {
            for word in table.classes().unwrap_or_default() {
                assert!(categories(table).iter().any(|one| one.category == *word), "{table} {word}");
            }
        }
        assert_eq!(categories(Table::Demographics).len(), 4 + 6 + 5);
        assert!(categories(Table::Overlaps).iter().all(|one| one.category != "YAPI"));
    }
}
