//! Every layout of `layouts.md`, as text and as a workbook, in its own order of
//! columns and shuffled; hostile and broken workbooks; rows that come back corrected.

use std::io::Write as _;

use super::*;

/// A layout, its header, two rows that are right and one that is wrong, and the
/// table its rows are kept in.
struct Fixture {
    layout: Layout,
    header: &'static str,
    rows: [&'static str; 3],
    table: &'static str,
}

const FIXTURES: &[Fixture] = &[
    Fixture {
        layout: Layout::Usulan,
        header: "NIK|PROGRAM BANSOS|NOKK|NAMA|TEMPAT LAHIR|TANGGAL LAHIR\n(31/01/2000)|IBU KANDUNG|JENIS KELAMIN|ALAMAT|RT|RW|PROVINSI|KABUPATEN|KECAMATAN|KELURAHAN|STATUS HAMIL",
        rows: [
            "3671011203609001|PKH|3671011203190001|UJI SATU|X|12/03/1960|Y|LAKI-LAKI|JL A|1|2|BANTEN|KOTA TANGERANG|TANGERANG|SUKARASA|",
            "3671015203609002|BPNT|3671011203190001|UJI DUA|X|03/12/1960|Y|P|JL A|001|002|BANTEN|KOTA TANGERANG|TANGERANG|SUKA RASA|",
            "3671011203609003|PKHX|3671011203190001|UJI TIGA|X|12/03/1960|Y|L|JL A|1|2|BANTEN|KOTA TANGERANG|TANGERANG|SUKARASA|",
        ],
        table: "proposal_rows",
    },
    Fixture {
        layout: Layout::DtsenFamily,
        header: "alamat|desil_nasional|id_keluarga|id_wilayah|nama_kepala_keluarga|no_kk|peringkat_nasional|kabupaten|kecamatan|kelurahan|rt|rw|nik|provinsi|percentile_nasional|peringkat_kab_kota|peringkat_provinsi",
        rows: [
            "JL A|3|K1|W|UJI SATU|3671011203190001|12.345|KOTA TANGERANG|TANGERANG|SUKARASA|1|2|3671011203609001|BANTEN|27,5|10|200",
            "JL A|1|K2|W|UJI DUA|3671011203190002|1|KOTA TANGERANG|TANGERANG|SUKARASA|1|2|-|BANTEN|2,5|1|2",
            "JL A|1|K3|W|UJI TIGA|123|1|KOTA TANGERANG|TANGERANG|SUKARASA|1|2|-|BANTEN|2,5|1|2",
        ],
        table: "rank_rows",
    },
    Fixture {
        layout: Layout::DtsenMember,
        header: "hub_kepala_keluarga|id_keluarga|idsemesta|nama|nik|no_kk|pekerjaan_utama",
        rows: [
            "KEPALA KELUARGA|K1|S1|UJI SATU|3671011203609001|3671011203190001|PETANI",
            "ISTRI|K1|S2|UJI DUA|3671015203609002||PNS",
            "ANAK|K1|S3|UJI TIGA|0||",
        ],
        table: "member_rows",
    },
    Fixture {
        layout: Layout::P3ke,
        header: "id_kpm|nik_kk|nik_pkk|nama_kk|nama_pkk|nama_anak|nik_anak|alamat|nama_rt|nama_rw|desa_kelurahan|kecamatan|kabkot|district|sumber|desil_p3ke|lat|lng|tahun_anggaran",
        rows: [
            "1|3671011203609001||UJI SATU|||||1|2|SUKARASA|TANGERANG|KOTA TANGERANG|X|P3KE|1|-6.1|106.6|2024",
            "2|3671.0152.0360.9002||UJI DUA|||||1|2|SUKARASA|TANGERANG|KOTA TANGERANG|X|P3KE|2|||2024",
            "3|3671011203609003||UJI TIGA|||||1|2|SUKARZ|TANGERANG|KOTA TANGERANG|X|P3KE|2|||2024",
        ],
        table: "rank_rows",
    },
    Fixture {
        layout: Layout::Pdtt,
        header: "NIK_MASK|NOKK_MASK|NOREKENING_MASK|Nama_Pengurus|Lembaga_Penyalur|KODE_WILAYAH|PROV|KAB|KEC|KEL|ALAMAT|RT|RW|KETERANGAN|Kesesuaian|Penjelasan|Pekerjaan",
        rows: [
            "367101******9001|3671011203******|*|U***|BANK|X|BANTEN|KOTA TANGERANG|TANGERANG|SUKARASA|JL A|1|2||Sesuai||PETANI",
            "367101******9002|3671011203******|*|U***|BANK|X|BANTEN|KOTA TANGERANG|TANGERANG|SUKARASA|JL A|1|2||Tidak Sesuai|ASN|PNS",
            "36710112036|3671011203******|*|U***|BANK|X|BANTEN|KOTA TANGERANG|TANGERANG|SUKARASA|JL A|1|2||Sesuai||",
        ],
        table: "masked_rows",
    },
    Fixture {
        layout: Layout::Kks,
        header: "nik|nama|nomor_kks|jenis_bansos|tahap_salur|nominal_cair",
        rows: [
            "3671011203609001|UJI SATU|6013010000000001|SEMBAKO|Tahap 2 Tahun 2025|Rp600.000",
            "3671015203609002|UJI DUA|6013010000000002|PKH|Tahap 2 Tahun 2025|750000",
            "3671011203609003|UJI TIGA|6013010000000003|PKH|Tahap 2 Tahun 2025|banyak",
        ],
        table: "kks_rows",
    },
    Fixture {
        layout: Layout::PbiJk,
        header: "noka|ps_noka|nama|jenkel|tgllhr|tmplhr|nik|nik_siks|pisat|kkno|alamat|rt|rw|kdprov|nmprov|status",
        rows: [
            "0001|1|UJI SATU|L|1960-03-12|X|3671011203609001||3|3671011203190001|JL A|1|2|36|BANTEN|Aktif",
            "0002|1|UJI DUA (ALM)|P|1960-12-03|X|3671015203609002||3|3671011203190001|JL A|1|2|36|BANTEN|Meninggal Dunia",
            "0003|1|UJI TIGA|L|kemarin|X|3671011203609003||3|3671011203190001|JL A|1|2|36|BANTEN|Aktif",
        ],
        table: "pbi_rows",
    },
    Fixture {
        layout: Layout::Recipients,
        header: "NAMA PENERIMA|NIK KTP|TAHAP|BANSOS|IDSEMESTA|NO KEL|NM PROV|NM KAB|NM KEC|NM KEL|ALAMAT",
        rows: [
            "UJI SATU|3671011203609001|1|PKH|S1|1|BANTEN|KOTA TANGERANG|TANGERANG|SUKARASA|JL A",
            "UJI DUA|3671015203609002|1|BPNT|S2|2|BANTEN|KOTA TANGERANG|Kec. Tangerang|Kel. Sukarasa|JL A",
            "UJI TIGA|36710112|1|BPNT|S3|3|BANTEN|KOTA TANGERANG|TANGERANG|SUKARASA|JL A",
        ],
        table: "recipient_rows",
    },
    Fixture {
        layout: Layout::Bnba,
        header: "id_dtks|province|regency|district|village|alamat|dusun|rw|rt|nkk|nik|nama|tgl_lahir|tmp_lahir|jenkel|ibu_kandung|shdk|status|tgl_kejadian|noreg_kejadian|pkh|bpnt|bst|bpnt_ppkm|pbi",
        rows: [
            "1|BANTEN|KOTA TANGERANG|TANGERANG|SUKARASA|JL A||2|1|3671011203190001|3671011203609001|UJI SATU|12/03/1960|X|L|Y|KEPALA|||X|YA|TIDAK|TIDAK|TIDAK|YA",
            "2|BANTEN|KOTA TANGERANG|TANGERANG|SOEKARASA|JL A||2|1|3671011203190001|3671015203609002|UJI DUA|12/03/1960|X|P|Y|ISTRI|||X|TIDAK|YA|TIDAK|TIDAK|YA",
            "3|BANTEN|KOTA TANGERANG|TANGERANG|SUKARASA|JL A||2|1|3671011203190001|3671011203609003|UJI TIGA|12/03/1960|X|Z|Y|ANAK|||X|YA|TIDAK|TIDAK|TIDAK|YA",
        ],
        table: "dtks_rows",
    },
    Fixture {
        layout: Layout::BltDd,
        header: "NO|NIK|NAMA KEPALA KELUARGA|JENIS KELAMIN|TANGGAL LAHIR|JUMLAH ANGGOTA KELUARGA|ALAMAT|RT|RW|JENIS PEKERJAAN|KODE_JP|KRITERIA BLT|KODE_KRIT|METODE PEMBAYARAN|KODE_BAYAR",
        rows: [
            "1|3671011203609001|UJI SATU|L|12/03/1960|4|JL A|1|2|BURUH|1|MISKIN|1|TUNAI|1",
            "2|3671015203609002|HJ. UJI DUA|P|12/03/1960|2|JL A|RT 01|RW 02|BURUH|1|LANSIA|2|TUNAI|1",
            "3|3.67101E+15|UJI TIGA|P|12/03/1960|2|JL A|1|2|BURUH|1|LANSIA|2|TUNAI|1",
        ],
        table: "recipient_rows",
    },
    Fixture {
        layout: Layout::Bpk,
        header: "NIK_BNBA (Lampiran LHP BPK RI)|NIK_KTP|NAMA KPM|KPM Ditemui BST|KPM Ditemui PKH/BPNT|KPM Tidak Ditemui BST|KPM Tidak Ditemui PKH/BPNT|Keterangan",
        rows: [
            "3671011203609001|3671011203609001|UJI SATU|v||||",
            "3671015203609002|-|UJI DUA||||v|pindah",
            "36710152036|-|UJI TIGA||||v|pindah",
        ],
        table: "inspection_rows",
    },
    Fixture {
        layout: Layout::UsulanResult,
        header: "nama_kec|nama_desa|nik_usulan|program_bansos|hasil|padan|nama_lgkp|ket_vali",
        rows: [
            "TANGERANG|SUKARASA|3671011203609001|PKH|DITERIMA|PADAN|UJI SATU|",
            "TANGERANG|SUKARASA|3671015203609002|PBI|DITOLAK|TIDAK PADAN|UJI DUA|nama beda",
            "TANGERANG|SUKARASA||PBI|DITOLAK|TIDAK PADAN|UJI TIGA|",
        ],
        table: "proposal_result_rows",
    },
    Fixture {
        layout: Layout::BdtHousehold,
        header: "IDBDT|NoPBDTKemsos|Vector1|Vector2|KDGabungan4|KDPROP|KDKAB|KDKEC|KDDESA|Alamat|AdaPKH|AdaPBDT|AdaKKS2016|Nama_SLS|Nama_KRT|Jumlah_ART|Jumlah_Keluarga|percentile",
        rows: [
            "B1|1|1|1|3671060001|36|71|60|1|JL A|1|1|1|RT 1|UJI SATU|4|1|12",
            "B2|2|1|1|3671060001|36|71|060|001|JL A|1|1|1|RT 1|UJI DUA|4|1|13",
            "B3|3|1|1|3671060001|36|71|060|001|JL A|1|1|1|RT 1|UJI TIGA|4|1|13|9|9",
        ],
        table: "rank_rows",
    },
    Fixture {
        layout: Layout::BdtMember,
        header: "IDARTBDT|IDBDT|Nama|JnsKel|TmpLahir|TglLahir|HubKRT|NIK|NoKK|Hubkel|Umur|Sta_kawin",
        rows: [
            "A1|B1|UJI SATU|1|X|12/03/1960|1|3671011203609001|3671011203190001|1|65|2",
            "A2|B1|UJI DUA|2|X|12/03/1960|2|3671015203609002||1|65|2",
            "A3|B1|UJI TIGA|3|X|12/03/1960|2|3671011203609003||1|65|2",
        ],
        table: "member_rows",
    },
    Fixture {
        layout: Layout::OpenData,
        header: "id|kode_provinsi|nama_provinsi|bps_kode_kabupaten_kota|bps_nama_kabupaten_kota|bps_kode_kecamatan|bps_nama_kecamatan|kemendagri_kode_kecamatan|kemendagri_nama_kecamatan|jumlah_penerima_bansos|satuan|tahun",
        rows: [
            "1|36|BANTEN|3671|KOTA TANGERANG|3671060|TANGERANG|36.71.01|TANGERANG|1.234|KPM|2024",
            "2|36|BANTEN|3671|KOTA TANGERANG|3671010|CILEDUG|36.71.06|CILEDUG|99|KPM|2024",
            "3|36|BANTEN|3671|KOTA TANGERANG|3671010|CILEDUG|36.71.99|CILEDUG|99|KPM|2024",
        ],
        table: "count_rows",
    },
    Fixture {
        layout: Layout::Plan,
        header: "kecamatan|program|period|planned_units|planned_rupiah",
        rows: ["TANGERANG|PKH|2025-01|5|", "Kec. Ciledug|PKH|2025-01|6|Rp1.000", "TANGRG|PKH|2025-01|7|"],
        table: "plan_rows",
    },
    Fixture {
        layout: Layout::Verification,
        header: "nik|round|date|outcome",
        rows: ["3671011203609001|1|2025-01-05|Valid", "3671015203609002|1|05/01/2025|Invalid", "3671011203609003|1|besok|Valid"],
        table: "verification_rows",
    },
    Fixture {
        layout: Layout::Deaths,
        header: "nik|date_of_death",
        rows: ["3671011203609001|2025-01-05", "3671015203609002|05/01/2025", "3671011203609003|"],
        table: "death_rows",
    },
    Fixture {
        layout: Layout::Listing,
        header: "NIK|Nama|Daftar|Instansi|Per Tanggal",
        rows: [
            "3671011203609001|UJI SATU|PNS|DINAS X|01/01/2025",
            "3671015203609002|UJI DUA|TNI AD||",
            "3671011203609003|UJI TIGA|PETANI||",
        ],
        table: "listing_rows",
    },
    Fixture {
        layout: Layout::Complaints,
        header: "Tanggal Pengaduan|Kanal|Kategori Pengaduan|Kecamatan|Program|Hasil|Tanggal Selesai",
        rows: [
            "05/01/2025|Cek Bansos|Penerima fiktif|Ciledug|PKH|Selesai|10/01/2025",
            "06/01/2025|Loket kantor|Bantuan tidak diterima, belum menerima|Tangerang||Dalam proses|",
            "07/01/2025|JAGA|cuaca|Ciledug||Selesai|",
        ],
        table: "complaint_rows",
    },
];

type Cells = Vec<Vec<String>>;

fn cells(fixture: &Fixture) -> Cells {
    [fixture.header].iter().chain(&fixture.rows).map(|line| line.split('|').map(str::to_owned).collect()).collect()
}

fn text(table: &Cells) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    table.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}

