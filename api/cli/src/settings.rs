//! Settings: flag, else environment, else `bansos.toml` in the data folder,
//! else the default. Each is in this table; `bansos init` writes it out.

use std::path::Path;

use anyhow::{Context, bail};

/// One setting.
pub struct Setting {
    /// Its key in `bansos.toml`.
    pub key: &'static str,
    /// The table it stands in: `office`, `publish` and `rules` are the operator's, `server`
    /// is shared with `bansos-api`; empty where the file cannot say it.
    pub table: &'static str,
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
        table: "",
        environment: "BANSOS_DATA",
        default: "",
        help: "The data folder (flag --data; not read from this file, which lies in it).",
    },
    Setting {
        key: "origin",
        table: "office",
        environment: "BANSOS_ORIGIN",
        default: "\"bansos-terbuka.localhost\"",
        help: "Name of this host in keys and in the transparency log: a domain you hold.",
    },
    Setting {
        key: "k",
        table: "office",
        environment: "BANSOS_K",
        default: "11",
        help: "Fewest rows, and families, of an equivalence class; 5 is the floor.",
    },
    Setting {
        key: "site_source",
        table: "office",
        environment: "BANSOS_SITE_SOURCE",
        default: "\"site\"",
        help: "Folder of the site's templates; by default found beside or above the program.",
    },
    Setting {
        key: "site_depth",
        table: "office",
        environment: "BANSOS_SITE_DEPTH",
        default: "\"kelurahan\"",
        help: "Down to which areas the site has pages: kelurahan, or kecamatan for a site of a whole country.",
    },
    Setting {
        key: "address",
        table: "",
        environment: "BANSOS_ADDRESS",
        default: "",
        help: "Where readers find the site, such as https://bansos.example.go.id (flag --address; else https:// and the origin).",
    },
    Setting {
        key: "due_days",
        table: "publish",
        environment: "BANSOS_DUE_DAYS",
        default: "30",
        help: "Days after a month's end by which it is due to be published: every release says when it was expected.",
    },
    Setting {
        key: "listen",
        table: "server",
        environment: "BANSOS_LISTEN",
        default: "\"127.0.0.1:8080\"",
        help: "Address that API and site are served on. For the server's other settings see `bansos-api serve --help`.",
    },
    Setting {
        key: "off",
        table: "rules",
        environment: "BANSOS_RULES_OFF",
        default: "\"\"",
        help: "Rules that are not looked for, such as \"F03 F12\"; api/registry/RULES.md defines F01 to F12.",
    },
    Setting {
        key: "excluding",
        table: "rules",
        environment: "BANSOS_RULES_EXCLUDING",
        default: "\"BLT_DD+PKH BLT_DD+SEMBAKO BLT_DD+BST BST+PKH BST+SEMBAKO SEMBAKO_ADAPTIF+SEMBAKO\"",
        help: "F09: programs that a family must not have together.",
    },
    Setting {
        key: "desil",
        table: "rules",
        environment: "BANSOS_RULES_DESIL",
        default: "\"2025-04: PKH 4, SEMBAKO 5, PBI_JK 5\"",
        help: "F10: the highest desil of a program, by the month from which it holds: \"2025-04: PKH 4; 2026-01: PKH none\".",
    },
    Setting {
        key: "head_age",
        table: "rules",
        environment: "BANSOS_RULES_HEAD_AGE",
        default: "17",
        help: "F11: from which age on one may hold a family's card.",
    },
    Setting {
        key: "card_members",
        table: "rules",
        environment: "BANSOS_RULES_CARD_MEMBERS",
        default: "20",
        help: "F12: the most people on a family card.",
    },
];

/// The tables of the file, in the order in which they are written out.
const TABLES: [&str; 4] = ["office", "publish", "rules", "server"];

/// The `bansos.toml` of a data folder; empty when there is none.
pub struct File(toml::Table);

