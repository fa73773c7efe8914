//! The columns of every layout, by the names that `layouts.md` gives them, as
//! [`normalise`](super::normalise) writes them. Columns that nothing needs yet
//! are listed, too: they tell a layout from another, are passed over, and what
//! is not kept cannot leak.

use crate::layout::Layout;

/// What a layout asks for, and what else it may have.
pub(super) struct Form {
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
}

/// The columns of a layout.
pub(super) const fn form(layout: Layout) -> Form {
    match layout {
        Layout::Dtks => Form { required: DTKS, optional: DTKS_MORE },
        Layout::Kks => Form { required: &["nik", "jenis_bansos", "nominal_cair"], optional: &["nama", "nomor_kks", "tahap_salur"] },
        Layout::PbiJk => Form { required: &["noka", "nik", "status"], optional: PBI_MORE },
        Layout::Plan => Form {
            required: &["kecamatan", "program", "period", "planned_units"],
            optional: &["planned_rupiah", "failed", "returned", "poor_households", "source"],
        },
        Layout::Verification => {
            // What our sheets say besides, to find a household; passed over.
            Form { required: &["nik", "round", "date", "outcome"], optional: &["nama", "alamat", "rt", "rw", "program"] }
        }
        Layout::Deaths => Form { required: &["nik", "date_of_death"], optional: &[] },
        Layout::Usulan => Form { required: &["nik", "program_bansos", "nokk", "nama"], optional: USULAN_MORE },
        Layout::DtsenFamily => Form { required: &["no_kk", "desil_nasional"], optional: DTSEN_MORE },
        Layout::DtsenMember => {
            Form { required: &["id_keluarga", "nik", "hub_kepala_keluarga"], optional: &["idsemesta", "nama", "no_kk", "pekerjaan_utama"] }
        }
        Layout::P3ke => Form { required: &["nik_kk", "desil_p3ke"], optional: P3KE_MORE },
        Layout::Pdtt => Form { required: &["nik_mask", "kesesuaian"], optional: PDTT_MORE },
        Layout::Recipients => Form { required: &["nama_penerima", "nik_ktp", "tahap", "bansos"], optional: RECIPIENTS_MORE },
        Layout::Bnba => Form { required: BNBA, optional: BNBA_MORE },
        Layout::BltDd => Form { required: &["nik", "nama_kepala_keluarga", "kriteria_blt"], optional: BLT_DD_MORE },
        Layout::Bpk => Form { required: &["nik_bnba", "nik_ktp"], optional: BPK_MORE },
        Layout::UsulanResult => Form {
            required: &["nik_usulan", "program_bansos", "hasil"],
            optional: &["nama_kec", "nama_desa", "padan", "nama_lgkp", "ket_vali"],
        },
        Layout::BdtHousehold => Form { required: &["idbdt", "kdkec", "kddesa"], optional: BDT_MORE },
        Layout::BdtMember => Form { required: &["idartbdt", "nik"], optional: BDT_MEMBER_MORE },
        Layout::OpenData => Form { required: &["kode_provinsi", "satuan", "tahun", "jumlah"], optional: OPEN_DATA_MORE },
        Layout::Listing => Form { required: &["nik", "daftar"], optional: &["nama", "instansi", "per_tanggal"] },
        Layout::Complaints => {
            Form { required: &["tanggal", "kategori", "kecamatan", "hasil"], optional: &["kanal", "program", "tanggal_selesai"] }
        }
    }
}

const DTKS: &[&str] = &["provinsi", "kabupaten", "kecamatan", "desa_kelurahan", "nik", "nokk", "nama", "pkh", "bpnt", "pbi"];
const DTKS_MORE: &[&str] = &[
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
];

const PBI_MORE: &[&str] = &[
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
];

const USULAN_MORE: &[&str] = &[
    "tempat_lahir",
    "tanggal_lahir",
    "ibu_kandung",
    "jenis_kelamin",
    "jenis_pekerjaan",
    "status_kawin",
    "alamat",
    "rt",
    "rw",
    "provinsi",
    "kabupaten",
    "kecamatan",
    "kelurahan",
    "status_disabilitas",
    "kode_jenis_disabilitas",
    "status_hamil",
    "tgl_mulai_hamil",
];

