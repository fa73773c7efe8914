//! The layouts of files, and how a header tells which one a file has.

use std::fmt;

/// A layout of shared files, named as in folders and answer keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layout {
    /// 2: recipients by desa, exported from SIKS-NG.
    Dtks,
    /// 6: disbursement on Kartu Keluarga Sejahtera.
    Kks,
    /// 7: PBI-JK members of BPJS Kesehatan.
    PbiJk,
    /// 15: plan of a month.
    Plan,
    /// 16: outcomes of field verification.
    Verification,
    /// 17: deaths.
    Deaths,
}

impl Layout {
    /// All layouts.
    pub const ALL: [Layout; 6] = [Layout::Dtks, Layout::Kks, Layout::PbiJk, Layout::Plan, Layout::Verification, Layout::Deaths];

    /// The word for it in files and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Layout::Dtks => "dtks",
            Layout::Kks => "kks",
            Layout::PbiJk => "pbi-jk",
            Layout::Plan => "plan",
            Layout::Verification => "verification",
            Layout::Deaths => "deaths",
        }
    }

    /// The layout with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Layout> {
        Layout::ALL.into_iter().find(|layout| layout.as_str() == word)
    }

    /// Columns without which a file is not of this layout, as normalised.
    pub(crate) const fn required(self) -> &'static [&'static str] {
        match self {
            Layout::Dtks => &["provinsi", "kabupaten", "kecamatan", "desa_kelurahan", "nik", "nokk", "nama", "pkh", "bpnt", "pbi"],
            Layout::Kks => &["nik", "jenis_bansos", "nominal_cair"],
            Layout::PbiJk => &["noka", "nik", "status"],
            Layout::Plan => &["kecamatan", "program", "period", "planned_units"],
            Layout::Verification => &["nik", "round", "date", "outcome"],
            Layout::Deaths => &["nik", "date_of_death"],
        }
    }

    /// Columns that are read or passed over when they are there. Passed over
    /// are those that nothing needs yet: what is not kept cannot leak.
    pub(crate) const fn optional(self) -> &'static [&'static str] {
        match self {
            Layout::Dtks => &[
                "prop_capil",
                "kab_capil",
                "id_kec",
                "id_desa",
                "rt",
                "rw",
                "atensi",
                "alamat",
                "blt",
                "blt_bbm",
                "bnpt_ppkm",
                "bst",
                "first_sk",
                "pena",
                "permakanan",
                "rutilahu",
                "sembako_adaptif",
                "yapi",
                "aktorlabel",
                "counter",
                "deleted_label",
                "idsemesta",
                "isaktifhamil",
                "is_nonaktif",
                "is_btn_padankan",
                "is_btn_hidupkan",
                "keterangan_disabilitas",
                "keterangan_meninggal",
                "masih_hidup_label",
                "padankan_at",
                "periode_blt",
                "periode_blt_bbm",
                "periode_bpnt",
                "periode_bpnt_ppkm",
                "periode_bst",
                "periode_pbi",
                "periode_pena",
                "periode_permakanan",
                "periode_pkh",
                "periode_rutilahu",
                "periode_sembako_adaptif",
                "periode_yapi",
                "verifyid",
                // Not of the layout, but read where an office adds them.
                "jenis_kelamin",
                "tanggal_lahir",
            ],
            Layout::Kks => &["nama", "nomor_kks", "tahap_salur"],
            Layout::PbiJk => &[
                "ps_noka",
                "nama",
                "jenkel",
                "tgllhr",
                "tmplhr",
                "nik_siks",
                "pisat",
                "kdstawin",
                "kelas_rawat",
                "kkno",
                "alamat",
                "rt",
                "rw",
                "kodepos",
                "nikayah",
                "nmayah",
                "nikibu",
                "nmibu",
                "ket_aktivasi",
                "kdkepwil",
                "kdkc",
                "nmkc",
                "kdprov",
                "nmprov",
            ],
            Layout::Plan => &["planned_rupiah", "failed", "returned", "poor_households", "source"],
            Layout::Verification | Layout::Deaths => &[],
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A header cell as it is compared: small letters, words joined by `_`, and
/// without what stands in brackets (templates put an example date there).
pub(crate) fn normalise(cell: &str) -> String {
    let mut name = String::with_capacity(cell.len());
    let mut depth = 0u32;
    for c in cell.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            c if c.is_alphanumeric() => name.extend(c.to_lowercase()),
            '\u{feff}' | '\u{200b}' => {}
            _ if !name.is_empty() && !name.ends_with('_') => name.push('_'),
            _ => {}
        }
    }
    name.truncate(name.trim_end_matches('_').len());
    name
}

