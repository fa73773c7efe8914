//! Settings: flag, else environment, else `bansos.toml` in the data folder,
//! else the default. Each is in this table; `bansos init` writes it out.

use std::path::Path;

use anyhow::{Context, bail};

/// One setting.
pub struct Setting {
    /// Its key in `bansos.toml`.
    pub key: &'static str,
    /// Its environment variable.
    pub environment: &'static str,
    /// Its default, as `bansos.toml` would say it; empty where there is none.
    pub default: &'static str,
    /// What it is for.
    pub help: &'static str,
}

/// Every setting of `bansos`.
pub const ALL: &[Setting] = &[
    Setting {
        key: "data",
        environment: "BANSOS_DATA",
        default: "",
        help: "The data folder (flag --data; not read from this file, which lies in it).",
    },
    Setting {
        key: "origin",
        environment: "BANSOS_ORIGIN",
        default: "\"bansos-terbuka.localhost\"",
        help: "Name of this host in keys and in the transparency log: a domain you hold.",
    },
    Setting {
        key: "k",
        environment: "BANSOS_K",
        default: "11",
        help: "Fewest rows, and families, of an equivalence class; 5 is the floor.",
    },
    Setting {
        key: "listen",
        environment: "BANSOS_LISTEN",
        default: "\"127.0.0.1:8080\"",
        help: "Address that API and site are served on.",
    },
    Setting {
        key: "site_source",
        environment: "BANSOS_SITE_SOURCE",
        default: "",
        help: "Folder of the site's templates; found beside the program by default.",
    },
];

/// The `bansos.toml` of a data folder; empty when there is none.
pub struct File(toml::Table);

impl File {
    /// Reads it.
    pub fn read(data: &Path) -> anyhow::Result<File> {
        let path = data.join("bansos.toml");
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(File(text.parse().with_context(|| path.display().to_string())?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(File(toml::Table::new())),
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        }
    }

    /// The text or number under `key`, as text.
    pub fn get(&self, key: &str) -> anyhow::Result<Option<String>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(toml::Value::String(text)) => Ok(Some(text.clone())),
            Some(toml::Value::Integer(number)) => Ok(Some(number.to_string())),
            Some(other) => bail!("bansos.toml: {key} is a {}, expected text or a whole number", other.type_str()),
        }
    }
}

/// A setting's value: `given` by flag or environment, else from the file, else
/// the default of the table.
pub fn value<T>(data: &Path, key: &str, given: Option<T>) -> anyhow::Result<T>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    if let Some(given) = given {
        return Ok(given);
    }
    let default = ALL.iter().find(|setting| setting.key == key).map_or("", |setting| setting.default.trim_matches('"'));
    let text = File::read(data)?.get(key)?.unwrap_or_else(|| default.to_owned());
    text.parse().map_err(|error| anyhow::anyhow!("setting {key}: {error}"))
}

/// The settings file that `bansos init` writes: every setting, commented out.
pub fn template() -> String {
    let mut text = String::from("# Settings of Bansos Terbuka. A flag goes before the environment, the environment before this file.\n");
    for setting in ALL.iter().filter(|setting| setting.key != "data") {
        text += &format!(
            "\n# {}\n# ({})\n# {} = {}\n",
            setting.help,
            setting.environment,
            setting.key,
            if setting.default.is_empty() { "\"…\"" } else { setting.default }
        );
    }
    text
}
