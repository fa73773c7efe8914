//! PostgreSQL as a peer of SQLite: roles, two admissions at once, replicas that
//! lag and die, a server that is killed and comes back, tables of other
//! software. What is answered is what SQLite answers over the same folder.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::http::{Client, Reply};
use crate::office::{Office, Server};
use crate::postgres::Server as Postgres;
use crate::running::Running;
use crate::{prepared, scratch};

/// Quotas that do not stand in the way.
pub const WIDE: [&str; 6] = ["--limit-list", "1000000/60", "--limit-statistics", "1000000/60", "--limit-downloads", "1000000/60"];

/// A host of its own: the keys of the shared office, nothing admitted.
pub fn host(name: &str, catalogue: Option<&str>) -> Office {
    let data = scratch::folder(name).join("data");
    std::fs::create_dir_all(&data).unwrap();
    scratch::copy(&prepared::published().office.data.join("keys"), &data.join("keys"));
    Office::at(data, catalogue)
}

/// The folder of a release of the shared office.
pub fn release(name: &str) -> String {
    prepared::published().office.releases().join(name).to_str().unwrap().to_owned()
}

/// Questions that no earlier call asked, so that no cache answers them.
struct Questions {
    asked: u32,
    /// What was answered, by the pinned address.
    answers: BTreeMap<String, Vec<u8>>,
}

impl Questions {
    fn next(&mut self) -> String {
        self.asked += 1;
        let limit = 1 + self.asked % 1000;
        match self.asked % 4 {
            0 => format!("/v1/statistics/totals?limit={limit}"),
            1 => format!("/v1/recipients?area=12.74&limit={limit}"),
            2 => format!("/v1/statistics/demographics?area=36.71&limit={limit}"),
            _ => format!("/v1/recipients?sex=F&limit={limit}"),
        }
    }

    /// Asks `count` new questions; all are answered at this version.
    fn ask(&mut self, client: &Client, count: u32, version: u64) {
        for _ in 0..count {
            let path = self.next();
            let reply = client.get(&path).is(200);
            assert_eq!(reply.json()["version"], version, "{path}");
            self.answers.insert(reply.header("content-location").to_owned(), reply.body);
        }
    }
}

