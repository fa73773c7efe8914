//! Why rows are rejected, what findings there are, and how both are told to
//! the operator: in Indonesian, with the shape of a value and never the value.

use std::fmt;

/// Why a row was not accepted. The codes stand in reports that others read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The NIK has not 16 digits, or its first six name no area.
    NikFormat,
    /// There is no NIK: empty, `-` or `0`.
    NikMissing,
    /// The birth date within the NIK is no day of the calendar.
    NikDate,
    /// The NIK ends in 0000.
    NikSerial,
    /// No such area in the district.
    AreaUnknown,
    /// No such program.
    ProgramUnknown,
    /// Not a date, or not a period.
    DateInvalid,
    /// Not an amount of rupiah.
    AmountInvalid,
    /// The number of the family card has not 16 digits.
    FamilyCardFormat,
    /// More or fewer cells than the header.
    ColumnCount,
    /// A value outside the column's vocabulary.
    ValueInvalid,
    /// A result of verification that nobody has explained, or a day without one.
    OutcomeUnknown,
    /// The day of a visit is still to come.
    DateFuture,
    /// The person is not on the round's list.
    NotInRound,
    /// The row names another round than is imported.
    RoundOther,
    /// The round is closed.
    RoundClosed,
    /// A formula where text is expected.
    Formula,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Reason; 17] = [
        Reason::NikFormat,
        Reason::NikMissing,
        Reason::NikDate,
        Reason::NikSerial,
        Reason::AreaUnknown,
        Reason::ProgramUnknown,
        Reason::DateInvalid,
        Reason::AmountInvalid,
        Reason::FamilyCardFormat,
        Reason::ColumnCount,
        Reason::ValueInvalid,
        Reason::OutcomeUnknown,
        Reason::DateFuture,
        Reason::NotInRound,
        Reason::RoundOther,
        Reason::RoundClosed,
        Reason::Formula,
    ];

    /// The code in reports.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Reason::NikFormat => "nik_format",
            Reason::NikMissing => "nik_missing",
            Reason::NikDate => "nik_date",
            Reason::NikSerial => "nik_serial",
            Reason::AreaUnknown => "area_unknown",
            Reason::ProgramUnknown => "program_unknown",
            Reason::DateInvalid => "date_invalid",
            Reason::AmountInvalid => "amount_invalid",
            Reason::FamilyCardFormat => "family_card_format",
            Reason::ColumnCount => "column_count",
            Reason::ValueInvalid => "value_invalid",
            Reason::OutcomeUnknown => "outcome_unknown",
            Reason::DateFuture => "date_future",
            Reason::NotInRound => "not_in_round",
            Reason::RoundOther => "round_other",
            Reason::RoundClosed => "round_closed",
            Reason::Formula => "formula",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What validation found in rows that are accepted all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Finding {
    /// The NIK stands in the same program in an earlier row of the file.
    DuplicateNikProgram,
    /// The person died before the month.
    Deceased,
}

impl Finding {
    /// The code in reports.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Finding::DuplicateNikProgram => "duplicate_nik_program",
            Finding::Deceased => "deceased",
        }
    }
}

/// What is odd about an accepted row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Warning {
    /// The NIK was issued in another kecamatan than the record's: the person moved.
    NikAreaDiffers,
    /// The record's birth date is not the NIK's.
    BirthDateDiffers,
    /// The record's sex is not the NIK's.
    SexDiffers,
    /// A status or outcome outside the known words.
    StatusUnknown,
    /// Day and month stood the other way round.
    DateSwapped,
    /// The name says that the person died.
    NameDeceased,
    /// An area's name is spelt otherwise, and was matched by its sound.
    AreaSpelling,
    /// The area's code is not known, and was left out.
    AreaNotPlaced,
    /// Two visits of one round found different things of a person on the same
    /// day, or in the same file.
    ResultsDiffer,
}

impl Warning {
    /// The code in summaries.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Warning::NikAreaDiffers => "nik_area_differs",
            Warning::BirthDateDiffers => "birth_date_differs",
            Warning::SexDiffers => "sex_differs",
            Warning::StatusUnknown => "status_unknown",
            Warning::DateSwapped => "date_swapped",
            Warning::NameDeceased => "name_deceased",
            Warning::AreaSpelling => "area_spelling",
            Warning::AreaNotPlaced => "area_not_placed",
            Warning::ResultsDiffer => "results_differ",
        }
    }

    /// Whether each row is listed in reports. A person who moved is no oddity
    /// of the file, and a file of old codes has them in every row: both are
    /// counted only.
    #[must_use]
    pub const fn is_listed(self) -> bool {
        !matches!(self, Warning::NikAreaDiffers | Warning::AreaNotPlaced)
    }

    /// All warnings.
    pub const ALL: [Warning; 9] = [
        Warning::NikAreaDiffers,
        Warning::BirthDateDiffers,
        Warning::SexDiffers,
        Warning::StatusUnknown,
        Warning::DateSwapped,
        Warning::NameDeceased,
        Warning::AreaSpelling,
        Warning::AreaNotPlaced,
        Warning::ResultsDiffer,
    ];
}

