//! The caller: who it is, its password, its tokens and its sessions.

use axum::Json;
use catalog::{Permission, Powers};
use domain::model::{AdminKind, Administrator, ApiToken, Organization, Passkey, Session, SignInMethod};
use door::{Access, Path};
use engine::{passkeys, second_factor, sign_in, tokens};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, Page};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call};
use super::problem::Problem;
use super::words::{Ref, Word};

const FACTOR: &str = "/api/v1/me/second-factor";

pub(super) fn family() -> Family {
    Family {
        name: "Me",
        about: "The administrator behind the token.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/me", Access::SignedIn, show, "Who I am and what I may do")
                .gives::<Me>(),
            endpoint(
                Method::POST,
                "/api/v1/me/password",
                Access::SignedIn,
                change_password,
                "Change my own password",
            )
            .says("All sessions and all other tokens of the account end.")
            .body::<PasswordChange>(),
            endpoint(
                Method::POST,
                FACTOR,
                Access::SignedIn,
                begin_factor,
                "Begin to set up my second factor",
            )
            .says("The only answer that ever holds the secret. It counts after the first right code.")
            .body::<PasswordAgain>()
            .gives::<FactorOffer>(),
            endpoint(
                Method::POST,
                "/api/v1/me/second-factor/confirm",
                Access::SignedIn,
                confirm_factor,
                "Put my second factor in force",
            )
            .says("Answers ten recovery codes, this once.")
            .body::<Code>()
            .gives::<RecoveryCodes>(),
            endpoint(
                Method::POST,
                "/api/v1/me/second-factor/remove",
                Access::SignedIn,
                remove_factor,
                "Remove my second factor",
            )
            .says("The authenticator app. Needs a code of it, or a recovery code.")
            .body::<Code>(),
        ],
    }
}

pub(super) fn passkeys() -> Family {
    let one = "/api/v1/me/passkeys/{passkey}";
    Family {
        name: "Passkeys",
        about: "One's own passkeys (WebAuthn). Making one takes a page under this server's name, or an app that acts \
                like one.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/me/passkeys", Access::SignedIn, list_passkeys, "List my passkeys")
                .gives::<Page<PasskeyInfo>>(),
            endpoint(
                Method::POST,
                "/api/v1/me/passkeys/question",
                Access::SignedIn,
                ask_for_passkey,
                "Begin to register a passkey",
            )
            .says("What `navigator.credentials.create` is asked; good for ten minutes.")
            .body::<PasswordAgain>()
            .gives::<PasskeyQuestion>(),
            endpoint(
                Method::POST,
                "/api/v1/me/passkeys",
                Access::SignedIn,
                register_passkey,
                "Register the passkey that was made",
            )
            .says("All sessions and all other tokens of the account end. Answers recovery codes with the first one.")
            .body::<NewPasskey>()
            .gives::<RecoveryCodes>(),
            endpoint(Method::PATCH, one, Access::SignedIn, rename_passkey, "Rename a passkey")
                .body::<PasskeyName>(),
            endpoint(
                Method::POST,
                "/api/v1/me/passkeys/{passkey}/remove",
                Access::SignedIn,
                remove_passkey,
                "Remove a passkey",
            )
            .says("Needs a code, or a recovery code. All sessions and all other tokens of the account end.")
            .body::<Code>(),
        ],
    }
}

pub(super) fn tokens() -> Family {
    Family {
        name: "API tokens",
        about: "One's own tokens. The secret is shown once, when a token is made.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/tokens", Access::SignedIn, list_tokens, "List my tokens")
                .gives::<Page<Token>>(),
            endpoint(Method::POST, "/api/v1/tokens", Access::SignedIn, make_token, "Make a token")
                .says("The only answer that ever holds the secret.")
                .body::<NewToken>()
                .creates::<TokenWithSecret>(),
            endpoint(
                Method::DELETE,
                "/api/v1/tokens/{token}",
                Access::SignedIn,
                revoke_token,
                "Revoke a token",
            )
            .says("One's own; with the permission to edit administrators anybody's of the organization."),
        ],
    }
}

pub(super) fn sessions() -> Family {
    Family {
        name: "Sessions",
        about: "One's own signed-in browsers.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/sessions", Access::SignedIn, list_sessions, "List my sessions")
                .gives::<Page<SessionInfo>>(),
            endpoint(
                Method::DELETE,
                "/api/v1/sessions",
                Access::SignedIn,
                end_sessions,
                "End all my sessions",
            ),
            endpoint(
                Method::DELETE,
                "/api/v1/sessions/{session}",
                Access::SignedIn,
                end_session,
                "End one of my sessions",
            ),
        ],
    }
}

