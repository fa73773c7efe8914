//! Rows below a header that is right: cells, areas, sinks, the report. The first
//! byte says which layout; what is read is accepted or rejected, and none is lost.
#![no_main]

mod scratch;

const HEADERS: [&str; 9] = [
    "provinsi,kabupaten,kecamatan,desa_kelurahan,rt,rw,Alamat,NIK,NOKK,Nama,PBI,PKH,SEMBAKO_ADAPTIF",
    "nik,nama,nomor_kks,jenis_bansos,tahap_salur,nominal_cair",
    "noka,ps_noka,nama,jenkel,tgllhr,nik,status",
    "kecamatan,program,period,planned_units,planned_rupiah,failed,returned,poor_households,source",
    "nik,round,date,outcome",
    "nik,date_of_death",
    "nik,nama,daftar,instansi,per_tanggal",
    "tanggal,kanal,kategori,kecamatan,program,hasil,tanggal_selesai",
    "NIK,PROGRAM BANSOS,NOKK,NAMA,TANGGAL LAHIR,JENIS KELAMIN,ALAMAT,RT,RW,PROVINSI,KABUPATEN,KECAMATAN,KELURAHAN",
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let mut file = HEADERS[usize::from(*first) % HEADERS.len()].as_bytes().to_vec();
    file.push(b'\n');
    file.extend_from_slice(rest);
    let path = scratch::file("rows.csv", &file);
    let (area, month) = ("36.71".parse().expect("an area"), "2025-06".parse().expect("a month"));
    if let Ok(explained) = registry::explain(&path, Some(area), Some(month), None) {
        for summary in explained.summaries {
            assert_eq!(summary.read, summary.accepted + summary.rejected, "a row disappeared");
        }
    }
});
