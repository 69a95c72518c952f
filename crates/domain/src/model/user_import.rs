//! Users from a file: what is known of an import from its upload to its end.

use catalog::Millis;
use serde::{Deserialize, Serialize};

use super::{Actor, OrganizationId};
use crate::{Id, IdKind};

/// A file of users. Its rows are kept beside it, sealed, until it is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserImport {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: UserImportId,
    /// Grows with every write.
    pub rev: i64,
    /// Name of the file, as it was sent.
    pub file: String,
    /// How its letters were written, in words.
    pub encoding: String,
    /// The separator found, in words.
    pub separator: String,
    /// What its columns are, in the file's order; empty for one that is left out.
    pub columns: Vec<String>,
    /// What happens to users that are there already.
    pub duplicates: Duplicates,
    /// Rows that cannot be imported do not keep the others from it.
    pub only_good: bool,
    /// New users get a welcome letter.
    #[serde(default)]
    pub welcome: bool,
    /// Where it stands.
    pub state: ImportState,
    /// Who started it (before: who sent it).
    pub by: Actor,
    /// Rows of the file, headings not counted.
    pub rows: u32,
    /// What the rows would do, as foreseen when the file was read.
    pub foreseen: ImportCounts,
    /// What the rows did.
    pub done: ImportCounts,
    /// What is wrong with rows, at most [`IMPORT_ISSUES_MAX`].
    pub issues: Vec<ImportIssue>,
    /// Parts of the file that were imported, of [`UserImport::parts`].
    pub next_part: u32,
    /// Parts the rows are kept in.
    pub parts: u32,
    /// When it was sent.
    pub created_at: Millis,
    /// When it was over.
    pub finished_at: Option<Millis>,
}

/// Issues that are kept of an import; more are only counted.
pub const IMPORT_ISSUES_MAX: usize = 500;

/// Id of an import.
pub type UserImportId = Id<UserImport>;
impl IdKind for UserImport {
    const PREFIX: &'static str = "imp";
}

impl UserImport {
    /// Rows that were gone through.
    pub fn passed(&self) -> u32 {
        self.done.all()
    }
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Read and checked; nothing was imported.
    Checked,
    /// Being imported, part by part.
    Running,
    /// Over.
    Done,
}

/// What happens to users that are there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// They get what the file says.
    #[default]
    Update,
    /// They stay as they are.
    Skip,
}

/// Rows by what they do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCounts {
    /// Make a user.
    pub new: u32,
    /// Change a user.
    pub changed: u32,
    /// Say what is so already.
    pub same: u32,
    /// Are of users that are there and stay as they are.
    pub skipped: u32,
    /// Cannot be imported.
    pub bad: u32,
}

impl ImportCounts {
    /// Rows in all.
    pub fn all(&self) -> u32 {
        self.new + self.changed + self.same + self.skipped + self.bad
    }
}

/// What is wrong with a cell of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportIssue {
    /// Line of the file where the row begins, from 1 (the headings).
    pub line: u32,
    /// Heading of the column as in the file; empty for the row as a whole.
    pub column: String,
    /// What to write instead.
    pub message: String,
}
