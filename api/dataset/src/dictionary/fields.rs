//! Every field, told once. A field that several datasets have is one constant.

use super::Words;
use super::codes::Codes;
use super::field::{Field, Kind};

/// Figures and rows: counted from what the office has.
pub(super) const OFFICE: Words = (
    "Dihitung dari data Dinas Sosial kabupaten/kota yang menerbitkan",
    "Counted from the records of the social affairs office that publishes",
);
const MADE: Words = ("Diberikan oleh Bansos Terbuka ketika menerbitkan", "Given by Bansos Terbuka on publication");
const KEMENDAGRI: Words =
    ("Kode dan data wilayah administrasi Kementerian Dalam Negeri", "Codes and names of administrative areas, Ministry of Home Affairs");
const KEMENSOS: Words =
    ("Daftar program Bansos Terbuka, disusun dari peraturannya", "Bansos Terbuka's list of programs, made from their regulations");
const FAMILY_CARD: Words = (
    "Data kantor: NIK, Kartu Keluarga, dan kolom berkas penerima",
    "The office's records: identity number, family card and columns of the recipients' files",
);
const INHABITANTS: Words = (
    "Ditjen Dukcapil Kemendagri atau BPS, menurut kolom inhabitants_source",
    "Civil registry (Dukcapil) or Statistics Indonesia (BPS), as inhabitants_source says",
);

/// A month.
pub(super) const MONTH: &str = "^[0-9]{4}-(0[1-9]|1[0-2])$";
/// One area's code.
const ONE_AREA: &str = r"^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$";
/// One area's code or several.
const AREAS: &str = r"^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?(~[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?)*$";
const PROGRAM_CODE: &str = "^[A-Z][A-Z0-9_]{0,23}$";
const EDITION_ID: &str = "^[0-9]{4}Q[1-4](-r[0-9]+)?$";
const RELEASE_ID: &str = r"^[0-9]{2}\.[0-9]{2}-[0-9]{4}-(0[1-9]|1[0-2])(-r[0-9]+)?$";
const ROW_ID: &str = r"^[0-9]{2}\.[0-9]{2}-[0-9]{4}Q[1-4](-r[0-9]+)?/[A-Z][A-Z0-9_]{0,23}/[0-9]{5,}/[0-9]{2,}$";

const KEMENDAGRI_CODES: Words = ("Kode wilayah Kemendagri, empat tingkat", "Kemendagri's area codes, four levels");

pub(super) const AREA: Field = Field::new(
    "area",
    Kind::Code,
    ("wilayah", "area"),
    ("Wilayah administrasi", "Administrative area"),
    (
        "Wilayah terkecil yang masih disebut: kode Kemendagri. Gabungan beberapa wilayah ditulis dengan kode anggotanya, disambung `~`.",
        "The finest area that is still named: its Kemendagri code. Several areas told together have their codes joined by `~`.",
    ),
)
.of(Codes::Areas, KEMENDAGRI_CODES)
.from(KEMENDAGRI)
.like(AREAS);

pub(super) const PROGRAM: Field = Field::new(
    "program",
    Kind::Code,
    ("program", "program"),
    ("Program bantuan sosial", "Program of social assistance"),
    (
        "Program yang diterima. Kodenya dijelaskan dalam dataset programs.",
        "The program that is received. Its code is explained in the dataset programs.",
    ),
)
.of(Codes::Programs, ("Daftar program", "List of programs"))
.from(KEMENSOS)
.like(PROGRAM_CODE);

pub(super) const PROGRAM_OR_ALL: Field = Field::new(
    "program",
    Kind::Code,
    ("program", "program"),
    ("Program bantuan sosial", "Program of social assistance"),
    (
        "Program yang dihitung; SEMUA bila angkanya tidak tentang satu program saja.",
        "The program that is counted; SEMUA where the figure is of no one program.",
    ),
)
.of(Codes::ProgramsOrAll, ("Daftar program, ditambah SEMUA", "List of programs, and SEMUA"))
.from(KEMENSOS)
.like(PROGRAM_CODE);