fn workbook(sheets: &[(&str, &Cells)]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, table) in sheets {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        for (row, at) in table.iter().zip(0u32..) {
            for (cell, column) in row.iter().zip(0u16..) {
                sheet.write_string(at, column, cell).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

/// How many rows a table has.
fn stored(office: &mut Office, table: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let rows: Vec<Count> = diesel::sql_query(format!("SELECT count(*) AS n FROM {table}")).load(office.registry.connection()).unwrap();
    rows[0].n
}

#[test]
fn every_layout_imports_as_text_and_workbook_in_any_order() {
    let layouts: std::collections::BTreeSet<Layout> = FIXTURES.iter().map(|fixture| fixture.layout).collect();
    assert_eq!(layouts.len() + 1, Layout::ALL.len(), "a layout has no fixture here (dtks has its own tests)");
    for fixture in FIXTURES {
        let plain = cells(fixture);
        let mut shuffled = plain.clone();
        let width = shuffled[0].len();
        let third = width / 3 + 1;
        for row in &mut shuffled {
            row[..width].rotate_left(third.min(width));
        }
        for (name, bytes) in [
            ("a.csv", text(&plain)),
            ("b.csv", text(&shuffled)),
            ("c.xlsx", workbook(&[("Petunjuk", &vec![vec!["Isi sesuai petunjuk".to_owned()]]), ("DATA", &plain)])),
            ("d.xlsx", workbook(&[("DATA", &shuffled)])),
        ] {
            let mut office = Office::new();
            let summary = office.import(&format!("2025-01/{name}"), bytes);
            let told = format!("{} {name}: {summary}", fixture.layout);
            assert_eq!(summary.layout, fixture.layout, "{told}");
            assert_eq!((summary.read, summary.accepted, summary.rejected), (3, 2, 1), "{told} {:?}", office.report());
            assert_eq!(stored(&mut office, fixture.table), 2, "{told}");
            assert!(name != "c.xlsx" || summary.sheets_passed.len() == 1, "{told}");
            let report = office.report();
            let place = if name.ends_with("xlsx") { ":4 rejected" } else { "rejected" };
            assert!(report.iter().any(|line| line.contains(place)), "{told}: {report:?}");
            office.registry.undo(summary.import_id).unwrap();
            for table in [fixture.table, "warnings", "import_columns", "import_sheets", "rejected_rows"] {
                assert_eq!(stored(&mut office, table), 0, "{told}: {table} after undo");
            }
        }
    }
}

#[test]
fn the_warnings_of_rows_are_kept_and_reported() {
    let mut office = Office::new();
    let bnba = FIXTURES.iter().find(|fixture| fixture.layout == Layout::Bnba).unwrap();
    let summary = office.import("2025-01/bnba.csv", text(&cells(bnba)));
    assert_eq!((summary.warned, summary.warnings.get(&crate::Warning::AreaSpelling)), (1, Some(&1)));
    let pbi = FIXTURES.iter().find(|fixture| fixture.layout == Layout::PbiJk).unwrap();
    let summary = office.import("2025-01/pbi.csv", text(&cells(pbi)));
    // Two oddities of one row: day and month, and the name.
    assert_eq!((summary.warned, summary.warnings.len()), (1, 2));
    assert_eq!(
        office.report(),
        [
            "36.71/2025-01/bnba.csv:3 warning area_spelling",
            "36.71/2025-01/bnba.csv:4 rejected value_invalid",
            "36.71/2025-01/pbi.csv:3 warning name_deceased",
            "36.71/2025-01/pbi.csv:3 warning date_swapped",
            "36.71/2025-01/pbi.csv:4 rejected date_invalid",
        ]
    );
    // Layout 9 enrols as layout 2 does.
    assert_eq!(office.units("2025-01"), some(&[("PBI_JK", 2), ("PKH", 1), ("SEMBAKO", 1)]));
}

#[test]
fn several_sheets_titles_sums_and_numbers_of_columns() {
    let mut office = Office::new();
    let sheet = |first: u32| -> Cells {
        let mut rows: Cells =
            vec![vec!["DATA SIMULASI".into()], vec![String::new()], vec!["No".into(), "NIK".into(), "Tgl Meninggal".into()]];
        rows.push(vec!["1".into(), "2".into(), "3".into()]);
        rows.extend((first..first + 5).map(|n| vec![n.to_string(), nik(n), "05/01/2025".to_owned()]));
        rows.push(vec!["JUMLAH".into(), String::new(), "5".into()]);
        rows
    };
    let kks = cells(FIXTURES.iter().find(|fixture| fixture.layout == Layout::Kks).unwrap());
    let files = [office.write("2025-01/all.xlsx", workbook(&[("Tangerang", &sheet(1)), ("Ciledug", &sheet(11)), ("KKS", &kks)]))];
    let request = ImportRequest { files: &files, ..ImportRequest::default() };
    let summaries = office.registry.import(&request, &mut |_| {}).unwrap();
    let told: Vec<_> =
        summaries.iter().map(|summary| (summary.layout, summary.read, summary.accepted, summary.passed, summary.simulated)).collect();
    assert_eq!(told, [(Layout::Deaths, 10, 10, 2, true), (Layout::Kks, 3, 2, 0, false)]);
    let path = office.folder.path().join("r.csv");
    office.registry.write_report(&[2], &path).unwrap();
    let report = std::fs::read_to_string(path).unwrap();
    assert!(report.contains("all.xlsx,KKS,4,nominal_cair,rejected,amount_invalid"), "{report}");
    assert!(office.registry.import(&request, &mut |_| {}).unwrap().iter().all(|summary| summary.already));
}

#[test]
fn numbers_dates_and_lost_digits_of_workbooks() {
    let write = |last: &dyn Fn(u32) -> f64, text: bool| {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let date = rust_xlsxwriter::Format::new().set_num_format("dd/mm/yyyy");
        sheet.write_string(0, 0, "NIK").unwrap();
        sheet.write_string(0, 1, "Tanggal Meninggal").unwrap();
        for n in 1..=20u32 {
            if text {
                sheet.write_string(n, 0, nik(n)).unwrap();
            } else {
                sheet.write_number(n, 0, last(n)).unwrap();
            }
            sheet.write_number_with_format(n, 1, 45_662.0, &date).unwrap();
        }
        book.save_to_buffer().unwrap()
    };
    let number = |n: u32| nik(n).parse::<f64>().unwrap();
    let mut office = Office::new();
    let summary = office.import("2025-01/text.xlsx", write(&number, true));
    assert_eq!((summary.read, summary.accepted), (20, 20));
    // A spreadsheet that keeps all sixteen digits: every number is read.
    let summary = office.import("2025-02/whole.xlsx", write(&number, false));
    assert_eq!((summary.read, summary.accepted), (20, 20), "{summary}");
    // One that keeps fifteen: the file is refused.
    let error = office.refused("2025-03/lost.xlsx", write(&|n| (number(n) / 10.0).floor() * 10.0, false));
    assert!(error.contains("20 of 20 numbers") && error.contains("cannot be restored"), "{error}");
    let dates: Vec<String> = crate::schema::death_rows::table
        .select(crate::schema::death_rows::date_of_death)
        .distinct()
        .load(office.registry.connection())
        .unwrap();
    assert_eq!(dates, ["2025-01-05"]);
    // The same in text.
    let rows: Vec<String> = (0..30).map(|n| format!("{}0,2025-01-05", &nik(n * 11)[..15])).collect();
    let error = office.refused("2025-03/lost.csv", format!("nik,date_of_death\n{}\n", rows.join("\n")));
    assert!(error.contains("column nik") && error.contains("30 of 30"), "{error}");
    let rows: Vec<String> = (1..30).map(|n| format!("3.671{n:02}E+15,2025-01-05")).collect();
    assert!(office.refused("2025-03/short.csv", format!("nik,date_of_death\n{}\n", rows.join("\n"))).contains("29 of 29"));
}

#[test]
fn hostile_workbooks_are_refused() {
    let mut office = Office::new();
    let kks = cells(FIXTURES.iter().find(|fixture| fixture.layout == Layout::Kks).unwrap());
    let good = workbook(&[("DATA", &kks)]);
    // Rewrites one part of a workbook.
    let with = |part: &str, change: &dyn Fn(String) -> Vec<u8>| -> Vec<u8> {
        let mut archive = zip::ZipArchive::new(io::Cursor::new(good.clone())).unwrap();
        let mut out = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        for at in 0..archive.len() {
            let mut file = archive.by_index(at).unwrap();
            let name = file.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            io::Read::read_to_end(&mut file, &mut bytes).unwrap();
            if name == part {
                bytes = change(String::from_utf8(bytes).unwrap());
            }
            out.start_file(name, options).unwrap();
            out.write_all(&bytes).unwrap();
        }
        out.finish().unwrap().into_inner()
    };
    let sheet = "xl/worksheets/sheet1.xml";
    let bomb = with(sheet, &|text| {
        let mut bytes = text.replace("</sheetData></worksheet>", "").into_bytes();
        bytes.resize(64 << 20, b' ');
        bytes.extend(b"</sheetData></worksheet>");
        bytes
    });
    assert!(bomb.len() < 1 << 20);
    let entities = with("xl/sharedStrings.xml", &|text| text.replacen("<sst", "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><sst", 1).into_bytes());
    let wide = with(sheet, &|text| text.replacen("r=\"A1\"", "r=\"ZZZZ1\"", 1).into_bytes());
    let backwards = with(sheet, &|text| text.replacen("<row r=\"2\"", "<row r=\"1\"", 1).replacen("r=\"A2\"", "r=\"A1\"", 1).into_bytes());
    let broken = with(sheet, &|text| text.replacen("</sheetData>", "", 1).into_bytes());
    let cut = good[..good.len() / 2].to_vec();
    let path = with("xl/workbook.xml", &|text| text.replacen("name=\"DATA\"", "name=\"../../../etc/passwd\"", 1).into_bytes());
    for (name, bytes, said) in [
        ("bomb.xlsx", bomb, "zip bomb"),
        ("entities.xlsx", entities, "entities"),
        ("path.xlsx", path, "a sheet's name holds a path"),
        ("wide.xlsx", wide, "columns"),
        ("backwards.xlsx", backwards, "order"),
        ("broken.xlsx", broken, "XML"),
        ("cut.xlsx", cut, "damaged or cut off"),
        ("empty.xlsx", workbook(&[("Kosong", &Vec::new())]), "not a table"),
        ("none.xlsx", workbook(&[("../../etc/passwd".replace('/', "_").as_str(), &vec![vec!["a".into(), "b".into()]])]), "known layout"),
    ] {
        let started = std::time::Instant::now();
        let error = office.refused(&format!("2025-01/{name}"), bytes);
        assert!(error.contains(said), "{name}: {error}");
        assert!(started.elapsed().as_secs() < 20, "{name}");
    }
}

#[test]
fn rows_come_back_corrected_and_the_report_shrinks() {
    for extension in ["csv", "xlsx"] {
        let mut office = Office::new();
        let mut rows = rows_from(0, 12);
        rows[3] = rows[3].replace(&nik(3), "36710112036090");
        rows[5] = rows[5].replace("SUKARASA", "SUKARX");
        rows[7] = rows[7].replace("YA", "=1+1");
        let summary = office.import("2025-01/dtks.csv", table(&rows));
        assert_eq!(summary.rejected, 3);
        let path = office.folder.path().join(format!("tolak.{extension}"));
        let write = |office: &mut Office, ids: &[i64]| -> u64 {
            let mut report = crate::Report::with_rows();
            report.add(&mut office.registry, ids).unwrap();
            report.write(&path).unwrap()
        };
        assert_eq!(write(&mut office, &[summary.import_id]), 3);
        let again = |office: &mut Office| {
            let files = [path.clone()];
            office.registry.import(&ImportRequest { files: &files, ..ImportRequest::default() }, &mut |_| {})
        };
        // Nothing corrected: nothing imported.
        assert!(again(&mut office).unwrap_err().to_string().contains("none of its rejected rows was corrected"));
        let correct = |from: &str, to: &str| change(&path, from, to);
        // One is put right, one is changed and still wrong, one is left as it was.
        correct("36710112036090", &nik(3));
        correct("SUKARX", "SUKARY");
        let second = again(&mut office).unwrap().remove(0);
        assert_eq!((second.read, second.accepted, second.rejected, second.passed), (2, 1, 1, 1), "{extension}");
        assert_eq!(second.corrects, [summary.import_id]);
        let all = [second.corrects.clone(), vec![second.import_id]].concat();
        assert_eq!(write(&mut office, &all), 2, "{extension}");
        correct("SUKARY", "SUKARASA");
        correct("=1+1", "YA");
        let third = again(&mut office).unwrap().remove(0);
        assert_eq!((third.read, third.accepted, third.rejected), (2, 2, 0), "{extension}");
        assert_eq!(write(&mut office, &[all.clone(), vec![third.import_id]].concat()), 0);
        // Everybody is there once, as if the file had been right at once.
        assert_eq!(office.units("2025-01").iter().map(|(_, count)| count).sum::<usize>(), 1);
        assert_eq!(stored(&mut office, "dtks_rows"), 12);
        // Taking the correction back makes the rows wrong again.
        office.registry.undo(third.import_id).unwrap();
        assert_eq!(write(&mut office, &all), 2);
    }
}

/// Corrects a cell in a report as an operator does.
fn change(path: &Path, from: &str, to: &str) {
    if path.extension().is_some_and(|extension| extension == "csv") {
        let text = std::fs::read_to_string(path).unwrap();
        let changed = text
            .replace(&format!(",'{from},"), &format!(",{to},"))
            .replace(&format!(",{from},"), &format!(",{to},"))
            .replace(&format!(",{from}\n"), &format!(",{to}\n"));
        assert_ne!(text, changed);
        std::fs::write(path, changed).unwrap();
        return;
    }
    use calamine::Reader;
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).unwrap();
    let mut found = false;
    let sheets: Vec<(String, Cells)> = book
        .sheet_names()
        .into_iter()
        .map(|name| {
            let range = book.worksheet_range(&name).unwrap();
            let rows = range.rows().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>()).collect::<Cells>();
            (name, rows)
        })
        .collect();
    let changed: Vec<(String, Cells)> = sheets
        .into_iter()
        .map(|(name, rows)| {
            let cell = |cell: String| {
                found |= cell == from;
                if cell == from { to.to_owned() } else { cell }
            };
            let mut cell = cell;
            (name, rows.into_iter().map(|row| row.into_iter().map(&mut cell).collect()).collect())
        })
        .collect();
    assert!(found, "{from} is not in the report");
    let sheets: Vec<(&str, &Cells)> = changed.iter().map(|(name, rows)| (name.as_str(), rows)).collect();
    std::fs::write(path, workbook(&sheets)).unwrap();
}

#[test]
fn a_table_of_codes_places_what_comes_after_it() {
    let mut office = Office::new();
    let codes = "kode_provinsi,kemendagri_kode_kecamatan,kemendagri_kode_desa_kelurahan,bps_kode_kecamatan,bps_kode_desa_kelurahan,jumlah_kk,satuan,tahun\n\
        36,36.71.01,36.71.01.1001,3671060,3671060001,10,KK,2024\n";
    office.import("2025-01/kode.csv", codes);
    let bdt = FIXTURES.iter().find(|fixture| fixture.layout == Layout::BdtHousehold).unwrap();
    let summary = office.import("2025-01/bdt.csv", text(&cells(bdt)));
    assert!(summary.warnings.is_empty(), "{summary}");
    let people = table(&rows_from(0, 3)).replace("TANGERANG,SUKARASA", "3671060,3671060001");
    assert_eq!(office.import("2025-01/dtks.csv", people).accepted, 3);
}

#[test]
fn a_mapping_reads_a_layout_that_nobody_has_seen() {
    let mut office = Office::new();
    let map = office.folder.path().join("map.toml");
    std::fs::write(
        &map,
        "layout = \"kks\"\n[columns]\nnik = \"Nomor Identitas\"\nnominal_cair = \"Terima\"\n[constants]\njenis_bansos = \"PKH\"\n",
    )
    .unwrap();
    let mapping = Mapping::read(&map).unwrap();
    let bytes = format!("Daftar,,\nOrang,Nomor Identitas,Terima\nUJI,{},600000\nUJI,{},x\n", nik(1), nik(2));
    assert!(office.refused("2025-01/baru.csv", &bytes).contains("known layout"));
    let files = [office.write("2025-01/baru.csv", &bytes)];
    let request = ImportRequest { files: &files, mapping: Some(&mapping), ..ImportRequest::default() };
    let summary = office.registry.import(&request, &mut |_| {}).unwrap().remove(0);
    assert_eq!((summary.layout, summary.accepted, summary.rejected), (Layout::Kks, 1, 1));
    // What the mapping says of every row comes with the rejected one.
    let path = office.folder.path().join("tolak.csv");
    let mut report = crate::Report::with_rows();
    report.add(&mut office.registry, &[summary.import_id]).unwrap();
    report.write(&path).unwrap();
    change(&path, "x", "1");
    let files = [path];
    let summary = office.registry.import(&ImportRequest { files: &files, ..ImportRequest::default() }, &mut |_| {}).unwrap().remove(0);
    assert_eq!((summary.accepted, summary.rejected), (1, 0));
}

#[test]
fn explaining_imports_nothing() {
    let office = Office::new();
    let rows = [row(1, "YA,,,"), row(2, "MUNGKIN,,,")];
    let path = office.write("2025-01/dtks.csv", table(&rows));
    let explained = crate::explain(&path, None, None, None).unwrap();
    assert_eq!(explained.tables[0].layout, Layout::Dtks);
    assert_eq!(explained.summaries[0].rejected, 1);
    assert_eq!(explained.report.unwrap().len(), 1);
    // Outside such folders only the mapping is shown.
    let other = office.folder.path().join("dtks.csv");
    std::fs::copy(&path, &other).unwrap();
    let explained = crate::explain(&other, None, None, None).unwrap();
    assert!(explained.report.is_none() && explained.tables[0].columns.iter().any(|(header, name)| header == "Nama" && name == "nama"));
}

/// A workbook as LibreOffice writes it (OpenDocument), of rows in its XML.
fn ods(rows: &str) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\">\
         <office:body><office:spreadsheet><table:table table:name=\"DATA\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let manifest = "<?xml version=\"1.0\"?><manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"></manifest:manifest>";
    for (name, text) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_str()),
        ("META-INF/manifest.xml", manifest),
    ] {
        out.start_file(name, options).unwrap();
        out.write_all(text.as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn an_opendocument_workbook_is_read_and_bounded() {
    let cell = |text: &str| format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>");
    let date = "<table:table-cell office:value-type=\"date\" office:date-value=\"2025-01-05\"><text:p>05/01/25</text:p></table:table-cell>";
    let row = |cells: String| format!("<table:table-row>{cells}</table:table-row>");
    let empty = "<table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
    let head = row(cell("NIK") + &cell("Tanggal Meninggal"));
    let people: String = (1..4).map(|n| row(cell(&nik(n)) + date)).collect();
    let mut office = Office::new();
    let summary = office.import("2025-01/deaths.ods", ods(&format!("{head}{people}{empty}")));
    assert_eq!((summary.layout, summary.read, summary.accepted), (Layout::Deaths, 3, 3), "{:?}", office.report());
    // A value behind a million empty rows of many columns spans too much to hold.
    let far = row(format!("<table:table-cell table:number-columns-repeated=\"16000\"/>{}", cell("x")));
    let error = office.refused("2025-01/far.ods", ods(&format!("{head}{people}{empty}{far}")));
    assert!(error.contains("more than any table"), "{error}");
}
