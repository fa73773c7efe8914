//! The command over small files.

use std::fs;

use super::*;

const AGES: &str = "1;0-4;*\n2;0-4;*\n7;5-9;*\n8;5-9;*\n";
const SEXES: &str = "f,*\nm,*\n";

struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new(input: &str) -> Case {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("in.csv"), input).unwrap();
        fs::write(folder.path().join("x_hierarchy_age.csv"), AGES).unwrap();
        fs::write(folder.path().join("x_hierarchy_sex.csv"), SEXES).unwrap();
        Case { folder }
    }

    fn run(&self, change: impl FnOnce(&mut Arguments)) -> Result<String, String> {
        let mut arguments = Arguments {
            input: self.folder.path().join("in.csv"),
            hierarchies: self.folder.path().to_path_buf(),
            quasi: vec!["age".into(), "sex".into()],
            k: 2,
            sensitive: None,
            l: None,
            top_share: None,
            effort: None,
            seed: 1,
            out: self.folder.path().join("out.csv"),
        };
        change(&mut arguments);
        run(&arguments).map_err(|error| format!("{error:#}"))?;
        Ok(fs::read_to_string(self.folder.path().join("out.csv")).unwrap())
    }
}

#[test]
fn only_quasi_identifiers_change() {
    let case = Case::new("note,sex,age,ill\r\n\"a,b\",f,1,x\r\n c ,f,\"2\",y\r\nd,m,7,x\r\n\r\ne,m,7,x");
    let output = case.run(|_| ()).unwrap();
    assert_eq!(output, "note,sex,age,ill\r\n\"a,b\",f,0-4,x\r\n c ,f,\"0-4\",y\r\nd,m,7,x\r\n\r\ne,m,7,x");
    let diverse = case.run(|arguments| (arguments.sensitive, arguments.l) = (Some("ill".into()), Some(2))).unwrap();
    assert!(diverse.ends_with(",*,x"), "{diverse}");
}

#[test]
fn errors_say_what_where_and_how() {
    let case = Case::new("age;sex;ill\n1;f;x\n2;f;x\n3;f;x\n");
    assert!(case.run(|_| ()).unwrap_err().contains("in.csv line 4: the value of age is not a leaf of"));
    let case = Case::new("age;sex;ill\n1;f;x\n2 ;f;x\n");
    assert!(case.run(|_| ()).unwrap_err().contains("without the blanks"));
    let case = Case::new("age;sex;ill\n1;f;x\n2;f\n");
    assert!(case.run(|_| ()).unwrap_err().contains("line 3: 2 columns"));
    let case = Case::new("age;sex;ill\n1;f;x\n2;f;x\n");
    assert!(case.run(|arguments| arguments.k = 3).unwrap_err().contains("2 records, fewer than k = 3"));
    let l = |arguments: &mut Arguments| (arguments.sensitive, arguments.l) = (Some("ill".into()), Some(2));
    assert!(case.run(l).unwrap_err().contains("1 distinct sensitive values, fewer than l = 2"));
    assert!(case.run(|arguments| arguments.sensitive = Some("ill".into())).unwrap_err().contains("--l"));
    assert!(case.run(|arguments| arguments.quasi.push("ill".into())).unwrap_err().contains("hierarchy_ill.csv"));
    assert!(case.run(|arguments| arguments.quasi.push("age".into())).unwrap_err().contains("twice"));
    assert!(case.run(|arguments| arguments.quasi.push("job".into())).unwrap_err().contains("no column job; the columns are age, sex, ill"));
    assert!(case.run(|arguments| arguments.out = arguments.input.clone()).unwrap_err().contains("the input itself"));
    let hierarchy = |arguments: &mut Arguments| arguments.out = arguments.hierarchies.join("x_hierarchy_sex.csv");
    assert!(case.run(hierarchy).unwrap_err().contains("--out is the hierarchy"));
    assert_eq!(fs::read_to_string(case.folder.path().join("x_hierarchy_sex.csv")).unwrap(), SEXES);
    assert!(case.run(|arguments| arguments.quasi.push(String::new())).unwrap_err().contains("empty name"));
    assert!(!case.folder.path().join("out.csv").exists());
}
