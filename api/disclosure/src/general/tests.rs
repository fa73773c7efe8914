//! Properties that every recoding has, on random small tables, and fixed cases.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// A hierarchy of `leaves` values whose groups double in size.
fn doubling(leaves: usize) -> Hierarchy {
    let mut steps = Vec::new();
    let mut size = 2;
    while size < leaves {
        steps.push(size);
        size *= 2;
    }
    Hierarchy::new((0..leaves).map(|leaf| {
        let groups = steps.iter().map(|size| format!("{size}#{}", leaf / size));
        let line = std::iter::once(format!("v{leaf}")).chain(groups).chain(["*".to_owned()]);
        (leaf as u64 + 1, line.collect())
    }))
    .unwrap()
}

/// The labels under which each row is published, with its sensitive value.
fn recode(sizes: &[usize], rows: &[(Vec<usize>, u32)], rules: &Rules, search: &Search) -> Result<(Vec<Vec<String>>, f64), Refused> {
    let mut table = Table::new(sizes.iter().map(|size| doubling(*size)).collect());
    let mut items = Vec::new();
    for (values, sensitive) in rows {
        let leaves: Vec<u32> =
            values.iter().zip(table.hierarchies()).map(|(value, tree)| tree.leaf(&format!("v{value}")).unwrap()).collect();
        items.push(table.push(&leaves, *sensitive).unwrap());
    }
    let mut recoded = table.anonymise(rules, search)?;
    let loss = recoded.loss();
    let labels = items.iter().map(|item| recoded.next_class(*item).unwrap().labels().to_vec()).collect();
    assert!(items.iter().all(|item| recoded.next_class(*item).is_none()), "a row too many");
    Ok((labels, loss))
}

/// Whether a value lies below a label of [`doubling`].
fn covers(label: &str, value: usize) -> bool {
    match label.split_once('#') {
        Some((size, group)) => value / size.parse::<usize>().unwrap() == group.parse::<usize>().unwrap(),
        None => label == "*" || label == format!("v{value}"),
    }
}

/// The loss as an outsider computes it from the two tables.
fn loss_from_outside(rows: &[(Vec<usize>, u32)], labels: &[Vec<String>]) -> f64 {
    let width = rows[0].0.len();
    let mut sum = 0.0;
    for column in 0..width {
        let observed: std::collections::BTreeSet<usize> = rows.iter().map(|(values, _)| values[column]).collect();
        for row in labels {
            let below = observed.iter().filter(|value| covers(&row[column], **value)).count();
            sum += if observed.len() > 1 { (below - 1) as f64 / (observed.len() - 1) as f64 } else { 0.0 };
        }
    }
    sum / (width * rows.len()) as f64
}

type Rows = Vec<(Vec<usize>, u32)>;

fn tables() -> impl Strategy<Value = (Vec<usize>, Rows)> {
    prop::collection::vec(1_usize..20, 1..5).prop_flat_map(|sizes| {
        let row = sizes.iter().map(|size| 0..*size).collect::<Vec<_>>();
        let rows = prop::collection::vec((row, 0_u32..4), 1..120);
        (Just(sizes), rows)
    })
}

fn rules() -> impl Strategy<Value = Rules> {
    (2_u64..8, 1_usize..4, prop_oneof![Just(1.0), 0.3..1.0]).prop_map(|(k, distinct, top_share)| Rules { k, distinct, top_share })
}

/// Classes as a reader sees them: rows of equal labels.
fn classes(rows: &Rows, labels: &[Vec<String>]) -> HashMap<Vec<String>, HashMap<u32, u64>> {
    let mut classes: HashMap<Vec<String>, HashMap<u32, u64>> = HashMap::new();
    for ((_, sensitive), labels) in rows.iter().zip(labels) {
        *classes.entry(labels.clone()).or_default().entry(*sensitive).or_default() += 1;
    }
    classes
}

