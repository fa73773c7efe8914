//! What was published before, as far as a new month must mind it: anything shown
//! can be subtracted from anything shown later.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use disclosure::sensitive::Member;
use domain::{AreaCode, AreaLabel, Cell, Period, ProgramCode, ReleaseId, Status, Table};
use release::ReleaseFolder;

use crate::Result;

/// Whom a figure was about when it was shown. RESTRICTED.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    /// The release that showed it.
    pub release: ReleaseId,
    /// The table.
    pub table: Table,
    /// The program, or the two programs joined by `+`.
    pub subject: String,
    /// The area, or pool of areas, that was shown.
    pub area: AreaLabel,
    /// The month it was taken in.
    pub as_of: Period,
    /// Units with their category or amount, in order of their numbers.
    pub members: Vec<Member>,
}

/// The tables whose last figures stand where they cannot be shown anew.
const STANDING: [Table; 7] =
    [Table::Verification, Table::Overlaps, Table::Freshness, Table::Findings, Table::Deciles, Table::Targeting, Table::Reports];

/// What was published before.
#[derive(Default)]
pub(crate) struct Past {
    /// Kecamatan of sensitive programs that were shown only within a group.
    pub grouped: Grouped,
    /// The figures that stand where a table cannot be shown anew.
    pub standing: Vec<(Table, Cell)>,
    /// Who entered and left by program, kecamatan and month, where it was shown.
    flows: HashMap<(ProgramCode, AreaCode, Period), [Option<u64>; 2]>,
    /// Everything ever shown of the tables that must not be shown again too soon.
    pub snapshots: Vec<Snapshot>,
    /// What the attacks refused to have shown anew.
    pub held: BTreeSet<(Table, ProgramCode)>,
}

impl Past {
    /// From the releases in the order in which they were sealed. `base` is the
    /// one whose figures stand and whose groups are kept.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub(crate) fn read(releases: &[ReleaseFolder], base: Option<&ReleaseFolder>, snapshots: Vec<Snapshot>) -> Result<Past> {
        let mut past = Past { snapshots, ..Past::default() };
        if let Some(base) = base {
            past.grouped = grouped(base.cells(Table::Totals)?.collect::<release::Result<Vec<_>>>()?);
            for table in STANDING {
                for cell in base.cells(table)? {
                    past.standing.push((table, cell?));
                }
            }
        }
        for folder in releases {
            for cell in folder.cells(Table::Flows)? {
                past.note_flow(&cell?);
            }
        }
        Ok(past)
    }

    fn note_flow(&mut self, cell: &Cell) {
        if !cell.category.is_empty() {
            return;
        }
        if let Some(area) = cell.area.single().filter(|area| area.level() == domain::Level::Kecamatan) {
            let flow = self.flows.entry((cell.program.clone(), area, cell.period)).or_default();
            flow[usize::from(cell.measure == "left")] = cell.value;
        }
    }

    /// Whether what anybody may read of who entered and left these kecamatan
    /// between two months tells of nobody or of at least `k`. `now` are the
    /// flows of the month being made. A month without flows hides the rest.
    pub(crate) fn few_moved(&self, program: &ProgramCode, area: &AreaLabel, months: (Period, Period), now: &[Cell], k: u64) -> bool {
        let (from, to) = (months.0.min(months.1), months.0.max(months.1));
        let mut current: BTreeMap<AreaCode, [Option<u64>; 2]> = BTreeMap::new();
        for cell in now.iter().filter(|cell| cell.program == *program && cell.period > from && cell.period <= to) {
            if let Some(single) = cell.area.single() {
                current.entry(single).or_default()[usize::from(cell.measure == "left")] = cell.value;
            }
        }
        let now_period = now.first().map(|cell| cell.period);
        (0..2).any(|measure| {
            let mut sum = Some(0);
            let mut month = from.next();
            while month <= to {
                for kecamatan in area.members() {
                    let flow = match now_period {
                        Some(period) if period == month => current.get(kecamatan).and_then(|flow| flow[measure]),
                        _ => self.flows.get(&(program.clone(), *kecamatan, month)).and_then(|flow| flow[measure]),
                    };
                    sum = sum.zip(flow).map(|(sum, flow)| sum + flow);
                }
                month = month.next();
            }
            sum.is_some_and(|sum| sum > 0 && sum < k)
        })
    }
}

/// The kecamatan that a release showed only within a group, by program.
type Grouped = HashMap<ProgramCode, BTreeSet<AreaCode>>;

/// What the totals of an earlier release grouped.
fn grouped(totals: impl IntoIterator<Item = Cell>) -> Grouped {
    let mut groups = Grouped::new();
    for cell in totals {
        if cell.status == Status::Grouped {
            groups.entry(cell.program).or_default().extend(cell.area.members());
        }
    }
    groups
}
