//! Nothing personal crosses the wall. Every personal field of every layout is
//! filled by hand with markers, rejected rows too; then every byte that leaves
//! the registry (catalogue, releases, drafts, site, log, keys, what commands
//! and servers print, what the API answers) is searched for them: names,
//! numbers as digits, as binary integers and as their plain SHA-256.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use parquet::file::reader::{FileReader, SerializedFileReader};
use sha2::Digest;

use crate::office::Office;
use crate::{postgres, scratch};

const DISTRICT: &str = "36.71";
const PERIOD: &str = "2025-01";

/// A made-up person, every field of whom is a marker.
struct Person {
    nik: String,
    family: String,
    birth: (u32, u32, u32),
    number: usize,
}

const KELURAHAN: [(&str, &str, &str); 4] = [
    ("Tangerang", "Sukarasa", "367101"),
    ("Tangerang", "Cikokol", "367101"),
    ("Jatiuwung", "Jatake", "367102"),
    ("Batuceper", "Poris Gaga", "367103"),
];

fn people() -> Vec<Person> {
    (0..480)
        .map(|number| {
            let (day, month, year) = (1 + number as u32 % 28, 1 + number as u32 % 12, 1931 + number as u32 % 40);
            let woman = number % 2 == 0;
            let (.., area) = KELURAHAN[number % 4];
            let nik = format!("{area}{:02}{month:02}{:02}{:04}", day + if woman { 40 } else { 0 }, year % 100, 8000 + number);
            // Three of a family, so that families are countable too.
            let family = format!("{area}170317{:04}", 7000 + number / 12 * 4 + number % 4);
            Person { nik, family, birth: (day, month, year), number }
        })
        .collect()
}

/// Everything by which a person could be known, as text.
fn texts(people: &[Person]) -> Vec<String> {
    let mut all = vec!["KANARI".to_owned(), "kanari".to_owned(), "Kanari".to_owned()];
    for person in people {
        all.push(person.nik.clone());
        all.push(person.family.clone());
        all.push(format!("00019{:08}", person.number + 31_000_000));
        all.push(format!("6032{:012}", 980_000_000 + person.number));
        let (day, month, year) = person.birth;
        all.push(format!("{day:02}/{month:02}/{year}"));
        all.push(format!("{year}-{month:02}-{day:02}"));
    }
    all.extend(REJECTED.map(str::to_owned));
    all.sort();
    all.dedup();
    all
}

/// Numbers of rejected rows: 15 digits, an impossible date, letters among the digits.
const REJECTED: [&str; 3] = ["367101010131987", "3671019913318999", "36710101KNR31999"];

/// The texts, and for numbers their binary and hashed forms.
fn needles(people: &[Person]) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = texts(people).into_iter().map(String::into_bytes).collect();
    for person in people {
        for number in [&person.nik, &person.family] {
            let value: u64 = number.parse().unwrap();
            // SQLite stores such integers in 8 bytes, big-endian; memory in
            // little-endian. The first byte is 0, so seven are looked for.
            all.push(value.to_be_bytes()[1..].to_vec());
            all.push(value.to_le_bytes()[..7].to_vec());
            let hash = sha2::Sha256::digest(number.as_bytes());
            all.push(hash.to_vec());
            all.push(
                hash.iter()
                    .fold(String::new(), |mut hex, byte| {
                        let _ = write!(hex, "{byte:02x}");
                        hex
                    })
                    .into_bytes(),
            );
        }
    }
    all
}

/// Where a needle stands in the bytes, described without repeating more than needed.
fn search(finder: &AhoCorasick, place: &str, bytes: &[u8], found: &mut Vec<String>) {
    for hit in finder.find_iter(bytes) {
        let around = &bytes[hit.start().saturating_sub(40)..(hit.end() + 20).min(bytes.len())];
        found.push(format!("{place} at byte {}: …{}…", hit.start(), String::from_utf8_lossy(around)));
    }
}

