//! The end-to-end tests: what a stranger can see of the product, from outside.
//!
//! They run the three binaries (`BANSOS_BIN`, `BANSOS_API_BIN`,
//! `BANSOS_AUDIT_BIN`, else those beside this test in the target folder, built
//! with the feature `test-hooks`), read the files these write and the answers
//! they serve, and link nothing of the product: what they compare with is
//! their own reading of the published forms.

#![expect(clippy::unwrap_used, reason = "a test ends where what it needs is not there")]

// The longest; tests begin by name, and this one shall not be the last.
mod anonymity;
mod audit;
mod audit_whole;
mod bad_input;
mod browser;
mod canary;
mod changes;
mod clients;
mod columns;
mod complaints;
mod confusion;
mod contract;
mod datasets;
mod defects;
mod demo;
mod dependencies;
mod describe;
mod differences;
mod downloads;
mod faults;
mod figures;
mod findings;
mod forge;
mod history;
mod hostile;
mod http;
mod layouts;
mod libreoffice;
mod log;
mod made_up;
mod mutate;
mod nginx;
mod office;
mod operator;
mod peer;
mod postgres;
mod prepared;
mod privacy;
mod quickstart;
mod rebuild;
mod requests;
mod rounds;
mod running;
mod scratch;
mod status;
mod templates;
mod tiny;
mod totals;
mod trace;
mod truth;
mod walks;
mod wall;