/// The caller.
#[derive(Serialize, JsonSchema)]
struct Me {
    /// The administrator whose token it is.
    id: Ref<Administrator>,
    /// Sign-in name.
    username: String,
    /// Name shown.
    display_name: String,
    /// Of the installation, or of one organization.
    kind: Word<AdminKind>,
    /// The organization that the token acts in.
    organization: Ref<Organization>,
    /// May use what needs a system administrator.
    system: bool,
    /// What the token allows now.
    permissions: Vec<Word<Permission>>,
    /// Whether a second factor is in force.
    second_factor: bool,
    /// Recovery codes that are left.
    recovery_codes: usize,
}

async fn show(call: Call) -> Result<Json<Me>, Problem> {
    let admin = administrator(&call)?;
    Ok(Json(Me {
        id: admin.id.into(),
        username: admin.username.clone(),
        display_name: admin.display_name.clone(),
        kind: Word(admin.kind),
        organization: call.scope.organization().into(),
        system: call.scope.is_system_administrator(),
        permissions: call.scope.powers().iter().map(Word).collect(),
        second_factor: second_factor::is_set(admin),
        recovery_codes: second_factor::recovery_codes_left(admin),
    }))
}

/// The password of the account.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PasswordAgain {
    /// The present password.
    password: String,
    /// A proof of the second factor, when the account has one.
    #[serde(default)]
    code: String,
}

/// A new secret for an authenticator app.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SecondFactorOffer")]
struct FactorOffer {
    /// In base 32.
    secret: String,
    /// The address that apps read from a QR code.
    address: String,
}

/// A code of the second factor.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SecondFactorCode")]
struct Code {
    /// Six digits of the app, or a recovery code.
    code: String,
}

/// Recovery codes; each counts once.
#[derive(Serialize, JsonSchema)]
struct RecoveryCodes {
    /// They are not kept and cannot be shown again.
    recovery_codes: Vec<String>,
}

async fn begin_factor(call: Call, Body(input): Body<PasswordAgain>) -> Result<Json<FactorOffer>, Problem> {
    let offer = second_factor::begin(&call.engine, &call.scope, &input.password, &input.code).await?;
    Ok(Json(FactorOffer { secret: offer.secret, address: offer.address }))
}

async fn confirm_factor(call: Call, Body(input): Body<Code>) -> Result<Json<RecoveryCodes>, Problem> {
    let recovery_codes = second_factor::confirm(&call.engine, &call.scope, &input.code).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

async fn remove_factor(call: Call, Body(input): Body<Code>) -> Result<Done, Problem> {
    second_factor::remove(&call.engine, &call.scope, &input.code).await?;
    Ok(Done)
}

/// A passkey.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Passkey")]
struct PasskeyInfo {
    /// Id of the credential, base64url.
    id: String,
    /// Name.
    name: String,
    /// Copies of it are kept elsewhere.
    backed_up: bool,
    /// When it was registered.
    created_at: i64,
    /// When it was used last.
    last_used_at: Option<i64>,
}

/// What a browser is asked, as a text that goes to it as it is.
#[derive(Serialize, JsonSchema)]
struct PasskeyQuestion {
    /// JSON: `ticket`, `challenge`, `user`, `exclude`, `algorithms`; bytes in base64url.
    question: String,
}

/// A passkey that was made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewPasskey {
    /// Name, 1 to 100 characters.
    name: String,
    /// JSON: `ticket` of the question, `client_data` and `attestation` in base64url.
    answer: String,
}

/// Another name.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PasskeyName {
    /// Name, 1 to 100 characters.
    name: String,
}

async fn list_passkeys(call: Call) -> Result<Json<Page<PasskeyInfo>>, Problem> {
    let id = administrator(&call)?.id;
    let admin = call.engine.directory().administrator(id).ok_or(engine::Error::Unauthenticated)?;
    let info = |passkey: &Passkey| PasskeyInfo {
        id: passkey.id.clone(),
        name: passkey.name.clone(),
        backed_up: passkey.backed_up,
        created_at: passkey.created_at,
        last_used_at: passkey.last_used_at,
    };
    Ok(Page::whole(admin.passkeys.iter().map(info).collect()))
}

async fn ask_for_passkey(
    call: Call,
    Body(input): Body<PasswordAgain>,
) -> Result<Json<PasskeyQuestion>, Problem> {
    let question = passkeys::begin(&call.engine, &call.scope, &input.password, &input.code).await?;
    Ok(Json(PasskeyQuestion { question }))
}

async fn register_passkey(call: Call, Body(input): Body<NewPasskey>) -> Result<Json<RecoveryCodes>, Problem> {
    let recovery_codes = passkeys::register(&call.engine, &call.scope, &input.name, &input.answer).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

async fn rename_passkey(
    call: Call,
    Path(passkey): Path<String>,
    Body(input): Body<PasskeyName>,
) -> Result<Done, Problem> {
    passkeys::rename(&call.engine, &call.scope, &passkey, &input.name).await?;
    Ok(Done)
}

async fn remove_passkey(
    call: Call,
    Path(passkey): Path<String>,
    Body(input): Body<Code>,
) -> Result<Done, Problem> {
    passkeys::remove(&call.engine, &call.scope, &passkey, &input.code).await?;
    Ok(Done)
}

fn administrator(call: &Call) -> Result<&Administrator, Problem> {
    Ok(call.scope.administrator().ok_or(engine::Error::Unauthenticated)?)
}

/// A new password for oneself.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    /// The present password.
    old_password: String,
    /// At least 12 characters.
    new_password: String,
}

