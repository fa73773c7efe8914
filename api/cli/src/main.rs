//! `bansos`: the operator's command, on the restricted side of the wall.

mod commands;
mod host;
mod progress;
mod settings;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Writing the pages of a country is a third of the time in glibc's allocator, and
/// much less in this one.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Loads an office's restricted files and publishes sealed, anonymised releases.
#[derive(Parser)]
#[command(name = "bansos", version, after_help = "Example:\n  bansos demo\n  bansos --data data import files/36.71/2025-06")]
struct Arguments {
    /// The folder that holds registries, releases, log, site and keys.
    #[arg(long, global = true, env = "BANSOS_DATA", default_value = "data", value_name = "DIR")]
    data: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make folders, keys and the settings file.
    Init(commands::init::Arguments),
    /// Write made-up files of the five districts in the layouts of real ones.
    Simulate(commands::simulate::Arguments),
    /// Read files into the registry.
    Import(commands::import::Arguments),
    /// Count what the files say against each other: findings by rule, state and kecamatan.
    Check(commands::check::Arguments),
    /// Decide findings: one by one, in a workbook, or in bulk.
    Review(commands::review::Arguments),
    /// Write empty files to fill in: plan, deaths, complaints, lists, results, proposals.
    Template(commands::template::Arguments),
    /// Verify recipients in the field: whom to visit, sheets, results, progress.
    Verify(commands::verify::Arguments),
    /// Make releases: anonymise, attack, draft; with --yes seal and admit at once.
    Publish(commands::publish::Arguments),
    /// Sign a draft as the second person, and admit it here.
    Seal(commands::seal::Arguments),
    /// Withdraw a sealed release, with a reason that everybody sees.
    Withdraw(commands::withdraw::Arguments),
    /// Build the static site from the API.
    Site(commands::site::Arguments),
    /// Serve API, documents and site; or preview a draft on loopback.
    Serve(commands::serve::Arguments),
    /// Change the key of a district or of the log for a new one.
    RotateKey(commands::rotate_key::Arguments),
    /// Simulate, import, publish and serve the five districts.
    Demo(commands::demo::Arguments),
    /// Show an authorised auditor the record behind a row, and keep who asked.
    Trace(commands::trace::Arguments),
    /// Show what changed for a person over the months, or in a month for all, and keep who asked.
    History(commands::history::Arguments),
    /// Show what is loaded, found, verified and published, and what blocks publishing.
    Status(commands::status::Arguments),
    /// Anonymise any table by local recoding with hierarchy files.
    Anonymise(commands::anonymise::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let data = arguments.data;
    let result = match arguments.command {
        Command::Init(arguments) => commands::init::run(&data, &arguments),
        Command::Simulate(arguments) => commands::simulate::run(&arguments),
        Command::Import(arguments) => commands::import::run(&data, &arguments),
        Command::Check(arguments) => commands::check::run(&data, &arguments),
        Command::Review(arguments) => commands::review::run(&data, &arguments),
        Command::Template(arguments) => commands::template::run(&arguments),
        Command::Verify(arguments) => commands::verify::run(&data, &arguments),
        Command::Publish(arguments) => commands::publish::run(&data, &arguments),
        Command::Seal(arguments) => commands::seal::run(&data, &arguments),
        Command::Withdraw(arguments) => commands::withdraw::run(&data, &arguments),
        Command::RotateKey(arguments) => commands::rotate_key::run(&data, &arguments),
        Command::Site(arguments) => commands::site::run(&data, &arguments),
        Command::Serve(arguments) => commands::serve::run(&data, &arguments),
        Command::Demo(arguments) => commands::demo::run(&data, &arguments),
        Command::Trace(arguments) => commands::trace::run(&data, &arguments),
        Command::History(arguments) => commands::history::run(&data, &arguments),
        Command::Status(arguments) => commands::status::run(&data, &arguments),
        Command::Anonymise(arguments) => commands::anonymise::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bansos: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn every_command_has_help_with_an_example() {
        let mut command = super::Arguments::command();
        command.build();
        command.clone().debug_assert();
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            assert!(sub.get_about().is_some(), "{} has no help", sub.get_name());
            let example = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(example.contains("Example:"), "{} has no example", sub.get_name());
        }
    }

    #[test]
    fn every_setting_is_documented() {
        let mut command = super::Arguments::command();
        command.build();
        let documented: Vec<&str> = super::settings::ALL.iter().map(|setting| setting.environment).collect();
        let mut found = 0;
        for sub in std::iter::once(&command).chain(command.get_subcommands()) {
            for environment in sub.get_arguments().filter_map(clap::Arg::get_env) {
                let name = environment.to_string_lossy();
                assert!(documented.contains(&name.as_ref()), "{name} is not in the settings");
                found += 1;
            }
        }
        assert!(found >= documented.len(), "a documented setting is no longer one");
    }
}