fn holds(rules: &Rules, values: &HashMap<u32, u64>) -> bool {
    let records: u64 = values.values().sum();
    let top = values.values().max().copied().unwrap_or(0) as f64;
    records >= rules.k && values.len() >= rules.distinct && (rules.top_share >= 1.0 || top <= rules.top_share * records as f64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_class_satisfies_the_rules_and_covers_its_rows((sizes, rows) in tables(), rules in rules(), seed in 0_u64..9, effort in 0_u32..4) {
        let all = rows.iter().fold(HashMap::new(), |mut all, (_, value)| { *all.entry(*value).or_default() += 1; all });
        match recode(&sizes, &rows, &rules, &Search { effort, seed }) {
            Err(Refused::Unmet(_)) => prop_assert!(!holds(&rules, &all), "refused without need"),
            Err(other) => prop_assert!(false, "{other}"),
            Ok((labels, loss)) => {
                prop_assert_eq!(labels.len(), rows.len());
                for ((values, _), labels) in rows.iter().zip(&labels) {
                    for (value, label) in values.iter().zip(labels) {
                        prop_assert!(covers(label, *value), "{} does not cover {}", label, value);
                    }
                }
                for (labels, values) in classes(&rows, &labels) {
                    prop_assert!(holds(&rules, &values), "{:?} {:?} under {:?}", labels, values, rules);
                }
                prop_assert!((loss - loss_from_outside(&rows, &labels)).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn more_effort_never_loses_more((sizes, rows) in tables(), rules in rules(), seed in 0_u64..9) {
        let mut last = f64::MAX;
        for effort in [0, 1, 2, 5] {
            if let Ok((_, loss)) = recode(&sizes, &rows, &rules, &Search { effort, seed }) {
                prop_assert!(loss <= last + 1e-12);
                last = loss;
            }
        }
    }
}

/// A table large enough for several regions.
fn many() -> (Vec<usize>, Rows) {
    let mut random = random::Random::of(&[42]);
    let sizes = vec![64, 12, 5, 2];
    let rows = (0..6000)
        .map(|_| (sizes.iter().map(|size| random.below(*size).min(random.below(*size))).collect(), random.below(3) as u32))
        .collect();
    (sizes, rows)
}

#[test]
fn the_same_seed_gives_the_same_table_on_any_number_of_threads() {
    let (sizes, rows) = many();
    let rules = Rules { k: 4, distinct: 2, top_share: 0.8 };
    let on = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| recode(&sizes, &rows, &rules, &Search { effort: 3, seed }).unwrap().0)
    };
    let once = on(1, 7);
    assert!(once == on(3, 7), "threads make a difference");
    assert!(once != on(3, 8), "the seed makes no difference");
}

#[test]
fn many_rows_with_few_distinct_ones_hold_too() {
    let mut random = random::Random::of(&[5]);
    let rows: Rows = (0..20_000)
        .map(|_| (vec![random.below(8).min(random.below(8)), random.below(6), random.below(4) / 3], u32::from(random.below(9) == 0)))
        .collect();
    for rules in [Rules::of_size(25), Rules { k: 5, distinct: 2, top_share: 1.0 }, Rules { k: 11, distinct: 2, top_share: 0.92 }] {
        let (labels, _) = recode(&[8, 6, 2], &rows, &rules, &Search { effort: 6, seed: 2 }).unwrap();
        assert!(classes(&rows, &labels).values().all(|values| holds(&rules, values)), "{rules:?}");
    }
}

#[test]
fn effort_pays() {
    let (sizes, rows) = many();
    let loss = |effort| recode(&sizes, &rows, &Rules::of_size(5), &Search { effort, seed: 1 }).unwrap().1;
    let (none, some, more) = (loss(0), loss(2), loss(6));
    assert!(none > some && some > more, "{none} {some} {more}");
}

#[test]
fn a_column_of_more_labels_than_the_tables_hold_works_alike() {
    let mut random = random::Random::of(&[1]);
    let rows: Rows = (0..3000).map(|_| (vec![random.below(3000), random.below(4)], 0)).collect();
    let (labels, loss) = recode(&[3000, 4], &rows, &Rules::of_size(3), &Search { effort: 1, seed: 1 }).unwrap();
    assert!(classes(&rows, &labels).values().all(|values| values[&0] >= 3));
    assert!((loss - loss_from_outside(&rows, &labels)).abs() < 1e-4);
    assert!(loss < 0.2, "{loss}");
}

#[test]
fn enough_equal_rows_stay_as_they_are() {
    let rows: Rows = (0..40).map(|row| (vec![row % 4, row % 2], 0)).collect();
    let (labels, loss) = recode(&[4, 2], &rows, &Rules::of_size(10), &Search::default()).unwrap();
    assert_eq!(loss, 0.0);
    assert_eq!(labels[3], ["v3", "v1"]);
}

#[test]
fn rows_that_do_not_fit_are_refused() {
    let mut table = Table::new(vec![doubling(4)]);
    let top = table.hierarchies()[0].parent(table.hierarchies()[0].leaf("v0").unwrap()).unwrap();
    assert_eq!(table.push(&[], 0), Err(Refused::Row));
    assert_eq!(table.push(&[top], 0), Err(Refused::Row));
    assert_eq!(table.push(&[9999], 0), Err(Refused::Row));
    assert!(matches!(table.anonymise(&Rules::of_size(2), &Search::default()), Err(Refused::Unmet(Unmet::Records { has: 0, needs: 2 }))));
}