pub(super) const PERIOD: Field = Field::new(
    "period",
    Kind::Month,
    ("bulan", "month"),
    ("Waktu", "Time"),
    ("Bulan yang diceritakan angka ini.", "The month that the figure tells of."),
);

pub(super) const EDITION: Field = Field::new(
    "edition",
    Kind::Code,
    ("edisi", "edition"),
    ("Edisi daftar penerima", "Edition of the list of recipients"),
    (
        "Triwulan daftar penerima: daftar diambil pada bulan pertama triwulan yang terbit dan diulang sampai triwulan berikutnya. `-r2` adalah perbaikan pertama.",
        "The quarter of the list of recipients: it is taken in the quarter's first published month and repeated until the next quarter. `-r2` is the first correction.",
    ),
)
.from(MADE)
.like(EDITION_ID);

pub(super) const SEX: Field = Field::new(
    "sex",
    Kind::Code,
    ("jenis kelamin", "sex"),
    ("Jenis kelamin", "Sex"),
    (
        "Jenis kelamin orang yang namanya tercatat sebagai penerima; `*` bila tidak dirinci agar ia tidak dikenali.",
        "Sex of the person named as recipient; `*` where it is not told, so that nobody can be recognised.",
    ),
)
.of(Codes::Sex, ("Daftar kode sex", "Codebook sex"))
.from(FAMILY_CARD);

pub(super) const AGE_BAND: Field = Field::new(
    "age_band",
    Kind::Code,
    ("kelompok umur", "age band"),
    ("Umur", "Age"),
    (
        "Umur dalam tahun penuh, pada akhir bulan edisi, dari orang yang namanya tercatat; kelompok yang lebih lebar menutup yang lebih sempit, dan `*` tidak dirinci.",
        "Age in whole years at the end of the edition's month, of the person named; wider bands hold narrower ones, and `*` is not told.",
    ),
)
.of(Codes::AgeBand, ("Daftar kode age_band, bertingkat", "Codebook age_band, a hierarchy"))
.from(FAMILY_CARD);

pub(super) const FAMILY_SIZE: Field = Field::new(
    "family_size",
    Kind::Code,
    ("anggota keluarga", "family size"),
    ("Besar keluarga", "Family size"),
    (
        "Banyaknya orang dalam Kartu Keluarga penerima, dalam kelompok; `*` bila tidak dirinci.",
        "How many people are on the recipient's family card, in bands; `*` where it is not told.",
    ),
)
.of(Codes::FamilySize, ("Daftar kode family_size", "Codebook family_size"))
.from(FAMILY_CARD);

pub(super) const MEASURE: Field = Field::new(
    "measure",
    Kind::Code,
    ("ukuran", "measure"),
    ("Hal yang diukur", "What is measured"),
    (
        "Apa yang dihitung kolom value. Setiap ukuran tabel dijelaskan sendiri, dengan satuannya.",
        "What the column value counts. Each measure of the table is described on its own, with its unit.",
    ),
)
.of(Codes::Measures, ("Ukuran tabel ini", "Measures of the table"))
.from(MADE);

pub(super) const CATEGORY: Field = Field::new(
    "category",
    Kind::Code,
    ("kategori", "category"),
    ("Rincian ukuran", "Breakdown of a measure"),
    (
        "Bagian yang dihitung, bila ukuran dibagi lagi; kosong bila tidak. Kategori yang hanya boleh tampil bersama disambung `~`.",
        "The part that is counted where a measure is broken down; empty where it is not. Categories that may only be shown together are joined by `~`.",
    ),
)
.of(Codes::Categories, ("Kategori tabel ini", "Categories of the table"))
.from(MADE)
.optional();

pub(super) const VALUE: Field = Field::new(
    "value",
    Kind::Count,
    ("nilai", "value"),
    ("Angka", "Figure"),
    (
        "Angkanya; kosong bila status bukan observed. Kosong tidak berarti nol.",
        "The figure; empty unless the status is observed. Empty does not mean zero.",
    ),
)
.in_unit(("menurut ukuran di kolom measure", "by the measure in the column measure"))
.optional();

