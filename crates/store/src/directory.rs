//! The data directory.

use std::io;
use std::path::Path;

/// Makes a directory that only the server's user can enter, with those above it. One that is there already stays as the
/// operator made it.
///
/// # Errors
/// When it cannot be made.
pub fn private_directory(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_new_directory_is_private_and_an_old_one_is_left_alone() {
        let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
        let place = tempfile::tempdir().expect("a directory");
        let new = place.path().join("a/b");
        private_directory(&new).expect("made");
        assert_eq!(mode(&new), 0o700);
        std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o750)).expect("changed");
        private_directory(&new).expect("there");
        assert_eq!(mode(&new), 0o750);
    }
}
