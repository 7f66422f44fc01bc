//! Where a command finds its Kith: a running server, or a data folder nobody serves.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use kith_runtime::Handle;

use crate::client::Client;
use crate::output::BadInput;
use crate::wiring;

/// Options of every command that works on either.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Options {
    /// A running server
    #[arg(long, env = "KITH_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Secret key of that server
    #[arg(long, env = "KITH_ADMIN_KEY", hide_env_values = true)]
    key: Option<String>,
    /// A data folder that no server uses, instead of a server [default without a key: kith-data]
    #[arg(long, env = "KITH_DATA")]
    data: Option<PathBuf>,
}

/// Where `kith serve` keeps its data when nobody says.
const USUAL_FOLDER: &str = "kith-data";

/// The two ways to work.
pub enum Target {
    /// Over the admin API.
    Server(Client),
    /// On the folder itself.
    Folder(Handle),
}

impl Options {
    /// Opens what the options name.
    pub fn open(&self) -> Result<Target> {
        if let Some(data) = self.folder() {
            return Ok(Target::Folder(wiring::open(&data)?));
        }
        let key = self.key.as_ref().ok_or_else(|| {
            BadInput(format!(
                "{} needs a secret key: pass --key or set KITH_ADMIN_KEY; or pass --data with a \
                 folder that no server uses",
                self.url
            ))
        })?;
        Ok(Target::Server(Client::with_secret_key(&self.url, key)?))
    }

    /// The folder, when that is what the options name.
    pub fn folder(&self) -> Option<PathBuf> {
        let usual = || Some(PathBuf::from(USUAL_FOLDER)).filter(|folder| folder.is_dir());
        match (&self.data, &self.key) {
            (Some(data), _) => Some(data.clone()),
            (None, None) => usual(),
            (None, Some(_)) => None,
        }
    }
}

impl Drop for Target {
    /// Leaves a folder with everything applied and on disk.
    fn drop(&mut self) {
        if let Target::Folder(handle) = self {
            handle.shutdown();
        }
    }
}
