//! Programs.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, get};

use crate::negotiate::Format;
use crate::params::{CursorText, Flag, Limit, Query, known};
use crate::problem::{Answer, Code, Problem};
use crate::respond::{Asked, Common};
use crate::state::State;
use crate::views::{Page, ProgramView};
use crate::words::Text;

crate::parameters! {
    /// Parameters of the list of programs.
    ProgramsQuery {
        version: u64 = known::VERSION, format: Format = known::FORMAT, bom: Flag = known::BOM,
        limit: Limit = known::LIMIT, cursor: CursorText = known::CURSOR,
    }
}

crate::parameters! {
    /// Parameters of one program.
    ProgramQuery { version: u64 = known::VERSION }
}

/// Programs
///
/// Each with its unit, amounts, frequency, legal basis, who is entitled, how to apply and how to object.
#[utoipa::path(
    operation_id = "list_programs", tag = "programs", params(ProgramsQuery),
    responses((status = 200, description = "A page of programs; as csv or ndjson all of them.", content(
                  (Page<ProgramView> = "application/json"), (String = "text/csv", example = "code,name_id,name_en,unit,sensitive,frequency,fixed_amount,ended,legal_basis\nPKH,Program Keluarga Harapan (PKH),Family Hope Programme (PKH),family,false,quarterly,,,UU 13/2011 tentang Penanganan Fakir Miskin; Perpres 63/2017 tentang Penyaluran Bantuan Sosial Secara Nontunai; Permensos 1/2018 tentang Program Keluarga Harapan\n"),
                  (ProgramView = "application/x-ndjson"))))
)]
#[get("/v1/programs")]
pub async fn list_programs(request: HttpRequest, state: Data<State>, query: Query<ProgramsQuery>) -> Answer {
    let ask = query.ask;
    let common = Common { version: ask.version, format: ask.format, bom: ask.bom, limit: ask.limit, cursor: ask.cursor };
    let asked = Asked::new(&request, &state, query.spelling, common, &Format::ALL)?;
    asked.list_of(|_, _| Ok(reference::programs().iter().map(ProgramView::from).collect())).await
}

/// One program
///
/// Its unit, amounts, frequency, legal basis, who is entitled, how to apply and how to object.
#[utoipa::path(
    operation_id = "get_program", tag = "programs",
    params(("code" = String, Path, description = "The program's code.", example = "PKH"), ProgramQuery),
    responses((status = 200, description = "The program.", body = ProgramView),
              (status = 404, description = "There is no such program."))
)]
#[get("/v1/programs/{code}")]
pub async fn get_program(request: HttpRequest, state: Data<State>, path: Path<String>, query: Query<ProgramQuery>) -> Answer {
    let found = path.parse().ok().and_then(|code| reference::program(&code));
    let Some(program) = found else {
        let all = reference::programs().iter().map(|program| program.code.as_str()).collect::<Vec<_>>().join(", ");
        let detail = Text::new(format!("tidak ada program itu; yang ada: {all}"), format!("there is no such program; there are: {all}"));
        return Err(Problem::new(Code::NotFound, detail).into());
    };
    let common = Common { version: query.ask.version, ..Common::default() };
    let asked = Asked::new(&request, &state, query.spelling, common, &[Format::Json])?;
    asked.object(move |_, _| Ok(ProgramView::from(program))).await
}