/// A row that was not accepted: the column to blame, why, and the shape of the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejection {
    pub(crate) column: &'static str,
    pub(crate) reason: Reason,
    pub(crate) value_class: String,
    /// What else may help, and is about nobody: the nearest areas.
    pub(crate) detail: String,
}

impl Rejection {
    pub(crate) fn of(column: &'static str, reason: Reason, cell: &[u8]) -> Rejection {
        Rejection { column, reason, value_class: value_class(cell), detail: String::new() }
    }

    /// An area that was not found.
    pub(crate) fn area(column: &'static str, cell: &[u8], missed: &crate::places::Missed) -> Rejection {
        Rejection { detail: missed.candidates(), ..Rejection::of(column, Reason::AreaUnknown, cell) }
    }
}

/// The shape of a cell: how many characters of which kinds. Long ones are told
/// in tens, since the length of a name or address is a trace of it.
pub(crate) fn value_class(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(cell);
    let text = text.trim();
    let length = text.chars().count();
    let (mut digits, mut letters, mut others) = (false, false, false);
    for c in text.chars() {
        match c {
            '0'..='9' => digits = true,
            c if c.is_alphabetic() => letters = true,
            _ => others = true,
        }
    }
    let kinds = match (digits, letters, others) {
        (false, false, false) => return "empty".to_owned(),
        (true, false, false) => "digits",
        (false, true, false) => "letters",
        (false, false, true) => "signs",
        (true, true, false) => "letters and digits",
        (true, false, true) => "digits and signs",
        (false, true, true) => "letters and signs",
        (true, true, true) => "letters, digits and signs",
    };
    if length > 20 { format!("over {} {kinds}", length / 10 * 10) } else { format!("{length} {kinds}") }
}