/// What a workbook or a Parquet file holds, unpacked; `None` of any other file.
fn unpacked(path: &Path) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    match path.extension()?.to_str()? {
        "xlsx" => {
            let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
            for at in 0..archive.len() {
                std::io::Read::read_to_end(&mut archive.by_index(at).unwrap(), &mut content).unwrap();
            }
        }
        "parquet" => {
            let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
            // The values, and the pages they are in: one of a dictionary may be no row's.
            for row in reader.get_row_iter(None).unwrap() {
                content.extend_from_slice(row.unwrap().to_string().as_bytes());
            }
            for group in 0..reader.num_row_groups() {
                let group = reader.get_row_group(group).unwrap();
                for column in 0..group.num_columns() {
                    let mut pages = group.get_column_page_reader(column).unwrap();
                    while let Some(page) = pages.get_next_page().unwrap() {
                        content.extend_from_slice(page.buffer());
                    }
                }
            }
        }
        _ => return None,
    }
    Some(content)
}

fn write_files(folder: &Path, people: &[Person]) {
    let month = folder.join(DISTRICT).join(PERIOD);
    std::fs::create_dir_all(&month).unwrap();
    let columns = "provinsi,kabupaten,kecamatan,desa_kelurahan,prop_capil,kab_capil,id_kec,id_desa,rt,rw,ATENSI,Alamat,BLT,BLT_BBM,BNPT_PPKM,BPNT,BST,FIRST_SK,NIK,NOKK,Nama,PBI,PENA,PERMAKANAN,PKH,RUTILAHU,SEMBAKO_ADAPTIF,YAPI,aktorLabel,counter,deleted_label,idsemesta,isAktifHamil,is_nonaktif,is_btn_padankan,is_btn_hidupkan,keterangan_disabilitas,keterangan_meninggal,masih_hidup_label,padankan_at,periode_blt,periode_blt_bbm,periode_bpnt,periode_bpnt_ppkm,periode_bst,periode_pbi,periode_pena,periode_permakanan,periode_pkh,periode_rutilahu,periode_sembako_adaptif,periode_yapi,verifyid";
    let names: Vec<&str> = columns.split(',').collect();
    let mut dtks = format!("{columns}\n");
    let mut line = |nik: &str, family: &str, kecamatan: &str, desa: &str, number: usize, pkh: &str| {
        let cells: Vec<String> = names
            .iter()
            .map(|name| match *name {
                "provinsi" => "BANTEN".into(),
                "kabupaten" => "KOTA TANGERANG".into(),
                "kecamatan" => kecamatan.into(),
                "desa_kelurahan" => desa.into(),
                "rt" | "rw" => "003".into(),
                "NIK" => nik.into(),
                "NOKK" => family.into(),
                "PKH" => pkh.into(),
                "PBI" | "BPNT" => "YA".into(),
                "YAPI" => {
                    if number.is_multiple_of(40) {
                        "YA".into()
                    } else {
                        "TIDAK".into()
                    }
                }
                "ATENSI" | "BLT" | "BLT_BBM" | "BNPT_PPKM" | "BST" | "PENA" | "PERMAKANAN" | "RUTILAHU" | "SEMBAKO_ADAPTIF"
                | "isAktifHamil" | "is_nonaktif" | "is_btn_padankan" | "is_btn_hidupkan" => "TIDAK".into(),
                "counter" => number.to_string(),
                "masih_hidup_label" => "Masih Hidup".into(),
                period if period.starts_with("periode") => String::new(),
                "prop_capil"
                | "kab_capil"
                | "id_kec"
                | "id_desa"
                | "deleted_label"
                | "FIRST_SK"
                | "padankan_at"
                | "keterangan_meninggal" => String::new(),
                // Names, addresses, operators, notes, foreign ids.
                personal => format!("KANARI {} {number}", personal.to_uppercase()),
            })
            .collect();
        dtks.push_str(&cells.join(","));
        dtks.push('\n');
    };
    for person in people {
        let (kecamatan, desa, _) = KELURAHAN[person.number % 4];
        line(&person.nik, &person.family, kecamatan, desa, person.number, if person.number % 3 == 0 { "YA" } else { "TIDAK" });
    }
    for (number, nik) in REJECTED.iter().enumerate() {
        line(nik, &people[number].family, "Tangerang", "Sukarasa", 900 + number, "YA");
    }
    // A misspelt area, an impossible flag, and a repeated person.
    line(&people[0].nik, &people[0].family, "Tangeranx KANARI", "Sukarasa KANARI", 950, "YA");
    line(&people[1].nik, &people[1].family, "Tangerang", "Sukarasa", 951, "KANARI");
    line(&people[3].nik, &people[3].family, KELURAHAN[3].0, KELURAHAN[3].1, 952, "YA");
    std::fs::write(month.join("dtks.csv"), dtks).unwrap();

    let mut kks = "nik,nama,nomor_kks,jenis_bansos,tahap_salur,nominal_cair\n".to_owned();
    let mut pbi = "noka,ps_noka,nama,jenkel,tgllhr,tmplhr,nik,nik_siks,pisat,kdstawin,kelas_rawat,kkno,alamat,rt,rw,kodepos,nikayah,nmayah,nikibu,nmibu,ket_aktivasi,kdkepwil,kdkc,nmkc,kdprov,nmprov,status\n".to_owned();
    let mut verification = "nik,round,date,outcome\n".to_owned();
    for person in people {
        let n = person.number;
        let (day, month, year) = person.birth;
        let (nik, family) = (&person.nik, &person.family);
        if n % 3 == 0 {
            let _ = writeln!(kks, "{nik},KANARI NAMA KKS {n},6032{:012},PKH,Tahap 1 Tahun 2025,Rp600.000", 980_000_000 + n);
        }
        let _ = writeln!(kks, "{nik},KANARI NAMA KKS {n},6032{:012},SEMBAKO,Tahap 1 Tahun 2025,Rp600.000", 980_000_000 + n);
        let (father, mother) = (&people[(n + 7) % people.len()].nik, &people[(n + 9) % people.len()].nik);
        let noka = format!("00019{:08}", n + 31_000_000);
        let sex = if n % 2 == 0 { "P" } else { "L" };
        let _ = writeln!(
            pbi,
            "{noka},{noka},KANARI NAMA PBI {n},{sex},{day:02}/{month:02}/{year},KANARI TEMPAT,{nik},{nik},1,1,3,{family},KANARI JALAN {n},3,4,15111,{father},KANARI AYAH {n},{mother},KANARI IBU {n},,06,0601,KANARI KANTOR,36,BANTEN,Aktif"
        );
        let _ = writeln!(verification, "{nik},1,2025-01-1{},Valid", n % 10);
    }
    let deaths = format!("nik,date_of_death\n{},2024-11-03\n{},2024-12-09\n", people[5].nik, people[6].nik);
    for (name, text) in [("kks", kks), ("pbi-jk", pbi), ("verification", verification), ("deaths", deaths)] {
        std::fs::write(month.join(format!("{name}.csv")), text).unwrap();
    }
    let plan = "kecamatan,program,period,planned_units,planned_rupiah,failed,returned,poor_households,source\nTangerang,PKH,2025-01,90,54000000,1,0,400,DIPA 2025\n";
    std::fs::write(month.join("plan.csv"), plan).unwrap();
}