/// How a row of cells answers the question whether it is a header.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the header of this layout.
    Header(Layout),
    /// It resembles this layout's, but columns are missing.
    Lacks(Layout, Vec<&'static str>),
    /// A column that is read stands twice.
    Twice(Layout, &'static str),
    /// It is no header.
    No,
}

/// Judges a row of normalised cells.
pub(crate) fn judge(cells: &[String]) -> Verdict {
    let has = |name: &str| cells.iter().any(|cell| cell == name);
    let full = Layout::ALL.into_iter().filter(|layout| layout.required().iter().all(|name| has(name)));
    // The layout that asks for most is the most particular one.
    if let Some(layout) = full.max_by_key(|layout| layout.required().len()) {
        let twice =
            layout.required().iter().chain(layout.optional()).find(|name| cells.iter().filter(|cell| cell.as_str() == **name).count() > 1);
        return match twice {
            Some(name) => Verdict::Twice(layout, name),
            None => Verdict::Header(layout),
        };
    }
    let shared = |layout: Layout| layout.required().iter().filter(|name| has(name)).count();
    let nearest = Layout::ALL.into_iter().max_by_key(|layout| shared(*layout) * 100 / layout.required().len());
    match nearest {
        Some(layout) if shared(layout) * 2 >= layout.required().len() && shared(layout) > 0 && cells.len() > 1 => {
            Verdict::Lacks(layout, layout.required().iter().copied().filter(|name| !has(name)).collect())
        }
        _ => Verdict::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_cells_as_offices_write_them() {
        for (cell, name) in [
            ("TANGGAL LAHIR\n(31/01/2000)", "tanggal_lahir"),
            (" Nomor  KKS ", "nomor_kks"),
            ("\u{feff}NIK", "nik"),
            ("desa/kelurahan", "desa_kelurahan"),
            ("Desa_Kelurahan", "desa_kelurahan"),
            ("BNPT_PPKM", "bnpt_ppkm"),
            ("(x)", ""),
        ] {
            assert_eq!(normalise(cell), name, "{cell}");
        }
    }

    #[test]
    fn every_layout_is_known_by_its_own_header_and_no_other() {
        for layout in Layout::ALL {
            let cells: Vec<String> = layout.required().iter().chain(layout.optional()).map(ToString::to_string).collect();
            assert_eq!(judge(&cells), Verdict::Header(layout));
            assert_eq!(Layout::named(layout.as_str()), Some(layout));
            let fewer: Vec<String> = cells.iter().skip(1).cloned().collect();
            assert!(!matches!(judge(&fewer), Verdict::Header(found) if found == layout));
        }
    }

    #[test]
    fn a_missing_or_doubled_column_is_named() {
        let cells = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(judge(&cells(&["nik", "nama", "jenis_bansos"])), Verdict::Lacks(Layout::Kks, vec!["nominal_cair"]));
        assert_eq!(judge(&cells(&["nik", "date_of_death", "nik"])), Verdict::Twice(Layout::Deaths, "nik"));
        assert_eq!(judge(&cells(&["DATA SIMULASI"])), Verdict::No);
        assert_eq!(judge(&[]), Verdict::No);
    }
}