async fn change_password(call: Call, Body(input): Body<PasswordChange>) -> Result<Done, Problem> {
    sign_in::change_own_password(&call.engine, &call.scope, &input.old_password, &input.new_password).await?;
    Ok(Done)
}

/// An API token, without its secret.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ApiToken")]
struct Token {
    /// Its id.
    id: Ref<ApiToken>,
    /// What it is for.
    name: String,
    /// The organization it acts in.
    organization: Ref<Organization>,
    /// What it was limited to.
    permissions: Vec<Word<Permission>>,
    /// When it was made.
    created_at: i64,
    /// When it ends.
    expires_at: i64,
    /// Last use, to the minute.
    seen_at: Option<i64>,
}

impl From<&ApiToken> for Token {
    fn from(token: &ApiToken) -> Self {
        Self {
            id: token.id.into(),
            name: token.name.clone(),
            organization: token.acting_in.unwrap_or(token.organization).into(),
            permissions: token.powers.iter().map(Word).collect(),
            created_at: token.created_at,
            expires_at: token.expires_at,
            seen_at: token.seen_at,
        }
    }
}

/// What a new token needs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// What it is for, 1 to 100 characters.
    name: String,
    /// What it may do at most: not more than the token that makes it.
    permissions: Vec<Word<Permission>>,
    /// Days until it ends: 1 to 730.
    days: u32,
    /// A code of the second factor, when the account has one.
    #[serde(default)]
    code: String,
}

/// A token with its secret: shown this once.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewApiToken")]
struct TokenWithSecret {
    /// The id to revoke it by.
    id: Ref<ApiToken>,
    /// To be sent as `Authorization: Bearer …`. It is not kept and cannot be shown again.
    secret: String,
}

async fn list_tokens(call: Call) -> Result<Json<Page<Token>>, Problem> {
    let tokens = tokens::list(&call.engine, &call.scope)?;
    Ok(Page::whole(tokens.iter().map(|t| t.as_ref().into()).collect()))
}

async fn make_token(call: Call, Body(input): Body<NewToken>) -> Result<Created<TokenWithSecret>, Problem> {
    let permissions: Vec<_> = input.permissions.into_iter().map(|p| p.0).collect();
    let new = tokens::NewToken {
        name: input.name,
        powers: Powers::of(&permissions),
        days: input.days,
        code: input.code,
    };
    let (id, secret) = tokens::create(&call.engine, &call.scope, new).await?;
    Ok(Created(format!("/api/v1/tokens/{id}"), TokenWithSecret { id: id.into(), secret }))
}

async fn revoke_token(call: Call, Path(token): Path<Ref<ApiToken>>) -> Result<Done, Problem> {
    tokens::revoke(&call.engine, &call.scope, token.0).await?;
    Ok(Done)
}

/// A signed-in browser.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Session")]
struct SessionInfo {
    /// Names it in this list; not a secret.
    id: String,
    /// When it began.
    created_at: i64,
    /// Last use, to the minute.
    seen_at: i64,
    /// When it ends in any case.
    expires_at: i64,
    /// Address it was opened from.
    address: String,
    /// Browser.
    user_agent: String,
    /// How its owner signed in.
    signed_in_with: Word<SignInMethod>,
}

impl From<&Session> for SessionInfo {
    fn from(session: &Session) -> Self {
        Self {
            id: hex::encode(&session.token_hash[..session.token_hash.len().min(16)]),
            created_at: session.created_at,
            seen_at: session.seen_at,
            expires_at: session.expires_at,
            address: session.address.clone(),
            user_agent: session.user_agent.clone(),
            signed_in_with: Word(session.signed_in_with),
        }
    }
}

async fn list_sessions(call: Call) -> Result<Json<Page<SessionInfo>>, Problem> {
    let id = administrator(&call)?.id;
    let sessions = sign_in::sessions(&call.engine, id);
    Ok(Page::whole(sessions.iter().map(|s| s.as_ref().into()).collect()))
}

async fn end_sessions(call: Call) -> Result<Done, Problem> {
    let id = administrator(&call)?.id;
    sign_in::end_all(&call.engine, &call.scope, id).await?;
    Ok(Done)
}

async fn end_session(call: Call, Path(session): Path<String>) -> Result<Done, Problem> {
    sign_in::end_session(&call.engine, &call.scope, &session).await?;
    Ok(Done)
}