pub(super) const STATUS: Field = Field::new(
    "status",
    Kind::Code,
    ("status", "status"),
    ("Status angka", "Standing of the figure"),
    (
        "Apakah angkanya dihitung, hanya tampil dalam gabungan, ditahan, atau tidak ada. Tidak satu pun berarti nol.",
        "Whether the figure is counted, shown only within a group, held back, or not there. None of them is zero.",
    ),
)
.of(Codes::Statuses, ("Empat status angka", "Four standings of a figure"))
.from(MADE);

pub(super) const GROUP: Field = Field::new(
    "group",
    Kind::Code,
    ("gabungan", "group"),
    ("Gabungan wilayah", "Group of areas"),
    (
        "Gabungan wilayah yang memuat angkanya, bila status grouped; selain itu kosong.",
        "The group of areas that shows the figure, where the status is grouped; empty otherwise.",
    ),
)
.of(Codes::Areas, KEMENDAGRI_CODES)
.from(MADE)
.like(AREAS)
.optional();

pub(super) const RELEASE: Field = Field::new(
    "release",
    Kind::Code,
    ("rilis", "release"),
    ("Rilis", "Release"),
    (
        "Rilis yang pertama memuat angka ini: rilis sebelumnya bila angka lama masih berlaku.",
        "The release that first published the figure: an earlier one where an older figure still stands.",
    ),
)
.from(MADE)
.like(RELEASE_ID);

pub(super) const AS_OF: Field = Field::new(
    "as_of",
    Kind::Month,
    ("keadaan", "as of"),
    ("Waktu keadaan", "Time of the state told"),
    (
        "Bulan keadaan yang dihitung; lain dari period bila angka lama masih berlaku.",
        "The month whose state was counted; differs from period where an older figure still stands.",
    ),
);

pub(super) const ID: Field = Field::new(
    "id",
    Kind::Code,
    ("baris", "row"),
    ("Baris daftar penerima", "Row of the list of recipients"),
    (
        "Nomor baris: kabupaten/kota dan edisi, program, nomor kelompok, tempat di dalamnya. Tempat itu diacak, hanya berlaku pada satu edisi, dan tidak menunjuk orang.",
        "The row's number: kabupaten/kota and edition, program, atom, a place in it. Places are shuffled, hold for one edition only, and point to nobody.",
    ),
)
.from(MADE)
.like(ROW_ID);

pub(super) const ATOM: Field = Field::new(
    "atom",
    Kind::Count,
    ("nomor kelompok", "atom"),
    ("Kelompok setara", "Equivalence class"),
    (
        "Nomor kelompok penerima yang semua kolomnya sama, mulai dari 1 di setiap edisi dan program.",
        "The number of a class of recipients that are alike in all columns, from 1 in each edition and program.",
    ),
)
.in_unit(("nomor urut", "ordinal number"))
.from(MADE);

pub(super) const COUNT: Field = Field::new(
    "count",
    Kind::Count,
    ("jumlah", "count"),
    ("Besar kelompok", "Size of the class"),
    (
        "Banyaknya penerima dalam kelompok itu; tidak pernah kurang dari k pada manifes.",
        "How many recipients the class has; never fewer than the manifest's k.",
    ),
)
.in_unit(UNITS);

/// What programs count in.
pub(super) const UNITS: Words = ("keluarga atau jiwa, menurut satuan program", "families or persons, by the program's unit");

pub(super) const AREA_CODE: Field = Field::new(
    "code",
    Kind::Code,
    ("kode", "code"),
    ("Wilayah administrasi", "Administrative area"),
    ("Kode wilayah menurut Kemendagri, bertitik.", "The area's Kemendagri code, dotted."),
)
.of(Codes::Areas, KEMENDAGRI_CODES)
.from(KEMENDAGRI)
.like(ONE_AREA);

