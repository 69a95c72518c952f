//! Settings of the installation itself, for system administrators.

use domain::model::{InstallationSettings, Organization};
use door::Access;
use engine::installation;
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::Versioned;
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Seen};
use super::problem::Problem;
use super::words::Ref;

pub(super) fn family() -> Family {
    let settings = "/api/v1/installation/settings";
    Family {
        name: "Installation",
        about: "What holds for the whole installation.",
        endpoints: vec![
            endpoint(Method::GET, settings, Access::System, show, "Show the settings of the installation")
                .gives::<Settings>()
                .versioned(),
            endpoint(
                Method::PUT,
                settings,
                Access::System,
                replace,
                "Replace the settings of the installation",
            )
            .says("A field that is left out takes its default.")
            .body::<Settings>()
            .gives::<Settings>()
            .versioned(),
        ],
    }
}

/// Settings of the installation.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "InstallationSettings")]
struct Settings {
    /// Where a bare user name leads when neither the host name nor a domain says so; null: only to an organization
    /// that is the only one.
    default_organization: Option<Ref<Organization>>,
    /// Days after which entries of the installation's journal are removed: 30 to 3650; 0 is never.
    journal_days: u32,
    /// Days after which the bodies of its entries are erased: 30 to 3650; 0 is never.
    journal_body_days: u32,
}

impl From<&InstallationSettings> for Settings {
    fn from(s: &InstallationSettings) -> Self {
        Self {
            default_organization: s.default_organization.map(Into::into),
            journal_days: s.journal_days,
            journal_body_days: s.journal_body_days,
        }
    }
}

async fn show(call: Call) -> Result<Versioned<Settings>, Problem> {
    let settings = installation::settings(&call.engine, &call.scope)?;
    Ok(Versioned(settings.rev, settings.as_ref().into()))
}

async fn replace(
    call: Call,
    seen: Seen,
    Body(input): Body<Settings>,
) -> Result<Versioned<Settings>, Problem> {
    seen.expect(installation::settings(&call.engine, &call.scope)?.rev)?;
    let new = InstallationSettings {
        default_organization: input.default_organization.map(|id| id.0),
        journal_days: input.journal_days,
        journal_body_days: input.journal_body_days,
        ..InstallationSettings::default()
    };
    installation::edit_settings(&call.engine, &call.scope, seen.0, new).await?;
    show(call).await
}
