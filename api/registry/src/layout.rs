//! The layouts of files, and how a header tells which one a file has.

use std::fmt;

mod forms;
mod words;

/// A layout of shared files, named as in folders and answer keys; its number
/// is that of `layouts.md`.
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
    /// 1: proposals of recipients, SIKS-NG template V4.
    Usulan,
    /// 3: families of DTSEN with their desil.
    DtsenFamily,
    /// 3: members of the families of DTSEN.
    DtsenMember,
    /// 4: families of P3KE with their desil.
    P3ke,
    /// 5: an audit's central format with masked numbers.
    Pdtt,
    /// 8: list of recipients of PKH or BPNT.
    Recipients,
    /// 9: recipients by name and address, with flags.
    Bnba,
    /// 10: recipients of BLT-DD by name and address, V2 2023.
    BltDd,
    /// 11: test instrument of the BPK.
    Bpk,
    /// 12: what became of proposals.
    UsulanResult,
    /// 13: households of the old BDT.
    BdtHousehold,
    /// 13: members of the households of the old BDT.
    BdtMember,
    /// 14: counts by area as open data.
    OpenData,
    /// Ours: people of a list, such as civil servants.
    Listing,
    /// Ours: complaints, without anything personal.
    Complaints,
}

impl Layout {
    /// All layouts.
    pub const ALL: [Layout; 21] = [
        Layout::Dtks,
        Layout::Kks,
        Layout::PbiJk,
        Layout::Plan,
        Layout::Verification,
        Layout::Deaths,
        Layout::Usulan,
        Layout::DtsenFamily,
        Layout::DtsenMember,
        Layout::P3ke,
        Layout::Pdtt,
        Layout::Recipients,
        Layout::Bnba,
        Layout::BltDd,
        Layout::Bpk,
        Layout::UsulanResult,
        Layout::BdtHousehold,
        Layout::BdtMember,
        Layout::OpenData,
        Layout::Listing,
        Layout::Complaints,
    ];

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
            Layout::Usulan => "usulan",
            Layout::DtsenFamily => "dtsen",
            Layout::DtsenMember => "dtsen-member",
            Layout::P3ke => "p3ke",
            Layout::Pdtt => "pdtt",
            Layout::Recipients => "recipients",
            Layout::Bnba => "bnba",
            Layout::BltDd => "blt-dd",
            Layout::Bpk => "bpk",
            Layout::UsulanResult => "usulan-result",
            Layout::BdtHousehold => "bdt",
            Layout::BdtMember => "bdt-member",
            Layout::OpenData => "open-data",
            Layout::Listing => "list",
            Layout::Complaints => "complaints",
        }
    }

    /// The layout with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Layout> {
        Layout::ALL.into_iter().find(|layout| layout.as_str() == word)
    }

    /// The layout as which its rows are kept. Two layouts that say the same of
    /// the same people are kept as one.
    #[must_use]
    pub const fn kept_as(self) -> Layout {
        match self {
            Layout::Bnba => Layout::Dtks,
            layout => layout,
        }
    }

    /// Columns without which a file is not of this layout, as normalised.
    pub(crate) const fn required(self) -> &'static [&'static str] {
        forms::form(self).required
    }

    /// Columns that are read or passed over when they are there.
    pub(crate) const fn optional(self) -> &'static [&'static str] {
        forms::form(self).optional
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
    /// It is the header of this layout; the layout's name of each column, and
    /// nothing where the layout has no such column.
    Header(Layout, Vec<&'static str>),
    /// It resembles this layout's, but columns are missing.
    Lacks(Layout, Vec<&'static str>),
    /// A column that is read stands twice.
    Twice(Layout, &'static str),
    /// It is no header.
    No,
}

/// The columns of a layout that a row of cells names.
struct Fit {
    layout: Layout,
    /// The layout's name of each cell.
    names: Vec<&'static str>,
    /// Cells that are one of the layout's columns, and of these the ones called just so.
    found: usize,
    exact: usize,
    missing: Vec<&'static str>,
    twice: Option<&'static str>,
}

/// Reads cells as the columns of a layout: first those that are called just
/// so, then those of the same meaning.
fn fit(layout: Layout, cells: &[String]) -> Fit {
    let mut fit = Fit { layout, names: vec![""; cells.len()], found: 0, exact: 0, missing: Vec::new(), twice: None };
    let columns = || layout.required().iter().chain(layout.optional()).copied();
    let mut left = Vec::new();
    for column in columns() {
        let mut places = (0..cells.len()).filter(|place| cells[*place] == column);
        match places.next() {
            Some(place) => {
                fit.names[place] = column;
                (fit.found, fit.exact) = (fit.found + 1, fit.exact + 1);
                if places.next().is_some() {
                    fit.twice = fit.twice.or(Some(column));
                }
            }
            None => left.push(column),
        }
    }
    for column in left {
        let means = |cell: &str| words::same_meaning(cell, column) || (column == "jumlah" && cell.starts_with("jumlah_"));
        let mut places = (0..cells.len()).filter(|place| fit.names[*place].is_empty() && means(&cells[*place]));
        match (places.next(), places.next()) {
            (Some(place), None) => {
                fit.names[place] = column;
                fit.found += 1;
            }
            // Which of the two is meant, nobody can tell.
            (Some(_), Some(_)) if layout.required().contains(&column) => fit.twice = fit.twice.or(Some(column)),
            (Some(_), Some(_)) => {}
            (None, _) if layout.required().contains(&column) => fit.missing.push(column),
            (None, _) => {}
        }
    }
    fit
}

/// Judges a row of normalised cells: of the layouts whose columns are all
/// there, the one that explains most cells.
pub(crate) fn judge(cells: &[String]) -> Verdict {
    let fits: Vec<Fit> = Layout::ALL.into_iter().map(|layout| fit(layout, cells)).collect();
    let full = fits.iter().filter(|fit| fit.missing.is_empty());
    if let Some(best) = full.max_by_key(|fit| (fit.found, fit.exact, fit.layout.required().len())) {
        return match best.twice {
            Some(name) => Verdict::Twice(best.layout, name),
            None => Verdict::Header(best.layout, best.names.clone()),
        };
    }
    let shared = |fit: &Fit| fit.layout.required().len() - fit.missing.len();
    let several = cells.iter().filter(|cell| !cell.is_empty()).count() > 1;
    let near = fits.into_iter().filter(|fit| several && shared(fit) * 2 >= fit.layout.required().len());
    match near.max_by_key(|fit| (fit.exact, shared(fit) * 100 / fit.layout.required().len())) {
        Some(fit) => Verdict::Lacks(fit.layout, fit.missing),
        None => Verdict::No,
    }
}

/// Reads a row of normalised cells as the columns of a given layout, with
/// columns that a mapping names besides.
pub(crate) fn read_as(layout: Layout, cells: &[String], named: &[(usize, &'static str)]) -> Verdict {
    let fit = fit_named(layout, cells, named);
    match (fit.missing.is_empty(), fit.twice) {
        (true, None) => Verdict::Header(layout, fit.names),
        (true, Some(name)) => Verdict::Twice(layout, name),
        (false, _) => Verdict::Lacks(layout, fit.missing),
    }
}

/// The layout's name of each cell, whether or not all that it asks for is there.
pub(crate) fn names(layout: Layout, cells: &[String], named: &[(usize, &'static str)]) -> Vec<&'static str> {
    fit_named(layout, cells, named).names
}

fn fit_named(layout: Layout, cells: &[String], named: &[(usize, &'static str)]) -> Fit {
    let mut own: Vec<String> = cells.to_vec();
    for (place, name) in named {
        own[*place] = (*name).to_owned();
        // Another column called so is not the one that is meant.
        for (other, cell) in own.iter_mut().enumerate() {
            if other != *place && cell == name {
                cell.clear();
            }
        }
    }
    fit(layout, &own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| normalise(name)).collect()
    }

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
            let names: Vec<&str> = layout.required().iter().chain(layout.optional()).copied().collect();
            assert_eq!(judge(&cells(&names)), Verdict::Header(layout, names.clone()), "{layout}");
            assert_eq!(Layout::named(layout.as_str()), Some(layout));
            let fewer = cells(&names[1..]);
            assert!(!matches!(judge(&fewer), Verdict::Header(found, _) if found == layout), "{layout}");
        }
    }

    /// The header lines of `layouts.md`, as they stand there.
    const REAL: &[(Layout, &str)] = &[
        (
            Layout::Usulan,
            "NIK|PROGRAM BANSOS|NOKK|NAMA|TEMPAT LAHIR|TANGGAL LAHIR\n(31/01/2000)|IBU KANDUNG|JENIS KELAMIN|JENIS PEKERJAAN|STATUS KAWIN|ALAMAT|RT|RW|PROVINSI|KABUPATEN|KECAMATAN|KELURAHAN|STATUS DISABILITAS|KODE JENIS DISABILITAS|STATUS HAMIL|TGL MULAI HAMIL\n(31/12/2021)",
        ),
        (
            Layout::Dtks,
            "provinsi|kabupaten|kecamatan|desa_kelurahan|prop_capil|kab_capil|id_kec|id_desa|rt|rw|ATENSI|Alamat|BLT|BLT_BBM|BNPT_PPKM|BPNT|BST|FIRST_SK|NIK|NOKK|Nama|PBI|PENA|PERMAKANAN|PKH|RUTILAHU|SEMBAKO_ADAPTIF|YAPI|aktorLabel|counter",
        ),
        (
            Layout::DtsenFamily,
            "alamat|desil_nasional|id_keluarga|id_wilayah|nama_kepala_keluarga|no_kk|peringkat_nasional|kabupaten|kecamatan|kelurahan|rt|rw|nik|provinsi|percentile_nasional|peringkat_kab_kota|peringkat_provinsi",
        ),
        (Layout::DtsenMember, "hub_kepala_keluarga|id_keluarga|idsemesta|nama|nik|no_kk|pekerjaan_utama"),
        (
            Layout::P3ke,
            "id_kpm|nik_kk|nik_pkk|nama_kk|nama_pkk|nama_anak|nik_anak|alamat|nama_rt|nama_rw|desa_kelurahan|kecamatan|kabkot|district|sumber|desil_p3ke|lat|lng|tahun_anggaran",
        ),
        (
            Layout::Pdtt,
            "NIK_MASK|NOKK_MASK|NOREKENING_MASK|Nama_Pengurus|Lembaga_Penyalur|KODE_WILAYAH|PROV|KAB|KEC|KEL|ALAMAT|RT|RW|KETERANGAN|Kesesuaian|Penjelasan|Foto...|Kepemilikan Rumah|Kondisi Rumah|Pekerjaan|Jenis Usaha|Jumlah Penghasilan|Jumlah Mobil|Jumlah Motor|Jenis Disabilitas",
        ),
        (Layout::Kks, "nik|nama|nomor_kks|jenis_bansos|tahap_salur|nominal_cair"),
        (
            Layout::PbiJk,
            "noka|ps_noka|nama|jenkel|tgllhr|tmplhr|nik|nik_siks|pisat|kdstawin|kelas_rawat|kkno|alamat|rt|rw|kodepos|nikayah|nmayah|nikibu|nmibu|ket_aktivasi|kdkepwil|kdkc|nmkc|kdprov|nmprov|status",
        ),
        (Layout::Recipients, "NAMA PENERIMA|NIK KTP|TAHAP|BANSOS|IDSEMESTA|NO KEL|NM PROV|NM KAB|NM KEC|NM KEL|ALAMAT"),
        (
            Layout::Bnba,
            "id_dtks|province|regency|district|village|alamat|dusun|rw|rt|nkk|nik|nama|tgl_lahir|tmp_lahir|jenkel|ibu_kandung|shdk|status|tgl_kejadian|noreg_kejadian|pkh|bpnt|bst|bpnt_ppkm|pbi",
        ),
        (
            Layout::BltDd,
            "NO|NIK|NAMA KEPALA KELUARGA|JENIS KELAMIN|TANGGAL LAHIR|JUMLAH ANGGOTA KELUARGA|ALAMAT|RT|RW|JENIS PEKERJAAN|KODE_JP|KRITERIA BLT|KODE_KRIT|METODE PEMBAYARAN|KODE_BAYAR",
        ),
        (
            Layout::Bpk,
            "NIK_BNBA (Lampiran LHP BPK RI)|NIK_KTP|NAMA KPM|KPM Ditemui BST|KPM Ditemui PKH/BPNT|KPM Tidak Ditemui BST|KPM Tidak Ditemui PKH/BPNT|Keterangan",
        ),
        (Layout::UsulanResult, "nama_kec|nama_desa|nik_usulan|program_bansos|hasil|padan|nama_lgkp|ket_vali"),
        (
            Layout::BdtHousehold,
            "IDBDT|NoPBDTKemsos|Vector1|Vector2|KDGabungan4|KDPROP|KDKAB|KDKEC|KDDESA|Alamat|AdaPKH|AdaPBDT|AdaKKS2016|Nama_SLS|Nama_KRT|Jumlah_ART|Jumlah_Keluarga|percentile",
        ),
        (Layout::BdtMember, "IDARTBDT|Nama|JnsKel|TmpLahir|TglLahir|HubKRT|NIK|NoKK|Hubkel|Umur|Sta_kawin"),
        (
            Layout::OpenData,
            "id|kode_provinsi|nama_provinsi|bps_kode_kabupaten_kota|bps_nama_kabupaten_kota|bps_kode_kecamatan|bps_nama_kecamatan|kemendagri_kode_kecamatan|kemendagri_nama_kecamatan|jumlah_penerima_bansos|satuan|tahun",
        ),
    ];

    #[test]
    fn the_headers_of_offices_are_known_in_any_order() {
        for (layout, header) in REAL {
            let mut names: Vec<&str> = header.split('|').collect();
            for _ in 0..3 {
                match judge(&cells(&names)) {
                    Verdict::Header(found, columns) => {
                        assert_eq!(found, *layout, "{header}");
                        for name in layout.required() {
                            assert!(columns.contains(name), "{layout} {name}");
                        }
                    }
                    other => panic!("{layout}: {other:?}"),
                }
                let third = names.len() / 3 + 1;
                names.rotate_left(third);
            }
        }
    }

    #[test]
    fn synonyms_name_the_same_columns() {
        for (layout, header, expected) in [
            (
                Layout::Kks,
                "No KTP|Nama Penerima|No Kartu|Jenis Bantuan|Tahap|Nominal",
                "nik|nama|nomor_kks|jenis_bansos|tahap_salur|nominal_cair",
            ),
            (Layout::Deaths, "No|Nomor Induk Kependudukan|Tgl Meninggal", "|nik|date_of_death"),
            (
                Layout::Dtks,
                "Prov|Kab/Kota|Kec|Desa/Kel|No KTP|No KK|Nama Lengkap|PKH|Sembako|PBI JK|Catatan lain",
                "provinsi|kabupaten|kecamatan|desa_kelurahan|nik|nokk|nama|pkh|bpnt|pbi|",
            ),
            (Layout::Verification, "NIK|Putaran|Tanggal Verifikasi|Hasil Verval", "nik|round|date|outcome"),
            (
                Layout::DtsenFamily,
                "NIK|No KK|Nama Kepala Keluarga|Desil|Kecamatan|Kelurahan",
                "nik|no_kk|nama_kepala_keluarga|desil_nasional|kecamatan|kelurahan",
            ),
        ] {
            let names: Vec<&str> = header.split('|').collect();
            assert_eq!(judge(&cells(&names)), Verdict::Header(layout, expected.split('|').collect()), "{header}");
        }
    }

    #[test]
    fn a_missing_or_doubled_column_is_named() {
        assert_eq!(judge(&cells(&["nik", "nama", "jenis_bansos"])), Verdict::Lacks(Layout::Kks, vec!["nominal_cair"]));
        assert_eq!(judge(&cells(&["nik", "date_of_death", "nik"])), Verdict::Twice(Layout::Deaths, "nik"));
        assert_eq!(judge(&cells(&["no_ktp", "date_of_death", "nik_ktp"])), Verdict::Twice(Layout::Deaths, "nik"));
        assert_eq!(judge(&cells(&["DATA SIMULASI"])), Verdict::No);
        assert_eq!(judge(&[]), Verdict::No);
    }
}
