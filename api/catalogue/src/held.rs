//! Editions held in memory, so that a question about rows costs no question to
//! the database. An edition never changes under its number, so what is held is
//! never wrong; it is only let go when others are asked for more and there is
//! no room. An atom takes 20 bytes, whatever number of rows it stands for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;

use crate::queries::recipients::Edition;

/// Most bytes held: the current editions of a country of 500 districts and
/// 40 million rows take about half of it.
const MOST: usize = 128 << 20;

/// The editions that were asked for last.
#[derive(Debug)]
pub(crate) struct Held {
    places: Mutex<Places>,
    most: usize,
}

#[derive(Debug, Default)]
struct Places {
    all: HashMap<i64, Place>,
    /// Counts the questions, so that the edition asked for longest ago is known.
    now: u64,
}

#[derive(Debug)]
struct Place {
    asked: u64,
    edition: Slot,
}

/// Filled by whoever asks first, while the others who ask for it wait.
type Slot = Arc<Mutex<Option<Arc<Edition>>>>;

impl Default for Held {
    fn default() -> Held {
        Held { places: Mutex::default(), most: MOST }
    }
}

impl Held {
    /// The edition `id`; `load` reads it where it is not held.
    ///
    /// # Errors
    /// Whatever `load` gives; errors are not kept.
    pub(crate) fn get(&self, id: i64, load: impl FnOnce() -> Result<Edition>) -> Result<Arc<Edition>> {
        let slot = self.slot(id);
        let mut edition = lock(&slot);
        if let Some(edition) = &*edition {
            return Ok(edition.clone());
        }
        let loaded = Arc::new(load()?);
        *edition = Some(loaded.clone());
        drop(edition);
        self.make_room(id);
        Ok(loaded)
    }

    /// The edition `id` where it is held. Does not wait for who loads it.
    pub(crate) fn ready(&self, id: i64) -> Option<Arc<Edition>> {
        let slot = {
            let mut places = lock(&self.places);
            places.now += 1;
            let now = places.now;
            let place = places.all.get_mut(&id)?;
            place.asked = now;
            place.edition.clone()
        };
        slot.try_lock().ok()?.clone()
    }

    fn slot(&self, id: i64) -> Slot {
        let mut places = lock(&self.places);
        places.now += 1;
        let now = places.now;
        let place = places.all.entry(id).or_insert_with(|| Place { asked: now, edition: Slot::default() });
        place.asked = now;
        place.edition.clone()
    }

    /// Lets go of the editions asked for longest ago, until the rest has room.
    /// The one that was asked for now stays, however large it is.
    fn make_room(&self, keep: i64) {
        let mut places = lock(&self.places);
        let mut ages: Vec<(u64, i64, usize)> = places
            .all
            .iter()
            // One that is being loaded is not counted yet.
            .map(|(id, place)| {
                (place.asked, *id, place.edition.try_lock().map_or(0, |edition| edition.as_ref().map_or(0, |one| one.bytes())))
            })
            .collect();
        let mut bytes: usize = ages.iter().map(|(_, _, bytes)| bytes).sum();
        ages.sort_unstable();
        for (_, id, size) in ages {
            if bytes <= self.most {
                break;
            }
            if id != keep && size > 0 {
                places.all.remove(&id);
                bytes -= size;
            }
        }
    }
}

/// What is behind these locks is whole at every moment, so a panic of another
/// thread does not matter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn an_edition_is_loaded_once_and_an_error_is_not_kept() {
        let (held, loads) = (Held::default(), AtomicUsize::new(0));
        assert!(held.ready(1).is_none());
        assert!(held.get(1, || anyhow::bail!("the database is gone")).is_err());
        assert!(held.ready(1).is_none());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    held.get(1, || {
                        loads.fetch_add(1, Ordering::Relaxed);
                        std::thread::sleep(std::time::Duration::from_millis(20));
                        Ok(Edition::default())
                    })
                    .unwrap();
                });
            }
        });
        assert_eq!(loads.into_inner(), 1);
        assert!(held.ready(1).is_some());
    }

    #[test]
    fn the_edition_asked_for_longest_ago_makes_room() {
        let one = Edition::default().bytes();
        let held = Held { places: Mutex::default(), most: 2 * one };
        for id in [1, 2, 1, 3] {
            held.get(id, || Ok(Edition::default())).unwrap();
        }
        assert!(held.ready(1).is_some() && held.ready(2).is_none() && held.ready(3).is_some());
        let narrow = Held { places: Mutex::default(), most: 0 };
        for id in [1, 2] {
            narrow.get(id, || Ok(Edition::default())).unwrap();
        }
        assert!(narrow.ready(1).is_none() && narrow.ready(2).is_some());
    }
}
