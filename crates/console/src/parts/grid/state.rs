//! The state of a grid as it stands in the address.
use std::fmt::Write as _;

use super::Direction;

/// Lines to a page one may ask for.
pub const SIZES: [u32; 3] = [25, 50, 100];
const SIZE: u32 = 50;
/// Longest value kept from an address, in bytes.
const LONGEST: usize = 512;
/// Most filter values kept.
const MOST: usize = 64;

/// Search, filters, sorting, columns and page of a grid. Read with [`State::parse`]; every method that
/// gives an address changes one thing and keeps the rest, and goes back to the first page where that is
/// meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Path of the page.
    pub path: String,
    /// Free search (`q`).
    pub search: String,
    /// Filters in force: key and value, each value its own entry.
    pub filters: Vec<(String, String)>,
    /// Key of the column sorted by; empty for the usual order.
    pub sort: String,
    /// Largest first.
    pub descending: bool,
    /// Keys of the shown columns (`cols`); empty for the usual ones.
    pub columns: Vec<String>,
    /// Show what follows this key (`after`).
    pub after: String,
    /// Show what precedes this key (`before`).
    pub before: String,
    /// Lines to a page (`size`); 0 stands for the usual number.
    pub size: u32,
}

impl State {
    /// Reads a decoded query. Only `filters`, `columns` given here are believed; anything else is
    /// ignored, so that an address can neither name a database column nor grow without bound.
    pub fn parse(
        path: &str,
        query: impl IntoIterator<Item = (String, String)>,
        filters: &[&str],
        columns: &[&str],
    ) -> Self {
        let mut state = Self { path: path.into(), ..Self::default() };
        for (key, value) in query {
            if value.is_empty() || value.len() > LONGEST {
                continue;
            }
            match key.as_str() {
                "q" => state.search = value,
                "sort" => {
                    let name = value.strip_prefix('-').unwrap_or(&value);
                    if columns.contains(&name) {
                        (state.sort, state.descending) = (name.into(), value.starts_with('-'));
                    }
                }
                "cols" => state.columns.extend(
                    value
                        .split(',')
                        .filter(|name| columns.contains(name))
                        .take(columns.len())
                        .map(Into::into),
                ),
                "after" => state.after = value,
                "before" => state.before = value,
                "size" => {
                    state.size = value.parse().ok().filter(|size| SIZES.contains(size)).unwrap_or_default();
                }
                _ if filters.contains(&key.as_str()) && state.filters.len() < MOST => {
                    state.filters.push((key, value));
                }
                _ => {}
            }
        }
        state.columns.truncate(columns.len());
        state
    }

    /// Lines to a page.
    pub fn page_size(&self) -> u32 {
        if self.size == 0 { SIZE } else { self.size }
    }

    /// Whether a filter has a value.
    pub fn has(&self, key: &str, value: &str) -> bool {
        self.filters.iter().any(|(k, v)| k == key && v == value)
    }

    /// The query without its question mark; empty for the plain list.
    pub fn query(&self) -> String {
        let mut out = String::new();
        let mut add = |key: &str, value: &str| {
            if !value.is_empty() {
                out.push_str(if out.is_empty() { "" } else { "&" });
                encode(&mut out, key);
                out.push('=');
                encode(&mut out, value);
            }
        };
        add("q", &self.search);
        for (key, value) in &self.filters {
            add(key, value);
        }
        let sign = if self.descending { "-" } else { "" };
        add("sort", &if self.sort.is_empty() { String::new() } else { format!("{sign}{}", self.sort) });
        add("cols", &self.columns.join(","));
        add("size", &if self.size == 0 { String::new() } else { self.size.to_string() });
        add("after", &self.after);
        add("before", &self.before);
        out
    }

