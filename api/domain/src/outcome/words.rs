//! The words in which offices write what a verification found, and the one that
//! our own sheets offer for each outcome. Why each word stands where it does is
//! told in the registry's VERIFICATION.md.

use super::Outcome;

/// What our sheets offer to choose from, in the order in which it is offered.
const SHEET: [(&str, Outcome); 10] = [
    ("Sesuai", Outcome::Valid),
    ("Meninggal", Outcome::Deceased),
    ("Pindah", Outcome::Moved),
    ("Tidak ditemukan", Outcome::NotFound),
    ("Tidak layak", Outcome::Ineligible),
    ("Menolak", Outcome::Refused),
    ("NIK milik nama lain", Outcome::OtherName),
    ("Belum punya KTP-el", Outcome::NoCard),
    ("Ganda", Outcome::Duplicate),
    ("Tidak sah", Outcome::Invalid),
];

/// Words of offices, as [`key`] writes them.
const WORDS: &[(&str, Outcome)] = &[
    // VeriVali.
    ("VALID", Outcome::Valid),
    ("NIK PADAN BEDA NAMA", Outcome::OtherName),
    ("TIDAK MEMILIKI E KTP", Outcome::NoCard),
    ("DI HAPUS TIDAK DITEMUKAN", Outcome::NotFound),
    ("DI HAPUS MENINGGAL", Outcome::Deceased),
    ("DI HAPUS NIK SUDAH TERDAFTAR", Outcome::Duplicate),
    ("INVALID", Outcome::Invalid),
    ("BELUM CEK", Outcome::Unchecked),
    // PBI-JK.
    ("AKTIF", Outcome::Valid),
    ("MENINGGAL DUNIA", Outcome::Deceased),
    ("GANDA", Outcome::Duplicate),
    ("PINDAH", Outcome::Moved),
    ("TIDAK DITEMUKAN", Outcome::NotFound),
    ("MENOLAK", Outcome::Refused),
    // BPK.
    ("KPM TIDAK TERDAFTAR DTKS USULAN PEMDA", Outcome::Ineligible),
    ("KPM TIDAK TERDAFTAR DTKS DAN USULAN PEMDA", Outcome::Ineligible),
    ("SEMBAKO BPNT GANDA BST", Outcome::Ineligible),
    ("NIK TIDAK DITEMUKAN DI DUKCAPIL", Outcome::Invalid),
    ("NIK TIDAK AKTIF", Outcome::Invalid),
    ("KPM MERUPAKAN SDM PKH", Outcome::Ineligible),
    ("KPM DI BAWAH UMUR", Outcome::Ineligible),
    ("KPM PKH TERDAFTAR DATA AHU", Outcome::Ineligible),
    ("KPM TERDAFTAR DATA AHU", Outcome::Ineligible),
    // Groups of rejection of West Java, with or without their letter.
    ("ADMINISTRASI", Outcome::Invalid),
    ("TIDAK LAYAK", Outcome::Ineligible),
    ("SUDAH MENERIMA BANTUAN LAIN", Outcome::Ineligible),
    ("SALAH INPUT", Outcome::Invalid),
    ("GAGAL SALUR", Outcome::Invalid),
    // Other ways to say the same.
    ("SESUAI", Outcome::Valid),
    ("LAYAK", Outcome::Valid),
    ("MENINGGAL", Outcome::Deceased),
    ("DIHAPUS MENINGGAL", Outcome::Deceased),
    ("DIHAPUS TIDAK DITEMUKAN", Outcome::NotFound),
    ("DIHAPUS NIK SUDAH TERDAFTAR", Outcome::Duplicate),
    ("NIK MILIK NAMA LAIN", Outcome::OtherName),
    ("BEDA NAMA", Outcome::OtherName),
    ("BELUM PUNYA KTP EL", Outcome::NoCard),
    ("TIDAK MEMILIKI KTP EL", Outcome::NoCard),
    ("TIDAK SAH", Outcome::Invalid),
    ("TIDAK VALID", Outcome::Invalid),
    ("BELUM DICEK", Outcome::Unchecked),
    ("BELUM DIKUNJUNGI", Outcome::Unchecked),
];

/// A word as it is compared: capitals, and a single space for whatever stands
/// between letters and digits.
fn key(word: &str) -> String {
    let mut key = String::with_capacity(word.len());
    for c in word.chars() {
        if c.is_alphanumeric() {
            key.extend(c.to_uppercase());
        } else if !key.is_empty() && !key.ends_with(' ') {
            key.push(' ');
        }
    }
    key.truncate(key.trim_end().len());
    key
}

