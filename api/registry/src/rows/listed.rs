//! The layouts whose rows are kept as they are for later use: a table of theirs,
//! and for each of its columns the file's column and how that is read. Nothing
//! of them enters the state of a month.

use std::borrow::Cow;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use domain::{AreaCode, Level};
use identity::Nik;

use crate::cells;
use crate::layout::Layout;
use crate::places::{self, Aliases, Places};
use crate::programs;
use crate::reason::{Reason, Rejection, Warning};
use crate::recognise::Recognised;
use crate::records::Record;
use crate::rows::{Context, Refusal, Sink};

/// How a cell is read.
#[derive(Clone, Copy)]
enum As {
    Nik,
    OptionalNik,
    OptionalCard,
    Card,
    Text,
    Name,
    Date,
    OptionalDate,
    /// A birth date, with the row's NIK.
    Birth,
    Sex,
    Program,
    OptionalProgram,
    /// Always this program.
    Only(&'static str),
    Count,
    Neighbourhood,
    /// A number with its middle hidden: digits, stars, digits.
    Mask,
    /// The kelurahan of four columns, where there are any.
    Kelurahan(&'static [&'static str; 4]),
    /// The kelurahan of four columns that hold parts of a code of BPS.
    BpsCode,
    Kecamatan,
    /// The finest area that a code of Kemendagri names.
    Area,
    /// The name of the column of counts.
    Measure,
    /// A word out of a vocabulary.
    Word(&'static [(&'static str, &'static str)]),
}

/// A column of the table: its name, the file's column, and how it is read.
type Column = (&'static str, &'static str, As);

const AREAS: [&str; 4] = ["provinsi", "kabupaten", "kecamatan", "kelurahan"];
const AREAS_DK: [&str; 4] = ["provinsi", "kabkot", "kecamatan", "desa_kelurahan"];
const AREAS_SHORT: [&str; 4] = ["prov", "kab", "kec", "kel"];
const AREAS_NM: [&str; 4] = ["nm_prov", "nm_kab", "nm_kec", "nm_kel"];
const AREAS_NAMA: [&str; 4] = ["", "", "nama_kec", "nama_desa"];

/// Lists of people, by the words that offices use.
const LISTS: &[(&str, &str)] = &[
    ("asn", "asn"),
    ("pns", "asn"),
    ("cpns", "asn"),
    ("pppk", "asn"),
    ("p3k", "asn"),
    ("tni", "tni"),
    ("polri", "polri"),
    ("polisi", "polri"),
    ("pensiunan", "pensiunan"),
    ("bumn", "bumn"),
    ("bumd", "bumn"),
    ("perangkat_desa", "perangkat_desa"),
    ("pendamping", "sdm_pkh"),
    ("sdm_pkh", "sdm_pkh"),
    ("ahu", "ahu"),
    ("penghasilan", "penghasilan"),
    ("upah", "penghasilan"),
    ("pekerja", "penghasilan"),
    ("dprd", "dprd"),
    ("pindah", "pindah"),
];

/// Categories of complaints, by the words in them; the first that is found counts.
const CATEGORIES: &[(&str, &str)] = &[
    ("fiktif", "fiktif"),
    ("ganda", "ganda"),
    ("lebih_dari_satu", "ganda"),
    ("pungut", "pungutan"),
    ("potong", "jumlah_kurang"),
    ("kurang", "jumlah_kurang"),
    ("kualitas", "kualitas_buruk"),
    ("tidak_layak", "tidak_layak"),
    ("seharusnya_tidak", "tidak_layak"),
    ("mampu", "tidak_layak"),
    ("belum_terdaftar", "belum_terdaftar"),
    ("tidak_terdaftar", "belum_terdaftar"),
    ("tidak_menerima", "tidak_menerima"),
    ("belum_menerima", "tidak_menerima"),
    ("tidak_dibagikan", "tidak_dibagikan"),
    ("leweng", "penyelewengan"),
    ("penyalahgunaan", "penyelewengan"),
    ("kartu", "kartu"),
    ("lain", "lainnya"),
];
const OUTCOMES: &[(&str, &str)] = &[
    ("tidak_terbukti", "tidak_terbukti"),
    ("terbukti", "terbukti"),
    ("selesai", "selesai"),
    ("tolak", "ditolak"),
    ("terus", "diteruskan"),
    ("proses", "proses"),
    ("baru", "proses"),
];
const CHANNELS: &[(&str, &str)] = &[
    ("cek_bansos", "cek_bansos"),
    ("cekbansos", "cek_bansos"),
    ("jaga", "jaga"),
    ("loket", "loket"),
    ("kantor", "loket"),
    ("telepon", "telepon"),
    ("lapor", "lapor"),
    ("", "lainnya"),
];

/// The table that a layout's rows are kept in, where they are only kept.
pub(crate) fn table_of(layout: Layout) -> Option<&'static str> {
    columns_of(layout).map(|(table, _)| table)
}

