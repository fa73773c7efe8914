//! The quick starts of `/docs/`, taken from the page as a reader copies them,
//! run with their tools, and compared with what the API answers. R runs where
//! it is installed (`make quickstarts` installs it); Excel's query is not run:
//! what its address answers is read the way Excel reads it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::http::Client;
use crate::{datasets, prepared, scratch};

/// The quick starts on the page, by name.
fn shown(page: &str) -> BTreeMap<String, String> {
    page.split("<code id=\"")
        .skip(1)
        .map(|part| {
            let (name, rest) = part.split_once("\">").unwrap();
            let (text, _) = rest.split_once("</code>").unwrap();
            (name.to_owned(), text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"))
        })
        .collect()
}

/// What a program prints, run in `folder`.
fn output(program: &Path, arguments: &[&str], folder: &Path) -> String {
    // Nothing here goes through a proxy.
    let output = Command::new(program).args(arguments).current_dir(folder).env("no_proxy", "127.0.0.1").output().unwrap();
    assert!(output.status.success(), "{program:?} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The address in a text, from `/v1/` on, that holds `word`.
fn address(text: &str, word: &str) -> String {
    let starts = text.match_indices("/v1/").map(|(at, _)| &text[at..]);
    let mut all = starts.map(|rest| rest[..rest.find(['\'', '"', '\n']).unwrap()].to_owned());
    all.find(|address| address.contains(word)).unwrap_or_else(|| panic!("no address with {word} in {text}"))
}

/// Areas, values and statuses of the question, and the rows of the list.
fn expected(client: &Client, texts: &BTreeMap<String, String>) -> (Vec<[String; 3]>, u64) {
    let totals = client.get(&address(&texts["python.py"], "/v1/statistics/totals")).is(200).json();
    let cells = totals["data"].as_array().unwrap();
    assert!(!cells.is_empty(), "a question without an answer: {totals}");
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let cells = cells.iter().map(|one| [text(&one["area"]), text(&one["value"]), text(&one["status"])]).collect();
    let list = client.get(&address(&texts["python.py"], "/v1/recipients")).is(200).json();
    let total = list["total"].as_u64().unwrap();
    assert!(total > 0, "a list without rows: {list}");
    (cells, total)
}

#[test]
fn each_quick_start_runs_and_says_what_the_api_says() {
    let server = prepared::published().office.serve();
    let client = server.client();
    let page = client.get("/docs/").is(200).text().to_owned();
    let texts = shown(&page);
    assert_eq!(texts.keys().collect::<Vec<_>>(), ["curl.sh", "duckdb.sql", "excel.pq", "javascript.mjs", "python.py", "r.R"]);
    let folder = scratch::folder("quickstart");
    for (name, text) in &texts {
        assert!(!text.contains("{{") && text.contains(client.base()), "{name}: {text}");
        assert_eq!(client.get(&format!("/docs/quickstart/{name}")).is(200).text(), text, "the page and the file differ");
        std::fs::write(folder.join(name), text).unwrap();
    }
    let (cells, rows) = expected(client, &texts);

    // The first question on the page is the one the quick starts ask.
    let (_, first) = page.split_once("class=\"run\" href=\"").unwrap();
    let first = first.split('"').next().unwrap().replace("&amp;", "&");
    assert_eq!(client.get(&first).is(200).json()["total"], cells.len());

    let printed = output(Path::new("sh"), &["curl.sh"], &folder);
    let lines: Vec<Vec<&str>> = printed.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let null = |value: &str| if value.is_empty() { "null".to_owned() } else { value.to_owned() };
    let found: Vec<[String; 3]> = lines.iter().map(|one| [one[0].to_owned(), null(one[5]), one[6].to_owned()]).collect();
    assert_eq!(found, cells, "curl");
    let csv = std::fs::read_to_string(folder.join("recipients.csv")).unwrap();
    assert_eq!(csv.lines().count() as u64, rows + 1, "curl");

    for (program, file) in [("python3", "python.py"), ("node", "javascript.mjs")] {
        let printed = output(Path::new(program), &[file], &folder).replace("None", "null");
        let mut expected: Vec<String> = cells.iter().map(|one| one.join(" ")).collect();
        expected.push(format!("{rows} / {rows}"));
        assert_eq!(printed.lines().collect::<Vec<_>>(), expected, "{file}");
    }

    let sql = &texts["duckdb.sql"];
    let download = sql.lines().next().unwrap().strip_prefix("-- ").unwrap();
    output(Path::new("sh"), &["-c", download], &folder);
    let run = "import duckdb\nfor one in duckdb.extract_statements(open('duckdb.sql').read()): rows = duckdb.execute(one).fetchall()\nprint(rows[0][0])";
    let printed = output(&datasets::python(), &["-c", run], &folder);
    let list = address(&texts["python.py"], "/v1/recipients");
    let program = list.split("program=").nth(1).unwrap().split('&').next().unwrap();
    let area = address(&texts["python.py"], "/v1/statistics").split("area=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let whole = client.get(&format!("/v1/recipients?area={area}&program={program}")).is(200).json();
    assert_eq!(printed.trim(), whole["total"].to_string(), "DuckDB");

    let bytes = client.get(&address(&texts["excel.pq"], "bom=1")).is(200).body;
    let text = String::from_utf8(bytes).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("Excel reads UTF-8 by the mark at its beginning");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let found: Vec<String> = reader.records().map(|record| record.unwrap()[0].to_owned()).collect();
    assert_eq!(found, cells.iter().map(|one| one[0].clone()).collect::<Vec<_>>(), "Excel");

    if Command::new("Rscript").arg("--version").output().is_ok_and(|output| output.status.success()) {
        let printed = output(Path::new("Rscript"), &["r.R"], &folder);
        assert_eq!(printed.lines().last().unwrap().trim(), rows.to_string(), "R");
        for [area, value, status] in &cells {
            let value = value.replace("null", "NA");
            assert!(
                printed.lines().any(|line| line.split_whitespace().skip(1).eq([area.as_str(), &value, status])),
                "R: {area} {value} {status}\n{printed}"
            );
        }
    } else {
        println!("R is not installed: its quick start was not run (make quickstarts installs it)");
    }
}
