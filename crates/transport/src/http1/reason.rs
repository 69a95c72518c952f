//! The words behind the number of a status.

use http::StatusCode;

/// The reason phrase: that of the registry, or the one that mail servers write behind their own statuses (MS-ASHTTP
/// 2.2.2.1.1). Never empty, since some clients expect one.
pub(crate) fn reason(status: StatusCode) -> &'static str {
    match (status.canonical_reason(), status.as_u16()) {
        (Some(name), _) => name,
        (None, 449) => "Retry after sending a PROVISION command",
        (None, 456) => "Account blocked",
        (None, 457) => "Password expired",
        (None, _) => "Answer",
    }
}