const DTSEN_MORE: &[&str] = &[
    "alamat",
    "id_keluarga",
    "id_wilayah",
    "nama_kepala_keluarga",
    "peringkat_nasional",
    "kabupaten",
    "kecamatan",
    "kelurahan",
    "rt",
    "rw",
    "nik",
    "provinsi",
    "percentile_nasional",
    "peringkat_kab_kota",
    "peringkat_provinsi",
];

const P3KE_MORE: &[&str] = &[
    "id_kpm",
    "nik_pkk",
    "nama_kk",
    "nama_pkk",
    "nama_anak",
    "nik_anak",
    "alamat",
    "nama_rt",
    "nama_rw",
    "desa_kelurahan",
    "kecamatan",
    "kabkot",
    "district",
    "sumber",
    "lat",
    "lng",
    "tahun_anggaran",
];

const PDTT_MORE: &[&str] = &[
    "nokk_mask",
    "norekening_mask",
    "nama_pengurus",
    "lembaga_penyalur",
    "kode_wilayah",
    "prov",
    "kab",
    "kec",
    "kel",
    "alamat",
    "rt",
    "rw",
    "keterangan",
    "penjelasan",
    "kepemilikan_rumah",
    "kondisi_rumah",
    "pekerjaan",
    "jenis_usaha",
    "jumlah_penghasilan",
    "jumlah_mobil",
    "jumlah_motor",
    "jenis_disabilitas",
];

const RECIPIENTS_MORE: &[&str] = &["idsemesta", "no_kel", "nm_prov", "nm_kab", "nm_kec", "nm_kel", "alamat", "rt", "rw"];

const BNBA: &[&str] = &["province", "regency", "district", "village", "nkk", "nik", "nama", "pkh", "bpnt"];
const BNBA_MORE: &[&str] = &[
    "id_dtks",
    "alamat",
    "dusun",
    "rw",
    "rt",
    "tgl_lahir",
    "tmp_lahir",
    "jenkel",
    "ibu_kandung",
    "shdk",
    "status",
    "tgl_kejadian",
    "noreg_kejadian",
    "bst",
    "bpnt_ppkm",
    "pbi",
];

const BLT_DD_MORE: &[&str] = &[
    "no",
    "jenis_kelamin",
    "tanggal_lahir",
    "jumlah_anggota_keluarga",
    "alamat",
    "rt",
    "rw",
    "jenis_pekerjaan",
    "kode_jp",
    "kode_krit",
    "metode_pembayaran",
    "kode_bayar",
    // Not of the layout, but read where an office adds them.
    "kecamatan",
    "desa_kelurahan",
];

const BPK_MORE: &[&str] =
    &["nama_kpm", "kpm_ditemui_bst", "kpm_ditemui_pkh_bpnt", "kpm_tidak_ditemui_bst", "kpm_tidak_ditemui_pkh_bpnt", "keterangan"];

const BDT_MORE: &[&str] = &[
    "nopbdtkemsos",
    "vector1",
    "vector2",
    "vector3",
    "vector4",
    "kdgabungan4",
    "kdprop",
    "kdkab",
    "alamat",
    "adapkh",
    "adapbdt",
    "adakks2016",
    "adakks2017",
    "adapbi",
    "adadapodik",
    "nopesertapkh",
    "nopesertakks2016",
    "nopesertapbi",
    "pesertakip",
    "nama_sls",
    "nama_krt",
    "jumlah_art",
    "jumlah_keluarga",
    "percentile",
];

const BDT_MEMBER_MORE: &[&str] =
    &["idbdt", "nama", "jnskel", "tmplahir", "tgllahir", "hubkrt", "nokk", "hubkel", "umur", "sta_kawin", "pekerjaan"];

const OPEN_DATA_MORE: &[&str] = &[
    "id",
    "nama_provinsi",
    "bps_kode_kabupaten_kota",
    "bps_nama_kabupaten_kota",
    "kemendagri_kode_kabupaten_kota",
    "kemendagri_nama_kabupaten_kota",
    "bps_kode_kecamatan",
    "bps_nama_kecamatan",
    "kemendagri_kode_kecamatan",
    "kemendagri_nama_kecamatan",
    "bps_kode_desa_kelurahan",
    "bps_nama_desa_kelurahan",
    "kemendagri_kode_desa_kelurahan",
    "kemendagri_nama_desa_kelurahan",
];
