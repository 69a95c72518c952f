//! What OPTIONS and the `MS-AS…` headers announce: protocol versions and commands (MS-ASHTTP 2.2.4).
//!
//! A gateway may only announce what both it and the mail server behind it can do; the stand-in announces what
//! it likes.

use std::ops::RangeInclusive;

use crate::command::Command;
use crate::version::Version;

/// Reads a list of versions such as `2.5,12.1,14.0`; unknown ones are left out. Ascending, without doubles.
pub fn parse_versions(list: &str) -> Vec<Version> {
    let mut versions: Vec<Version> = list.split(',').filter_map(|text| text.parse().ok()).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

/// The versions that a mail server offers and the range allows; empty if there are none in common.
pub fn intersect(offered: &str, allowed: &RangeInclusive<Version>) -> Vec<Version> {
    let mut versions = parse_versions(offered);
    versions.retain(|version| allowed.contains(version));
    versions
}

/// Writes the `MS-ASProtocolVersions` header.
pub fn write_versions(versions: &[Version]) -> String {
    versions.iter().map(|version| version.as_str()).collect::<Vec<_>>().join(",")
}

/// Rewrites a mail server's `MS-ASProtocolCommands` header: forbidden, historical and unknown commands are
/// dropped, Provision is added where the server omits it, and Find stays only if 16.1 is offered.
pub fn rewrite_commands(offered: &str, forbidden: &[Command], versions: &[Version]) -> String {
    let mut commands: Vec<Command> = Vec::with_capacity(Command::ALL.len());
    for command in offered.split(',').filter_map(|name| Command::from_name(name.trim())) {
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    if !commands.contains(&Command::Provision) {
        commands.push(Command::Provision);
    }
    write_commands(&commands, forbidden, versions)
}

/// Writes the `MS-ASProtocolCommands` header from those of the commands that are allowed and exist in one of
/// the versions. Provision cannot be forbidden.
pub fn write_commands(commands: &[Command], forbidden: &[Command], versions: &[Version]) -> String {
    let newest = versions.iter().max();
    let offered = commands.iter().filter(|command| {
        let allowed = **command == Command::Provision || !forbidden.contains(command);
        allowed && !command.is_historical() && newest.is_none_or(|newest| command.since() <= *newest)
    });
    offered.map(|command| command.name()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_intersected_with_the_allowed_range() {
        let offered = "2.5,12.0,12.1,14.0,14.1,16.0, 16.1,17.3,14.0";
        let versions = intersect(offered, &(Version::V12_1..=Version::V16_0));
        assert_eq!(write_versions(&versions), "12.1,14.0,14.1,16.0");
        assert!(intersect("16.1", &(Version::V12_1..=Version::V14_1)).is_empty());
        assert!(parse_versions("").is_empty());
    }

    #[test]
    fn provision_is_always_offered_and_find_only_with_16_1() {
        let old = [Version::V14_1];
        let new = [Version::V14_1, Version::V16_1];
        assert_eq!(rewrite_commands("Sync,FolderSync,Find", &[], &old), "Sync,FolderSync,Provision");
        assert_eq!(rewrite_commands("Sync, Find,Provision", &[], &new), "Sync,Find,Provision");
        let offered = "Sync,SendMail,GetHierarchy,Notify,Sync,Provision";
        assert_eq!(
            rewrite_commands(offered, &[Command::SendMail, Command::Provision], &new),
            "Sync,Provision"
        );
    }
}
