//! The Debian package: installed, served from, upgraded, removed and purged in a throw-away root.
//!
//! The root is one that debootstrap makes where it can be had; else the host's own system under an overlay. The older
//! package is the same one with a lower version number.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{Context, Proved};
use crate::shell::{self, finish, project, run as run_program};
use crate::work::Work;

pub fn run(context: &Context<'_>) -> Result<Proved> {
    let scripts = project().join("packaging/deb");
    let folder = context.work.folder("prove-package")?;
    let made = finish(
        Command::new(scripts.join("build.sh"))
            .arg("--binary")
            .arg(context.binary()?)
            .arg("--output")
            .arg(folder.join("new")),
    )?;
    let new = PathBuf::from(made.lines().last().context("build.sh named no package")?);
    let old = lower_version(&folder, &new)?;
    let root = debootstrap(context.work);
    let mut prove = Command::new(scripts.join("prove.sh"));
    prove.arg(&old).arg(&new).args(root.iter());
    let said = finish(&mut prove)?;
    let said = said.lines().last().unwrap_or_default().trim_start_matches("prove: good: ");
    let place =
        if root.is_some() { "in a debootstrap root" } else { "in an overlay of the host (no debootstrap)" };
    Ok(Proved { count: "once".to_owned(), seen: format!("{said}, {place}") })
}

/// The same package as if it were older.
fn lower_version(folder: &Path, new: &Path) -> Result<PathBuf> {
    let tree = folder.join("tree");
    if tree.exists() {
        std::fs::remove_dir_all(&tree)?;
    }
    let (tree_text, old) = (tree.display().to_string(), folder.join("notifymdm_0.0.1-1.deb"));
    run_program("dpkg-deb", &["-R", &new.display().to_string(), &tree_text])?;
    let control = tree.join("DEBIAN/control");
    let lines: Vec<String> = std::fs::read_to_string(&control)?
        .lines()
        .map(|l| if l.starts_with("Version: ") { "Version: 0.0.1-1".to_owned() } else { l.to_owned() })
        .collect();
    std::fs::write(&control, lines.join("\n") + "\n")?;
    run_program("dpkg-deb", &["--root-owner-group", "-Zgzip", "-b", &tree_text, &old.display().to_string()])?;
    Ok(old)
}

/// A small Debian, if debootstrap and an archive can be had.
fn debootstrap(work: &Work) -> Option<PathBuf> {
    let root = work.path("debian-root");
    if root.join("etc/debian_version").exists() && root.join("usr/sbin/adduser").exists() {
        return Some(root);
    }
    shell::apt_install(&["debootstrap"]).ok()?;
    let made = finish(
        Command::new("debootstrap")
            .args(["--variant=minbase", "--include=adduser,libgcc-s1", "bookworm"])
            .arg(&root),
    );
    match made {
        Ok(_) => Some(root),
        Err(error) => {
            println!("  debootstrap: {error:#}");
            // Half a root must not be taken for a whole one next time.
            std::fs::remove_dir_all(&root).ok();
            None
        }
    }
}
