//! How tasks are called.

use std::fmt;
use std::str::FromStr;

use catalog::Purge;
use domain::model::{DirectoryServerId, ReportMailId};

use crate::Error;

/// Which task; written `purge-journal`, `directory-ldp_…`, `report-rml_…`, `backup`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskId {
    /// Removing old records.
    Purge(Purge),
    /// Refreshing from an LDAP server.
    Directory(DirectoryServerId),
    /// A report by mail.
    Report(ReportMailId),
    /// A backup of the installation.
    Backup,
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Purge(purge) => write!(f, "purge-{}", purge.info().key),
            Self::Directory(id) => write!(f, "directory-{id}"),
            Self::Report(id) => write!(f, "report-{id}"),
            Self::Backup => f.write_str("backup"),
        }
    }
}

impl FromStr for TaskId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let id = match text.split_once('-') {
            Some(("purge", key)) => Purge::from_key(key).map(Self::Purge),
            Some(("directory", id)) => id.parse().ok().map(Self::Directory),
            Some(("report", id)) => id.parse().ok().map(Self::Report),
            None if text == "backup" => Some(Self::Backup),
            _ => None,
        };
        id.ok_or(Error::NotFound("task"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_found_by_what_it_is_called() {
        for info in catalog::PURGES {
            let id = TaskId::Purge(info.purge);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        assert_eq!("backup".parse(), Ok(TaskId::Backup));
        for text in ["", "backup-1", "purge-", "purge-everything", "report-rml_1", "directory-", "journal"] {
            assert!(text.parse::<TaskId>().is_err(), "{text}");
        }
    }
}