fn columns_of(layout: Layout) -> Option<(&'static str, &'static [Column])> {
    use As::{
        Area, Birth, BpsCode, Card, Count, Date, Kecamatan, Kelurahan, Mask, Measure, Name, Neighbourhood, Nik, Only, OptionalCard,
        OptionalDate, OptionalNik, OptionalProgram, Program, Sex, Text, Word,
    };
    let found: (&str, &[Column]) = match layout {
        Layout::Usulan => (
            "proposal_rows",
            &[
                ("nik", "nik", Nik),
                ("nokk", "nokk", Card),
                ("program", "program_bansos", Program),
                ("kelurahan", "kelurahan", Kelurahan(&AREAS)),
                ("name", "nama", Name),
                ("sex", "jenis_kelamin", Sex),
                ("birth_date", "tanggal_lahir", Birth),
                ("address", "alamat", Text),
                ("rt", "rt", Neighbourhood),
                ("rw", "rw", Neighbourhood),
            ],
        ),
        Layout::UsulanResult => (
            "proposal_result_rows",
            &[
                ("nik", "nik_usulan", Nik),
                ("program", "program_bansos", Program),
                ("kelurahan", "nama_desa", Kelurahan(&AREAS_NAMA)),
                ("result", "hasil", Text),
                ("matched", "padan", Text),
                ("name", "nama_lgkp", Name),
                ("note", "ket_vali", Text),
            ],
        ),
        Layout::DtsenFamily => (
            "rank_rows",
            &[
                ("nik", "nik", OptionalNik),
                ("nokk", "no_kk", Card),
                ("household", "id_keluarga", Text),
                ("kelurahan", "kelurahan", Kelurahan(&AREAS)),
                ("desil", "desil_nasional", Count),
                ("percentile", "percentile_nasional", Text),
                ("rank_national", "peringkat_nasional", Count),
                ("rank_province", "peringkat_provinsi", Count),
                ("rank_district", "peringkat_kab_kota", Count),
                ("name", "nama_kepala_keluarga", Name),
            ],
        ),
        Layout::DtsenMember => (
            "member_rows",
            &[
                ("nik", "nik", Nik),
                ("nokk", "no_kk", OptionalCard),
                ("household", "id_keluarga", Text),
                ("relation", "hub_kepala_keluarga", Text),
                ("name", "nama", Name),
                ("occupation", "pekerjaan_utama", Text),
            ],
        ),
        Layout::P3ke => (
            "rank_rows",
            &[
                ("nik", "nik_kk", Nik),
                ("household", "id_kpm", Text),
                ("kelurahan", "desa_kelurahan", Kelurahan(&AREAS_DK)),
                ("desil", "desil_p3ke", Count),
                ("percentile", "", Text),
                ("year", "tahun_anggaran", Count),
                ("name", "nama_kk", Name),
            ],
        ),
        Layout::Pdtt => (
            "masked_rows",
            &[
                ("nik_mask", "nik_mask", Mask),
                ("nokk_mask", "nokk_mask", Text),
                ("kelurahan", "kel", Kelurahan(&AREAS_SHORT)),
                ("conforms", "kesesuaian", Text),
                ("occupation", "pekerjaan", Text),
                ("note", "penjelasan", Text),
            ],
        ),
        Layout::Recipients => (
            "recipient_rows",
            &[
                ("nik", "nik_ktp", Nik),
                ("program", "bansos", Program),
                ("stage", "tahap", Text),
                ("kelurahan", "nm_kel", Kelurahan(&AREAS_NM)),
                ("name", "nama_penerima", Name),
                ("address", "alamat", Text),
                ("rt", "rt", Neighbourhood),
                ("rw", "rw", Neighbourhood),
            ],
        ),
        Layout::BltDd => (
            "recipient_rows",
            &[
                ("nik", "nik", Nik),
                ("program", "", Only("BLT_DD")),
                ("stage", "", Text),
                ("kelurahan", "desa_kelurahan", Kelurahan(&["", "", "kecamatan", "desa_kelurahan"])),
                ("name", "nama_kepala_keluarga", Name),
                ("sex", "jenis_kelamin", Sex),
                ("birth_date", "tanggal_lahir", Birth),
                ("address", "alamat", Text),
                ("rt", "rt", Neighbourhood),
                ("rw", "rw", Neighbourhood),
            ],
        ),
        Layout::Bpk => (
            "inspection_rows",
            &[
                ("nik_listed", "nik_bnba", OptionalNik),
                ("nik_card", "nik_ktp", OptionalNik),
                ("name", "nama_kpm", Name),
                ("met_bst", "kpm_ditemui_bst", Text),
                ("met_pkh", "kpm_ditemui_pkh_bpnt", Text),
                ("unmet_bst", "kpm_tidak_ditemui_bst", Text),
                ("unmet_pkh", "kpm_tidak_ditemui_pkh_bpnt", Text),
                ("note", "keterangan", Text),
            ],
        ),
        Layout::BdtHousehold => (
            "rank_rows",
            &[
                ("household", "idbdt", Text),
                ("kelurahan", "kddesa", BpsCode),
                ("percentile", "percentile", Text),
                ("name", "nama_krt", Name),
            ],
        ),
        Layout::BdtMember => (
            "member_rows",
            &[
                ("nik", "nik", Nik),
                ("nokk", "nokk", OptionalCard),
                ("household", "idbdt", Text),
                ("relation", "hubkrt", Text),
                ("name", "nama", Name),
                ("sex", "jnskel", Sex),
                ("birth_date", "tgllahir", Birth),
                ("occupation", "pekerjaan", Text),
            ],
        ),
        Layout::OpenData => (
            "count_rows",
            &[
                ("area", "kode_provinsi", Area),
                ("bps_kabupaten", "bps_kode_kabupaten_kota", Text),
                ("bps_kecamatan", "bps_kode_kecamatan", Text),
                ("bps_desa", "bps_kode_desa_kelurahan", Text),
                ("measure", "jumlah", Measure),
                ("value", "jumlah", Count),
                ("unit", "satuan", Text),
                ("year", "tahun", Text),
            ],
        ),
        Layout::Listing => (
            "listing_rows",
            &[
                ("nik", "nik", Nik),
                ("list", "daftar", Word(LISTS)),
                ("institution", "instansi", Text),
                ("listed_on", "per_tanggal", OptionalDate),
                ("name", "nama", Name),
            ],
        ),
        Layout::Complaints => (
            "complaint_rows",
            &[
                ("received", "tanggal", Date),
                ("closed", "tanggal_selesai", OptionalDate),
                ("channel", "kanal", Word(CHANNELS)),
                ("category", "kategori", Word(CATEGORIES)),
                ("kecamatan", "kecamatan", Kecamatan),
                ("program", "program", OptionalProgram),
                ("outcome", "hasil", Word(OUTCOMES)),
            ],
        ),
        Layout::Dtks | Layout::Bnba | Layout::Kks | Layout::PbiJk | Layout::Plan | Layout::Verification | Layout::Deaths => return None,
    };
    Some(found)
}

