//! Reports over users.

use catalog::Report;
use domain::model::{TermsAccepted, TermsInForce, User};

use super::{Cell, Chart, Narrowed, STEP, Sheet};
use crate::{Engine, Error, Result, Scope};

/// Who accepted the terms in force, those who have still to first; then by name.
pub(super) fn terms_accepted(engine: &Engine, scope: &Scope, narrowed: &Narrowed) -> Result<Sheet> {
    let lock = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let (force, users) = {
        let org = lock.read();
        let wanted = |user: &&std::sync::Arc<User>| narrowed.group.is_none_or(|g| user.groups.contains(&g));
        (org.organization.terms.clone(), org.users().filter(wanted).cloned().collect::<Vec<_>>())
    };
    let columns = ["User", "E-mail", "Version in force", "Standing", "Accepted", "When", "Language", "On"];
    let Some(force) = force else { return Ok(Sheet::new(Report::TermsAccepted, &columns, Vec::new())) };
    let mut all = Vec::with_capacity(users.len());
    for chunk in users.chunks(STEP) {
        let org = lock.read();
        all.extend(chunk.iter().map(|user| {
            let liability = crate::assignment::liability_of(&org, user, None).value;
            (Standing::of(&force, user, liability), user.display_name.clone(), user)
        }));
    }
    all.sort_by(|a, b| (a.0, &a.1, a.2.id).cmp(&(b.0, &b.1, b.2.id)));
    let count = |standing| all.iter().filter(|(s, ..)| *s == standing).count() as u64;
    let bars = Standing::ALL.map(|s| (s.label().to_owned(), count(s)));
    let rows = all.iter().map(|(standing, name, user)| row(&force, *standing, name, user)).collect();
    Ok(Sheet::new(Report::TermsAccepted, &columns, rows).with(Chart::Bars(bars.to_vec())))
}

fn row(force: &TermsInForce, standing: Standing, name: &str, user: &User) -> Vec<Cell> {
    let last: Option<&TermsAccepted> = user.accepted.last();
    let words = |of: fn(&TermsAccepted) -> &str| last.map(of).unwrap_or_default().into();
    vec![
        Cell::User(user.id, name.to_owned()),
        user.email.clone().into(),
        Cell::Number(force.version.into()),
        standing.label().into(),
        last.map(|accepted| format!("version {}", accepted.version)).unwrap_or_default().into(),
        Cell::Time(last.map(|accepted| accepted.at)),
        words(|accepted| &accepted.language),
        words(|accepted| &accepted.device),
    ]
}

/// How somebody stands to the terms in force.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Missing,
    Accepted,
    NotAsked,
}

impl Standing {
    const ALL: [Self; 3] = [Self::Missing, Self::Accepted, Self::NotAsked];

    fn of(force: &TermsInForce, user: &User, liability: catalog::Liability) -> Self {
        match force.accepted_by(user, liability) {
            Some(false) => Self::Missing,
            Some(true) => Self::Accepted,
            None => Self::NotAsked,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Missing => "Not accepted",
            Self::Accepted => "Accepted",
            Self::NotAsked => "Need not accept",
        }
    }
}
