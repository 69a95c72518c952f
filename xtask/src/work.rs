//! The work folder: configuration, data, logs and process numbers of everything that is started.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The folder, made and readable for the users that the peers run as.
#[derive(Clone, Debug)]
pub struct Work {
    root: PathBuf,
}

impl Work {
    /// `$NOTIFYMDM_WORK` if set; else `interop` under the target directory, or under `/var/tmp` if other
    /// users cannot get into the target directory (PostgreSQL and the mail servers drop their privileges).
    pub fn open() -> Result<Work> {
        let root = match std::env::var_os("NOTIFYMDM_WORK") {
            Some(path) => PathBuf::from(path),
            None => target_folder().map_or_else(fallback, |t| t.join("interop")),
        };
        fs::create_dir_all(&root).with_context(|| format!("making {}", root.display()))?;
        let root = fs::canonicalize(root)?;
        let root = if is_open(&root) {
            root
        } else {
            let other = fallback();
            fs::create_dir_all(&other)?;
            other
        };
        open_up(&root)?;
        Ok(Work { root })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A path inside, as text for configuration files.
    pub fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// A folder inside, made and world-readable.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.path(name);
        fs::create_dir_all(&path).with_context(|| format!("making {}", path.display()))?;
        open_up(&path)?;
        Ok(path)
    }

    /// A folder inside that is empty and belongs to a user.
    pub fn fresh_folder_of(&self, name: &str, user: &str) -> Result<PathBuf> {
        let path = self.path(name);
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("emptying {}", path.display()))?;
        }
        self.folder(name)?;
        crate::shell::run("chown", &[&format!("{user}:"), &path.display().to_string()])?;
        Ok(path)
    }

    /// Writes a file inside, world-readable.
    pub fn write(&self, name: &str, content: &str) -> Result<PathBuf> {
        let path = self.path(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
            open_up(parent)?;
        }
        fs::write(&path, content).with_context(|| format!("writing {}", path.display()))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644))?;
        Ok(path)
    }
}

fn fallback() -> PathBuf {
    PathBuf::from("/var/tmp/notifymdm-interop")
}

fn target_folder() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CARGO_TARGET_DIR") {
        return Some(PathBuf::from(path));
    }
    // This program itself lies in TARGET/PROFILE/.
    let own = std::env::current_exe().ok()?;
    own.parent()?.parent().map(Path::to_owned)
}

/// Whether everybody can pass through every folder above.
fn is_open(path: &Path) -> bool {
    path.ancestors().skip(1).all(|p| fs::metadata(p).is_ok_and(|m| m.permissions().mode() & 0o001 != 0))
}

fn open_up(path: &Path) -> Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("opening {} to others", path.display()))
}
