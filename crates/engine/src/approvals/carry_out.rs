//! Making a change that was held and is approved: the use case does it as if it had been let through at once.

use super::Pass;
use super::edit::Edit;
use crate::{Engine, Result, Scope};
use crate::{
    commands, compliance, devices, directories, groups, imports, organizations, policy, schedules, servers,
    users,
};

/// Makes it. Each use case takes the pass in the unit that changes something, or before the first of several.
pub(super) async fn carry_out(engine: &Engine, scope: &Scope, edit: Edit, pass: Pass) -> Result<()> {
    match edit {
        Edit::Limits(new) => super::limits::carry_out(engine, scope, new, pass).await,
        Edit::Access(edits) => compliance::carry_out(engine, scope, edits, pass).await,
        Edit::Publish { suite, values, note, back_to } => {
            policy::publish::carry_out(engine, scope, suite, *values, &note, back_to, pass).await.map(drop)
        }
        Edit::DefaultSuite(id) => policy::assign::carry_out(engine, scope, None, id, pass).await,
        Edit::ReplaceSuite { suite, replacement } => {
            policy::assign::carry_out(engine, scope, Some(suite), replacement, pass).await
        }
        Edit::Group { group, input } => {
            groups::edit::carry_out(engine, scope, group, None, *input, pass).await
        }
        Edit::Members { group, moves } => {
            groups::members::carry_out(engine, scope, group, &moves, pass).await.map(drop)
        }
        Edit::GroupRule { group, rule } => {
            groups::rule::carry_out(engine, scope, group, rule.map(|rule| *rule), pass).await
        }
        Edit::GroupsOf { user, groups } => {
            groups::members::carry_out_of_user(engine, scope, user, groups, pass).await
        }
        Edit::MoveGroup { group, place } => groups::order::carry_out(engine, scope, group, place, pass).await,
        Edit::RemoveGroup(group) => groups::remove::carry_out(engine, scope, group, pass).await,
        Edit::User { user, input, groups } => {
            users::carry_out(engine, scope, user, (&input, groups), None, pass).await
        }
        Edit::ImportUsers { import, .. } => imports::carry_out(engine, scope, import, pass).await,
        Edit::ChangeUsers { users: ids, what } => {
            users::bulk::carry_out(engine, scope, &ids, &what, pass).await.map(drop)
        }
        Edit::RemoveUser { user, with_devices } => {
            users::remove::carry_out(engine, scope, user, with_devices, pass).await
        }
        Edit::Order { kind, devices, note } => {
            commands::carry_out(engine, scope, kind, &devices, &note, pass).await
        }
        Edit::RemoveDevice(device) => devices::remove::carry_out(engine, scope, device, pass).await,
        Edit::Server { server, input } => servers::carry_out(engine, scope, server, *input, pass).await,
        Edit::Gone { directory, disable, remove } => {
            directories::carry_out_gone(engine, scope, directory, &disable, &remove, pass).await
        }
        Edit::Device { device, edit } => devices::edit::carry_out(engine, scope, device, *edit, pass).await,
        Edit::Assign { devices, what } => {
            devices::assign::carry_out(engine, scope, &devices, &what, pass).await.map(drop)
        }
        Edit::Terms(terms) => crate::terms::carry_out(engine, scope, terms, pass).await,
        Edit::Settings(settings) => {
            organizations::settings::carry_out(engine, scope, None, *settings, pass).await
        }
        Edit::Granted(edit) => {
            organizations::carry_out(engine, scope, scope.organization(), *edit, pass).await
        }
        Edit::Schedule { schedule, input } => {
            schedules::edit::carry_out(engine, scope, schedule, &input, pass).await
        }
        Edit::DefaultSchedule(id) => schedules::assign::carry_out(engine, scope, None, id, pass).await,
        Edit::ReplaceSchedule { schedule, replacement } => {
            schedules::assign::carry_out(engine, scope, Some(schedule), replacement, pass).await
        }
    }
}
