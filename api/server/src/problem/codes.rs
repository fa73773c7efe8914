//! The one table of error codes. Each has a status, a title, a documentation
//! page at `/docs/errors/{code}`, and no other place invents one.

/// A fixed text in Indonesian and in English.
pub type Pair = (&'static str, &'static str);

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:expr, $about:expr, $remedy:expr;)*) => {
        /// What went wrong, as a word that programs may rely on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name),* }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// The word in `code` and in the documentation's address.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => $code),* }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Code::$name => $status),* }
            }

            /// A short title, the same at every occurrence.
            #[must_use]
            pub const fn title(self) -> Pair {
                match self { $(Code::$name => $title),* }
            }

            /// What it means.
            #[must_use]
            pub const fn about(self) -> Pair {
                match self { $(Code::$name => $about),* }
            }

            /// What the reader can do.
            #[must_use]
            pub const fn remedy(self) -> Pair {
                match self { $(Code::$name => $remedy),* }
            }

            /// A request that gets it and the whole answer, in both languages:
            /// written by a test from real answers (tests/routes/codes.rs).
            #[must_use]
            pub const fn example(self) -> Pair {
                match self {
                    $(Code::$name => (
                        include_str!(concat!("examples/", $code, ".id.txt")),
                        include_str!(concat!("examples/", $code, ".en.txt")),
                    )),*
                }
            }
        }
    };
}

