//! What all workers share: the reader of the current version, the cache of
//! encoded answers, the quotas and where files lie.

use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use catalogue::{DataFolder, Reader, Store};
use domain::ReleaseId;

use crate::cache::Cache;
use crate::config::Settings;
use crate::encoded::Encoded;
use crate::limit::Limits;
use crate::metrics::Metrics;
use crate::problem::{Code, Problem};
use crate::ready::Ready;
use crate::signed::Files;
use crate::site::Site;

/// A draft that is previewed: its files lie outside the admitted releases.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its id.
    pub release: ReleaseId,
    /// Its folder.
    pub folder: PathBuf,
}

/// Shared by all workers.
pub struct State {
    /// The data folder.
    pub data: DataFolder,
    /// Where the catalogue is kept.
    pub store: Store,
    /// Encoded answers.
    pub cache: Cache,
    /// Answers by the very words of their questions.
    pub ready: Ready,
    /// The files of releases.
    pub signed: Files,
    /// Files of releases in other codings.
    pub encoded: Arc<Encoded>,
    /// Quotas.
    pub limits: Limits,
    /// What the server counts of itself.
    pub metrics: Arc<Metrics>,
    /// The built site.
    pub site: Site,
    /// The settings it was started with.
    pub settings: Settings,
    /// The draft, in a preview.
    pub draft: Option<Draft>,
    /// Part of every ETag: another build may write the same answer otherwise.
    pub build: String,
    /// The OpenAPI document, as served.
    pub openapi: Arc<Vec<u8>>,
    reader: RwLock<Option<Arc<Reader>>>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("store", &self.store).finish_non_exhaustive()
    }
}

impl State {
    /// The state over a data folder. Nothing is opened yet: see [`State::refresh`].
    #[must_use]
    pub fn new(data: DataFolder, store: Store, settings: Settings, draft: Option<Draft>) -> State {
        State {
            cache: Cache::new(settings.cache_bytes),
            ready: Ready::new(settings.cache_bytes),
            signed: Files::default(),
            encoded: Arc::new(Encoded::new(crate::encoded::folder(&data))),
            limits: Limits::new(&settings),
            metrics: Arc::default(),
            site: Site::new(settings.site.clone()),
            build: build(draft.is_some()),
            openapi: crate::openapi::document(),
            data,
            store,
            settings,
            draft,
            reader: RwLock::new(None),
        }
    }

    /// The reader of the current version.
    ///
    /// # Errors
    /// `not-ready` while there is none, or no release stands.
    pub fn reader(&self) -> Result<Arc<Reader>, Problem> {
        let reader = match self.reader.read() {
            Ok(guard) => guard.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        };
        reader.ok_or_else(|| Problem::plain(Code::NotReady))
    }

    /// Looks whether the store has another version, and reads from that one
    /// from now on. Gives the new version. Blocks; called once a second.
    ///
    /// # Errors
    /// When the store is there but cannot be read; the old reader then stays.
    pub fn refresh(&self) -> anyhow::Result<Option<u64>> {
        let known = self.reader().ok();
        let stored = match &known {
            Some(reader) => reader.stored(&self.store)?,
            None => self.store.stamp()?,
        };
        if stored == known.map(|reader| reader.stamp()) {
            return Ok(None);
        }
        let Some(reader) = self.store.reader()? else { return Ok(None) };
        let version = reader.version();
        match self.reader.write() {
            Ok(mut guard) => *guard = Some(Arc::new(reader)),
            Err(poisoned) => *poisoned.into_inner() = Some(Arc::new(reader)),
        }
        self.ready.forget();
        Ok(Some(version))
    }

    /// The folder of an admitted release or of the draft.
    #[must_use]
    pub fn folder(&self, release: ReleaseId) -> PathBuf {
        match &self.draft {
            Some(draft) if draft.release == release => draft.folder.clone(),
            _ => self.data.release(release),
        }
    }
}

/// A word for this build: its version and the size of its program file, so that
/// several hosts that run the same file agree.
fn build(draft: bool) -> String {
    let size = std::env::current_exe().and_then(std::fs::metadata).map_or(0, |file| file.len());
    format!("{}.{size:x}{}", env!("CARGO_PKG_VERSION"), if draft { ".draft" } else { "" })
}