pub(super) const LEVEL: Field = Field::new(
    "level",
    Kind::Code,
    ("tingkat", "level"),
    ("Tingkat wilayah", "Level of administration"),
    ("Sebutan wilayah dalam pemerintahan; menunjukkan tingkatnya.", "What the area is called in administration, which tells its level."),
)
.of(Codes::Levels, ("Sebutan wilayah Kemendagri", "Kemendagri's kinds of areas"))
.from(KEMENDAGRI);

pub(super) const AREA_NAME: Field = Field::new(
    "name",
    Kind::Text,
    ("nama", "name"),
    ("Nama wilayah", "Name of the area"),
    ("Nama resmi wilayah.", "The area's official name."),
)
.from(KEMENDAGRI);

pub(super) const PARENT: Field = Field::new(
    "parent",
    Kind::Code,
    ("induk", "parent"),
    ("Wilayah di atasnya", "Area above"),
    ("Kode wilayah satu tingkat di atasnya; kosong pada provinsi.", "The code of the area one level up; empty for a provinsi."),
)
.of(Codes::Areas, KEMENDAGRI_CODES)
.from(KEMENDAGRI)
.like(ONE_AREA)
.optional();

pub(super) const PEOPLE: Field = Field::new(
    "inhabitants",
    Kind::Count,
    ("penduduk", "inhabitants"),
    ("Penduduk", "Inhabitants"),
    (
        "Banyaknya penduduk wilayah menurut sumber yang disebut; kosong bila tidak diketahui.",
        "How many people live in the area by the source that is named; empty where not known.",
    ),
)
.in_unit(("jiwa", "persons"))
.from(INHABITANTS)
.optional();

pub(super) const PEOPLE_SOURCE: Field = Field::new(
    "inhabitants_source",
    Kind::Code,
    ("sumber penduduk", "source of inhabitants"),
    ("Sumber data penduduk", "Source of the count of inhabitants"),
    (
        "Siapa yang menghitung penduduk, dan kapan; sumber yang berbeda tidak boleh dibandingkan begitu saja.",
        "Who counted the inhabitants, and when; different sources cannot simply be compared.",
    ),
)
.of(Codes::PeopleSources, ("Daftar sumber penduduk", "List of sources of inhabitants"))
.from(INHABITANTS)
.optional();

pub(super) const PROGRAM_ID: Field = Field::new(
    "code",
    Kind::Code,
    ("kode", "code"),
    ("Program bantuan sosial", "Program of social assistance"),
    ("Kode program, seperti di semua dataset lain.", "The program's code, as in all other datasets."),
)
.of(Codes::Programs, ("Daftar program", "List of programs"))
.from(KEMENSOS)
.like(PROGRAM_CODE);

pub(super) const PROGRAM_NAME: Field = Field::new(
    "name",
    Kind::Text,
    ("nama", "name"),
    ("Nama program", "Name of the program"),
    ("Nama program dalam bahasa Indonesia.", "The program's name in Indonesian."),
)
.from(KEMENSOS);

pub(super) const UNIT: Field = Field::new(
    "unit",
    Kind::Code,
    ("satuan", "unit"),
    ("Satuan penerima", "Unit of recipients"),
    (
        "Yang dihitung program sebagai satu penerima: keluarga atau orang.",
        "What the program counts as one recipient: a family or a person.",
    ),
)
.of(Codes::Units, ("Dua satuan penerima", "Two units of recipients"))
.from(KEMENSOS);

pub(super) const FREQUENCY: Field = Field::new(
    "frequency",
    Kind::Code,
    ("frekuensi", "frequency"),
    ("Frekuensi penyaluran", "Frequency of payment"),
    ("Seberapa sering program menyalurkan bantuan.", "How often the program pays."),
)
.of(Codes::Frequencies, ("Lima frekuensi", "Five frequencies"))
.from(KEMENSOS);