    /// The address of this state.
    pub fn href(&self) -> String {
        let query = self.query();
        if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) }
    }

    /// The address of the list without search and filters, sorted and arranged as now.
    pub fn cleared(&self) -> String {
        Self { search: String::new(), filters: Vec::new(), ..self.first() }.href()
    }

    /// The address without one filter value.
    pub fn without(&self, key: &str, value: &str) -> String {
        let mut next = self.first();
        next.filters.retain(|(k, v)| !(k == key && v == value));
        next.href()
    }

    /// The address without the search.
    pub fn without_search(&self) -> String {
        Self { search: String::new(), ..self.first() }.href()
    }

    /// The address that sorts by a column; by the one in force, the other way round.
    pub fn sorted_by(&self, key: &str) -> String {
        let descending = self.direction(key) == Some(Direction::Ascending);
        Self { sort: key.into(), descending, ..self.first() }.href()
    }

    /// How a column is sorted now.
    pub fn direction(&self, key: &str) -> Option<Direction> {
        (self.sort == key).then_some(if self.descending {
            Direction::Descending
        } else {
            Direction::Ascending
        })
    }

    /// The address of the first page.
    pub fn first_page(&self) -> String {
        self.first().href()
    }

    /// The address of what follows a key.
    pub fn following(&self, key: &str) -> String {
        Self { after: key.into(), ..self.first() }.href()
    }

    /// The address of what precedes a key.
    pub fn preceding(&self, key: &str) -> String {
        Self { before: key.into(), ..self.first() }.href()
    }

    /// The sizes a page may have, for the foot of the grid.
    pub fn sizes(&self) -> Vec<(u32, String, bool)> {
        let link = |size| (size, Self { size, ..self.first() }.href(), size == self.page_size());
        SIZES.into_iter().map(link).collect()
    }

    /// What a form that changes search and filters must carry along.
    pub(super) fn carried(&self) -> Vec<(&'static str, String)> {
        let kept = Self { search: String::new(), filters: Vec::new(), ..self.first() };
        let mut out = Vec::new();
        if !kept.sort.is_empty() {
            out.push(("sort", format!("{}{}", if kept.descending { "-" } else { "" }, kept.sort)));
        }
        if kept.size != 0 {
            out.push(("size", kept.size.to_string()));
        }
        out
    }

    fn first(&self) -> Self {
        Self { after: String::new(), before: String::new(), ..self.clone() }
    }
}

/// Percent-encoding of a query component: everything but the unreserved characters of RFC 3986, 2.3,
/// and the comma.
fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b',' => {
                out.push(byte.into());
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> State {
        let pairs = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        State::parse("/dashboard/devices", pairs, &["platform", "status"], &["user", "model", "seen"])
    }

    #[test]
    fn an_address_survives_the_round_trip() {
        let state = parse(&[
            ("q", "Łukasz & co"),
            ("platform", "android"),
            ("platform", "ios"),
            ("sort", "-seen"),
            ("cols", "user,seen"),
            ("size", "100"),
        ]);
        assert_eq!(
            state.href(),
            "/dashboard/devices?q=%C5%81ukasz%20%26%20co&platform=android&platform=ios&sort=-seen&cols=user,seen&size=100"
        );
        assert!(state.has("platform", "ios") && !state.has("status", "ios"));
    }

    #[test]
    fn what_is_not_offered_is_not_believed() {
        let state = parse(&[("sort", "password"), ("cols", "user,hash"), ("role", "x"), ("size", "99999")]);
        assert_eq!(state.href(), "/dashboard/devices?cols=user");
        assert_eq!(state.page_size(), 50);
        let long = "x".repeat(LONGEST + 1);
        assert_eq!(parse(&[("q", &long)]).search, "");
        let many: Vec<_> = (0..200).map(|_| ("platform", "a")).collect();
        assert_eq!(parse(&many).filters.len(), MOST);
    }

    #[test]
    fn changing_the_view_goes_back_to_the_first_page() {
        let state = parse(&[("status", "restricted"), ("sort", "user"), ("after", "k1")]);
        assert_eq!(state.sorted_by("user"), "/dashboard/devices?status=restricted&sort=-user");
        assert_eq!(state.sorted_by("seen"), "/dashboard/devices?status=restricted&sort=seen");
        assert_eq!(state.without("status", "restricted"), "/dashboard/devices?sort=user");
        assert_eq!(state.following("k2"), "/dashboard/devices?status=restricted&sort=user&after=k2");
        assert_eq!(state.cleared(), "/dashboard/devices?sort=user");
    }
}
