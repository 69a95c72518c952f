//! One device of the user's own: how it stands, what opens things again, and what can be done with it.

use askama::Template;
use catalog::{CommandKind, FactValue, SelfService};
use domain::model::DeviceId;
use door::{Access, Form, Path, Routes};
use engine::self_service::{self, OwnDevice};
use engine::sign_in::{self, ProofAgain};
use engine::{Error, Result};
use http::{Method, StatusCode};

use super::devices::picture;
use super::layout::Layout;
use super::provider::{self, Button};
use super::state::{Line, State, closed, warnings};
use crate::assets;
use crate::frame::{Answer, Cx, Oops, html, see_other, status, words};

/// Registers the page and what is done from it.
pub fn routes(routes: Routes) -> Routes {
    routes
        .route(Method::GET, "/portal/devices/{id}", Access::SignedIn, show)
        .route(Method::POST, "/portal/devices/{id}/rename", Access::SignedIn, rename)
        .route(Method::POST, "/portal/devices/{id}/lost", Access::SignedIn, lost)
        .route(Method::POST, "/portal/devices/{id}/found", Access::SignedIn, found)
        .route(Method::POST, "/portal/devices/{id}/wipe", Access::SignedIn, wipe)
        .route(Method::POST, "/portal/devices/{id}/erase", Access::SignedIn, erase)
        .route(Method::POST, "/portal/devices/{id}/remove", Access::SignedIn, remove)
}

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage {
    l: Layout,
    id: String,
    name: String,
    picture: &'static str,
    platform: String,
    facts: Vec<(String, String)>,
    state: State,
    closed: Vec<Line>,
    warnings: Vec<Line>,
    /// Whose device it is decides what an erase would take.
    own_device: bool,
    diary: bool,
    renames: bool,
    reports: bool,
    finds: bool,
    wipes: bool,
    erases: bool,
    removes: bool,
    /// What destroys asks for the password.
    password: bool,
    /// Where there is none: the sign-in anew that it asks for instead.
    anew: Option<Button>,
}

fn page(cx: &Cx, own: &OwnDevice, refused: Option<&Error>) -> Answer {
    let device = &own.device;
    let mut l = Layout::of(cx, "devices", device.name.clone());
    let mut code = StatusCode::OK;
    if let Some(error) = refused {
        code = status(error);
        l = l.refused(words(cx.t, error));
    }
    let text = |key: &str| match device.facts.by_key(key).map(|known| &known.value) {
        Some(FactValue::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let facts = [
        ("fact-model", text("model")),
        ("fact-system", text("os")),
        ("fact-heard", own.last_contact.map(|at| cx.ago(at)).unwrap_or_default()),
        ("fact-enrolled", device.enrolled_at.map(|at| cx.at(at)).unwrap_or_default()),
        ("fact-owner", cx.t.say(if own.is_personal() { "owner-personal" } else { "owner-company" })),
    ];
    let wipeable = own.can_be_wiped();
    let proof = sign_in::proof_again(&cx.engine, &cx.scope)?;
    let anew = match proof {
        ProofAgain::Provider(id) => {
            let back = format!("/portal/devices/{}", device.id);
            provider::anew(&cx.engine, cx.organization.id, id, &back)
        }
        ProofAgain::Password | ProofAgain::Given => None,
    };
    let page = DevicePage {
        l,
        id: device.id.to_string(),
        name: device.name.clone(),
        picture: picture(device.platform),
        platform: cx.t.platform(device.platform).into_owned(),
        facts: facts.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (cx.t.say(k), v)).collect(),
        state: State::of(cx, own),
        closed: closed(cx, own),
        warnings: warnings(cx, own),
        own_device: own.is_personal(),
        diary: cx.may(SelfService::Diary),
        renames: cx.may(SelfService::Rename),
        reports: cx.may(SelfService::ReportLost) && device.block.is_none() && wipeable,
        finds: cx.may(SelfService::ReportLost) && own.lost,
        wipes: cx.may(SelfService::AccountWipe) && wipeable,
        erases: cx.may(SelfService::FullWipe) && wipeable,
        removes: cx.may(SelfService::StopManaging) && own.removable,
        password: proof != ProofAgain::Given,
        anew,
    };
    Ok(html(code, page.to_string()))
}

async fn show(cx: Cx, Path(id): Path<DeviceId>) -> Answer {
    let own = self_service::device(&cx.engine, &cx.scope, id)?;
    page(&cx, &own, None)
}

/// Back to the device with what was done, or with why it was not.
fn ended(cx: &Cx, id: DeviceId, outcome: Result<()>, done: &str) -> Answer {
    match outcome {
        Ok(()) => Ok(see_other(&format!("/portal/devices/{id}?done={done}"))),
        Err(error @ (Error::NotFound(_) | Error::Denied(_))) => Err(Oops::Error(error)),
        Err(error) => {
            let own = self_service::device(&cx.engine, &cx.scope, id)?;
            page(cx, &own, Some(&error))
        }
    }
}

async fn rename(cx: Cx, Path(id): Path<DeviceId>, Form(data): Form) -> Answer {
    let outcome = self_service::rename(&cx.engine, &cx.scope, id, data.text("name")).await;
    ended(&cx, id, outcome, "renamed")
}

async fn lost(cx: Cx, Path(id): Path<DeviceId>, _: Form) -> Answer {
    let outcome = self_service::report_lost(&cx.engine, &cx.scope, id).await;
    ended(&cx, id, outcome, "lost")
}

async fn found(cx: Cx, Path(id): Path<DeviceId>, _: Form) -> Answer {
    let outcome = self_service::report_found(&cx.engine, &cx.scope, id).await;
    ended(&cx, id, outcome, "found")
}

async fn wipe(cx: Cx, Path(id): Path<DeviceId>, Form(data): Form) -> Answer {
    let outcome = order(&cx, id, CommandKind::AccountWipe, data.raw("password")).await;
    ended(&cx, id, outcome, "wiping")
}

async fn erase(cx: Cx, Path(id): Path<DeviceId>, Form(data): Form) -> Answer {
    let outcome = order(&cx, id, CommandKind::FullWipe, data.raw("password")).await;
    ended(&cx, id, outcome, "erasing")
}

async fn order(cx: &Cx, id: DeviceId, kind: CommandKind, password: &str) -> Result<()> {
    self_service::wipe(&cx.engine, cx.host.mail_servers(), &cx.scope, id, kind, password).await
}

async fn remove(cx: Cx, Path(id): Path<DeviceId>, _: Form) -> Answer {
    match self_service::stop_managing(&cx.engine, &cx.scope, id).await {
        Ok(()) => Ok(see_other("/portal?done=removed")),
        refused => ended(&cx, id, refused, ""),
    }
}