pub(super) const SENSITIVE: Field = Field::new(
    "sensitive",
    Kind::Code,
    ("peka", "sensitive"),
    ("Kepekaan data pribadi", "Sensitivity of personal data"),
    (
        "Apakah menerima program ini mengungkap kesehatan, masa kanak-kanak, atau disabilitas; program peka tidak punya daftar penerima.",
        "Whether receiving it tells of health, childhood or disability; sensitive programs have no list of recipients.",
    ),
)
.of(Codes::Answers, ("Ya atau tidak", "Yes or no"))
.from(KEMENSOS);

pub(super) const LEGAL_BASIS: Field = Field::new(
    "legal_basis",
    Kind::Text,
    ("dasar hukum", "legal basis"),
    ("Dasar hukum", "Legal basis"),
    (
        "Undang-undang dan peraturan di belakang program, dengan judul Indonesianya.",
        "The laws and regulations behind the program, by their Indonesian titles.",
    ),
)
.from(KEMENSOS)
.optional();

pub(super) const TABLE: Field = Field::new(
    "table",
    Kind::Code,
    ("tabel", "table"),
    ("Tabel statistik", "Statistics table"),
    ("Tabel tempat angka itu berada.", "The table in which the figure stands."),
)
.of(Codes::Tables, ("Tabel statistik rilis", "Statistics tables of a release"))
.from(MADE);

pub(super) const VALUE_BEFORE: Field = Field::new(
    "value_before",
    Kind::Count,
    ("nilai sebelumnya", "value before"),
    ("Angka sebelum koreksi", "Figure before the correction"),
    (
        "Angka dalam rilis yang dikoreksi; kosong bila waktu itu tidak ada angkanya.",
        "The figure in the release that is corrected; empty where there was none.",
    ),
)
.in_unit(("menurut ukuran di kolom measure", "by the measure in the column measure"))
.optional();

pub(super) const STATUS_BEFORE: Field = Field::new(
    "status_before",
    Kind::Code,
    ("status sebelumnya", "status before"),
    ("Status sebelum koreksi", "Standing before the correction"),
    (
        "Status angka dalam rilis yang dikoreksi; kosong bila barisnya belum ada.",
        "The figure's status in the release that is corrected; empty where the line was not there.",
    ),
)
.of(Codes::Statuses, ("Empat status angka", "Four standings of a figure"))
.from(MADE)
.optional();

pub(super) const GROUP_BEFORE: Field = Field::new(
    "group_before",
    Kind::Code,
    ("gabungan sebelumnya", "group before"),
    ("Gabungan sebelum koreksi", "Group before the correction"),
    (
        "Gabungan wilayah yang memuat angkanya dalam rilis yang dikoreksi; kosong bila tidak digabung.",
        "The group of areas that showed the figure in the release that is corrected; empty where there was none.",
    ),
)
.of(Codes::Areas, KEMENDAGRI_CODES)
.from(MADE)
.like(AREAS)
.optional();

pub(super) const STATUS_AFTER: Field = Field::new(
    "status",
    Kind::Code,
    ("status", "status"),
    ("Status sesudah koreksi", "Standing after the correction"),
    (
        "Status angka dalam rilis ini; kosong bila barisnya tidak ada lagi.",
        "The figure's status in this release; empty where the line is no longer there.",
    ),
)
.of(Codes::Statuses, ("Empat status angka", "Four standings of a figure"))
.from(MADE)
.optional();

pub(super) const CORRECTS: Field = Field::new(
    "corrects",
    Kind::Code,
    ("mengoreksi", "corrects"),
    ("Rilis yang dikoreksi", "Release that is corrected"),
    ("Rilis yang angkanya diganti.", "The release whose figure is replaced."),
)
.from(MADE)
.like(RELEASE_ID);

pub(super) const REASON: Field = Field::new(
    "reason",
    Kind::Code,
    ("alasan", "reason"),
    ("Alasan koreksi", "Reason for the correction"),
    (
        "Mengapa bulan itu diterbitkan lagi, dari daftar tertutup, untuk seluruh kabupaten/kota.",
        "Why the month was issued again, from a closed list, for the whole kabupaten/kota.",
    ),
)
.of(Codes::Reasons, ("Daftar alasan koreksi", "List of reasons for corrections"));
