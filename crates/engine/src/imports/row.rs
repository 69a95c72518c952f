//! From a row of a file to the user it means.

use std::sync::Arc;

use catalog::Liability;
use domain::model::{Duplicates, GroupId, ImportIssue, User, UserState};

use super::headings::Field;
use super::nearest::nearest;
use super::table::Row;
use crate::OrgIndex;
use crate::users::{UserInput, check_in};

/// A cell that only says this empties what is there; an empty cell leaves it.
const NOTHING: &str = "-";

/// What a row does.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It makes a user.
    New(Wanted),
    /// It changes this user.
    Changed(Arc<User>, Wanted),
    /// It says what is so already. With a password that is only known when it is compared.
    Same(Option<(Arc<User>, Wanted)>),
    /// The user is there and stays as it is.
    Skipped,
    /// It cannot be imported.
    Bad(Vec<ImportIssue>),
}

/// A user as a row wants it.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Fields, the password included.
    pub input: UserInput,
    /// Groups, by id, none twice.
    pub groups: Vec<GroupId>,
}

/// What the rows of a file have in common.
pub(super) struct Rules<'t> {
    pub headings: &'t [String],
    pub fields: &'t [Option<Field>],
    pub duplicates: Duplicates,
}

impl Rules<'_> {
    fn cell<'r>(&self, row: &'r Row, wanted: Field) -> Option<&'r str> {
        let at = self.fields.iter().position(|field| *field == Some(wanted))?;
        row.cells.get(at).map(String::as_str)
    }

    /// The sign-in name of a row.
    pub fn username<'r>(&self, row: &'r Row) -> &'r str {
        self.cell(row, Field::Username).unwrap_or_default()
    }

    /// The address of a row.
    pub fn email<'r>(&self, row: &'r Row) -> &'r str {
        self.cell(row, Field::Email).unwrap_or_default()
    }

    /// The heading of a field; empty for one that is not in the file.
    pub fn heading(&self, wanted: Option<Field>) -> String {
        let at = self.fields.iter().position(|field| field.is_some() && *field == wanted);
        at.and_then(|at| self.headings.get(at)).cloned().unwrap_or_default()
    }

    /// What a row does in the organization as it is now.
    pub fn outcome(&self, org: &OrgIndex, row: &Row) -> Outcome {
        let name = self.username(row);
        let old = org.user_by_name(name).cloned();
        if old.is_some() && self.duplicates == Duplicates::Skip {
            return Outcome::Skipped;
        }
        let mut wanted = Wanted {
            input: old.as_ref().map(|user| UserInput::of(user)).unwrap_or_default(),
            groups: old.as_ref().map(|user| user.groups.clone()).unwrap_or_default(),
        };
        let mut issues = Vec::new();
        for ((field, heading), text) in self.fields.iter().zip(self.headings).zip(&row.cells) {
            let Some(field) = field else { continue };
            if let Err(message) = enter(org, old.as_deref(), *field, text, &mut wanted) {
                issues.push(ImportIssue { line: row.line, column: heading.clone(), message });
            }
        }
        self.check(org, row, old.as_deref(), &mut wanted, &mut issues);
        if !issues.is_empty() {
            return Outcome::Bad(issues);
        }
        match old {
            None => Outcome::New(wanted),
            Some(old) => {
                let mut new = User::clone(&old);
                crate::users::fill(&mut new, &wanted.input);
                new.groups.clone_from(&wanted.groups);
                if new != *old {
                    Outcome::Changed(old, wanted)
                } else if wanted.input.password.is_empty() {
                    Outcome::Same(None)
                } else {
                    Outcome::Same(Some((old, wanted)))
                }
            }
        }
    }

    /// The checks that users entered by hand go through, in the words of the file.
    fn check(
        &self,
        org: &OrgIndex,
        row: &Row,
        old: Option<&User>,
        wanted: &mut Wanted,
        issues: &mut Vec<ImportIssue>,
    ) {
        if let Err(crate::Error::Invalid(found)) = check_in(org, old, &mut wanted.input).done() {
            for issue in found {
                let field = Field::of_input(&issue.field).or_else(|| custom(org, &issue.field));
                let column = self.heading(field);
                // A name that was not found is said already.
                if !issues.iter().any(|there| there.column == column && !column.is_empty()) {
                    issues.push(ImportIssue { line: row.line, column, message: issue.message });
                }
            }
        }
        let password = &wanted.input.password;
        if !password.is_empty()
            && let Err(crate::Error::Invalid(found)) = crate::passwords::check_strength(password, 8)
        {
            let column = self.heading(Some(Field::Password));
            let issue = |message| ImportIssue { line: row.line, column: column.clone(), message };
            issues.extend(found.into_iter().map(|found| issue(found.message)));
        }
    }
}

