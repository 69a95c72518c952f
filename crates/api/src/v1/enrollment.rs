//! Enrolment codes: one-time tokens by which users are known before they have a device.

use axum::Json;
use catalog::{Millis, Permission};
use domain::model::{EnrollmentToken, TokenOrigin, TokenState, User};
use door::{Access, Path};
use engine::enrollment::{self, NewToken};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, Page};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let of_user = "/api/v1/users/{user}/enrollment-codes";
    let (view, invite) = (Access::Needs(Permission::DevicesView), Access::Needs(Permission::UsersInvite));
    Family {
        name: "Enrolment codes",
        about: "One-time codes with which users enrol a device. Only their hashes are kept.",
        endpoints: vec![
            endpoint(Method::GET, of_user, view, list, "List a user's enrolment codes")
                .says("Newest first, at most 100. Codes that were over a month ago are forgotten.")
                .gives::<Page<Code>>(),
            endpoint(Method::POST, of_user, invite, issue, "Make an enrolment code")
                .says("The code is in this answer and nowhere else.")
                .body::<CodeInput>()
                .creates::<NewCode>(),
            endpoint(
                Method::DELETE,
                "/api/v1/enrollment-codes/{enrollment_code}",
                invite,
                revoke,
                "Revoke an enrolment code",
            )
            .says("One that is over stays as it is."),
        ],
    }
}

/// An enrolment code, without the code itself.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EnrollmentCode")]
struct Code {
    /// Its id.
    id: Ref<EnrollmentToken>,
    /// Where it stands.
    state: Word<TokenState>,
    /// How it came to the user.
    origin: Word<TokenOrigin>,
    /// A PIN must be entered beside it.
    has_pin: bool,
    /// When it was made.
    created_at: Millis,
    /// When it ends by itself.
    expires_at: Millis,
    /// When it ended before that; null if it did not.
    ended_at: Option<Millis>,
}

/// What a new code needs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EnrollmentCodeInput")]
struct CodeInput {
    /// Hours until it ends, 1 to 720; null takes the organization's setting.
    hours: Option<u32>,
    /// 4 to 12 digits that must be entered beside it; empty: none.
    #[serde(default)]
    pin: String,
}

/// A code that was made just now.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewEnrollmentCode")]
struct NewCode {
    /// Its id.
    id: Ref<EnrollmentToken>,
    /// The code; dashes and letter case do not matter when it is entered.
    code: String,
    /// The address that has it in it already.
    link: String,
    /// When it ends.
    expires_at: Millis,
}

async fn list(call: Call, Path(user): Path<Ref<User>>) -> Result<Json<Page<Code>>, Problem> {
    let found = enrollment::of_user(&call.engine, &call.scope, user.0).await?;
    let now = call.engine.now();
    let code = |token: &EnrollmentToken| Code {
        id: token.id.into(),
        state: Word(token.state(now)),
        origin: Word(token.origin),
        has_pin: token.pin_hash.is_some(),
        created_at: token.created_at,
        expires_at: token.expires_at,
        ended_at: token.end.map(|(_, at)| at),
    };
    Ok(Page::whole(found.iter().map(code).collect()))
}

async fn issue(
    call: Call,
    Path(user): Path<Ref<User>>,
    Body(input): Body<CodeInput>,
) -> Result<Created<NewCode>, Problem> {
    let new = NewToken { hours: input.hours, pin: input.pin };
    let issued = enrollment::issue(&call.engine, &call.scope, user.0, new).await?;
    let address = format!("/api/v1/enrollment-codes/{}", issued.id);
    Ok(Created(
        address,
        NewCode { id: issued.id.into(), code: issued.code, link: issued.link, expires_at: issued.expires_at },
    ))
}

async fn revoke(call: Call, Path(id): Path<Ref<EnrollmentToken>>) -> Result<Done, Problem> {
    enrollment::revoke(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}