/// A value to store.
enum Value {
    Number(Option<i64>),
    Text(Option<String>),
}

impl Value {
    fn text(text: &str) -> Value {
        Value::Text(Some(text.to_owned()))
    }
}

pub(super) struct Listed {
    columns: &'static [Column],
    /// The file's place of each column.
    at: Vec<usize>,
    /// The file's places of the columns of areas, and what they are called.
    areas: [usize; 4],
    area_names: [&'static str; 4],
    places: Places,
    aliases: Arc<Aliases>,
    measure: String,
    nik: usize,
    sql: String,
}

impl Listed {
    pub(super) fn new(recognised: &Recognised, district: AreaCode, aliases: Arc<Aliases>) -> Listed {
        let (table, columns) = columns_of(recognised.layout).unwrap_or(("", &[]));
        let area_names = columns
            .iter()
            .find_map(|(_, _, read)| match read {
                As::Kelurahan(names) => Some(**names),
                As::BpsCode => Some(["kdprop", "kdkab", "kdkec", "kddesa"]),
                As::Area => {
                    Some(["kode_provinsi", "kemendagri_kode_kabupaten_kota", "kemendagri_kode_kecamatan", "kemendagri_kode_desa_kelurahan"])
                }
                _ => None,
            })
            .unwrap_or([""; 4]);
        let place = |name: &str| if name.is_empty() { usize::MAX } else { recognised.place(name) };
        let areas = area_names.map(place);
        let names: Vec<&str> = columns.iter().map(|(name, _, _)| *name).collect();
        let marks = vec!["?"; names.len() + 1].join(", ");
        let measured = recognised.columns.iter().position(|name| name == "jumlah").and_then(|at| recognised.headers.get(at));
        Listed {
            columns,
            at: columns.iter().map(|(_, from, _)| place(from)).collect(),
            areas,
            area_names,
            places: Places::of(district, [areas[0] != usize::MAX, areas[1] != usize::MAX], Arc::clone(&aliases)),
            aliases,
            measure: measured.map_or_else(String::new, |header| crate::layout::normalise(header)),
            nik: columns.iter().position(|(_, _, read)| matches!(read, As::Nik)).map_or(usize::MAX, |at| place(columns[at].1)),
            sql: format!("INSERT INTO {table} (id, {}) VALUES ({marks})", names.join(", ")),
        }
    }