/// Waits until a version answers.
#[track_caller]
pub fn version(client: &Client, wanted: u64) {
    let start = Instant::now();
    loop {
        let reply = client.get("/readyz");
        if reply.status == 200 && reply.json()["version"] == wanted {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "version {wanted} does not answer within 20 s: {}", reply.start());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Connections of the product to a server.
fn connections(server: &Postgres) -> u32 {
    server.sql("bansos", "katalog", "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'bansos-api'").unwrap().parse().unwrap()
}

/// A 503 that says when to come back, and comes before the client gives up.
#[track_caller]
fn away(client: &Client, path: &str) {
    let start = Instant::now();
    let reply: Reply = client.get(path);
    assert!(start.elapsed() < Duration::from_secs(8), "{path}: 503 only after {:?}", start.elapsed());
    assert!(!reply.header("retry-after").is_empty(), "{path}: {} without Retry-After: {}", reply.status, reply.start());
    assert_eq!(reply.problem(503)["code"], "not-ready", "{path}");
}

#[test]
fn postgresql_is_a_full_peer() {
    let mut primary = Postgres::open("primary");
    primary.sql("bansos", "postgres", "CREATE DATABASE katalog").unwrap();
    let roles = prepared::published().office.api(&["database", "roles"]).succeeds().stdout;
    for _ in 0..2 {
        primary.sql("bansos", "katalog", &roles).unwrap();
    }
    let host = host("peer", Some(&primary.url("bansos_writer", "katalog")));

    // Two at once on an empty database, over one log.
    std::thread::scope(|scope| {
        let all = ["12.74-2025-01", "36.71-2025-01"].map(|name| {
            let host = &host;
            scope.spawn(move || host.api(&["admit", &release(name)]))
        });
        all.into_iter().for_each(|one| drop(one.join().unwrap().succeeds()));
    });
    assert_eq!(primary.sql("bansos_reader", "katalog", "SELECT COUNT(*) FROM log_entries").unwrap(), "2");

    reads_only(&primary, &host);

    let (mut one, mut two) = (primary.replica("replica-one"), primary.replica("replica-two"));
    let replicas = format!("{},{}", one.url("bansos_reader", "katalog"), two.url("bansos_reader", "katalog"));
    let reader = Office::at(host.data.clone(), Some(&primary.url("bansos_reader", "katalog")));
    let server = Running::start(&reader, &["--catalogue-replicas", &replicas]);
    let client = &server.client;
    let mut questions = Questions { asked: 0, answers: BTreeMap::new() };
    version(client, 2);
    questions.ask(client, 12, 2);
    // The primary is asked for its version and nothing else.
    assert_eq!(connections(&primary), 1, "the primary is read although both replicas answer");
    assert!(connections(&one) > 1 && connections(&two) > 1, "a replica is not read");

    // One replica lags, the other dies: the new version is read from the primary.
    one.sql("bansos", "katalog", "SELECT pg_wal_replay_pause()").unwrap();
    two.kill();
    questions.ask(client, 8, 2);
    host.api(&["admit", &release("12.74-2025-02")]).succeeds();
    version(client, 3);
    questions.ask(client, 8, 3);
    assert_eq!(one.sql("bansos", "katalog", "SELECT MAX(version) FROM log_entries").unwrap(), "2");

    // The replica has caught up and the primary dies.
    one.sql("bansos", "katalog", "SELECT pg_wal_replay_resume()").unwrap();
    let start = Instant::now();
    while one.sql("bansos", "katalog", "SELECT MAX(version) FROM log_entries").unwrap() != "3" {
        assert!(start.elapsed() < Duration::from_secs(20), "the replica does not catch up");
        std::thread::sleep(Duration::from_millis(50));
    }
    primary.kill();
    std::thread::sleep(Duration::from_secs(1));
    questions.ask(client, 8, 3);

    // Nobody is left: 503 at once, but what is in the cache; and back by itself.
    let kept = "/v1/recipients?area=12.74&program=PKH";
    client.get(kept).is(200);
    one.kill();
    for limit in 1..=20 {
        away(client, &format!("/v1/statistics/payments?limit={limit}"));
    }
    away(client, "/readyz");
    client.get("/healthz").is(200);
    client.get(kept).is(200);
    // The server looks twice a second and tells it once, not each time.
    std::thread::sleep(Duration::from_millis(1600));
    let said = |text: &str| server.log().matches(text).count();
    assert_eq!(said("the catalogue cannot be read"), 1, "{}", server.log());
    primary.start();
    let start = Instant::now();
    version(client, 3);
    while said("the catalogue can be read again") != 1 {
        assert!(start.elapsed() < Duration::from_secs(20), "nothing says that the database is back: {}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    println!("PostgreSQL back: answered again after {:.1} s", start.elapsed().as_secs_f64());
    questions.ask(client, 8, 3);

    // A statement that waits is broken off before the client is.
    hangs(&primary, client, "/v1/statistics/payments?limit=40");

    other_software(&primary, &host, &reader, client);
    same_as_sqlite(&host, &questions);
}

/// The server's role cannot write, whatever it is told.
fn reads_only(primary: &Postgres, host: &Office) {
    for statement in [
        "INSERT INTO pools VALUES (1, 'x')",
        "UPDATE releases SET simulated = false",
        "DELETE FROM cells",
        "TRUNCATE cells",
        "DROP TABLE cells",
        "CREATE TABLE mine (a int)",
        "CREATE TEMPORARY TABLE mine (a int)",
        "ALTER TABLE cells ADD COLUMN mine int",
    ] {
        let told = primary.sql("bansos_reader", "katalog", statement).unwrap_err();
        assert!(told.contains("read-only transaction"), "{statement}: {told}");
        let told = primary.sql("bansos_reader", "katalog", &format!("BEGIN READ WRITE; {statement}")).unwrap_err();
        assert!(told.contains("permission denied") || told.contains("must be owner"), "{statement}: {told}");
    }
    let reader = Office::at(host.data.clone(), Some(&primary.url("bansos_reader", "katalog")));
    reader.api(&["rebuild"]).fails().says(&["read-only"]);
}

/// A table that somebody has locked.
fn hangs(primary: &Postgres, client: &Client, path: &str) {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            primary
                .sql("bansos", "katalog", "BEGIN; LOCK TABLE lists, series IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(12); COMMIT")
                .unwrap();
        });
        std::thread::sleep(Duration::from_millis(500));
        let start = Instant::now();
        let reply = client.get(path);
        assert!(start.elapsed() < Duration::from_secs(12), "answered only after {:?}", start.elapsed());
        assert!(!reply.header("retry-after").is_empty());
        reply.problem(503);
    });
    client.get(path).is(200);
}

