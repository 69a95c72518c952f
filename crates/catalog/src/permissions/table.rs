//! The table of permissions and predefined roles.

use serde::{Deserialize, Serialize};

use super::{PermissionInfo, PredefinedRole};

macro_rules! permissions {
    ($($name:ident, $key:literal, $label:literal, $area:literal, $dangerous:literal;)*) => {
        /// What an administrator may do. The stored name is the key of its entry in [`PERMISSIONS`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Permission {
            $(#[doc = $label] #[serde(rename = $key)] $name,)*
        }
        /// Every permission, in the order of the role page.
        pub static PERMISSIONS: &[PermissionInfo] = &[
            $(PermissionInfo { permission: Permission::$name, key: $key, label: $label, area: $area, dangerous: $dangerous },)*
        ];
    };
}

permissions! {
    DevicesView, "devices.view", "See users and devices", "Smart Devices and Users", false;
    DevicesEdit, "devices.edit", "Edit devices, MACs, serials and facts", "Smart Devices and Users", false;
    DevicesTrace, "devices.trace", "See ActiveSync exchanges and start a trace", "Smart Devices and Users", false;
    DevicesBlock, "devices.block", "Block and allow devices, release from quarantine", "Smart Devices and Users", false;
    DevicesForget, "devices.forget", "Forget partnerships and remove device records", "Smart Devices and Users", true;
    DevicesRefresh, "devices.refresh", "Force a policy refresh, clear authentication failures", "Smart Devices and Users", false;
    DevicesAccountWipe, "devices.account_wipe", "Order an account-only wipe", "Smart Devices and Users", true;
    DevicesFullWipe, "devices.full_wipe", "Order a full wipe", "Smart Devices and Users", true;
    DevicesWipeOverride, "devices.wipe_override", "Approve destructive commands above the hourly limit", "Smart Devices and Users", true;
    DevicesRecoveryPassword, "devices.recovery_password", "Read recovery passwords that devices deposited", "Smart Devices and Users", true;
    DevicesExport, "devices.export", "Export lists of users and devices", "Smart Devices and Users", false;
    UsersEdit, "users.edit", "Add, edit and remove users", "Smart Devices and Users", false;
    UsersProvision, "users.provision", "Provision users and groups by SCIM", "Smart Devices and Users", true;
    UsersInvite, "users.invite", "Make enrolment codes and send welcome letters", "Smart Devices and Users", true;
    UsersMail, "users.mail", "Send group e-mail to users", "Smart Devices and Users", false;
    UsersPassword, "users.password", "Set users' local passwords", "Smart Devices and Users", true;
    GroupsView, "groups.view", "See groups", "Groups", false;
    GroupsEdit, "groups.edit", "Edit groups and who is in them", "Groups", true;
    PolicyView, "policy.view", "See policy suites", "Policy Suites", false;
    PolicyEdit, "policy.edit", "Edit, copy and delete policy suites", "Policy Suites", false;
    PolicyPublish, "policy.publish", "Publish and roll back policy suites", "Policy Suites", true;
    SchedulesView, "schedules.view", "See device connection schedules", "Device Connection Schedules", false;
    SchedulesEdit, "schedules.edit", "Edit, copy and delete device connection schedules", "Device Connection Schedules", false;
    ComplianceView, "compliance.view", "See access restrictions", "Compliance Manager", false;
    ComplianceEdit, "compliance.edit", "Edit access restrictions", "Compliance Manager", true;
    AlertsView, "alerts.view", "See alerts", "Alerts", false;
    AlertsHandle, "alerts.handle", "Acknowledge and close alerts", "Alerts", false;
    ServersView, "servers.view", "See ActiveSync and LDAP servers", "Servers", false;
    ServersEdit, "servers.edit", "Edit ActiveSync and LDAP servers", "Servers", true;
    OrganizationView, "organization.view", "See the organization's settings", "Organization", false;
    OrganizationEdit, "organization.edit", "Edit the organization's settings", "Organization", true;
    AdministratorsView, "administrators.view", "See administrators and roles", "Organization Administrators", false;
    AdministratorsEdit, "administrators.edit", "Edit administrators and roles", "Organization Administrators", true;
    IseView, "ise.view", "See the Cisco ISE page and its calls", "Cisco ISE", false;
    IseEdit, "ise.edit", "Link MACs, run the self-test, edit ISE settings", "Cisco ISE", false;
    JournalView, "journal.view", "See the journal", "Journal", false;
}

use Permission as P;

/// The roles that every organization has; they cannot be edited or removed.
pub static PREDEFINED_ROLES: &[PredefinedRole] = &[
    PredefinedRole {
        key: "full",
        name: "Full",
        help: "Everything inside the organization.",
        permissions: &[
            P::DevicesView,
            P::DevicesEdit,
            P::DevicesTrace,
            P::DevicesBlock,
            P::DevicesForget,
            P::DevicesRefresh,
            P::DevicesAccountWipe,
            P::DevicesFullWipe,
            P::DevicesWipeOverride,
            P::DevicesRecoveryPassword,
            P::DevicesExport,
            P::UsersEdit,
            P::UsersProvision,
            P::UsersInvite,
            P::UsersMail,
            P::UsersPassword,
            P::GroupsView,
            P::GroupsEdit,
            P::PolicyView,
            P::PolicyEdit,
            P::PolicyPublish,
            P::SchedulesView,
            P::SchedulesEdit,
            P::ComplianceView,
            P::ComplianceEdit,
            P::AlertsView,
            P::AlertsHandle,
            P::ServersView,
            P::ServersEdit,
            P::OrganizationView,
            P::OrganizationEdit,
            P::AdministratorsView,
            P::AdministratorsEdit,
            P::IseView,
            P::IseEdit,
            P::JournalView,
        ],
    },
    PredefinedRole {
        key: "help_desk",
        name: "Help desk",
        help: "Finds devices, explains and mends them, blocks and allows; never wipes or configures.",
        permissions: &[
            P::DevicesView,
            P::DevicesTrace,
            P::DevicesBlock,
            P::DevicesRefresh,
            P::GroupsView,
            P::PolicyView,
            P::SchedulesView,
            P::ComplianceView,
            P::AlertsView,
            P::AlertsHandle,
            P::ServersView,
            P::OrganizationView,
            P::IseView,
        ],
    },
    PredefinedRole {
        key: "read_only",
        name: "Read only",
        help: "Sees everything, changes nothing.",
        permissions: &[
            P::DevicesView,
            P::DevicesExport,
            P::GroupsView,
            P::PolicyView,
            P::SchedulesView,
            P::ComplianceView,
            P::AlertsView,
            P::ServersView,
            P::OrganizationView,
            P::AdministratorsView,
            P::IseView,
            P::JournalView,
        ],
    },
];
