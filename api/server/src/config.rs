//! Settings of the server: flag, then environment, then `bansos.toml` in the
//! data folder, then the default. Each is documented here, once.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// A quota: so many requests in so many seconds. Written `300/60`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests.
    pub requests: u32,
    /// Seconds.
    pub seconds: u32,
}

impl FromStr for Quota {
    type Err = String;
    fn from_str(text: &str) -> Result<Quota, String> {
        let wrong = || format!("{text:?} is not a quota: expected REQUESTS/SECONDS such as 300/60, both at least 1");
        let (requests, seconds) = text.split_once('/').ok_or_else(wrong)?;
        let quota = Quota { requests: requests.parse().map_err(|_| wrong())?, seconds: seconds.parse().map_err(|_| wrong())? };
        if quota.requests == 0 || quota.seconds == 0 { Err(wrong()) } else { Ok(quota) }
    }
}

/// Addresses of a proxy: one, or a network such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether an address lies in the network.
    #[must_use]
    pub fn contains(&self, other: IpAddr) -> bool {
        let (a, b, width) = match (self.address, other.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(u32::from(a)), u128::from(u32::from(b)), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => (u128::from(a), u128::from(b), 128),
            _ => return false,
        };
        let shift = width - u32::from(self.bits);
        shift >= 128 || a >> shift == b >> shift
    }
}

impl FromStr for Network {
    type Err = String;
    fn from_str(text: &str) -> Result<Network, String> {
        let wrong = || format!("{text:?} is not an address or network: expected such as 10.0.0.1 or 10.0.0.0/8");
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), |bits| bits.parse().map_err(|_| wrong()))?;
        if bits > width { Err(wrong()) } else { Ok(Network { address: address.to_canonical(), bits }) }
    }
}

/// Everything the server can be told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Folder of the built site, served at `/`.
    pub site: Option<PathBuf>,
    /// Quota of lists, areas, releases and other JSON.
    pub limit_list: Quota,
    /// Quota of statistics.
    pub limit_statistics: Quota,
    /// Quota of files.
    pub limit_downloads: Quota,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Most bytes of encoded answers kept in memory.
    pub cache_bytes: u64,
    /// Most seconds until an answer begins.
    pub timeout_seconds: u64,
    /// Most connections at once.
    pub max_connections: usize,
    /// Most connections at once of one client.
    pub max_connections_per_client: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            site: None,
            limit_list: Quota { requests: 300, seconds: 60 },
            limit_statistics: Quota { requests: 300, seconds: 60 },
            limit_downloads: Quota { requests: 3000, seconds: 60 },
            trusted_proxies: Vec::new(),
            cache_bytes: 48 << 20,
            timeout_seconds: 30,
            max_connections: 4096,
            max_connections_per_client: 1024,
        }
    }
}

/// The part of `bansos.toml` that is the server's; other parts belong to the
/// operator's command.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerFile {
    /// Address and port, such as `127.0.0.1:8080`.
    pub listen: Option<String>,
    /// URL of the catalogue.
    pub catalogue: Option<String>,
    /// URLs of replicas of a catalogue in PostgreSQL, read first.
    pub catalogue_replicas: Option<Vec<String>>,
    /// Folder of the built site.
    pub site: Option<PathBuf>,
    /// Quota of lists, `REQUESTS/SECONDS`.
    pub limit_list: Option<String>,
    /// Quota of statistics, `REQUESTS/SECONDS`.
    pub limit_statistics: Option<String>,
    /// Quota of files, `REQUESTS/SECONDS`.
    pub limit_downloads: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Option<Vec<String>>,
    /// Most bytes of encoded answers kept in memory.
    pub cache_bytes: Option<u64>,
    /// Most seconds until an answer begins.
    pub timeout_seconds: Option<u64>,
    /// Most connections at once.
    pub max_connections: Option<usize>,
    /// Most connections at once of one client.
    pub max_connections_per_client: Option<usize>,
    /// Address and port of metrics and health for those who run the server, such as `127.0.0.1:9464`.
    pub admin: Option<String>,
    /// Whether the admin port may be reached from other machines.
    pub admin_remote: Option<bool>,
    /// Which log lines are written, such as `info` or `debug`.
    pub log: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct File {
    #[serde(default)]
    server: ServerFile,
}

impl ServerFile {
    /// Reads the table `[server]` of `bansos.toml` in the data folder; an
    /// absent file says nothing.
    ///
    /// # Errors
    /// When the file is there but is not TOML, or its table `[server]` holds an
    /// unknown setting.
    pub fn read(data: &Path) -> Result<ServerFile> {
        let path = data.join("bansos.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(ServerFile::default()),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        let file: File = toml::from_str(&text).with_context(|| path.display().to_string())?;
        Ok(file.server)
    }
}

/// Reads a setting that came as text.
///
/// # Errors
/// Names the setting.
pub fn parse<T: FromStr<Err = String>>(name: &str, text: &str) -> Result<T> {
    match text.parse() {
        Ok(value) => Ok(value),
        Err(error) => bail!("{name}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_and_networks() {
        assert_eq!("300/60".parse::<Quota>(), Ok(Quota { requests: 300, seconds: 60 }));
        for text in ["", "300", "0/60", "300/0", "a/b"] {
            assert!(text.parse::<Quota>().is_err(), "{text}");
        }
        let network: Network = "10.0.0.0/8".parse().unwrap();
        assert!(network.contains("10.200.3.4".parse().unwrap()));
        assert!(network.contains("::ffff:10.200.3.4".parse().unwrap()));
        assert!(!network.contains("11.0.0.1".parse().unwrap()));
        assert!("::1".parse::<Network>().unwrap().contains("::1".parse().unwrap()));
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("1.2.3.4".parse().unwrap()));
        assert!("10.0.0.0/33".parse::<Network>().is_err());
    }

    #[test]
    fn a_misspelt_setting_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("bansos.toml"), "[server]\nlisten = \"127.0.0.1:9\"\n[import]\nx = 1\n").unwrap();
        assert_eq!(ServerFile::read(folder.path()).unwrap().listen.unwrap(), "127.0.0.1:9");
        std::fs::write(folder.path().join("bansos.toml"), "[server]\nlisten_to = 1\n").unwrap();
        assert!(ServerFile::read(folder.path()).is_err());
    }
}