impl File {
    /// Reads it.
    pub fn read(data: &Path) -> anyhow::Result<File> {
        let path = data.join("bansos.toml");
        match std::fs::read_to_string(&path) {
            Ok(text) => File(text.parse().with_context(|| path.display().to_string())?).check(&path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(File(toml::Table::new())),
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        }
    }

    /// The text or number of a setting, as text.
    pub fn get(&self, setting: &Setting) -> anyhow::Result<Option<String>> {
        let value = match self.0.get(setting.table) {
            None => None,
            Some(toml::Value::Table(table)) => table.get(setting.key),
            Some(other) => bail!("bansos.toml: {} is a {}, expected a table", setting.table, other.type_str()),
        };
        match value {
            None => Ok(None),
            Some(toml::Value::String(text)) => Ok(Some(text.clone())),
            Some(toml::Value::Integer(number)) => Ok(Some(number.to_string())),
            Some(other) => {
                bail!("bansos.toml: {}.{} is a {}, expected text or a whole number", setting.table, setting.key, other.type_str())
            }
        }
    }

    /// Refuses what nobody reads: a misspelt setting would silently not hold.
    /// The table `server` is checked by `bansos-api`.
    fn check(self, path: &Path) -> anyhow::Result<File> {
        for (name, value) in &self.0 {
            let known = |key: &str| ALL.iter().any(|setting| setting.table == name && setting.key == key);
            match value {
                toml::Value::Table(_) if name == "server" => {}
                toml::Value::Table(table) if TABLES.contains(&name.as_str()) => {
                    if let Some(key) = table.keys().find(|key| !known(key)) {
                        bail!("{}: {name}.{key} is not a setting", path.display());
                    }
                }
                _ => bail!("{}: {name} is not a setting; they stand in the tables {}", path.display(), TABLES.join(", ")),
            }
        }
        Ok(self)
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
    let setting = ALL.iter().find(|setting| setting.key == key).with_context(|| format!("{key} is not a setting"))?;
    let text = File::read(data)?.get(setting)?.unwrap_or_else(|| setting.default.trim_matches('"').to_owned());
    text.parse().map_err(|error| anyhow::anyhow!("setting {key}: {error}"))
}

/// What the file says of a setting that has no default of its own.
pub fn written(data: &Path, key: &str) -> anyhow::Result<Option<String>> {
    let setting = ALL.iter().find(|setting| setting.key == key).with_context(|| format!("{key} is not a setting"))?;
    File::read(data)?.get(setting)
}

/// The settings file that `bansos init` writes: every setting, commented out.
pub fn template() -> String {
    let mut text = String::from("# Settings of Bansos Terbuka. A flag goes before the environment, the environment before this file.\n");
    for table in TABLES {
        text += &format!("\n[{table}]\n");
        for setting in ALL.iter().filter(|setting| setting.table == table) {
            text += &format!("# {}\n# ({})\n# {} = {}\n", setting.help, setting.environment, setting.key, setting.default);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_the_rules_are_those_of_the_registry() {
        let default = |key: &str| ALL.iter().find(|setting| setting.key == key).unwrap().default.trim_matches('"');
        let number = |key: &str| default(key).parse().unwrap();
        let read = registry::RuleSettings::read(
            default("off"),
            default("excluding"),
            default("desil"),
            number("head_age"),
            number("card_members"),
        );
        assert_eq!(read.unwrap(), registry::RuleSettings::default());
    }

    #[test]
    fn the_template_is_read_and_a_misspelt_setting_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bansos.toml");
        std::fs::write(&path, template().replace("# k = 11", "k = 12")).unwrap();
        assert_eq!(value::<u32>(folder.path(), "k", None).unwrap(), 12);
        assert_eq!(value::<u32>(folder.path(), "k", Some(13)).unwrap(), 13);
        assert_eq!(value::<String>(folder.path(), "listen", None).unwrap(), "127.0.0.1:8080");
        for wrong in ["k = 12\n", "[office]\nkk = 12\n", "[office]\nk = true\n", "[office\n", "[rules]\nk = 12\n"] {
            std::fs::write(&path, wrong).unwrap();
            assert!(value::<u32>(folder.path(), "k", None).is_err(), "{wrong}");
        }
    }
}