/// What the report tells the operator about a code, and what to do about it.
pub(crate) fn words(code: &str) -> (&'static str, &'static str) {
    match code {
        "nik_format" => (
            "NIK bukan 16 angka yang sah",
            "Salin NIK 16 angka dari KTP atau KK sebagai teks; angka terakhir yang hilang di Excel tidak dapat dipulihkan",
        ),
        "nik_missing" => {
            ("NIK kosong (tidak diisi, `-` atau `0`)", "Isi NIK 16 angka dari KTP atau KK, atau keluarkan baris ini dari berkas")
        }
        "nik_date" => ("Tanggal lahir di dalam NIK tidak mungkin", "Periksa angka ke-7 sampai ke-12 NIK pada KTP atau KK"),
        "nik_serial" => ("Nomor urut NIK adalah 0000", "Periksa empat angka terakhir NIK; Excel mengubah angka terakhir menjadi 0"),
        "area_unknown" => (
            "Nama wilayah tidak ditemukan di kabupaten/kota ini",
            "Tulis nama provinsi, kabupaten/kota, kecamatan dan desa/kelurahan seperti di Kepmendagri",
        ),
        "program_unknown" => ("Program tidak dikenal", "Gunakan kode program yang tercantum di daftar program, misalnya PKH atau SEMBAKO"),
        "date_invalid" => ("Tanggal atau periode tidak sah", "Tulis tanggal sebagai 31/01/2000 atau 2000-01-31, periode sebagai 2025-06"),
        "amount_invalid" => ("Jumlah uang tidak sah", "Tulis rupiah bulat, misalnya 600000 atau Rp600.000"),
        "family_card_format" => ("Nomor KK bukan 16 angka yang sah", "Salin nomor KK 16 angka dari kartu keluarga sebagai teks"),
        "column_count" => ("Jumlah kolom baris ini berbeda dari judul tabel", "Periksa tanda pemisah atau tanda kutip di dalam baris ini"),
        "value_invalid" => ("Isi kolom di luar pilihan yang sah", "Gunakan pilihan yang sah untuk kolom ini, misalnya YA atau TIDAK"),
        "outcome_unknown" => (
            "Hasil verifikasi kosong atau tidak dikenal",
            "Tulis Sesuai, Meninggal, Pindah, Tidak ditemukan, Tidak layak, Menolak, NIK milik nama lain, Belum punya KTP-el, Ganda atau \
             Tidak sah (kata VeriVali, PBI dan BPK juga dibaca); bila belum dikunjungi, kosongkan hasil dan tanggal",
        ),
        "date_future" => ("Tanggal kunjungan belum tiba", "Periksa hari, bulan dan tahun kunjungan"),
        "not_in_round" => (
            "Orang ini tidak ada dalam daftar putaran verifikasi",
            "Periksa NIK pada lembar; untuk orang di luar daftar buka putaran lain, atau impor dengan nama putaran lain",
        ),
        "round_other" => ("Baris ini milik putaran lain", "Impor lembar ini untuk putaran yang tertulis di kolom Putaran"),
        "round_closed" => ("Putaran verifikasi sudah ditutup", "Buka lagi dengan bansos verify import PUTARAN ... --reopen --by NAMA"),
        "formula" => (
            "Isi sel adalah rumus, bukan data",
            "Ganti rumus dengan isinya (Salin, lalu Tempel Khusus: Nilai), atau hapus tanda di depannya",
        ),
        "duplicate_nik_program" => {
            ("NIK yang sama sudah ada pada program yang sama di berkas ini", "Hapus salah satu baris, atau perbaiki NIK yang keliru")
        }
        "deceased" => ("Penerima tercatat meninggal sebelum bulan ini", "Usulkan penghentian atau penggantian penerima"),
        "nik_area_differs" => ("NIK diterbitkan di kecamatan lain", "Tidak perlu tindakan bila penduduk memang pindah"),
        "birth_date_differs" => ("Tanggal lahir berbeda dari yang ada di dalam NIK", "Periksa tanggal lahir dan NIK pada KTP atau KK"),
        "sex_differs" => ("Jenis kelamin berbeda dari yang ada di dalam NIK", "Periksa jenis kelamin dan NIK pada KTP atau KK"),
        "status_unknown" => ("Status atau hasil di luar kata yang dikenal; disimpan apa adanya", "Gunakan kata status yang dikenal"),
        "date_swapped" => {
            ("Hari dan bulan tertukar; dibaca sesuai NIK atau satu-satunya cara yang mungkin", "Tulis tanggal sebagai hari/bulan/tahun")
        }
        "name_deceased" => {
            ("Nama bertanda almarhum/almarhumah", "Periksa apakah orang ini meninggal; bila ya, masukkan ke daftar kematian")
        }
        "area_spelling" => {
            ("Nama wilayah ditulis dengan ejaan lain dan dicocokkan menurut bunyinya", "Tulis nama wilayah seperti di Kepmendagri")
        }
        "area_not_placed" => (
            "Kode wilayah tidak dikenal dan tidak disimpan",
            "Impor tabel padanan kode BPS-Kemendagri, atau tulis di [areas] pada berkas --map",
        ),
        "results_differ" => (
            "Hasil lain untuk orang yang sama pada hari atau berkas yang sama; yang kemudian berlaku",
            "Tanyakan petugas mana yang benar, lalu impor hasil itu dengan tanggal yang lebih baru",
        ),
        _ => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_words() {
        for code in Reason::ALL
            .map(Reason::code)
            .into_iter()
            .chain([Finding::DuplicateNikProgram.code(), Finding::Deceased.code()])
            .chain(Warning::ALL.map(Warning::code))
        {
            let (message, remedy) = words(code);
            assert!(!message.is_empty() && !remedy.is_empty(), "{code}");
        }
    }

    #[test]
    fn the_remedy_of_an_unknown_outcome_names_every_word_of_the_sheets() {
        for (word, _) in domain::Outcome::sheet_words() {
            assert!(words("outcome_unknown").1.contains(word), "{word}");
        }
    }

    #[test]
    fn a_class_tells_the_shape_only() {
        for (cell, class) in [
            ("", "empty"),
            ("  ", "empty"),
            ("367101120384900", "15 digits"),
            ("3.67E+15", "8 letters, digits and signs"),
            ("-", "1 signs"),
            ("Jl. Mawar No. 12 RT 03", "over 20 letters, digits and signs"),
        ] {
            assert_eq!(value_class(cell.as_bytes()), class, "{cell}");
        }
        assert_eq!(value_class(b"Andr\xe9"), "5 letters and signs");
    }
}