codes! {
    /// A parameter has a value that is not accepted.
    InvalidParameter = "invalid-parameter", 400,
        ("Parameter tidak sah", "Invalid parameter"),
        ("Nilai sebuah parameter tidak diterima. `errors` menyebut parameter dan nilai yang diterima.",
         "The value of a parameter is not accepted. `errors` names the parameter and what is accepted."),
        ("Perbaiki parameter yang disebut dalam `errors`; setiap parameter diterangkan di /docs.",
         "Correct the parameters that `errors` names; each is described at /docs.");
    /// A parameter has the right form and names nothing.
    UnknownValue = "unknown-value", 404,
        ("Nilai itu tidak ada", "No such value"),
        ("Nilai sebuah parameter benar bentuknya, tetapi tidak menunjuk apa pun: tidak ada wilayah, rilis, versi, atau halaman itu, atau rentang bulannya kosong. `errors` menyebut parameternya.",
         "The value of a parameter has the right form and names nothing: there is no such area, release, version or page, or no month in the range. `errors` names the parameter."),
        ("Periksa kodenya: wilayah dicari dengan /v1/areas?q=, rilis ada di /v1/releases, versi terbaru di /v1, dan kursor diambil dari `next` halaman sebelumnya.",
         "Check the code: areas are found with /v1/areas?q=, releases at /v1/releases, the newest version at /v1, and cursors come from `next` of the page before.");
    /// A parameter that the address does not know.
    UnknownParameter = "unknown-parameter", 400,
        ("Parameter tidak dikenal", "Unknown parameter"),
        ("Alamat ini tidak mengenal parameter itu. Parameter yang salah eja tidak diabaikan, supaya saringan yang keliru tidak terbaca sebagai jawaban lengkap.",
         "This address does not know the parameter. A misspelt parameter is not ignored, so that a wrong filter is never read as a full answer."),
        ("Periksa ejaannya; `errors` menyebut parameter yang diterima alamat ini.",
         "Check the spelling; `errors` lists the parameters that this address takes.");
    /// The address is not valid percent-encoding of UTF-8.
    InvalidEncoding = "invalid-encoding", 400,
        ("Penyandian alamat tidak sah", "Invalid encoding of the address"),
        ("Setelah tanda % harus ada dua digit heksadesimal, dan hasilnya harus UTF-8.",
         "A % must be followed by two hexadecimal digits, and the result must be UTF-8."),
        ("Sandikan nilainya sebagai UTF-8 dengan persen; + di dalam nilai ditulis %2B, spasi %20.",
         "Percent-encode the value as UTF-8; + inside a value is written %2B, a space %20.");
    /// A request that cannot be understood for another reason.
    BadRequest = "bad-request", 400,
        ("Permintaan tidak dapat dibaca", "The request cannot be read"),
        ("Permintaan tidak sesuai dengan HTTP, misalnya memuat dua kepala Host.",
         "The request does not follow HTTP: it has two Host headers, for instance."),
        ("Kirim permintaan HTTP biasa dengan satu kepala Host; peramban dan curl melakukannya sendiri.",
         "Send an ordinary HTTP request with one Host header; browsers and curl do so by themselves.");
    /// Nothing is at this address.
    NotFound = "not-found", 404,
        ("Tidak ditemukan", "Not found"),
        ("Tidak ada apa pun di alamat ini: kode, rilis, atau berkas itu tidak ada. Lihat /docs untuk semua alamat.",
         "There is nothing at this address: no such code, release or file. See /docs for all addresses."),
        ("Mulai dari /v1, yang memuat semua tautan, atau lihat semua alamat di /docs.",
         "Start at /v1, which holds all links, or see all addresses at /docs.");
    /// The address does not know the method.
    MethodNotAllowed = "method-not-allowed", 405,
        ("Metode tidak diizinkan", "Method not allowed"),
        ("API ini hanya dapat dibaca: GET, HEAD, dan OPTIONS.",
         "This API is read-only: GET, HEAD and OPTIONS."),
        ("Pakai GET. Kepala Allow menyebut metode yang diterima.",
         "Use GET. The header Allow names the methods that are accepted.");
    /// None of the accepted formats can be given.
    NotAcceptable = "not-acceptable", 406,
        ("Format tidak tersedia", "Format not available"),
        ("Tidak satu pun format dalam Accept tersedia di alamat ini.",
         "None of the formats in Accept is available at this address."),
        ("Hapus kepala Accept, atau minta application/json, text/csv, atau application/x-ndjson; atau pakai ?format=.",
         "Leave out the header Accept, or ask for application/json, text/csv or application/x-ndjson; or use ?format=.");
    /// A release that was taken back.
    Withdrawn = "withdrawn", 410,
        ("Ditarik", "Withdrawn"),
        ("Rilis ini ditarik oleh kabupaten/kota penerbitnya; alasannya ada di `detail`. Angka dan berkasnya tidak dilayani lagi.",
         "The district that published this release withdrew it; the reason is in `detail`. Its figures and files are no longer served."),
        ("Lihat /v1/releases: di sana tertulis apakah ada rilis pengganti. Jangan kutip lagi angka dari rilis yang ditarik.",
         "See /v1/releases: it tells whether another release took its place. Do not quote figures of a withdrawn release any more.");
    /// The request has a body that is too large.
    PayloadTooLarge = "payload-too-large", 413,
        ("Isi permintaan terlalu besar", "Request body too large"),
        ("API ini tidak menerima isi; isi di atas 64 KiB tidak dibaca sama sekali.",
         "This API takes no body; one above 64 KiB is not even read."),
        ("Kirim permintaan tanpa isi.",
         "Send the request without a body.");
    /// The address is too long.
    UriTooLong = "uri-too-long", 414,
        ("Alamat terlalu panjang", "Address too long"),
        ("Alamat paling panjang 8.192 byte.",
         "An address has at most 8,192 bytes."),
        ("Pendekkan nilai parameter; kursor saja tidak pernah sepanjang itu.",
         "Shorten the values; a cursor is never that long.");
    /// A kind of body that is not taken.
    UnsupportedMediaType = "unsupported-media-type", 415,
        ("Jenis isi tidak didukung", "Unsupported media type"),
        ("API ini tidak menerima isi permintaan dalam bentuk apa pun.",
         "This API takes no request body of any kind."),
        ("Kirim permintaan tanpa isi; semua pilihan ditulis sebagai parameter di alamat.",
         "Send the request without a body; everything that can be chosen is a parameter in the address.");
    /// The bytes asked for are not in the file.
    RangeNotSatisfiable = "range-not-satisfiable", 416,
        ("Rentang di luar berkas", "Range outside the file"),
        ("Rentang byte yang diminta tidak ada dalam berkas; Content-Range menyebut panjangnya.",
         "The bytes asked for are not in the file; Content-Range names its length."),
        ("Minta rentang di dalam panjang yang disebut Content-Range, atau seluruh berkas tanpa kepala Range.",
         "Ask for a range within the length that Content-Range names, or for the whole file without the header Range.");
    /// Too many requests.
    QuotaExceeded = "quota-exceeded", 429,
        ("Kuota terlampaui", "Quota exceeded"),
        ("Terlalu banyak permintaan dari alamat Anda. Tunggu selama Retry-After detik. Kuota ada di /v1; untuk data utuh unduh berkas dari /v1/datasets.",
         "Too many requests from your address. Wait for Retry-After seconds. Quotas are listed at /v1; for whole data, download files from /v1/datasets."),
        ("Tunggu selama Retry-After detik, lalu lanjutkan. Jawaban yang sudah Anda punya dapat ditanyakan lagi dengan If-None-Match tanpa mengurangi kuota; data utuh lebih cepat diunduh dari /v1/datasets.",
         "Wait for Retry-After seconds, then go on. Answers that you have already can be asked for again with If-None-Match at no cost; whole data is quicker to download from /v1/datasets.");
    /// The headers are too large.
    HeadersTooLarge = "headers-too-large", 431,
        ("Kepala permintaan terlalu besar", "Request headers too large"),
        ("Kepala permintaan paling besar 32 KiB.",
         "Request headers have at most 32 KiB."),
        ("Kirim lebih sedikit kepala; kuki tidak diperlukan.",
         "Send fewer headers; cookies are not needed.");
    /// A fault of the server.
    Internal = "internal", 500,
        ("Kesalahan server", "Server error"),
        ("Server gagal menjawab. Coba lagi; bila tetap gagal, laporkan dengan `request_id`.",
         "The server failed to answer. Try again; if it keeps failing, report it with the `request_id`."),
        ("Coba lagi sebentar. Bila tetap gagal, laporkan kepada pengelola dengan `request_id`.",
         "Try again in a moment. If it keeps failing, report it to the operator with the `request_id`.");
    /// There is no catalogue or no release yet.
    NotReady = "not-ready", 503,
        ("Belum siap", "Not ready"),
        ("Belum ada katalog atau rilis yang dapat dilayani. Layanan mulai dengan sendirinya begitu rilis pertama diterima.",
         "There is no catalogue or release to serve yet. Serving starts by itself once the first release is admitted."),
        ("Tunggu selama Retry-After detik. /readyz mengatakan kapan layanan siap dan apa yang kurang.",
         "Wait for Retry-After seconds. /readyz tells when the service is ready and what is missing.");
    /// The answer took too long.
    Timeout = "timeout", 503,
        ("Waktu habis", "Timed out"),
        ("Jawaban memakan waktu terlalu lama. Persempit saringan, atau unduh berkas dari /v1/datasets.",
         "The answer took too long. Narrow the filter, or download files from /v1/datasets."),
        ("Persempit saringan, atau unduh berkas utuh dari /v1/datasets.",
         "Narrow the filter, or download whole files from /v1/datasets.");
}

