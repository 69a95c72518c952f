//! Running other programs to their end, and saying what they said when they fail.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, ensure};

/// The project's folder: above the one that cargo runs us from, else the one we are in. Asked when it is needed, not
/// when this was compiled: build products outlive a checkout.
pub fn project() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    own.and_then(|own| own.parent().map(Path::to_owned)).unwrap_or_else(|| PathBuf::from("."))
}

/// Runs a program to its end; its standard output.
pub fn run(program: &str, arguments: &[&str]) -> Result<String> {
    finish(Command::new(program).args(arguments))
}

/// Runs a prepared command to its end; its standard output. A failure tells the last lines of what it said.
pub fn finish(command: &mut Command) -> Result<String> {
    let shown = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("starting {shown}"))?;
    ensure!(output.status.success(), "{shown} ended with {}:\n{}", output.status, tail(&output));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a line of shell as another user.
pub fn run_as(user: &str, line: &str) -> Result<String> {
    run("su", &[user, "-s", "/bin/sh", "-c", line])
}

/// Whether a program is on the path.
pub fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Servers live in sbin, which is not on everybody's path.
    std::env::split_paths(&path)
        .chain([Path::new("/usr/sbin").to_owned(), Path::new("/sbin").to_owned()])
        .any(|folder| folder.join(program).is_file())
}

fn tail(output: &Output) -> String {
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// Installs Debian packages that are missing, without letting any of them start its service.
pub fn apt_install(packages: &[&str]) -> Result<()> {
    let missing: Vec<&str> = packages.iter().copied().filter(|p| !is_installed(p)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("installing {}", missing.join(" "));
    forbid_services()?;
    let install = |packages: &[&str]| {
        finish(
            Command::new("apt-get")
                .env("DEBIAN_FRONTEND", "noninteractive")
                .args(["install", "-y", "-q", "--no-install-recommends"])
                .args(packages),
        )
    };
    // The lists may be there already; they are fetched once if they are not good enough.
    if install(&missing).is_err() {
        run("apt-get", &["update", "-q"])?;
        install(&missing)?;
    }
    Ok(())
}

fn is_installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["-W", "-f", "${db:Status-Status}", package])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|o| o.stdout == b"installed")
}

/// Debian asks this script before a package starts its service; 101 says no.
fn forbid_services() -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let script = Path::new("/usr/sbin/policy-rc.d");
    if !script.exists() {
        std::fs::write(script, "#!/bin/sh\nexit 101\n").context("writing policy-rc.d (root is needed)")?;
        std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
