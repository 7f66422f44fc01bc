//! The web side: packages, bundles, and the browser of the end-to-end tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::step;

/// Where Debian and others put the browser.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Installs packages when needed and builds every bundle.
pub fn build(root: &Path) -> Result<()> {
    install(root)?;
    step::must(
        &root.join("web"),
        "npm",
        &["run", "build", "--workspaces", "--if-present"],
    )
}

/// `npm ci`, unless the installed packages are those of the lock file.
pub fn install(root: &Path) -> Result<()> {
    let web = root.join("web");
    let lock_path = web.join("package-lock.json");
    let lock = fs::read(&lock_path).with_context(|| format!("reading {}", lock_path.display()))?;
    // A copy of the lock file that was installed last: newer file times prove nothing after a
    // clone or a branch switch.
    let stamp = web.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    step::must(&web, "npm", &["ci"])?;
    fs::write(&stamp, &lock).with_context(|| format!("writing {}", stamp.display()))
}

/// The browser, installed by apt when it is missing.
pub fn chromium() -> Result<PathBuf> {
    if let Some(path) = find_chromium() {
        return Ok(path);
    }
    eprintln!("chromium is missing: installing it by apt for the browser tests");
    let apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300"];
    for arguments in [
        vec!["update"],
        vec!["install", "-y", "--no-install-recommends", "chromium"],
    ] {
        let words: Vec<&str> = apt.iter().copied().chain(arguments).collect();
        if !privileged(&words)? {
            bail!(
                "chromium could not be installed (`{}` failed); install it by hand, or set \
                 CHROMIUM_PATH to a Chromium or Chrome binary",
                words.join(" ")
            );
        }
    }
    find_chromium().context("apt installed chromium, yet it is not in PATH")
}

/// `CHROMIUM_PATH`, or the first known browser in `PATH`.
fn find_chromium() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM_PATH").map(PathBuf::from) {
        return path.exists().then_some(path);
    }
    let path = std::env::var_os("PATH")?;
    BROWSERS
        .iter()
        .flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)))
        .find(|candidate| candidate.exists())
}

/// Runs as root: directly when we are, else through a sudo that asks nothing.
fn privileged(words: &[&str]) -> Result<bool> {
    let id = Command::new("id")
        .arg("-u")
        .output()
        .context("asking for the user id")?;
    let is_root = id.stdout.trim_ascii() == b"0";
    let prefix: &[&str] = if is_root { &[] } else { &["sudo", "-n"] };
    let words: Vec<&str> = prefix.iter().chain(words).copied().collect();
    let status = Command::new(words[0])
        .args(&words[1..])
        .env("DEBIAN_FRONTEND", "noninteractive")
        // stdout stays clean: `xtask chromium` prints a path there.
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("{} could not be started", words[0]))?;
    Ok(status.success())
}
