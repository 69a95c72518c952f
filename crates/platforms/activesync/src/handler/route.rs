//! Which of our addresses a path is.

/// An address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// `/Microsoft-Server-ActiveSync`.
    ActiveSync,
    /// `/autodiscover/autodiscover.xml`.
    Pox,
    /// `/autodiscover/autodiscover.json…`.
    Json,
    /// Beneath `/autodiscover/`, but nothing.
    Unknown,
}

const ACTIVESYNC: &str = "/microsoft-server-activesync";
const POX: &str = "/autodiscover/autodiscover.xml";
const JSON: &str = "/autodiscover/autodiscover.json";

/// Reads a path; clients write it in any letter case and with odd ends. `None` is not ours.
pub(super) fn of(path: &str) -> Option<Route> {
    let path = path.to_ascii_lowercase();
    if let Some(rest) = path.strip_prefix(ACTIVESYNC) {
        return matches!(rest, "" | "/" | "/default.eas").then_some(Route::ActiveSync);
    }
    if path.trim_end_matches('/') == POX {
        return Some(Route::Pox);
    }
    if path.strip_prefix(JSON).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return Some(Route::Json);
    }
    path.starts_with("/autodiscover/").then_some(Route::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_however_clients_write_them() {
        for path in [
            "/Microsoft-Server-ActiveSync",
            "/microsoft-server-activesync/",
            "/Microsoft-Server-ActiveSync/default.eas",
        ] {
            assert_eq!(of(path), Some(Route::ActiveSync), "{path}");
        }
        assert_eq!(of("/Autodiscover/Autodiscover.xml"), Some(Route::Pox));
        assert_eq!(of("/autodiscover/autodiscover.json/v1.0/a@b.test"), Some(Route::Json));
        assert_eq!(of("/autodiscover/autodiscover.jsonx"), Some(Route::Unknown));
        assert_eq!(of("/Microsoft-Server-ActiveSyncX"), None);
        assert_eq!(of("/api/v1/devices"), None);
    }
}
