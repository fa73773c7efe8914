//! The transparency log (C2SP tlog-tiles): static files.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, get};

use crate::files::{self, IMMUTABLE, Served};
use crate::params::{Nothing, Query};
use crate::problem::{Answer, Code, Problem};
use crate::state::State;

/// Checkpoint of the transparency log
///
/// A signed note: origin, number of entries, root hash.
#[utoipa::path(
    operation_id = "get_checkpoint", tag = "log", params(Nothing),
    responses((status = 200, description = "The checkpoint.", body = String, content_type = "text/plain", example = "bansos\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— bansos …\n"),
              (status = 404, description = "The log is empty."))
)]
#[get("/log/checkpoint")]
pub async fn get_checkpoint(request: HttpRequest, state: Data<State>, _query: Query<Nothing>) -> Answer {
    let served = Served {
        path: state.data.log().join("checkpoint"),
        kind: "text/plain; charset=utf-8",
        sha256: None,
        caching: "public, max-age=5",
        disposition: None,
        described_by: None,
        encoded: None,
    };
    files::serve(&request, served).await
}

/// Tile of the transparency log
///
/// Hashes (`LEVEL/N`) or entries (`entries/N`), whole or partial (`.p/W`), as C2SP tlog-tiles lays them out.
#[utoipa::path(
    operation_id = "get_tile", tag = "log",
    params(("tile" = String, Path, description = "Level and number of the tile.", example = "0/000.p/7"), Nothing),
    responses((status = 200, description = "The tile's bytes.", body = String, content_type = "application/octet-stream"),
              (status = 404, description = "There is no such tile."))
)]
#[get("/log/tile/{tile:.*}")]
pub async fn get_tile(request: HttpRequest, state: Data<State>, path: Path<String>, _query: Query<Nothing>) -> Answer {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || b == b'x');
    let plain = path
        .split('/')
        .enumerate()
        .all(|(at, text)| part(text) || part(text.strip_suffix(".p").unwrap_or("")) || (at == 0 && text == "entries"));
    if !plain {
        return Err(Problem::plain(Code::NotFound).into());
    }
    let served = Served {
        path: state.data.log().join("tile").join(path.as_str()),
        kind: "application/octet-stream",
        sha256: None,
        caching: IMMUTABLE,
        disposition: None,
        described_by: None,
        encoded: None,
    };
    files::serve(&request, served).await
}
