//! What the browser tests need from the machine, installed by apt when it is missing.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Where Debian and others put the browser.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// The browser.
pub fn chromium() -> Result<PathBuf> {
    if let Some(path) = find_chromium() {
        return Ok(path);
    }
    install("chromium", "the browser tests")
        .context("or set CHROMIUM_PATH to a Chromium or Chrome binary")?;
    find_chromium().context("apt installed chromium, yet it is not in PATH")
}

/// Python with virtual environments: one of the client libraries under test is written in it.
pub fn python() -> Result<()> {
    if has_python() {
        return Ok(());
    }
    install("python3-venv", "the test of the Python client")?;
    anyhow::ensure!(
        has_python(),
        "apt installed python3-venv, yet python3 has no venv"
    );
    Ok(())
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

fn has_python() -> bool {
    let mut command = Command::new("python3");
    let status = command
        .args(["-c", "import venv, ensurepip"])
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

fn install(package: &str, purpose: &str) -> Result<()> {
    eprintln!("{package} is missing: installing it by apt for {purpose}");
    let apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300"];
    let install = ["install", "-y", "--no-install-recommends", package];
    for arguments in [&["update"][..], &install[..]] {
        let words: Vec<&str> = apt.iter().chain(arguments).copied().collect();
        if !privileged(&words)? {
            bail!(
                "{package} could not be installed: `{}` failed; do it by hand",
                words.join(" ")
            );
        }
    }
    Ok(())
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