/// Tables of newer and of older software: it is said what to do.
fn other_software(primary: &Postgres, host: &Office, reader: &Office, client: &Client) {
    let sql = |text: &str| primary.sql("bansos", "katalog", text).unwrap();
    sql("INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000000')");
    host.api(&["admit", &release("36.71-2025-02")]).fails().says(&["newer version of this software", "20991231000000", "rebuild"]);
    let start = Instant::now();
    let log = || scratch::files(&reader.prints).iter().any(|path| std::fs::read_to_string(path).unwrap().contains("newer version of this"));
    while !log() {
        assert!(start.elapsed() < Duration::from_secs(10), "the server does not log that the catalogue is of newer software");
        std::thread::sleep(Duration::from_millis(100));
    }
    sql("DELETE FROM __diesel_schema_migrations WHERE version = '20991231000000'");

    sql("DELETE FROM __diesel_schema_migrations WHERE version = '20261122000300'");
    sql("ALTER TABLE releases DROP COLUMN expected_on");
    host.api(&["admit", &release("36.71-2025-02")]).succeeds();
    assert_eq!(sql("SELECT COUNT(*) FROM releases WHERE expected_on IS NULL"), "0", "a migrated column is filled from the folders");
    version(client, 4);

    // A database that follows another log is left alone.
    let other = self::host("peer-other", host.catalogue.as_deref());
    other.api(&["admit", &release("21.03-2025-01")]).fails().says(&["log"]);
    assert_eq!(sql("SELECT COUNT(*) FROM log_entries"), "4");
}

/// Every answer that was given, from SQLite over the same folder.
fn same_as_sqlite(host: &Office, questions: &Questions) {
    let to = scratch::folder("peer-sqlite").join("data");
    scratch::copy(&host.data, &to);
    let sqlite = Office::at(to, None);
    sqlite.api(&["rebuild"]).succeeds();
    let server: Server = sqlite.serve_with(&WIDE);
    for (path, body) in &questions.answers {
        let other = server.client().get(path).is(200).body;
        assert!(&other == body, "{path}: PostgreSQL and SQLite differ");
    }
    println!("{} answers of PostgreSQL, the same from SQLite", questions.answers.len());
}

#[test]
fn replicas_are_named_rightly() {
    let office = host("peer-names", None);
    office
        .api(&["serve", "--catalogue-replicas", "postgres://127.0.0.1:1/x"])
        .fails()
        .says(&["replicas belong to a catalogue in PostgreSQL"]);
    let postgres = Office::at(office.data.clone(), Some("postgres://nobody:secret@127.0.0.1:1/x"));
    postgres.api(&["serve", "--catalogue-replicas", "mysql://127.0.0.1:1/x"]).fails().says(&["postgres://"]);
    let told = postgres.api(&["rebuild"]).fails();
    assert!(!told.stderr.contains("secret"), "a password is told: {}", told.stderr);
    let tls = Office::at(office.data.clone(), Some("postgres://127.0.0.1:1/x?sslmode=require"));
    tls.api(&["rebuild"]).fails().says(&["tunnel"]);
}
