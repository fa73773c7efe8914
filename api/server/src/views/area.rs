//! Areas.

use domain::AreaCode;
use reference::Area;
use serde::Serialize;

use super::{CellView, PublisherView, Record};

/// Inhabitants, with where the figure comes from.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Population")]
pub struct PopulationView {
    /// Inhabitants.
    #[schema(example = 1_930_556)]
    pub people: u64,
    /// The year it speaks of.
    #[schema(example = 2024)]
    pub year: u16,
    /// Who counted or estimated.
    pub source: super::WordsView,
    /// Whether it is an estimate.
    #[schema(example = false)]
    pub estimate: bool,
}

/// The population of an area, where it is known.
fn population(code: AreaCode) -> Option<PopulationView> {
    reference::population(code).map(|found| PopulationView {
        people: found.people,
        year: found.year,
        source: found.source.into(),
        estimate: found.estimate,
    })
}

/// An area in lists.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "Area")]
pub struct AreaView {
    /// Kemendagri code.
    #[schema(example = "36.71.01")]
    pub code: String,
    /// Name.
    #[schema(example = "Tangerang")]
    pub name: String,
    /// What the area is called in administration: provinsi, kabupaten, kota, kecamatan, kelurahan, desa, …
    #[schema(example = "kecamatan")]
    pub kind: String,
    /// Level: provinsi, kabupaten (kota, too), kecamatan or kelurahan (desa, too).
    #[schema(example = "kecamatan")]
    pub level: String,
    /// Code of the area that holds it; null for a provinsi.
    #[schema(example = "36.71")]
    pub parent: Option<String>,
    /// Inhabitants; null where no source is at hand.
    pub population: Option<PopulationView>,
    /// Whether a district that is, holds or lies in this area publishes.
    #[schema(example = true)]
    pub publishes: bool,
}

impl AreaView {
    /// The view of an area.
    #[must_use]
    pub fn new(area: &Area, publishes: bool) -> AreaView {
        AreaView {
            code: area.code.to_string(),
            name: area.name.to_owned(),
            kind: area.kind.as_str().to_owned(),
            level: area.code.level().to_string(),
            parent: area.code.parent().map(|parent| parent.to_string()),
            population: population(area.code),
            publishes,
        }
    }
}

impl Record for AreaView {
    const COLUMNS: &'static [&'static str] =
        &["code", "name", "kind", "level", "parent", "population", "population_year", "population_estimate", "publishes"];

    fn fields(&self) -> Vec<String> {
        let people = |pick: fn(&PopulationView) -> String| self.population.as_ref().map(pick).unwrap_or_default();
        vec![
            self.code.clone(),
            self.name.clone(),
            self.kind.clone(),
            self.level.clone(),
            self.parent.clone().unwrap_or_default(),
            people(|population| population.people.to_string()),
            people(|population| population.year.to_string()),
            people(|population| population.estimate.to_string()),
            self.publishes.to_string(),
        ]
    }
}

/// An area that holds the one asked for.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "ParentArea")]
pub struct ParentView {
    /// Kemendagri code.
    #[schema(example = "36.71")]
    pub code: String,
    /// Name.
    #[schema(example = "Kota Tangerang")]
    pub name: String,
    /// What the area is called in administration.
    #[schema(example = "kota")]
    pub kind: String,
}

/// An area directly inside the one asked for.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(title = "ChildArea")]
pub struct ChildView {
    /// Kemendagri code.
    #[schema(example = "36.71.01.1001")]
    pub code: String,
    /// Name.
    #[schema(example = "Sukarasa")]
    pub name: String,
    /// What the area is called in administration.
    #[schema(example = "kelurahan")]
    pub kind: String,
    /// Inhabitants; null where no source is at hand.
    pub population: Option<PopulationView>,
}

/// One area with what is around it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "AreaDetail")]
pub struct AreaDetailView {
    /// The version of the catalogue that answered.
    #[schema(example = 7)]
    pub version: u64,
    /// Whether figures behind the answer are of synthetic people (a simulation).
    #[schema(example = true)]
    pub simulated: bool,
    /// The area itself.
    #[serde(flatten)]
    pub area: AreaView,
    /// The areas that hold it, the largest first.
    pub parents: Vec<ParentView>,
    /// The areas directly inside it, by code.
    pub children: Vec<ChildView>,
    /// Units by program in its newest month. Empty above kabupaten/kota: nothing is summed over districts.
    pub headline: Vec<CellView>,
    /// The districts in it, or that hold it, that publish, each with its current release.
    pub districts: Vec<PublisherView>,
}

impl ParentView {
    /// The areas that hold `code`, the largest first.
    #[must_use]
    pub fn of(code: AreaCode) -> Vec<ParentView> {
        let mut found: Vec<ParentView> = std::iter::successors(code.parent(), |above| above.parent())
            .filter_map(|above| reference::areas().get(above))
            .map(|area| ParentView { code: area.code.to_string(), name: area.name.to_owned(), kind: area.kind.as_str().to_owned() })
            .collect();
        found.reverse();
        found
    }
}

impl ChildView {
    /// The areas directly inside `code`.
    #[must_use]
    pub fn of(code: AreaCode) -> Vec<ChildView> {
        reference::areas()
            .children(code)
            .iter()
            .filter_map(|child| reference::areas().get(*child))
            .map(|area| ChildView {
                code: area.code.to_string(),
                name: area.name.to_owned(),
                kind: area.kind.as_str().to_owned(),
                population: population(area.code),
            })
            .collect()
    }
}
