//! The rail: the places of the console under the product's own names.
use super::Icon;

macro_rules! places {
    ($($group:literal { $($name:ident, $label:literal, $icon:ident, $path:literal;)+ })+) => {
        /// A page one can go to from the rail.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the labels beside them say it")]
        pub enum Place { $($($name),+),+ }

        impl Place {
            /// Every place, in the order of the rail.
            pub const ALL: &[Self] = &[$($(Self::$name),+),+];

            /// The name in the rail and on the page.
            pub const fn label(self) -> &'static str {
                match self { $($(Self::$name => $label),+),+ }
            }

            /// The icon in the rail.
            pub const fn icon(self) -> Icon {
                match self { $($(Self::$name => Icon::$icon),+),+ }
            }

            /// The address.
            pub const fn path(self) -> &'static str {
                match self { $($(Self::$name => $path),+),+ }
            }

            const fn group(self) -> &'static str {
                match self { $($(Self::$name => $group),+),+ }
            }
        }
    };
}

places! {
    "" {
        Dashboard, "Dashboard", Dashboard, "/dashboard";
        GettingStarted, "Getting started", Check, "/dashboard/getting-started";
        Devices, "Smart Devices and Users", Devices, "/dashboard/devices";
        Alerts, "Alerts", Alert, "/dashboard/alerts";
    }
    "Organization Management" {
        PolicySuites, "Policy Suites", Shield, "/dashboard/policy-suites";
        Groups, "Groups", Users, "/dashboard/groups";
        CustomColumns, "Custom Columns", Columns, "/dashboard/custom-columns";
        ConnectionSchedules, "Device Connection Schedules", Clock, "/dashboard/connection-schedules";
        Approvals, "Approvals", Lock, "/dashboard/approvals";
        ActiveSyncServers, "ActiveSync Servers", Server, "/dashboard/activesync-servers";
        LdapServers, "Administrative LDAP Servers", Users, "/dashboard/ldap-servers";
        Webhooks, "Webhooks", Link, "/dashboard/webhooks";
        Letters, "Letters", Message, "/dashboard/letters";
        SmtpServer, "SMTP Server", Mail, "/dashboard/smtp-server";
    }
    "Compliance Manager" {
        AccessRestrictions, "Access Restrictions", Restrict, "/dashboard/access-restrictions";
        PlatformRestrictions, "Device Platform Restrictions", Devices, "/dashboard/platform-restrictions";
        RestrictionNotifications, "Restriction Notifications", Mail, "/dashboard/restriction-notifications";
        Exceptions, "User and Device Exceptions", Users, "/dashboard/exceptions";
        AlertSettings, "Alert Settings", Message, "/dashboard/alert-settings";
        WatchList, "Connectivity Watch List", Clock, "/dashboard/watch-list";
    }
    "Reports" {
        Reports, "Reports", Columns, "/dashboard/reports";
        Journal, "Journal", Journal, "/dashboard/journal";
    }
    "System Management" {
        Organization, "Organization", Building, "/dashboard/organization";
        TermsOfUse, "Acceptable Use", Journal, "/dashboard/terms";
        TaskScheduler, "Database Task Scheduler", Clock, "/dashboard/task-scheduler";
        FirewallAndPorts, "Firewall and Ports", Server, "/dashboard/firewall-and-ports";
        Administrators, "Organization Administrators", Admins, "/dashboard/administrators";
        Roles, "Roles", Key, "/dashboard/roles";
        IdentityProviders, "Sign-in", Lock, "/dashboard/identity-providers";
        CiscoIse, "Cisco ISE", Ise, "/dashboard/cisco-ise";
        Organizations, "Organizations", Buildings, "/dashboard/organizations";
    }
    "Account" {
        Account, "My account", Account, "/dashboard/account";
    }
}

/// One entry of the rail.
#[derive(Debug, Clone)]
pub struct NavItem {
    /// Where it leads.
    pub place: Place,
    /// Whether it is where the reader is.
    pub current: bool,
    /// A number that asks for attention; nothing is shown for zero.
    pub count: u32,
}

/// Entries under one heading (empty for the first ones).
#[derive(Debug, Clone)]
pub struct NavGroup {
    /// The heading.
    pub title: &'static str,
    /// The entries; never empty.
    pub items: Vec<NavItem>,
}

/// The rail for a reader: the places `shown` to them, with the current one marked and a count on those
/// that have one. Groups without a place are left out; *My account* is drawn at the foot.
pub fn navigation(
    current: Option<Place>,
    shown: impl Fn(Place) -> bool,
    count: impl Fn(Place) -> u32,
) -> Vec<NavGroup> {
    let mut groups: Vec<NavGroup> = Vec::new();
    for place in Place::ALL.iter().copied().filter(|place| shown(*place)) {
        let item = NavItem { place, current: current == Some(place), count: count(place) };
        match groups.last_mut() {
            Some(group) if group.title == place.group() => group.items.push(item),
            _ => groups.push(NavGroup { title: place.group(), items: vec![item] }),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_shown_leaves_no_empty_heading() {
        let groups = navigation(
            Some(Place::Devices),
            |place| place <= Place::Devices || place == Place::Account,
            |_| 0,
        );
        let titles: Vec<_> = groups.iter().map(|group| group.title).collect();
        assert_eq!(titles, ["", "Account"]);
        assert!(groups[0].items[2].current && !groups[0].items[0].current);
    }
}