impl Outcome {
    /// The outcome that an office's word stands for, without minding case,
    /// spaces and signs. A word that nobody has explained is none: it must be
    /// asked about, not guessed.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Outcome> {
        let key = key(word);
        let find = |key: &str| WORDS.iter().find(|(known, _)| *known == key).map(|(_, outcome)| *outcome);
        find(&key).or_else(|| {
            // A group by its letter and its name: `B. Tidak layak`.
            let (letter, rest) = key.split_once(' ')?;
            let at = WORDS.iter().position(|(known, _)| *known == rest)?;
            let first = WORDS.iter().position(|(known, _)| *known == "ADMINISTRASI")?;
            let group = ["A", "B", "C", "D", "E"].iter().position(|known| *known == letter)?;
            if at == first + group { WORDS.get(at).map(|(_, outcome)| *outcome) } else { None }
        })
    }

    /// What a verification sheet offers to choose from: the word, and what it stands for.
    #[must_use]
    pub const fn sheet_words() -> &'static [(&'static str, Outcome)] {
        &SHEET
    }

    /// The outcome in the words of our sheets.
    #[must_use]
    pub fn sheet_word(self) -> &'static str {
        SHEET.iter().find(|(_, outcome)| *outcome == self).map_or("Belum dicek", |(word, _)| *word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_written_as_it_is_compared_and_stands_once() {
        let mut all: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
        for word in &all {
            assert_eq!(key(word), *word);
        }
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count, "a word stands twice");
    }

    #[test]
    fn the_vocabularies_of_offices_are_one() {
        for (word, outcome) in [
            ("Invalid", Outcome::Invalid),
            ("NIK Padan Beda Nama", Outcome::OtherName),
            (" valid ", Outcome::Valid),
            ("Di Hapus-Meninggal", Outcome::Deceased),
            ("Di Hapus-NIK Sudah Terdaftar", Outcome::Duplicate),
            ("Tidak Memiliki E-KTP", Outcome::NoCard),
            ("Di Hapus-Tidak Ditemukan", Outcome::NotFound),
            ("Belum Cek", Outcome::Unchecked),
            ("Aktif", Outcome::Valid),
            ("Meninggal Dunia", Outcome::Deceased),
            ("Ganda", Outcome::Duplicate),
            ("Pindah", Outcome::Moved),
            ("Tidak Ditemukan", Outcome::NotFound),
            ("Menolak", Outcome::Refused),
            ("KPM tidak terdaftar DTKS & usulan Pemda", Outcome::Ineligible),
            ("Sembako/BPNT ganda BST", Outcome::Ineligible),
            ("NIK tidak ditemukan di Dukcapil", Outcome::Invalid),
            ("NIK tidak aktif", Outcome::Invalid),
            ("KPM merupakan SDM PKH", Outcome::Ineligible),
            ("KPM di bawah umur", Outcome::Ineligible),
            ("KPM PKH terdaftar data AHU", Outcome::Ineligible),
            ("A administrasi", Outcome::Invalid),
            ("B. Tidak layak", Outcome::Ineligible),
            ("C - Sudah menerima bantuan lain", Outcome::Ineligible),
            ("D salah input", Outcome::Invalid),
            ("E) gagal salur", Outcome::Invalid),
            ("tidak   layak", Outcome::Ineligible),
        ] {
            assert_eq!(Outcome::of_word(word), Some(outcome), "{word}");
        }
        for word in ["", "A", "A tidak layak", "F gagal salur", "mungkin", "Valid?x", "TIDAK"] {
            assert_eq!(Outcome::of_word(word), None, "{word}");
        }
    }

    #[test]
    fn what_sheets_offer_is_read_back_and_fits_a_drop_down() {
        for (word, outcome) in Outcome::sheet_words() {
            assert_eq!((Outcome::of_word(word), outcome.sheet_word()), (Some(*outcome), *word));
            assert!(!word.contains(','), "a drop-down divides at commas");
        }
        // All but what is not one: not to be checked.
        assert_eq!(Outcome::sheet_words().len(), Outcome::ALL.len() - 1);
        let length: usize = Outcome::sheet_words().iter().map(|(word, _)| word.len() + 1).sum();
        assert!(length < 255, "Excel takes 255 characters");
    }
}
