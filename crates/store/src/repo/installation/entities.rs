//! Every entity of every organization, page by page in the order of (organization, id). The next page begins
//! behind the last entity of this one; a page that is not full is the last.

use super::installation_wide;
use crate::{
    Result, Tx,
    repo::{
        entity,
        traces::{self, Trace},
    },
};
use domain::{
    Id, Millis,
    model::{
        AccessConfig, ActiveSyncServer, Administrator, ApiToken, Device, DeviceId, DirectoryServer,
        DirectoryServerId, Governor, Group, Messaging, OrderedCommand, Organization, OrganizationId,
        PolicySuite, RadiusServer, ReportMailId, Role, Schedule, Session, SignInSettings, User, UserId,
    },
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// Where a page begins: behind this entity, or at the very beginning.
pub type After<T> = Option<(OrganizationId, Id<T>)>;

async fn page<T: DeserializeOwned>(
    tx: &mut Tx,
    sql: &'static str,
    after: After<T>,
    limit: u32,
) -> Result<Vec<T>> {
    installation_wide(tx)?;
    let (organization, id) = after.unwrap_or((Organization::SYSTEM, Id::from_uuid(Uuid::nil())));
    entity::all(&tx.fetch(sql, &[organization.into(), id.into(), limit.into()]).await?)
}

/// Organizations, in the order of their ids.
pub async fn organizations(
    tx: &mut Tx,
    after: Option<OrganizationId>,
    limit: u32,
) -> Result<Vec<Organization>> {
    installation_wide(tx)?;
    let sql = "SELECT doc FROM organization WHERE organization_id > $1 ORDER BY organization_id LIMIT $2";
    entity::all(&tx.fetch(sql, &[after.unwrap_or(Organization::SYSTEM).into(), limit.into()]).await?)
}

/// Access settings, in the order of their organizations.
pub async fn access(tx: &mut Tx, after: Option<OrganizationId>, limit: u32) -> Result<Vec<AccessConfig>> {
    installation_wide(tx)?;
    let sql = "SELECT doc FROM access_config WHERE organization_id > $1 ORDER BY organization_id LIMIT $2";
    entity::all(&tx.fetch(sql, &[after.unwrap_or(Organization::SYSTEM).into(), limit.into()]).await?)
}

/// What organizations send out, that of the installation first.
pub async fn messaging(tx: &mut Tx, after: Option<OrganizationId>, limit: u32) -> Result<Vec<Messaging>> {
    installation_wide(tx)?;
    let Some(after) = after else {
        let sql = "SELECT doc FROM messaging ORDER BY organization_id LIMIT $1";
        return entity::all(&tx.fetch(sql, &[limit.into()]).await?);
    };
    let sql = "SELECT doc FROM messaging WHERE organization_id > $1 ORDER BY organization_id LIMIT $2";
    entity::all(&tx.fetch(sql, &[after.into(), limit.into()]).await?)
}

/// How administrators sign in, that of the installation first.
pub async fn sign_in(tx: &mut Tx, after: Option<OrganizationId>, limit: u32) -> Result<Vec<SignInSettings>> {
    installation_wide(tx)?;
    let Some(after) = after else {
        let sql = "SELECT doc FROM sign_in_settings ORDER BY organization_id LIMIT $1";
        return entity::all(&tx.fetch(sql, &[limit.into()]).await?);
    };
    let sql = "SELECT doc FROM sign_in_settings WHERE organization_id > $1 ORDER BY organization_id LIMIT $2";
    entity::all(&tx.fetch(sql, &[after.into(), limit.into()]).await?)
}

/// Organizations (the system's may be one) with mail that is due.
pub async fn with_due_mail(tx: &mut Tx) -> Result<Vec<OrganizationId>> {
    installation_wide(tx)?;
    let now = tx.now();
    let sql = "SELECT DISTINCT organization_id FROM mail WHERE due_at <= $1";
    tx.fetch(sql, &[now.into()]).await?.iter().map(|row| row.id(0)).collect()
}

/// Organizations with imports of users that are under way.
pub async fn with_running_imports(tx: &mut Tx) -> Result<Vec<OrganizationId>> {
    installation_wide(tx)?;
    let sql = "SELECT DISTINCT organization_id FROM user_import WHERE running";
    tx.fetch(sql, &[]).await?.iter().map(|row| row.id(0)).collect()
}

/// Organizations with mailings that are under way; the installation itself may be among them.
pub async fn with_running_mailings(tx: &mut Tx) -> Result<Vec<OrganizationId>> {
    installation_wide(tx)?;
    let sql = "SELECT DISTINCT organization_id FROM mailing WHERE running";
    tx.fetch(sql, &[]).await?.iter().map(|row| row.id(0)).collect()
}

/// Reports by mail that are due, those due longest first.
pub async fn due_report_mails(tx: &mut Tx, limit: u32) -> Result<Vec<(OrganizationId, ReportMailId)>> {
    installation_wide(tx)?;
    let now = tx.now();
    let sql = "SELECT organization_id, id FROM report_mail WHERE next_at <= $1 ORDER BY next_at, id LIMIT $2";
    let rows = tx.fetch(sql, &[now.into(), limit.into()]).await?;
    rows.iter().map(|row| Ok((row.id(0)?, row.id(1)?))).collect()
}

/// Organizations with alerts about which time alone does something now.
pub async fn with_due_alerts(tx: &mut Tx) -> Result<Vec<OrganizationId>> {
    installation_wide(tx)?;
    let now = tx.now();
    let sql = "SELECT DISTINCT organization_id FROM alert WHERE due_at <= $1";
    tx.fetch(sql, &[now.into()]).await?.iter().map(|row| row.id(0)).collect()
}

/// Governors, in the order of their organizations.
pub async fn governors(tx: &mut Tx, after: Option<OrganizationId>, limit: u32) -> Result<Vec<Governor>> {
    installation_wide(tx)?;
    let sql = "SELECT doc FROM governor WHERE organization_id > $1 ORDER BY organization_id LIMIT $2";
    entity::all(&tx.fetch(sql, &[after.unwrap_or(Organization::SYSTEM).into(), limit.into()]).await?)
}

/// Organizations with users who are to be told again that a device is restricted.
pub async fn with_due_notices(tx: &mut Tx) -> Result<Vec<OrganizationId>> {
    installation_wide(tx)?;
    let now = tx.now();
    let sql = "SELECT DISTINCT organization_id FROM restriction_notice WHERE due_at <= $1";
    tx.fetch(sql, &[now.into()]).await?.iter().map(|row| row.id(0)).collect()
}

/// Organizations with watched devices that are to be looked at now; see [`crate::repo::watch::due`].
pub async fn with_due_watches(tx: &mut Tx, farthest: Millis) -> Result<Vec<OrganizationId>> {
    installation_wide(tx)?;
    let now = tx.now();
    let sql = "SELECT DISTINCT organization_id FROM watch WHERE due_at <= $1 OR due_at > $2";
    tx.fetch(sql, &[now.into(), farthest.into()]).await?.iter().map(|row| row.id(0)).collect()
}

/// Administrators, those of the installation first.
pub async fn administrators(
    tx: &mut Tx,
    after: After<Administrator>,
    limit: u32,
) -> Result<Vec<Administrator>> {
    let sql = "SELECT doc FROM administrator WHERE (organization_id, id) > ($1, $2) \
               ORDER BY organization_id, id LIMIT $3";
    page(tx, sql, after, limit).await
}

/// Custom roles.
pub async fn roles(tx: &mut Tx, after: After<Role>, limit: u32) -> Result<Vec<Role>> {
    let sql = "SELECT doc FROM role WHERE (organization_id, id) > ($1, $2) \
               ORDER BY organization_id, id LIMIT $3";
    page(tx, sql, after, limit).await
}

/// API tokens.
pub async fn tokens(tx: &mut Tx, after: After<ApiToken>, limit: u32) -> Result<Vec<ApiToken>> {
    let sql = "SELECT doc FROM api_token WHERE (organization_id, id) > ($1, $2) \
               ORDER BY organization_id, id LIMIT $3";
    page(tx, sql, after, limit).await
}

/// Local groups.
pub async fn groups(tx: &mut Tx, after: After<Group>, limit: u32) -> Result<Vec<Group>> {
    let sql = "SELECT doc FROM user_group WHERE (organization_id, id) > ($1, $2) \
               ORDER BY organization_id, id LIMIT $3";
    page(tx, sql, after, limit).await
}

/// Users.
pub async fn users(tx: &mut Tx, after: After<User>, limit: u32) -> Result<Vec<User>> {
    let sql = "SELECT doc FROM app_user WHERE (organization_id, id) > ($1, $2) \
               ORDER BY organization_id, id LIMIT $3";
    page(tx, sql, after, limit).await
}

/// Devices.
pub async fn devices(tx: &mut Tx, after: After<Device>, limit: u32) -> Result<Vec<Device>> {
    let sql = "SELECT doc FROM device WHERE (organization_id, id) > ($1, $2) \
               ORDER BY organization_id, id LIMIT $3";
    page(tx, sql, after, limit).await
}

/// The device in the middle of the order of [`devices`], if there are many: who reads the pages before and behind it
/// side by side is done in half the time.
pub async fn middle_device(tx: &mut Tx) -> Result<After<Device>> {
    installation_wide(tx)?;
    let sql = "SELECT organization_id, id FROM device ORDER BY organization_id, id \
               LIMIT 1 OFFSET (SELECT COUNT(*) / 2 FROM device)";
    let row = tx.fetch_optional(sql, &[]).await?;
    row.map(|row| Ok((row.id(0)?, row.id(1)?))).transpose()
}

/// Policy suites, each with the revision in force.
pub async fn suites(tx: &mut Tx, after: After<PolicySuite>, limit: u32) -> Result<Vec<PolicySuite>> {
    let sql = "SELECT doc FROM policy_suite WHERE (organization_id, id) > ($1, $2) \
               ORDER BY organization_id, id LIMIT $3";
    page(tx, sql, after, limit).await
}

/// Device connection schedules.
pub async fn schedules(tx: &mut Tx, after: After<Schedule>, limit: u32) -> Result<Vec<Schedule>> {
    let sql = "SELECT doc FROM connection_schedule WHERE (organization_id, id) > ($1, $2) \
               ORDER BY organization_id, id LIMIT $3";
    page(tx, sql, after, limit).await
}

/// ActiveSync servers.
pub async fn servers(
    tx: &mut Tx,
    after: After<ActiveSyncServer>,
    limit: u32,
) -> Result<Vec<ActiveSyncServer>> {
    let sql = "SELECT doc FROM activesync_server WHERE (organization_id, id) > ($1, $2) \
               ORDER BY organization_id, id LIMIT $3";
    page(tx, sql, after, limit).await
}

/// RADIUS servers.
pub async fn radius_servers(
    tx: &mut Tx,
    after: After<RadiusServer>,
    limit: u32,
) -> Result<Vec<RadiusServer>> {
    let sql = "SELECT doc FROM radius_server WHERE (organization_id, id) > ($1, $2) \
               ORDER BY organization_id, id LIMIT $3";
    page(tx, sql, after, limit).await
}

/// LDAP servers that users come from.
pub async fn directory_servers(
    tx: &mut Tx,
    after: After<DirectoryServer>,
    limit: u32,
) -> Result<Vec<DirectoryServer>> {
    let sql = "SELECT doc FROM directory_server WHERE (organization_id, id) > ($1, $2) \
               ORDER BY organization_id, id LIMIT $3";
    page(tx, sql, after, limit).await
}

/// When each LDAP server was last refreshed.
pub async fn directory_runs(tx: &mut Tx) -> Result<Vec<(OrganizationId, DirectoryServerId, Millis)>> {
    installation_wide(tx)?;
    let rows = tx.fetch("SELECT organization_id, server_id, ended_at FROM directory_run", &[]).await?;
    rows.iter().map(|row| Ok((row.id(0)?, row.id(1)?, row.int(2)?))).collect()
}

/// Live commands.
pub async fn commands(tx: &mut Tx, after: After<OrderedCommand>, limit: u32) -> Result<Vec<OrderedCommand>> {
    let sql = "SELECT doc FROM command WHERE (organization_id, id) > ($1, $2) \
               ORDER BY organization_id, id LIMIT $3";
    page(tx, sql, after, limit).await
}

/// Wipes of mail servers that are over and still have to be reported back to them.
pub async fn commands_to_relay(
    tx: &mut Tx,
    after: After<OrderedCommand>,
    limit: u32,
) -> Result<Vec<OrderedCommand>> {
    let sql = "SELECT doc FROM command_history WHERE destructive AND doc LIKE '%\"relay_back\":[%' \
               AND (organization_id, id) > ($1, $2) ORDER BY organization_id, id LIMIT $3";
    page(tx, sql, after, limit).await
}

/// Sessions, in the order of (home organization, hash of the token).
pub async fn sessions(
    tx: &mut Tx,
    after: Option<(OrganizationId, Vec<u8>)>,
    limit: u32,
) -> Result<Vec<Session>> {
    installation_wide(tx)?;
    let sql = "SELECT doc FROM session WHERE (organization_id, token_hash) > ($1, $2) \
               ORDER BY organization_id, token_hash LIMIT $3";
    let (organization, hash) = after.unwrap_or((Organization::SYSTEM, Vec::new()));
    entity::all(&tx.fetch(sql, &[organization.into(), hash.into(), limit.into()]).await?)
}

/// Last contacts as flushed by all nodes: organization, device, time.
pub async fn presence(tx: &mut Tx, after: After<Device>, limit: u32) -> Result<Vec<Moment>> {
    let sql = "SELECT organization_id, device_id, last_contact_at FROM presence \
               WHERE (organization_id, device_id) > ($1, $2) ORDER BY organization_id, device_id LIMIT $3";
    moments(tx, sql, after, limit).await
}

/// When devices are called next, as last flushed: organization, device, time.
pub async fn check_ins(tx: &mut Tx, after: After<Device>, limit: u32) -> Result<Vec<Moment>> {
    let sql = "SELECT organization_id, device_id, due_at FROM check_in \
               WHERE (organization_id, device_id) > ($1, $2) ORDER BY organization_id, device_id LIMIT $3";
    moments(tx, sql, after, limit).await
}

/// A time that is kept of a device.
pub type Moment = (OrganizationId, DeviceId, Millis);

async fn moments(tx: &mut Tx, sql: &'static str, after: After<Device>, limit: u32) -> Result<Vec<Moment>> {
    installation_wide(tx)?;
    let (organization, device) = after.unwrap_or((Organization::SYSTEM, Id::from_uuid(Uuid::nil())));
    let rows = tx.fetch(sql, &[organization.into(), device.into(), limit.into()]).await?;
    rows.iter().map(|row| Ok((row.id(0)?, row.id(1)?, row.int(2)?))).collect()
}

/// Traces that still run, with their organizations.
pub async fn traces(
    tx: &mut Tx,
    now: Millis,
    after: Option<(OrganizationId, UserId)>,
    limit: u32,
) -> Result<Vec<(OrganizationId, Trace)>> {
    installation_wide(tx)?;
    let sql = "SELECT user_id, started_at, until_at, started_by, organization_id FROM trace \
               WHERE until_at > $1 AND (organization_id, user_id) > ($2, $3) \
               ORDER BY organization_id, user_id LIMIT $4";
    let (organization, user) = after.unwrap_or((Organization::SYSTEM, Id::from_uuid(Uuid::nil())));
    let rows = tx.fetch(sql, &[now.into(), organization.into(), user.into(), limit.into()]).await?;
    rows.iter().map(|row| Ok((row.id(4)?, traces::from_row(row)?))).collect()
}
