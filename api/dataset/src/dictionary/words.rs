//! Words for the codes of the closed lists: what a reader is told instead of
//! `not_found` or `pungutan`.

use domain::vocabulary::DESIL_WORDS;
use domain::{ComplaintCategory, Freshness, LeaveReason, Outcome, PersonFinding, Unit};
use reference::{Frequency, Kind};

use super::Words;

/// Words for an outcome of field verification.
#[must_use]
pub const fn outcome(outcome: Outcome) -> Words {
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
pub const fn freshness(band: Freshness) -> Words {
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
pub const fn finding(finding: PersonFinding) -> Words {
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
pub(super) const RECORDS: [(&str, Words); 2] = [
    ("duplicate_nik", ("Catatan dengan NIK yang sama", "Records with one and the same NIK")),
    ("invalid_nik", ("Catatan dengan NIK yang tidak sah", "Records whose NIK cannot be right")),
];

/// Words for why a unit is no longer enrolled.
#[must_use]
pub const fn reason(reason: LeaveReason) -> Words {
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
pub const fn complaint(category: ComplaintCategory) -> Words {
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
pub(super) const DESIL: [Words; DESIL_WORDS.len()] = [
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
pub(super) const SOURCES: [(&str, Words); 4] = [
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

/// A status in words.
#[must_use]
pub const fn status(status: domain::Status) -> Words {
    match status {
        domain::Status::Observed => ("Dihitung; angkanya tepat, nol pun", "Counted; the value is exact, zero included"),
        domain::Status::Grouped => ("Hanya tampil di dalam gabungan yang disebut", "Shown only within the group that is named"),
        domain::Status::Withheld => ("Antara 0 dan 10; angka tepatnya ditahan", "Between 0 and 10; the exact value is held back"),
        domain::Status::Missing => {
            ("Tidak dikumpulkan, atau belum boleh terbit; bukan nol", "Not collected, or not fit to publish; not zero")
        }
    }
}

/// Words for what an area is called in administration.
#[must_use]
pub const fn kind(kind: Kind) -> Words {
    match kind {
        Kind::Provinsi => ("Provinsi", "Province"),
        Kind::Kabupaten => ("Kabupaten", "Regency"),
        Kind::Kota => ("Kota", "City"),
        Kind::Kecamatan => ("Kecamatan", "Subdistrict"),
        Kind::Desa => ("Desa", "Village"),
        Kind::Kelurahan => ("Kelurahan", "Urban village"),
        Kind::DesaAdat => ("Desa adat", "Customary village"),
    }
}

/// Words for what a program counts in.
#[must_use]
pub const fn unit(unit: Unit) -> Words {
    match unit {
        Unit::Family => ("Keluarga (KPM)", "Family"),
        Unit::Person => ("Jiwa", "Person"),
    }
}

/// Words for how often a program pays.
#[must_use]
pub const fn frequency(frequency: Frequency) -> Words {
    match frequency {
        Frequency::Monthly => ("Setiap bulan", "Every month"),
        Frequency::Quarterly => ("Setiap triwulan", "Every quarter"),
        Frequency::Yearly => ("Setiap tahun", "Every year"),
        Frequency::Once => ("Sekali, atau bertahap", "Once, or in stages"),
        Frequency::Daily => ("Setiap hari", "Every day"),
    }
}

/// The reasons for corrections, as the manifest writes them.
pub const REASONS: [(&str, Words); 8] = [
    ("late-data", ("data terlambat masuk", "data of the month came late")),
    ("duplicates", ("ada penerima yang tercatat ganda", "recipients stood twice")),
    ("wrong-area", ("ada penerima yang tercatat di wilayah yang salah", "recipients were shown in a wrong area")),
    ("deaths", ("penerima yang sudah meninggal masih terhitung", "recipients who had died were still counted")),
    ("payments", ("penyaluran salah dicatat", "payments were recorded wrongly")),
    ("plan", ("rencana salah dicatat", "the plan was wrong")),
    ("software", ("perangkat lunak salah menghitung", "the software reckoned wrongly")),
    ("withdrawn", ("terbitan sebelumnya ditarik", "an earlier issue was withdrawn")),
];

/// Yes and no.
pub(super) const ANSWERS: [(&str, Words); 2] = [("false", ("Tidak", "No")), ("true", ("Ya", "Yes"))];
