//! The web side: packages and bundles.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::step;

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
