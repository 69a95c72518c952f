//! Commands: what can be ordered for a device, who may, how dangerous it is, and how a platform does it.

use serde::{Deserialize, Serialize};

use crate::Permission;

/// The kinds of command. Stored by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandKind {
    /// Erase the whole device.
    FullWipe,
    /// Remove the company's account and its data only.
    AccountWipe,
    /// Stop all access of the device.
    Block,
    /// Lift a block, or re-admit a wiped device.
    Allow,
    /// Let an unknown device out of quarantine.
    QuarantineRelease,
    /// Make the device fetch its policy again.
    PolicyRefresh,
    /// Forget the ActiveSync partnership; the device starts anew.
    ForgetPartnership,
    /// Clear the count of failed sign-ins.
    ClearAuthFailures,
}

/// How much a command can destroy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Danger {
    /// Nothing is lost.
    None,
    /// Access is lost until it is given back.
    Access,
    /// Data on the device is lost for ever: counts against the hourly limit.
    Destructive,
}

/// A command that can be ordered.
#[derive(Debug)]
pub struct Command {
    /// The kind.
    pub kind: CommandKind,
    /// The button's words.
    pub label: &'static str,
    /// What it does, said before it is confirmed.
    pub help: &'static str,
    /// What will be lost, empty if nothing.
    pub loses: &'static str,
    /// Permission needed.
    pub permission: Permission,
    /// Danger class.
    pub danger: Danger,
    /// Whether the device must take part (it waits in the queue), or the server does it alone at once.
    pub needs_device: bool,
    /// How ActiveSync carries it, in words for the manual; empty if it does not.
    pub activesync: &'static str,
}

/// Every command, in the order of the device page.
pub static COMMANDS: &[Command] = &[
    Command {
        kind: CommandKind::PolicyRefresh,
        label: "Refresh policy",
        help: "The device fetches its policy again at its next contact.",
        loses: "",
        permission: Permission::DevicesRefresh,
        danger: Danger::None,
        needs_device: false,
        activesync: "a new policy key is required (status 143, HTTP 449 up to 12.1)",
    },
    Command {
        kind: CommandKind::ClearAuthFailures,
        label: "Clear authentication failures",
        help: "Sets the count of failed sign-ins to zero and lifts the pause.",
        loses: "",
        permission: Permission::DevicesRefresh,
        danger: Danger::None,
        needs_device: false,
        activesync: "",
    },
    Command {
        kind: CommandKind::Block,
        label: "Block",
        help: "Mail stops and Cisco ISE is told that the device is not compliant, until somebody allows it again.",
        loses: "Access until it is allowed again. No data.",
        permission: Permission::DevicesBlock,
        danger: Danger::Access,
        needs_device: false,
        activesync: "HTTP 403 (or status 129)",
    },
    Command {
        kind: CommandKind::Allow,
        label: "Allow",
        help: "Lifts a block, or lets a wiped device enrol again.",
        loses: "",
        permission: Permission::DevicesBlock,
        danger: Danger::None,
        needs_device: false,
        activesync: "",
    },
    Command {
        kind: CommandKind::QuarantineRelease,
        label: "Release from quarantine",
        help: "The device becomes enrolled and may fetch its policy.",
        loses: "",
        permission: Permission::DevicesBlock,
        danger: Danger::None,
        needs_device: false,
        activesync: "",
    },
    Command {
        kind: CommandKind::ForgetPartnership,
        label: "Forget partnership",
        help: "Removes policy keys and sync state kept here; the device provisions anew.",
        loses: "The device starts its mail set-up again.",
        permission: Permission::DevicesForget,
        danger: Danger::Access,
        needs_device: false,
        activesync: "the next request is answered as from a new device",
    },
    Command {
        kind: CommandKind::AccountWipe,
        label: "Account-only wipe",
        help: "Removes the company's mail account and its data. Needs ActiveSync 16.1; an older device is blocked instead.",
        loses: "Company mail, contacts and calendar on the device. Personal data stays.",
        permission: Permission::DevicesAccountWipe,
        danger: Danger::Destructive,
        needs_device: true,
        activesync: "AccountOnlyRemoteWipe (MS-ASPROV, 16.1)",
    },
    Command {
        kind: CommandKind::FullWipe,
        label: "Full wipe",
        help: "Erases the whole device. It can be cancelled only until the device has been told.",
        loses: "Everything on the device, personal data included. It cannot be undone.",
        permission: Permission::DevicesFullWipe,
        danger: Danger::Destructive,
        needs_device: true,
        activesync: "RemoteWipe (MS-ASPROV)",
    },
];

impl CommandKind {
    /// The catalogue entry.
    pub fn entry(self) -> &'static Command {
        COMMANDS.iter().find(|c| c.kind == self).unwrap_or(&COMMANDS[0])
    }
    /// Whether it destroys data on the device.
    pub fn is_destructive(self) -> bool {
        self.entry().danger == Danger::Destructive
    }
}
