//! The public side's server: routes, limits, cache, errors, documentation.
//!
//! [`app`] is the one constructor, shared by the server and its tests. A request
//! passes [`middleware::observe`] (ids, checks, errors in one form, panics),
//! [`middleware::quota`], and reaches a handler in [`routes`]; the handler reads
//! its parameters ([`params`]), asks the catalogue, makes a view ([`views`]) and
//! gives it to [`respond`], which knows versions, formats, caching and streams.

pub mod admin;
pub mod cache;
pub mod config;
pub mod connections;
pub mod cosign;
pub mod cursor;
pub mod encoded;
pub mod files;
pub mod limit;
pub mod metrics;
pub mod middleware;
pub mod negotiate;
pub mod openapi;
pub mod panics;
pub mod params;
pub mod problem;
pub mod quickstart;
pub mod ready;
pub mod respond;
pub mod routes;
pub mod serve;
pub mod signed;
pub mod site;
pub mod state;
pub mod views;
pub mod words;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, Error};
use utoipa_actix_web::AppExt as _;

use state::State;

/// The application over a state.
pub fn app(
    state: Data<State>,
) -> App<impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<impl MessageBody>, Error = Error, InitError = ()>> {
    App::new()
        .into_utoipa_app()
        .configure(routes::documented)
        .into_app()
        .route("/openapi.json", web::get().to(routes::docs::openapi))
        .route("/docs", web::get().to(routes::docs::to_docs))
        .route("/docs/errors", web::get().to(routes::errors::list))
        .route("/docs/errors/", web::get().to(routes::errors::list))
        .route("/docs/errors/{code}", web::get().to(routes::errors::one))
        .route("/docs/", web::get().to(routes::start::page))
        .route("/docs/start.css", web::get().to(routes::start::style))
        .route("/docs/start.js", web::get().to(routes::start::script))
        .route("/docs/quickstart/{name}", web::get().to(routes::start::quickstart))
        .route("/docs/{file:.*}", web::get().to(routes::docs::swagger))
        .default_service(web::to(routes::fallback))
        .app_data(state)
        .wrap(from_fn(middleware::quota::quota))
        .wrap(from_fn(middleware::observe::observe))
}
