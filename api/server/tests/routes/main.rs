//! Every route in process, on a real catalogue of small release folders; one
//! binary, a noun a file.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unnecessary_to_owned,
    reason = "helpers of the tests beside them"
)]

#[path = "../../../catalogue/tests/fixture/mod.rs"]
mod fixture;

mod areas;
mod cached;
mod changes;
mod codes;
mod datasets;
mod describe;
mod documents;
mod encoded;
mod errors;
mod feed;
mod http;
mod lists;
mod process;
mod releases;
mod statistics;

use std::path::PathBuf;
use std::sync::Arc;

use actix_http::Request;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::test::{self, TestRequest};
use actix_web::web::Data;
use catalogue::{DataFolder, Store};
use serde_json::Value;
use server::config::Settings;
use server::state::State;

/// A data folder with releases, and a state over it.
pub struct World {
    pub folder: tempfile::TempDir,
    pub data: DataFolder,
    pub store: Store,
    pub state: Data<State>,
}

impl World {
    /// A world in which `names` were admitted, one after the other.
    pub fn of(names: &[&str]) -> World {
        World::with(names, |_| {})
    }

    pub fn with(names: &[&str], change: impl FnOnce(&mut Settings)) -> World {
        let folder = tempfile::tempdir().unwrap();
        let data = fixture::data_folder(&folder.path().join("data"));
        let store = Store::of(&data, None).unwrap();
        let mut settings = Settings {
            site: Some(folder.path().join("site")),
            limit_list: "100000/60".parse().unwrap(),
            limit_statistics: "100000/60".parse().unwrap(),
            limit_downloads: "100000/60".parse().unwrap(),
            ..Settings::default()
        };
        change(&mut settings);
        let state = Data::from(Arc::new(State::new(data.clone(), store.clone(), settings, None)));
        let world = World { folder, data, store, state };
        for name in names {
            world.admit(name);
        }
        world
    }

    pub fn admit(&self, name: &str) -> PathBuf {
        let path = fixture::release(&self.data, self.folder.path(), name);
        catalogue::admit(&self.data, &self.store, std::slice::from_ref(&path)).unwrap();
        self.state.refresh().unwrap();
        path
    }

    pub fn withdraw(&self, name: &str, reason: &str) {
        catalogue::withdraw(&self.data, &self.store, name.parse().unwrap(), reason).unwrap();
        self.state.refresh().unwrap();
    }
}

/// An answer, read to its end.
pub struct Got {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Asks an application.
pub async fn ask<S, B>(app: &S, request: TestRequest) -> Got
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody + 'static,
{
    let request = request.peer_addr("10.1.2.3:999".parse().unwrap()).to_request();
    let response = match app.call(request).await {
        Ok(response) => response.map_into_boxed_body().into_parts().1,
        Err(error) => error.error_response(),
    };
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = actix_web::body::to_bytes(response.into_body()).await.map(|bytes| bytes.to_vec()).unwrap_or_default();
    Got { status, headers, body }
}

/// Makes the application of a world.
#[macro_export]
macro_rules! app {
    ($world:expr) => {
        actix_web::test::init_service(server::app($world.state.clone())).await
    };
}

/// Asks for an address.
#[macro_export]
macro_rules! get {
    ($app:expr, $uri:expr $(, $name:expr => $value:expr)*) => {
        $crate::ask(&$app, actix_web::test::TestRequest::get().uri(&$uri)$(.insert_header(($name, $value)))*).await
    };
}

/// The kinds of test that need no more than one release.
pub const ONE: &[&str] = &["12.74-2025-04"];

#[actix_web::test]
async fn nothing_is_served_before_the_first_release_and_then_it_is() {
    let world = World::of(&[]);
    let app = app!(world);
    assert_eq!(get!(app, "/healthz").status, 200);
    let ready = get!(app, "/readyz");
    assert_eq!((ready.status, ready.json()["code"].as_str().unwrap()), (503, "not-ready"));
    assert!(ready.json()["detail"].as_str().unwrap().contains("admit"));
    assert_eq!(get!(app, "/v1").status, 503);
    assert_eq!(get!(app, "/v1/recipients").status, 503);
    world.admit("12.74-2025-04");
    assert_eq!(get!(app, "/readyz").status, 200);
    let entry = get!(app, "/v1").json();
    assert_eq!(entry["version"], 1);
    assert_eq!(entry["simulated"], true);
    assert_eq!(entry["districts"][0]["release"], "12.74-2025-04");
    assert_eq!(entry["limits"]["downloads"]["q"], world.state.settings.limit_downloads.requests);
    // A new version is noticed, and the old one can still be asked for.
    world.admit("12.74-2025-05");
    assert_eq!(get!(app, "/v1").json()["version"], 2);
    assert_eq!(get!(app, "/v1?version=1").json()["districts"][0]["release"], "12.74-2025-04");
    let _ = test::TestRequest::get();
}
