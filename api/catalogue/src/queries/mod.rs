//! Questions to the catalogue. Each module is one noun; each function is one
//! query, or a walk of few.

pub mod cells;
pub mod changes;
pub mod recipients;
pub mod releases;

use anyhow::Result;
use diesel::prelude::*;
use domain::{AreaCode, AreaLabel};

use crate::code;
use crate::connection::AnyConnection;
use crate::schema::{pool_members, pools};

/// How many ids are named in one statement.
const IDS: usize = 500;

/// The pools that lie in an area. There are few of them in a district.
fn pools_in(connection: &mut AnyConnection, area: AreaCode) -> Result<Vec<i64>> {
    let (low, high) = code::range(area);
    // A pool that lies in it has a member that begins in it.
    let touching: Vec<i64> =
        pool_members::table.select(pool_members::pool_id).filter(pool_members::low.between(low, high)).distinct().load(connection)?;
    let mut inside = Vec::new();
    for ids in touching.chunks(IDS) {
        let outside: Vec<i64> = pool_members::table
            .select(pool_members::pool_id)
            .filter(pool_members::pool_id.eq_any(ids))
            .filter(pool_members::low.lt(low).or(pool_members::high.gt(high)))
            .distinct()
            .load(connection)?;
        inside.extend(ids.iter().copied().filter(|id| !outside.contains(id)));
    }
    Ok(inside)
}

/// The label of an area number and pool id.
fn label(connection: &mut AnyConnection, known: &mut Labels, low: i64, pool: i64) -> Result<AreaLabel> {
    if pool == 0 { Ok(code::area(low)?.into()) } else { named(connection, known, pool) }
}

/// Labels of pools already looked up.
type Labels = std::collections::HashMap<i64, AreaLabel>;

fn named(connection: &mut AnyConnection, known: &mut Labels, pool: i64) -> Result<AreaLabel> {
    if let Some(label) = known.get(&pool) {
        return Ok(label.clone());
    }
    let text: String = pools::table.select(pools::label).filter(pools::id.eq(pool)).first(connection)?;
    let label: AreaLabel = text.parse()?;
    known.insert(pool, label.clone());
    Ok(label)
}