impl Code {
    /// The address of its documentation page.
    #[must_use]
    pub fn page(self) -> String {
        format!("/docs/errors/{}", self.as_str())
    }

    /// The code with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.as_str() == word)
    }

    /// The code for an error that another layer raised with nothing but a status.
    #[must_use]
    pub fn of_status(status: u16) -> Code {
        match status {
            404 => Code::NotFound,
            405 => Code::MethodNotAllowed,
            406 => Code::NotAcceptable,
            410 => Code::Withdrawn,
            408 | 504 | 503 => Code::Timeout,
            413 => Code::PayloadTooLarge,
            414 => Code::UriTooLong,
            415 => Code::UnsupportedMediaType,
            416 => Code::RangeNotSatisfiable,
            429 => Code::QuotaExceeded,
            431 => Code::HeadersTooLarge,
            400..=499 => Code::BadRequest,
            _ => Code::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_complete() {
        for (at, code) in Code::ALL.iter().enumerate() {
            assert!(Code::ALL[..at].iter().all(|other| other.as_str() != code.as_str()));
            assert_eq!(Code::parse(code.as_str()), Some(*code));
            assert!((400..600).contains(&code.status()));
            for text in [code.title(), code.about(), code.remedy(), code.example()] {
                assert!(!text.0.is_empty() && !text.1.is_empty() && text.0 != text.1);
            }
        }
    }
}
