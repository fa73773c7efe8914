//! The codebook.

use actix_web::web::Data;
use actix_web::{HttpRequest, get};

use crate::negotiate::Format;
use crate::params::{Query, known};
use crate::problem::Answer;
use crate::respond::{Asked, Common};
use crate::state::State;
use crate::views::CodebookView;

crate::parameters! {
    /// Parameters of the codebook.
    CodebookQuery { version: u64 = known::VERSION }
}

/// Codebook of the rows' attributes
///
/// Every attribute with its hierarchy of labels, in both languages.
#[utoipa::path(
    operation_id = "get_codebook", tag = "recipients", params(CodebookQuery),
    responses((status = 200, description = "The codebook.", body = CodebookView))
)]
#[get("/v1/codebook")]
pub async fn get_codebook(request: HttpRequest, state: Data<State>, query: Query<CodebookQuery>) -> Answer {
    let common = Common { version: query.ask.version, ..Common::default() };
    let asked = Asked::new(&request, &state, query.spelling, common, &[Format::Json])?;
    asked.object(|asked, _| Ok(CodebookView::new(asked.version))).await
}
