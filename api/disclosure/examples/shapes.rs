//! Made-up tables of different shapes through the general anonymiser: the
//! figures of METHODS.md, and a look at how time follows size.
//!
//! `cargo run -p disclosure --example shapes [-- NAME [EFFORT]]`

use std::error::Error;
use std::time::Instant;

use disclosure::general::{Hierarchy, Rules, Search, Table};

/// SplitMix64, so that every run has the same tables.
struct Random(u64);

impl Random {
    fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number below `size`, small ones likelier the higher the power.
    fn skewed(&mut self, size: usize, power: f64) -> usize {
        (self.fraction().powf(power) * size as f64) as usize
    }
}

/// Numbers with ranges of these widths above them.
fn ranges(size: usize, widths: &[usize]) -> Result<Hierarchy, Box<dyn Error>> {
    let lines = (0..size).map(|value| {
        let above = widths.iter().map(|width| format!("{}-{}", value / width * width, value / width * width + width - 1));
        (value as u64 + 1, std::iter::once(value.to_string()).chain(above).chain(["*".to_owned()]).collect())
    });
    Ok(Hierarchy::new(lines)?)
}

struct Shape {
    name: &'static str,
    trees: Vec<Hierarchy>,
    rows: Vec<Vec<usize>>,
}

fn shape(name: &'static str) -> Result<Shape, Box<dyn Error>> {
    let mut random = Random(name.len() as u64);
    let (trees, rows) = match name {
        // Five columns, three of them with 10,000 values on seven levels.
        "deep" => {
            let steps = [10, 20, 100, 500, 1000, 5000];
            let trees = vec![
                ranges(100, &[5, 10, 20])?,
                ranges(10_000, &steps)?,
                ranges(10_000, &steps)?,
                ranges(10_000, &steps)?,
                ranges(2, &[])?,
            ];
            let row = |random: &mut Random| {
                let income = random.skewed(10_000, 2.0);
                let debt = (income as f64 * random.fraction()) as usize;
                vec![random.skewed(100, 1.2), income, debt, random.skewed(10_000, 3.0), random.skewed(2, 1.0)]
            };
            (trees, (0..50_000).map(|_| row(&mut random)).collect())
        }
        // Thirty columns that hang together.
        "wide" => {
            let sizes: Vec<usize> = (0..30).map(|column| [2, 2, 3, 4, 5, 6, 8, 10, 12][column % 9]).collect();
            let trees =
                sizes.iter().map(|size| if *size > 3 { ranges(*size, &[2]) } else { ranges(*size, &[]) }).collect::<Result<_, _>>()?;
            let row = |random: &mut Random| {
                let common = random.fraction();
                sizes.iter().map(|size| ((0.5 * common + 0.5 * random.fraction()).powf(1.5) * *size as f64) as usize).collect()
            };
            (trees, (0..4000).map(|_| row(&mut random)).collect())
        }
        // A million rows, nearly all different.
        _ => {
            let trees = vec![
                ranges(100, &[5, 10, 20])?,
                ranges(1000, &[10, 100])?,
                ranges(12, &[3])?,
                ranges(40, &[4, 20])?,
                ranges(2, &[])?,
                ranges(5, &[2])?,
                ranges(10, &[2])?,
                ranges(100, &[5, 20])?,
            ];
            let shape = [(100, 1.5), (1000, 2.0), (12, 1.2), (40, 1.5), (2, 1.0), (5, 2.0), (10, 2.5), (100, 2.5)];
            (trees, (0..1_000_000).map(|_| shape.iter().map(|(size, power)| random.skewed(*size, *power)).collect()).collect())
        }
    };
    Ok(Shape { name, trees, rows })
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let only = arguments.next();
    let efforts: Vec<u32> = arguments.next().map(|effort| effort.parse()).transpose()?.map_or(vec![0, 1, 6], |effort| vec![effort]);
    for name in ["deep", "wide", "long"] {
        if only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        let shape = shape(name)?;
        for effort in &efforts {
            let started = Instant::now();
            let mut table = Table::new(shape.trees.clone());
            let mut leaves = Vec::new();
            for row in &shape.rows {
                leaves.clear();
                leaves.extend(row.iter().zip(table.hierarchies()).filter_map(|(value, tree)| tree.leaf(&value.to_string())));
                table.push(&leaves, 0)?;
            }
            let (distinct, read) = (table.items(), started.elapsed());
            let recoded = table.anonymise(&Rules::of_size(5), &Search { effort: *effort, seed: 1 })?;
            println!(
                "{}: {} rows, {distinct} distinct, effort {effort}: loss {:.4}, {} classes, {:.2} s after {:.2} s of reading",
                shape.name,
                shape.rows.len(),
                recoded.loss(),
                recoded.classes().len(),
                (started.elapsed() - read).as_secs_f64(),
                read.as_secs_f64(),
            );
        }
    }
    Ok(())
}