    /// The kelurahan that a row names; none where the file has no such columns, or the row leaves them out.
    fn kelurahan(&mut self, cx: &mut Context<'_>, id: i64, record: &Record<'_>) -> Result<Option<i64>, Refusal> {
        if self.areas[2] == usize::MAX || self.areas[3] == usize::MAX {
            return Ok(None);
        }
        let names = self.areas.map(|place| record.cell(place));
        if cells::absent(names[2]) && cells::absent(names[3]) {
            return Ok(None);
        }
        let found =
            self.places.kelurahan(names).map_err(|missed| Rejection::area(self.area_names[missed.at], names[missed.at], &missed))?;
        if found.by_sound {
            cx.warn(id, Warning::AreaSpelling, self.area_names[3])?;
        }
        Ok(Some(found.code.number().cast_signed()))
    }

    /// The kelurahan of a code of BPS, if a table of codes says which it is.
    fn bps(&self, cx: &mut Context<'_>, record: &Record<'_>) -> Option<i64> {
        let widths = [2, 2, 3, 3];
        let code: String =
            self.areas.iter().zip(widths).map(|(place, width)| format!("{:0>width$}", cells::text(record.cell(*place)))).collect();
        let found = self.aliases.find(cx.district, Level::Kelurahan, &code);
        if found.is_none() {
            cx.tally.warn(Warning::AreaNotPlaced);
        }
        found.map(|code| code.number().cast_signed())
    }

    /// The finest area whose code the row gives.
    fn area(&self, record: &Record<'_>) -> Result<String, Rejection> {
        for at in (0..4).rev() {
            let cell = record.cell(self.areas[at]);
            if cells::absent(cell) {
                continue;
            }
            let code = cells::text(cell).parse::<AreaCode>().ok().filter(|code| reference::areas().get(*code).is_some());
            return code.map(|code| code.to_string()).ok_or_else(|| Rejection::of(self.area_names[at], Reason::AreaUnknown, cell));
        }
        Err(Rejection::of("kode_provinsi", Reason::AreaUnknown, b""))
    }