/// The column of the organization's own that an issue is about.
fn custom(org: &OrgIndex, field: &str) -> Option<Field> {
    let name = field.strip_prefix(crate::custom_columns::FIELD)?;
    let column = crate::custom_columns::by_name(org, domain::model::CustomScope::User, name)?;
    Some(Field::Custom(column.id))
}

/// Enters a cell.
fn enter(
    org: &OrgIndex,
    old: Option<&User>,
    field: Field,
    text: &str,
    wanted: &mut Wanted,
) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    let cleared = text == NOTHING;
    let entered = if cleared { "" } else { text };
    let input = &mut wanted.input;
    match field {
        // The name finds the user, so it is not changed by other letter case.
        Field::Username => old.map_or(text, |old| old.username.as_str()).clone_into(&mut input.username),
        Field::Domain => entered.clone_into(&mut input.domain),
        Field::Email => entered.clone_into(&mut input.email),
        Field::DisplayName => entered.clone_into(&mut input.display_name),
        Field::FirstName => entered.clone_into(&mut input.first_name),
        Field::LastName => entered.clone_into(&mut input.last_name),
        Field::Phone => entered.clone_into(&mut input.phone),
        Field::Language => input.language = entered.to_lowercase(),
        Field::Password => entered.clone_into(&mut input.password),
        Field::Liability => input.liability = if cleared { None } else { Some(liability(text)?) },
        Field::Suite => {
            let suites = org.suites();
            let all = suites.iter().map(|suite| (suite.name.as_str(), suite.id));
            input.suite = if cleared { None } else { Some(named("policy suite", text, all)?) };
        }
        Field::Schedule => {
            let schedules = org.schedules();
            let all = schedules.iter().map(|schedule| (schedule.name.as_str(), schedule.id));
            input.schedule = if cleared { None } else { Some(named("connection schedule", text, all)?) };
        }
        Field::Server => {
            let servers = org.servers();
            let all = servers.iter().map(|server| (server.name.as_str(), server.id));
            input.server = if cleared { None } else { Some(named("ActiveSync server", text, all)?) };
        }
        Field::Groups => wanted.groups = groups(org, entered)?,
        Field::State => input.state = Some(state(text)?),
        Field::Shared => input.shared = yes_or_no(text)?,
        Field::MaxDevices if cleared => input.max_devices = None,
        Field::MaxDevices => {
            let number = text.parse().map_err(|_| "Enter a whole number; 0 is no limit.".to_owned())?;
            input.max_devices = Some(number);
        }
        Field::Custom(id) if cleared => drop(input.custom.remove(&id)),
        Field::Custom(id) => drop(input.custom.insert(id, text.to_owned())),
    }
    Ok(())
}

/// The one of this name, in any letter case.
fn named<'n, I: Copy>(
    what: &str,
    name: &str,
    all: impl Iterator<Item = (&'n str, I)> + Clone,
) -> Result<I, String> {
    let wanted = name.to_lowercase();
    if let Some((_, id)) = all.clone().find(|(known, _)| known.to_lowercase() == wanted) {
        return Ok(id);
    }
    Err(match nearest(name, all.map(|(known, _)| known)) {
        Some(meant) => {
            format!("There is no {what} \u{201c}{name}\u{201d}. Did you mean \u{201c}{meant}\u{201d}?")
        }
        None => format!("There is no {what} \u{201c}{name}\u{201d}. Make it first, or correct the name."),
    })
}

fn groups(org: &OrgIndex, text: &str) -> Result<Vec<GroupId>, String> {
    let groups = org.groups();
    let all = groups.iter().map(|group| (group.name.as_str(), group.id));
    // A group whose own name has a separator in it is found as well.
    if let Some(group) = groups.iter().find(|group| group.name.to_lowercase() == text.to_lowercase()) {
        return Ok(vec![group.id]);
    }
    let names = text.split([';', '|']).map(str::trim).filter(|name| !name.is_empty());
    let mut ids = names.map(|name| named("group", name, all.clone())).collect::<Result<Vec<_>, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

fn liability(text: &str) -> Result<Liability, String> {
    match text.to_lowercase().as_str() {
        "corporate" | "company" => Ok(Liability::Corporate),
        "individual" | "personal" => Ok(Liability::Individual),
        _ => Err("Enter corporate or individual.".into()),
    }
}

fn state(text: &str) -> Result<UserState, String> {
    match text.to_lowercase().as_str() {
        "active" | "enabled" | "yes" | "true" | "1" => Ok(UserState::Active),
        "disabled" | "inactive" | "no" | "false" | "0" => Ok(UserState::Disabled),
        _ => Err("Enter active or disabled.".into()),
    }
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    let read = domain::model::CustomKind::YesNo.read(text)?;
    Ok(read == "yes")
}
