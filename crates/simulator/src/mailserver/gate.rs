//! The way to a command: credentials, version, wipe, policy key, and then the room that answers it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::script::{ProvisionAnswer, Refusal, Script};
use super::state::{Shared, State};
use super::{folders, items, ping, provision, send, settings, sync};
use crate::eas::{Query, Version};
use crate::http::{Answer, Headers, Incoming};
use crate::wbxml::{Element, decode, el, encode};

/// Commands that are offered, in the order of OPTIONS.
const OFFERED: &str = "Sync,SendMail,SmartForward,SmartReply,GetAttachment,FolderSync,FolderCreate,FolderDelete,\
                       FolderUpdate,MoveItems,GetItemEstimate,MeetingResponse,Search,Settings,Ping,\
                       ItemOperations,Provision,ResolveRecipients,ValidateCert";

/// A request that got through: whose it is and what it wants.
pub(super) struct Ask {
    pub user: String,
    pub query: Query,
    pub version: Version,
    pub policy_key: u32,
    pub root: Option<Element>,
    pub body: Vec<u8>,
    pub multipart: bool,
    pub user_agent: String,
}

impl Ask {
    /// Key of the partnership.
    pub(super) fn device(&self) -> String {
        self.query.device_id.to_ascii_lowercase()
    }
}

/// Root element and its Status for every command that can be refused.
pub(super) fn refusal_names(cmd: &str) -> Option<(&'static str, &'static str)> {
    Some(match cmd {
        "Sync" => ("AirSync:Sync", "AirSync:Status"),
        "SendMail" => ("ComposeMail:SendMail", "ComposeMail:Status"),
        "SmartForward" => ("ComposeMail:SmartForward", "ComposeMail:Status"),
        "SmartReply" => ("ComposeMail:SmartReply", "ComposeMail:Status"),
        "FolderSync" => ("FolderHierarchy:FolderSync", "FolderHierarchy:Status"),
        "FolderCreate" => ("FolderHierarchy:FolderCreate", "FolderHierarchy:Status"),
        "FolderDelete" => ("FolderHierarchy:FolderDelete", "FolderHierarchy:Status"),
        "FolderUpdate" => ("FolderHierarchy:FolderUpdate", "FolderHierarchy:Status"),
        "MoveItems" => ("Move:MoveItems", "Move:Status"),
        "GetItemEstimate" => ("GetItemEstimate:GetItemEstimate", "GetItemEstimate:Status"),
        "MeetingResponse" => ("MeetingResponse:MeetingResponse", "MeetingResponse:Status"),
        "Search" => ("Search:Search", "Search:Status"),
        "Settings" => ("Settings:Settings", "Settings:Status"),
        "Ping" => ("Ping:Ping", "Ping:Status"),
        "ItemOperations" => ("ItemOperations:ItemOperations", "ItemOperations:Status"),
        "Provision" => ("Provision:Provision", "Provision:Status"),
        "ResolveRecipients" => ("ResolveRecipients:ResolveRecipients", "ResolveRecipients:Status"),
        "ValidateCert" => ("ValidateCert:ValidateCert", "ValidateCert:Status"),
        "Find" => ("Find:Find", "Find:Status"),
        _ => return None,
    })
}

/// A WBXML answer.
pub(super) fn document(root: &Element) -> Answer {
    Answer::new(200, encode(root)).with("Content-Type", "application/vnd.ms-sync.wbxml")
}

/// The root of a command with nothing but a status.
pub(super) fn status(cmd: &str, status: u32) -> Answer {
    match refusal_names(cmd) {
        Some((root, name)) => document(&el(root).with(el(name).text(status))),
        None => Answer::new(400, Vec::new()),
    }
}

/// Answers a request to the ActiveSync path.
pub(super) async fn answer(
    shared: &Arc<Shared>,
    incoming: &Incoming,
    query: Option<Query>,
    number: u64,
) -> Answer {
    let version_header = {
        let state = shared.state.lock();
        state.script.versions.iter().max().map(ToString::to_string).unwrap_or_default()
    };
    let answer = match admit(shared, incoming, query, number) {
        Ok(ask) => dispatch(shared, ask).await,
        Err(refused) => *refused,
    };
    answer.with("MS-Server-ActiveSync", version_header).with("Cache-Control", "private")
}

