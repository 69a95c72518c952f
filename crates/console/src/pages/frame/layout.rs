//! The frame of every page: the rail as this reader sees it, the organization, the reader.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{Organization, RoleRef};

use super::super::words;
use super::Cx;
use crate::parts::{
    Html, Layout, Organization as OrganizationView, OrganizationChoice, Place, User, navigation,
};

impl Cx {
    /// The frame with its marks: what waits, who reads, where.
    pub(super) fn layout(&self, place: Option<Place>, title: String) -> Layout {
        let held = engine::approvals::count(&self.engine, &self.scope);
        let waiting = u32::try_from(held).unwrap_or(u32::MAX);
        Layout {
            title,
            nav: navigation(
                place,
                |place| self.shows(place),
                |place| if place == Place::Approvals { waiting } else { 0 },
            ),
            organization: self.organization(),
            user: self.user(),
            csrf: self.csrf(),
            theme: self.theme,
            toasts: self.said.clone().into_iter().collect(),
            held: (held > 0 && self.can(Permission::DevicesWipeOverride)).then(|| {
                let count = words::count(held, "order is held", "orders are held");
                Html::rich(
                    "**{}**: more was ordered than one person may. [Look](/dashboard/approvals)",
                    &[&count],
                )
            }),
            acting: (self.scope.is_system_administrator() && !self.outside()).then(|| {
                Html::rich(
                    "You act inside **{}** as a system administrator. [Leave](/dashboard/organizations)",
                    &[&self.organization().name],
                )
            }),
        }
    }

    /// Whether the rail shows a place to this reader.
    pub fn shows(&self, place: Place) -> bool {
        let inside = !self.outside();
        match place {
            Place::Dashboard | Place::Devices | Place::Approvals | Place::CustomColumns => {
                inside && self.can(Permission::DevicesView)
            }
            Place::Groups => inside && self.can(Permission::GroupsView),
            Place::PolicySuites => inside && self.can(Permission::PolicyView),
            Place::ConnectionSchedules => inside && self.can(Permission::SchedulesView),
            Place::AccessRestrictions | Place::PlatformRestrictions | Place::Exceptions => {
                inside && self.can(Permission::ComplianceView)
            }
            Place::ActiveSyncServers | Place::LdapServers => inside && self.can(Permission::ServersView),
            Place::Reports => inside && !engine::reports::list(&self.scope).is_empty(),
            Place::Journal => self.can(Permission::JournalView),
            // Outside of every organization: the installation's.
            Place::Alerts | Place::AlertSettings if !inside => self.scope.is_system_administrator(),
            Place::Alerts => self.can(Permission::AlertsView),
            Place::RestrictionNotifications => inside && self.can(Permission::ComplianceView),
            Place::AlertSettings => self.can(Permission::ComplianceView),
            Place::WatchList => {
                inside && self.can(Permission::ComplianceView) && self.can(Permission::DevicesView)
            }
            Place::Webhooks => inside && self.can(Permission::OrganizationView),
            Place::Letters | Place::SmtpServer => inside && self.can(Permission::OrganizationView),
            Place::Organization | Place::TermsOfUse | Place::GettingStarted | Place::FirewallAndPorts => {
                inside && self.can(Permission::OrganizationView)
            }
            Place::TaskScheduler => {
                if inside {
                    self.can(Permission::OrganizationView)
                } else {
                    self.scope.is_system_administrator()
                }
            }
            Place::IdentityProviders | Place::Administrators => self.can(Permission::AdministratorsView),
            Place::Roles => inside && self.can(Permission::AdministratorsView),
            Place::CiscoIse => inside && self.can(Permission::IseView),
            Place::Organizations => self.scope.is_system_administrator(),
            Place::Account => true,
        }
    }

    fn organization(&self) -> OrganizationView {
        let system = self.scope.is_system_administrator();
        let current = self.scope.organization();
        let choice = |o: &Arc<Organization>| OrganizationChoice {
            id: o.id.to_string(),
            name: o.name.clone(),
            detail: detail(o),
            current: o.id == current,
        };
        let all = self.engine.directory().organizations();
        let here = all.iter().find(|o| o.id == current);
        let mut choices: Vec<_> = if system { all.iter().take(50).map(choice).collect() } else { Vec::new() };
        if system {
            choices.insert(
                0,
                OrganizationChoice {
                    id: String::new(),
                    name: "System".into(),
                    detail: "the installation itself".into(),
                    current: self.outside(),
                },
            );
        }
        OrganizationView {
            name: here.map_or_else(|| "System".into(), |o| o.name.clone()),
            detail: here.map_or_else(|| "the installation".into(), detail),
            switch_action: "/dashboard/organizations/switch".into(),
            choices,
        }
    }

    fn user(&self) -> User {
        let Some(admin) = self.scope.administrator() else { return User::default() };
        let role = match &admin.role {
            _ if self.scope.is_system_administrator() => "System administrator".to_owned(),
            Some(RoleRef::Predefined(key)) => catalog::PREDEFINED_ROLES
                .iter()
                .find(|r| r.key == key)
                .map_or_else(|| key.clone(), |r| r.name.to_owned()),
            Some(RoleRef::Custom(id)) => {
                self.org(|org| org.role(*id).map(|r| r.name.clone())).ok().flatten().unwrap_or_default()
            }
            None => String::new(),
        };
        User { name: admin.display_name.clone(), account: admin.username.clone(), role }
    }
}

fn detail(organization: &Arc<Organization>) -> String {
    organization.mail_domains.first().unwrap_or(&organization.slug).clone()
}