fn story(name: &str, catalogue: Option<&str>) {
    let people = people();
    let office = Office::open(name, catalogue);
    let input = scratch::folder(&format!("{name}-input"));
    write_files(&input, &people);
    let report = office.data.with_file_name("report.csv");
    let import = office.bansos(&["import", input.to_str().unwrap(), "--report", report.to_str().unwrap()]).succeeds();
    let rejected = std::fs::read_to_string(&report).unwrap();
    for reason in ["nik_format", "nik_date", "area_unknown", "duplicate_nik_program", "deceased"] {
        assert!(rejected.contains(reason), "the report has no {reason}, so its wording was not tested:\n{rejected}\n{}", import.told());
    }
    office.bansos(&["publish", "--all", "--by", "Operator Satu", "--draft"]).succeeds();
    office.bansos(&["seal", &format!("{DISTRICT}-{PERIOD}"), "--by", "Kepala Seksi"]).succeeds();
    office.bansos(&["site"]).succeeds();
    // Messages of failures are output too.
    office.bansos(&["import", input.join(DISTRICT).to_str().unwrap(), "--area", "36.72"]);
    office.bansos(&["status"]);

    let mut answers = Vec::new();
    {
        let server = office.serve_with_site();
        let client = server.client();
        for path in [
            "/v1",
            "/v1/releases",
            "/v1/releases/36.71-2025-01",
            "/v1/areas/36.71",
            "/v1/datasets",
            "/v1/codebook",
            "/v1/recipients?limit=1000",
            "/v1/recipients?format=csv",
            "/v1/statistics/totals?format=csv",
            "/v1/statistics/payments?format=ndjson",
            "/v1/statistics/flows",
            "/openapi.json",
            "/v1/recipients?foo=1",
            "/v1/areas/99",
            "/log/checkpoint",
            "/",
            "/wilayah/kota-tangerang/",
        ] {
            let reply = client.get(path);
            answers.push((format!("GET {path}"), [format!("{:?}", reply.headers).into_bytes(), reply.body].concat()));
        }
        // What a client sends must not come back in logs either.
        client.get(&format!("/v1/recipients?nik={}", people[2].nik));
        client.get(&format!("/v1/areas?q={}", people[2].nik));
    }

    // Everything but the registry, which is the restricted side.
    let mut files: Vec<PathBuf> = scratch::files(&office.data);
    files.retain(|file| !file.starts_with(office.data.join("registry")));
    for folder in ["releases", "log", "site"] {
        assert!(files.iter().any(|file| file.starts_with(office.data.join(folder))), "nothing below {folder} to search");
    }
    files.extend(scratch::files(&office.prints));
    files.push(report);

    let finder = AhoCorasick::new(needles(&people)).unwrap();
    let mut found = Vec::new();
    let mut bytes = 0;
    let mut packed = 0;
    for file in &files {
        let content = std::fs::read(file).unwrap();
        bytes += content.len();
        search(&finder, &file.display().to_string(), &content, &mut found);
        if let Some(content) = unpacked(file) {
            packed += 1;
            bytes += content.len();
            search(&finder, &format!("{}, unpacked", file.display()), &content, &mut found);
        }
    }
    assert!(packed > 30, "only {packed} Parquet files and workbooks were unpacked");
    for (place, content) in &answers {
        bytes += content.len();
        search(&finder, place, content, &mut found);
    }
    if let Some(url) = catalogue {
        let dump = postgres::dump(url);
        bytes += dump.len();
        search(&finder, "PostgreSQL dump", &dump, &mut found);
    }
    println!(
        "{name}: {} files and {} answers searched, {:.1} MB, for {} markers",
        files.len(),
        answers.len(),
        bytes as f64 / 1e6,
        finder.patterns_len()
    );
    assert!(found.is_empty(), "{} markers crossed the wall:\n{}", found.len(), found[..found.len().min(20)].join("\n"));

    // The search can find: in the registry, where the markers belong, and
    // where one is planted.
    let mut inside = Vec::new();
    for file in scratch::files(&office.data.join("registry")) {
        search(&finder, "registry", &std::fs::read(file).unwrap(), &mut inside);
    }
    assert!(inside.len() > people.len(), "the registry holds {} markers: was anything imported?", inside.len());
    let mut planted = std::fs::read(&files[0]).unwrap();
    planted.extend_from_slice(people[9].nik.as_bytes());
    let mut seeded = Vec::new();
    search(&finder, "planted", &planted, &mut seeded);
    assert_eq!(seeded.len(), 1, "a planted marker was not found");
    // In a workbook too, where it is packed.
    let planted = office.data.with_file_name("planted.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write_string(0, 0, people[9].nik.as_str()).unwrap();
    book.save(&planted).unwrap();
    search(&finder, "planted workbook", &unpacked(&planted).unwrap(), &mut seeded);
    assert_eq!(seeded.len(), 2, "a marker planted in a workbook was not found");
}

#[test]
fn no_marker_crosses_the_wall_on_sqlite() {
    story("canary", None);
}

#[test]
fn no_marker_crosses_the_wall_on_postgresql() {
    let url = postgres::database("canary");
    story("canary-postgresql", Some(&url));
}
