//! Choices that several forms offer: liability, suite, server, group, yes or no.

use catalog::Liability;
use door::FormData;

use super::super::frame::{Cx, Oops};

/// Yes, no, not known.
pub fn ternary() -> Vec<(String, String)> {
    [("", "Not known"), ("true", "Yes"), ("false", "No")].map(|(v, l)| (v.to_owned(), l.to_owned())).to_vec()
}

/// Corporate, individual, or what the level above says.
pub fn liabilities(above: &str) -> Vec<(String, String)> {
    let mut all = vec![(String::new(), above.to_owned())];
    all.extend(Liability::ALL.map(|l| (l.key().to_owned(), l.label().to_owned())));
    all
}

/// The chosen liability; none for "as above".
pub fn liability(form: &FormData) -> Option<Liability> {
    Liability::ALL.into_iter().find(|l| l.key() == form.text("liability"))
}

/// The suites to choose from, with what leaving it open means.
pub fn suites(cx: &Cx, above: &str) -> Result<Vec<(String, String)>, Oops> {
    let mut all = vec![(String::new(), above.to_owned())];
    all.extend(
        cx.org(|org| org.suites().iter().map(|s| (s.id.to_string(), s.name.clone())).collect::<Vec<_>>())?,
    );
    Ok(all)
}

/// The mail servers to choose from, with what leaving it open means.
pub fn servers(cx: &Cx, above: &str) -> Result<Vec<(String, String)>, Oops> {
    let mut all = vec![(String::new(), above.to_owned())];
    all.extend(
        cx.org(|org| org.servers().iter().map(|s| (s.id.to_string(), s.name.clone())).collect::<Vec<_>>())?,
    );
    Ok(all)
}

/// The groups to choose from, with what leaving it open means.
pub fn groups(cx: &Cx, above: &str) -> Result<Vec<(String, String)>, Oops> {
    let mut all = vec![(String::new(), above.to_owned())];
    all.extend(
        cx.org(|org| org.groups().iter().map(|g| (g.id.to_string(), g.name.clone())).collect::<Vec<_>>())?,
    );
    Ok(all)
}

/// The groups as boxes to tick, the most important one first: value, name, note.
pub fn group_ticks(cx: &Cx) -> Result<Vec<(String, String, String)>, Oops> {
    Ok(cx.org(|org| {
        org.groups().iter().map(|g| (g.id.to_string(), g.name.clone(), g.note.clone())).collect::<Vec<_>>()
    })?)
}

/// The connection schedules to choose from, with what leaving it open means.
pub fn schedules(cx: &Cx, above: &str) -> Result<Vec<(String, String)>, Oops> {
    let mut all = vec![(String::new(), above.to_owned())];
    all.extend(
        cx.org(|org| org.schedules().iter().map(|s| (s.id.to_string(), s.name.clone())).collect::<Vec<_>>())?,
    );
    Ok(all)
}