/// Everything that can refuse before the command is looked at.
fn admit(
    shared: &Shared,
    incoming: &Incoming,
    query: Option<Query>,
    number: u64,
) -> Result<Ask, Box<Answer>> {
    let state = &mut *shared.state.lock();
    let user = sign_in(state, &incoming.headers).ok_or_else(|| Box::new(challenge(&state.script)))?;
    let back = (state.seen_count - number) as usize;
    if let Some(at) = state.seen.len().checked_sub(back + 1) {
        state.seen[at].user = Some(user.clone());
    }
    if let Some(url) = state.mailboxes.get(&user).and_then(|m| m.moved_to.clone()) {
        return Err(Box::new(moved(&state.script, &url, &incoming.target)));
    }
    match incoming.method.as_str() {
        "OPTIONS" => return Err(Box::new(offer(&state.script))),
        "POST" => {}
        _ => return Err(Box::new(Answer::new(405, Vec::new()).with("Allow", "OPTIONS, POST"))),
    }
    let query =
        query.filter(|q| !q.device_id.is_empty()).ok_or_else(|| Box::new(Answer::new(400, Vec::new())))?;
    let headers = &incoming.headers;
    let version =
        query.version.or_else(|| headers.get("MS-ASProtocolVersion")?.parse().ok()).unwrap_or(Version::V2_5);
    let policy_key =
        query.policy_key.or_else(|| headers.get("X-MS-PolicyKey")?.trim().parse().ok()).unwrap_or(0);
    let multipart = headers.get("MS-ASAcceptMultiPart").is_some_and(|v| v.eq_ignore_ascii_case("T"))
        || query.param("AcceptMultiPart").is_some();
    let ask = Ask {
        user,
        version,
        policy_key,
        root: decode(&incoming.body).ok(),
        body: incoming.body.clone(),
        multipart,
        user_agent: headers.get("User-Agent").unwrap_or_default().to_owned(),
        query,
    };
    if !state.script.versions.contains(&version) {
        let refused = if version.has_common_status() {
            status(&ask.query.cmd, 138)
        } else {
            Answer::new(400, Vec::new())
        };
        return Err(Box::new(refused));
    }
    let partner = state.partner(&ask.user, &ask.query.device_id);
    partner.device_type.clone_from(&ask.query.device_type);
    partner.user_agent.clone_from(&ask.user_agent);
    partner.version = Some(version);
    match obstacle(state, &ask) {
        Some(code) if ask.query.cmd != "Provision" => Err(Box::new(refuse(&state.script, &ask, code))),
        _ => Ok(ask),
    }
}

/// The common status that stands between a device and its commands.
pub(super) fn obstacle(state: &mut State, ask: &Ask) -> Option<u32> {
    let has_policy = state.script.policy.is_some();
    let partner = state.partner(&ask.user, &ask.query.device_id);
    if partner.wipe.is_some_and(|w| w.acknowledged != Some(1)) {
        return Some(140);
    }
    if partner.wipe.is_some() {
        // Wiped for good, until the partnership is forgotten.
        return Some(129);
    }
    if !has_policy || partner.key == Some(ask.policy_key) {
        None
    } else if ask.policy_key == 0 || partner.key.is_none() {
        Some(142)
    } else {
        Some(144)
    }
}

/// A refusal in the form that the script asks for.
pub(super) fn refuse(script: &Script, ask: &Ask, code: u32) -> Answer {
    if code == 129 {
        return Answer::new(403, Vec::new());
    }
    let body = status(&ask.query.cmd, code);
    match script.refusal {
        Refusal::ByVersion if ask.version.has_common_status() => body,
        Refusal::Full449 if ask.version.has_common_status() => Answer { status: 449, ..body },
        Refusal::ByVersion | Refusal::Bare449 | Refusal::Full449 => Answer::new(449, Vec::new()),
    }
}

