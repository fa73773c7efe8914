//! `mutate` damages sealed release folders by one violation of the privacy
//! policy, and mends everything else: sums, manifests, digests, signatures (by
//! a test key) and the chain of releases. What is left to find is the
//! violation, and only the attack it is for has a reason to.
//!
//! A kind for each attack of the policy; a seed chooses which of the kind's
//! violations, and where. `none` writes the folders by the same way undamaged.
//! That the attacks find each of them shows that they can fail.

mod consistent;
mod dice;
mod kinds;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::dice::Dice;
use crate::kinds::Kind;
use crate::world::World;

/// Damages release folders by one violation of the privacy policy.
#[derive(Parser)]
#[command(
    name = "mutate",
    version,
    after_help = "Exit status: 0 written, 2 an error, 3 the folders hold no place for this kind.\n\nExample:\n  tests/attack/mutate --kind k-atoms --seed 3 --in data/releases/36.71-* --out /tmp/damaged"
)]
struct Arguments {
    /// The violation's kind: the name of an attack, or `none`.
    #[arg(long, value_enum)]
    kind: Kind,
    /// Chooses the violation and its place.
    #[arg(long)]
    seed: u64,
    /// Release folders: all that the attacker is to see, in any order.
    #[arg(long = "in", required = true, num_args = 1.., value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Where to write them all; must be empty or not there yet.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Try this violation of the kind alone.
    #[arg(long, value_name = "NAME")]
    damage: Option<String>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(Some(line)) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Ok(None) => {
            eprintln!("mutate: these folders hold no place for a violation of this kind: give more months, or a larger district");
            ExitCode::from(3)
        }
        Err(error) => {
            eprintln!("mutate: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Writes the folders and gives the line that tells what was done; `None` when
/// there is no place for it.
fn run(arguments: &Arguments) -> anyhow::Result<Option<String>> {
    let kind = arguments.kind;
    let mut world = World::open(&arguments.folders)?;
    let told = if kind == Kind::None {
        world.touch_all();
        Some("none".to_owned())
    } else {
        let damages: Vec<_> =
            kind.damages().iter().filter(|damage| arguments.damage.as_ref().is_none_or(|name| name == damage.name)).collect();
        anyhow::ensure!(!damages.is_empty(), "{} has no violation of that name: it has {}", kind.name(), kind.names());
        let first = (arguments.seed % damages.len() as u64) as usize;
        let tries = (0..damages.len()).map(|step| damages[(first + step) % damages.len()]);
        let mut done = None;
        for damage in tries {
            let mut dice = Dice::new(damage.name, arguments.seed);
            if let Some(place) = (damage.run)(&mut world, &mut dice) {
                anyhow::ensure!(world.is_touched(), "{} changed nothing", damage.name);
                done = Some(format!("{} {} {} {} {}", kind.name(), damage.name, place.release, place.table, place.cell));
                break;
            }
            anyhow::ensure!(!world.is_touched(), "{} gave up halfway", damage.name);
        }
        done
    };
    if told.is_some() {
        world.write(&arguments.out)?;
    }
    Ok(told)
}
