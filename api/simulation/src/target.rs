//! How many families and persons of each kind a district has at scale 1.
//!
//! Published (collected from news pages; year of the figure in brackets):
//! - Kabupaten Tegal: 146,640 families in Sembako, of whom 71,877 also in PKH
//!   (2021); 113,620 poor people (BPS 2022).
//! - Kota Tangerang: 66,245 families with rice assistance (July 2025), which is
//!   drawn from Sembako and PKH lists: taken as Sembako.
//! - Natuna: 3,175 families in BPNT (2020): Sembako.
//! - Tapanuli Utara: 12,663 families in BST (2020): taken as Sembako.
//! - Tanjungbalai: 18,569 families with rice assistance (January 2024), taken as
//!   Sembako; 4,317 families in PKH (2016).
//!
//! Assumed, since no figure was found:
//! - PKH where it is not published: 49 % of the Sembako families, as in Tegal.
//!   Another 3 % of that number have PKH without Sembako.
//! - PBI_JK: 34 % of the population, the national share, whole families.
//! - BLT_DD: 30 families a desa; kelurahan have none.
//! - YAPI: 1 in 1,000 inhabitants; PERMAKANAN: 4 in 10,000.
//! - Families registered without any program: 6 % of all.
//! - Poor people elsewhere than Tegal: the share below.
//! - Any other kabupaten or kota: Sembako families for 5 % of its inhabitants
//!   (the five have 3 to 10 %), and the rest as above.

use domain::{AreaCode, Level};
use reference::Kind;

/// Families (or persons, where it says so) to draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Target {
    pub(crate) sembako: f64,
    /// PKH families that also have Sembako.
    pub(crate) both: f64,
    pub(crate) pkh_only: f64,
    pub(crate) pbi_persons: f64,
    pub(crate) blt_dd: f64,
    pub(crate) yapi_persons: f64,
    pub(crate) permakanan_persons: f64,
    /// Poor people among a thousand inhabitants.
    pub(crate) poor_per_mille: f64,
}

/// The target of a district at scale 1.
pub(crate) fn of(district: AreaCode) -> Target {
    let people = reference::inhabitants(district) as f64;
    // Sembako, PKH where published, poor per mille.
    let (sembako, pkh, poor_per_mille) = match district.number() {
        1202 => (12_663.0, None, 90.0),
        1274 => (18_569.0, Some(4_317.0), 120.0),
        2103 => (3_175.0, None, 50.0),
        3328 => (146_640.0, Some(71_877.0), 113_620.0 / 1_745.278),
        3671 => (66_245.0, None, 55.0),
        _ => (people * 0.05, None, 90.0),
    };
    let both = pkh.unwrap_or(sembako * 71_877.0 / 146_640.0);
    let areas = reference::areas().inside(district, Level::Kelurahan);
    let desa = areas.iter().filter(|area| has_village_fund(area.kind)).count();
    Target {
        sembako,
        both,
        pkh_only: both * 0.03,
        pbi_persons: people * 0.34,
        blt_dd: desa as f64 * 30.0,
        yapi_persons: people * 0.001,
        permakanan_persons: people * 0.0004,
        poor_per_mille,
    }
}

/// Only a desa has a Village Fund, and so BLT Dana Desa.
pub(crate) fn has_village_fund(kind: Kind) -> bool {
    matches!(kind, Kind::Desa | Kind::DesaAdat)
}