async fn dispatch(shared: &Arc<Shared>, ask: Ask) -> Answer {
    let cmd = ask.query.cmd.clone();
    match cmd.as_str() {
        "Provision" => {
            let state = &mut *shared.state.lock();
            match &state.script.provision {
                None => provision::answer(state, &ask),
                Some(ProvisionAnswer::Http(code)) => Answer::new(*code, Vec::new()),
                Some(ProvisionAnswer::Moved(url)) => moved(&state.script, url, ""),
                Some(ProvisionAnswer::Status(code)) => status(&cmd, *code),
            }
        }
        "FolderSync" | "FolderCreate" | "FolderDelete" | "FolderUpdate" => {
            folders::answer(&mut shared.state.lock(), &ask)
        }
        "Sync" => sync::answer(shared, ask).await,
        "Ping" => ping::answer(shared, ask).await,
        "Settings" => settings::answer(&mut shared.state.lock(), &ask),
        "GetItemEstimate" => sync::estimate(&mut shared.state.lock(), &ask),
        "SendMail" | "SmartReply" | "SmartForward" => {
            let answer = send::answer(&mut shared.state.lock(), &ask);
            shared.ring();
            answer
        }
        "ItemOperations" | "GetAttachment" | "MoveItems" | "Search" | "Find" => {
            let answer = items::answer(&mut shared.state.lock(), &ask);
            shared.ring();
            answer
        }
        "ResolveRecipients" | "ValidateCert" | "MeetingResponse" => status(&cmd, 1),
        _ if ask.version.has_common_status() => status(&cmd, 137),
        _ => Answer::new(501, Vec::new()),
    }
}

/// The user that the credentials prove, canonical.
fn sign_in(state: &State, headers: &Headers) -> Option<String> {
    let (scheme, value) = headers.get("Authorization")?.split_once(' ')?;
    let name = if scheme.eq_ignore_ascii_case("bearer") && state.script.bearer {
        state.tokens.get(value.trim())?.clone()
    } else if scheme.eq_ignore_ascii_case("basic") && state.script.basic {
        let plain = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
        let (name, password) = plain.split_once(':')?;
        let name = canonical(name);
        (state.mailboxes.get(&name)?.password == password).then_some(name)?
    } else {
        return None;
    };
    state.mailboxes.get(&name).filter(|m| !m.disabled).map(|_| name)
}

/// `DOMAIN\u`, `u@domain` and `u` are the same user.
pub(super) fn canonical(name: &str) -> String {
    let name = name.rsplit('\\').next().unwrap_or(name);
    name.split('@').next().unwrap_or(name).to_ascii_lowercase()
}

/// The mailbox is elsewhere.
fn moved(script: &Script, url: &str, target: &str) -> Answer {
    let Some(status) = script.redirect else {
        return Answer::new(451, Vec::new()).with("X-MS-Location", url);
    };
    let query = target.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    Answer::new(status, Vec::new()).with("Location", format!("{url}{query}"))
}

fn challenge(script: &Script) -> Answer {
    let mut answer = Answer::new(401, Vec::new());
    if script.basic {
        answer = answer.with("WWW-Authenticate", "Basic realm=\"scripted mail\"");
    }
    if script.bearer {
        answer = answer.with(
            "WWW-Authenticate",
            "Bearer client_id=\"00000002-0000-0ff1-ce00-000000000000\", trusted_issuers=\"login@*\", \
             authorization_uri=\"https://login.example.test/authorize\"",
        );
    }
    answer
}

fn offer(script: &Script) -> Answer {
    let versions: Vec<String> = script.versions.iter().map(ToString::to_string).collect();
    let mut commands = OFFERED.to_owned();
    if script.versions.contains(&Version::V16_1) {
        commands.push_str(",Find");
    }
    Answer::new(200, Vec::new())
        .with("MS-ASProtocolVersions", versions.join(","))
        .with("MS-ASProtocolCommands", commands)
        .with("Public", "OPTIONS,POST")
        .with("Allow", "OPTIONS,POST")
}