    fn read(&mut self, cx: &mut Context<'_>, id: i64, at: usize, nik: Option<Nik>, record: &Record<'_>) -> Result<Value, Refusal> {
        let (_, column, read) = self.columns[at];
        let cell = record.cell(self.at[at]);
        let owned = |text: Cow<'_, str>| Value::Text(Some(text.into_owned()));
        Ok(match read {
            As::Nik => Value::Number(Some(cells::nik(column, cell)?.expose().cast_signed())),
            As::OptionalNik => Value::Number(cells::optional_nik(column, cell)?.map(|nik| nik.expose().cast_signed())),
            As::Card => Value::Number(Some(cells::family_card(column, cell)?.expose().cast_signed())),
            As::OptionalCard => Value::Number(cells::optional_family_card(column, cell)?.map(|card| card.expose().cast_signed())),
            As::Text => owned(cells::kept(column, cell)?),
            As::Name => {
                let name = cells::kept(column, cell)?;
                cx.look_at_name(id, column, &name)?;
                owned(name)
            }
            As::Date => Value::Text(Some(cells::date(column, cell)?.to_string())),
            As::OptionalDate => Value::Text(cells::optional_date(column, cell)?.map(|date| date.to_string())),
            As::Birth => match nik {
                Some(nik) => {
                    let found = cells::birth_date(column, cell, nik)?;
                    if let Some((_, Some(warning))) = found {
                        cx.warn(id, warning, column)?;
                    }
                    Value::Text(found.map(|(date, _)| date.to_string()))
                }
                None => Value::Text(cells::optional_date(column, cell)?.map(|date| date.to_string())),
            },
            As::Sex => {
                let sex = cells::optional_sex(column, cell)?;
                if let (Some(sex), Some(nik)) = (sex, nik)
                    && sex != nik.sex().label()
                {
                    cx.warn(id, Warning::SexDiffers, column)?;
                }
                Value::Text(sex.map(str::to_owned))
            }
            As::Program => {
                let code = programs::named(&cells::text(cell)).ok_or_else(|| Rejection::of(column, Reason::ProgramUnknown, cell))?;
                Value::text(code.as_str())
            }
            As::OptionalProgram if cells::absent(cell) => Value::Text(None),
            As::OptionalProgram => {
                let code = programs::named(&cells::text(cell)).ok_or_else(|| Rejection::of(column, Reason::ProgramUnknown, cell))?;
                Value::text(code.as_str())
            }
            As::Only(code) => Value::text(code),
            As::Count => Value::Number(cells::optional_count(column, cell)?),
            As::Neighbourhood => owned(cells::neighbourhood(column, cell)?),
            As::Mask => {
                let text = cells::text(cell);
                let shape = text.len() == 16
                    && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'*' | b'X' | b'x'))
                    && text.bytes().take(6).all(|byte| byte.is_ascii_digit());
                if !shape {
                    return Err(Rejection::of(column, Reason::NikFormat, cell).into());
                }
                owned(text)
            }
            As::Kelurahan(_) => Value::Number(self.kelurahan(cx, id, record)?),
            As::BpsCode => Value::Number(self.bps(cx, record)),
            As::Kecamatan => {
                let found = places::kecamatan(&self.aliases, cx.district, cell).map_err(|missed| Rejection::area(column, cell, &missed))?;
                if found.by_sound {
                    cx.warn(id, Warning::AreaSpelling, column)?;
                }
                Value::Number(Some(found.code.number().cast_signed()))
            }
            As::Area => Value::Text(Some(self.area(record)?)),
            As::Measure => Value::text(&self.measure),
            As::Word(words) => {
                let word = crate::layout::normalise(&cells::text(cell));
                let known = words.iter().find(|(part, _)| {
                    if part.len() < 4 { word.split('_').any(|own| own == *part) || part.is_empty() } else { word.contains(part) }
                });
                match known {
                    Some((_, code)) => Value::text(code),
                    None => return Err(Rejection::of(column, Reason::ValueInvalid, cell).into()),
                }
            }
        })
    }
}

impl Sink for Listed {
    fn row(&mut self, cx: &mut Context<'_>, id: i64, record: &Record<'_>) -> Result<(), Refusal> {
        let nik = if self.nik == usize::MAX { None } else { cells::text(record.cell(self.nik)).parse::<Nik>().ok() };
        let mut values = Vec::with_capacity(self.columns.len());
        for at in 0..self.columns.len() {
            values.push(self.read(cx, id, at, nik, record)?);
        }
        let mut query = diesel::sql_query(self.sql.as_str()).into_boxed::<diesel::sqlite::Sqlite>().bind::<BigInt, _>(id);
        for value in values {
            query = match value {
                Value::Number(number) => query.bind::<Nullable<BigInt>, _>(number),
                Value::Text(text) => query.bind::<Nullable<Text>, _>(text),
            };
        }
        query.execute(cx.conn)?;
        cx.tally.new += 1;
        Ok(())
    }
}
