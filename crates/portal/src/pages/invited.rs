//! Coming with a one-time code, from a letter, its QR code, or by word of mouth: the code stands for the sign-in once.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use door::{Access, Cookies, Face, Form, Path, Routes, Visitor, set_session_cookie};
use engine::enrollment::{self, Invitation, Refusal};
use engine::sign_in;
use http::{HeaderMap, Method, StatusCode};

use super::layout::Layout;
use crate::assets;
use crate::frame::{Answer, html, see_other, tongue, with_cookie};
use crate::words::Tongue;

/// Registers the page. Looking does not use a code up: programs look at links in mails before people do.
pub fn routes(routes: Routes) -> Routes {
    routes.route(Method::GET, "/enroll/{code}", Access::Public, show).route(
        Method::POST,
        "/enroll/{code}",
        Access::Public,
        enter,
    )
}

#[derive(Template)]
#[template(path = "invited.html")]
struct Invited {
    l: Layout,
    code: String,
    lead: String,
    /// Whether the code can be used, and whether a PIN must be entered beside it.
    usable: bool,
    needs_pin: bool,
}

/// Why a code is not taken.
fn why(t: Tongue, refusal: Refusal) -> String {
    match refusal {
        Refusal::Unknown => t.say("invite-unknown"),
        Refusal::Expired(_) => t.say("invite-expired"),
        Refusal::Redeemed(_) => t.say("invite-used"),
        Refusal::Withdrawn => t.say("invite-withdrawn"),
        Refusal::Guessed => t.say("invite-guessed"),
        Refusal::Pin(left) => t.with("invite-pin-wrong", "left", left),
        Refusal::Disabled => t.say("invite-disabled"),
    }
}

fn page(t: Tongue, code: String, found: Result<Invitation, Refusal>, refused: Option<Refusal>) -> Response {
    let title = t.say("enrol-title");
    let (mut l, lead, needs_pin) = match &found {
        Ok(invitation) => (
            Layout::outside(t, title, invitation.organization.name.clone()),
            t.with("invite-lead", "name", invitation.user.display_name.clone()),
            invitation.needs_pin,
        ),
        Err(refusal) => (Layout::outside(t, title, String::new()), why(t, *refusal), false),
    };
    let status = if found.is_err() {
        StatusCode::NOT_FOUND
    } else if let Some(refusal) = refused {
        l = l.refused(why(t, refusal));
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    html(status, Invited { l, code, lead, usable: found.is_ok(), needs_pin }.to_string())
}

async fn show(
    State(face): State<Face>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Answer {
    let found = enrollment::look(&face.engine, &code, &visitor.caller).await?;
    Ok(page(tongue(&headers), code, found, None))
}

async fn enter(
    State(face): State<Face>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(code): Path<String>,
    Form(data): Form,
) -> Answer {
    match enrollment::redeem(&face.engine, &code, data.text("pin"), &visitor.caller).await? {
        Ok(redeemed) => {
            let opened = sign_in::open_user_session(&face.engine, &redeemed.user, &visitor.caller).await?;
            Ok(with_cookie(see_other("/enroll/device"), &set_session_cookie(Cookies::Users, &opened.0)))
        }
        Err(refusal) => {
            let found = match refusal {
                Refusal::Pin(_) => enrollment::look(&face.engine, &code, &visitor.caller).await?,
                other => Err(other),
            };
            Ok(page(tongue(&headers), code, found, Some(refusal)))
        }
    }
}
